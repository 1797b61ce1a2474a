"""What string literals stand for."""

from __future__ import annotations

import re

ESCAPE = re.compile(
    r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|([0-7]{1,3})|(\r?\n)\s*|(.))",
    re.DOTALL,
)
CONTROLS = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "0": "\0",
    "a": "\a",
    "e": "\x1b",
}
SURROGATES = range(0xD800, 0xE000)
MAX_CODE = 0x10FFFF


def unescaped(source: str) -> str:
    r"""Escapes decoded, as nearly all languages have them: ``\n``, ``\x41``, ``\u0041``, ``\u{41}``.

    A backslash before another character stands for that character; before the end of a line for nothing.
    """
    return ESCAPE.sub(_decoded, source) if "\\" in source else source


def _decoded(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3] or found[4]
    if digits:
        return _character(int(digits, 16), found[0])
    if found[5]:
        return _character(int(found[5], 8), found[0])
    if found[6]:
        return ""
    return CONTROLS.get(found[7], found[7])


def _character(code: int, written: str) -> str:
    return written if code > MAX_CODE or code in SURROGATES else chr(code)


def dedented(text: str) -> str:
    """A block of text without the indentation that all its lines share, as Java and others have it."""
    lines = text.split("\n")
    filled = [line for line in lines[1:] if line.strip()] or [""]
    margin = min(len(line) - len(line.lstrip()) for line in filled)
    return "\n".join([lines[0].lstrip(), *(line[margin:] for line in lines[1:])]).strip("\n")
