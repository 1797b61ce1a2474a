package com.example.heron

import io.ktor.server.application.Application
import io.ktor.server.request.receiveText
import io.ktor.server.response.respondText
import io.ktor.server.routing.post
import io.ktor.server.routing.routing

fun Application.module() {
    val llm = environment.config.config("heron.llm")
    val client = LlmClient(llm.property("url").getString(), llm.property("model").getString())
    routing {
        post("/ask") { call.respondText(client.ask(call.receiveText())) }
        post("/hear") { call.respondText(client.hear(call.receiveText())) }
        post("/safe") { call.respondText(client.safe(call.receiveText())) }
    }
}
