"""A file that is delivered in a ZIP archive: taken out for the look, within limits.

Source: APPNOTE.TXT, by way of the standard library.
"""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from countermark.labels.containers import zips
from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.source import opened as source_opened

MAX_MEMBERS = 10_000
MAX_BYTES = 4 << 30
"""Most bytes of the member that is taken out."""
MAX_RATIO = 1000
"""Deflate cannot pack closer than 1 to 1032; pictures and sounds hardly pack at all."""
CHUNK = 1 << 20
BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)
"""What the standard library raises for archives that are broken, encrypted or packed in other ways."""


@contextmanager
def opened(path: Path, stem: str) -> Iterator[tuple[Path, str]]:
    """The file itself, or the member of the archive that it is, and a word on that.

    An archive that cannot be opened, or of which no one member is meant, is given back itself: the look at it
    says that it is of an unknown kind.

    Args:
        path: any file.
        stem: the name, without extension, of the file that was packed.
    """
    if not _is_archive(path):
        yield path, ""
        return
    with tempfile.TemporaryDirectory(prefix="countermark-") as folder:
        try:
            inner = extract(path, stem, Path(folder))
        except LabelError:
            inner = path
        yield inner, "" if inner == path else "from a ZIP archive"


def extract(path: Path, stem: str, folder: Path) -> Path:
    """Take the one file out of an archive, or of several the one that is called ``stem``.

    Raises:
        TooLargeError: a limit was reached.
        LabelError: the archive is broken or encrypted, or it is not clear which member is meant.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            member = _meant([info for info in archive.infolist() if not info.filename.endswith("/")], stem)
            target = folder / f"member{Path(member.filename).suffix[:16]}"
            with archive.open(member) as packed, target.open("wb") as out:
                _copy(packed, out, member.compress_size)
    except BROKEN as trouble:
        raise LabelError(f"the ZIP archive cannot be read: {trouble}") from trouble
    return target


def pack(path: Path, target: Path) -> None:
    """Put one file into a new archive, as it is."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, path.name)


def _is_archive(path: Path) -> bool:
    """Whether it is a ZIP archive, and none of the kinds of document that are packed as one."""
    try:
        with source_opened(path) as source:
            return source.peek(0, 4) == b"PK\x03\x04" and not zips.kind(source)
    except (LabelError, OSError):
        return False


def _meant(members: list[zipfile.ZipInfo], stem: str) -> zipfile.ZipInfo:
    if len(members) > MAX_MEMBERS:
        raise TooLargeError(f"the ZIP archive has more than {MAX_MEMBERS:,} members")
    named = members if len(members) == 1 else [m for m in members if Path(m.filename).stem == stem]
    if len(named) != 1:
        raise LabelError(f"of {len(members)} members of the ZIP archive, {len(named)} may be the file")
    member = named[0]
    if member.file_size > MAX_BYTES or member.file_size > MAX_RATIO * max(member.compress_size, CHUNK):
        raise TooLargeError(
            f"{member.file_size:,} bytes in the ZIP archive, packed into {member.compress_size:,}"
        )
    return member


def _copy(packed: IO[bytes], out: IO[bytes], packed_size: int) -> None:
    """What the directory says of the size may be false: what comes out is counted."""
    most = min(MAX_BYTES, MAX_RATIO * max(packed_size, CHUNK))
    done = 0
    while chunk := packed.read(CHUNK):
        done += len(chunk)
        if done > most:
            raise TooLargeError(f"more than {most:,} bytes in the ZIP archive")
        out.write(chunk)
