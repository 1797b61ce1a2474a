"""Packed bytes as a stream of unpacked ones, with a limit on how much may come of how little."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from typing import IO, Any

import zstandard

RATIO = 200
"""Times the packed size beyond which nothing useful unpacks; layers of programs reach 10."""
ALLOWED = 256 << 20
"""Bytes that may always come out."""
MAX_UNPACKED = 512 << 30
BUFFER = 1 << 20
MAX_WINDOW = 128 << 20
GZIP, ZSTD, BZIP2, XZ = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ\0"
SKIPPABLE = b"\x2a\x4d\x18"
"""The last bytes of the magic number of a zstd frame that holds no data, as ``zstd:chunked`` starts with."""
BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError, ValueError)


class PackError(ValueError):
    """Packed bytes that are broken, or beyond a limit."""


class _Unpacked(io.RawIOBase):
    """A stream out of another."""

    def __init__(self, packed: IO[bytes], head: bytes) -> None:
        super().__init__()
        self._packed = packed
        self._stream = _opened(packed, head)
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        try:
            data: bytes = self._stream.read(len(target))
        except BROKEN as error:
            raise PackError(
                f"packed bytes that are broken: {str(error)[:100] or type(error).__name__}"
            ) from None
        self._given += len(data)
        if self._given > min(MAX_UNPACKED, ALLOWED + RATIO * self._packed.tell()):
            raise PackError(f"unpacks to more than {self._given - len(data):,} bytes: refused")
        target[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Also what lies below."""
        if not self.closed:
            self._stream.close()
            self._packed.close()
        super().close()


def unpacked(packed: IO[bytes]) -> IO[bytes]:
    """A stream out of another, unpacked by what its first bytes say; plain bytes stay as they are.

    The stream can be sought in where nothing was packed. Reading from it raises :class:`PackError` where the
    bytes are broken, or too many come out.
    """
    try:
        head = packed.read(6)
        packed.seek(0)
        return io.BufferedReader(_Unpacked(packed, head), BUFFER) if is_packed(head) else packed
    except BROKEN as error:
        packed.close()
        raise PackError(f"cannot be read: {error}") from None


def is_packed(head: bytes) -> bool:
    """Whether these first bytes are of something packed."""
    return head.startswith((GZIP, ZSTD, BZIP2, XZ)) or _is_skippable(head)


def _is_skippable(head: bytes) -> bool:
    return head[1:4] == SKIPPABLE and head[0] >> 4 == 5  # noqa: PLR2004 - 0x50 to 0x5F


def _opened(packed: IO[bytes], head: bytes) -> Any:
    if head.startswith(GZIP):
        return gzip.GzipFile(fileobj=packed, mode="rb")
    if head.startswith(ZSTD) or _is_skippable(head):
        unpacker = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
        return unpacker.stream_reader(packed, read_across_frames=True, closefd=False)
    if head.startswith(BZIP2):
        return bz2.BZ2File(packed)
    return lzma.LZMAFile(packed)
