"""The passages of the help centre that are nearest to a question."""

from __future__ import annotations

from dataclasses import dataclass

from app import settings
from app.index import nearest
from openai import AsyncOpenAI

client = AsyncOpenAI(base_url=settings.LOCAL_URL, api_key="local")


@dataclass(frozen=True)
class Passage:
    """A piece of an article, and where it stands."""

    title: str
    url: str
    text: str


async def search(question: str, limit: int) -> list[Passage]:
    """Find passages; the embedding model answers nobody directly."""
    reply = await client.embeddings.create(model=settings.EMBED_MODEL, input=question)
    return [Passage(**hit) for hit in nearest(reply.data[0].embedding, limit)]
