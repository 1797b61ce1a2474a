"""Numbers in ISO base media files that are places of the file: what they become when bytes move.

Corrected are the tables of chunks (stco, co64), of auxiliary data (saio), of items (iloc), the bases of
fragments (tfhd), and the indexes of fragments (sidx, tfra). Numbers that count from a fragment's own
start move with it.

Source: ISO/IEC 14496-12 clauses 8.7.5, 8.7.9, 8.8.7, 8.8.10, 8.11.3, 8.16.3.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from countermark.labels.containers import item_locations
from countermark.labels.containers.boxes import Box, Shift, Walker, shown
from countermark.labels.defects import LabelError
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit

TABLE = (b"mdia", b"minf", b"stbl")
SELF_CONTAINED = 1
BASE_DATA_OFFSET, AUX_INFO = 0x01, 0x01
"""Flags of tfhd and of saio."""
LARGEST = {4: (1 << 32) - 1, 8: (1 << 64) - 1}


@dataclass(frozen=True, slots=True)
class Rewritten:
    """An item of the file's own table whose bytes stand elsewhere now; tables of tracks may share it."""

    old: tuple[int, int]
    """Place and length in the old file."""
    new: tuple[int, int]
    """Place and length in the new file."""


def corrections(
    source: Source, limits: Limits, shift: Shift, *, items: bool = True, rewritten: Rewritten | None = None
) -> Iterator[Edit]:
    """The edits that let every table of places say where things stand after ``shift``.

    Args:
        source: the file as it is.
        limits: bounds on what is walked over.
        shift: what moves.
        items: whether the table of items of the file's own meta box is corrected too.
        rewritten: an item that does not only move.

    Raises:
        LabelError: a table is broken, a place does not fit its width, or samples lie in another file.
        TooLargeError: more boxes than ``limits.elements``.
    """
    yield from _Corrections(Walker(source, limits), shift, items, rewritten).edits()


def meta_content(walker: Walker, box: Box) -> Iterator[Box]:
    """The boxes in a meta box, which has version and flags in ISO files, and none in QuickTime's."""
    plain = walker.source.peek(box.body + 4, 4) == b"hdlr" and box.length >= 16
    return walker.children(box, 0 if plain or box.body == box.end else 4)


@dataclass(frozen=True, slots=True)
class _Corrections:
    """What goes through the boxes of a file."""

    walker: Walker
    shift: Shift
    items: bool
    rewritten: Rewritten | None

    def edits(self) -> Iterator[Edit]:
        for box in self.walker.top():
            if box.kind == b"moov":
                yield from self._movie(box)
            elif box.kind == b"moof":
                yield from self._fragment(box)
            elif box.kind == b"mfra":
                yield from self._random_access(box)
            elif box.kind == b"sidx":
                yield from _segment_index(self.walker.source, box, self.shift)
            elif box.kind == b"meta" and self.items:
                yield from self._items(box)

    def _movie(self, moov: Box) -> Iterator[Edit]:
        for box in self.walker.children(moov):
            if box.kind == b"trak":
                yield from self._track(box)
            elif box.kind == b"meta":
                yield from self._items(box)
            elif box.kind == b"udta":
                for child in self.walker.children(box):
                    if child.kind == b"meta":
                        yield from self._items(child)

    def _track(self, track: Box) -> Iterator[Edit]:
        for child in self.walker.children(track):
            if child.kind == b"meta":
                yield from self._items(child)
        at: Box | None = track
        for kind in TABLE:
            if kind == b"stbl" and at and not _self_contained(self.walker, at):
                raise LabelError(
                    "a track keeps its samples in another file, so that its offsets cannot be corrected"
                )
            at = self.walker.first(at, kind) if at else None
        for box in self.walker.children(at) if at else ():
            if box.kind == b"stco":
                yield from self._table(box, 4, 4)
            elif box.kind == b"co64":
                yield from self._table(box, 4, 8)
            elif box.kind == b"saio":
                head = self.walker.source.read(box.body, 4)
                yield from self._table(box, 12 if head[3] & AUX_INFO else 4, 8 if head[0] else 4)

    def _table(self, box: Box, skip: int, width: int) -> Iterator[Edit]:
        """A count, ``skip`` bytes into the box, and as many places of ``width`` bytes."""
        data = self.walker.content(box)
        if len(data) < skip + 4:
            raise LabelError(f"the box {shown(box.kind)} at byte {box.start:,} is too short")
        (count,) = struct.unpack_from(">I", data, skip)
        start, end = skip + 4, skip + 4 + count * width
        if end > len(data):
            raise LabelError(f"the box {shown(box.kind)} at byte {box.start:,} is shorter than it says")
        moved = _moved(data[start:end], width, self.shift)
        if moved is not None:
            yield Edit(box.body + start, end - start, moved)

    def _fragment(self, moof: Box) -> Iterator[Edit]:
        source = self.walker.source
        for traf in self.walker.children(moof):
            header = self.walker.first(traf, b"tfhd") if traf.kind == b"traf" else None
            if header and int.from_bytes(source.read(header.body, 4), "big") & BASE_DATA_OFFSET:
                old = int.from_bytes(source.read(header.body + 8, 8), "big")
                if (new := self.shift(old)) != old:
                    yield Edit(header.body + 8, 8, _fitting(new, 8, "tfhd"))

    def _random_access(self, mfra: Box) -> Iterator[Edit]:
        for box in self.walker.children(mfra):
            if box.kind == b"tfra":
                data = bytearray(self.walker.content(box))
                if _entries(data, self.shift):
                    yield Edit(box.body, len(data), bytes(data))

    def _items(self, meta: Box) -> Iterator[Edit]:
        for box in meta_content(self.walker, meta):
            if box.kind == b"iloc":
                table = item_locations.parse(self.walker.content(box), self.walker.limits)
                moved = table.moved(self.shift)
                if self.rewritten:
                    for item in table.at(*self.rewritten.old):
                        moved = moved.put(item, *self.rewritten.new)
                old, new = table.serialised(), moved.serialised()
                if new != old:
                    yield Edit(box.body, len(old), new)


def _self_contained(walker: Walker, minf: Box) -> bool:
    information = walker.first(minf, b"dinf")
    references = walker.first(information, b"dref") if information else None
    if references is None:
        return True
    entries = walker.children(references, 8)
    return all(walker.source.read(entry.body, 4)[3] & SELF_CONTAINED for entry in entries)


def _moved(data: bytes, width: int, shift: Shift) -> bytes | None:
    """The places of a table after ``shift``; None where they stay."""
    places = array("I" if width == 4 else "Q", data)
    if not places:
        return None
    if sys.byteorder == "little":
        places.byteswap()
    common = shift.common(min(places), max(places))
    if common == 0:
        return None
    new = [place + common for place in places] if common is not None else [shift(place) for place in places]
    if max(new) > LARGEST[width]:
        raise LabelError(
            "the file is so long that its offsets of 32 bits cannot point behind a longer header; "
            "move the header to the end first (`ffmpeg -c copy` without `faststart`)"
        )
    moved = array(places.typecode, new)
    if sys.byteorder == "little":
        moved.byteswap()
    return moved.tobytes()


def _entries(data: bytearray, shift: Shift) -> bool:
    """Correct the entries of a tfra box; whether any changed."""
    if len(data) < 16:
        raise LabelError("the box tfra is too short")
    width = 8 if data[0] else 4
    widths, count = struct.unpack_from(">II", data, 8)
    size = 2 * width + 3 + sum(widths >> place & 3 for place in (0, 2, 4))
    if 16 + count * size > len(data):
        raise LabelError("the box tfra is shorter than it says")
    changed = False
    for at in range(16 + width, 16 + count * size, size):
        old = int.from_bytes(data[at : at + width], "big")
        new = shift(old)
        data[at : at + width] = _fitting(new, width, "tfra")
        changed |= new != old
    return changed


def _segment_index(source: Source, box: Box, shift: Shift) -> Iterator[Edit]:
    """A sidx counts from its own end; only what is put in between changes that."""
    head = source.read(box.body, 4)
    width = 8 if head[0] else 4
    at = box.body + 12 + width
    first = int.from_bytes(source.read(at, width), "big")
    new = shift(box.end + first) - shift(box.end)
    if new != first:
        yield Edit(at, width, _fitting(new, width, "sidx"))


def _fitting(place: int, width: int, where: str) -> bytes:
    if not 0 <= place <= LARGEST[width]:
        raise LabelError(f"the box {where} has no room for the offset {place:,}")
    return place.to_bytes(width, "big")
