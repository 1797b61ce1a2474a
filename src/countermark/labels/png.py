"""PNG: XMP in iTXt, the keyword ``AIGC`` in tEXt, zTXt and iTXt, eXIf, caBX (C2PA).

Source: PNG (ISO/IEC 15948); TC260-PG-20259A for the label's place.
"""

from __future__ import annotations

import struct
import zlib
from typing import IO

from countermark.labels import grammar
from countermark.labels.metadata import Blocks, LabelError

SIGNATURE_BYTES = 8
XMP = "XML:com.adobe.xmp"
AIGC = "aigc"
WANTED = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf"})
MAX_CHUNKS = 1 << 20
MAX_JUMBF_HEAD = 256
"""Where a JUMBF box says what it is."""


def walk(stream: IO[bytes], max_bytes: int) -> Blocks:
    """Read the metadata chunks, before and behind the image data.

    Raises:
        LabelError: a chunk is broken, or they hold more than ``max_bytes``, packed or unpacked.
    """
    blocks = Blocks()
    size = stream.seek(0, 2)
    stream.seek(SIGNATURE_BYTES)
    left = max_bytes
    for _ in range(MAX_CHUNKS):
        at = stream.tell()
        header = stream.read(8)
        if len(header) < 8:
            raise LabelError(f"the PNG ends without IEND, at byte {at}")
        length, kind = struct.unpack(">I4s", header)
        if at + 12 + length > size:
            raise LabelError(f"the PNG ends within its {_shown(kind)} chunk, at byte {at}")
        if kind == b"IEND":
            return blocks
        if kind == b"caBX":
            head = stream.read(min(length, MAX_JUMBF_HEAD))
            blocks.c2pa |= b"jumb" in head and b"c2pa" in head
            stream.seek(at + 8)
        if kind in WANTED:
            if length > left:
                raise LabelError(f"more than {max_bytes:,} bytes of metadata")
            data = stream.read(length)
            left -= length + _take(blocks, kind, data, left - length)
            stream.seek(4, 1)
        else:
            stream.seek(length + 4, 1)
    raise LabelError(f"more than {MAX_CHUNKS:,} chunks")


def _take(blocks: Blocks, kind: bytes, data: bytes, limit: int) -> int:
    """Read one chunk; the number of bytes that it unpacked to."""
    if kind == b"eXIf":
        blocks.take_exif(data, "eXIf")
        return 0
    keyword, packed, body = _text_chunk(kind, data)
    name = keyword.decode("latin-1")
    if name != XMP and name.lower() != AIGC:
        return 0
    text = _unpacked(body, limit) if packed else body
    if name == XMP:
        blocks.take_xmp(text, f"{kind.decode()} {XMP}")
    else:
        place = f"{kind.decode()} {name}"
        decoded = text.decode("utf-8", "replace")
        blocks.labels.append(grammar.parse(decoded, place, normative=kind == b"tEXt" and name == "AIGC"))
    return len(text) if packed else 0


def _text_chunk(kind: bytes, data: bytes) -> tuple[bytes, bool, bytes]:
    """Keyword, whether the text is packed, and the text."""
    keyword, _, rest = data.partition(b"\0")
    if kind == b"tEXt":
        return keyword, False, rest
    if kind == b"zTXt":
        return keyword, True, rest[1:]
    packed = rest[:1] == b"\1"
    _language, _, rest = rest[2:].partition(b"\0")
    _translated, _, text = rest.partition(b"\0")
    return keyword, packed, text


def _unpacked(body: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise LabelError(f"a packed text of the PNG does not unpack: {error}") from None
    if len(text) > limit:
        raise LabelError(f"a packed text of the PNG unpacks to more than {limit:,} bytes")
    return text


def _shown(kind: bytes) -> str:
    return kind.decode() if kind.isalpha() else ascii(kind)[2:-1]
