"""What a name stands for: a folder, a file, an image, a log, a listing; and the scan that fits it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from countermark.inventory import images, logs, processes, scanning
from countermark.inventory.usage import Inventory

HEAD = 64 << 10
Progress = Callable[[int], None]


class SourceError(Exception):
    """A source cannot be scanned; the message says which, and what to do."""


def kind_of(path: Path) -> str:
    """``folder``, ``image``, ``log``, ``listing`` or ``file``.

    Raises:
        OSError: it cannot be read.
    """
    if images.is_image(path):
        return "image"
    if path.is_dir():
        return "folder"
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    if processes.is_listing(head):
        return "listing"
    return "log" if logs.detect(head) else "file"


def scan(
    path: Path, *, jobs: int = 1, ignore: bool = True, progress: Progress = lambda _count: None
) -> Inventory:
    """Scan whatever stands there.

    Raises:
        OSError: it cannot be read.
        SourceError: it is an image that cannot be read.
    """
    match kind_of(path):
        case "image":
            return image(path)
        case "log":
            return logs.scan([path], processes=jobs)
        case "listing":
            return processes.from_listing(path.read_bytes().decode("utf-8", "replace"))
        case _:
            return scanning.scan(path, processes=jobs, ignore=ignore, progress=progress)
