"""The file system that the layers of an image come to: upper ones win, whiteouts take away.

All headers are read first, from the top layer down, to learn which file of which layer counts and where
links lead. What is wanted and certain by the end of its layer is given at once; links, and what is too much
to hold, are read in a second pass through the layers that they are in.

Source: OCI Image Layer Filesystem Changeset, sections Representing Changes, Whiteouts and Opaque Whiteout.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import IO

from countermark.inventory.images.archives import ImageError, shown
from countermark.inventory.images.tars import MAX_MEMBERS, Member, Tar, TarError, Type
from countermark.inventory.images.unpacking import PackError, unpacked
from countermark.inventory.usage import Unread

WHITEOUT, OPAQUE = ".wh.", ".wh..wh..opq"
MAX_HOPS, MAX_PARTS, MAX_LINK = 40, 1_000, 4_096
"""Links on the way of one path, its folders, and the length of a link: as Linux has them, or more."""
MAX_LINKS = 20_000
"""Links that are followed in one image."""
MAX_HELD = 128 << 20
"""Bytes of one layer that are held until its end; what is beyond them is read in a second pass."""
MAX_LINES = 200
"""Most lines about single entries; what is beyond them is counted."""
Wanted = Callable[[str, int], bool]
"""Whether the content of a path with a size is of interest."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer, not read yet."""

    name: str
    """Digest or file name, as it is shown."""
    open: Callable[[], IO[bytes]]


@dataclass(slots=True)
class _Entry:
    """What counts at a path."""

    layer: int
    member: Member


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of an image."""

    wanted: Wanted
    most: int
    """Bytes of one file."""
    cut: bool
    """Whether the beginning of a larger file is given; else it is named as not read."""

    def takes(self, path: str, size: int) -> bool:
        """Whether a file can be given."""
        return (size <= self.most or self.cut) and self.wanted(path, size)


@dataclass(slots=True)
class View:
    """The file system, as far as the headers tell it."""

    layers: Sequence[Layer]
    """From the bottom to the top."""
    entries: dict[str, _Entry] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    _hidden: set[str] = field(default_factory=set)
    """Paths that upper layers took away or replaced: nothing of lower layers shows at or below them."""
    _opaque: set[str] = field(default_factory=set)
    """Folders in which nothing of lower layers shows."""
    _folders: set[str] = field(default_factory=set)
    _links: int = 0
    _more: int = 0
    _whole: bool = False
    """All headers have been read."""

    def files(self, wish: Wish) -> Iterator[tuple[str, bytes]]:
        """The content of what is wanted: at its own path, and at those of links to it."""
        done: set[str] = set()
        if not self._whole:
            for path, data in self._survey(wish):
                done.add(path)
                yield shown(path), data
        plan = self._plan(wish, done)
        for number, members in sorted(plan.items(), reverse=True):
            left = len(members)
            for member, data in self._members(number, _numbered(members), wish.most):
                if member.number in members:
                    yield from ((shown(path), data) for path in members[member.number])
                    left -= 1
                    if not left:
                        break
        if self._more:
            self.unread.append(Unread("", f"{self._more:,} further entries were refused or not read"))
            self._more = 0

    def _survey(self, wish: Wish) -> Iterator[tuple[str, bytes]]:
        """Read the headers of all layers from the top, and give what is wanted as soon as it is certain."""
        self.entries.clear()
        self._hidden.clear()
        self._opaque.clear()
        for number in range(len(self.layers) - 1, -1, -1):
            headers = _Headers(self, wish)
            headers.read(self._members(number, headers.takes, wish.most))
            for path, member in headers.own.items():
                if len(self.entries) >= MAX_MEMBERS:
                    self._note("", f"more than {MAX_MEMBERS:,} files: the rest was not read")
                    break
                if path not in self.entries and not self.is_hidden(path):
                    self.entries[path] = _Entry(number, member)
                    if member.number in headers.kept:
                        yield path, headers.kept[member.number]
            self._hidden |= headers.hidden
            self._hidden.update(path for path, m in headers.own.items() if m.type is not Type.FOLDER)
            self._opaque |= headers.opaque
        self._whole = True

    def _plan(self, wish: Wish, done: set[str]) -> dict[int, dict[int, list[str]]]:
        """What is still to read: layer → number of the entry → the paths at which it shows."""
        plan: dict[int, dict[int, list[str]]] = {}
        for path, entry in self.entries.items():
            real = self._real(path, entry, wish.wanted) if path not in done else None
            if real is None:
                continue
            if wish.takes(path, real.member.size):
                plan.setdefault(real.layer, {}).setdefault(real.member.number, []).append(path)
            elif real.member.size > wish.most and wish.wanted(path, real.member.size):
                self._note(shown(path), f"larger than {wish.most:,} bytes: not read")
        return plan

    def _members(
        self, number: int, takes: Callable[[Member], bool], most: int
    ) -> Iterator[tuple[Member, bytes]]:
        """The entries of a layer, up to where it is broken, and the content of some."""
        layer = self.layers[number]
        try:
            with closing(unpacked(layer.open())) as stream:
                tar = Tar(stream)
                for member in tar:
                    yield member, tar.read(most) if takes(member) else b""
        except (ImageError, TarError, PackError, OSError) as error:
            line = Unread(f"layer {layer.name}", f"not read to its end: {error}")
            if line not in self.unread:
                self.unread.append(line)

    def is_hidden(self, path: str) -> bool:
        if path in self._hidden:
            return True
        while path:
            path = posixpath.dirname(path)
            if path in self._opaque or path in self._hidden:
                return True
        return False

    def _real(self, path: str, entry: _Entry, wanted: Wanted) -> _Entry | None:
        """The file at a path, through links."""
        if entry.member.type is Type.FILE:
            return entry
        if entry.member.type not in (Type.SYMLINK, Type.HARDLINK) or not wanted(path, 0):
            return None
        self._links += 1
        target = self.resolve(path) if self._links <= MAX_LINKS else None
        found = self.entries.get(target) if target is not None else None
        if found is not None and found.member.type is Type.FILE:
            return found
        if found is None and (target is None or not self._is_folder(target)):
            link = shown(entry.member.link)[:100]
            self._note(shown(path), f"a link to {link}, which is not in the image, or leads in a circle")
        return None

    def _is_folder(self, path: str) -> bool:
        if not self._folders:
            for each in self.entries:
                while (each := posixpath.dirname(each)) not in self._folders:
                    self._folders.add(each)
        return path in self._folders

    def resolve(self, path: str) -> str | None:
        """Where a path leads when every link on the way is followed within the image; None in a circle."""
        done: list[str] = []
        left = path.split("/")[::-1]
        hops = 0
        while left and len(left) <= MAX_PARTS:
            part = left.pop()
            if part in ("", "."):
                continue
            if part == "..":
                done = done[:-1]  # above the root there is the root
                continue
            entry = self.entries.get("/".join([*done, part]))
            if entry is None or entry.member.type not in (Type.SYMLINK, Type.HARDLINK):
                done.append(part)
                continue
            hops += 1
            if hops > MAX_HOPS or len(entry.member.link) > MAX_LINK:
                return None
            if entry.member.type is Type.HARDLINK or entry.member.link.startswith("/"):
                done = []
            left += entry.member.link.split("/")[::-1]
        return "/".join(done) if not left else None

    def refuse(self, path: str) -> None:
        """Say that a path was refused."""
        self._note(shown(path), "a path that leaves the image: refused")

    def _note(self, path: str, why: str) -> None:
        if len(self.unread) < MAX_LINES:
            self.unread.append(Unread(path, why))
        else:
            self._more += 1


def _numbered(numbers: Container[int]) -> Callable[[Member], bool]:
    return lambda member: member.number in numbers


class _Headers:
    """What one layer holds, what it takes away, and what it empties."""

    def __init__(self, above: View, wish: Wish) -> None:
        self._above, self._wish = above, wish
        self.own: dict[str, Member] = {}
        self.hidden: set[str] = set()
        self.opaque: set[str] = set()
        self.kept: dict[int, bytes] = {}
        """By the number of the entry, what is wanted and not too much to hold."""
        self._held = 0
        self._taken = -1

    def takes(self, member: Member) -> bool:
        path = clean(member.path) if member.type is Type.FILE else None
        if path is None or self._held >= MAX_HELD or not self._wish.takes(path, member.size):
            return False
        if path in self._above.entries or self._above.is_hidden(path):
            return False
        self._taken = member.number
        return True

    def read(self, members: Iterator[tuple[Member, bytes]]) -> None:
        for member, data in members:
            path = clean(member.path)
            if path is None:
                self._above.refuse(member.path)
                continue
            folder, name = posixpath.split(path)
            if name == OPAQUE:
                self.opaque.add(folder)
            elif name.startswith(WHITEOUT):
                self.hidden.add(posixpath.join(folder, name.removeprefix(WHITEOUT)))
            elif path:
                self.own[path] = member
                if member.number == self._taken:
                    self.kept[member.number] = data
                    self._held += len(data)


def clean(path: str) -> str | None:
    """A path of an archive, relative to the root of the image; None where it leaves that."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts or "\0" in path:
        return None
    return "/".join(parts)
