"""TIFF, BigTIFF and DNG: the label in XMP, tag 700 of the first directory; C2PA in tag 0xCD41.

A new packet goes to the end of the file, with a new first directory where the old one had no entry for it;
strips, tiles and other pages stay where they are. The guide has the packet as type 7, Adobe as type 1: either
is read, a new entry is 7, an old one keeps its type.

Source: TIFF 6.0; BigTIFF; XMP specification part 3 (2020), TIFF; TC260-PG-20259A for the place, as reported.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from countermark.labels import exif, xmp, xmp_copies
from countermark.labels.blocks import Blocks
from countermark.labels.defects import LabelError, TooLargeError, warning
from countermark.labels.exif import EXIF_IFD, IMAGE_DESCRIPTION, TYPE_SIZES, UNDEFINED, USER_COMMENT
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

XMP, MANIFEST = 700, 0xCD41
SIZES = {**TYPE_SIZES, 13: 4, 16: 8, 17: 8, 18: 8}
WANTED = frozenset({XMP, EXIF_IFD, MANIFEST, USER_COMMENT, IMAGE_DESCRIPTION, *exif.NOTED})
MAX_PAGES, MAX_ENTRIES = 64, 0xFFFF
"""Pages whose metadata is looked at, of which the first has the label; entries of one directory."""
MARK = b"AIGCIFD0"
"""Behind a directory that was added for the label: where the old one is, and how long the file was."""
RAW = b"CR\2\0"
"""Behind the head of a CR2, whose directories have their fixed places."""


@dataclass(frozen=True, slots=True)
class Form:
    """How the numbers of the file are written."""

    order: str
    big: bool

    @property
    def offset(self) -> str:
        """Of an offset, for :mod:`struct`."""
        return self.order + ("Q" if self.big else "I")

    @property
    def width(self) -> int:
        """Of an offset, in bytes; a value that is no longer stands in its entry."""
        return 8 if self.big else 4

    @property
    def entry(self) -> struct.Struct:
        """Tag, type, count, and the value or its offset."""
        return struct.Struct(f"{self.order}HH" + ("Q8s" if self.big else "I4s"))

    @property
    def count(self) -> str:
        """Of the number of entries."""
        return self.order + ("Q" if self.big else "H")

    @property
    def first_at(self) -> int:
        """Where the offset of the first directory stands."""
        return 8 if self.big else 4

    def pointer(self, offset: int) -> bytes:
        """An offset in bytes.

        Raises:
            LabelError: it is beyond what the file can say.
        """
        if offset >> 8 * self.width:
            raise LabelError("the TIFF would be longer than 4 GiB: convert it to BigTIFF first")
        return struct.pack(self.offset, offset)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a directory."""

    tag: int
    kind: int
    number: int
    """Of values."""
    raw: bytes
    """The value, or its offset."""
    start: int
    """Of the entry, in bytes of the file."""
    at: int
    """Of the value."""

    @property
    def size(self) -> int:
        """Of the value, in bytes."""
        return SIZES.get(self.kind, 0) * self.number

    def of(self, value: bytes) -> exif.Entry:
        """The entry with its value."""
        return exif.Entry(self.tag, self.start, self.at, value)


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory; those of a chain are pages."""

    form: Form
    start: int
    raw: bytes
    """Its entries."""
    following: int
    """Where the next one begins; 0 for the last."""

    @property
    def end(self) -> int:
        """Behind the offset of the next one."""
        return self.start + struct.calcsize(self.form.count) + len(self.raw) + self.form.width

    def tags(self) -> list[int]:
        """Of every entry."""
        return [row[0] for row in self.form.entry.iter_unpack(self.raw)]

    def entries(self) -> list[Entry]:
        """Those that are wanted."""
        form, found = self.form, []
        start = self.start + struct.calcsize(form.count)
        for i, (tag, kind, number, raw) in enumerate(form.entry.iter_unpack(self.raw)):
            if tag in WANTED:
                here = start + i * form.entry.size
                inside = SIZES.get(kind, 0) * number <= form.width
                at = here + form.entry.size - form.width if inside else struct.unpack(form.offset, raw)[0]
                found.append(Entry(tag, kind, number, raw, here, at))
        return found

    def beyond(self, size: int) -> Iterator[tuple[int, str]]:
        """Where values begin that do not end within ``size`` bytes, and what is to be said of each."""
        for tag, kind, number, raw in self.form.entry.iter_unpack(self.raw):
            length, (at,) = SIZES.get(kind, 0) * number, struct.unpack(self.form.offset, raw)
            if length > self.form.width and at + length > size:
                yield at, _beyond(tag)

    def entry(self, tag: int) -> Entry | None:
        """The first entry of a tag."""
        return next((entry for entry in self.entries() if entry.tag == tag), None)


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the directories; strips and tiles are never touched.

    Raises:
        LabelError: the first directory is broken.
        TooLargeError: metadata longer than ``limits.metadata_bytes``.
    """
    blocks, broken = Blocks(), dict[int, str]()
    left = limits.metadata_bytes
    for page, entry in _found(source, limits, broken):
        if entry.tag == MANIFEST:
            blocks.c2pa = True
            continue
        if entry.at + entry.size > source.size:
            blocks.defects.append(warning("value-broken", _beyond(entry.tag)))
            continue
        left -= entry.size
        if left < 0:
            raise TooLargeError(f"more than {limits.metadata_bytes:,} bytes of metadata")
        value = source.read(entry.at, entry.size)
        if entry.tag == XMP:
            _take_packet(blocks, value, page, entry.at)
        elif (text := entry.of(value)).is_label:
            name = "UserComment" if entry.tag == USER_COMMENT else "ImageDescription"
            blocks.take_text(text.text, f"IFD{page} {name}", entry.at, normative=False)
        elif entry.tag in exif.NOTED:
            blocks.note(**{exif.NOTED[entry.tag]: text.text.strip("\0 ")})
    blocks.defects += [warning("directory-broken", text) for text in broken.values()]
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the file ``fields`` as its one label, in XMP of the first directory.

    Raises:
        LabelError: the file cannot grow beyond 4 GiB, or its directories or values are broken.
    """
    first = _first(source, limits)
    entry = first.entry(XMP)
    packet = source.take(entry.at, entry.size, limits) if entry else b""
    new = xmp.with_label(packet, fields)
    new = xmp.padded(new, room.size(xmp.least(new), len(packet)))
    changes = _stored(source, entry, new, first) if entry else _added(source, first, new)
    end = source.size + sum(edit.growth for edit in changes)
    packet_at, broken = changes[0].offset, dict[int, str]()
    for _, other in _found(source, limits, broken):
        if other.at != packet_at and (entry is None or other.start != entry.start):
            changes += _without_copy(source, other, limits)
    for _, page in _directories(source, limits, broken):
        broken.update(page.beyond(source.size))
    for at, trouble in broken.items():
        if source.size < end > at:  # else what is added would come to stand in it
            raise LabelError(f"{trouble}; repair the TIFF first")
    return _apart(changes)


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the file is without its packet: as it was, where :func:`edits` had to add a directory for it."""
    first = _first(source, limits)
    form, entry = first.form, first.entry(XMP)
    if entry is None or not xmp.read(source.take(entry.at, entry.size, limits), "XMP").labels:
        return []
    mark = struct.Struct(f"{form.order}8s" + 2 * form.offset[1])
    name, offset, size = mark.unpack(source.peek(first.end, mark.size).ljust(mark.size, b"\0"))
    ours = name == MARK and form.first_at + form.width <= size <= first.start
    if ours and entry.at == _aligned(first.end + mark.size) and entry.at + entry.size == source.size:
        old = Edit(form.first_at, form.width, form.pointer(offset))
        return [old, Edit(size, source.size - size, b"")]
    blank = Edit(entry.start + 4, 2 * form.width, bytes(2 * form.width))
    return _apart([blank, Edit(entry.at, entry.size, b"")])


def _form(source: Source) -> Form:
    head = source.read(0, 8)
    order = "<" if head[:2] == b"II" else ">"
    version = int.from_bytes(head[2:4], "little" if order == "<" else "big")
    if version == 43 and struct.unpack(f"{order}HH", head[4:8]) != (8, 0):
        raise LabelError("the BigTIFF has offsets of an unknown width")
    return Form(order, version == 43)


def _first(source: Source, limits: Limits) -> Directory:
    form = _form(source)
    offset = struct.unpack(form.offset, source.read(form.first_at, form.width))[0]
    return _directory(source, form, offset, limits)


def _directory(source: Source, form: Form, offset: int, limits: Limits) -> Directory:
    if offset < form.first_at + form.width:
        raise LabelError(f"a directory of the TIFF cannot begin at byte {offset:,}")
    width = struct.calcsize(form.count)
    (number,) = struct.unpack(form.count, source.read(offset, width))
    if number > MAX_ENTRIES:
        raise TooLargeError(f"a directory of {number:,} entries; the limit is {MAX_ENTRIES:,}")
    raw = source.take(offset + width, number * form.entry.size, limits)
    following = source.peek(offset + width + len(raw), form.width)  # some writers leave out the last
    return Directory(form, offset, raw, _number(form, following))


def _number(form: Form, raw: bytes) -> int:
    return int(struct.unpack(form.offset, raw)[0]) if len(raw) == form.width else 0


def _found(source: Source, limits: Limits, broken: dict[int, str]) -> Iterator[tuple[int, Entry]]:
    """The wanted entries with the numbers of their pages; a value that several share, once."""
    values: set[int] = set()
    for number, directory in _directories(source, limits, broken):
        for entry in directory.entries():
            if entry.tag != EXIF_IFD and entry.size and entry.at not in values:
                values.add(entry.at)
                yield number, entry


def _directories(source: Source, limits: Limits, broken: dict[int, str]) -> Iterator[tuple[int, Directory]]:
    """Each page and its EXIF directory, with the number of the page.

    One that is broken ends the walk; its place and what is wrong with it go into ``broken``.
    """
    first = page = _first(source, limits)
    at, seen = first.start, set[int]()
    try:
        for number in range(MAX_PAGES):
            seen.add(page.start)
            yield number, page
            pointer = page.entry(EXIF_IFD)
            if pointer and (at := _number(page.form, pointer.raw)):
                yield number, _directory(source, page.form, at, limits)
            at = page.following
            if at == first.start:
                broken[at] = "its pages lead back to the first"
            if not at or at in seen:
                return
            page = _directory(source, page.form, at, limits)
    except TooLargeError:
        raise
    except LabelError as trouble:
        broken[at] = f"a directory is broken: {trouble}"


def _beyond(tag: int) -> str:
    return f"the value of tag {tag} lies beyond the file"


def _take_packet(blocks: Blocks, packet: bytes, page: int, base: int) -> None:
    before = len(blocks.labels)
    blocks.take_xmp(packet, f"IFD{page} XMP", base)
    if page:  # the place is the first directory
        blocks.labels[before:] = [replace(label, normative=False) for label in blocks.labels[before:]]


def _without_copy(source: Source, entry: Entry, limits: Limits) -> list[Edit]:
    """What takes a copy of the label out of a value that keeps its length."""
    value = source.peek(entry.at, min(entry.size, limits.metadata_bytes))
    if len(value) < entry.size or entry.tag == MANIFEST:
        return []
    if entry.tag == XMP:
        new = xmp_copies.blanked(value)
        return [Edit(entry.at, len(value), new)] if new != value else []
    if not entry.of(value).is_label:
        return []
    return [Edit(entry.at, len(value), b" " * (len(value) - 1) + b"\0")]


def _stored(source: Source, entry: Entry, packet: bytes, first: Directory) -> list[Edit]:
    """The packet, first, where the old one is, if it fits or nothing is behind it; else at the file's end."""
    if entry.size > first.form.width and entry.at < first.end and entry.at + entry.size > first.start:
        raise LabelError("the XMP packet of the TIFF lies over its first directory")
    if len(packet) == entry.size:
        return [Edit(entry.at, entry.size, packet)]
    kind = entry.kind if SIZES.get(entry.kind) == 1 else UNDEFINED
    is_last = entry.size and entry.at + entry.size == source.size
    start, held = (entry.at, entry.size) if is_last else (source.size, 0)
    at = start if is_last else _aligned(start)
    row = first.form.entry.pack(XMP, kind, len(packet), first.form.pointer(at))
    moved = (
        [] if is_last or entry.size <= first.form.width else [Edit(entry.at, entry.size, b" " * entry.size)]
    )
    return [Edit(start, held, bytes(at - start) + packet), Edit(entry.start, len(row), row), *moved]


def _added(source: Source, first: Directory, packet: bytes) -> list[Edit]:
    """A new first directory at the end of the file, with the old one's entries and that of the packet.

    Where the old one is, and where the file ended, stands behind it, for :func:`carrier`.
    """
    form = first.form
    if source.peek(8, 4) == RAW:
        raise LabelError("a CR2 without XMP: its directories have fixed places")
    tags = first.tags()
    if len(tags) == MAX_ENTRIES:
        raise LabelError("the first directory of the TIFF is full")
    place = next((i for i, tag in enumerate(tags) if tag > XMP), len(tags)) * form.entry.size
    start = _aligned(source.size)
    mark = form.pointer(first.following) + MARK + form.pointer(first.start) + form.pointer(source.size)
    head = struct.pack(form.count, len(tags) + 1)
    at = _aligned(start + len(head) + len(first.raw) + form.entry.size + len(mark))
    row = form.entry.pack(XMP, UNDEFINED, len(packet), form.pointer(at))
    directory = head + first.raw[:place] + row + first.raw[place:] + mark
    new = bytes(start - source.size) + directory.ljust(at - start, b"\0") + packet
    return [Edit(source.size, 0, new), Edit(form.first_at, form.width, form.pointer(start))]


def _aligned(size: int) -> int:
    return -(-size // 8) * 8


def _apart(changes: Sequence[Edit]) -> list[Edit]:
    """The edits, of which none lies over another: a file that is made up can point anywhere."""
    ordered = sorted(changes, key=lambda edit: edit.offset)
    for one, two in pairwise(ordered):
        if one.offset + one.length > two.offset:
            raise LabelError(f"two values of the TIFF lie over each other at byte {two.offset:,}")
    return ordered
