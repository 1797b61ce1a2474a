"""GIF: the label in XMP, in the application extension ``XMP Data``; C2PA in ``C2PA_GIF``.

XMP stands there as it is, with a trailer of 258 bytes that leads whoever skips it as sub-blocks to its
end; some write it as sub-blocks, which is read as well. A GIF87a that gets a label becomes a GIF89a,
since only that has extensions: the version is the one other byte that changes.

Source: GIF89a specification; XMP specification part 3 (2020), GIF; TC260-PG-20259A for the label's place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from countermark.labels import exif, grammar, xmp, xmp_copies
from countermark.labels.blocks import Blocks
from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

SCREEN = 13
"""Of the signature and the logical screen descriptor."""
EXTENSION, IMAGE, TRAILER = 0x21, 0x2C, 0x3B
APPLICATION, COMMENT = 0xFF, 0xFE
XMP, MANIFEST = b"XMP DataXMP", b"C2PA_GIF\x01\0\0"
HEAD = b"\x21\xff\x0b"
MAGIC = bytes((1, *range(255, -1, -1)))
"""Wherever in it a reader of sub-blocks lands, its next step is the zero behind it."""
WINDOW = 16 << 10
SUB_BLOCKS = 16
"""Most sub-blocks for each element that ``Limits`` grants: all are passed over, byte by byte."""


@dataclass(frozen=True, slots=True)
class Extension:
    """One application or comment extension."""

    kind: int
    start: int
    end: int
    application: bytes = b""

    @property
    def at(self) -> int:
        """Where what stands in it begins."""
        return self.start + (14 if self.kind == APPLICATION else 2)


@dataclass(frozen=True, slots=True)
class Packet:
    """One XMP packet."""

    extension: Extension
    data: bytes
    base: int
    """Where it begins in the file; -1 where it is in sub-blocks."""


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the extensions before, between and behind the images.

    Raises:
        LabelError: the file is broken or ends too early.
        TooLargeError: an extension is longer than ``limits.metadata_bytes``, or there are too many.
    """
    blocks = Blocks()
    for extension in extensions(source, limits):
        if extension.application == XMP:
            packet = _packet(source, extension, limits)
            blocks.take_xmp(packet.data, "XMP", packet.base)
        elif extension.application == MANIFEST:
            blocks.c2pa = True
        elif text := _comment_label(source, extension, limits):
            blocks.take_text(text, "comment", extension.start, normative=False)
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the file ``fields`` as its one label, in XMP, before the first image."""
    found = list(extensions(source, limits))
    packets = [_packet(source, e, limits) for e in found if e.application == XMP]
    labelled = [packet for packet in packets if xmp.read(packet.data, "XMP").labels]
    target = next(iter(labelled or packets), None)
    changes = [_replaced(p, xmp_copies.blanked(p.data)) for p in labelled if p is not target]
    changes += [Edit(e.start, e.end - e.start, b"") for e in found if _comment_label(source, e, limits)]
    if source.read(0, 6) == b"GIF87a":
        changes.append(Edit(4, 1, b"9"))
    new = xmp.with_label(target.data if target else b"", fields)
    if target:
        return [*changes, _replaced(target, xmp.padded(new, room.size(xmp.least(new), len(target.data))))]
    frame = len(_framed(b""))
    packet = xmp.padded(new, room.size(xmp.least(new) + frame) - frame)
    return [*changes, Edit(_behind_colours(source, 10, SCREEN), 0, _framed(packet))]


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the file is without the extension that holds its label; its version stays."""
    for extension in extensions(source, limits):
        if extension.application == XMP:
            packet = _packet(source, extension, limits)
            if xmp.read(packet.data, "XMP").labels:
                return [Edit(extension.start, extension.end - extension.start, b"")]
    return []


def extensions(source: Source, limits: Limits) -> Iterator[Extension]:
    """The application and comment extensions. A file may end without its trailer."""
    walk = _SubBlocks(source, limits.elements * SUB_BLOCKS)
    at = _behind_colours(source, 10, SCREEN)
    for _ in range(limits.elements):
        head = source.peek(at, 14)
        if not head or head[0] == TRAILER:
            return
        if head[0] == EXTENSION and len(head) > 2:
            kind, application = head[1], b""
            end = walk.end(at + 2)
            if kind == APPLICATION and head[2] == 11:
                application = head[3:14]
            if application or kind == COMMENT:
                yield Extension(kind, at, end, application)
            at = end
        elif head[0] == IMAGE:
            at = walk.end(_behind_colours(source, at + 9, at + 10) + 1)
        elif head[0]:
            raise LabelError(f"no block where the next one of the GIF should begin, at byte {at:,}")
        else:
            at += 1  # some writers fill with zeros
    raise TooLargeError(f"more than {limits.elements:,} blocks")


class _SubBlocks:
    """Passes over sub-blocks, of which one file has only so many."""

    def __init__(self, source: Source, left: int) -> None:
        self._source, self._left = source, left

    def end(self, at: int) -> int:
        """Where the sub-blocks that begin at ``at`` end, behind their zero."""
        while window := self._source.peek(at, WINDOW):
            step, length = 0, len(window)
            while step < length:
                size = window[step]
                step += size + 1
                self._left -= 1
                if not size:
                    return at + step
            at += step
            if self._left < 0:
                raise TooLargeError("more sub-blocks than a GIF should have")
        raise LabelError(f"the GIF ends within a block, at byte {self._source.size:,}")


def _behind_colours(source: Source, flags_at: int, at: int) -> int:
    """Where the colour table ends that begins at ``at``, if the flags say that there is one."""
    flags = source.read(flags_at, 1)[0]
    end = at + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    if end > source.size:
        raise LabelError(f"the GIF ends within a colour table, at byte {source.size:,}")
    return end


def _packet(source: Source, extension: Extension, limits: Limits) -> Packet:
    raw = source.take(extension.at, extension.end - 1 - extension.at, limits)
    if raw.endswith(MAGIC):
        return Packet(extension, raw[: -len(MAGIC)], extension.at)
    return Packet(extension, _joined(raw), -1)


def _joined(raw: bytes) -> bytes:
    """What sub-blocks hold together."""
    parts, at = [], 0
    while at < len(raw):
        parts.append(raw[at + 1 : at + 1 + raw[at]])
        at += 1 + raw[at]
    return b"".join(parts)


def _comment_label(source: Source, extension: Extension, limits: Limits) -> str:
    """What a comment says that is meant to be a label; empty where it is not."""
    if extension.kind != COMMENT:
        return ""
    text = exif.decoded(_joined(source.take(extension.at, extension.end - 1 - extension.at, limits)))
    return text if grammar.looks_like_one(text) else ""


def _framed(packet: bytes) -> bytes:
    if b"\0" in packet:
        raise LabelError("the XMP packet holds a zero byte, which a GIF cannot carry")
    return HEAD + XMP + packet + MAGIC + b"\0"


def _replaced(packet: Packet, data: bytes) -> Edit:
    extension = packet.extension
    return Edit(extension.start, extension.end - extension.start, _framed(data))
