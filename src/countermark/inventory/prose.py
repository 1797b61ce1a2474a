"""Model ids that documents write about."""

from __future__ import annotations

import re

from countermark.inventory import names
from countermark.inventory.reading.expressions import Document, Loose, Text

WORD = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z][A-Za-z0-9]{0,60}(?:[-_./:@][A-Za-z0-9][\w.-]{0,120}){1,8}|"
    r"[A-Za-z]{1,40}\d[\w.-]{0,120})",
    re.ASCII,  # an id ends where Chinese goes on
)
"""Bounded, as a document may be one line of a megabyte."""
MARKED = re.compile(r"""`([^`\n]{2,120})`|"([^"\n]{2,120})"|'([^'\n]{2,120})'|=\s*([^\s`"'<>|,;]{2,120})""")
MAX_WORDS = 50_000


def read(path: str, data: bytes) -> Document:
    """Every model id that stands in code marks, in quotes, behind ``=``, or alone."""
    document = Document(path, "prose")
    text = data.decode("utf-8", "replace")
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines(), 1):
        words = [next(filter(None, found.groups()), "") for found in MARKED.finditer(line)]
        words += [found[0].rstrip(".,:") for found in WORD.finditer(line)]
        for word in words:
            if word in seen or len(seen) > MAX_WORDS:
                continue
            seen.add(word)
            if names.parse(word) is not None:
                document.loose.append(Loose(Text(word, number), ()))
    return document
