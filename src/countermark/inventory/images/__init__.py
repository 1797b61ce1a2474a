"""Container images without a daemon: OCI layouts and ``docker save`` archives, read as they lie.

Nothing is extracted, nothing is run. What was refused or not read is in ``unread`` once it was come upon.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from countermark.inventory.images.archives import Archive, Folder, ImageError, Parts
from countermark.inventory.images.layers import View, Wanted, Wish
from countermark.inventory.images.layouts import Config, Layout, layouts
from countermark.inventory.images.tars import Tar, TarError
from countermark.inventory.images.unpacking import PackError, unpacked
from countermark.inventory.usage import Unread

MAX_FILE = 16 << 20
"""The largest file that is given whole; source and settings are far smaller."""
FIRST = re.compile(
    r"(?:\./)?(?:(?:sha256:)?[0-9a-f]{64}(?:/.*|\.(?:json|tar(?:\.gz)?))?|blobs(?:/.*)?|oci-layout|index\.json|"
    r"manifest\.json|repositories)"
)
"""What the first entry of a stored image is called."""
LOOKED_AT = 3
"""Entries by which an archive is recognised."""


class Image:
    """One image: how it starts, and the file system that its layers come to."""

    def __init__(self, path: str, layout: Layout) -> None:
        self.path = path
        self.names = layout.names
        self.config = layout.config
        self._layers = layout.layers
        self._told = list(layout.unread)
        self._view: View | None = None

    @property
    def unread(self) -> list[Unread]:
        """What was refused or not read so far: complete once :meth:`files` has been gone through."""
        return self._told + (self._view.unread if self._view is not None else [])

    def files(self, wanted: Wanted, most: int = MAX_FILE) -> Iterator[tuple[str, bytes]]:
        """Path and content of the files that are wanted, as a container sees them at its start.

        A file stands at its own path and at that of each link to it which is wanted too.

        Args:
            wanted: By path, without a slash before it, and size in bytes; 0 for a link not followed yet.
            most: Larger files are named in ``unread``.
        """
        yield from self._seen().files(Wish(wanted, most, cut=False))

    def heads(self, wanted: Wanted, length: int) -> Iterator[tuple[str, int, bytes]]:
        """Path, size and first bytes of what is wanted, however large: the headers of model files."""
        sizes: dict[str, int] = {}

        def noted(path: str, size: int) -> bool:
            sizes[path] = size
            return wanted(path, size)

        for path, data in self._seen().files(Wish(noted, length, cut=True)):
            yield path, sizes.get(path, len(data)), data

    def _seen(self) -> View:
        self._view = self._view or View(self._layers)
        return self._view


def is_image(path: Path) -> bool:
    """Whether this looks like a stored image: by its first entries, not by its name."""
    if path.is_dir():
        has = {name: (path / name).is_file() for name in ("oci-layout", "index.json", "manifest.json")}
        return (has["index.json"] and (has["oci-layout"] or (path / "blobs").is_dir())) or (
            has["manifest.json"] and any(path.glob("*/layer.tar"))
        )
    try:
        with unpacked(path.open("rb")) as stream:
            names = [member.path for member, _ in zip(Tar(stream), range(LOOKED_AT), strict=False)]
    except (OSError, TarError, PackError):
        return False
    return bool(names) and all(FIRST.fullmatch(name) for name in names)


def open_images(path: Path) -> list[Image]:
    """The images of a folder or an archive; several where several were saved together.

    Raises:
        ImageError: it is no stored image, or one that cannot be read.
    """
    parts: Parts = Folder(path) if path.is_dir() else Archive(path)
    found = [Image(os.fspath(path), layout) for layout in layouts(parts)]
    if not found:
        raise ImageError(f"{path.name} holds no image")
    return found


def open_image(path: Path) -> Image:
    """The first image of a folder or an archive; the others are named in its ``unread``.

    Raises:
        ImageError: it is no stored image, or one that cannot be read.
    """
    first, *others = open_images(path)
    for other in others:
        first._told.append(Unread("", f"{' '.join(other.names) or 'another image'}, saved with it: not read"))  # noqa: SLF001 - its maker
    return first


__all__ = ["Config", "Image", "ImageError", "is_image", "open_image", "open_images"]
