"""The entries of a ZIP archive as bytes: read a record of its directory, and write a new entry.

Source: PKWARE APPNOTE 6.3.10, 4.3 and 4.5.3.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from countermark.labels.defects import LabelError

LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"
LOCAL_HEAD = struct.Struct("<4s5H3I2H")
CENTRAL_HEAD = struct.Struct("<4s6H3I5H2I")
STORED, DEFLATED = 0, 8
UTF_8 = 0x800
FULL, FULL_16 = 0xFFFFFFFF, 0xFFFF
EPOCH = (0, 0x21)
"""1980-01-01 00:00: a new member has no time of its own, so that writing twice gives the same bytes."""


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of the directory."""

    name: str
    record: bytes
    """As it stands in the directory."""
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    """Of its local header, in the file."""
    offset_at: int
    """Where the offset stands in ``record``."""
    is_wide: bool
    """Whether the offset has eight bytes."""

    def moved(self, by: int) -> bytes:
        """The record of a member that stands ``by`` bytes further on."""
        if not by:
            return self.record
        offset, width = self.offset + by, 8 if self.is_wide else 4
        if offset >= FULL and not self.is_wide:
            raise LabelError("the archive becomes longer than its directory can say")
        new = offset.to_bytes(width, "little")
        return self.record[: self.offset_at] + new + self.record[self.offset_at + width :]


def member_at(data: bytes, at: int) -> Member:
    """The member whose record begins at ``at`` of the directory.

    Raises:
        LabelError: the record is broken.
    """
    head = data[at : at + CENTRAL_HEAD.size]
    if len(head) < CENTRAL_HEAD.size or not head.startswith(CENTRAL):
        raise LabelError("the directory of the archive is broken")
    parts = CENTRAL_HEAD.unpack(head)
    flags, method, crc, packed, size = parts[3], parts[4], parts[7], parts[8], parts[9]
    lengths = parts[10:13]
    record = data[at : at + CENTRAL_HEAD.size + sum(lengths)]
    if len(record) < CENTRAL_HEAD.size + sum(lengths) or parts[13] not in (0, FULL_16):
        raise LabelError("the directory of the archive is broken")
    name = record[CENTRAL_HEAD.size : CENTRAL_HEAD.size + lengths[0]]
    places = {"size": (24, size), "packed": (20, packed), "offset": (42, parts[16])}
    for key, (_, value) in list(places.items()):
        if value == FULL:
            places[key] = _wide(record, CENTRAL_HEAD.size + lengths[0], lengths[1], places, key)
    at, offset = places["offset"]
    return Member(
        name_of(name, flags), record, flags, method, crc, places["packed"][1], places["size"][1], offset, at,
        is_wide=at != 42,
    )  # fmt: skip


def _wide(
    record: bytes, start: int, length: int, places: Mapping[str, tuple[int, int]], wanted: str
) -> tuple[int, int]:
    """Place and value of a number that stands in the 64-bit extra field."""
    at = start
    while at + 4 <= start + length:
        tag, size = struct.unpack_from("<2H", record, at)
        if tag == 1:
            before = [key for key in list(places)[: list(places).index(wanted)] if _is_wide(record, key)]
            place = at + 4 + 8 * len(before)
            if place + 8 <= min(at + 4 + size, start + length):
                return place, int.from_bytes(record[place : place + 8], "little")
        at += 4 + size
    raise LabelError("a member of the archive lacks its 64-bit numbers")


def _is_wide(record: bytes, key: str) -> bool:
    at = {"size": 24, "packed": 20, "offset": 42}[key]
    return record[at : at + 4] == b"\xff" * 4


def name_of(raw: bytes, flags: int) -> str:
    """A member's name in the encoding that its flags name."""
    return raw.decode("utf-8" if flags & UTF_8 else "cp437", "replace")


def _packed(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def _numbers(member: Member, data: bytes) -> tuple[bytes, bytes, tuple[int, ...]]:
    """Raw name, packed bytes, and what both headers say: flags, method, time, date, CRC and lengths."""
    body = _packed(data) if member.method == DEFLATED else data
    time, date = struct.unpack_from("<2H", member.record, 12) if member.record else EPOCH
    flags = member.flags & UTF_8
    name = member.name.encode("utf-8" if flags else "cp437")
    return name, body, (flags, member.method, time, date, zlib.crc32(data), len(body), len(data))


def entry(member: Member, data: bytes) -> bytes:
    """Local header and packed bytes of a member that holds ``data``."""
    name, body, numbers = _numbers(member, data)
    return LOCAL_HEAD.pack(LOCAL, 20, *numbers, len(name), 0) + name + body


def record_of(member: Member, data: bytes, offset: int) -> bytes:
    """The directory's record of a member that holds ``data`` and stands at ``offset``.

    Raises:
        LabelError: an archive of this kind cannot be so long.
    """
    if offset >= FULL:
        raise LabelError("the archive becomes longer than its directory can say")
    name, _, numbers = _numbers(member, data)
    made_by = struct.unpack_from("<H", member.record, 4)[0] if member.record else 20
    attributes = struct.unpack_from("<HI", member.record, 36) if member.record else (0, 0)
    return CENTRAL_HEAD.pack(CENTRAL, made_by, 20, *numbers, len(name), 0, 0, 0, *attributes, offset) + name
