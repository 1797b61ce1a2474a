"""WebP: the label in the chunk ``XMP`` (with space), or in the comment of ``EXIF``; C2PA in ``C2PA``.

Source: RFC 9649; TC260-PG-20259A for the label's place.
"""

from __future__ import annotations

import struct

from countermark.labels import exif, xmp, xmp_copies
from countermark.labels.blocks import Blocks
from countermark.labels.containers import riff
from countermark.labels.containers.riff import Chunk
from countermark.labels.defects import LabelError
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

EXTENDED, LOSSY, LOSSLESS = b"VP8X", b"VP8 ", b"VP8L"
IMAGES = frozenset({LOSSY, LOSSLESS, b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
PACKETS = frozenset({b"XMP ", b"XMP\0"})
"""The second is a misspelling that was in circulation."""
HAS_ALPHA, HAS_EXIF, HAS_XMP = 0x10, 0x08, 0x04
EXIF_HEAD = b"Exif\0\0"
"""Belongs to JPEG; some writers carry it over."""


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the metadata chunks.

    Raises:
        LabelError: a chunk is broken.
        TooLargeError: one is longer than ``limits.metadata_bytes``.
    """
    blocks = Blocks()
    for chunk in riff.body(source, limits)[0]:
        if chunk.kind in PACKETS:
            blocks.take_xmp(source.take(chunk.at, chunk.length, limits), "XMP", chunk.at)
        elif chunk.kind == b"EXIF":
            head, block = _exif(source, chunk, limits)
            blocks.take_exif(block, "EXIF", chunk.at + len(head))
        blocks.c2pa |= riff.is_manifest(source, chunk)
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the file ``fields`` as its one label, in XMP; in EXIF where its label stands there.

    A simple file becomes an extended one.
    """
    found, end = riff.body(source, limits)
    packets = [(c, source.take(c.at, c.length, limits)) for c in found if c.kind in PACKETS]
    blocks = [(c, *_exif(source, c, limits)) for c in found if c.kind == b"EXIF"]
    labelled = [chunk for chunk, packet in packets if xmp.read(packet, "XMP").labels]
    commented = next((c for c, _, block in blocks if _holds_comment(block)), None) if not labelled else None
    changes: list[Edit] = []
    for chunk, head, block in blocks:
        new = exif.with_label(block, fields) if chunk is commented else exif.without_labels(block)
        if chunk is commented and not _holds_comment(new):
            raise LabelError("the EXIF block is broken, so that the label in it cannot be replaced")
        if new != block:
            changes.append(riff.replaced(chunk, head + new))
    if commented is None:
        if found and end > found[-1].end + 1:
            raise LabelError("holds bytes behind its last chunk that are no chunk")
        target = labelled[0] if labelled else packets[0][0] if packets else None
        changes += _flagged(source, found)
        for chunk, packet in packets:
            if chunk is target:
                changes.append(_in_packet(chunk, packet, fields, room))
            elif chunk in labelled:
                changes.append(riff.replaced(chunk, xmp_copies.blanked(packet)))
        if target is None:
            changes.append(_new_packet(found[-1], changes, fields, room))
    return riff.resized(source, changes, end)


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the file is without the chunk that holds its label; simple again where nothing else needs more."""
    found, end = riff.body(source, limits)
    chunk = next((c for c in found if _is_carrier(source, c, limits)), None)
    if chunk is None:
        return []
    changes = [riff.cut(chunk)]
    first, rest = found[0], [c for c in found[1:] if c is not chunk]
    if first.kind == EXTENDED:
        flags = source.read(first.at, 1)[0] & ~(HAS_EXIF if chunk.kind == b"EXIF" else HAS_XMP)
        images = [c.kind for c in rest if c.kind in IMAGES]
        if not flags & ~HAS_ALPHA and images in ([LOSSY], [LOSSLESS]):
            changes.append(riff.cut(first))
        else:
            changes.append(Edit(first.at, 1, bytes([flags])))
    return riff.resized(source, changes, end)


def _exif(source: Source, chunk: Chunk, limits: Limits) -> tuple[bytes, bytes]:
    """What stands before the EXIF block, and the block."""
    data = source.take(chunk.at, chunk.length, limits)
    block = data.removeprefix(EXIF_HEAD)
    return data[: len(data) - len(block)], block


def _holds_comment(block: bytes) -> bool:
    return any(entry.tag == exif.USER_COMMENT and entry.is_label for entry in exif.entries(block))


def _is_carrier(source: Source, chunk: Chunk, limits: Limits) -> bool:
    if chunk.kind in PACKETS:
        return bool(xmp.read(source.take(chunk.at, chunk.length, limits), "XMP").labels)
    return chunk.kind == b"EXIF" and _holds_comment(_exif(source, chunk, limits)[1])


def _in_packet(chunk: Chunk, packet: bytes, fields: Fields, room: Room) -> Edit:
    new = xmp.with_label(packet, fields)
    size = room.size(xmp.least(new), chunk.length)
    return Edit(chunk.start, chunk.end - chunk.start, riff.pack(b"XMP ", xmp.padded(new, size)))


def _new_packet(last: Chunk, changes: list[Edit], fields: Fields, room: Room) -> Edit:
    """The packet at the end, where the specification has it; all edits together grow by whole blocks."""
    new = xmp.with_label(b"", fields)
    frame = 8 + (last.end & 1) + sum(edit.growth for edit in changes)
    size = room.size(xmp.least(new) + frame) - frame
    return riff.appended(last, riff.pack(b"XMP ", xmp.padded(new, size)))


def _flagged(source: Source, found: list[Chunk]) -> list[Edit]:
    """What makes the file say that it has XMP."""
    if not found or found[0].kind not in (EXTENDED, LOSSY, LOSSLESS):
        raise LabelError("the WebP does not begin with VP8, VP8L or VP8X")
    first = found[0]
    if first.kind != EXTENDED:
        flags = HAS_XMP | HAS_EXIF * any(chunk.kind == b"EXIF" for chunk in found)
        return [Edit(first.start, 0, _extended(source.read(first.at, 10), first.kind, flags))]
    flags = source.read(first.at, 1)[0]
    return [] if flags & HAS_XMP else [Edit(first.at, 1, bytes([flags | HAS_XMP]))]


def _extended(head: bytes, kind: bytes, flags: int) -> bytes:
    """The chunk ``VP8X`` of a simple file, by the head of its bitstream.

    Source: RFC 9649 section 2.7; RFC 6386 section 9.1 for VP8; RFC 9649 section 3.4 for VP8L.
    """
    if kind == LOSSLESS:
        signature, bits = struct.unpack_from("<BI", head)
        if signature != 0x2F:
            raise LabelError("the lossless image of the WebP has no signature")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags |= HAS_ALPHA * (bits >> 28 & 1)
    else:
        start, width, height = struct.unpack_from("<3x3sHH", head)
        if start != b"\x9d\x01\x2a":
            raise LabelError("the lossy image of the WebP has no key frame")
        width, height = width & 0x3FFF, height & 0x3FFF
        if not width or not height:
            raise LabelError("the lossy image of the WebP has no size")
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return riff.pack(EXTENDED, bytes([flags, 0, 0, 0]) + sides)
