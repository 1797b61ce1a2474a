"""A tar archive, read from front to back without writing anything.

Source: POSIX.1-2017, pax Interchange Format; the GNU tar manual for long names and base-256 sizes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import IO

BLOCK = 512
MAX_EXTENDED = 1 << 20
"""The longest extended header: names and little else."""
MAX_MEMBERS = 1_000_000
CHUNK = 1 << 20


class TarError(ValueError):
    """An archive that is broken, or beyond a limit."""


class Type(StrEnum):
    """What a member is."""

    FILE = "file"
    FOLDER = "folder"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"
    OTHER = "other"
    """A device, a pipe, a sparse file: nothing to read."""


TYPES = {
    b"0": Type.FILE,
    b"\0": Type.FILE,
    b"7": Type.FILE,
    b"1": Type.HARDLINK,
    b"2": Type.SYMLINK,
    b"5": Type.FOLDER,
}


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of an archive."""

    path: str
    """As it stands there; bytes that are no UTF-8 are surrogates."""
    type: Type
    size: int
    """Of its content in bytes; 0 for anything but a file."""
    link: str
    """Where a link leads, as it stands there."""
    number: int
    """Of the entry in its archive, counted from 0."""
    offset: int
    """Of its content in the unpacked archive."""


class Tar:
    """Goes through an archive once. The content of a member can be read until the next one is asked for."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._at = 0
        self._end = stream.seek(0, io.SEEK_END) if stream.seekable() else 0
        if self._end:
            stream.seek(0)
        self._left = 0
        """Of the member at hand, with its padding."""
        self._content = 0
        self._pax: dict[str, str] = {}

    def __iter__(self) -> Iterator[Member]:
        """The members in order.

        Raises:
            TarError: the archive is broken.
        """
        number = 0
        while True:
            self._skip(self._left)
            self._left = self._content = 0
            header = self._take(BLOCK, at_most=True)
            if not header.strip(b"\0"):
                return
            member = self._member(header, number)
            if member is None:
                continue
            number += 1
            if number > MAX_MEMBERS:
                raise TarError(f"more than {MAX_MEMBERS:,} entries")
            yield member

    def read(self, most: int) -> bytes:
        """The content of the member at hand, up to a limit; what is left can be read by another call."""
        size = min(most, self._content)
        data = self._take(size)
        self._content -= size
        self._left -= size
        return data

    def _member(self, header: bytes, number: int) -> Member | None:
        """A member; None for a header that says something of the next."""
        _check(header, self._at - BLOCK)
        kind, size = header[156:157], _number(header[124:136])
        if kind in (b"x", b"g", b"L", b"K"):
            self._extended(kind, size)
            return None
        own, self._pax = self._pax, {name: text for name, text in self._pax.items() if name.startswith("g:")}
        told = {name.removeprefix("g:"): text for name, text in own.items()}
        size = _decimal(told["size"]) if "size" in told else size
        sparse = kind == b"S" or any(name.startswith("GNU.sparse") for name in told)
        type_ = Type.OTHER if sparse else TYPES.get(kind, Type.OTHER)
        if kind == b"S":
            self._skip_sparse(header)
        if type_ in (Type.HARDLINK, Type.SYMLINK, Type.FOLDER):
            size = 0
        self._left = -(-size // BLOCK) * BLOCK
        self._content = size
        path = told.get("GNU.sparse.name") or told.get("path") or _path(header)
        link = told.get("linkpath") or _text(header[157:257])
        return Member(path, type_, size if type_ is Type.FILE else 0, link, number, self._at)

    def _extended(self, kind: bytes, size: int) -> None:
        if size > MAX_EXTENDED:
            raise TarError(f"an extended header of {size:,} bytes at byte {self._at - BLOCK}")
        data = self._take(-(-size // BLOCK) * BLOCK)[:size]
        if kind == b"L":
            self._pax["path"] = _text(data)
        elif kind == b"K":
            self._pax["linkpath"] = _text(data)
        else:
            prefix = "g:" if kind == b"g" else ""
            self._pax |= {prefix + name: text for name, text in _records(data)}

    def _skip_sparse(self, header: bytes) -> None:
        """The further maps of an old sparse file."""
        more = header[482:483]
        while more and more != b"\0":
            more = self._take(BLOCK)[504:505]

    def _take(self, size: int, *, at_most: bool = False) -> bytes:
        parts: list[bytes] = []
        left = size
        while left:
            part = self._stream.read(min(left, CHUNK))
            if not part:
                break
            parts.append(part)
            left -= len(part)
        self._at += size - left
        if left and not (at_most and left == size):
            raise TarError(f"ends within an entry, at byte {self._at}")
        return b"".join(parts)

    def _skip(self, size: int) -> None:
        """Pass over content: by seeking where the stream can."""
        if self._end and size > BLOCK:
            if self._at + size > self._end:
                raise TarError(f"ends within an entry, at byte {self._at}")
            self._at = self._stream.seek(self._at + size)
            return
        while size:
            size -= len(self._take(min(size, CHUNK)))


def _check(header: bytes, at: int) -> None:
    if len(header) < BLOCK:
        raise TarError(f"ends within a header, at byte {at}")
    unsigned = sum(header) - sum(header[148:156]) + 8 * 32
    signed = unsigned - 256 * sum(1 for byte in header[:148] + header[156:] if byte > 127)  # noqa: PLR2004 - as old tars count
    if _number(header[148:156]) not in (unsigned, signed):
        raise TarError(f"a header that does not add up, at byte {at}")


def _number(field: bytes) -> int:
    """Octal, or base 256 where it does not fit."""
    if field[0] & 0x80:
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big") if field[0] != 0xFF else 0  # noqa: PLR2004 - negative
    text = field.partition(b"\0")[0].strip()
    return int(text, 8) if text and all(48 <= digit <= 55 for digit in text) else 0  # noqa: PLR2004 - 0 to 7


def _decimal(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:  # noqa: PLR2004 - beyond any file
        raise TarError(f"a size of {text[:40]!r}")
    return int(text)


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _path(header: bytes) -> str:
    name = _text(header[:100])
    prefix = _text(header[345:500]) if header[257:263] == b"ustar\0" else ""
    return f"{prefix}/{name}" if prefix else name


def _records(data: bytes) -> Iterator[tuple[str, str]]:
    """``length key=value`` and a line feed, again and again."""
    at = 0
    while at < len(data):
        length, space, _ = data[at : at + 20].partition(b" ")
        if not space or not length.isdigit() or int(length) <= len(length) + 1:
            return
        record = data[at + len(length) + 1 : at + int(length)].removesuffix(b"\n")
        name, equals, value = record.partition(b"=")
        if equals:
            yield (
                name.decode("utf-8", "replace"),
                value.partition(b"\0")[0].decode("utf-8", "surrogateescape"),
            )
        at += int(length)
