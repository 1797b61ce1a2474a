package com.example.heron

import io.ktor.client.HttpClient
import io.ktor.client.request.header
import io.ktor.client.request.post
import io.ktor.client.request.setBody
import io.ktor.client.statement.bodyAsText
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

@Serializable
data class Turn(val role: String, val content: String)

@Serializable
data class ChatRequest(val messages: List<Turn>, val model: String = "gemma2-9b-it", val stream: Boolean = false)

class LlmClient(private val url: String, private val model: String, private val http: HttpClient = HttpClient()) {

    suspend fun ask(text: String): String = send("/chat/completions", ChatRequest(listOf(Turn("user", text)), model))

    suspend fun safe(text: String): String = send("/chat/completions", ChatRequest(listOf(Turn("user", text)), GUARD))

    suspend fun hear(url: String): String {
        val body = buildJsonObject {
            put("model", "whisper-large-v3-turbo")
            put("url", url)
        }
        return post("/audio/transcriptions", body.toString())
    }

    private suspend fun send(path: String, request: ChatRequest): String =
        post(path, Json.encodeToString(ChatRequest.serializer(), request))

    private suspend fun post(path: String, body: String): String = http.post(url + path) {
        header("Authorization", "Bearer ${System.getenv("GROQ_KEY")}")
        setBody(body)
    }.bodyAsText()

    companion object {
        const val GUARD = "meta-llama/llama-guard-4-12b"
    }
}
