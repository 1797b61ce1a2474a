package com.example.cedar;

import java.util.List;
import org.springframework.beans.factory.annotation.Value;

@org.springframework.stereotype.Service
public class Service {

    private static final String SUMMARY_MODEL = "TeleChat2-35B";

    @Value("${cedar.llm.model}")
    private String model;

    private final LlmApi api;

    public Service(LlmApi api) {
        this.api = api;
    }

    public ChatReply ask(String text) {
        return api.chat(new ChatRequest(model, List.of(new ChatRequest.Message("user", text))));
    }

    public ChatReply summary(String text) {
        return api.chat(new ChatRequest(SUMMARY_MODEL, List.of(new ChatRequest.Message("user", text))));
    }
}
