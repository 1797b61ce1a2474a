package com.example.archive;

import dev.langchain4j.service.SystemMessage;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.spring.AiService;
import reactor.core.publisher.Flux;

@AiService
public interface Archivist {

    @SystemMessage("你是档案馆的助手，只根据给出的卷宗回答。")
    String answer(@UserMessage String question);

    @SystemMessage("你是档案馆的助手，只根据给出的卷宗回答。")
    Flux<String> stream(@UserMessage String question);
}
