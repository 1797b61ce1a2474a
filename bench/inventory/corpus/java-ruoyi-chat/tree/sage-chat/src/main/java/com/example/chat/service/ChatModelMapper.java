package com.example.chat.service;

import com.baomidou.mybatisplus.core.mapper.BaseMapper;
import com.example.chat.domain.ChatModel;
import org.apache.ibatis.annotations.Mapper;
import org.apache.ibatis.annotations.Select;

@Mapper
public interface ChatModelMapper extends BaseMapper<ChatModel> {

    @Select("SELECT * FROM chat_model WHERE category = #{category} AND status = '0' ORDER BY id LIMIT 1")
    ChatModel first(String category);
}
