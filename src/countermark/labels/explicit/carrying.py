"""Carry what stands beside the pixels, byte for byte, from a picture into the one that was encoded anew.

An encoder keeps what it knows of; an implicit label may stand anywhere. So the segments of a JPEG and the
chunks of a PNG are copied, and not what a library makes of them.

Source: ITU-T T.81 Annex B; PNG (Third Edition), clauses 5 and 11.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from countermark.labels.defects import LabelError

PNG: Final = b"\x89PNG\r\n\x1a\n"
OF_THE_PIXELS: Final = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"bKGD", b"hIST", b"sBIT", b"acTL", b"fcTL", b"fdAT"}
)
"""Chunks that describe how the pixels are coded: the encoder writes its own."""
APP0, APP2, APP14, APP15, COMMENT, START_OF_SCAN = 0xE0, 0xE2, 0xEE, 0xEF, 0xFE, 0xDA
EXTENSION, DESCRIPTOR, APPLICATION = 0x21, 0x2C, 0xFF
OF_THE_ANIMATION: Final = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0"})


def jpeg(source: bytes, encoded: bytes) -> bytes:
    """Put the APPn segments and comments of ``source`` in place of those of ``encoded``.

    APP14 stays that of the encoder, since it says how the colours are coded; an index of further pictures
    (MPF) is left out with the pictures.

    Raises:
        LabelError: a segment of ``source`` is broken.
    """
    kept = [whole for marker, whole in _segments(source) if _is_beside(marker, whole)]
    own = [(marker, whole) for marker, whole in _segments(encoded) if marker != START_OF_SCAN]
    scan_at = 2 + sum(len(whole) for _, whole in own)
    carries_jfif = any(whole[4:9] == b"JFIF\0" for whole in kept)
    colours = [whole for marker, whole in own if marker == APP14 or (marker == APP0 and not carries_jfif)]
    tables = [whole for marker, whole in own if not (APP0 <= marker <= APP15 or marker == COMMENT)]
    first = [whole for whole in kept if whole[4:9] == b"JFIF\0"]
    others = [whole for whole in kept if whole[4:9] != b"JFIF\0"]
    return b"".join([b"\xff\xd8", *first, *colours, *others, *tables, encoded[scan_at:]])


def png(source: bytes, encoded: bytes) -> bytes:
    """Put the ancillary chunks of ``source`` into ``encoded``: before or behind the pixels, as they stood.

    Raises:
        LabelError: a chunk of ``source`` is broken.
    """
    before: list[bytes] = []
    behind: list[bytes] = []
    place = before
    for kind, whole in _chunks(source):
        if kind == b"IDAT":
            place = behind
        elif kind not in OF_THE_PIXELS:
            place.append(whole)
    result = [PNG]
    for kind, whole in _chunks(encoded):
        if kind == b"IEND":
            result += behind
        if kind in OF_THE_PIXELS:
            result.append(whole)
        if kind == b"IHDR":
            result += before
    return b"".join(result)


def gif(source: bytes, encoded: bytes) -> bytes:
    """Put the application extensions of ``source`` before the first picture of ``encoded``, XMP among them.

    Those that count the rounds of an animation stay the encoder's.

    Source: GIF89a, 18 to 26; XMP Specification Part 3, 1.1.2: a raw packet ends as sub-blocks do.
    """
    kept = [whole for whole in _applications(source) if whole[3:14] not in OF_THE_ANIMATION]
    at = _behind_colours(encoded)
    return b"".join([b"GIF89a", encoded[6:at], *kept, encoded[at:]])


def _behind_colours(data: bytes) -> int:
    """Where the blocks begin: behind header, screen and its colours."""
    packed = data[10] if len(data) > 10 else 0
    return 13 + (3 << ((packed & 7) + 1) if packed & 0x80 else 0)


def _applications(data: bytes) -> Iterator[bytes]:
    """The application extensions of a GIF, each whole; a broken block ends them."""
    at = _behind_colours(data)
    while at + 1 < len(data) and data[at] in {EXTENSION, DESCRIPTOR}:
        start = at
        application = data[at] == EXTENSION and data[at + 1] == APPLICATION
        if data[at] == EXTENSION:
            at += 2
        else:
            packed = data[at + 9] if at + 9 < len(data) else 0
            at += 11 + (3 << ((packed & 7) + 1) if packed & 0x80 else 0)
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
        if application and at <= len(data):
            yield data[start:at]


def _is_beside(marker: int, whole: bytes) -> bool:
    if marker == COMMENT:
        return True
    mpf = marker == APP2 and whole[4:8] == b"MPF\0"
    return APP0 <= marker <= APP15 and marker != APP14 and not mpf


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The marker segments up to the first scan, each whole; last the start of the scan."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise LabelError(f"no marker where the next segment of the JPEG should begin, at byte {at}")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        length = struct.unpack_from(">H", data, at + 2)[0] + 2
        if length < 4 or at + length > len(data):
            raise LabelError(f"a segment of the JPEG does not end within the file, at byte {at}")
        yield marker, data[at : at + length]
        if marker == START_OF_SCAN:
            return
        at += length
    raise LabelError("the JPEG has no picture")


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if at + 12 + length > len(data):
            raise LabelError(f"a chunk of the PNG does not end within the file, at byte {at}")
        yield kind, data[at : at + 12 + length]
        at += 12 + length
        if kind == b"IEND":
            return
