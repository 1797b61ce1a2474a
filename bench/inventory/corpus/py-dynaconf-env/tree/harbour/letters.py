from anthropic import Anthropic
from openai import OpenAI

from harbour.config import settings

client = Anthropic(api_key=settings.anthropic_api_key)


def reply(letter: str) -> str:
    message = client.messages.create(
        model=settings.llm.model,
        max_tokens=settings.llm.max_tokens,
        messages=[{"role": "user", "content": letter}],
    )
    return message.content[0].text


def dictate(path: str) -> str:
    with open(path, "rb") as sound:
        return OpenAI().audio.transcriptions.create(model=settings.transcribe.model, file=sound).text
