"""The table of a meta box that says where in the file each item stands (iloc).

Source: ISO/IEC 14496-12 clause 8.11.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from countermark.labels.containers.boxes import Shift
from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.source import Limits

IN_FILE, IN_BOX = 0, 1
"""Where the extents of an item are counted from: the start of the file, or of the idat box."""
WIDTHS = (0, 4, 8)
MAX_EXTENTS = 1 << 17
"""Most items and parts of items, which are all held in memory."""


@dataclass(frozen=True, slots=True)
class Extent:
    """One part of an item."""

    index: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Location:
    """Where one item stands."""

    item: int
    method: int
    reference: int
    """Of the file that holds it; 0 is this one."""
    base: int
    extents: tuple[Extent, ...]

    @property
    def in_file(self) -> bool:
        """Whether its offsets are places of this file."""
        return self.method == IN_FILE and self.reference == 0

    def moved(self, shift: Shift) -> Self:
        """The same item, where it stands after some edits."""
        if not self.in_file or not self.extents:
            return self
        places = [self.base + extent.offset for extent in self.extents]
        new = [shift(place) for place in places]
        steps = {after - before for after, before in zip(new, places, strict=True)}
        if len(steps) == 1 and self.base:
            return replace(self, base=self.base + steps.pop())
        moved = [replace(e, offset=at - self.base) for e, at in zip(self.extents, new, strict=True)]
        return replace(self, extents=tuple(moved))


@dataclass(frozen=True, slots=True)
class Table:
    """All of them, with the widths of the numbers."""

    version: int
    offset_width: int
    length_width: int
    base_width: int
    index_width: int
    locations: tuple[Location, ...]

    def of(self, item: int) -> Location | None:
        """Where one item stands."""
        return next((location for location in self.locations if location.item == item), None)

    def at(self, place: int, length: int) -> Iterator[int]:
        """The items that are these bytes of the file, and no others."""
        for one in self.locations:
            if one.in_file and [(one.base + part.offset, part.length) for part in one.extents] == [
                (place, length)
            ]:
                yield one.item

    def moved(self, shift: Shift) -> Self:
        """The same items, where they stand after some edits."""
        return replace(self, locations=tuple(one.moved(shift) for one in self.locations))

    def put(self, item: int, at: int, length: int) -> Self:
        """With one item more, or with another place for one: ``length`` bytes of the file at ``at``."""
        based = self.base_width > self.offset_width
        base, offset = (at, 0) if based else (0, at)
        new = Location(item, IN_FILE, 0, base, (Extent(0, offset, length),))
        others = [new if one.item == item else one for one in self.locations]
        return replace(self, locations=tuple(others if self.of(item) else [*others, new]))

    def without(self, item: int) -> Self:
        """Without one item."""
        return replace(self, locations=tuple(one for one in self.locations if one.item != item))

    def wide(self, largest: int) -> Self:
        """With widths that hold offsets and lengths up to ``largest``, and a version for every item."""
        needed = 4 if largest < 1 << 32 else 8
        offset = self.offset_width if max(self.offset_width, self.base_width) >= needed else needed
        version = 2 if any(one.item > 0xFFFF for one in self.locations) else self.version
        return replace(self, version=version, offset_width=offset, length_width=max(self.length_width, 4))

    def serialised(self) -> bytes:
        """The content of the box.

        Raises:
            LabelError: a number does not fit into its width.
        """
        wide = self.version == 2
        widths = (
            (self.offset_width << 12) | (self.length_width << 8) | (self.base_width << 4) | self.index_width
        )
        out = [bytes((self.version, 0, 0, 0)), _number(widths, 2)]
        out.append(_number(len(self.locations), 4 if wide else 2))
        for one in self.locations:
            out.append(_number(one.item, 4 if wide else 2))
            if self.version:
                out.append(_number(one.method, 2))
            out += [
                _number(one.reference, 2),
                _number(one.base, self.base_width),
                _number(len(one.extents), 2),
            ]
            for extent in one.extents:
                if self.version:
                    out.append(_number(extent.index, self.index_width))
                out += [_number(extent.offset, self.offset_width), _number(extent.length, self.length_width)]
        return b"".join(out)


def parse(data: bytes, limits: Limits) -> Table:
    """Read the content of the box.

    Raises:
        LabelError: it is broken, or of a version that is not known.
        TooLargeError: more items and extents than ``limits.elements``.
    """
    numbers = _Numbers(data)
    version = numbers.next(4) >> 24
    if version > 2:
        raise LabelError(f"the box iloc is of version {version}")
    widths = numbers.next(2)
    offset, length, base, index = widths >> 12, widths >> 8 & 15, widths >> 4 & 15, widths & 15
    index = index if version else 0
    if not {offset, length, base, index} <= set(WIDTHS):
        raise LabelError("the box iloc has numbers of a width that is not known")
    table = Table(version, offset, length, base, index, ())
    count = numbers.next(4 if version == 2 else 2)
    most = left = min(limits.elements, MAX_EXTENTS)
    locations = []
    for _ in range(count):
        locations.append(_location(numbers, table))
        left -= 1 + len(locations[-1].extents)
        if left < 0:
            raise TooLargeError(f"more than {most:,} extents of items")
    return replace(table, locations=tuple(locations))


def _location(numbers: _Numbers, table: Table) -> Location:
    item = numbers.next(4 if table.version == 2 else 2)
    method = numbers.next(2) & 15 if table.version else IN_FILE
    reference = numbers.next(2)
    base = numbers.next(table.base_width)
    return Location(item, method, reference, base, tuple(_extents(numbers, table)))


def _extents(numbers: _Numbers, table: Table) -> Iterator[Extent]:
    for _ in range(numbers.next(2)):
        index = numbers.next(table.index_width)
        offset = numbers.next(table.offset_width)
        yield Extent(index, offset, numbers.next(table.length_width))


class _Numbers:
    """The numbers of a box, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def next(self, width: int) -> int:
        end = self._at + width
        if end > len(self._data):
            raise LabelError("the box iloc ends too early")
        value = int.from_bytes(self._data[self._at : end], "big")
        self._at = end
        return value


def _number(value: int, width: int) -> bytes:
    if value < 0 or value >> 8 * width:
        raise LabelError(f"the box iloc holds no number as large as {value:,} in {width} bytes")
    return value.to_bytes(width, "big")
