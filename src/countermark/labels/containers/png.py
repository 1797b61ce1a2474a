"""PNG: XMP in iTXt, or the keyword ``AIGC`` in tEXt, zTXt and iTXt; eXIf; caBX (C2PA).

Source: PNG (ISO/IEC 15948); TC260-PG-20259A for the label's place.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from countermark.labels import exif, xmp
from countermark.labels.blocks import Blocks
from countermark.labels.defects import LabelError, TooLargeError, warning
from countermark.labels.grammar import Fields, Label
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room
from countermark.labels.xmp_copies import blanked

SIGNATURE_BYTES = 8
XMP = "XML:com.adobe.xmp"
XMP_HEAD = XMP.encode() + b"\0\0\0\0\0"
"""Keyword, not packed, no language, no translated keyword."""
AIGC = "aigc"
END = b"IEND"
MAX_STRAY = 64 << 10
"""How far behind the end of the image chunks are looked for, which no reader of PNG does."""
WANTED = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf"})
MAX_JUMBF_HEAD = 256
"""Where a JUMBF box says what it is."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of metadata."""

    kind: bytes
    start: int
    """Of its length, in bytes of the file."""
    length: int
    data: bytes
    """Empty for chunks that nobody asked for."""
    behind_image: bool

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.start + 12 + self.length

    def text(self, limit: int) -> Text | None:
        """Keyword and text, where it is a chunk of text; unpacked to at most ``limit`` bytes."""
        return None if self.kind == b"eXIf" else _text(self.kind, self.data, limit)


@dataclass(frozen=True, slots=True)
class Text:
    """What a chunk of text says."""

    keyword: str
    value: bytes
    packed: bool
    at: int
    """Of the value in the data of the chunk."""

    @property
    def is_label(self) -> bool:
        """Whether its keyword is the label's."""
        return self.keyword.lower() == AIGC


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the metadata chunks, before and behind the image data.

    Raises:
        LabelError: a chunk is broken.
        TooLargeError: they hold more than ``limits.metadata_bytes``, packed or unpacked.
    """
    blocks = Blocks()
    left = limits.metadata_bytes
    for chunk in chunks(source, limits):
        before = len(blocks.labels)
        if chunk.kind == END:
            blocks.labels += _strays(source, chunk.end)
            continue
        if chunk.kind == b"caBX":
            blocks.c2pa |= b"jumb" in chunk.data and b"c2pa" in chunk.data
            continue
        left -= chunk.length
        if left < 0:
            raise TooLargeError(f"more than {limits.metadata_bytes:,} bytes of metadata")
        text = chunk.text(left)
        if text is None:
            blocks.take_exif(chunk.data, "eXIf", chunk.start + 8)
        else:
            left -= len(text.value) if text.packed else 0
            _take(blocks, chunk, text)
        if chunk.behind_image and len(blocks.labels) > before:
            blocks.defects.append(warning("behind-image", "its label stands behind the image data"))
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the file ``fields`` as its one label: in tEXt ``AIGC`` or eXIf where it is, else in XMP."""
    every = list(chunks(source, limits))
    if _strays(source, every[-1].end):
        raise LabelError("a label stands behind the end of the image: no writer of PNG can take it up there")
    found = [chunk for chunk in every if chunk.data]
    texts = [(chunk, chunk.text(limits.metadata_bytes)) for chunk in found]
    packets = [(chunk, text) for chunk, text in texts if text and text.keyword == XMP]
    blocks = [chunk for chunk in found if chunk.kind == b"eXIf"]
    named = [chunk for chunk, text in texts if text and text.is_label]
    keep = next((chunk for chunk in named if chunk.kind == b"tEXt" and not chunk.behind_image), None)
    commented = next((chunk for chunk in blocks if exif.holds_label(chunk.data)), None)
    if any(xmp.read(text.value, "XMP").labels for _, text in packets):
        keep = commented = None
    changes = [Edit(c.start, c.end - c.start, b"") for c in named if c is not keep]
    if keep:
        commented = None
        changes.append(_replaced(keep, b"tEXt", b"AIGC\0" + _latin(fields)))
    elif commented is None:
        changes += _in_xmp(packets, source, fields, room)
    for chunk in blocks:
        kept = exif.with_label(chunk.data, fields) if chunk is commented else exif.without_labels(chunk.data)
        if kept != chunk.data:
            changes.append(_replaced(chunk, b"eXIf", kept))
    return changes


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the file is without the chunk that holds its label: the content that a signature covers."""
    for chunk in chunks(source, limits):
        text = chunk.text(limits.metadata_bytes) if chunk.data else None
        named = text and (text.is_label or (text.keyword == XMP and xmp.read(text.value, "XMP").labels))
        if named or (chunk.kind == b"eXIf" and exif.holds_label(chunk.data)):
            return [Edit(chunk.start, chunk.end - chunk.start, b"")]
    return []


def chunks(source: Source, limits: Limits) -> Iterator[Chunk]:
    """The chunks that may hold a label or a mark, and the one that ends the image."""
    at, behind = SIGNATURE_BYTES, False
    for _ in range(limits.elements):
        head = source.peek(at, 8)
        if len(head) < 8:
            raise LabelError(f"the PNG ends without IEND, at byte {at:,}")
        length, kind = struct.unpack(">I4s", head)
        if at + 12 + length > source.size:
            raise LabelError(f"the PNG ends within its {_shown(kind)} chunk, at byte {at:,}")
        if kind == END:
            yield Chunk(kind, at, length, b"", behind_image=True)
            return
        if kind in WANTED:
            yield Chunk(kind, at, length, source.take(at + 8, length, limits), behind)
        elif kind == b"caBX":
            yield Chunk(kind, at, length, source.read(at + 8, min(length, MAX_JUMBF_HEAD)), behind)
        behind |= kind == b"IDAT"
        at += length + 12
    raise TooLargeError(f"more than {limits.elements:,} chunks")


def _strays(source: Source, at: int) -> list[Label]:
    """Labels in chunks of text that somebody put behind the end, where no reader of PNG looks."""
    found = Blocks()
    until = min(source.size, at + MAX_STRAY)
    while at + 12 <= until:
        length, kind = struct.unpack(">I4s", source.peek(at, 8))
        if at + 12 + length > until:
            break
        if kind in WANTED and kind != b"eXIf":
            data = source.read(at + 8, length)
            with suppress(LabelError):  # what is no image may be anything
                text = _text(kind, data, MAX_STRAY)
                _take(found, Chunk(kind, at, length, data, behind_image=True), text)
        at += length + 12
    return [replace(one, place=f"{one.place} behind IEND", normative=False) for one in found.labels]


def _take(blocks: Blocks, chunk: Chunk, text: Text) -> None:
    base = -1 if text.packed else chunk.start + 8 + text.at
    kind = chunk.kind.decode()
    if text.keyword == XMP:
        blocks.take_xmp(text.value, f"{kind} {XMP}", base)
    elif text.is_label:
        normative = chunk.kind == b"tEXt" and text.keyword == "AIGC"
        value = text.value.decode("utf-8", "replace")
        blocks.take_text(value, f"{kind} {text.keyword}", base, normative=normative)
    elif text.keyword in ("Software", "Author", "Creation Time"):
        value = text.value.decode("latin-1").strip()
        blocks.note(**{NOTED[text.keyword]: value})


NOTED = {"Software": "tool", "Author": "creator", "Creation Time": "created"}


def _in_xmp(packets: list[tuple[Chunk, Text]], source: Source, fields: Fields, room: Room) -> list[Edit]:
    """The label in the packet that holds one, else in the first, else in a new one; none in the others."""
    holding = [(chunk, text) for chunk, text in packets if xmp.read(text.value, "XMP").labels]
    chunk, text = next(iter(holding or packets), (None, None))
    new = xmp.with_label(text.value if text else b"", fields)
    needed = len(XMP_HEAD) + xmp.least(new)
    if chunk is None:
        size = room.size(needed + 12) - 12
        if source.read(12, 4) != b"IHDR":
            raise LabelError("the PNG does not begin with IHDR")
        at = 8 + 12 + struct.unpack(">I", source.read(8, 4))[0]  # behind IHDR
        return [Edit(at, 0, _chunk(b"iTXt", XMP_HEAD + xmp.padded(new, size - len(XMP_HEAD))))]
    size = room.size(needed, chunk.length)
    written = _replaced(chunk, b"iTXt", XMP_HEAD + xmp.padded(new, size - len(XMP_HEAD)))
    return [written, *(_replaced(c, b"iTXt", XMP_HEAD + blanked(t.value)) for c, t in holding[1:])]


def _latin(fields: Fields) -> bytes:
    """For tEXt, which is Latin-1: what is beyond ASCII stands there as JSON escapes."""
    text = fields.wrapped()
    return "".join(c if c < "\x7f" else "".join(f"\\u{u:04x}" for u in _units(c)) for c in text).encode()


def _units(sign: str) -> tuple[int, ...]:
    data = sign.encode("utf-16-be", "surrogatepass")
    return struct.unpack(f">{len(data) // 2}H", data)


def _text(kind: bytes, data: bytes, limit: int) -> Text:
    keyword, _, rest = data.partition(b"\0")
    name = keyword.decode("latin-1")
    if kind == b"tEXt":
        return Text(name, rest, packed=False, at=len(data) - len(rest))
    if kind == b"zTXt":
        packed, body = True, rest[1:]
    else:
        packed = rest[:1] == b"\1"
        _language, _, rest = rest[2:].partition(b"\0")
        _translated, _, body = rest.partition(b"\0")
    if name != XMP and name.lower() != AIGC:
        return Text(name, b"", packed=False, at=0)
    value = _unpacked(body, limit) if packed else body
    return Text(name, value, packed, len(data) - len(body))


def _unpacked(body: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(body, max(limit, 0) + 1)
    except zlib.error as error:
        raise LabelError(f"a packed text of the PNG does not unpack: {error}") from None
    if len(text) > limit:
        raise TooLargeError(f"a packed text of the PNG unpacks to more than {limit:,} bytes")
    return text


def _replaced(chunk: Chunk, kind: bytes, data: bytes) -> Edit:
    return Edit(chunk.start, chunk.end - chunk.start, _chunk(kind, data))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _shown(kind: bytes) -> str:
    return kind.decode() if kind.isalpha() else ascii(kind)[2:-1]
