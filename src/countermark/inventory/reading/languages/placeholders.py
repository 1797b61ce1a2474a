"""Texts with places for values in them, and the names of settings and variables."""

from __future__ import annotations

import re
from collections.abc import Iterable

from countermark.inventory.reading.expressions import Env, Expression, Join, Ref, Setting, Text, Unknown

VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_+[A-Z0-9]+)*_?")
"""A name as environment variables have them."""
DOT = re.compile(r"[.:]|__")
PLACEHOLDER = re.compile(r"(%[-+ #0]*\d*(?:\.\d+)?(?:\[\d+\])?[svdqxfgt]|\{[^{}\"]{0,40}\})")
SPRING = re.compile(r"\$\{([^{}:]+)(?::((?:[^{}]|\$\{[^{}]*\})*))?\}")


def setting(name: str, line: int, default: Expression | None = None) -> Env | Setting:
    """``a.b`` and ``A:B`` are settings, ``A_B`` is a variable."""
    if VARIABLE.fullmatch(name):
        return Env(name, line, default)
    return Setting(tuple(part for part in DOT.split(name) if part), line, default)


def placeholder(text: str, line: int) -> Expression:
    """What ``${a.b:d}`` stands for, as Spring and others write it."""
    found = SPRING.fullmatch(text)
    if found:
        default = None if found[2] is None else placeholder(found[2], line)
        return setting(found[1].strip(), line, default)
    parts: list[Expression] = []
    at = 0
    for match in SPRING.finditer(text):
        parts += [Text(text[at : match.start()], line)] if match.start() > at else []
        parts.append(placeholder(match[0], line))
        at = match.end()
    if not parts:
        return Text(text, line)
    return Join((*parts, Text(text[at:], line)) if at < len(text) else tuple(parts), line)


def filled(pattern: Text, values: Iterable[Expression]) -> Expression:
    """A pattern with its values in their places: ``%s/%s``, ``{}/{}``, ``{0}``, ``{name}``."""
    pieces = PLACEHOLDER.split(pattern.value)
    if len(pieces) == 1:
        return pattern
    given = tuple(values)
    rest = iter(given)
    parts: list[Expression] = []
    for number, piece in enumerate(pieces):
        if not number % 2:
            parts += [Text(piece, pattern.line)] if piece else []
            continue
        key = piece.strip("{}").split(":")[0]
        if key.isdecimal() and int(key) < len(given):
            parts.append(given[int(key)])
        elif piece[0] == "{" and key.isidentifier():
            parts.append(Ref((key,), pattern.line))
        else:
            parts.append(next(rest, Unknown(piece, pattern.line)))
    return Join(tuple(parts), pattern.line)
