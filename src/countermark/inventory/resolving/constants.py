"""Ids behind the constants of libraries: ``openai.GPT4oMini``, ``Generation.Models.QWEN_PLUS``."""

from __future__ import annotations

import re
from functools import lru_cache

from countermark.inventory import names

IRREGULAR = {
    "smallembedding3": "text-embedding-3-small",
    "largeembedding3": "text-embedding-3-large",
    "adaembeddingv2": "text-embedding-ada-002",
    "createimagemodeldalle3": "dall-e-3",
    "createimagemodeldalle2": "dall-e-2",
    "whisper1": "whisper-1",
    "ttsmodel1": "tts-1",
    "ttsmodel1hd": "tts-1-hd",
    "gpt432k": "gpt-4-32k",
}
"""Names that the rules below do not give back."""
MARKS = ("Model", "ChatModel", "EmbeddingModel", "ModelName", "Models")
"""What libraries put before or behind the name itself."""


@lru_cache(maxsize=4_096)
def model_of(name: str) -> str:
    """The id that a constant stands for; empty where it is none."""
    plain = name
    for mark in MARKS:
        plain = plain.removeprefix(mark).removesuffix(mark) or plain
    found = IRREGULAR.get(plain.replace("_", "").lower())
    if found:
        return found
    if not re.search(r"\d", plain) and "_" not in plain:
        return ""
    for candidate in _spellings(plain):
        if names.parse(candidate) is not None:
            return candidate
    return ""


def _spellings(name: str) -> list[str]:
    """How an id may be written whose constant is called so, the likeliest first."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name) if not name.isupper() else name
    low = snake.lower().replace("dot", ".")
    low = re.sub(r"_?(\d)_?\.+_?(\d)", r"\1.\2", low)
    kebab = low.replace("_", "-")
    dotted = re.sub(r"(\d)-(\d)(?!\d)", r"\1.\2", kebab)
    spread = re.sub(r"^(gpt|glm|claude|o|dall-?e|qwen)-?(?=\d)", lambda m: m[1] + "-", dotted)
    omni = re.sub(r"^(gpt-4)-o\b", r"\1o", spread)
    return list(dict.fromkeys([omni, spread, dotted, kebab]))
