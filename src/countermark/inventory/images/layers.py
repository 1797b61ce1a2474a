"""The file system that the layers of an image come to: upper ones win, whiteouts take away.

Two passes: the first reads only the headers of all layers, from the top, to learn which file of which layer
counts and where links lead; the second reads the content of those that are wanted.

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

    def survey(self) -> None:
        """Read the headers of all layers."""
        for number in range(len(self.layers) - 1, -1, -1):
            own, hidden, opaque = self._headers(number)
            for path, member in own.items():
                if len(self.entries) >= MAX_MEMBERS:
                    self._note("", f"more than {MAX_MEMBERS:,} files: the rest was not read")
                    return
                if path not in self.entries and not self._is_hidden(path):
                    self.entries[path] = _Entry(number, member)
            self._hidden |= hidden | {path for path, m in own.items() if m.type is not Type.FOLDER}
            self._opaque |= opaque
        if self._more:
            self.unread.append(
                Unread("", f"{self._more:,} further entries of the layers were refused or not read")
            )

    def _headers(self, number: int) -> tuple[dict[str, Member], set[str], set[str]]:
        """What one layer holds, what it takes away, and what it empties."""
        own: dict[str, Member] = {}
        hidden: set[str] = set()
        opaque: set[str] = set()
        for member, _ in self._members(number):
            path = clean(member.path)
            if path is None:
                self._note(shown(member.path), "a path that leaves the image: refused")
                continue
            folder, name = posixpath.split(path)
            if name == OPAQUE:
                opaque.add(folder)
            elif name.startswith(WHITEOUT):
                hidden.add(posixpath.join(folder, name.removeprefix(WHITEOUT)))
            elif path:
                own[path] = member
        return own, hidden, opaque

    def _members(
        self, number: int, read: Container[int] = (), most: int = 0
    ) -> Iterator[tuple[Member, bytes]]:
        """The entries of a layer, up to where it is broken, and the content of those with some numbers."""
        layer = self.layers[number]
        try:
            with closing(unpacked(layer.open())) as stream:
                tar = Tar(stream)
                for member in tar:
                    yield member, tar.read(most) if member.number in read else b""
        except (ImageError, TarError, PackError, OSError) as error:
            line = Unread(f"layer {layer.name}", f"not read to its end: {error}")
            if line not in self.unread:
                self.unread.append(line)

    def _is_hidden(self, path: str) -> bool:
        if path in self._hidden:
            return True
        while path:
            path = posixpath.dirname(path)
            if path in self._opaque or path in self._hidden:
                return True
        return False

    def files(self, wanted: Wanted, most: int, *, cut: bool) -> Iterator[tuple[str, bytes]]:
        """The content of what is wanted: at its own path, and at those of links to it.

        Args:
            wanted: By path and size.
            most: Bytes of one file.
            cut: Whether the beginning of a larger file is given; else it is named as not read.
        """
        plan: dict[int, dict[int, list[str]]] = {}
        for path, entry in self.entries.items():
            real = self._real(path, entry, wanted)
            if real is not None and wanted(path, real.member.size):
                if real.member.size > most and not cut:
                    self._note(shown(path), f"larger than {most:,} bytes: not read")
                else:
                    plan.setdefault(real.layer, {}).setdefault(real.member.number, []).append(path)
        for number, members in sorted(plan.items(), reverse=True):
            left = len(members)
            for member, data in self._members(number, members, most):
                if member.number in members:
                    yield from ((shown(path), data) for path in members[member.number])
                    left -= 1
                    if not left:
                        break

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

    def _note(self, path: str, why: str) -> None:
        if len(self.unread) < MAX_LINES:
            self.unread.append(Unread(path, why))
        else:
            self._more += 1


def clean(path: str) -> str | None:
    """A path of an archive, relative to the root of the image; None where it leaves that."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts or "\0" in path:
        return None
    return "/".join(parts)
