"""What an ONNX file says of its making: the producer and the notes, without the graph between them.

Source: ``onnx.proto3`` (ModelProto) and the wire format of Protocol Buffers.
"""

from __future__ import annotations

from collections.abc import Iterator

from countermark.inventory.stores.headers import At, Cursor, HeaderError

MAX_FIELDS = 100_000
MAX_TEXT = 64 << 10
MAX_NOTES = 500
PRODUCER, PRODUCER_VERSION, DOMAIN, DOC, GRAPH, NOTES = 2, 3, 4, 6, 7, 14
NAMES = {PRODUCER: "producer", PRODUCER_VERSION: "producer_version", DOMAIN: "domain", DOC: "doc"}


def read(at: At, size: int) -> dict[str, str]:
    """The notes of a model, with ``producer``, ``producer_version``, ``domain`` and ``doc``.

    Args:
        at: Bytes of the file.
        size: Of the file.

    Raises:
        HeaderError: it is no model of ONNX.
    """
    found: dict[str, str] = {}
    seen: set[int] = set()
    for number, start, length in _fields(at, 0, size):
        seen.add(number)
        if number in NAMES and length <= MAX_TEXT:
            found[NAMES[number]] = _text(at(start, length))
        elif number == NOTES and length <= MAX_TEXT and len(found) < MAX_NOTES:
            key, value = _pair(at(start, length))
            found.setdefault(key, value)
    if GRAPH not in seen:
        raise HeaderError("has no graph: no model of ONNX")
    return found


def _pair(message: bytes) -> tuple[str, str]:
    """A key and a value."""
    both = {1: "", 2: ""}
    for number, start, length in _fields(
        lambda offset, count: message[offset : offset + count], 0, len(message)
    ):
        if number in both:
            both[number] = _text(message[start : start + length])
    return both[1], both[2]


def _fields(at: At, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Number, offset and length of the fields that hold bytes."""
    cursor = Cursor(at, start)
    for _ in range(MAX_FIELDS):
        if cursor.at >= end:
            return
        tag = _varint(cursor)
        match tag & 7:
            case 0:
                _varint(cursor)
            case 1:
                cursor.at += 8
            case 2:
                length = _varint(cursor)
                if cursor.at + length > end:
                    raise HeaderError(f"a field of {length:,} bytes leaves the file")
                yield tag >> 3, cursor.at, length
                cursor.at += length
            case 5:
                cursor.at += 4
            case kind:
                raise HeaderError(f"a field of type {kind}")
    raise HeaderError(f"more than {MAX_FIELDS:,} fields")


def _varint(cursor: Cursor) -> int:
    value = 0
    for shift in range(0, 70, 7):
        (byte,) = cursor.bytes(1)
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a number
            return value
    raise HeaderError("a number without an end")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
