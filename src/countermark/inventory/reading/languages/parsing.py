"""From bytes to a tree, within limits."""

from __future__ import annotations

import re

from ast_grep_py import SgNode, SgRoot

MAX_BYTES = 2 << 20
MAX_WIDTH = 8_192
"""Characters of a line. To find a position in a longer one takes as long as the line is long."""
MAX_MARKS = 160
NOISE = re.compile(rf"""(?:[^\w\s"'`]\s*+){{{MAX_MARKS},}}+|(?:<[\w.]{{1,40}}+>\s*+){{{MAX_MARKS // 2},}}+""")
"""What no program has: that many marks without a name between them. A parser takes very long over them."""
MAX_UNCLOSED = 20
WORDS = bytes(range(128, 256)) + b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_\"'`"
SPACES = b" \t\r\n"
MARKED = bytes(97 if byte in WORDS else 46 for byte in range(256))
MARKS = b"." * MAX_MARKS
ANGLES = b"<>" * (MAX_MARKS // 2)
CLOSING = frozenset(")]};,")
ERRORS = 0.3
"""The part of a file in which errors make it one that was not read."""


def decoded(data: bytes) -> str:
    """By byte-order mark, then UTF-8 with GB 18030 behind it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def tree(text: str, data: bytes, language: str) -> SgNode:
    """The root of the tree of a text, which was read from ``data``.

    ``language`` is one that the grammars have: another one ends the process.
    """
    if MARKS in data.translate(MARKED, SPACES) or ANGLES in data.translate(None, WORDS + SPACES + b"."):
        text = NOISE.sub(_blank, text)
    closed = text.rfind("*/") + 1
    if text.count("/*", closed) > MAX_UNCLOSED:  # each is looked through to the end of the file
        text = text[:closed] + text[closed:].replace("/*", "  ")
    return SgRoot(text, language).root()


def _blank(found: re.Match[str]) -> str:
    """Spaces in the place of noise; closing brackets in a row are none."""
    run = found[0]
    if CLOSING.issuperset("".join(run.split())):
        return run
    return "".join(character if character.isspace() else " " for character in run)


def broken(root: SgNode, size: int) -> bool:
    """Whether a large part of a tree is errors."""
    found = sum(len(node.text()) for node in root.children() if node.kind() == "ERROR")
    return root.kind() == "ERROR" or found > size * ERRORS
