package com.example.lotus;

import com.alibaba.cloud.ai.dashscope.chat.DashScopeChatOptions;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
public class DeskController {

    private final ChatClient chatClient;
    private final EmbeddingModel embeddingModel;

    public DeskController(ChatClient.Builder builder, EmbeddingModel embeddingModel) {
        this.chatClient = builder.defaultSystem("你是展会的咨询台。").build();
        this.embeddingModel = embeddingModel;
    }

    @GetMapping("/ask")
    public String ask(@RequestParam String q) {
        return chatClient.prompt().user(q).call().content();
    }

    @GetMapping("/think")
    public String think(@RequestParam String q) {
        return chatClient.prompt()
                .user(q)
                .options(DashScopeChatOptions.builder().withModel("qwq-plus").build())
                .call()
                .content();
    }

    @GetMapping("/embed")
    public float[] embed(@RequestParam String q) {
        return embeddingModel.embed(q);
    }
}
