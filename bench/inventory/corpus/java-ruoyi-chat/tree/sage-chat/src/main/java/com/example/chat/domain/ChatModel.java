package com.example.chat.domain;

import com.baomidou.mybatisplus.annotation.TableId;
import com.baomidou.mybatisplus.annotation.TableName;
import lombok.Data;

@Data
@TableName("chat_model")
public class ChatModel {
    @TableId
    private Long id;
    private String category;
    private String modelName;
    private String apiHost;
    private String apiKey;
    private String status;
}
