import logging

from openai import APIError, AsyncOpenAI

from app.settings import get_settings

log = logging.getLogger(__name__)
settings = get_settings()
client = AsyncOpenAI(api_key=settings.api_key, base_url=settings.base_url, timeout=settings.request_timeout)


async def chat(messages: list[dict]) -> str:
    try:
        reply = await client.chat.completions.create(model=settings.chat_model, messages=messages)
    except APIError:
        log.warning("主模型不可用，切换备用模型")
        reply = await client.chat.completions.create(model=settings.backup_model, messages=messages)
    return reply.choices[0].message.content or ""


async def title(text: str) -> str:
    reply = await client.chat.completions.create(
        model=settings.title_model,
        messages=[{"role": "user", "content": f"给这段对话起一个标题：{text}"}],
        max_tokens=20,
    )
    return reply.choices[0].message.content or ""


async def embed(texts: list[str]) -> list[list[float]]:
    reply = await client.embeddings.create(
        model=settings.embedding_model, input=texts, dimensions=settings.embedding_dim
    )
    return [row.embedding for row in reply.data]
