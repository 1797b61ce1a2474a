"""The scripts of ``.vue`` and ``.svelte`` files, with their lines kept."""

from __future__ import annotations

import re

from countermark.inventory.reading.languages.parsing import decoded

SCRIPT = re.compile(rb"<script\b([^>]{0,400})>(.*?)</script\s*>", re.IGNORECASE | re.DOTALL)
TYPED = re.compile(rb"""\blang\s*=\s*["']?(tsx?)\b""", re.IGNORECASE)
MAX_SCRIPTS = 8


def script(data: bytes) -> tuple[bytes, str]:
    """The scripts of a component, with empty lines before and between them, and their language."""
    parts: list[bytes] = []
    at, language = 0, "javascript"
    text = data if not data.startswith((b"\xff\xfe", b"\xfe\xff")) else decoded(data).encode()
    for number, found in enumerate(SCRIPT.finditer(text)):
        if number == MAX_SCRIPTS:
            break
        typed = TYPED.search(found[1])
        if typed:
            language = "tsx" if typed[1].lower() == b"tsx" else "typescript"
        parts += [b"\n" * text.count(b"\n", at, found.start(2)), found[2]]
        at = found.end(2)
    return b"".join(parts), language
