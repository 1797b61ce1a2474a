"""The items of a still image's meta box: which there are, where they stand, and what is put in beside them.

Source: ISO/IEC 14496-12 clauses 8.11.3, 8.11.4, 8.11.6, 8.11.12; ISO/IEC 23008-12 Annex A for metadata items.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from countermark.labels.containers import item_locations
from countermark.labels.containers.boxes import Box, Path, Revision, Walker, box
from countermark.labels.containers.item_locations import IN_BOX, Location, Table
from countermark.labels.containers.mp4_offsets import meta_content
from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.splicing import Edit

RDF_XML = b"application/rdf+xml"
MIME, EXIF = b"mime", b"Exif"
DESCRIBES = b"cdsc"
NARROW = 0xFFFF
"""Largest number of an item that old versions of the boxes hold."""

Spans = list[tuple[int, int]]
"""Where the parts of an item stand in the file, each with its length."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item, as it is announced."""

    item: int
    kind: bytes
    content_type: bytes
    encoding: bytes
    box: Box

    @property
    def is_xmp(self) -> bool:
        """Whether it is a packet of XMP."""
        return self.kind == MIME and self.content_type == RDF_XML


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a file."""

    meta: Box
    info: Box
    locations: Box
    table: Table
    entries: tuple[Entry, ...]
    primary: int
    """0 where none is named."""
    references: Box | None
    data: Box | None
    """The idat box."""
    groups: frozenset[int]
    """Numbers that items may not have."""

    def spans(self, item: int) -> Spans | None:
        """Where an item stands; None where it is not in this file, or made of other items."""
        location = self.table.of(item)
        if location is None or location.reference:
            return None
        if location.method == IN_BOX:
            start = self.data.body if self.data else -1
            return _within(location, start) if self.data else None
        return _within(location, 0) if location.in_file else None

    def may_write(self, walker: Walker, item: int) -> bool:
        """Whether the bytes of an item are its own, and stand where data stands."""
        spans = sorted(self.spans(item) or ())
        if any(start + size > after for (start, size), (after, _) in pairwise(spans)):
            return False
        holders = [found for found in walker.top() if found.kind == b"mdat"] + (
            [self.data] if self.data else []
        )
        if not all(any(one.body <= at and at + size <= one.end for one in holders) for at, size in spans):
            return False
        return not any(
            start < at + size and at < start + length
            for location in self.table.locations
            if location.item != item
            for start, length in self.spans(location.item) or ()
            for at, size in spans
        )

    def settled(self, size: int) -> None:
        """Whether nothing that is put in could come to stand in an item, in a file of ``size`` bytes.

        Raises:
            LabelError: an item reaches behind the end of the file, or is said to stand in another one.
        """
        for location in self.table.locations:
            if location.reference:
                raise LabelError(f"item {location.item} is said to stand in another file")
            if any(start + length > size for start, length in self.spans(location.item) or ()):
                raise LabelError(f"item {location.item} reaches behind the end of the file")

    def new_number(self) -> int:
        """A number that no item and no group has."""
        taken = (
            {entry.item for entry in self.entries} | {one.item for one in self.table.locations} | self.groups
        )
        largest = max(taken, default=0)
        return largest + 1 if largest < NARROW else next(i for i in range(1, largest + 2) if i not in taken)


def find(walker: Walker) -> Items | None:
    """The items of the file's own meta box; None where it has none.

    Raises:
        LabelError: a box of them is missing or broken.
        TooLargeError: a box is larger than ``limits.metadata_bytes``.
    """
    meta = next((found for found in walker.top() if found.kind == b"meta"), None)
    if meta is None:
        return None
    boxes: dict[bytes, Box] = {}
    for child in meta_content(walker, meta):
        boxes.setdefault(child.kind, child)
    if b"iinf" not in boxes or b"iloc" not in boxes:
        raise LabelError("has no table of items (iinf, iloc)")
    return Items(
        meta,
        boxes[b"iinf"],
        boxes[b"iloc"],
        item_locations.parse(walker.content(boxes[b"iloc"]), walker.limits),
        tuple(_entries(walker, boxes[b"iinf"])),
        _primary(walker, boxes.get(b"pitm")),
        boxes.get(b"iref"),
        boxes.get(b"idat"),
        frozenset(_groups(walker, boxes.get(b"grpl"))),
    )


def content(walker: Walker, spans: Spans) -> bytes:
    """The bytes of an item.

    Raises:
        LabelError: a part of it reaches behind the end of the file.
        TooLargeError: it is larger than ``limits.metadata_bytes``.
    """
    length = sum(size for _, size in spans)
    if length > walker.limits.metadata_bytes:
        raise TooLargeError(
            f"an item of {length:,} bytes of metadata; the limit is {walker.limits.metadata_bytes:,}"
        )
    return b"".join(walker.source.read(at, size) for at, size in spans)


def over(spans: Spans, new: bytes) -> Iterator[Edit]:
    """The edits that write ``new``, which is as long as before, over the parts of an item."""
    at = 0
    for start, size in spans:
        yield Edit(start, size, new[at : at + size])
        at += size


def announce(walker: Walker, items: Items, item: int, revision: Revision) -> None:
    """Put a packet of XMP with the number ``item``, which describes the image, into the tables.

    Raises:
        LabelError: a table has no room for it.
    """
    wide = item > NARROW
    number = item.to_bytes(4 if wide else 2, "big")
    entry = number + bytes(2) + MIME + b"XMP\0" + RDF_XML + b"\0"
    new = box(b"infe", bytes((3 if wide else 2, 0, 0, 0)), entry)
    _count(walker, items, 1, revision)
    at = walker.end_of_children(items.info, _entries_at(walker, items.info))
    revision.put((items.meta, items.info), at, 0, new)
    if not items.primary:
        return
    if items.references is None:
        wide = max(item, items.primary) > NARROW
        reference = box(b"iref", bytes((wide, 0, 0, 0)), _reference(item, items.primary, wide=wide))
        at = max(child.end for child in meta_content(walker, items.meta))
        revision.put((items.meta,), at, 0, reference)
        return
    wide = walker.source.read(items.references.body, 1) != b"\0"
    path = (items.meta, items.references)
    at = walker.end_of_children(items.references, 4)
    revision.put(path, at, 0, _reference(item, items.primary, wide=wide))


def withdraw(walker: Walker, items: Items, entry: Entry, revision: Revision) -> None:
    """Take an item out of the tables, but for that of the locations."""
    _count(walker, items, -1, revision)
    revision.remove((items.meta, items.info, entry.box))
    if items.references is None:
        return
    width = 2 if walker.source.read(items.references.body, 1) == b"\0" else 4
    children = list(walker.children(items.references, 4))
    gone = [
        one for one in children if walker.source.read(one.body, width) == entry.item.to_bytes(width, "big")
    ]
    path: Path = (items.meta, items.references)
    if gone and len(gone) == len(children):
        revision.remove(path)
        return
    for one in gone:
        revision.remove((*path, one))


def _within(location: Location, start: int) -> Spans:
    return [(start + location.base + extent.offset, extent.length) for extent in location.extents]


def _count(walker: Walker, items: Items, change: int, revision: Revision) -> None:
    width = 2 if walker.source.read(items.info.body, 1) == b"\0" else 4
    at = items.info.body + 4
    count = int.from_bytes(walker.source.read(at, width), "big") + change
    if not 0 <= count < 1 << 8 * width:
        raise LabelError("the table of items has no room for one more")
    revision.put((items.meta, items.info), at, width, count.to_bytes(width, "big"))


def _reference(item: int, primary: int, *, wide: bool) -> bytes:
    if max(item, primary) > NARROW and not wide:
        raise LabelError("the table of references has no room for an item of so large a number")
    return box(DESCRIBES, struct.pack(">IHI" if wide else ">HHH", item, 1, primary))


def _entries(walker: Walker, info: Box) -> Iterator[Entry]:
    for child in walker.children(info, _entries_at(walker, info)):
        if child.kind != b"infe":
            continue
        data = walker.content(child)
        version = data[0] if data else 0
        width = 2 if version == 2 else 4
        if version not in (2, 3) or len(data) < 4 + width + 6:
            continue
        item = int.from_bytes(data[4 : 4 + width], "big")
        kind, rest = data[6 + width : 10 + width], data[10 + width :]
        _name, content_type, encoding = (*rest.split(b"\0", 3), b"", b"", b"")[:3]
        mime = kind == MIME
        yield Entry(item, kind, content_type if mime else b"", encoding if mime else b"", child)


def _entries_at(walker: Walker, info: Box) -> int:
    return 6 if walker.source.read(info.body, 1) == b"\0" else 8


def _primary(walker: Walker, found: Box | None) -> int:
    if found is None:
        return 0
    data = walker.content(found)
    return int.from_bytes(data[4:6] if data[:1] == b"\0" else data[4:8], "big")


def _groups(walker: Walker, found: Box | None) -> Iterator[int]:
    for group in walker.children(found) if found else ():
        yield int.from_bytes(walker.source.read(group.body, 8)[4:], "big")
