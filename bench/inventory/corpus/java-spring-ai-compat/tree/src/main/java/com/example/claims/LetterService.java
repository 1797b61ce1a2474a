package com.example.claims;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.stereotype.Service;

@Service
public class LetterService {

    private final ChatClient chatClient;

    public LetterService(ChatClient.Builder builder) {
        this.chatClient = builder.defaultSystem("你替理赔员起草信件，语气客气。").build();
    }

    public String draft(String facts) {
        return chatClient.prompt().user(facts).call().content();
    }

    public String check(String letter) {
        return chatClient.prompt()
                .options(OpenAiChatOptions.builder().model("ZhipuAI/GLM-4.5").temperature(0.0).build())
                .user("指出信中与事实不符之处：" + letter)
                .call()
                .content();
    }
}
