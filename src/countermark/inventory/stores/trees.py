"""The files of a store by path, wherever they lie: on disk, or in what was kept of an image."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from countermark.inventory.usage import Unread

MAX_FILES = 1_000_000
MAX_DEPTH = 40
APART = frozenset([".git", ".hg", ".svn", "node_modules", "__pycache__", ".no_exist", ".locks"])
"""Folders that hold no model; the last two are the hub cache's own notes."""


class Tree(Protocol):
    """Files by path, with forward slashes."""

    unread: list[Unread]

    def sizes(self) -> Mapping[str, int]:
        """Every file, with its size in bytes."""

    def at(self, path: str, offset: int, length: int) -> bytes:
        """Some bytes of a file; fewer where it ends, or where it cannot be read."""

    def where(self, path: str) -> str:
        """The path as the system knows it; what a command line may name."""


@dataclass(slots=True)
class DiskTree:
    """A folder on disk. Links are followed only where they stay within it."""

    root: Path
    matters: Callable[[str], bool] = lambda _path: True
    """Whether a file that is not reached is worth a line."""
    unread: list[Unread] = field(default_factory=list)
    _sizes: dict[str, int] = field(default_factory=dict)
    _around: str = ""

    def __post_init__(self) -> None:
        self._around = os.path.realpath(_cache_around(self.root))

    def sizes(self) -> Mapping[str, int]:
        if not self._sizes:
            if self.root.is_file():
                self._sizes[self.root.name] = self.root.stat().st_size
            else:
                self._sizes.update(self._folder(str(self.root), "", 0))
        return self._sizes

    def _folder(self, full: str, name: str, depth: int) -> Iterator[tuple[str, int]]:
        try:
            with os.scandir(full) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            self.unread.append(Unread(shown(name) or ".", f"folder not read: {error.strerror or error}"))
            return
        if depth > MAX_DEPTH or len(self._sizes) > MAX_FILES:
            self.unread.append(Unread(shown(name), "too deep, or too many files: not read"))
            return
        for entry in entries:
            path = f"{name}/{entry.name}" if name else entry.name
            try:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in APART:
                        yield from self._folder(entry.path, path, depth + 1)
                elif entry.is_file(follow_symlinks=False):
                    yield path, entry.stat(follow_symlinks=False).st_size
                elif entry.is_symlink() and self._is_within(entry, path):
                    yield path, entry.stat().st_size
            except OSError as error:
                self.unread.append(Unread(shown(path), f"not read: {error.strerror or error}"))

    def _is_within(self, entry: os.DirEntry[str], path: str) -> bool:
        """Whether a link leads to a file of the folder; folders of it are read at their own places."""
        try:
            real = os.path.realpath(entry.path, strict=True)
        except (OSError, RuntimeError):
            if self.matters(path):
                self.unread.append(Unread(shown(path), "a link that leads nowhere, or in a circle"))
            return False
        if real != self._around and not real.startswith(self._around.rstrip("/") + "/"):
            if self.matters(path) or entry.is_dir():
                self.unread.append(Unread(shown(path), "a link that leads out of the folder: not followed"))
            return False
        return entry.is_file()

    def at(self, path: str, offset: int, length: int) -> bytes:
        full = self.root if self.root.is_file() else self.root / path
        try:
            with full.open("rb") as stream:
                stream.seek(offset)
                return stream.read(length)
        except OSError as error:
            line = Unread(shown(path), f"not read: {error.strerror or error}")
            if line not in self.unread:
                self.unread.append(line)
            return b""

    def where(self, path: str) -> str:
        return os.path.abspath(self.root if self.root.is_file() else self.root / path)  # noqa: PTH100 - not through links


def _cache_around(root: Path) -> Path:
    """The part of a hub cache that a snapshot's links stay in, where the root is within one."""
    for folder in (root.absolute(), *root.absolute().parents):
        if folder.name.startswith("models--"):
            return folder
    return root


@dataclass(slots=True)
class HeldTree:
    """The first bytes of files that are not on disk: of an image."""

    files: Mapping[str, tuple[int, bytes]]
    """Path → size and first bytes."""
    unread: list[Unread] = field(default_factory=list)

    def sizes(self) -> Mapping[str, int]:
        return {path: size for path, (size, _) in self.files.items()}

    def at(self, path: str, offset: int, length: int) -> bytes:
        return self.files[path][1][offset : offset + length] if path in self.files else b""

    def where(self, path: str) -> str:
        return "/" + path


def shown(path: str) -> str:
    """A path as it can be printed."""
    return path.encode("utf-8", "backslashreplace").decode()
