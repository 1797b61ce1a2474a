"""EBML, the binary tree of Matroska: elements where they lie in a file, and small trees taken in whole.

Source: RFC 8794 (EBML): variable-size integers section 4, elements section 6, CRC-32 and Void section 11.3.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.source import Limits, Source

CRC32, VOID = 0xBF, 0xEC
MAX_HEADER = 12
"""Most bytes of an identifier and a size."""
MAX_DEPTH, MAX_NODES = 8, 1 << 16
"""Of what is taken in whole."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element in a file, without its content."""

    id: int
    """With its marker, as documents write it: ``0x1A45DFA3``."""
    start: int
    """In bytes of the file."""
    at: int
    """Where its content begins."""
    size: int | None
    """Of its content; none where its writer did not know."""

    @property
    def end(self) -> int:
        """Where the next one begins.

        Raises:
            LabelError: its size is unknown.
        """
        if self.size is None:
            raise LabelError(
                f"the size of the element at byte {self.start:,} is unknown, where it should not be"
            )
        return self.at + self.size


@dataclass(frozen=True, slots=True)
class Node:
    """One element with its content."""

    id: int
    raw: bytes
    """Header and content."""
    at: int
    """How long the header is."""
    nodes: tuple[Node, ...] = ()
    """What it holds, where it is one of those that were to be opened."""

    def first(self, wanted: int) -> Node | None:
        """The first of that kind in it."""
        return next((node for node in self.nodes if node.id == wanted), None)

    def all(self, wanted: int) -> list[Node]:
        """All of that kind in it."""
        return [node for node in self.nodes if node.id == wanted]

    @property
    def data(self) -> bytes:
        """Its content."""
        return self.raw[self.at :]

    @property
    def number(self) -> int:
        """Its content as an unsigned integer."""
        return int.from_bytes(self.data, "big")

    @property
    def text(self) -> str:
        """Its content as text, which ends with the first zero byte."""
        return self.data.partition(b"\0")[0].decode("utf-8", "replace")

    def holding(self, nodes: Iterable[Node]) -> Node:
        """The same element with other content; its checksum is made anew where it has one."""
        return master(self.id, nodes)


def element(source: Source, at: int) -> Element:
    """The element that begins at byte ``at``.

    Raises:
        LabelError: none can be read there.
    """
    found = header(source.peek(at, MAX_HEADER))
    if found is None:
        raise LabelError(f"no element of EBML can be read at byte {at:,}")
    kind, length, size = found
    return Element(kind, at, at + length, size)


def header(data: bytes, at: int = 0) -> tuple[int, int, int | None] | None:
    """Identifier, length of the header and size at ``at``; nothing where none can be read."""
    width = _width(data, at)
    if not 1 <= width <= 4 or at + width >= len(data):
        return None
    kind = int.from_bytes(data[at : at + width], "big")
    wide = _width(data, at + width)
    if not 1 <= wide <= 8 or at + width + wide > len(data):
        return None
    ones = (1 << 7 * wide) - 1
    size = int.from_bytes(data[at + width : at + width + wide], "big") & ones
    return kind, width + wide, None if size == ones else size


def children(data: bytes, masters: frozenset[int], limits: Limits) -> tuple[Node, ...]:
    """The elements of ``data``; those whose identifiers are in ``masters`` are opened.

    Raises:
        LabelError: they do not fill it exactly, or are nested too deep.
        TooLargeError: there are more than ``MAX_NODES``.
    """
    budget = iter(range(min(limits.elements, MAX_NODES)))
    return tuple(_children(data, masters, budget, min(limits.depth, MAX_DEPTH)))


def _children(data: bytes, masters: frozenset[int], budget: Iterator[int], depth: int) -> Iterator[Node]:
    if not depth:
        raise LabelError(f"elements are nested deeper than {MAX_DEPTH}")
    at = 0
    while at < len(data):
        found = header(data, at)
        if found is None or found[2] is None or at + found[1] + found[2] > len(data):
            raise LabelError("an element does not fit into the one that holds it")
        kind, length, end = found[0], found[1], at + found[1] + found[2]
        if next(budget, None) is None:
            raise TooLargeError(f"more than {MAX_NODES:,} elements inside one")
        raw = data[at:end]
        inner = tuple(_children(raw[length:], masters, budget, depth - 1)) if kind in masters else ()
        yield Node(kind, raw, length, inner)
        at = end


def size_bytes(size: int, width: int = 0) -> bytes:
    """A size in ``width`` bytes, or as few as do.

    Raises:
        LabelError: it does not fit.
    """
    width = width or next((w for w in range(1, 9) if size < (1 << 7 * w) - 1), 9)
    if width > 8 or size >= (1 << 7 * width) - 1:
        raise LabelError(f"a size of {size:,} bytes does not fit into its field")
    return (size | 1 << 7 * width).to_bytes(width, "big")


def leaf(kind: int, data: bytes, width: int = 0) -> Node:
    """An element with this content, its size in ``width`` bytes."""
    head = _identifier(kind) + size_bytes(len(data), width)
    return Node(kind, head + data, len(head))


def integer(kind: int, value: int) -> Node:
    """An element that holds an unsigned integer, in as few bytes as do."""
    return leaf(kind, value.to_bytes(max((value.bit_length() + 7) // 8, 1), "big"))


def master(kind: int, nodes: Iterable[Node]) -> Node:
    """An element that holds others. Where the first is a checksum, it is made anew over the rest."""
    held = tuple(nodes)
    if held and held[0].id == CRC32:
        rest = b"".join(node.raw for node in held[1:])
        held = (leaf(CRC32, zlib.crc32(rest).to_bytes(4, "little")), *held[1:])
    made = leaf(kind, b"".join(node.raw for node in held))
    return Node(kind, made.raw, made.at, held)


def void(length: int) -> bytes:
    """An element without meaning that takes ``length`` bytes, at least 2; none where that is 0."""
    if not length:
        return b""
    width = next(w for w in range(1, 9) if length - 1 - w < (1 << 7 * w) - 1)
    return bytes([VOID]) + size_bytes(length - 1 - width, width) + bytes(length - 1 - width)


def fitted(node: Node, length: int) -> bytes | None:
    """The element, and a void behind it, in exactly ``length`` bytes; nothing where that cannot be."""
    spare = length - len(node.raw)
    if spare == 1:  # no void is so short: the size gets a byte more
        wide = node.at - len(_identifier(node.id)) + 1
        return leaf(node.id, node.data, wide).raw if wide <= 8 else None
    return node.raw + void(spare) if spare >= 0 else None


def _identifier(kind: int) -> bytes:
    return kind.to_bytes((kind.bit_length() + 7) // 8, "big")


def _width(data: bytes, at: int) -> int:
    """How many bytes the integer at ``at`` has, by its marker; 9 where none can be read."""
    return 9 - data[at].bit_length() if at < len(data) else 9
