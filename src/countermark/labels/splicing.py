"""Change a file by a few edits: into bytes, into a copy that replaces it at once, or where it is.

A copy is written beside the target and renamed: whoever looks sees the old file or the new one. What
is not edited is moved by the kernel where it can be, and never held in memory.
"""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import secrets
import stat
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Protocol

from countermark.labels.source import Source

CHUNK = 256 << 10
"""What is read and written at a time: small enough to stay in the processor's cache."""
LARGE = 128 << 10
"""From here on it pays to ask the kernel."""
MAPPED = 32 << 20
"""Most of a file that is mapped at a time."""
PAGE = 4096


class Hasher(Protocol):
    """What a running digest can do."""

    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Edit:
    """``length`` bytes at ``offset`` give way to ``new``."""

    offset: int
    length: int
    new: bytes

    @property
    def growth(self) -> int:
        """By how many bytes the file grows."""
        return len(self.new) - self.length


@dataclass(frozen=True, slots=True)
class Room:
    """How much space a container leaves behind a label, so that later fields need no new file."""

    slack: int = 256
    """Spare bytes behind a new label, where the container has padding: a propagator's two fields fit."""
    block: int = 1
    """The file grows by a multiple of this: file systems can insert whole blocks without copying."""

    def size(self, needed: int, held: int = 0) -> int:
        """How long a padded carrier becomes that holds ``held`` bytes now and must hold ``needed``."""
        if needed <= held:
            return held
        growth = needed - held + self.slack
        return held + -(-growth // self.block) * self.block


def checked(edits: Sequence[Edit], size: int) -> list[Edit]:
    """In order and apart from each other, within a file of ``size`` bytes; a defect of ours if not."""
    ordered = sorted(edits, key=lambda edit: (edit.offset, edit.length))
    at = 0
    for edit in ordered:
        if edit.offset < at or edit.length < 0 or edit.offset + edit.length > size:
            raise AssertionError(f"edits overlap or leave the file at byte {edit.offset}")
        at = edit.offset + edit.length
    return ordered


def pieces(edits: Sequence[Edit], size: int) -> Iterator[tuple[int, int] | bytes]:
    """The new file as a list of ranges of the old one (start, end) and of new bytes."""
    at = 0
    for edit in checked(edits, size):
        if edit.offset > at:
            yield at, edit.offset
        if edit.new:
            yield edit.new
        at = edit.offset + edit.length
    if at < size:
        yield at, size


def to_bytes(source: Source, edits: Sequence[Edit]) -> bytes:
    """The new file, in memory."""
    return b"".join(
        piece if isinstance(piece, bytes) else source.read(piece[0], piece[1] - piece[0])
        for piece in pieces(edits, source.size)
    )


def digest(source: Source, edits: Sequence[Edit], hasher: Hasher) -> str:
    """The digest that the new file would have, as hex; nothing is written.

    Args:
        source: the file.
        edits: what changes in it.
        hasher: a fresh digest, such as ``hashlib.sha256()``.
    """
    for piece in pieces(edits, source.size):
        if isinstance(piece, bytes):
            hasher.update(piece)
            continue
        for at in range(piece[0], piece[1], CHUNK):
            hasher.update(source.read(at, min(CHUNK, piece[1] - at)))
    return hasher.hexdigest()


class Spliced(Source):
    """The new file, to be read like any other, though it is not written yet."""

    __slots__ = ("_old", "_pieces", "_starts")

    def __init__(self, source: Source, edits: Sequence[Edit]) -> None:
        self._old = source
        self._pieces = list(pieces(edits, source.size))
        lengths = [len(p) if isinstance(p, bytes) else p[1] - p[0] for p in self._pieces]
        self._starts = list(accumulate(lengths, initial=0))
        super().__init__(size=self._starts[-1])

    def peek(self, offset: int, length: int) -> bytes:
        """The bytes at ``offset``; fewer where the file ends."""
        found, end = [], min(offset + length, self.size)
        number = max(bisect_right(self._starts, offset) - 1, 0)
        while offset < end:
            piece, start = self._pieces[number], self._starts[number]
            until = min(self._starts[number + 1], end)
            if isinstance(piece, bytes):
                found.append(piece[offset - start : until - start])
            else:
                found.append(self._old.read(piece[0] + offset - start, until - offset))
            offset, number = until, number + 1
        return b"".join(found)


def to_file(
    source: Source,
    edits: Sequence[Edit],
    target: Path,
    *,
    check: Callable[[Path], None] | None = None,
    fsync: bool = False,
) -> None:
    """Write the new file and put it in the place of ``target`` in one step.

    ``check`` looks at the new file first; where it raises, ``target`` is as it was.

    Permissions, and as far as they may be set owner and extended attributes, of what was there stay; a new
    file gets the permissions of the source.

    Raises:
        OSError: the copy cannot be written; ``target`` is then as it was.
    """
    name = os.path.realpath(target)  # a link stays a link
    folder = os.path.dirname(name)  # noqa: PTH120 - hot
    temporary = os.path.join(folder, f".countermark-{secrets.token_hex(8)}.part")  # noqa: PTH118 - hot
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with contextlib.ExitStack() as failed:
        failed.callback(_unlink, temporary)
        try:
            at = 0
            for piece in pieces(edits, source.size):
                at = _put(fd, source, piece, at)
            _like(fd, temporary, source, name)
            if fsync:
                os.fsync(fd)
        finally:
            os.close(fd)
        if check:
            check(Path(temporary))
        os.replace(temporary, name)  # noqa: PTH105 - hot
        failed.pop_all()
    if fsync:
        sync_folder(Path(folder))


def _unlink(name: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name)  # noqa: PTH108 - hot


def sync_folder(folder: Path) -> None:
    """Make a rename or a new name in ``folder`` last."""
    if os.name == "posix":
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def write_all(fd: int, data: bytes | memoryview) -> None:
    """Write every byte at the current position."""
    done = os.write(fd, data)
    with memoryview(data) as view:
        while done < len(view):
            done += os.write(fd, view[done:])


def _put(fd: int, source: Source, piece: tuple[int, int] | bytes, at: int) -> int:
    """Write one piece at byte ``at`` of the new file; where the next one begins."""
    if isinstance(piece, bytes):
        write_all(fd, piece)
        return at + len(piece)
    start, end = piece
    origin = source.fileno()
    after = at + end - start
    if origin is not None and end - start > LARGE:
        if start % PAGE == at % PAGE == 0:
            start = _by_kernel(origin, fd, start, end)
        if hasattr(mmap, "PROT_READ"):  # POSIX
            start = _by_mapping(origin, fd, start, end)
    while start < end:
        data = source.read(start, min(CHUNK, end - start))
        write_all(fd, data)
        start += len(data)
    return after


def _by_kernel(origin: int, fd: int, start: int, end: int) -> int:
    """Let the kernel copy, or share, as far as it will; where to go on by hand."""
    if not hasattr(os, "copy_file_range"):
        return start
    try:
        while start < end:
            done = os.copy_file_range(origin, fd, end - start, offset_src=start)
            if not done:
                break
            start += done
    except OSError as trouble:
        if trouble.errno not in (errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM):
            raise
    return start


def _by_mapping(origin: int, fd: int, start: int, end: int) -> int:
    """Write from the page cache itself, a window at a time.

    Bytes that move by less than a page are copied once so, and twice otherwise.
    """
    flags = mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0)
    while start < end:
        base = start - start % mmap.ALLOCATIONGRANULARITY
        length = min(end - base, MAPPED)
        with mmap.mmap(origin, length, flags=flags, prot=mmap.PROT_READ, offset=base) as window:
            view = memoryview(window)
            try:
                write_all(fd, view[start - base :])
            finally:
                view.release()
        start = base + length
    return start


def _like(fd: int, temporary: str, source: Source, target: str) -> None:
    """Give the copy the rights of what it replaces, or of what it was made from."""
    try:
        status = os.stat(target)  # noqa: PTH116 - hot
    except FileNotFoundError:
        origin = source.fileno()
        _chmod(fd, temporary, _usual_mode() if origin is None else stat.S_IMODE(os.fstat(origin).st_mode))
        return
    if hasattr(os, "fchown") and (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        with contextlib.suppress(PermissionError):
            os.fchown(fd, status.st_uid, status.st_gid)
    _chmod(fd, temporary, stat.S_IMODE(status.st_mode))  # behind the owner, whose change takes bits away
    if hasattr(os, "listxattr"):
        _copy_attributes(target, temporary)


def _chmod(fd: int, name: str, mode: int) -> None:
    if hasattr(os, "fchmod"):
        os.fchmod(fd, mode)
    else:
        os.chmod(name, mode)  # noqa: PTH101 - Windows before Python 3.13


def _usual_mode() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def _copy_attributes(target: str, temporary: str) -> None:
    try:
        names = os.listxattr(target)
    except OSError:
        return  # a file system without them
    for name in names:
        with contextlib.suppress(OSError):
            os.setxattr(temporary, name, os.getxattr(target, name))
