"""JPEG: the label in XMP (APP1), or in the comment of EXIF (APP1); JUMBF (C2PA) in APP11.

Source: ITU-T T.81 Annex B; TC260-PG-20259A for the label's place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from countermark.labels import exif, xmp
from countermark.labels.blocks import Blocks
from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.grammar import Fields, looks_like_one
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

XMP = b"http://ns.adobe.com/xap/1.0/\0"
EXIF = b"Exif\0\0"
BARE = b"AIGC"
"""What some writers put before the JSON in a segment of its own."""
START_OF_SCAN, END_OF_IMAGE, APP0, APP1, APP11, APP15, COMMENT = 0xDA, 0xD9, 0xE0, 0xE1, 0xEB, 0xEF, 0xFE
STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
MAX_SEGMENT = 0xFFFF
"""A segment's length, which counts its own two bytes."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One APPn segment."""

    marker: int
    start: int
    """Of its ``FF``, in bytes of the file."""
    data: bytes
    """Behind the length."""

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.start + 4 + len(self.data)


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the segments before the image data.

    Raises:
        LabelError: a segment is broken.
        TooLargeError: the image data begins behind ``limits.metadata_bytes``.
    """
    blocks = Blocks()
    for segment in segments(source, limits):
        data, base = segment.data, segment.start + 4
        if segment.marker == APP1 and data.startswith(XMP):
            blocks.take_xmp(data[len(XMP) :], "XMP", base + len(XMP))
        elif segment.marker == APP1 and data.startswith(EXIF):
            blocks.take_exif(data[len(EXIF) :], "EXIF", base + len(EXIF))
        elif segment.marker == APP11 and b"jumb" in data[:64] and b"c2pa" in data[:256]:
            blocks.c2pa = True
        elif _is_bare(segment):
            text = data.removeprefix(BARE).decode("utf-8", "replace")
            place = "COM" if segment.marker == COMMENT else f"APP{segment.marker - APP0} AIGC"
            blocks.take_text(text, place, base, normative=False)
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the file ``fields`` as its one label, in XMP; in EXIF where its label stands there."""
    found = list(segments(source, limits))
    packets = [s for s in found if s.marker == APP1 and s.data.startswith(XMP)]
    blocks = [s for s in found if s.marker == APP1 and s.data.startswith(EXIF)]
    changes = [Edit(s.start, s.end - s.start, b"") for s in found if _is_bare(s)]
    commented = next((s for s in blocks if _holds_comment(s)), None)
    labelled = any(xmp.read(s.data[len(XMP) :], "XMP").labels for s in packets)
    if commented is None or labelled:
        commented = None
        changes.append(_in_xmp(packets[0] if packets else None, found, fields, room))
    for segment in blocks:
        block = segment.data[len(EXIF) :]
        new = exif.with_label(block, fields) if segment is commented else exif.without_labels(block)
        if new != block:
            changes.append(_replaced(segment, EXIF + new))
    return changes


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the file is without the segment that holds its label: the content that a signature covers.

    Source: measured on files of a provider that signs so; see ``docs/labels.md``.
    """
    for segment in segments(source, limits):
        packet = segment.data.startswith(XMP) and xmp.read(segment.data[len(XMP) :], "XMP").labels
        if segment.marker == APP1 and (packet or (segment.data.startswith(EXIF) and _holds_comment(segment))):
            return [Edit(segment.start, segment.end - segment.start, b"")]
    return []


def segments(source: Source, limits: Limits) -> Iterator[Segment]:
    """The APPn segments before the image data."""
    at = 2
    for number in count():
        head = source.peek(at, 4)
        if at > limits.metadata_bytes or number > limits.elements:
            raise TooLargeError(f"more than {limits.metadata_bytes:,} bytes of metadata")
        if len(head) < 2 or head[0] != 0xFF:
            raise _broken(head, at)
        marker = head[1]
        if marker == 0xFF:
            at += 1  # a fill byte
            continue
        if marker in (START_OF_SCAN, END_OF_IMAGE):
            return
        if marker in STANDALONE:
            at += 2
            continue
        length = int.from_bytes(head[2:], "big")
        wanted = APP0 <= marker <= APP15 or marker == COMMENT
        data = source.peek(at + 4, length - 2) if wanted else b""
        if len(head) < 4 or (data and len(data) < length - 2):
            raise LabelError(f"the JPEG ends within a segment, at byte {at:,}")
        if length < 2:
            raise LabelError(f"a segment of the JPEG has a negative length, at byte {at:,}")
        if data:
            yield Segment(marker, at, data)
        at += 2 + length


def _broken(head: bytes, at: int) -> LabelError:
    if len(head) < 2 and head in b"\xff":
        return LabelError(f"the JPEG ends before its image data, at byte {at:,}")
    return LabelError(f"no marker where the next segment of the JPEG should begin, at byte {at:,}")


def _is_bare(segment: Segment) -> bool:
    """Whether a segment holds a label and nothing else."""
    named = segment.data.startswith(BARE + b"{") or segment.marker == COMMENT
    return named and looks_like_one(segment.data[:200].decode("utf-8", "replace"))


def _holds_comment(segment: Segment) -> bool:
    return exif.holds_label(segment.data[len(EXIF) :])


def _in_xmp(packet: Segment | None, found: list[Segment], fields: Fields, room: Room) -> Edit:
    old = packet.data[len(XMP) :] if packet else b""
    new = xmp.with_label(old, fields)
    frame = 0 if packet else 4 + len(XMP)
    held = len(old) if packet else 0
    size = room.size(max(xmp.least(new), 0) + frame, held) - frame
    new = xmp.padded(new, min(max(size, xmp.least(new)), max(xmp.least(new), MAX_SEGMENT - 2 - len(XMP))))
    if packet:
        return _replaced(packet, XMP + new)
    return Edit(_place(found), 0, _segment(APP1, XMP + new))


def _place(found: list[Segment]) -> int:
    """Behind JFIF and EXIF, where readers look for XMP."""
    at = 2
    for segment in found:
        if segment.start != at or not (segment.marker == APP0 or segment.data.startswith(EXIF)):
            break
        at = segment.end
    return at


def _replaced(segment: Segment, data: bytes) -> Edit:
    return Edit(segment.start, segment.end - segment.start, _segment(segment.marker, data))


def _segment(marker: int, data: bytes) -> bytes:
    if len(data) + 2 > MAX_SEGMENT:
        raise LabelError(f"{len(data):,} bytes do not fit into one segment of a JPEG, which holds 65,533")
    return bytes((0xFF, marker)) + (len(data) + 2).to_bytes(2, "big") + data
