"""HOCON, as ``application.conf`` of Akka, Play and Ktor: line by line, with the paths that braces open.

Source: HOCON informal specification.
"""

from __future__ import annotations

import re
from dataclasses import replace

from countermark.inventory.reading.config.entries import Writer
from countermark.inventory.reading.config.placeholders import value as placeholder
from countermark.inventory.reading.config.property_files import keys, put
from countermark.inventory.reading.config.remarks import COMMENTED_OUT
from countermark.inventory.reading.config.trees import MAX_DEPTH, Mapping, Node, Scalar, Sequence
from countermark.inventory.reading.expressions import Document, Entry, Env, Expression, Setting

SHAPE = re.compile(rb"^[ \t]*[\w.\"-]+[ \t]*[=:]?[ \t]*\{[ \t]*(?:(?:#|//).*)?\r?$", re.MULTILINE)
ENDED = re.compile(rb";[ \t]*\r?$", re.MULTILINE)
"""A line of nginx, which has braces too."""
OPENING = re.compile(r"""\s*"?([\w.\-]+)"?\s*[=:]?\s*\{\s*(.*)$""")
PAIR = re.compile(r"""\s*"?([\w.\-]+)"?\s*(?:\+?=|:)\s*(.+?)\s*,?\s*$""")
COMMENT = re.compile(r"\s+(?:#|//).*$")
COMMENTED = re.compile(r"""\s*(?:#|//)+\s*"?([\w.\-]+)"?\s*[=:]\s*("[^"]*"|\S+)\s*,?$""")
OPTIONAL = re.compile(r"\$\{\?([^}]+)\}")


def looks_so(head: bytes) -> bool:
    """Whether the first bytes of a ``.conf`` file are HOCON."""
    return SHAPE.search(head) is not None and ENDED.search(head) is None


def read(path: str, text: str) -> Document:
    """The values of a file. ``${?X}`` counts only where there is an X, else what stood there before."""
    document = Document(path, "ini")
    root = Mapping([], 1)
    opened: list[tuple[str, ...]] = []
    comments: list[Entry] = []
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if bare.startswith(("#", "//")):
            if found := COMMENTED.match(line):
                name = (*_path(opened), *keys(found[1]))
                comments.append(Entry(name, placeholder(found[2].strip('"'), number), number, COMMENTED_OUT))
            continue
        while (found := OPENING.match(bare)) and len(opened) < MAX_DEPTH:
            opened.append(keys(found[1]))
            bare = found[2]
        closed = len(bare) - len(bare.rstrip("} ,"))
        if found := PAIR.match(bare[: len(bare) - closed] if "{" not in bare else bare):
            put(root, (*_path(opened), *keys(found[1])), _value(found[2], number), number)
        for _ in range(bare.count("}") - bare.count("{")):
            if opened:
                opened.pop()
    Writer(document, _convert).add(root)
    document.entries = _with_earlier(document.entries) + comments
    return document


def _path(opened: list[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(part for parts in opened for part in parts)[:MAX_DEPTH]


def _value(text: str, line: int) -> Node:
    text = COMMENT.sub("", text).strip()
    if text[:1] == "[" and text[-1:] == "]":
        items = [part.strip().strip('"') for part in text[1:-1].split(",")]
        return Sequence([Scalar(item, line) for item in items if item], line)
    return Scalar(text.strip('"'), line)


def _convert(text: str, line: int) -> Expression:
    return placeholder(OPTIONAL.sub(r"${\1}", text), line)


def _with_earlier(entries: list[Entry]) -> list[Entry]:
    """``a = "x"`` and then ``a = ${?X}``: the first is the default of the second."""
    last: dict[tuple[str, ...], int] = {}
    made: list[Entry] = []
    for entry in entries:
        before = last.get(entry.path)
        value = entry.value
        if before is not None and isinstance(value, Env | Setting) and value.default is None:
            entry = replace(entry, value=replace(value, default=made[before].value))  # noqa: PLW2901
            made[before] = replace(made[before], off="")
        last[entry.path] = len(made)
        made.append(entry)
    return made
