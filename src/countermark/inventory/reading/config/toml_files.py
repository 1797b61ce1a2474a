"""TOML, with the line of every value.

The standard library's parser gives no lines; it is asked only what is wrong with a file.

Source: TOML 1.0.0.
"""

from __future__ import annotations

import re
import tomllib

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

MAX_REMARKS = 2_000
MAX_ASKED = 32 << 10
"""Characters of which the standard library is asked what is wrong with them."""
SPACE = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
BLANK = re.compile(r"[ \t]*+")
KEY = re.compile(
    r"""[ \t]*+(?:([A-Za-z0-9_\-\u0080-\uffff]++)|"((?:[^"\\\n]++|\\.)*+)"|'([^'\n]*+)')[ \t]*+"""
)
TEXTS = (
    re.compile(r'"""\n?((?:[^"\\]++|\\.|"{1,2}(?!"))*+)"""("{0,2})', re.DOTALL),
    re.compile(r"'''\n?((?:[^']++|'{1,2}(?!'))*+)'''('{0,2})", re.DOTALL),
    re.compile(r'"((?:[^"\\\n]++|\\.)*+)"()'),
    re.compile(r"'([^'\n]*+)'()"),
)
BARE = re.compile(r"[^\s,\]}#]++(?: \d\d:[\d:.+Z-]+)?")
ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[ \t]*\n\s*|.)", re.DOTALL)
ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}
COMMENTED = re.compile(r"""[ \t]*#+[ \t]*([A-Za-z_][\w.\-"]*)[ \t]*=[ \t]*(?=\S)""")


class TomlError(Exception):
    """What is wrong, and where."""


def parse(text: str) -> Parsed:
    """The value of a file; what was read before an error is there, and ``trouble`` says what was wrong."""
    reader = _Reader(text)
    parsed = Parsed([reader.root], reader.remarks)
    try:
        reader.document()
    except TomlError as error:
        parsed.trouble = f"no TOML: {_reason(text) or error}"
    return parsed


def _reason(text: str) -> str:
    """What the standard library says is wrong; its time grows with the square of some texts."""
    if len(text) > MAX_ASKED:
        return ""
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        return str(error).splitlines()[0][:200]
    return ""


def remark_node(remark: Remark) -> Mapping | None:
    """The key and value that a comment holds; None where it holds none."""
    reader = _Reader(remark.text.lstrip("# \t"))
    try:
        reader.document()
    except TomlError:
        return None
    for number, (key, _, value) in enumerate(reader.root.items):
        if isinstance(value, Scalar):
            value.line = remark.line
            reader.root.items[number] = (key, remark.line, value)
    return reader.root if reader.root.items else None


class _Reader:
    """Goes through a text from one statement to the next."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.counted = 0
        self.line = 1
        self.root = Mapping([], 1)
        self.table = self.root
        self.path: tuple[str, ...] = ()
        self.remarks: list[Remark] = []

    def document(self) -> None:
        """Read every statement.

        Raises:
            TomlError: one is not understood.
        """
        while True:
            self._between()
            if self.at >= len(self.text):
                return
            if self.text[self.at] == "[":
                self._header()
            else:
                self._pair(self.table, 0)
            rest = BLANK.match(self.text, self.at)
            self.at = rest.end() if rest else self.at
            if self.at < len(self.text) and self.text[self.at] not in "\r\n#":
                raise self._wrong("something stands behind a value")

    def _here(self) -> int:
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.line

    def _wrong(self, what: str) -> TomlError:
        return TomlError(f"{what}, in line {self._here()}")

    def _between(self) -> None:
        """Pass over empty lines and comments; comments that are settings are kept."""
        found = SPACE.match(self.text, self.at)
        end = found.end() if found else self.at
        if "#" in self.text[self.at : end]:
            start = self._here()
            for number, line in enumerate(self.text[self.at : end].split("\n")):
                if len(self.remarks) < MAX_REMARKS and COMMENTED.match(line):
                    self.remarks.append(Remark(start + number, line, self.path))
        self.at = end

    def _header(self) -> None:
        listed = self.text.startswith("[[", self.at)
        self.at += 2 if listed else 1
        path = self._key()
        if not self.text.startswith("]]" if listed else "]", self.at):
            raise self._wrong("a table's name does not end")
        self.at += 2 if listed else 1
        line = self._here()
        table, names = self._down(self.root, path[:-1], line)
        last = next((v for k, _, v in reversed(table.items) if k == path[-1]), None)
        made: Node | None = last
        if listed:
            if not isinstance(last, Sequence):
                last = Sequence([], line)
                table.items.append((path[-1], line, last))
            made = Mapping([], line)
            last.items.append(made)
            names += (path[-1], f"[{len(last.items) - 1}]")
        else:
            names += (path[-1],)
        if not isinstance(made, Mapping):
            made = Mapping([], line)
            table.items.append((path[-1], line, made))
        self.table, self.path = made, names

    def _down(self, table: Mapping, path: tuple[str, ...], line: int) -> tuple[Mapping, tuple[str, ...]]:
        names: tuple[str, ...] = ()
        for key in path:
            node = next((v for k, _, v in reversed(table.items) if k == key), None)
            names += (key,)
            if isinstance(node, Sequence) and node.items and isinstance(node.items[-1], Mapping):
                names += (f"[{len(node.items) - 1}]",)
                node = node.items[-1]
            if not isinstance(node, Mapping):
                node = Mapping([], line)
                table.items.append((key, line, node))
            table = node
        return table, names

    def _key(self) -> tuple[str, ...]:
        parts: list[str] = []
        while len(parts) <= MAX_DEPTH:
            found = KEY.match(self.text, self.at)
            if found is None:
                raise self._wrong("a key is expected")
            self.at = found.end()
            bare, double, single = found.groups()
            parts.append(bare if bare is not None else single if double is None else _unescaped(double))
            if not self.text.startswith(".", self.at):
                return tuple(parts)
            self.at += 1
        raise self._wrong(f"nested deeper than {MAX_DEPTH}")

    def _pair(self, table: Mapping, depth: int) -> None:
        line = self._here()
        path = self._key()
        if not self.text.startswith("=", self.at):
            raise self._wrong("`=` is missing")
        self.at += 1
        blank = BLANK.match(self.text, self.at)
        self.at = blank.end() if blank else self.at
        owner, _ = self._down(table, path[:-1], line)
        owner.items.append((path[-1], line, self._value(depth + len(path))))

    def _value(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self._wrong(f"nested deeper than {MAX_DEPTH}")
        line = self._here()
        sign = self.text[self.at : self.at + 1]
        if sign == "[":
            return self._list(line, depth)
        if sign == "{":
            return self._inline(line, depth)
        for number, pattern in enumerate(TEXTS):
            if found := pattern.match(self.text, self.at):
                self.at = found.end()
                text = found[1] + found[2]
                block = number < 2 and self.text[found.start() + 3] == "\n"  # noqa: PLR2004 - the two of several lines
                return Scalar(
                    _unescaped(text) if number % 2 == 0 else text, line + block, quoted=True, block=block
                )
        bare = BARE.match(self.text, self.at)
        if bare is None or sign in "\"'":
            raise self._wrong("a value is expected")
        self.at = bare.end()
        return Scalar(bare[0], line)

    def _list(self, line: int, depth: int) -> Sequence:
        node = Sequence([], line)
        self.at += 1
        while not self._closes("]"):
            node.items.append(self._value(depth + 1))
            self._comma("]")
        return node

    def _inline(self, line: int, depth: int) -> Mapping:
        node = Mapping([], line)
        self.at += 1
        while not self._closes("}"):
            self._pair(node, depth + 1)
            self._comma("}")
        return node

    def _closes(self, sign: str) -> bool:
        found = SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at
        if not self.text.startswith(sign, self.at):
            return False
        self.at += 1
        return True

    def _comma(self, sign: str) -> None:
        found = SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at
        if self.text.startswith(",", self.at):
            self.at += 1
        elif not self.text.startswith(sign, self.at):
            raise self._wrong(f"`,` or `{sign}` is missing")


def _unescaped(text: str) -> str:
    return ESCAPE.sub(_escape, text) if "\\" in text else text


def _escape(found: re.Match[str]) -> str:
    sign = found[1]
    if sign[0] in "uU" and len(sign) > 1:
        return character(sign[1:])
    return "" if sign[-1:].isspace() or "\n" in sign else ESCAPES.get(sign, sign)
