package com.example.willow;

import org.springframework.ai.deepseek.DeepSeekChatModel;
import org.springframework.ai.deepseek.DeepSeekChatOptions;
import org.springframework.ai.deepseek.api.DeepSeekApi;
import org.springframework.ai.dashscope.DashScopeEmbeddingModel;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration
@EnableConfigurationProperties(WillowAiProperties.class)
public class WillowAiConfiguration {

    @Bean
    @ConditionalOnProperty(value = "willow.ai.deepseek.enable", havingValue = "true")
    public DeepSeekChatModel deepSeekChatModel(WillowAiProperties properties) {
        WillowAiProperties.DeepSeek deepSeek = properties.getDeepseek();
        return DeepSeekChatModel.builder()
                .deepSeekApi(DeepSeekApi.builder().apiKey(deepSeek.getApiKey()).baseUrl(deepSeek.getBaseUrl()).build())
                .defaultOptions(DeepSeekChatOptions.builder().model(deepSeek.getModel()).temperature(0.7).build())
                .build();
    }

    @Bean
    public DashScopeEmbeddingModel embeddingModel(WillowAiProperties properties) {
        return DashScopeEmbeddingModel.of(properties.getEmbeddingModel());
    }
}
