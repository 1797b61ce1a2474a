"""灯笼画坊 / Lantern Studio: paints a picture, labels it, hands it to the delivery pipeline."""

from __future__ import annotations

import base64
import uuid

from app import settings
from app.delivery import publish
from app.labelling import write_label
from fastapi import FastAPI
from openai import AsyncOpenAI

app = FastAPI(title="Lantern Studio")
client = AsyncOpenAI(base_url=settings.LOCAL_URL, api_key="local")


@app.post("/v1/paint")
async def paint(wish: str, *, fast: bool = False) -> dict[str, str]:
    """Paint what somebody wishes for; `fast` previews use the small model."""
    reply = await client.images.generate(
        model=settings.FAST_PAINT_MODEL if fast else settings.PAINT_MODEL,
        prompt=wish,
        response_format="b64_json",
    )
    number = f"LANTERN-{uuid.uuid4().hex}"
    picture = write_label(base64.b64decode(reply.data[0].b64_json), number)
    return {"id": number, "url": await publish(number, picture)}
