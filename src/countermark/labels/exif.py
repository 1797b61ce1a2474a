"""EXIF blocks, which are TIFF structures: read them, and change the comment that holds a label.

Source: EXIF 2.32, TIFF 6.0; TC260-PG-20259A for the place.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from countermark.labels import grammar
from countermark.labels.grammar import Fields

USER_COMMENT, IMAGE_DESCRIPTION, EXIF_IFD, SOFTWARE, ARTIST, DATE_TIME = (
    0x9286,
    0x010E,
    0x8769,
    0x0131,
    0x013B,
    0x0132,
)
NOTED = {SOFTWARE: "tool", ARTIST: "creator", DATE_TIME: "created"}
ASCII, UNDEFINED = 2, 7
TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
WANTED = frozenset({USER_COMMENT, IMAGE_DESCRIPTION, SOFTWARE, ARTIST, DATE_TIME})
CODES = (b"ASCII", b"UNICODE", b"JIS", b"")
"""What the first eight bytes of a UserComment may say of the rest."""
MAX_ENTRIES = 4096
MAX_FOLDERS = 8
"""Most directories of one EXIF block; a camera writes three."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a directory whose value is text."""

    tag: int
    entry_at: int
    """Where the 12 bytes of the entry stand in the block."""
    at: int
    """Where its value stands."""
    value: bytes

    @property
    def text(self) -> str:
        """The value, by the encoding that it names or seems to have."""
        value = self.value
        if self.tag == USER_COMMENT and value[:8].rstrip(b"\0 ") in CODES:
            value = value[8:]
        return decoded(value)

    @property
    def is_label(self) -> bool:
        """Whether it is meant to be a label."""
        return self.tag in (USER_COMMENT, IMAGE_DESCRIPTION) and grammar.looks_like_one(self.text)


def entries(data: bytes) -> Iterator[Entry]:
    """The wanted entries with their values, which together are no longer than the block itself."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        return
    pending = [struct.unpack_from(f"{order}I", data, 4)[0]]
    seen: set[int] = set()
    left = len(data)
    while pending and len(seen) < MAX_FOLDERS:
        offset = pending.pop()
        if offset in seen or offset + 2 > len(data):
            continue
        seen.add(offset)
        (count,) = struct.unpack_from(f"{order}H", data, offset)
        for i in range(min(count, MAX_ENTRIES)):
            entry = offset + 2 + 12 * i
            if entry + 12 > len(data):
                break
            tag, kind, number = struct.unpack_from(f"{order}HHI", data, entry)
            if tag == EXIF_IFD:
                pending.append(struct.unpack_from(f"{order}I", data, entry + 8)[0])
                continue
            size = TYPE_SIZES.get(kind, 0) * number
            at = entry + 8 if size <= 4 else struct.unpack_from(f"{order}I", data, entry + 8)[0]
            if tag in WANTED and 0 < size <= left and at + size <= len(data):
                left -= size
                yield Entry(tag, entry, at, data[at : at + size])


def holds_label(data: bytes) -> bool:
    """Whether the comment of the block is meant to be a label."""
    return any(entry.tag == USER_COMMENT and entry.is_label for entry in entries(data))


def with_label(data: bytes, fields: Fields) -> bytes:
    """The block with ``fields`` in the comment that holds a label now.

    The comment is written over where the new text is no longer, else behind the block; no other entry
    moves. A label in a description beside it goes.
    """
    order = "<" if data[:2] == b"II" else ">"
    found = [entry for entry in entries(data) if entry.is_label]
    comment = next(entry for entry in found if entry.tag == USER_COMMENT)
    value = b"ASCII\0\0\0" + fields.wrapped().encode()
    if not value.isascii():
        value = b"UNICODE\0" + fields.wrapped().encode("utf-16-le" if order == "<" else "utf-16-be")
    block = bytearray(data)
    at = comment.at
    if len(value) > len(comment.value):
        block += b"\0" * (len(block) % 2)
        at = len(block)
        block += value
        block[comment.at : comment.at + len(comment.value)] = bytes(len(comment.value))
    else:
        block[at : at + len(comment.value)] = value.ljust(len(comment.value), b"\0")
    struct.pack_into(f"{order}HHII", block, comment.entry_at, USER_COMMENT, UNDEFINED, len(value), at)
    return without_labels(bytes(block), keep=comment.entry_at)


def without_labels(data: bytes, keep: int = -1) -> bytes:
    """The block without the copies of a label that stands elsewhere; its length stays.

    Args:
        data: the block.
        keep: the place of the entry that holds the one that stays, where it is in this block.
    """
    block = bytearray(data)
    order = "<" if data[:2] == b"II" else ">"
    for entry in entries(data):
        if entry.is_label and entry.entry_at != keep:
            block[entry.at : entry.at + len(entry.value)] = b" " * len(entry.value)
            kind = UNDEFINED if entry.tag == USER_COMMENT else ASCII
            struct.pack_into(f"{order}H", block, entry.entry_at + 2, kind)
    return bytes(block)


def decoded(value: bytes) -> str:
    """Text whose encoding its writer does not say: UTF-16 by its first letter, UTF-8, or GB 18030."""
    start = value[:2]
    if start in (b"\xff\xfe", b"\xfe\xff"):
        return value.decode("utf-16", "replace")
    if len(start) == 2 and start.count(0) == 1:
        return value.decode("utf-16-le" if start[0] else "utf-16-be", "replace")
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("gb18030", "replace")
