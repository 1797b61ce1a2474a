"""Which files are worth parsing, told from their bytes: of a hundred thousand, a few thousand are."""

from __future__ import annotations

import posixpath
import re
import zlib

from countermark.inventory import areas, names, signatures
from countermark.inventory.reading import languages

LONGEST_LINE = 20_000
"""Nobody writes such a line: the file was made by a bundler or a minifier."""
BLOCK = 4_096
FEW = 64
"""Bytes that a block of repetitions is compressed to; a block of code is ten times as much."""
_WEAK = frozenset(
    [
        b"voice", b"chat", b"tts", b"cog", b"flux", b"spark", b"embed", b"ai/", b".ai", b"//api", b"/v1",
        b"-latest", b"-preview", b"-turbo", b"-base-", b"-large", b"gte-",
    ]
)  # fmt: skip
WEAK = tuple(stem for stem in signatures.STEMS if stem in _WEAK)
"""Stems that many words have which mean something else: a word with one must be an id."""
STRONG = tuple(stem for stem in signatures.STEMS if stem not in WEAK)
"""Stems that say enough wherever they stand."""
LEFT_OF = re.compile(rb"[\w./:@-]*\Z")
"""What an id may have before a stem."""
RIGHT_OF = re.compile(rb"[\w./:@-]*")
"""The stem, and what an id may have behind it."""
LONGEST_ID = 80
MOST_PLACES, MOST_WORDS = 300, 40
"""That are looked at for one stem in one file."""
SETTING = re.compile(
    rb"(?i)base_?url|api_?base|generalv\d|"
    rb"(?:getenv|environ|env\.|env\(|config|settings)[^\n]{0,60}(?:model|llm)|"
    rb"[\"']model[\"']\s*[:=,]|model_?(?:name|id)\s*[:=]|"
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
    if any(stem in lower for stem in STRONG):
        return True
    if any(_is_named(data, lower, stem) for stem in WEAK if stem in lower):
        return True
    suffix = posixpath.splitext(path)[1].lower()
    if suffix in languages.LANGUAGES or suffix in (".py", ".pyi"):
        return SETTING.search(data) is not None
    return any(word in lower for word in WORDS) and not areas.PROSE.search(path)


def _is_named(data: bytes, lower: bytes, stem: bytes) -> bool:
    """Whether a stem stands in the id of a model, not in some other word: ``voice`` in ``invoice``."""
    at, seen = -1, set[bytes]()
    for _ in range(MOST_PLACES):
        at = lower.find(stem, at + 1)
        if at < 0:
            return False
        word = _word_at(data, at)
        if word in seen:
            continue
        seen.add(word)
        if len(seen) > MOST_WORDS:
            return False
        if _is_name(word.decode("ascii", "replace")):
            return True
    return False


def _word_at(data: bytes, at: int) -> bytes:
    before = LEFT_OF.search(data, max(0, at - LONGEST_ID), at)
    after = RIGHT_OF.match(data, at)
    return data[before.start() if before else at : after.end() if after else at]


def _is_name(text: str) -> bool:
    """Whether a word is the id of a model, or the address of one."""
    may_be_host = "//" in text or "." in text
    return names.parse(text) is not None or (may_be_host and signatures.host(text) is not None)


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
