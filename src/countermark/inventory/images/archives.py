"""The parts of a stored image by name: of a folder, or of an archive that is not unpacked to disk."""

from __future__ import annotations

import io
import os
import posixpath
import tempfile
import weakref
from pathlib import Path
from typing import IO, Any, Protocol

from countermark.inventory.images.tars import CHUNK, Member, Tar, TarError, Type
from countermark.inventory.images.unpacking import PackError, unpacked

MAX_HOPS = 8
MAX_PARTS = 100_000
"""Entries of the outer archive: a few for each layer."""


class ImageError(ValueError):
    """Something is no image, or one that cannot be read."""


class Parts(Protocol):
    """Named parts, which the manifests refer to."""

    def has(self, name: str) -> bool:
        """Whether there is such a part."""

    def open(self, name: str) -> IO[bytes]:
        """A part from its beginning.

        Raises:
            ImageError: there is none, or it cannot be read.
        """


class Folder:
    """An image that lies in a folder: an OCI layout, or an unpacked ``docker save``."""

    def __init__(self, root: Path) -> None:
        self._root = Path(os.path.realpath(root))

    def has(self, name: str) -> bool:
        return self._full(name).is_file()

    def open(self, name: str) -> IO[bytes]:
        full = self._full(name)
        try:
            if not full.is_file():
                raise ImageError(f"{shown(name)} is not there")
            return full.open("rb")
        except OSError as error:
            raise ImageError(f"{shown(name)} cannot be read: {error.strerror or error}") from None

    def _full(self, name: str) -> Path:
        """Where a part lies; a path or a link that leaves the folder is refused."""
        try:
            full = Path(os.path.realpath(self._root / name))
        except (OSError, ValueError):
            raise ImageError(f"{shown(name)} is no name of a part") from None
        if not full.is_relative_to(self._root):
            raise ImageError(f"{shown(name)} leads out of the image: refused")
        return full


class Archive:
    """An image in a tar archive. A packed one is unpacked to a temporary file that nobody else sees."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: IO[bytes] | None = None
        try:
            with unpacked(path.open("rb")) as stream:
                if not stream.seekable():
                    self._hold(stream)
            with self._whole() as file:
                self._members = self._index(file)
        except (OSError, TarError, PackError) as error:
            raise ImageError(f"{path.name} cannot be read: {error}") from None

    def has(self, name: str) -> bool:
        return self._find(name) is not None

    def open(self, name: str) -> IO[bytes]:
        member = self._find(name)
        if member is None:
            raise ImageError(f"{shown(name)} is not there")
        try:
            file = self._held or self._path.open("rb")
            segment = Segment(file, member.offset, member.size, owns=file is not self._held)
            return io.BufferedReader(segment, CHUNK)
        except OSError as error:
            raise ImageError(f"{shown(name)} cannot be read: {error.strerror or error}") from None

    def close(self) -> None:
        """Give up the temporary file."""
        if self._held is not None:
            self._held.close()

    def _hold(self, stream: IO[bytes]) -> None:
        self._held = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the image
        weakref.finalize(self, self._held.close)
        while chunk := stream.read(CHUNK):
            self._held.write(chunk)
        self._held.flush()

    def _whole(self) -> IO[bytes]:
        """All of the archive, with a position of its own."""
        if self._held is None:
            return self._path.open("rb")
        return io.BufferedReader(Segment(self._held, 0, self._held.seek(0, io.SEEK_END), owns=False))

    def _index(self, file: IO[bytes]) -> dict[str, Member]:
        members: dict[str, Member] = {}
        for member in Tar(file):
            members[_plain(member.path)] = member
            if len(members) > MAX_PARTS:
                raise ImageError(f"{self._path.name}: more than {MAX_PARTS:,} entries: no stored image")
        return members

    def _find(self, name: str) -> Member | None:
        """A file; links within the archive are followed, as old ``docker save`` has for equal layers."""
        for _ in range(MAX_HOPS):
            member = self._members.get(_plain(name))
            if member is None or member.type is Type.FILE:
                return member
            if member.type is Type.HARDLINK:
                name = member.link
            elif member.type is Type.SYMLINK:
                name = posixpath.join(posixpath.dirname(_plain(name)), member.link)
            else:
                return None
        return None


class Segment(io.RawIOBase):
    """A part of a file as a file of its own."""

    def __init__(self, file: IO[bytes], start: int, size: int, *, owns: bool) -> None:
        super().__init__()
        self._file, self._start, self._size, self._owns = file, start, size, owns
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, target: Any) -> int:
        left = max(0, self._size - self._at)
        self._file.seek(self._start + self._at)
        data = self._file.read(min(len(target), left))
        target[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed and self._owns:
            self._file.close()
        super().close()


def shown(name: str) -> str:
    """A name as it can be printed."""
    return name.encode("utf-8", "backslashreplace").decode()[:300]


def _plain(name: str) -> str:
    return posixpath.normpath(name).lstrip("/")
