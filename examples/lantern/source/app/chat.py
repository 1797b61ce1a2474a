"""灯笼助手 / Lantern Chat: answers with sources from the help centre, and streams them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from app import settings
from app.retrieval import Passage, search
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from openai import AsyncOpenAI

if TYPE_CHECKING:
    from app.accounts import User

NOTICE = "内容由 AI 生成，请注意甄别。"
SYSTEM = "你是灯笼助手，一个人工智能助手。引用资料时请给出链接。"

app = FastAPI(title="Lantern Chat")
client = AsyncOpenAI(base_url=settings.LOCAL_URL, api_key="local")


@app.post("/v1/chat")
async def chat(user: User, question: str) -> StreamingResponse:
    """Answer one question."""
    passages = await search(question, limit=3)
    return StreamingResponse(_answer(user, question, passages), media_type="text/event-stream")


async def _answer(user: User, question: str, passages: list[Passage]) -> AsyncIterator[str]:
    context = "\n\n".join(f"[{p.title}]({p.url})\n{p.text}" for p in passages)
    stream = await client.chat.completions.create(
        model=settings.CHAT_MODEL,
        messages=[
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": f"{context}\n\n{question}"},
        ],
        user=user.id,
        stream=True,
    )
    async for part in stream:
        yield f"data: {part.choices[0].delta.content or ''}\n\n"
    yield f"data: \n\n{NOTICE}\n\n"
