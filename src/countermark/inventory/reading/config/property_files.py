"""Java properties: ``a.b=c``, with the profiles of Spring.

Source: java.util.Properties.load, and Spring Boot's multi-document properties.
"""

from __future__ import annotations

import re

from countermark.inventory.reading.config.entries import Writer
from countermark.inventory.reading.config.escapes import character
from countermark.inventory.reading.config.placeholders import value
from countermark.inventory.reading.config.remarks import COMMENTED_OUT
from countermark.inventory.reading.config.spring import inactive
from countermark.inventory.reading.config.trees import MAX_DEPTH, Mapping, Node, Scalar
from countermark.inventory.reading.expressions import Document, Entry

KEY = re.compile(r"[ \t\f]*((?:[^\s=:\\]++|\\.)++)[ \t\f]*[=:]?[ \t\f]*")
COMMENT = re.compile(r"[ \t]*[#!]+[ \t]*([A-Za-z][\w.\-\[\]]*)[ \t]*=[ \t]*(\S+)[ \t]*$")
BREAK = re.compile(r"[#!]---[ \t]*$")
ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}


def read(path: str, text: str) -> Document:
    """The values of a file, their keys taken apart at the dots."""
    document = Document(path, "properties")
    roots = [Mapping([], 1)]
    comments: list[Entry] = []
    for line, logical in _logical(text):
        if BREAK.match(logical):
            roots.append(Mapping([], line))
        elif logical[:1] in "#!":
            if found := COMMENT.match(logical):
                comments.append(Entry(keys(found[1]), value(found[2], line), line, COMMENTED_OUT))
        elif found := KEY.match(logical):
            put(roots[-1], keys(_unescaped(found[1])), Scalar(_unescaped(logical[found.end() :]), line), line)
    writer = Writer(document)
    for root, off in inactive(roots):
        writer.add(root, (), off)
    document.entries += comments
    return document


def keys(name: str) -> tuple[str, ...]:
    """``a.b[0].c`` → ``a``, ``b``, ``[0]``, ``c``."""
    parts = tuple(part for part in re.split(r"\.|(?=\[)", name) if part)
    return parts[:MAX_DEPTH] or (name,)


def put(root: Mapping, path: tuple[str, ...], node: Node, line: int) -> None:
    """Put a value under a path, with the mappings that lead there."""
    for key in path[:-1]:
        below = next((v for k, _, v in reversed(root.items) if k == key and isinstance(v, Mapping)), None)
        if below is None:
            below = Mapping([], line)
            root.items.append((key, line, below))
        root = below
    root.items.append((path[-1], line, node))


def _logical(text: str) -> list[tuple[int, str]]:
    """Lines with those that a backslash continues."""
    out: list[tuple[int, str]] = []
    held = ""
    first = 0
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.lstrip()
        if not held and (not bare or bare[0] in "#!"):
            if bare:
                out.append((number, bare))
            continue
        first = first or number
        if line.endswith("\\") and not line.endswith("\\\\"):
            held += bare[:-1]
            continue
        out.append((first, held + bare))
        held, first = "", 0
    if held:
        out.append((first, held))
    return out


def _unescaped(text: str) -> str:
    return ESCAPE.sub(_escape, text) if "\\" in text else text


def _escape(found: re.Match[str]) -> str:
    sign = found[1]
    if sign[0] == "u" and len(sign) > 1:
        return character(sign[1:])
    return ESCAPES.get(sign, sign)
