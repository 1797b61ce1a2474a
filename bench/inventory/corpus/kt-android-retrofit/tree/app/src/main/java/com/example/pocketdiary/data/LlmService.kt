package com.example.pocketdiary.data

import retrofit2.http.Body
import retrofit2.http.Header
import retrofit2.http.POST

interface LlmService {
    @POST("chat/completions")
    suspend fun chat(@Header("Authorization") auth: String, @Body request: ChatRequest): ChatResponse

    @POST("images/generations")
    suspend fun image(@Header("Authorization") auth: String, @Body request: ImageRequest): ImageResponse
}
