package com.example.pocketdiary.data

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

@Serializable
data class ChatRequest(
    val model: String,
    val messages: List<Message>,
    @SerialName("max_tokens") val maxTokens: Int = 512,
)

@Serializable
data class ImageRequest(
    val prompt: String,
    val model: String = "step-1x-medium",
    val size: String = "1024x1024",
)

@Serializable
data class Message(val role: String, val content: String)

@Serializable
data class ChatResponse(val choices: List<Choice>) {
    @Serializable
    data class Choice(val message: Message)
}

@Serializable
data class ImageResponse(val data: List<Image>) {
    @Serializable
    data class Image(val url: String)
}
