"""MP4, MOV, M4A, M4V: the label in ``moov/udta/meta`` under the key ``AIGC``; XMP and C2PA in uuid boxes.

Where a list without keys stands in ``moov/udta`` already (iTunes), the list with keys stands behind it.
Where QuickTime's ``moov/meta`` has a table of keys, both tables get the same entries: ffmpeg and mediainfo
keep one table for a file, and would take one list's items for those of the other [V].

The header grows into free space where there is some behind it. Else, where samples stand behind the
header, every table of offsets is corrected. Samples are never read.

Source: ISO/IEC 14496-12; QuickTime File Format; TC260-PG-20257A and 202510A for the label's place [S].
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from countermark.labels import xmp_copies
from countermark.labels.blocks import Blocks
from countermark.labels.containers import mp4_keys
from countermark.labels.containers.boxes import (
    FREE,
    UUID_BYTES,
    Box,
    Path,
    Revision,
    Shift,
    Walker,
    box,
    joined,
)
from countermark.labels.containers.mp4_keys import Listing, Text, free
from countermark.labels.containers.mp4_offsets import corrections, meta_content
from countermark.labels.defects import LabelError
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
PASSIVE = FREE | {b"uuid"}
"""Boxes of the file itself that hold neither offsets nor what offsets point to."""
CANON_RAW = b"crx "
NAME = mp4_keys.NAMESPACE + mp4_keys.KEY
HEAD = 8
"""Bytes of a free box without any space. One such is left alone: ffmpeg writes it behind its header."""


@dataclass(slots=True)
class Layout:
    """The boxes of a file."""

    moov: Box | None = None
    packets: list[tuple[Box, int]] = field(default_factory=list)
    """Of XMP, and where each begins."""
    c2pa: bool = False
    pointed_at: bool = False
    """Whether something stands behind the header that offsets may point to."""
    spare: Box | None = None
    """Free space behind the header, with nothing between them that offsets point to."""
    several: bool = False
    """There is more than one header."""
    brand: bytes = b""


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the lists and texts of the header, and the packets of XMP.

    Raises:
        LabelError: a box is broken.
        TooLargeError: more boxes than ``limits.elements``, or a text longer than ``limits.metadata_bytes``.
    """
    blocks = Blocks()
    walker = Walker(source, limits)
    layout = _layout(walker)
    blocks.c2pa = layout.c2pa
    for text in mp4_keys.texts(walker, layout.moov) if layout.moov else ():
        if text.is_label(walker):
            start = text.path[-1].start
            blocks.take_text(text.value(walker), text.place, start, normative=text.normative)
        elif text.noted:
            said = text.value(walker, mp4_keys.LONGEST_NOTE).strip("\0 ")
            blocks.note(**{text.noted: said})
    for packet, at in layout.packets:
        data = source.take(at, packet.end - at, limits)
        blocks.take_xmp(data, "uuid XMP" if packet.kind == b"uuid" else "moov/udta XMP_", at)
    blocks.labels = [
        replace(one, normative=one.normative and "XMP" not in one.place) for one in blocks.labels
    ]
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the file ``fields`` as its one label.

    Raises:
        LabelError: the header is compressed, missing, or there twice; it is a camera's raw file; an
            offset would not fit its width; or samples lie in another file.
    """
    walker = Walker(source, limits)
    layout = _layout(walker)
    moov = _writable(walker, layout)
    revision = Revision()
    found = [text for text in mp4_keys.texts(walker, moov) if text.is_label(walker)]
    kept = next((text for text in found if text.normative), None)
    for text in found:
        if text is not kept:
            revision.remove(text.path)
    for packet, at in layout.packets:
        data = source.take(at, packet.end - at, limits)
        if (new := xmp_copies.blanked(data)) != data:
            revision.put((), at, len(data), new)
    around = _put_label(walker, moov, kept, fields.bare(), revision)
    _settle(walker, layout, around, room, revision)
    return _finished(source, limits, layout, revision)


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the file is without its label, and without the free space that a label's growth may use.

    The same for the file before it was labelled and after every later update. Where that file has no free
    space beside its header, it is that file, byte for byte.
    """
    walker = Walker(source, limits)
    layout = _layout(walker)
    if layout.moov is None:
        return []
    revision = Revision()
    path = _without_label(walker, layout.moov, revision)
    for around, spare in _free_space(walker, layout, path):
        revision.remove((*around, spare))
    changes = revision.edits(source)
    return [*changes, *corrections(source, limits, Shift(changes))] if changes else []


def _without_label(walker: Walker, moov: Box, revision: Revision) -> Path:
    """Take the label out; the boxes around it that stay."""
    lists = list(mp4_keys.listings(walker, moov))
    home = next((listing for listing in lists if listing.is_home), None)
    twin = next((listing for listing in lists if listing.keys and not listing.is_home), None)
    items = {child.kind: child for child in walker.children(home.items)} if home else {}
    named = (
        {(i + 1).to_bytes(4, "big") for i, name in enumerate(home.names) if name == NAME} if home else set()
    )
    alone = home is not None and items.keys() <= named
    if twin and alone:
        _without_key(walker, twin, revision)
    if home and not alone:
        for child in walker.children(home.items):
            if child.kind in named:
                revision.remove((*home.path, home.items, child))
        _without_key(walker, home, revision)
        return home.path
    udta = home.path[1] if home else walker.first(moov, b"udta")
    if udta is None:
        return (moov,)
    gone = home.path[2] if home else None
    if all(child == gone or _is_free(child) for child in walker.children(udta)):
        revision.remove((moov, udta))
        return (moov,)
    if home:
        revision.remove(home.path)
    return (moov, udta)


def _without_key(walker: Walker, listing: Listing, revision: Revision) -> None:
    """Take the label's key out of a table, where it is the last, so that the numbers of the others stay."""
    if listing.keys is None or listing.names[-1:] != (NAME,):
        return
    count = len(listing.names)
    if listing.path[1].kind == b"meta" and any(
        int.from_bytes(child.kind, "big") == count for child in walker.children(listing.items)
    ):
        return
    path = (*listing.path, listing.keys)
    length = len(mp4_keys.key(NAME))
    revision.put(path, listing.keys.body + 4, 4, (count - 1).to_bytes(4, "big"))
    revision.put(path, listing.names_end - length, length, b"")


def _layout(walker: Walker) -> Layout:
    layout = Layout()
    between = True
    for found in walker.top():
        if found.kind == b"ftyp":
            layout.brand = walker.source.peek(found.body, 4)
        elif found.kind == b"uuid":
            _uuid(walker.source, found, layout)
        elif found.kind == b"moov":
            layout.several = layout.moov is not None
            layout.moov = layout.moov or found
            continue
        if layout.moov:
            layout.pointed_at |= found.kind not in PASSIVE
            between = between and found.kind in PASSIVE
            if between and _is_free(found) and layout.spare is None:
                layout.spare = found
    for child in walker.children(layout.moov) if layout.moov else ():
        if child.kind == b"udta":
            layout.packets += [(b, b.body) for b in walker.children(child) if b.kind == b"XMP_"]
        elif child.kind == b"uuid":
            _uuid(walker.source, child, layout)
    return layout


def _uuid(source: Source, found: Box, layout: Layout) -> None:
    kind = source.peek(found.body, UUID_BYTES)
    if kind == XMP_UUID and found.body + UUID_BYTES <= found.end:
        layout.packets.append((found, found.body + UUID_BYTES))
    layout.c2pa |= kind == C2PA_UUID


def _writable(walker: Walker, layout: Layout) -> Box:
    if layout.moov is None:
        raise LabelError("has no header (moov): it is a fragment of a stream, or was cut off")
    if layout.several:
        raise LabelError("has more than one header (moov)")
    if layout.brand == CANON_RAW:
        raise LabelError("is a camera's raw file, which has tables of offsets of its own")
    if walker.first(layout.moov, b"cmov"):
        raise LabelError("its header is compressed (cmov): unpack it first (`ffmpeg -c copy`)")
    return layout.moov


def _put_label(walker: Walker, moov: Box, kept: Text | None, text: str, revision: Revision) -> Path:
    """Put the label in; the boxes around it that were there before."""
    if kept:
        *around, old = kept.path
        index = int.from_bytes(old.kind, "big")
        revision.put(tuple(around), old.start, old.length, mp4_keys.item(index, text))
        return kept.path[:3]
    lists = list(mp4_keys.listings(walker, moov))
    home = next((listing for listing in lists if listing.is_home), None)
    if home:
        index = _with_key(home, revision)
        at = walker.end_of_children(home.items)
        revision.put((*home.path, home.items), at, 0, mp4_keys.item(index, text))
        return home.path
    twin = next((listing for listing in lists if listing.keys), None)
    index = _with_key(twin, revision) if twin else 1
    names = twin.names if twin else ()
    names = names if index <= len(names) else (*names, NAME)
    return _put_listing(walker, moov, mp4_keys.meta(names, index, text), revision)


def _with_key(listing: Listing, revision: Revision) -> int:
    """Have the key in the table of a list; its number there."""
    if NAME in listing.names:
        return listing.names.index(NAME) + 1
    assert listing.keys is not None  # noqa: S101 - only lists with keys come here
    path = (*listing.path, listing.keys)
    count = len(listing.names) + 1
    revision.put(path, listing.keys.body + 4, 4, count.to_bytes(4, "big"))
    revision.put(path, listing.names_end, 0, mp4_keys.key(NAME))
    return count


def _put_listing(walker: Walker, moov: Box, new: bytes, revision: Revision) -> Path:
    udta = walker.first(moov, b"udta")
    if udta is None:
        revision.put((moov,), walker.end_of_children(moov), 0, box(b"udta", new))
        return (moov,)
    revision.put((moov, udta), walker.end_of_children(udta), 0, new)
    return (moov, udta)


def _settle(walker: Walker, layout: Layout, around: Path, room: Room, revision: Revision) -> None:
    """Let free space give or take what was put in or out; else let the header grow."""
    moov = around[0]
    growth = revision.growth_of(moov)
    if not growth:
        return
    for path, spare in _free_space(walker, layout, around):
        left = spare.length - growth
        if left > HEAD:
            _resize_free(path, spare, left, revision)
            return
    length = -growth if growth < -HEAD else room.size(growth + HEAD + 1) - growth
    at = around[1].end if len(around) > 1 else walker.end_of_children(moov)
    revision.put((moov,), at, 0, free(length))


def _free_space(walker: Walker, layout: Layout, around: Path) -> Iterator[tuple[Path, Box]]:
    """Free boxes beside the label and beside what is around it, the nearest first, each with its path."""
    for depth in range(len(around), 0, -1):
        path = around[:depth]
        last = path[-1]
        children = meta_content(walker, last) if last.kind == b"meta" else walker.children(last)
        yield from ((path, child) for child in children if _is_free(child))
    if layout.spare:
        yield (), layout.spare


def _is_free(found: Box) -> bool:
    return found.kind in FREE and found.body == found.start + HEAD < found.end


def _resize_free(path: Path, spare: Box, length: int, revision: Revision) -> None:
    head = length.to_bytes(4, "big") + spare.kind
    if length > spare.length:
        revision.put(path, spare.start, HEAD, head + bytes(length - spare.length))
    else:
        revision.put(path, spare.start, HEAD + spare.length - length, head)


def _finished(source: Source, limits: Limits, layout: Layout, revision: Revision) -> list[Edit]:
    """All edits: those of sizes and offsets with the others, and what can be one stretch in one."""
    changes = revision.edits(source)
    shift = Shift(changes)
    if shift:
        changes += corrections(source, limits, shift)
        changes.sort(key=lambda edit: (edit.offset, edit.length > 0))
    if not revision.growth:
        end = max((edit.offset + edit.length for edit in changes if edit.growth), default=0)
        return joined(source, changes, end)
    return changes if layout.pointed_at else joined(source, changes, source.size)
