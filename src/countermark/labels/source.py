"""Bytes at any place of a file or a buffer, without reading the rest, and the limits on what is taken in."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

try:
    import fcntl
except ImportError:  # Windows, where a file that is open is not replaced
    fcntl = None  # type: ignore[assignment]

from countermark.labels.defects import ChangedError, LabelError, TooLargeError

WINDOW = 8 << 10
"""What is read first: the metadata of most files, in one call."""
READ_AHEAD = 64 << 10
"""What is read at a time by who reads on and on."""
STRIDE = 1 << 10
"""What is read by who skips from place to place."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what one file may cost; each can be set by the caller."""

    metadata_bytes: int = 16 << 20
    """Most metadata that is taken in, packed or unpacked."""
    elements: int = 1 << 20
    """Most chunks, boxes, segments, pages or archive members that are walked over."""
    depth: int = 32
    """Deepest nesting of boxes or elements."""


DEFAULT_LIMITS = Limits()


class Source:
    """Random access to the bytes of one file. Use :func:`opened`."""

    __slots__ = ("_ahead", "_fd", "_head", "_start", "mtime_ns", "size")

    def __init__(self, data: bytes = b"", fd: int | None = None, size: int | None = None) -> None:
        self._fd = fd
        self._head = data
        """From the start of the file on: kept, since walks come back to it."""
        self._ahead = b""
        self._start = 0
        """Where what was read last begins."""
        self.size = len(data) if size is None else size
        """Of the whole, in bytes."""
        self.mtime_ns = 0
        """When it was last changed before it was opened."""

    def peek(self, offset: int, length: int) -> bytes:
        """The bytes at ``offset``; fewer where the file ends, none behind it."""
        end = offset + length
        if offset >= 0 and end <= len(self._head):
            return self._head[offset:end]
        at = offset - self._start
        if at >= 0 and at + length <= len(self._ahead):
            return self._ahead[at : at + length]
        if self._fd is None:
            return self._head[max(offset, 0) : max(end, 0)]
        if length >= READ_AHEAD:
            return _pread(self._fd, length, offset)
        if not self._head:
            self._head = _pread(self._fd, max(end, WINDOW), 0) if end <= WINDOW else b""
            if self._head:
                return self._head[offset:end]
        onwards = 0 <= offset - self._start - len(self._ahead) < STRIDE
        self._ahead = _pread(self._fd, READ_AHEAD if onwards else max(length, STRIDE), offset)
        self._start = offset
        return self._ahead[:length]

    def holds(self, offset: int, length: int) -> bool:
        """Whether these bytes are in memory already."""
        at = offset - self._start
        return offset + length <= len(self._head) or (at >= 0 and at + length <= len(self._ahead))

    def read(self, offset: int, length: int) -> bytes:
        """Exactly ``length`` bytes.

        Raises:
            LabelError: the file ends before.
        """
        data = self.peek(offset, length)
        if len(data) < length:
            raise LabelError(f"ends within {length:,} bytes that should stand at byte {offset:,}")
        return data

    def take(self, offset: int, length: int, limits: Limits) -> bytes:
        """Like :meth:`read`, for metadata whose length the file itself declares.

        Raises:
            LabelError: the file ends before.
            TooLargeError: more than ``limits.metadata_bytes``.
        """
        if length > limits.metadata_bytes:
            raise TooLargeError(
                f"{length:,} bytes of metadata at byte {offset:,}; the limit is {limits.metadata_bytes:,}"
            )
        return self.read(offset, length)

    def fileno(self) -> int | None:
        """The descriptor, where there is one."""
        return self._fd

    def close(self) -> None:
        """Let the file go."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()


def opened(thing: Path | str | bytes) -> Source:
    """A source over a file, or over bytes. Only a regular file is opened.

    Raises:
        OSError: the file cannot be opened.
        LabelError: it is a folder, a device or a pipe.
    """
    if isinstance(thing, bytes):
        return Source(thing)
    fd = os.open(thing, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    status = os.fstat(fd)
    if status.st_mode & 0o170000 != 0o100000:
        os.close(fd)
        raise LabelError("is no regular file")
    source = Source(b"", fd, status.st_size)
    source.mtime_ns = status.st_mtime_ns
    source.peek(0, WINDOW)
    return source


@contextlib.contextmanager
def held(source: Source, path: Path, *, alone: bool) -> Iterator[None]:
    """Keep other writers of this library out of a file, where it is to be written ``alone``.

    Raises:
        ChangedError: another process is writing to it, or it was replaced since it was opened.
    """
    fd = source.fileno()
    if not alone or fd is None or fcntl is None:
        yield
        return
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ChangedError(f"another process is writing to {path.name}") from None
    try:
        unchanged(source, path)
        yield
    finally:
        fcntl.flock(fd, fcntl.LOCK_UN)


def unchanged(source: Source, path: Path | str) -> None:
    """Whether ``path`` is still the file that was opened, with the bytes that it had.

    Raises:
        ChangedError: it is not.
    """
    fd = source.fileno()
    if fd is None:
        return
    now, then = os.stat(path), os.fstat(fd)  # noqa: PTH116 - hot
    same = (now.st_dev, now.st_ino) == (then.st_dev, then.st_ino)
    if not same or now.st_size != source.size or now.st_mtime_ns != source.mtime_ns:
        raise ChangedError("was changed by somebody else while it was written; nothing was done to it")


def _pread(fd: int, length: int, offset: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(fd, length, offset)
    os.lseek(fd, offset, os.SEEK_SET)  # Windows
    return os.read(fd, length)
