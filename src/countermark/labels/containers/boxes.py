"""ISO base media files are boxes within boxes: walk over them, and change what is in them.

A change inside a box changes the sizes of those around it, and moves what stands behind. :class:`Revision`
sees to the sizes, :class:`Shift` says where a byte of the old file stands in the new one.

Source: ISO/IEC 14496-12 clause 4; QuickTime File Format for boxes without version and flags.
"""

from __future__ import annotations

import os
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.source import READ_AHEAD, Limits, Source
from countermark.labels.splicing import Edit

FREE = frozenset({b"free", b"skip"})
UUID_BYTES = 16
LARGEST_HEAD = 16
"""Size, kind, and the size in 64 bits that some have."""
MAX_JOINED = 1 << 20
"""Most bytes that are taken into one edit, so that a change is one stretch."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box."""

    kind: bytes
    start: int
    body: int
    """Where its content begins."""
    end: int
    """Where the next one begins."""

    @property
    def length(self) -> int:
        """With its header."""
        return self.end - self.start


Path = tuple[Box, ...]
"""A box and those around it, outermost first."""


class Walker:
    """Walks over boxes, and over no more of them in all than the limits allow."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source = source
        self.limits = limits
        self._left = limits.elements

    def top(self) -> Iterator[Box]:
        """The boxes of the file itself.

        Raises:
            LabelError: a box is broken, or reaches behind the end of the file.
            TooLargeError: more boxes than ``limits.elements``.
        """
        return self.inside(0, self.source.size, whole=True)

    def children(self, box: Box, skip: int = 0) -> Iterator[Box]:
        """The boxes in a box, behind ``skip`` bytes of its own.

        Raises:
            LabelError: it is shorter than that, or a box in it is broken.
            TooLargeError: more boxes than ``limits.elements``.
        """
        if box.body + skip > box.end:
            raise LabelError(f"the box {shown(box.kind)} at byte {box.start:,} is too short")
        return self.inside(box.body + skip, box.end)

    def inside(self, start: int, end: int, *, whole: bool = False) -> Iterator[Box]:
        """The boxes between two places. What is no box behind the last one is passed over."""
        while start + 8 <= end:
            box = self._at(start, end, whole=whole)
            if box is None:
                return
            self._left -= 1
            if self._left < 0:
                raise TooLargeError(f"more than {self.limits.elements:,} boxes")
            yield box
            start = box.end

    def first(self, box: Box, kind: bytes) -> Box | None:
        """The first box of a kind in another one."""
        return next((child for child in self.children(box) if child.kind == kind), None)

    def end_of_children(self, box: Box, skip: int = 0) -> int:
        """Where a further box belongs: behind the last one, which zeros may follow."""
        return max((child.end for child in self.children(box, skip)), default=box.body + skip)

    def content(self, box: Box, skip: int = 0) -> bytes:
        """What a box holds, behind ``skip`` bytes.

        Raises:
            LabelError: it is shorter than that.
            TooLargeError: it is longer than ``limits.metadata_bytes``.
        """
        if box.body + skip > box.end:
            raise LabelError(f"the box {shown(box.kind)} at byte {box.start:,} is too short")
        return self.source.take(box.body + skip, box.end - box.body - skip, self.limits)

    def _at(self, start: int, end: int, *, whole: bool) -> Box | None:
        head = self._head(start)
        size, kind = struct.unpack(">I4s", head[:8])
        body = start + 8
        if size == 1 and len(head) == LARGEST_HEAD:
            (size,) = struct.unpack(">Q", head[8:])
            body += 8
        elif size == 0:
            if not whole:
                return None  # QuickTime ends a list with four zero bytes
            size = end - start
        if size < body - start:
            raise LabelError(f"the box {shown(kind)} at byte {start:,} says that it has {size:,} bytes")
        if start + size > end:
            raise LabelError(
                f"the box {shown(kind)} at byte {start:,} reaches behind the end of what holds it"
            )
        return Box(kind, start, body, start + size)

    def _head(self, start: int) -> bytes:
        """At least 8 bytes; far into a file only these, as what stands behind is seldom wanted."""
        fd = self.source.fileno()
        if fd is None or self.source.holds(start, LARGEST_HEAD) or not hasattr(os, "pread"):
            head = self.source.peek(start, LARGEST_HEAD)
        else:
            head = os.pread(fd, LARGEST_HEAD, start)
            if head[4:8] == b"moov":
                size = int.from_bytes(head[:4], "big")
                self.source.peek(start, min(max(size, LARGEST_HEAD), READ_AHEAD - 1))  # in one call
        if len(head) < 8:
            raise LabelError(f"ends within a box, at byte {start:,}")
        return head


class Revision:
    """Edits inside boxes, and what follows from them for the sizes of the boxes around."""

    def __init__(self) -> None:
        self._edits: list[Edit] = []
        self._growth: dict[Box, int] = {}
        self.growth = 0
        """Of the whole file, in bytes."""

    def put(self, path: Path, offset: int, length: int, new: bytes) -> None:
        """``length`` bytes at ``offset``, in the innermost box of ``path``, give way to ``new``."""
        edit = Edit(offset, length, new)
        self._edits.append(edit)
        self.growth += edit.growth
        for box in path:
            self._growth[box] = self._growth.get(box, 0) + edit.growth

    def remove(self, path: Path) -> None:
        """Take the innermost box out."""
        *around, box = path
        self.put(tuple(around), box.start, box.length, b"")

    def growth_of(self, box: Box) -> int:
        """By how much one box grows."""
        return self._growth.get(box, 0)

    def edits(self, source: Source) -> list[Edit]:
        """All of them, in order, with those of the sizes.

        Raises:
            LabelError: a box becomes larger than its header can say.
        """
        sizes = [_resized(source, box, growth) for box, growth in self._growth.items() if growth]
        return sorted([*self._edits, *filter(None, sizes)], key=lambda edit: (edit.offset, edit.length > 0))


def _resized(source: Source, box: Box, growth: int) -> Edit | None:
    if source.read(box.start, 4) == bytes(4):
        return None  # it reaches to the end of the file, wherever that is
    if box.body - box.start == 8:
        if box.length + growth >= 1 << 32:
            raise LabelError(f"the box {shown(box.kind)} at byte {box.start:,} has no room for its new size")
        return Edit(box.start, 4, struct.pack(">I", box.length + growth))
    return Edit(box.start + 8, 8, struct.pack(">Q", box.length + growth))


class Shift:
    """Where each byte of a file stands after some edits."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        growing = [edit for edit in edits if edit.growth]
        self._ends = [edit.offset + edit.length for edit in growing]
        self._moved = [0, *accumulate(edit.growth for edit in growing)]

    def __call__(self, offset: int) -> int:
        """The new place of what stands at ``offset``."""
        return offset + self._moved[bisect_right(self._ends, offset)]

    def __bool__(self) -> bool:
        """Whether anything moves."""
        return any(self._moved)

    def common(self, first: int, last: int) -> int | None:
        """By how much everything between two places moves; None where it does not move as one."""
        start, end = bisect_right(self._ends, first), bisect_right(self._ends, last)
        return self._moved[start] if start == end else None


def joined(source: Source, edits: Sequence[Edit], end: int) -> list[Edit]:
    """The same change, with all from the first edit that changes lengths up to ``end`` in one.

    A stretch that keeps its length, or that reaches to the end of the file, can be written in place.
    ``edits`` are in order, and none of them lies across ``end``.
    """
    first = next((edit.offset for edit in edits if edit.growth), -1)
    if first < 0 or end - first > MAX_JOINED:
        return list(edits)
    out, at = [], first
    for edit in edits:
        if first <= edit.offset and edit.offset + edit.length <= end and (edit.offset < end or edit.growth):
            out += [source.read(at, edit.offset - at), edit.new]
            at = edit.offset + edit.length
    others = [edit for edit in edits if edit.offset < first or edit.offset > end]
    others += [edit for edit in edits if edit.offset == end and not edit.growth]
    whole = Edit(first, end - first, b"".join([*out, source.read(at, end - at)]))
    return sorted([*others, whole], key=lambda edit: edit.offset)


def box(kind: bytes, *content: bytes) -> bytes:
    """The bytes of a new box.

    Raises:
        LabelError: its content is larger than a box of metadata can be.
    """
    data = b"".join(content)
    if len(data) + 8 >= 1 << 32:
        raise LabelError(f"{len(data):,} bytes do not fit into the box {shown(kind)}")
    return struct.pack(">I4s", len(data) + 8, kind) + data


def shown(kind: bytes) -> str:
    """The kind of a box, for a message."""
    return kind.decode() if kind.isalnum() and kind.isascii() else ascii(kind)[2:-1]
