package com.example.quill;

import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;

/**
 * Letters to tenants. Until 2024 written by {@code text-davinci-003}.
 */
public class Letters {

    private static final MediaType JSON = MediaType.get("application/json");
    private static final String URL = "https://api.mistral.ai/v1/chat/completions";
    private final OkHttpClient client = new OkHttpClient();

    public String write(String facts) throws IOException {
        String body = """
                {
                  "model": "mistral-large-2411",
                  "temperature": 0.1,
                  "messages": [{"role": "user", "content": "%s"}]
                }
                """.formatted(facts);
        return send(URL, body);
    }

    public String classify(String text) throws IOException {
        String body = "{\"model\":\"open-mistral-nemo\",\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]}";
        return send(URL, body);
    }

    public String speak(String text) throws IOException {
        return send("https://api.deepgram.com/v1/speak?model=aura-asteria-en", "{\"text\":\"" + text + "\"}");
    }

    public String picture(String text) throws IOException {
        return send("https://api-inference.huggingface.co/models/stabilityai/stable-diffusion-xl-base-1.0", "{\"inputs\":\"" + text + "\"}");
    }

    private String send(String url, String body) throws IOException {
        Request request = new Request.Builder().url(url).post(RequestBody.create(body, JSON)).build();
        try (var response = client.newCall(request).execute()) {
            return response.body().string();
        }
    }
}
