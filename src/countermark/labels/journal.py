"""Change a file where it is, so that a kill at any moment leaves the old file or the new one.

Before the first byte of a file is touched, what will be lost stands in a journal beside it,
``.NAME.countermark-journal``. A journal that is whole means: the change was not finished, and
:func:`recover` takes it back. One that is not whole means: nothing was touched yet.

Two kinds of change can be made so. *Over*: every edit but the last keeps its length, and the last one
reaches to the end of the file. *Inserted*: the file grows by whole blocks near its start, which
Linux file systems (ext4, XFS) can insert without moving what stands behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows, where an open file cannot be deleted by another process
    fcntl = None  # type: ignore[assignment]

from countermark.labels.defects import LabelError
from countermark.labels.source import Source
from countermark.labels.splicing import Edit, checked, sync_folder, write_all

SUFFIX = ".countermark-journal"
MAGIC = b"countermark-journal 1\n"
MAX_HEAD = 1 << 20
"""Most bytes before an insertion that are written anew for it."""
COLLAPSE_RANGE, INSERT_RANGE = 0x08, 0x20
MAX_TAIL = 64 << 20
"""Most bytes that a journal keeps; a larger change is written as a copy."""


Check = Callable[[Path], None]
"""Looks at the changed file, and raises where it is not what it should be."""


class InterruptedWriteError(LabelError):
    """A write in place was cut off; :func:`recover` brings the old file back."""


@dataclass(frozen=True, slots=True)
class Undo:
    """What brings the old file back."""

    size: int
    inserted: int
    """Bytes that were inserted at the start."""
    kept: tuple[tuple[int, bytes], ...]
    """Old bytes, each with its place in the old file."""


def journal_of(path: Path) -> Path:
    """Where the journal of a file stands while it is changed."""
    return path.with_name(f".{path.name}{SUFFIX}")


def fits_in_place(edits: Sequence[Edit], size: int) -> bool:
    """Whether the edits can be written over the old bytes."""
    if not edits:
        return True
    *before, last = sorted(edits, key=lambda edit: edit.offset)
    if any(edit.growth for edit in before) or (last.growth and last.offset + last.length != size):
        return False
    return sum(edit.length for edit in edits) <= MAX_TAIL


def fits_insertion(edits: Sequence[Edit], block: int) -> bool:
    """Whether whole blocks can be inserted for the edits."""
    growth = sum(edit.growth for edit in edits)
    end = max((edit.offset + edit.length for edit in edits), default=0)
    return growth > 0 and growth % block == 0 and end <= MAX_HEAD and _fallocate() is not None


def block_size(path: Path) -> int:
    """The unit in which the file system of ``path`` inserts, in bytes; 0 where it cannot."""
    if _fallocate() is None:
        return 0
    return os.statvfs(path).f_bsize


def write_over(path: Path, edits: Sequence[Edit], *, check: Check, fsync: bool = False) -> None:
    """Write edits that :func:`fits_in_place` over the file; where ``check`` raises, they are taken back.

    Raises:
        InterruptedWriteError: an earlier write to it was cut off, or another one is going on.
        OSError: the file cannot be written; it is then as it was.
    """
    with _open(path) as source:
        size = source.size
        ordered = checked(edits, size)
        kept = tuple((edit.offset, source.read(edit.offset, edit.length)) for edit in ordered)
        _change(path, Undo(size, 0, kept), [(e.offset, e.new) for e in ordered], check, fsync=fsync)


def write_inserted(path: Path, edits: Sequence[Edit], *, check: Check, fsync: bool = False) -> bool:
    """Insert whole blocks and write the start of the file anew; False where the file system refuses."""
    with _open(path) as source:
        ordered = checked(edits, source.size)
        head = max(edit.offset + edit.length for edit in ordered)
        growth = sum(edit.growth for edit in ordered)
        old = source.read(0, head)
        new, at = [], 0
        for edit in ordered:
            new += [old[at : edit.offset], edit.new]
            at = edit.offset + edit.length
        undo = Undo(source.size, growth, ((0, old),))
        try:
            _change(path, undo, [(0, b"".join([*new, old[at:]]))], check, fsync=fsync)
        except _RefusedError:
            return False
        return True


def recover(path: Path) -> bool:
    """Take back a change that was cut off; whether there was one.

    Raises:
        InterruptedWriteError: the write is still going on.
        LabelError: the file was changed by somebody else since.
    """
    journal = journal_of(path)
    try:
        pen = os.open(journal, os.O_RDWR | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        return False
    try:
        if not _lock(pen):
            raise InterruptedWriteError(f"another process is writing to {path.name}")
        undo = _parse(journal.read_bytes())
        if undo is not None:
            _restore(path, undo)
    finally:
        os.close(pen)
    journal.unlink()
    return undo is not None


def _restore(path: Path, undo: Undo) -> None:
    fd = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        _undo(fd, undo, path)
        os.fsync(fd)
    finally:
        os.close(fd)


class _RefusedError(Exception):
    """The file system inserts nothing here."""


def _open(path: Path) -> Source:
    fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    return Source(b"", fd, os.fstat(fd).st_size)


def _change(path: Path, undo: Undo, new: list[tuple[int, bytes]], check: Check, *, fsync: bool) -> None:
    journal = journal_of(path)
    try:
        pen = os.open(journal, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError:
        raise InterruptedWriteError(
            f"{journal.name} is there: an earlier write was cut off (`countermark label recover` "
            "brings the old file back), or another process is writing"
        ) from None
    with contextlib.ExitStack() as closing:
        closing.callback(os.close, pen)
        untouched = closing.enter_context(contextlib.ExitStack())
        untouched.callback(journal.unlink)
        _lock(pen)
        fd = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        closing.callback(os.close, fd)
        write_all(pen, _serialise(undo))
        if fsync:
            os.fsync(pen)
            sync_folder(path.parent)
        untouched.pop_all()
        with contextlib.ExitStack() as failed:
            failed.callback(_take_back, fd, undo, path)
            _apply(fd, undo, new)
            check(path)
            if fsync:
                os.fsync(fd)
            failed.pop_all()
        journal.unlink()


def _apply(fd: int, undo: Undo, new: list[tuple[int, bytes]]) -> None:
    if undo.inserted:
        _insert(fd, undo.inserted)
    for offset, data in new:
        put(fd, data, offset)
    if not undo.inserted and new:
        end = new[-1][0] + len(new[-1][1])
        if end < undo.size and undo.kept[-1][0] + len(undo.kept[-1][1]) == undo.size:
            os.ftruncate(fd, end)


def put(fd: int, data: bytes, offset: int) -> None:
    """Write every byte at ``offset``."""
    view = memoryview(data)
    while view:
        if hasattr(os, "pwrite"):
            done = os.pwrite(fd, view, offset)
        else:
            os.lseek(fd, offset, os.SEEK_SET)
            done = os.write(fd, view)
        view, offset = view[done:], offset + done


def _take_back(fd: int, undo: Undo, path: Path) -> None:
    _undo(fd, undo, path)  # where this fails too, the journal stays
    journal_of(path).unlink()


def _undo(fd: int, undo: Undo, path: Path) -> None:
    size = os.fstat(fd).st_size
    moved = undo.inserted if undo.inserted and size == undo.size + undo.inserted else 0
    if undo.inserted and not moved and size != undo.size:
        raise LabelError(f"{path.name} has {size:,} bytes: somebody else changed it, nothing is undone")
    for offset, data in undo.kept:
        put(fd, data, offset + moved)
    if moved:
        _collapse(fd, moved)
    else:
        os.ftruncate(fd, undo.size)


def _serialise(undo: Undo) -> bytes:
    head: dict[str, Any] = {"size": undo.size, "inserted": undo.inserted}
    head["kept"] = [[offset, len(data)] for offset, data in undo.kept]
    body = json.dumps(head).encode() + b"\n" + b"".join(data for _, data in undo.kept)
    return MAGIC + body + hashlib.sha256(body).digest()


def _parse(data: bytes) -> Undo | None:
    """The journal; None where it is not whole."""
    body, summed = data[len(MAGIC) : -32], data[-32:]
    if not data.startswith(MAGIC) or hashlib.sha256(body).digest() != summed:
        return None
    line, _, rest = body.partition(b"\n")
    head = json.loads(line)
    kept, at = [], 0
    for offset, length in head["kept"]:
        kept.append((offset, rest[at : at + length]))
        at += length
    return Undo(head["size"], head["inserted"], tuple(kept))


def _lock(fd: int) -> bool:
    """Hold the journal as long as this process lives; False where another one holds it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@lru_cache(maxsize=1)
def _fallocate() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None, use_errno=True)
    found = getattr(library, "fallocate64", None) or getattr(library, "fallocate", None)
    if found is not None:
        found.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
        found.restype = ctypes.c_int
    return found


def _insert(fd: int, length: int) -> None:
    if _fallocate()(fd, INSERT_RANGE, 0, length):
        raise _RefusedError


def _collapse(fd: int, length: int) -> None:
    if _fallocate()(fd, COLLAPSE_RANGE, 0, length):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
