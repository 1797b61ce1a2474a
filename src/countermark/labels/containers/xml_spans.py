"""The elements of a small XML document with the bytes that they stand on, so that text can be spliced.

No tree of objects is built on behalf of a document type: one with an internal subset, which could
declare entities, is refused.

Source: XML 1.0; Namespaces in XML 1.0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from xml.parsers import expat

from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.source import Limits

TAG = re.compile(rb"""(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


@dataclass(slots=True)
class Element:
    """One element."""

    name: str
    """``namespace local``, or the local name alone where it has no namespace."""
    attributes: dict[str, str]
    start: int
    """Of its start tag, in bytes of the document."""
    inner: int
    """Behind its start tag."""
    place: int
    """In the list of all."""
    parent: int
    """The place of the element around it; -1 for the root."""
    outer: int = -1
    """Where its end tag begins; for an empty element the same as ``inner``."""
    end: int = -1
    texts: list[str] = field(default_factory=list)

    @property
    def local(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition(" ")[2]

    @property
    def text(self) -> str:
        """What stands directly in it."""
        return "".join(self.texts)

    @property
    def is_empty(self) -> bool:
        """Whether it is written as one tag, ``<a/>``."""
        return 0 <= self.outer == self.end

    def prefix(self, data: bytes) -> bytes:
        """The prefix that its tag has, with the colon; empty where it has none."""
        tag = data[self.start + 1 : self.inner].split(None, 1)[0].rstrip(b"/>")
        head, colon, _ = tag.rpartition(b":")
        return head + colon


def elements(data: bytes, what: str, limits: Limits) -> list[Element]:
    """All elements in the order of their start tags.

    Args:
        data: the document.
        what: how a message calls it.
        limits: how many there may be, and how deep.

    Raises:
        LabelError: it is no XML, or declares entities.
        TooLargeError: a limit was reached.
    """
    reader = _Reader(data, what, limits)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.finish
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.doctype
    reader.parser = parser
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat takes it by position only
    except (expat.ExpatError, ValueError, LookupError) as trouble:
        raise LabelError(f"{what} is no sound XML: {trouble}") from None
    return reader.found


def first_child(found: Sequence[Element], of: Element) -> Element | None:
    """The first element in ``of``."""
    following = found[of.place + 1] if of.place + 1 < len(found) else None
    return following if following is not None and following.parent == of.place else None


def appended(data: bytes, parent: Element, new: bytes) -> tuple[int, int, bytes]:
    """The splice that puts ``new`` behind the last child of ``parent``."""
    if not parent.is_empty:
        return parent.outer, parent.outer, new
    tag = data[parent.start + 1 : parent.inner].split(None, 1)[0].rstrip(b"/>")
    slash = data.rindex(b"/", parent.start, parent.end)
    return slash, parent.end, b">" + new + b"</" + tag + b">"


def spliced(data: bytes, splices: Sequence[tuple[int, int, bytes]], what: str) -> bytes:
    """The document with the bytes from start to end of each splice replaced.

    Raises:
        LabelError: the document is in UTF-16, into which ASCII cannot be spliced.
    """
    if data.startswith(UTF_16):
        raise LabelError(f"{what} is in UTF-16, which is not rewritten")
    out, at = [], 0
    for start, end, new in sorted(splices):
        out += [data[at:start], new]
        at = end
    return b"".join([*out, data[at:]])


def quoted(text: str) -> bytes:
    """``text`` for an attribute in double quotes, in ASCII: right in any encoding that contains it."""
    return escape(text, quote=False).replace('"', "&quot;").encode("ascii", "xmlcharrefreplace")


def escaped(text: str) -> bytes:
    """``text`` for an element, in ASCII."""
    return escape(text, quote=False).encode("ascii", "xmlcharrefreplace")


class _Reader:
    """Follows the events of one document."""

    parser: expat.XMLParserType

    def __init__(self, data: bytes, what: str, limits: Limits) -> None:
        self.found: list[Element] = []
        self._data, self._what, self._limits = data, what, limits
        self._open: list[int] = []

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.found) >= self._limits.elements or len(self._open) >= self._limits.depth:
            raise TooLargeError(
                f"{self._what} has more than {self._limits.elements:,} elements, "
                f"or they are nested deeper than {self._limits.depth}"
            )
        at = self.parser.CurrentByteIndex
        parent = self._open[-1] if self._open else -1
        place = len(self.found)
        self._open.append(place)
        self.found.append(Element(name, attributes, at, tag_end(self._data, at), place, parent))

    def finish(self, _: str) -> None:
        element = self.found[self._open.pop()]
        if self._data[element.inner - 2 : element.inner] == b"/>":
            element.outer = element.end = element.inner
            return
        element.outer = self.parser.CurrentByteIndex
        element.end = self._data.find(b">", element.outer) + 1

    def text(self, data: str) -> None:
        if self._open:
            self.found[self._open[-1]].texts.append(data)

    def doctype(self, _name: str, _system: str | None, _public: str | None, internal: int) -> None:
        if internal:
            raise LabelError(
                f"{self._what} has a document type with declarations of its own, which is refused"
            )


def tag_end(data: bytes, start: int) -> int:
    """Where the start tag that begins at ``start`` ends."""
    found = TAG.match(data, start)
    return found.end() if found else len(data)
