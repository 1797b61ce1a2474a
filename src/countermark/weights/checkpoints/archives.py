"""Where the members of a zip archive lie, so that their numbers are read in place."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from dataclasses import dataclass

from countermark.weights.checkpoints.storage import File
from countermark.weights.checkpoints.tensors import CheckpointError

LOCAL = struct.Struct("<4s22xHH")
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    IndexError,
)
MAX_MEMBERS = 1_000_000
MAX_DIRECTORY = 256 << 20
"""The largest list of members that is read."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive."""

    offset: int
    """Of its first byte, as packed."""
    packed: int
    size: int
    """Bytes when unpacked."""
    is_stored: bool
    """Not compressed: the bytes lie in the archive as they are."""


class _Reader(io.RawIOBase):
    """A file for ``zipfile``, which refuses a list of members beyond any measure."""

    def __init__(self, file: File) -> None:
        self._file, self._at = file, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._file.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        left = max(0, self._file.size - self._at)
        length = left if size is None or size < 0 else min(size, left)
        if length > MAX_DIRECTORY:
            raise zipfile.BadZipFile("its list of members is too large")
        data = self._file.at(self._at, length)
        self._at += length
        return data


def members(file: File) -> dict[str, Member]:
    """All members by name.

    Raises:
        CheckpointError: it is no zip archive, or a broken one.
    """
    try:
        with zipfile.ZipFile(_Reader(file)) as archive:
            found = archive.infolist()
    except BROKEN as error:
        raise CheckpointError(f"{file.path}: the archive is broken: {str(error)[:120]}") from None
    if len(found) > MAX_MEMBERS:
        raise CheckpointError(f"{file.path}: more than {MAX_MEMBERS:,} members")
    return {one.filename: _member(file, one) for one in found}


def _member(file: File, one: zipfile.ZipInfo) -> Member:
    magic, name, extra = LOCAL.unpack(file.at(one.header_offset, LOCAL.size))
    offset = one.header_offset + LOCAL.size + name + extra
    if magic != b"PK\x03\x04" or offset + one.compress_size > file.size:
        raise CheckpointError(f"{file.path}: {one.filename[:120]!r} leaves the archive")
    if one.flag_bits & 1:
        raise CheckpointError(f"{file.path}: {one.filename[:120]!r} is encrypted")
    is_stored = one.compress_type == zipfile.ZIP_STORED and one.compress_size == one.file_size
    if not is_stored and one.compress_type != zipfile.ZIP_DEFLATED:
        raise CheckpointError(f"{file.path}: {one.filename[:120]!r} is packed in a way that is not read")
    return Member(offset, one.compress_size, one.file_size, is_stored)


def content(file: File, member: Member, limit: int) -> bytes:
    """All bytes of a member, unpacked.

    Raises:
        CheckpointError: there are more than ``limit``, or they are broken.
    """
    if member.size > limit or member.packed > limit:
        raise CheckpointError(f"{file.path}: a member of {member.size:,} bytes is larger than {limit:,}")
    data = file.at(member.offset, member.packed)
    if member.is_stored:
        return data
    unpacker = zlib.decompressobj(-15)
    try:
        data = unpacker.decompress(data, limit + 1)
    except zlib.error as error:
        raise CheckpointError(f"{file.path}: a member is broken: {error}") from None
    if len(data) != member.size:
        raise CheckpointError(f"{file.path}: a member unpacks to another size than it says")
    return data


def beginning(file: File, member: Member, length: int) -> bytes:
    """The first bytes of a member, unpacked.

    Raises:
        CheckpointError: they are broken.
    """
    if member.is_stored:
        return file.at(member.offset, min(length, member.size))
    packed = file.at(member.offset, min(member.packed, length))
    try:
        return zlib.decompressobj(-15).decompress(packed, length)
    except zlib.error as error:
        raise CheckpointError(f"{file.path}: a member is broken: {error}") from None
