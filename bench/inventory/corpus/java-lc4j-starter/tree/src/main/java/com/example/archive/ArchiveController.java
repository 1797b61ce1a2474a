package com.example.archive;

import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;

@RestController
public class ArchiveController {

    private final Archivist archivist;

    public ArchiveController(Archivist archivist) {
        this.archivist = archivist;
    }

    @GetMapping("/ask")
    public String ask(@RequestParam String q) {
        return archivist.answer(q);
    }

    @GetMapping(value = "/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    public Flux<String> stream(@RequestParam String q) {
        return archivist.stream(q);
    }
}
