package org.example.shop.ai

import com.aallam.openai.api.chat.ChatCompletionRequest
import com.aallam.openai.api.model.ModelId
import com.aallam.openai.client.OpenAI as Client
import org.example.shop.config.*

// const val OLD_MODEL = "glm-3-turbo"
const val DEFAULT_MODEL = "glm-4-plus"

object Models {
    const val RERANK = "bge-reranker-large"
    val embedding = System.getenv("EMBEDDING_MODEL") ?: "embedding-3"
}

@ConfigurationProperties(prefix = "ai")
data class AiProperties(
    val model: String = "deepseek-chat",
    val baseUrl: String?,
)

@Service
class Assistant(
    private val properties: AiProperties,
    @Value("\${ai.vision:glm-4v}") private val vision: String,
) : Base(vision), Answering {
    private val client = Client(token = System.getenv()["ZHIPU_API_KEY"], host = OpenAIHost(baseUrl = "https://open.bigmodel.cn/api/paas/v4/"))
    private val reasoning by lazy { "glm-z1-air" }
    private lateinit var settings: LlmSettings

    companion object {
        const val FALLBACK = "glm-4-flash"
    }

    suspend fun ask(question: String, model: String = DEFAULT_MODEL): String? {
        val request = ChatCompletionRequest(
            model = ModelId(model),
            messages = listOf(ChatMessage(role = ChatRole.User, content = question)),
        )
        val other = chatRequest {
            this.model = ModelId("glm-4-long")
            messages { user("hello $question") }
        }
        return try {
            client.chatCompletion(request).choices.first().message.content
        } catch (e: Exception) {
            again(FALLBACK)
        }
    }

    fun pick(kind: String?): String {
        if (kind == "gpt-4" || kind == "gpt-4o") return "x"
        val size = if (kind.isNullOrBlank()) "small" else kind
        builder.apply { temperature = 0.1; model = "chatglm-std" }
        return when (kind) {
            "draw", "paint" -> "cogview-3"
            else -> "zai-org/${properties.model}"
        }
    }

    @Test
    fun `answers a question`() {
        Assistant(model = "test-model")
    }
}

enum class Tier(val id: String) {
    FAST("glm-4-flash"),
    DEEP("glm-4-plus"),
}
