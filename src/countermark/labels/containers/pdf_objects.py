"""The objects of PDF as text: read them with bounds, and write the few that a label needs.

Source: ISO 32000-1 (PDF 1.7) 7.2, 7.3 and 7.9.2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.source import Limits

SPACE = rb"\0\t\n\f\r "
REGULAR = rb"[^\0\t\n\f\r ()<>\[\]{}/%]"
SKIP = re.compile(rb"(?:[" + SPACE + rb"]++|%[^\r\n]*+)*+")
TOKEN = re.compile(
    rb"(?P<mark><<|>>|[\[\]{}(<>)])|/(?P<name>" + REGULAR + rb"*+)|(?P<word>" + REGULAR + rb"++)"
)
NUMBER = re.compile(rb"[+-]?\d{1,20}")
REAL = re.compile(rb"[+-]*(?:\d{1,60}\.\d{0,60}|\.\d{1,60})[\d.-]*")
REFERENCE = re.compile(rb"[" + SPACE + rb"]{1,9}(\d{1,10})[" + SPACE + rb"]{1,9}R(?!" + REGULAR + rb")")
HEADER = re.compile(rb"[" + SPACE + rb"]*+(\d{1,10})[" + SPACE + rb"]++(\d{1,5})[" + SPACE + rb"]++obj")
IN_STRING = re.compile(rb"[()\\\r]")
SPECIAL = re.compile(rb"[()\\\r]")
HEX_CODE = re.compile(rb"#([0-9A-Fa-f]{2})")
ESCAPES = {
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"b": b"\b",
    b"f": b"\f",
    b"(": b"(",
    b")": b")",
    b"\\": b"\\",
}
ESCAPE = re.compile(rb"\\(?:([nrtbf()\\])|([0-7]{1,3})|(\r\n|\r|\n))?|\r\n?")
KEYWORDS = {b"true": True, b"false": False, b"null": None}


class EndsError(LabelError):
    """The bytes at hand end before the object does; more may help."""


class Name(str):
    """A name, without its slash."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to an object that stands elsewhere."""

    number: int
    generation: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """One value, and where its parts stand."""

    value: Any
    """None, bool, int, float, :class:`Name`, bytes (a string), :class:`Ref`, list or dict."""
    start: int
    end: int
    spans: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """Of a dictionary: from each key to the end of its value, as often as it stands there."""


def parse(data: bytes, at: int, limits: Limits) -> Parsed:
    """The value that begins at ``at`` or behind the white space there.

    Raises:
        EndsError: ``data`` ends first.
        LabelError: it is no value, or nested too deep.
        TooLargeError: it has more than ``limits.elements`` parts.
    """
    reader = _Reader(data, limits)
    start = _skipped(data, at)
    value, end = reader.value(start, 0)
    return Parsed(value, start, end, reader.spans)


def header(data: bytes) -> tuple[int, int, int] | None:
    """Number and generation of the object that ``data`` begins with, and where its value does."""
    found = HEADER.match(data)
    return (int(found[1]), int(found[2]), found.end()) if found else None


def text(value: bytes) -> str:
    """A text string, by the mark that it begins with.

    Without one it should be in PDFDocEncoding; writers that put UTF-8 there are common, and what both
    agree on is ASCII.
    """
    if value.startswith(b"\xfe\xff"):
        return value[2:].decode("utf-16-be", "replace")
    if value.startswith(b"\xff\xfe"):
        return value[2:].decode("utf-16-le", "replace")
    try:
        return value.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def text_string(value: str) -> bytes:
    """``value`` as a text string: as it is where it is ASCII, else in UTF-16."""
    plain = value.isascii() and value.isprintable()
    data = value.encode() if plain else b"\xfe\xff" + value.encode("utf-16-be", "replace")
    return b"(" + SPECIAL.sub(lambda found: b"\\" + (b"r" if found[0] == b"\r" else found[0]), data) + b")"


def spliced(raw: bytes, parsed: Parsed, changes: Mapping[str, bytes | None]) -> bytes:
    """The text of a dictionary with some keys taken out or added behind the others; the rest stays.

    Args:
        raw: what ``parsed`` was read from.
        parsed: the dictionary.
        changes: by key the text of the new value, or None to take it out.
    """
    gone = sorted(span for key in changes for span in parsed.spans.get(key, ()))
    out, at = [], parsed.start
    for start, end in gone:
        out.append(raw[at:start])
        at = end
    out.append(raw[at : parsed.end - 2].rstrip(b" \t\r\n"))
    out += [b"\n/" + key.encode() + b" " + value for key, value in changes.items() if value is not None]
    return b"".join([*out, b"\n>>"])


class _Reader:
    """Follows the tokens of one value."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.data, self.limits = data, limits
        self.left = limits.elements
        self.spans: dict[str, list[tuple[int, int]]] = {}

    def value(self, at: int, depth: int) -> tuple[Any, int]:
        """The value at ``at``, where its first token begins, and its end."""
        self.left -= 1
        if self.left < 0:
            raise TooLargeError(f"an object of the PDF has more than {self.limits.elements:,} parts")
        if depth > self.limits.depth:
            raise LabelError(f"an object of the PDF is nested deeper than {self.limits.depth}")
        token = TOKEN.match(self.data, at)
        if token is None or token.end() == len(self.data):
            raise EndsError("the PDF ends within an object")
        if token["name"] is not None:
            return _name(token["name"]), token.end()
        if token["word"] is not None:
            return self._word(token["word"], token.end())
        return self._marked(token["mark"], token.end(), depth)

    def _marked(self, mark: bytes, at: int, depth: int) -> tuple[Any, int]:
        if mark == b"<<":
            return self._dictionary(at, depth)
        if mark == b"[":
            return self._array(at, depth)
        if mark == b"(":
            return self._string(at)
        if mark == b"<":
            return self._hexadecimal(at)
        raise LabelError(f"a stray {mark.decode()} in an object of the PDF")

    def _word(self, word: bytes, at: int) -> tuple[Any, int]:
        if NUMBER.fullmatch(word):
            if word.isdigit() and len(word) <= 10 and (found := REFERENCE.match(self.data, at)):
                return Ref(int(word), int(found[1])), found.end()
            return int(word), at
        if REAL.fullmatch(word):
            return 0.0, at  # no real number matters here
        if word in KEYWORDS:
            return KEYWORDS[word], at
        raise LabelError(f"{word[:20].decode('latin-1')!r} is no value of a PDF")

    def _array(self, at: int, depth: int) -> tuple[list[Any], int]:
        items: list[Any] = []
        while True:
            at = _skipped(self.data, at)
            if self.data[at : at + 1] == b"]":
                return items, at + 1
            item, at = self.value(at, depth + 1)
            items.append(item)

    def _dictionary(self, at: int, depth: int) -> tuple[dict[str, Any], int]:
        items: dict[str, Any] = {}
        while True:
            start = at = _skipped(self.data, at)
            if self.data[at : at + 2] == b">>":
                return items, at + 2
            key, at = self.value(at, depth + 1)
            if not isinstance(key, Name):
                raise LabelError("a dictionary of the PDF has a key that is no name")
            value, at = self.value(_skipped(self.data, at), depth + 1)
            items[str(key)] = value
            if depth == 0:
                self.spans.setdefault(str(key), []).append((start, at))

    def _string(self, at: int) -> tuple[bytes, int]:
        start, open_ = at, 1
        while open_:
            found = IN_STRING.search(self.data, at)
            if not found:
                raise EndsError("the PDF ends within a string")
            at = found.end()
            if found[0] == b"\\":
                at += 1
            elif found[0] != b"\r":
                open_ += 1 if found[0] == b"(" else -1
        return ESCAPE.sub(_unescaped, self.data[start : at - 1]), at

    def _hexadecimal(self, at: int) -> tuple[bytes, int]:
        end = self.data.find(b">", at)
        if end < 0:
            raise EndsError("the PDF ends within a string")
        digits = self.data[at:end].translate(None, b"\0\t\n\f\r ")
        try:
            return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode()), end + 1
        except ValueError:
            raise LabelError("a string of the PDF has a sign that is no hexadecimal digit") from None


def _skipped(data: bytes, at: int) -> int:
    found = SKIP.match(data, at)
    return found.end() if found else at


def _name(raw: bytes) -> Name:
    return Name(HEX_CODE.sub(lambda found: bytes.fromhex(found[1].decode()), raw).decode("latin-1"))


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return ESCAPES[found[1]]
    if found[2]:
        return bytes((int(found[2], 8) & 0xFF,))
    return b"\n" if found[0].startswith(b"\r") else b""
