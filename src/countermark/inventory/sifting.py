"""Which files are worth parsing, told from their bytes: of a hundred thousand, a few thousand are."""

from __future__ import annotations

import posixpath
import re
import zlib

from countermark.inventory import areas, signatures
from countermark.inventory.reading import languages

LONGEST_LINE = 20_000
"""Nobody writes such a line: the file was made by a bundler or a minifier."""
BLOCK = 4_096
FEW = 64
"""Bytes that a block of repetitions is compressed to; a block of code is ten times as much."""
SETTING = re.compile(
    rb"(?i)base_?url|api_?base|generalv\d|"
    rb"(?:getenv|environ|env\.|env\(|config|settings)[^\n]{0,60}(?:model|llm)|"
    rb"[\"']model[\"']\s*[:=,]|model_?(?:name|id)\s*[:=]|(?:chat|llm|embedding|rerank)_?model\b|"
    rb"https?://[\w.-]*(?:llm|ai|gpt|openai|model)[\w.-]*[./:]"
)
"""Code that names a model only by a setting, and an address that may be one of models."""
WORDS = (b"model", b"llm", b"base_url", b"baseurl", b"endpoint", b"api_base")
"""Beside the stems of the signatures: settings name a model or an address by these."""


def speaks(path: str, data: bytes) -> bool:
    """Whether a file may speak of a model, told without parsing it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    lower = data.lower()
    if signatures.speaks(lower):
        return True
    suffix = posixpath.splitext(path)[1].lower()
    if suffix in languages.LANGUAGES or suffix in (".py", ".pyi"):
        return SETTING.search(data) is not None
    return any(word in lower for word in WORDS) and not areas.PROSE.search(path)


def is_made(path: str, data: bytes) -> bool:
    """Whether a bundler or a minifier made a file."""
    if not path.endswith((".js", ".mjs", ".cjs", ".json", ".html", ".htm", ".css")):
        return False
    return len(data) > LONGEST_LINE and max(map(len, data.split(b"\n"))) > LONGEST_LINE


def is_repetition(data: bytes) -> bool:
    """Whether a stretch of a file says the same over and over: grammars take hours for what nobody writes."""
    for at in range(0, len(data) - BLOCK // 2, BLOCK):
        block = data[at : at + BLOCK]
        if len(block) >= BLOCK // 2 and block.strip() and len(zlib.compress(block, 1)) < FEW:
            return True
    return False
