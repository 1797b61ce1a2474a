package com.example.cedar;

import org.springframework.cloud.openfeign.FeignClient;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;

@FeignClient(name = "llm", url = "https://maas.cedar-cloud.example")
public interface LlmApi {

    @PostMapping("/v1/chat/completions")
    ChatReply chat(@RequestBody ChatRequest request);
}
