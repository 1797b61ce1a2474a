package com.example.pocketdiary.data

import com.example.pocketdiary.BuildConfig
import kotlinx.serialization.json.Json
import okhttp3.MediaType.Companion.toMediaType
import retrofit2.Retrofit
import retrofit2.converter.kotlinx.serialization.asConverterFactory

class DiaryRepository(private val apiKey: String) {
    private val json = Json { ignoreUnknownKeys = true }
    private val service: LlmService = Retrofit.Builder()
        .baseUrl(BuildConfig.LLM_BASE_URL)
        .addConverterFactory(json.asConverterFactory("application/json".toMediaType()))
        .build()
        .create(LlmService::class.java)

    suspend fun polish(entry: String): String {
        val request = ChatRequest(
            model = BuildConfig.LLM_MODEL,
            messages = listOf(
                Message("system", "润色日记，不改变事实。"),
                Message("user", entry),
            ),
        )
        return service.chat("Bearer $apiKey", request).choices.first().message.content
    }

    suspend fun illustrate(entry: String): String =
        service.image("Bearer $apiKey", ImageRequest(prompt = entry)).data.first().url
}
