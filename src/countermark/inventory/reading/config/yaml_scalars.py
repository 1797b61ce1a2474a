"""The scalars and flow collections of YAML: what stands on one line, or in brackets over several.

Source: YAML 1.2.2 chapters 5.7, 7.3 and 7.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from countermark.inventory.reading.config.escapes import character
from countermark.inventory.reading.config.trees import MAX_DEPTH, Mapping, Node, Scalar, Sequence, merged

NOTHING = frozenset(["", "~", "null", "Null", "NULL"])
DOUBLE = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
SINGLE = re.compile(r"'((?:[^']++|'')*+)'")
SPACE = re.compile(r"(?:[ \t\n]++|(?:(?<=[ \t\n])|\A)#[^\n]*+)*+")
PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*+(?:[ \t\n]++|\Z|(?=[,\]}])))++", re.ASCII)
ANCHOR = re.compile(r"&([^\s,\[\]{}]+)", re.ASCII)
FLOW_PLAIN = re.compile(r"(?:[^\s,\[\]{}:#]++|:(?![\s,\[\]{}]|\Z)|(?<=\S)#|[ \t]++(?!#))++", re.ASCII)
ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\n[ \t]*|.)", re.DOTALL)
ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
MAX_QUOTED_LINES = 400


class OddError(Exception):
    """Something that this parser does not read; the message says what."""


def plain(text: str, line: int) -> Scalar:
    """A scalar without quotes."""
    return Scalar("" if text in NOTHING else text, line)


def unescaped(text: str) -> str:
    """What the escapes of a double-quoted scalar stand for."""
    return ESCAPE.sub(_escape, text) if "\\" in text else text


def _escape(found: re.Match[str]) -> str:
    sign = found[1]
    if sign[0] in "xuU" and len(sign) > 1:
        return character(sign[1:])
    return "" if sign[0] == "\n" else ESCAPES.get(sign, sign)


def folded(text: str, *, escaped: bool = False) -> str:
    """A scalar over several lines: a break is a space, an empty line a break.

    Args:
        text: The lines.
        escaped: Whether a backslash at the end of a line takes the break away.
    """
    if "\n" not in text:
        return text
    out: list[str] = []
    for number, part in enumerate(text.split("\n")):
        piece = part.strip(" \t") if number else part.rstrip(" \t")
        if not piece:
            out.append("\n" if number else "")
        elif number and escaped and out[-1].endswith("\\") and not out[-1].endswith("\\\\"):
            out[-1] = out[-1][:-1]
            out.append(piece)
        elif number and not out[-1].endswith("\n"):
            out.append(" " + piece)
        else:
            out.append(piece)
    return "".join(out)


class Flow:
    """``[a, {b: c}]``: from the bracket that opens to the one that closes, however many lines there are."""

    def __init__(self, text: str, line: int, following: Iterator[str], anchors: dict[str, Node]) -> None:
        self.text = text
        self.at = 0
        self.line = line
        """Of ``text``, which is one line but within a quoted scalar."""
        self.following = following
        self.anchors = anchors

    def read(self) -> Node:
        """The collection; what stands behind it is then in ``text`` from ``at``.

        Raises:
            OddError: it is none.
        """
        return self._node(0)

    def _skip(self) -> str:
        """Pass over spaces, comments and ends of lines; the sign behind them."""
        while True:
            found = SPACE.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            self.line += 1 + self.text.count("\n")
            self.text, self.at = self._next(), 0

    def _next(self) -> str:
        line = next(self.following, None)
        if line is None:
            raise OddError("a bracket that does not close")
        return line

    def _quoted(self, pattern: re.Pattern[str]) -> str:
        for _ in range(MAX_QUOTED_LINES):
            if found := pattern.match(self.text, self.at):
                self.at = found.end()
                return found[1]
            self.text += "\n" + self._next()
        raise OddError("a quote that does not close")

    def _here(self) -> int:
        return self.line + self.text.count("\n", 0, self.at)

    def _node(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise OddError(f"nested deeper than {MAX_DEPTH}")
        sign = self._skip()
        if sign in ("&", "!") and (found := PROPERTIES.match(self.text, self.at)):
            self.at = found.end()
            node = self._node(depth + 1)
            if name := ANCHOR.search(found[0]):
                self.anchors[name[1]] = node
            return node
        if sign == "[":
            return self._list(depth)
        if sign == "{":
            return self._table(depth)
        return self._scalar(sign)

    def _scalar(self, sign: str) -> Node:
        line = self._here()
        if sign in ("'", '"'):
            inner = folded(self._quoted(DOUBLE if sign == '"' else SINGLE), escaped=sign == '"')
            text = unescaped(inner) if sign == '"' else inner.replace("''", "'")
            return Scalar(text, line, quoted=True)
        found = FLOW_PLAIN.match(self.text, self.at)
        if not found:
            return Scalar("", line)
        self.at = found.end()
        text = found[0].rstrip(" \t")
        if text[:1] == "*":
            known = self.anchors.get(text[1:])
            if known is None:
                raise OddError(f"an alias without an anchor: {text[:40]}")
            return known
        return plain(text, line)

    def _list(self, depth: int) -> Node:
        node = Sequence([], self._here())
        self.at += 1
        while self._skip() != "]":
            line = self._here()
            item = self._node(depth + 1)
            if self._skip() == ":" and isinstance(item, Scalar):  # `[a: b]` is `[{a: b}]`
                self.at += 1
                item = Mapping([(item.value, line, self._node(depth + 1))], line)
            node.items.append(item)
            self._comma("]")
        self.at += 1
        return node

    def _table(self, depth: int) -> Node:
        node = Mapping([], self._here())
        merges: list[Node] = []
        self.at += 1
        while self._skip() != "}":
            key = self._node(depth + 1)
            line = self._here()
            if not isinstance(key, Scalar):
                raise OddError("a key that is no text")
            value: Node = Scalar("", line)
            if self._skip() == ":":
                self.at += 1
                value = self._node(depth + 1)
            if key.value == "<<":
                merges.append(value)
            else:
                node.items.append((key.value, line, value))
            self._comma("}")
        self.at += 1
        return merged(node, merges) if merges else node

    def _comma(self, end: str) -> None:
        sign = self._skip()
        if sign == ",":
            self.at += 1
        elif sign != end:
            raise OddError(f"`,` or `{end}` is missing")
