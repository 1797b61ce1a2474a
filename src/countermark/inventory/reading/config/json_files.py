"""JSON, with the comments, commas and quotes of JSON5 and of what editors allow.

Source: RFC 8259; json5.org; JSON with Comments as Visual Studio Code reads it.
"""

from __future__ import annotations

import re

from countermark.inventory.reading.config.escapes import character
from countermark.inventory.reading.config.trees import (
    MAX_DEPTH,
    Mapping,
    Node,
    Parsed,
    Remark,
    Scalar,
    Sequence,
)

TOKEN = re.compile(
    r"""[\s\ufeff]*+(?:(?P<comment>//[^\n]*+|/\*.*?(?:\*/|\Z)|\#[^\n]*+)|(?P<sign>[{}\[\]:,])"""
    r"""|"(?P<double>(?:[^"\\]++|\\.)*+)"|'(?P<single>(?:[^'\\]++|\\.)*+)'|(?P<bare>[^\s{}\[\]:,"'/]++)|(?P<other>\S))""",
    re.DOTALL,
)
ESCAPE = re.compile(r"\\(?:u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(.))", re.DOTALL)  # fmt: skip  # noqa: E501
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
COMMENT_PAIR = re.compile(
    r"""\s*["']?([\w.\-]+)["']?\s*:\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([\w.\-]+))\s*,?\s*$"""
)
MAX_REMARKS = 2_000


class JsonError(Exception):
    """What is wrong, and where."""


def parse(text: str) -> Parsed:
    """The value of a file; what was read before an error is there, and ``trouble`` says what was wrong."""
    reader = _Reader(text)
    try:
        reader.document()
    except JsonError as error:
        reader.parsed.trouble = f"no JSON: {error}"
    return reader.parsed


def remark_node(remark: Remark) -> Mapping | None:
    """The member of an object that a comment holds; None where it holds none."""
    found = COMMENT_PAIR.match(remark.text)
    if found is None:
        return None
    value = next(part for part in found.groups()[1:] if part is not None)
    return Mapping([(found[1], remark.line, Scalar(unescaped(value), remark.line))], remark.line)


def unescaped(text: str) -> str:
    """What the escapes of a string stand for."""
    return ESCAPE.sub(_escape, text) if "\\" in text else text


def _escape(found: re.Match[str]) -> str:
    high, low, four, two, sign = found.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    if four or two:
        return character(four or two)
    return ESCAPES.get(sign, sign)


class _Reader:
    """Goes through the signs of a text with the objects and lists that are open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parsed = Parsed()
        self.line = 1
        self.counted = 0
        self.open: list[Mapping | Sequence] = []
        self.key: tuple[str, int] | None = None
        self.colon = False
        self.keys: list[str] = []
        """Under which each of the open ones but the first stands."""

    def document(self) -> None:
        """Read all values; several one after the other are as many roots."""
        last = 0
        for found in TOKEN.finditer(self.text):
            if found.start() != last:
                break
            last = found.end()
            kind = found.lastgroup or ""
            start = found.start(kind)
            self.line += self.text.count("\n", self.counted, start)
            self.counted = start
            self._token(kind, found[kind])
        if self.open:
            raise JsonError(f"a bracket that does not close, from line {self.open[-1].line}")
        if self.text[last:].strip():
            raise JsonError(f"something that is no value in line {self.line}")

    def _token(self, kind: str, text: str) -> None:
        match kind:
            case "comment":
                self._comment(text)
            case "double" | "single":
                self._scalar(Scalar(unescaped(text), self.line, quoted=True))
            case "bare":
                self._scalar(Scalar("" if text == "null" else text, self.line))
            case "sign":
                self._sign(text)
            case _:
                raise JsonError(f"`{text[:20]}` where a value is expected, in line {self.line}")

    def _sign(self, sign: str) -> None:
        if sign in "{[":
            self._put(made := Mapping([], self.line) if sign == "{" else Sequence([], self.line))
            self.open.append(made)
            if len(self.open) > MAX_DEPTH:
                raise JsonError(f"nested deeper than {MAX_DEPTH}, in line {self.line}")
        elif sign in "}]":
            if not self.open or isinstance(self.open[-1], Mapping) != (sign == "}"):
                raise JsonError(f"`{sign}` where nothing is open, in line {self.line}")
            self.open.pop()
            if self.keys:
                self.keys.pop()
            self.key = None
        elif sign == ":":
            self.colon = self.key is not None
        else:
            self.key = None
            self.colon = False

    def _scalar(self, node: Scalar) -> None:
        if self.open and isinstance(self.open[-1], Mapping) and not self.colon:
            if self.key is not None:
                raise JsonError(f"`:` or `,` is missing, in line {self.line}")
            self.key = (node.value, self.line)
            return
        self._put(node)

    def _put(self, node: Node) -> None:
        name = ""
        if not self.open:
            self.parsed.roots.append(node)
        elif isinstance(top := self.open[-1], Sequence):
            name = f"[{len(top.items)}]"
            top.items.append(node)
        elif self.key is not None and self.colon:
            name = self.key[0]
            top.items.append((*self.key, node))
        else:
            raise JsonError(f"a key is missing, in line {self.line}")
        if not isinstance(node, Scalar) and self.open:
            self.keys.append(name)
        self.key = None
        self.colon = False

    def _comment(self, text: str) -> None:
        inner = text[2:].removesuffix("*/") if text[0] == "/" else text[1:]
        for number, line in enumerate(inner.split("\n")):
            if len(self.parsed.remarks) < MAX_REMARKS and COMMENT_PAIR.match(line):
                root = max(0, len(self.parsed.roots) - 1)
                self.parsed.remarks.append(Remark(self.line + number, line, tuple(self.keys), root=root))
