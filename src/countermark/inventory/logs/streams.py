"""The bytes of a log: plain or compressed, as blocks of whole lines, in constant memory."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

import zstandard

BLOCK = 1 << 20
MAGIC = 8
PIECE = 1 << 10
"""What is unpacked at once: more could become very much more."""
GZIP_HEADER = 31
"""zlib's number for data with the header of gzip."""
MAX_LINE = 16 << 20
"""Longer lines are passed over; they are counted."""
MAX_WINDOW = 128 << 20
MAX_RATIO, FREE = 2_000, 1 << 30
"""No log is packed so tightly: what grows more than this beyond the first GiB is made to fill disks."""
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
OTHER = {b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"PK\x03\x04": "zip", b"7z\xbc\xaf": "7-Zip", b"Rar!": "RAR"}
UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class BrokenStream(Exception):  # noqa: N818 - what is in the way, not a mistake of ours
    """A file could not be read, or not to its end; the text says why."""


def blocks(path: Path, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The bytes of a file, unpacked, block by block, as UTF-8 where the file says that it is UTF-16.

    Args:
        path: The file.
        start: The first byte; 0 where the file is compressed.
        end: The byte before which to stop, or None to read all.

    Raises:
        BrokenStream: the file cannot be read, or ends wrongly.
    """
    try:
        with path.open("rb") as file:
            if start or end is not None:
                file.seek(start)
                yield from _plain(file, end)
            else:
                yield from unpacked(file)
    except OSError as error:
        raise BrokenStream(f"not read further: {error.strerror or error}") from None


def is_packed(magic: bytes) -> bool:
    """Whether these first bytes are of a compressed file that is read."""
    return magic.startswith((GZIP, ZSTD))


def unpacked(file: IO[bytes]) -> Iterator[bytes]:
    """The bytes of an open file, unpacked, as UTF-8.

    Raises:
        BrokenStream: it is packed in a way that is not read, or ends wrongly.
    """
    magic = file.read(MAGIC)
    file.seek(0)
    other = next((name for mark, name in OTHER.items() if magic.startswith(mark)), "")
    if other:
        raise BrokenStream(f"packed by {other}: unpack it first")
    try:
        yield from _decoded(_inflated(file, magic) if is_packed(magic) else _plain(file, None))
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise BrokenStream(f"not read further: {getattr(error, 'strerror', None) or error}") from None


def _inflated(file: IO[bytes], magic: bytes) -> Iterator[bytes]:
    """What is unpacked, gathered into blocks; up to where it breaks off, too."""
    held: list[bytes] = []
    size = gathered = 0
    try:
        for piece in _gzip(file) if magic.startswith(GZIP) else _zstd(file):
            held.append(piece)
            gathered += len(piece)
            size += len(piece)
            if size > FREE and size > MAX_RATIO * max(file.tell(), 1):
                raise BrokenStream(f"grows more than {MAX_RATIO:,}-fold when unpacked: not read further")
            if gathered >= BLOCK:
                yield b"".join(held)
                held, gathered = [], 0
    except (BrokenStream, OSError, EOFError, zlib.error, zstandard.ZstdError):
        yield b"".join(held)
        raise
    yield b"".join(held)


def _gzip(file: IO[bytes]) -> Iterator[bytes]:
    """Member by member, in small pieces: of a piece that is damaged, nothing comes out."""
    member = None
    rest = b""
    while piece := rest or file.read(PIECE):
        rest = b""
        if member is None:
            piece = piece.lstrip(b"\0")  # what tapes are padded with
            if not piece:
                continue
            member = zlib.decompressobj(GZIP_HEADER)
        yield member.decompress(piece, BLOCK)
        rest = member.unconsumed_tail or member.unused_data
        if member.eof:
            member = None
    if member is not None:
        yield member.flush()
        if not member.eof:
            raise EOFError("it ends in the middle of a member")


def _zstd(file: IO[bytes]) -> Iterator[bytes]:
    """Frame by frame, in pieces so small that none unpacks to more than 32 MiB."""
    unpacker = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
    frame = unpacker.decompressobj()
    rest, ended = b"", True
    while piece := rest or file.read(PIECE):
        yield frame.decompress(piece)
        rest, ended = frame.unused_data, frame.eof
        if ended:
            frame = unpacker.decompressobj()
    if not ended:
        raise EOFError("it ends in the middle of a frame")


def _plain(file: IO[bytes], end: int | None) -> Iterator[bytes]:
    left = float("inf") if end is None else end - file.tell()
    while left > 0 and (block := file.read(int(min(BLOCK, left)))):
        left -= len(block)
        yield block


def _decoded(source: Iterator[bytes]) -> Iterator[bytes]:
    first = next(source, b"")
    encoding = UTF_16.get(first[:2])
    if encoding is None:
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from source
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    yield decoder.decode(first[2:]).encode("utf-8", "replace")
    for block in source:
        yield decoder.decode(block).encode("utf-8", "replace")


def lines(source: Iterable[bytes], too_long: Callable[[], None]) -> Iterator[bytes]:
    """Cut blocks so that each ends with a line.

    Args:
        source: Blocks that end anywhere.
        too_long: Called for a line that is longer than ``MAX_LINE``, before what follows it is given out; an
            empty line stands in its place.
    """
    rest: list[bytes] = []
    held = 0
    dropping = False
    for block in source:
        cut = block.rfind(b"\n") + 1
        if not cut:
            held += len(block)
            dropping = dropping or held > MAX_LINE
            rest = [] if dropping else [*rest, block]
            continue
        head = block[:cut]
        if dropping:
            too_long()
            head = head[head.find(b"\n") :]
        yield b"".join((*rest, head))
        rest, held, dropping = [block[cut:]], len(block) - cut, False
    if dropping:
        too_long()
    elif rest and rest != [b""]:
        yield b"".join(rest)


def head(path: Path, size: int) -> bytes:
    """The first bytes of a file, unpacked.

    Raises:
        BrokenStream: not even these can be read.
    """
    found = b""
    try:
        for block in blocks(path):
            found += block
            if len(found) >= size:
                break
    except BrokenStream:
        if not found:
            raise
    return found[:size]
