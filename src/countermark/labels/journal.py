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
from countermark.labels.splicing import Edit, checked, sync_folder, to_bytes, write_all

SUFFIX = ".countermark-journal"
MAGIC = b"countermark-journal 1\n"
MAX_HEAD = 1 << 20
"""Most bytes before an insertion that are written anew for it."""
COLLAPSE_RANGE, INSERT_RANGE = 0x08, 0x20
CHUNK = 4096
MAX_JOURNAL = 160 << 20
MAX_NAME = 200
"""Bytes of a file name; a longer one leaves no room for that of its journal."""
PENDING = (
    "a write in place to {} was cut off, or is going on in another process; "
    "`countermark label recover` brings the old file back"
)
MAX_TAIL = 64 << 20
"""Most bytes that a journal keeps; a larger change is written as a copy."""


Check = Callable[[Path], None]
"""Looks at the changed file, and raises where it is not what it should be."""


class InterruptedWriteError(LabelError):
    """A write in place was cut off; :func:`recover` brings the old file back."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done to a file, and what brings the old one back."""

    size: int
    """Of the old file."""
    inserted: int
    """Bytes that are inserted at the start."""
    regions: tuple[tuple[int, bytes, bytes], ...]
    """Where in the old file, the old bytes, the new bytes; the last may reach to the end and change it."""

    @property
    def new_size(self) -> int:
        """Of the new file."""
        if self.inserted or not self.regions:
            return self.size + self.inserted
        offset, old, new = self.regions[-1]
        return offset + len(new) if offset + len(old) == self.size else self.size


def journal_of(path: Path) -> Path:
    """Where the journal of a file stands while it is changed."""
    return path.with_name(f".{path.name}{SUFFIX}")


def pending(path: Path | str) -> bool:
    """Whether a write in place to a file was cut off, or is going on."""
    folder, name = os.path.split(path)
    try:
        os.lstat(os.path.join(folder, f".{name}{SUFFIX}"))  # noqa: PTH118 - hot
    except OSError:
        return False
    return True


def fits_in_place(edits: Sequence[Edit], size: int) -> bool:
    """Whether the edits can be written over the old bytes."""
    if not edits:
        return True
    *before, last = sorted(edits, key=lambda edit: edit.offset)
    if any(edit.growth for edit in before) or (last.growth and last.offset + last.length != size):
        return False
    return sum(edit.length + len(edit.new) for edit in edits) <= MAX_TAIL


def fits_name(path: Path) -> bool:
    """Whether the name of its journal fits into a folder."""
    return len(os.fsencode(path.name)) <= MAX_NAME


def fits_insertion(edits: Sequence[Edit], block: int) -> bool:
    """Whether whole blocks can be inserted for the edits."""
    growth = sum(edit.growth for edit in edits)
    end = max((edit.offset + edit.length for edit in edits), default=0)
    return growth > 0 and growth % block == 0 and end <= MAX_HEAD and _fallocate() is not None


def block_size(path: Path) -> int:
    """The unit in which the file system of ``path`` inserts, in bytes; 0 where it cannot."""
    if _fallocate() is None or not fits_name(path):
        return 0
    return os.statvfs(path).f_bsize


def write_over(path: Path, edits: Sequence[Edit], *, check: Check, fsync: bool = False) -> None:
    """Write edits that :func:`fits_in_place` over the file; where ``check`` raises, they are taken back.

    Raises:
        InterruptedWriteError: an earlier write to it was cut off, or another one is going on.
        OSError: the file cannot be written; it is then as it was.
    """
    with _open(path) as source:
        ordered = checked(edits, source.size)
        regions = tuple((e.offset, source.read(e.offset, e.length), e.new) for e in ordered)
        _change(path, Change(source.size, 0, regions), check, fsync=fsync)


def write_inserted(path: Path, edits: Sequence[Edit], *, check: Check, fsync: bool = False) -> bool:
    """Insert whole blocks and write the start of the file anew; False where the file system refuses."""
    with _open(path) as source:
        ordered = checked(edits, source.size)
        head = max(edit.offset + edit.length for edit in ordered)
        growth = sum(edit.growth for edit in ordered)
        old = source.read(0, head)
        new = to_bytes(Source(old), ordered)
        try:
            _change(path, Change(source.size, growth, ((0, old, new),)), check, fsync=fsync)
        except _RefusedError:
            return False
        return True


def recover(path: Path) -> bool:
    """Take back a change that was cut off; whether there was one.

    Nothing is done to a file that is neither the old one nor on its way to the new one.

    Raises:
        InterruptedWriteError: the write is still going on.
        LabelError: somebody else changed the file since, or the journal is not one of ours.
    """
    journal = journal_of(path)
    if not pending(path):
        return False
    try:
        pen = os.open(journal, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        return False
    with contextlib.ExitStack() as closing:
        closing.callback(os.close, pen)
        if not _lock(pen):
            raise InterruptedWriteError(f"another process is writing to {path.name}")
        change = _parse(_content(pen, path))
        if change is not None:
            _restore(path, change)
        journal.unlink(missing_ok=True)
    return change is not None


def _restore(path: Path, change: Change) -> None:
    fd = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        _undo(fd, change, path)
        os.fsync(fd)
    finally:
        os.close(fd)


class _RefusedError(Exception):
    """The file system inserts nothing here."""


def _open(path: Path) -> Source:
    fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    return Source(b"", fd, os.fstat(fd).st_size)


def _change(path: Path, change: Change, check: Check, *, fsync: bool) -> None:
    journal = journal_of(path)
    try:
        pen = os.open(journal, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError:
        raise InterruptedWriteError(PENDING.format(path.name)) from None
    with contextlib.ExitStack() as closing:
        closing.callback(os.close, pen)
        untouched = closing.enter_context(contextlib.ExitStack())
        untouched.callback(journal.unlink)
        _lock(pen)
        fd = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        closing.callback(os.close, fd)
        write_all(pen, _serialise(change))
        if fsync:
            os.fsync(pen)
            sync_folder(path.parent)
        untouched.pop_all()
        with contextlib.ExitStack() as failed:
            failed.callback(_take_back, fd, change, path)
            _apply(fd, change)
            check(path)
            if fsync:
                os.fsync(fd)
            failed.pop_all()
        journal.unlink()


def _apply(fd: int, change: Change) -> None:
    if change.inserted:
        _insert(fd, change.inserted)
    for offset, _, new in change.regions:
        put(fd, new, offset)
    if change.new_size < change.size:
        os.ftruncate(fd, change.new_size)


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


def _take_back(fd: int, change: Change, path: Path) -> None:
    _undo(fd, change, path)  # where this fails too, the journal stays
    journal_of(path).unlink()


def _undo(fd: int, change: Change, path: Path) -> None:
    size = os.fstat(fd).st_size
    moved = change.inserted if change.inserted and size == change.size + change.inserted else 0
    if not _is_between(fd, size, change, moved):
        raise LabelError(
            f"somebody else changed {path.name} after a write to it was cut off, so nothing is undone; "
            f"if it is as it should be, delete {journal_of(path).name}"
        )
    for offset, old, _ in change.regions:
        put(fd, old, offset + moved)
    if moved:
        _collapse(fd, moved)
    elif size != change.size:
        os.ftruncate(fd, change.size)


def _is_between(fd: int, size: int, change: Change, moved: int) -> bool:
    """Whether the file is the old one, the new one, or one on the way from the one to the other."""
    least, most = sorted((change.size, change.new_size))
    if not least <= size <= most or (change.inserted and size not in (least, most)):
        return False
    for offset, old, new in change.regions:
        before = bytes(moved) + old
        if not _is_mixed(_at(fd, offset, max(len(before), len(new))), before, new):
            return False
    return True


def _is_mixed(now: bytes, old: bytes, new: bytes) -> bool:
    """Whether each byte is the old one or the new one at its place."""
    for start in range(0, len(now), CHUNK):
        here = slice(start, start + CHUNK)
        part, before, after = now[here], old[here], new[here]
        if part in (before, after):
            continue
        if any(part[i : i + 1] not in (before[i : i + 1], after[i : i + 1]) for i in range(len(part))):
            return False
    return True


def _at(fd: int, offset: int, length: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(fd, length, offset)
    os.lseek(fd, offset, os.SEEK_SET)
    return os.read(fd, length)


def _serialise(change: Change) -> bytes:
    head: dict[str, Any] = {"size": change.size, "inserted": change.inserted}
    head["regions"] = [[offset, len(old), len(new)] for offset, old, new in change.regions]
    parts = [part for _, old, new in change.regions for part in (old, new)]
    body = json.dumps(head).encode() + b"\n" + b"".join(parts)
    return MAGIC + body + hashlib.sha256(body).digest()


def _content(pen: int, path: Path) -> bytes:
    status = os.fstat(pen)
    trusted = not hasattr(os, "geteuid") or status.st_uid in (os.geteuid(), path.stat().st_uid)
    if not trusted or status.st_size > MAX_JOURNAL:
        raise LabelError(f"{journal_of(path).name} is no journal of ours: delete it")
    os.lseek(pen, 0, os.SEEK_SET)
    parts = []
    while part := os.read(pen, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _parse(data: bytes) -> Change | None:
    """The journal; None where it is not whole: nothing was touched then.

    Raises:
        LabelError: it is whole, and makes no sense.
    """
    body, summed = data[len(MAGIC) : -32], data[-32:]
    if not data.startswith(MAGIC) or hashlib.sha256(body).digest() != summed:
        return None
    line, _, rest = body.partition(b"\n")
    regions, at = [], 0
    try:
        head = json.loads(line)
        size, inserted = int(head["size"]), int(head["inserted"])
        for offset, before, after in head["regions"]:
            cut = at + before
            regions.append((int(offset), rest[at:cut], rest[cut : cut + after]))
            at = cut + after
    except (ValueError, KeyError, TypeError) as error:
        raise LabelError(f"a journal that makes no sense: {error}") from None
    if min([size, inserted, *(offset for offset, _, _ in regions)]) < 0 or at != len(rest):
        raise LabelError("a journal that makes no sense")
    return Change(size, inserted, tuple(regions))


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
