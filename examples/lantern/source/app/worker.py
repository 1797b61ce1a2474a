"""Nightly worker: writes a short summary of each conversation into the user's memory."""

from __future__ import annotations

import asyncio
import os

from app.conversations import finished_today, remember
from openai import AsyncOpenAI

SUMMARY_MODEL = os.environ.get("SUMMARY_MODEL", "lantern-summary-3b")
client = AsyncOpenAI(base_url=os.environ.get("LANTERN_BASE_URL", "http://models:8000/v1"), api_key="local")


async def main() -> None:
    """Summarise what ended today."""
    async for conversation in finished_today():
        reply = await client.chat.completions.create(
            model=SUMMARY_MODEL,
            messages=[
                {"role": "system", "content": "用三句话概括这段对话中用户的喜好。"},
                {"role": "user", "content": conversation.text},
            ],
        )
        await remember(conversation.user, reply.choices[0].message.content or "")


if __name__ == "__main__":
    asyncio.run(main())
