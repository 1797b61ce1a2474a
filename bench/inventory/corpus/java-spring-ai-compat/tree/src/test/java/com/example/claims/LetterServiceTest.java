package com.example.claims;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;

@SpringBootTest(properties = {"AI_API_KEY=none", "AI_MODEL=mock-letters"})
class LetterServiceTest {

    @Value("${spring.ai.openai.chat.options.model}")
    private String model;

    @Test
    void theModelComesFromTheEnvironment() {
        assertThat(model).startsWith("mock");
    }
}
