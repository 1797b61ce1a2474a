"""HEIF, HEIC, AVIF: the label in an item of type mime that holds XMP and describes the image.

A new packet stands in an mdat box of its own directly behind the meta box, so that it is read with it
and its room can grow without a change elsewhere; every table of offsets is corrected, those of image
sequences too. A label in EXIF is read as a variant, since the guide names only XMP [S].

Source: ISO/IEC 23008-12 Annex A; AV1 Image File Format; TC260-PG-20259A for the label's place [S].
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from countermark.labels import exif, xmp, xmp_copies
from countermark.labels.blocks import Blocks
from countermark.labels.containers import heif_items
from countermark.labels.containers.boxes import Box, Path, Revision, Shift, Walker, box
from countermark.labels.containers.heif_items import Entry, Items, Spans
from countermark.labels.containers.mp4 import C2PA_UUID
from countermark.labels.containers.mp4_offsets import Rewritten, corrections
from countermark.labels.defects import LabelError, warning
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

MDAT_HEAD = 8
MOST_GROWTH = 1 << 20
"""More than the tables of items grow by for one item."""
EXIF_HEAD = 4
"""How far behind itself the TIFF structure begins."""


@dataclass(frozen=True, slots=True)
class Part:
    """One item of metadata with its bytes."""

    entry: Entry
    spans: Spans
    data: bytes

    @property
    def base(self) -> int:
        """Where it begins; -1 where it is scattered."""
        return self.spans[0][0] if len(self.spans) == 1 else -1

    @property
    def skip(self) -> int:
        """Bytes before the TIFF structure, where it is EXIF."""
        return min(EXIF_HEAD + int.from_bytes(self.data[:EXIF_HEAD], "big"), len(self.data))

    @property
    def has_label(self) -> bool:
        """Whether it is a packet with a label."""
        return self.entry.is_xmp and bool(xmp.read(self.data, "XMP").labels)


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the items that are XMP or EXIF.

    Raises:
        LabelError: a box is broken.
        TooLargeError: more boxes or extents than ``limits.elements``, or an item larger than
            ``limits.metadata_bytes``.
    """
    blocks = Blocks()
    walker = Walker(source, limits)
    for found in walker.top():
        blocks.c2pa |= found.kind == b"uuid" and source.peek(found.body, len(C2PA_UUID)) == C2PA_UUID
    items = heif_items.find(walker)
    for part in _parts(walker, items) if items else ():
        if part.entry.encoding:
            blocks.defects.append(warning("packed-xmp", "an XMP item is packed, which is not read"))
        elif part.entry.is_xmp:
            blocks.take_xmp(part.data, "XMP item", part.base)
        else:
            base = part.base + part.skip if part.base >= 0 else -1
            blocks.take_exif(part.data[part.skip :], "Exif item", base)
    blocks.labels = [replace(one, normative=one.normative and "XMP" in one.place) for one in blocks.labels]
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the file ``fields`` as its one label, in XMP.

    Raises:
        LabelError: there is no table of items, an XMP item is packed or made of other items, or a table
            has no room.
    """
    walker = Walker(source, limits)
    items = heif_items.find(walker)
    if items is None:
        raise LabelError("has no meta box, which holds the items of an image")
    parts = list(_parts(walker, items))
    packets = [part for part in parts if part.entry.is_xmp]
    if any(part.entry.encoding for part in packets):
        raise LabelError("an XMP item is packed, which is not rewritten")
    known = {part.entry.item for part in packets}
    if any(entry.is_xmp and entry.item not in known for entry in items.entries):
        raise LabelError("an XMP item stands in another file or is made of other items")
    kept = next((part for part in packets if part.has_label), packets[0] if packets else None)
    items.settled(source.size)
    revision = Revision()
    for part in parts:
        changed = part is kept or _clear(part, revision)
        if changed and not items.may_write(walker, part.entry.item):
            raise LabelError("an item of metadata shares its bytes with something else")
    writing = _Writing(walker, items, kept, xmp.with_label(kept.data if kept else b"", fields), room)
    return writing.edits(revision)


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the file is without the item that holds its label."""
    walker = Walker(source, limits)
    items = heif_items.find(walker)
    parts = [part for part in _parts(walker, items) if part.has_label] if items else []
    if items is None or not parts:
        return []
    part = parts[0]
    revision = Revision()
    heif_items.withdraw(walker, items, part.entry, revision)
    holder = _alone_in(walker, part.spans)
    if holder:
        revision.remove((holder,))
    table = items.table.without(part.entry.item)
    path, at = (items.meta, items.locations), items.locations.body
    old = items.locations.end - at
    new = len(table.serialised())
    revision.put(path, at, old, bytes(new))
    shift = Shift(revision.edits(source))
    changes = [edit for edit in revision.edits(source) if (edit.offset, edit.length) != (at, old)]
    changes.append(Edit(at, old, table.moved(shift).serialised()))
    gone = Rewritten(part.spans[0], (0, 0)) if len(part.spans) == 1 else None
    return [*changes, *corrections(source, limits, shift, items=False, rewritten=gone)]


def _parts(walker: Walker, items: Items) -> Iterator[Part]:
    for entry in items.entries:
        if entry.is_xmp or entry.kind == heif_items.EXIF:
            spans = items.spans(entry.item)
            if spans:
                yield Part(entry, spans, heif_items.content(walker, spans))


def _clear(part: Part, revision: Revision) -> bool:
    """Take a copy of the label out, if there is one; the length of the item stays."""
    if part.entry.is_xmp:
        new = xmp_copies.blanked(part.data)
    else:
        new = part.data[: part.skip] + exif.without_labels(part.data[part.skip :])
    if new == part.data:
        return False
    for edit in heif_items.over(part.spans, new):
        revision.put((), edit.offset, edit.length, edit.new)
    return True


def _alone_in(walker: Walker, spans: Spans) -> Box | None:
    """The mdat box that holds nothing but one item."""
    if len(spans) != 1:
        return None
    start, length = spans[0]
    boxes = (found for found in walker.top() if found.kind == b"mdat")
    return next((found for found in boxes if (found.body, found.end) == (start, start + length)), None)


@dataclass(frozen=True, slots=True)
class _Writing:
    """A packet on its way into a file."""

    walker: Walker
    items: Items
    kept: Part | None
    packet: bytes
    room: Room

    def edits(self, revision: Revision) -> list[Edit]:
        """All edits; ``revision`` holds those of the copies elsewhere."""
        least = xmp.least(self.packet)
        kept = self.kept
        held = len(kept.data) if kept else 0
        if kept and self.room.size(least, held) == held:
            for edit in heif_items.over(kept.spans, xmp.padded(self.packet, held)):
                revision.put((), edit.offset, edit.length, edit.new)
            return revision.edits(self.walker.source)
        holder = _alone_in(self.walker, kept.spans) if kept else None
        if kept and holder:
            size = self.room.size(least, held)
            revision.put((holder,), holder.body, held, xmp.padded(self.packet, size))
            return self._placed(revision, kept.entry.item, size, holder)
        return self._anew(revision, least)

    def _anew(self, revision: Revision, least: int) -> list[Edit]:
        """In an mdat box of its own, behind the meta box."""
        items, kept = self.items, self.kept
        if kept:
            item = kept.entry.item
            for edit in heif_items.over(kept.spans, bytes(len(kept.data))):
                revision.put((), edit.offset, edit.length, edit.new)
        else:
            item = items.new_number()
            heif_items.announce(self.walker, items, item, revision)
        around = revision.growth + self._locations_growth(item) + MDAT_HEAD
        size = self.room.size(least + around) - around
        revision.put((), items.meta.end, 0, box(b"mdat", xmp.padded(self.packet, size)))
        return self._placed(revision, item, size, None)

    def _locations_growth(self, item: int) -> int:
        return len(self._table(item, 0, 0)) - (self.items.locations.end - self.items.locations.body)

    def _table(self, item: int, at: int, size: int, shift: Shift | None = None) -> bytes:
        """The content of the table of locations, whose length depends on neither place nor shift."""
        moved = self.items.table.moved(shift) if shift else self.items.table
        largest = self.walker.source.size + size + MOST_GROWTH
        return moved.put(item, at, size).wide(largest).serialised()

    def _placed(self, revision: Revision, item: int, size: int, holder: Box | None) -> list[Edit]:
        """With the table of locations as it has to be, once everything else is decided."""
        source, items = self.walker.source, self.items
        path: Path = (items.meta, items.locations)
        at, length = items.locations.body, items.locations.end - items.locations.body
        revision.put(path, at, length, self._table(item, 0, size))
        changes = revision.edits(source)
        shift = Shift(changes)
        place = shift(holder.body) if holder else items.meta.end + revision.growth_of(items.meta) + MDAT_HEAD
        table = Edit(at, length, self._table(item, place, size, shift))
        changes = [table if (edit.offset, edit.length) == (at, length) else edit for edit in changes]
        old = self.kept.spans if self.kept else []
        rewritten = Rewritten(old[0], (place, size)) if len(old) == 1 else None
        return [*changes, *self._other_offsets(shift, rewritten)]

    def _other_offsets(self, shift: Shift, rewritten: Rewritten | None) -> Iterator[Edit]:
        source, limits = self.walker.source, self.walker.limits
        return corrections(source, limits, shift, items=False, rewritten=rewritten)
