package com.example.claims;

import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

@RestController
class LetterController {

    private final LetterService letters;

    LetterController(LetterService letters) {
        this.letters = letters;
    }

    @PostMapping("/letters")
    String letter(@RequestBody String facts) {
        String draft = letters.draft(facts);
        return draft + "\n\n" + letters.check(draft);
    }
}
