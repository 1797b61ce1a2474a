package com.example.cedar;

import java.util.List;

public record ChatReply(String id, List<Object> choices) {
}
