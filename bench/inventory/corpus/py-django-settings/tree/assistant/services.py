from django.conf import settings
from openai import OpenAI


def _client() -> OpenAI:
    return OpenAI(api_key=settings.LLM_API_KEY, base_url=settings.LLM_BASE_URL)


def answer(question: str, deep: bool = False) -> str:
    model = settings.LLM_REASONING_MODEL if deep else getattr(settings, "LLM_MODEL", "gpt-3.5-turbo")
    reply = _client().chat.completions.create(
        model=model, messages=[{"role": "user", "content": question}]
    )
    return reply.choices[0].message.content


def vectors(texts: list[str]) -> list[list[float]]:
    from sentence_transformers import SentenceTransformer

    name = getattr(settings, "EMBEDDING_MODEL", "BAAI/bge-small-zh-v1.5")
    return SentenceTransformer(name).encode(texts).tolist()
