"""JPEG: XMP and EXIF in APP1, JUMBF (C2PA) in APP11.

Source: ITU-T T.81 Annex B; TC260-PG-20259A for the label's place.
"""

from __future__ import annotations

import struct
from typing import IO

from countermark.labels import grammar
from countermark.labels.metadata import Blocks, LabelError

XMP = b"http://ns.adobe.com/xap/1.0/\0"
EXIF = b"Exif\0\0"
START_OF_SCAN, END_OF_IMAGE, APP0, APP1, APP11, APP15 = 0xDA, 0xD9, 0xE0, 0xE1, 0xEB, 0xEF
STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})


def walk(stream: IO[bytes], max_bytes: int) -> Blocks:
    """Read the segments before the image data.

    Raises:
        LabelError: a segment is broken, or the image data begins behind ``max_bytes``.
    """
    blocks = Blocks()
    stream.read(2)
    while (marker := _marker(stream, max_bytes)) not in (START_OF_SCAN, END_OF_IMAGE):
        if marker in STANDALONE:
            continue
        at = stream.tell()
        header = stream.read(2)
        if len(header) < 2:
            raise LabelError(f"the JPEG ends within a segment, at byte {at}")
        length = struct.unpack(">H", header)[0] - 2
        if length < 0:
            raise LabelError(f"a segment of the JPEG has a negative length, at byte {at}")
        if at + length > max_bytes:
            raise LabelError(f"more than {max_bytes:,} bytes of metadata")
        data = stream.read(length)
        if len(data) < length:
            raise LabelError(f"the JPEG ends within a segment, at byte {at}")
        if APP0 <= marker <= APP15:
            _take(blocks, marker, data)
    return blocks


def _marker(stream: IO[bytes], max_bytes: int) -> int:
    at = stream.tell()
    if at > max_bytes:
        raise LabelError(f"more than {max_bytes:,} bytes of metadata")
    if stream.read(1) != b"\xff":
        raise LabelError(f"no marker where the next segment of the JPEG should begin, at byte {at}")
    for _ in range(max_bytes):
        if (code := stream.read(1)) != b"\xff":
            break  # all before it are fill bytes
    else:
        raise LabelError(f"more than {max_bytes:,} bytes of metadata")
    if not code:
        raise LabelError(f"the JPEG ends before its image data, at byte {at}")
    return code[0]


def _take(blocks: Blocks, marker: int, data: bytes) -> None:
    if marker == APP1 and data.startswith(XMP):
        blocks.take_xmp(data[len(XMP) :], "XMP")
    elif marker == APP1 and data.startswith(EXIF):
        blocks.take_exif(data[len(EXIF) :], "EXIF")
    elif marker == APP11 and b"jumb" in data[:64] and b"c2pa" in data[:256]:
        blocks.c2pa = True
    elif data.startswith(b"AIGC{"):
        text = data[4:].decode("utf-8", "replace")
        blocks.labels.append(grammar.parse(text, f"APP{marker - APP0} AIGC", normative=False))
