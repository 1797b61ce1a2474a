"""WAV: the label in a chunk ``AIGC``; copies in ``LIST INFO``, ``id3``, ``_PMX`` (XMP) and ``bext``.

RF64 and BW64 are read too, and what was streamed, whose sizes nobody filled in: there the samples run to
the end of the file, so that the label goes before them.

Source: TC260-PG-202510A for the label's place, as reported; EBU Tech 3306 (RF64), 3285 (bext).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from countermark.labels import exif, grammar
from countermark.labels.blocks import Blocks
from countermark.labels.containers import id3, riff
from countermark.labels.containers.riff import Chunk
from countermark.labels.defects import LabelError, TooLargeError, warning
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

LARGE = (b"RF64", b"BW64")
ENDLESS = 1 << 62
ID3_CHUNKS = (b"id3 ", b"ID3 ")
BEXT_FIELDS = (("Description", 0, 256), ("CodingHistory", 602, None))
"""Name, first byte and last byte of the texts of ``bext`` that are long enough for a label."""
MAX_BEXT = 1 << 20


@dataclass(frozen=True, slots=True)
class Layout:
    """The chunks of the file."""

    chunks: list[Chunk]
    end: int
    """Where the RIFF ends."""
    wide: Chunk | None
    """``ds64``, which holds the sizes of a file beyond 4 GiB."""

    @property
    def open(self) -> Chunk | None:
        """The samples, where they run to the end of the file."""
        return next((chunk for chunk in self.chunks if chunk.open), None)


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the chunks around the samples.

    Raises:
        LabelError: a chunk is broken.
        TooLargeError: one is longer than ``limits.metadata_bytes``.
    """
    blocks = Blocks()
    layout = _layout(source, limits)
    for chunk in layout.chunks:
        if chunk.kind.upper() == riff.AIGC:
            text = source.take(chunk.at, chunk.length, limits).decode("utf-8", "replace")
            place = f"chunk {riff.shown(chunk.kind)}"
            blocks.take_text(text, place, chunk.start, normative=chunk.kind == riff.AIGC)
        elif chunk.form == b"INFO":
            riff.take_info(blocks, source, chunk, limits, normative=False)
        elif chunk.kind == riff.XMP:
            riff.take_packet(blocks, source, chunk, limits)
        elif chunk.kind in ID3_CHUNKS:
            _take_id3(blocks, source.take(chunk.at, chunk.length, limits), chunk.at, limits)
        elif chunk.kind == b"bext":
            _take_bext(blocks, source, chunk)
        blocks.c2pa |= riff.is_manifest(source, chunk)
    if layout.open:
        blocks.defects.append(warning("open-ended", "its samples have no size, or one beyond the file"))
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the file ``fields`` as its one label, in a chunk ``AIGC``.

    Raises:
        LabelError: a copy of the label stands where it cannot be taken out.
    """
    layout = _layout(source, limits)
    named = [chunk for chunk in layout.chunks if chunk.kind.upper() == riff.AIGC]
    keep = next((chunk for chunk in named if chunk.kind == riff.AIGC), None)
    changes = [riff.cut(chunk) for chunk in named if chunk is not keep]
    for chunk in layout.chunks:
        changes += _without_copy(source, chunk, limits)
    changes.append(_labelled(layout, keep, fields.bare().encode(), room))
    return _resized(source, layout, changes)


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the file is without its chunk ``AIGC``."""
    layout = _layout(source, limits)
    changes = [riff.cut(chunk) for chunk in layout.chunks if chunk.kind == riff.AIGC][:1]
    return _resized(source, layout, changes)


def _layout(source: Source, limits: Limits) -> Layout:
    size = riff.stated_size(source)
    sizes: dict[bytes, int] = {}
    end = riff.extent(source)
    large = source.read(0, 4) in LARGE
    if large:
        sizes, total = _wide_sizes(source, limits)
        end = riff.extent(source, total) if size == riff.UNKNOWN and total else end
    elif size in (0, riff.UNKNOWN):
        sizes = {b"data": ENDLESS}
    found, end = riff.body(source, limits, sizes, end)
    if not any(chunk.kind == b"fmt " for chunk in found):
        raise LabelError("the WAV has no fmt chunk")
    return Layout(found, end, found[0] if large else None)


def _wide_sizes(source: Source, limits: Limits) -> tuple[dict[bytes, int], int]:
    """The sizes that ``ds64`` gives to chunks, and that of the whole."""
    kind, length = struct.unpack("<4sI", source.read(riff.HEAD, 8))
    if kind != b"ds64" or length < 28:
        raise LabelError("the RF64 file does not begin with ds64")
    table = source.take(riff.HEAD + 8, length, limits)
    total, samples, _count, rows = struct.unpack_from("<QQQI", table)
    rows = min(rows, (length - 28) // 12)
    sizes = dict(struct.iter_unpack("<4sQ", table[28 : 28 + 12 * rows]))
    return {**sizes, b"data": samples if total else ENDLESS}, total


def _resized(source: Source, layout: Layout, changes: list[Edit]) -> list[Edit]:
    growth = sum(edit.growth for edit in changes)
    if layout.wide is None or riff.stated_size(source) != riff.UNKNOWN or not growth:
        return riff.resized(source, changes, layout.end)
    if source.read(layout.wide.at, 8) == bytes(8):
        return changes  # streamed: nobody knew
    return [*changes, Edit(layout.wide.at, 8, struct.pack("<Q", layout.end + growth - 8))]


def _labelled(layout: Layout, keep: Chunk | None, text: bytes, room: Room) -> Edit:
    """The label where it stands; at the end, where it needs no room; or before samples without an end."""
    last = layout.chunks[-1]
    if keep is last and not layout.open:
        return riff.replaced(keep, text)
    if keep:
        size = room.size(len(text), keep.length)
        return riff.replaced(keep, text.ljust(size + (size & 1) * (size != keep.length)))
    if layout.open:
        size = room.size(len(text) + 8) - 8
        return Edit(layout.open.start, 0, riff.pack(riff.AIGC, text.ljust(size + (size & 1))))
    return riff.appended(last, riff.pack(riff.AIGC, text))


def _without_copy(source: Source, chunk: Chunk, limits: Limits) -> list[Edit]:
    """What takes a copy of the label out of a chunk that keeps its length."""
    if chunk.form == b"INFO":
        return _without_item(source, chunk, limits)
    if chunk.kind == riff.XMP:
        return riff.without_packet_label(source, chunk, limits)
    if chunk.kind in ID3_CHUNKS:
        data = source.take(chunk.at, chunk.length, limits)
        new = _without_frames(data, limits)
        return [Edit(chunk.at, chunk.length, new)] if new != data else []
    if chunk.kind == b"bext":
        return [
            Edit(chunk.at + at, len(data), bytes(len(data)))
            for _, at, data in _bext_texts(source, chunk)
            if grammar.looks_like_one(exif.decoded(data))
        ]
    return []


def _without_item(source: Source, listing: Chunk, limits: Limits) -> list[Edit]:
    try:
        items = riff.info_items(source, listing, limits)
    except LabelError:
        return []  # reported as a defect, and no label was read from it
    kept = [(item.kind, item.data) for item in items if not item.is_label]
    if len(kept) == len(items):
        return []
    new, held = riff.info_list(kept), listing.end - listing.start
    return [Edit(listing.start, held, new + riff.junk(held - len(new)))]


def _take_bext(blocks: Blocks, source: Source, chunk: Chunk) -> None:
    for name, at, data in _bext_texts(source, chunk):
        text = exif.decoded(data).strip("\0")
        if grammar.looks_like_one(text):
            blocks.take_text(text, f"bext {name}", chunk.at + at, normative=False)
    head = source.peek(chunk.at, min(chunk.length, 338))[256:338]
    texts = [part.rstrip(b"\0 ").decode("latin-1") for part in (head[:32], head[64:74], head[74:82])]
    blocks.note(creator=texts[0], created=" ".join(texts[1:]).strip())


def _bext_texts(source: Source, chunk: Chunk) -> Iterator[tuple[str, int, bytes]]:
    data = source.peek(chunk.at, min(chunk.length, MAX_BEXT))
    for name, at, end in BEXT_FIELDS:
        yield name, at, data[at:end]


def _take_id3(blocks: Blocks, data: bytes, base: int, limits: Limits) -> None:
    try:
        tags = list(id3.tags(Source(data), limits))
    except TooLargeError:
        raise
    except LabelError as trouble:
        blocks.defects.append(warning("id3-broken", f"its id3 chunk is broken: {trouble}"))
        return
    for tag in tags:
        for frame in tag.frames:
            if frame.is_label:
                name, text = frame.text()
                place = f"id3 {riff.shown(frame.kind)} {name}".rstrip()
                blocks.take_text(text, place, base + frame.start, normative=False)


def _without_frames(data: bytes, limits: Limits) -> bytes:
    """The tag without its copies of the label; its padding takes their place."""
    try:
        tags = list(id3.tags(Source(data), limits))
    except LabelError:
        return data  # reported as a defect, and no label was read from it
    for tag in tags:
        found = [frame for frame in tag.frames if frame.is_label]
        if found and (tag.is_packed or tag.is_checked or tag.footer):
            raise LabelError(
                "a copy of the label stands in an ID3 tag that has a checksum, a footer or stuffing"
            )
        for frame in reversed(found):
            gap = bytes(frame.end - frame.start)
            data = data[: frame.start] + data[frame.end : tag.stop] + gap + data[tag.stop :]
    return data
