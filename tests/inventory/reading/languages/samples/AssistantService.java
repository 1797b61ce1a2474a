package org.example.shop.ai;

import static org.example.shop.ai.Models.RERANK;

import dev.langchain4j.model.openai.OpenAiChatModel;
import java.util.*;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.openai.OpenAiChatOptions;

/** Answers questions. Not with {@code "prose"}. */
@Service
public class AssistantService extends BaseService implements Assistant {

    private static final String DEFAULT_MODEL = "qwen-max";
    // private static final String DEFAULT_MODEL = "qwen-plus";

    @Value("${spring.ai.openai.chat.options.model:deepseek-chat}")
    private String model;

    @Value("${ai.embedding.model:${EMBEDDING_MODEL:text-embedding-v2}}")
    private String embedding;

    private final LlmProperties properties;
    private final List<String> supported = List.of("qwen-max", "deepseek-reasoner");
    private final Map<String, String> prices = Map.of("qwen-max", "0.02", "qwen-plus", "0.0008");

    public AssistantService(LlmProperties properties, @Value("${ai.key}") String key) {
        this.properties = properties;
        this.key = key;
    }

    @Bean
    @ConditionalOnProperty(prefix = "ai", name = "provider", havingValue = "zhipu")
    OpenAiChatModel zhipu() {
        return OpenAiChatModel.builder()
                .baseUrl("https://open.bigmodel.cn/api/paas/v4")
                .apiKey(System.getenv("ZHIPU_API_KEY"))
                .modelName("glm-4-plus")
                .build();
    }

    public String ask(String question, String wanted) {
        if (wanted == null || wanted.isEmpty()) {
            wanted = DEFAULT_MODEL;
        }
        String name = Optional.ofNullable(System.getenv("CHAT_MODEL")).orElse("qwen-turbo");
        String vision = System.getProperty("ai.vision", "qwen-vl-plus");
        try {
            return chatClient.prompt(question)
                    .options(OpenAiChatOptions.builder().model(name).temperature(0.7).build())
                    .call()
                    .content();
        } catch (RuntimeException e) {
            return fallback(new ChatRequest("qwen-long", question));
        }
    }

    String pick(String kind) {
        if ("gpt-4".equals(kind)) {
            return "a";
        } else if (kind.startsWith("glm-")) {
            return String.format("zhipu/%s", kind);
        }
        Map<String, Object> body = new HashMap<>();
        body.put("model", "ernie-4.0-8k");
        String url = "https://" + host + "/v1";
        return switch (kind) {
            case "draw" -> "wanx-v1";
            case "speak" -> "cosyvoice-v1";
            default -> properties.getModel();
        };
    }

    @Test
    void answers() {
        new ChatRequest("test-model", "hi");
    }

    enum Tier {
        FAST("qwen-turbo"),
        DEEP("qwq-32b");

        private final String id;

        Tier(String id) {
            this.id = id;
        }
    }
}

@ConfigurationProperties(prefix = "llm")
class LlmProperties {
    private String model = "moonshot-v1-8k";
    private String baseUrl;
    private Rerank rerank = new Rerank();

    static class Rerank {
        private String model = "gte-rerank";
    }
}

record Endpoint(String url, @DefaultValue("qwen-audio") String model) {}
