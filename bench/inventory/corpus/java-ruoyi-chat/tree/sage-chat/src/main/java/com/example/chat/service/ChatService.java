package com.example.chat.service;

import com.example.chat.domain.ChatModel;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import lombok.RequiredArgsConstructor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.springframework.stereotype.Service;

@Service
@RequiredArgsConstructor
public class ChatService {

    private static final MediaType JSON = MediaType.parse("application/json");

    private final ChatModelMapper chatModelMapper;
    private final OkHttpClient httpClient = new OkHttpClient();
    private final ObjectMapper mapper = new ObjectMapper();

    public String chat(Long modelId, String text) throws IOException {
        ChatModel model = modelId == null ? chatModelMapper.first("chat") : chatModelMapper.selectById(modelId);
        Map<String, Object> body = Map.of(
                "model", model.getModelName(),
                "messages", List.of(Map.of("role", "user", "content", text)));
        Request request = new Request.Builder()
                .url(model.getApiHost() + "/chat/completions")
                .header("Authorization", "Bearer " + model.getApiKey())
                .post(RequestBody.create(mapper.writeValueAsBytes(body), JSON))
                .build();
        try (Response response = httpClient.newCall(request).execute()) {
            JsonNode root = mapper.readTree(response.body().byteStream());
            return root.at("/choices/0/message/content").asText();
        }
    }
}
