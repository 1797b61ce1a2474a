"""AVI: the label in ``LIST INFO``, chunk ``AIGC``; copies in ``_PMX`` (XMP); C2PA in ``C2PA``.

The label takes its place, in this order: from an empty ``JUNK`` before the frames, which writers leave there
for tags; behind the index, where FFmpeg and MediaInfo look as well. In a file of several RIFFs (OpenDML) they
do not look behind the frames, so that there it is put before them, and the offsets of the indices are raised.

Source: AVI RIFF File Reference; OpenDML AVI File Format Extensions 1.02; TC260-PG-20257A for the place, as
reported. Where the tools look was measured.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from countermark.labels.blocks import Blocks
from countermark.labels.containers import riff
from countermark.labels.containers.riff import Chunk, Item
from countermark.labels.defects import LabelError, TooLargeError, warning
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

MAX_RIFFS = 4096
"""Most ``RIFF`` of one file; each holds about a gigabyte."""
OF_CHUNKS = 1
"""What an index says of itself that leads to frames, not to other indices."""
MAX_INDICES = 1 << 14
"""Most parts of the indices of one file; each RIFF has one for each stream."""
MAX_JUNK = 1 << 20
"""Longest ``JUNK`` that is looked through for what cameras hide there."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The chunks of the file: of its first RIFF, and of those behind it."""

    chunks: list[Chunk]
    more: list[Chunk]
    end: int
    """Where the first RIFF ends."""
    frames: Chunk | None
    """The list of the frames."""

    def is_front(self, chunk: Chunk) -> bool:
        """Whether a chunk stands before the frames."""
        return chunk.end <= (self.frames.start if self.frames else self.end)

    @property
    def last(self) -> Chunk:
        """What a new chunk goes behind: the index of the frames, since FFmpeg reads no further."""
        indices = (c for c in self.chunks if c.kind == b"idx1" and not self.is_front(c))
        return next(indices, self.chunks[-1])


@dataclass(frozen=True, slots=True)
class Region:
    """A ``LIST INFO``, an empty ``JUNK``, or both of them side by side."""

    start: int
    end: int
    front: bool
    """It stands before the frames, and keeps its length."""
    items: list[Item] = field(default_factory=list)

    @property
    def is_labelled(self) -> bool:
        """Whether the label stands in it."""
        return any(item.is_label for item in self.items)

    def listing(self, label: bytes | None) -> bytes:
        """Its list, with this label as the only one."""
        kept = [(item.kind, item.data) for item in self.items if not item.is_label]
        return riff.info_list([*kept, (riff.AIGC, label)] if label is not None else kept)

    def fits(self, label: bytes) -> bool:
        """Whether the label fits without another length."""
        spare = self.end - self.start - len(self.listing(label))
        return spare == 0 or spare >= 8

    def edit(self, label: bytes | None, *, same_length: bool) -> Edit:
        """What gives it the label, or takes it out."""
        new, held = self.listing(label), self.end - self.start
        return Edit(self.start, held, new + riff.junk(held - len(new)) if same_length else new)


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the chunks around the frames, in every RIFF of the file.

    Raises:
        LabelError: a chunk is broken.
        TooLargeError: one is longer than ``limits.metadata_bytes``.
    """
    blocks = Blocks()
    layout = _layout(source, limits)
    for chunk in [*layout.chunks, *layout.more]:
        if chunk.form == b"INFO":
            riff.take_info(blocks, source, chunk, limits, normative=True)
        elif chunk.form == b"hdrl":
            for inner in _lists_inside(source, chunk, limits):
                riff.take_info(blocks, source, inner, limits, normative=False)
        elif chunk.kind == riff.XMP:
            riff.take_packet(blocks, source, chunk, limits)
        elif chunk.open:
            blocks.defects.append(warning("open-ended", "its frames run over the end of the file"))
        blocks.c2pa |= riff.is_manifest(source, chunk)
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the file ``fields`` as its one label, in ``LIST INFO``.

    Raises:
        LabelError: the file has no space before its frames, and ends within them or has a broken index.
    """
    layout = _layout(source, limits)
    label = fields.bare().encode() + b"\0"
    regions = list(_regions(source, layout, limits))
    target = _target(regions, label, front=bool(layout.more))
    changes = list(_without_copies(source, layout, limits))
    changes += [r.edit(None, same_length=True) for r in regions if r.is_labelled and r is not target]
    if target:
        changes.append(target.edit(label, same_length=target.front))
    else:
        changes += _placed(source, layout, riff.info_list([(riff.AIGC, label)]), room, limits)
    return riff.resized(source, changes, layout.end)


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the file is without its label; before the frames, ``JUNK`` of zeros has its space again."""
    layout = _layout(source, limits)
    for region in _regions(source, layout, limits):
        if region.is_labelled:
            return riff.resized(source, [region.edit(None, same_length=region.front)], layout.end)
    return []


def _layout(source: Source, limits: Limits) -> Layout:
    found, end = riff.body(source, limits)
    at = end
    if not any(chunk.form == b"hdrl" for chunk in found):
        raise LabelError("the AVI has no hdrl")
    more: list[Chunk] = []
    for _ in range(MAX_RIFFS):
        head = source.peek(at, riff.HEAD)
        if head[:4] != b"RIFF" or len(head) < riff.HEAD:
            return Layout(found, more, end, next((c for c in found if c.form == b"movi"), None))
        behind = min(at + 8 + int.from_bytes(head[4:8], "little"), source.size)
        more += riff.chunks(source, at + riff.HEAD, behind, limits)
        at = max(behind, at + riff.HEAD)
    raise TooLargeError(f"more than {MAX_RIFFS:,} RIFFs in one AVI")


def _lists_inside(source: Source, headers: Chunk, limits: Limits) -> list[Chunk]:
    found = riff.chunks(source, headers.at + 4, headers.at + headers.length, limits)
    return [chunk for chunk in found if chunk.form == b"INFO"]


def _items(source: Source, listing: Chunk, limits: Limits) -> list[Item] | None:
    """The texts of a list; None where it is broken, so that no label was read from it."""
    try:
        return riff.info_items(source, listing, limits)
    except TooLargeError:
        raise
    except LabelError:
        return None


def _regions(source: Source, layout: Layout, limits: Limits) -> Iterator[Region]:
    """Where a label stands or may stand, in the order of the file."""
    last: Region | None = None
    for chunk in [*layout.chunks, *layout.more]:
        front = layout.is_front(chunk)
        if front and _is_empty_junk(source, chunk):
            beside = last if last and last.end == chunk.start else None
            start, items = (beside.start, beside.items) if beside else (chunk.start, [])
            last = Region(start, chunk.end, front, items)
            continue
        if last:
            yield last
            last = None
        items_of = _items(source, chunk, limits) if chunk.form == b"INFO" else None
        if items_of is not None:
            last = Region(chunk.start, chunk.end, front, items_of)
    if last:
        yield last


def _is_empty_junk(source: Source, chunk: Chunk) -> bool:
    """Whether nothing stands in a ``JUNK``: cameras put notes of theirs into some."""
    if chunk.kind != b"JUNK" or chunk.length > MAX_JUNK:
        return False
    return not source.peek(chunk.at, chunk.length).strip(b"\0")


def _target(regions: list[Region], label: bytes, *, front: bool) -> Region | None:
    """Where the label goes: where it stands, else into space; only ``front`` of the frames, or behind too."""
    spaces = [r for r in regions if r.front and r.fits(label)]
    lists = [r for r in regions if not r.front and not front]
    labelled = [r for r in [*spaces, *lists] if r.is_labelled]
    spaces.sort(key=lambda region: not region.items)
    return next(iter([*labelled, *spaces, *lists]), None)


def _placed(source: Source, layout: Layout, listing: bytes, room: Room, limits: Limits) -> list[Edit]:
    """A new list behind the frames; before them, where others follow."""
    frames = layout.frames
    if frames is None or frames.open:
        raise LabelError("the AVI ends within its frames: nothing can stand behind them, repair it first")
    if not layout.more:
        return [riff.appended(layout.last, listing)]
    size = room.size(len(listing) + 8)
    new = listing + riff.junk(size + (size & 1) - len(listing))
    _check_index(source, layout, frames)
    changes, last = [Edit(frames.start, 0, new)], 0
    for at in sorted(set(_offsets(source, layout, frames, limits))):
        offset = int.from_bytes(source.read(at, 8), "little")
        if at < last or offset >= 1 << 63:
            raise LabelError(f"an index of the AVI is broken at byte {at:,}")
        last = at + 8
        changes.append(Edit(at, 8, struct.pack("<Q", offset + len(new))))
    return changes


def _check_index(source: Source, layout: Layout, frames: Chunk) -> None:
    """The index of the first RIFF counts from its frames, as it should, not from the start of the file."""
    index = layout.last
    if index.kind == b"idx1" and index.length >= 16:
        name, offset = struct.unpack("<4s4xI", source.read(index.at, 12))
        if source.peek(frames.at + offset, 4) != name:
            raise LabelError(
                "the index of the AVI does not count from its frames, and has no JUNK for a label"
            )


def _offsets(source: Source, layout: Layout, frames: Chunk, limits: Limits) -> Iterator[int]:
    """Where the offsets of the OpenDML indices stand that count from the start of the file.

    Source: OpenDML AVI File Format Extensions 1.02, chunks ``indx`` and ``ix##``.
    """
    left = MAX_INDICES
    for index in _indices(source, layout, limits):
        kind, number = struct.unpack("<3xBI", source.read(index.at, 8))
        if kind == OF_CHUNKS:
            yield index.at + 12
            continue
        left -= number
        if left < 0 or 24 + 16 * number > index.length:
            raise LabelError(f"an index of the AVI is broken at byte {index.start:,}")
        for at in range(index.at + 24, index.at + 24 + 16 * number, 16):
            part = int.from_bytes(source.read(at, 8), "little")
            if part < frames.start or source.peek(part, 2) != b"ix":
                raise LabelError(f"an index of the AVI leads nowhere, at byte {at:,}")
            yield from (at, part + 8 + 12)


def _indices(source: Source, layout: Layout, limits: Limits) -> Iterator[Chunk]:
    """The index of each stream."""
    for headers in layout.chunks:
        if headers.form == b"hdrl":
            for stream in riff.chunks(source, headers.at + 4, headers.at + headers.length, limits):
                if stream.form == b"strl":
                    inner = riff.chunks(source, stream.at + 4, stream.at + stream.length, limits)
                    yield from (chunk for chunk in inner if chunk.kind == b"indx")


def _without_copies(source: Source, layout: Layout, limits: Limits) -> Iterator[Edit]:
    """What takes the copies of a label out of places that are none; every chunk keeps its length."""
    for chunk in [*layout.chunks, *layout.more]:
        if chunk.kind == riff.XMP:
            yield from riff.without_packet_label(source, chunk, limits)
        elif chunk.form == b"hdrl":
            for listing in _lists_inside(source, chunk, limits):
                for item in _items(source, listing, limits) or ():
                    if item.is_label:
                        size = 8 + len(item.data)
                        yield Edit(item.start, size, riff.junk(size))
