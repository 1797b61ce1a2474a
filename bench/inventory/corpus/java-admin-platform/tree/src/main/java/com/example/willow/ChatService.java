package com.example.willow;

import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.deepseek.DeepSeekChatModel;
import org.springframework.stereotype.Service;

@Service
public class ChatService {

    private final DeepSeekChatModel chatModel;
    private final ModelMapper models;

    public ChatService(DeepSeekChatModel chatModel, ModelMapper models) {
        this.chatModel = chatModel;
        this.models = models;
    }

    public String chat(String text) {
        return chatModel.call(text);
    }

    public String chatAs(Long modelId, String text) {
        AiModel row = models.selectById(modelId);
        ChatOptions options = ChatOptions.builder().model(row.getModel()).build();
        return chatModel.call(new Prompt(text, options)).getResult().getOutput().getText();
    }
}
