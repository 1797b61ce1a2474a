package com.example.chat.controller;

import com.example.chat.service.ChatService;
import java.io.IOException;
import lombok.RequiredArgsConstructor;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/chat")
@RequiredArgsConstructor
public class ChatController {

    private final ChatService chatService;

    @PostMapping("/send")
    public String send(@RequestParam(required = false) Long modelId, @RequestParam String text) throws IOException {
        return chatService.chat(modelId, text);
    }
}
