"""灯笼伙伴 / Lantern Companion: a persona that remembers, with reminders and quiet hours."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from app import settings
from fastapi import FastAPI
from openai import AsyncOpenAI

if TYPE_CHECKING:
    from app.accounts import Session

CONFIG = tomllib.loads((settings.CONFIG / "companion.toml").read_text(encoding="utf-8"))
PERSONA = "你是小灯，深夜电台的主持人。说话温柔，记得对方说过的事。"

app = FastAPI(title="Lantern Companion")
client = AsyncOpenAI(base_url=settings.HOSTED_URL, api_key=settings.HOSTED_KEY)


@app.post("/v1/companion")
async def talk(session: Session, words: str) -> dict[str, str]:
    """Answer one message, with the reminder that is due."""
    reply = await client.chat.completions.create(
        model=settings.COMPANION_MODEL,
        messages=[
            {"role": "system", "content": PERSONA},
            *session.memory,
            {"role": "user", "content": words},
        ],
    )
    return {"content": reply.choices[0].message.content or "", "reminder": _reminder(session)}


def _reminder(session: Session) -> str:
    every = timedelta(minutes=CONFIG["reminders"]["continuous_minutes"])
    return "聊了很久啦，休息一下吧。" if datetime.now(UTC) - session.began >= every else ""
