package com.example.reed;

import dev.langchain4j.model.chat.ChatLanguageModel;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.moderation.ModerationModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiModerationModel;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration
public class Models {

    @Value("${reed.llm.base-url}")
    private String baseUrl;

    @Value("${reed.llm.model-name:gpt-4o-mini}")
    private String modelName;

    @Value("${reed.llm.embedding:text-embedding-3-small}")
    private String embedding;

    @Bean
    ChatLanguageModel chat() {
        return OpenAiChatModel.builder()
                .baseUrl(baseUrl)
                .apiKey(System.getenv("LLM_KEY"))
                .modelName(modelName)
                .temperature(0.2)
                .build();
    }

    @Bean
    EmbeddingModel embedding() {
        return OpenAiEmbeddingModel.builder().baseUrl(baseUrl).modelName(embedding).build();
    }

    @Bean
    ModerationModel moderation() {
        return OpenAiModerationModel.builder()
                .apiKey(System.getenv("OPENAI_KEY"))
                .modelName("omni-moderation-latest")
                .build();
    }
}
