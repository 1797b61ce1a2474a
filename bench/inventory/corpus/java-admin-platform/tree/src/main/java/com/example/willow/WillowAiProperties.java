package com.example.willow;

import lombok.Data;
import org.springframework.boot.context.properties.ConfigurationProperties;

@Data
@ConfigurationProperties(prefix = "willow.ai")
public class WillowAiProperties {

    private DeepSeek deepseek = new DeepSeek();
    private Provider doubao = new Provider();
    private Provider xinghuo = new Provider();
    /** 向量模型，所有知识库共用 */
    private String embeddingModel = "text-embedding-v4";

    @Data
    public static class Provider {
        private boolean enable;
        private String apiKey;
        private String model;
    }

    @Data
    public static class DeepSeek {
        private boolean enable;
        private String apiKey;
        private String baseUrl = "https://api.deepseek.com";
        private String model = "deepseek-coder";
    }
}
