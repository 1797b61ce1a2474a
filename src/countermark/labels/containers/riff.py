"""RIFF, the frame of WebP, WAV and AVI: its chunks, its lists of texts, and the space that JUNK holds.

Source: Multimedia Programming Interface and Data Specifications 1.0 (RIFF); EBU Tech 3306 (RF64).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from countermark.labels import exif, grammar, xmp_copies
from countermark.labels.blocks import Blocks
from countermark.labels.defects import LabelError, TooLargeError, warning
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit

HEAD = 12
"""``RIFF``, its size and its form."""
MAX_CHUNKS = 1 << 18
"""Most chunks of a file or a list, which are all held in memory."""
UNKNOWN = 0xFFFFFFFF
"""A size that its writer did not know, or that stands elsewhere (RF64)."""
AIGC, XMP = b"AIGC", b"_PMX"
NOTED = {b"IART": "creator", b"ISFT": "tool", b"ICRD": "created"}
MAX_JUMBF_HEAD = 256
"""Where a JUMBF box says what it is."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk."""

    kind: bytes
    start: int
    """Of its four letters, in bytes of the file."""
    length: int
    """Of its data, without the byte that makes it even."""
    end: int
    """Where the next one begins."""
    form: bytes = b""
    """What a ``LIST`` is a list of."""
    open: bool = False
    """It runs to the end of the file, whatever its size says."""

    @property
    def at(self) -> int:
        """Where its data begins."""
        return self.start + 8


@dataclass(frozen=True, slots=True)
class Item:
    """One text of a ``LIST INFO``."""

    kind: bytes
    start: int
    """Of its four letters, in bytes of the file."""
    data: bytes

    @property
    def text(self) -> str:
        """The text, by the encoding that it seems to have."""
        return exif.decoded(self.data).strip("\0")

    @property
    def is_label(self) -> bool:
        """Whether it is meant to be a label."""
        return self.kind.upper() == AIGC or grammar.looks_like_one(self.text)


def body(
    source: Source, limits: Limits, sizes: Mapping[bytes, int] | None = None, end: int | None = None
) -> tuple[list[Chunk], int]:
    """The chunks of the file's first ``RIFF``, and where it ends: behind the last one, if its size says less.

    Args:
        source: the file.
        limits: bounds on what is walked over.
        sizes: of chunks whose own size is unknown.
        end: where it ends, if that stands elsewhere than in its head.

    Raises:
        LabelError: a chunk that is neither samples nor frames runs over the end of the file.
        TooLargeError: there are more than ``limits.elements``.
    """
    end = extent(source) if end is None else end
    found = list(_walk(source, (HEAD, end, source.size), limits, sizes or {}))
    return found, max(end, found[-1].end if found else end)


def chunks(source: Source, start: int, end: int, limits: Limits) -> Iterator[Chunk]:
    """The chunks from ``start`` to ``end``, such as those of a list.

    Raises:
        LabelError: one that is neither samples nor frames runs over ``end``.
        TooLargeError: there are more than ``limits.elements``.
    """
    return _walk(source, (start, end, end), limits, {})


def _walk(
    source: Source, span: tuple[int, int, int], limits: Limits, sizes: Mapping[bytes, int]
) -> Iterator[Chunk]:
    """Those that begin before the second place of ``span`` and end before its third."""
    at, stop, end = span
    most = min(limits.elements, MAX_CHUNKS)
    for _ in range(most):
        if at + 8 > stop:
            return
        head = source.peek(at, HEAD)
        if len(head) < 8:
            return
        kind, length = struct.unpack_from("<4sI", head)
        if length in (0, UNKNOWN):
            length = sizes.get(kind, length)
        form = head[8:HEAD] if kind == b"LIST" else b""
        over = at + 8 + length > end
        if over and kind != b"data" and form != b"movi":
            raise LabelError(f"the RIFF file ends within its {shown(kind)} chunk, at byte {at:,}")
        length = min(length, end - at - 8)
        yield Chunk(kind, at, length, min(at + 8 + length + (length & 1), end), form, over)
        at += 8 + length + (length & 1)
    raise TooLargeError(f"more than {most:,} chunks")


def extent(source: Source, size: int | None = None) -> int:
    """Where the file's first ``RIFF`` ends; with the file where its size is unknown or too large.

    Args:
        source: the file.
        size: what stands for the size in its head, where that is elsewhere.
    """
    if size is None:
        size = stated_size(source)
        if size in (0, UNKNOWN):
            return source.size
    return min(8 + size, source.size)


def stated_size(source: Source) -> int:
    """The size in the head, as it stands."""
    return int.from_bytes(source.read(4, 4), "little")


def resized(source: Source, changes: Sequence[Edit], end: int) -> list[Edit]:
    """The edits, and with them that of the size in the head, which ends at ``end``; an unknown one stays so.

    Raises:
        LabelError: the file would be longer than its head can say.
    """
    growth = sum(edit.growth for edit in changes)
    if not growth or stated_size(source) in (0, UNKNOWN):
        return list(changes)
    size = end + growth - 8
    if size >= UNKNOWN:
        raise LabelError(
            "the file would be longer than 4 GiB, which RIFF cannot say: convert it to RF64 first"
        )
    return [*changes, Edit(4, 4, struct.pack("<I", size))]


def appended(last: Chunk, chunk: bytes) -> Edit:
    """The chunk behind the last one, and behind the byte that makes that one even."""
    return Edit(last.end, 0, b"\0" * (last.end & 1) + chunk)


def cut(chunk: Chunk) -> Edit:
    """What leaves a chunk out."""
    return Edit(chunk.start, chunk.end - chunk.start, b"")


def replaced(chunk: Chunk, data: bytes) -> Edit:
    """The chunk with other data."""
    return Edit(chunk.start, chunk.end - chunk.start, pack(chunk.kind, data))


def pack(kind: bytes, data: bytes) -> bytes:
    """One chunk, made even."""
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)


def junk(length: int) -> bytes:
    """A ``JUNK`` chunk that takes ``length`` bytes, at least 8; none where that is 0."""
    return b"JUNK" + struct.pack("<I", length - 8) + bytes(length - 8) if length else b""


def info_list(items: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A ``LIST INFO`` of the items; nothing where there are none."""
    body = b"".join(pack(kind, data) for kind, data in items)
    return pack(b"LIST", b"INFO" + body) if body else b""


def info_items(source: Source, listing: Chunk, limits: Limits) -> list[Item]:
    """The texts of a ``LIST INFO``.

    Raises:
        LabelError: they do not fill it as they should.
        TooLargeError: it is longer than ``limits.metadata_bytes``.
    """
    if listing.length > limits.metadata_bytes:
        raise TooLargeError(
            f"a LIST INFO of {listing.length:,} bytes; the limit is {limits.metadata_bytes:,}"
        )
    found = chunks(source, listing.at + 4, listing.at + listing.length, limits)
    return [Item(c.kind, c.start, source.read(c.at, c.length)) for c in found]


def take_info(blocks: Blocks, source: Source, listing: Chunk, limits: Limits, *, normative: bool) -> None:
    """Read a ``LIST INFO``; one that is broken is a defect of the file."""
    try:
        items = info_items(source, listing, limits)
    except TooLargeError:
        raise
    except LabelError as trouble:
        blocks.defects.append(warning("info-broken", f"its LIST INFO is broken: {trouble}"))
        return
    for item in items:
        if item.is_label:
            named = normative and item.kind == AIGC
            blocks.take_text(item.text, f"LIST INFO {shown(item.kind)}", item.start, normative=named)
        elif item.kind in NOTED:
            blocks.note(**{NOTED[item.kind]: item.text.strip()})


def take_packet(blocks: Blocks, source: Source, chunk: Chunk, limits: Limits) -> None:
    """Read the XMP of a sound or a film, whose labels have another place."""
    before = len(blocks.labels)
    blocks.take_xmp(source.take(chunk.at, chunk.length, limits), "_PMX XMP", chunk.at)
    blocks.labels[before:] = [replace(label, normative=False) for label in blocks.labels[before:]]


def without_packet_label(source: Source, chunk: Chunk, limits: Limits) -> list[Edit]:
    """What takes a copy of the label out of that XMP, whose length stays.

    Raises:
        LabelError: it cannot be taken out.
    """
    packet = source.take(chunk.at, chunk.length, limits)
    new = xmp_copies.blanked(packet)
    return [Edit(chunk.at, chunk.length, new)] if new != packet else []


def is_manifest(source: Source, chunk: Chunk) -> bool:
    """Whether a chunk is a C2PA manifest store."""
    if chunk.kind != b"C2PA":
        return False
    head = source.peek(chunk.at, min(chunk.length, MAX_JUMBF_HEAD))
    return b"jumb" in head and b"c2pa" in head


def shown(kind: bytes) -> str:
    """The letters of a chunk, for a message."""
    return kind.decode().rstrip() if kind.isascii() and kind.strip().isalnum() else ascii(kind)[2:-1]
