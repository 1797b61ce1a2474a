"""What a name stands for: a folder, a file, an image, a log, a listing; and the scan that fits it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from countermark.inventory import clusters, images, kube_objects, logs, processes, scanning, stores
from countermark.inventory.folding import folded
from countermark.inventory.reading.expressions import Assignment, Command, Document, Text
from countermark.inventory.usage import Inventory, Unread

HEAD = 64 << 10
LISTED = re.compile(rb'\s*\{(?=[^}]{0,4000}"items"\s*:)(?=[^}]{0,4000}"apiVersion"\s*:)', re.DOTALL)
"""What ``kubectl get … -o json`` prints."""
MAX_LISTING = 64 << 20
Progress = Callable[[int], None]


class SourceError(Exception):
    """A source cannot be scanned; the message says which, and what to do."""


def kind_of(path: Path) -> str:
    """``folder``, ``image``, ``log``, ``listing``, ``objects`` or ``file``.

    Raises:
        OSError: it cannot be read.
    """
    if images.is_image(path):
        return "image"
    if path.is_dir():
        return "folder"
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    if LISTED.match(head):
        return "objects"
    if logs.detect(head):
        return "log"
    return "listing" if processes.is_listing(head) else "file"


def scan(
    path: Path, *, jobs: int = 1, ignore: bool = True, progress: Progress = lambda _count: None
) -> Inventory:
    """Scan whatever stands there.

    Raises:
        OSError: it cannot be read.
        SourceError: it is an image or a listing that cannot be read.
    """
    match kind_of(path):
        case "image":
            return image(path)
        case "log":
            return logs.scan([path], processes=jobs)
        case "listing":
            return processes.from_listing(_text(path), path.name)
        case "objects":
            return _printed(path)
        case _:
            found = scanning.scan(path, processes=jobs, ignore=ignore, progress=progress)
            if path.is_file() and not found.counts.get("read"):
                found.unread.append(
                    Unread(path.name, "neither text, nor an image, a log or a listing: not read")
                )
            return found


def _printed(path: Path) -> Inventory:
    """What ``kubectl get … -o json`` printed into a file."""
    try:
        listed = kube_objects.from_kubectl(_text(path).encode())
    except kube_objects.ClusterError as error:
        raise SourceError(f"{path}: {error}") from None
    found = objects(listed)
    if not listed:
        found.unread.append(Unread(path.name, "a list of no object that can start a model"))
    return found


def _text(path: Path) -> str:
    with path.open("rb") as stream:
        data = stream.read(MAX_LISTING + 1)
    if len(data) > MAX_LISTING:
        raise SourceError(f"{path}: a listing of more than {MAX_LISTING >> 20} MiB")
    return data.decode("utf-8", "replace")


def image(path: Path) -> Inventory:
    """The images of an archive: their files, their environment, their command, the models in them.

    Raises:
        SourceError: it is no image, or one that cannot be read.
    """
    whole = Inventory()
    try:
        for each in images.open_images(path):
            found = scanning.Read()
            folder = each.config.folder.strip("/") or "app"
            for name, data in each.files(partial(_is_source, folder)):
                found.counts["files"] = found.counts.get("files", 0) + 1
                scanning.read_one(name, data, found)
            found.documents.append(_started(each))
            part = scanning.resolved(found)
            heads = {
                name: (size, head) for name, size, head in each.heads(stores.is_of_interest, stores.HEAD)
            }
            held = stores.scan_held(heads)
            part.usages += stores.usages(held.models, part.usages)
            part.unread += [*held.unread, *each.unread]
            whole.add(part, f"{path.name}!/")
    except images.ImageError as error:
        raise SourceError(f"{path}: {error}") from None
    return refolded(whole)


def _is_source(folder: str, path: str, size: int) -> bool:
    """Whether a file of an image is worth reading: not what its system and its packages brought."""
    own = path.startswith((f"{folder}/", "usr/src/"))
    suffix = posixpath.splitext(path)[1].lower()
    apart = (
        (path.startswith(SYSTEM) and not own)
        or "/site-packages/" in path
        or "/node_modules/" in path
        or "/dist-packages/" in path
    )
    return size <= scanning.MAX_TEXT and not apart and suffix not in scanning.BINARY


SYSTEM = (
    "usr/",
    "lib/",
    "lib64/",
    "bin/",
    "sbin/",
    "var/lib/",
    "var/cache/",
    "proc/",
    "sys/",
    "dev/",
    "boot/",
)
"""Folders of the system."""


def _started(each: images.Image) -> Document:
    """What an image is started with, as a Dockerfile would say it."""
    config = each.config
    document = Document("config", "dockerfile")
    for name, value in config.environment.items():
        document.assignments.append(Assignment(name, Text(value, 0), 0, "image:"))
    if config.words:
        named = each.names[0] if each.names else ""
        document.commands.append(Command(tuple(Text(word, 0) for word in config.words), 0, "image:", named))
    return document


def objects(listed: Iterable[tuple[str, bytes]]) -> Inventory:
    """Objects of a cluster, each read as a manifest.

    Raises:
        SourceError: the cluster cannot be asked.
    """
    try:
        found = scanning.scan_files(
            (name if name.endswith(".json") else f"{name}.json", data) for name, data in listed
        )
    except kube_objects.ClusterError as error:
        raise SourceError(str(error)) from None
    found.unread += getattr(listed, "unread", [])
    return found


def cluster(context: str | None, namespaces: Sequence[str] = ()) -> Inventory:
    """A live cluster, read only.

    Raises:
        SourceError: it cannot be reached, or the package for it is missing.
    """
    try:
        return objects(clusters.objects(context, namespaces))
    except kube_objects.ClusterError as error:
        raise SourceError(str(error)) from None


def machine() -> Inventory:
    """The model servers that run on this machine."""
    return processes.running()


def stored(paths: Iterable[Path], beside: Inventory) -> Inventory:
    """Models on disk; in use are those that something in ``beside`` starts.

    Raises:
        SourceError: a path cannot be read.
    """
    whole = Inventory()
    for path in paths:
        try:
            held = stores.scan(path)
        except OSError as error:
            raise SourceError(f"{path}: {error.strerror or error}") from None
        whole.add(
            Inventory(usages=stores.usages(held.models, beside.usages), unread=held.unread), f"{path.name}/"
        )
    return whole


def refolded(found: Inventory) -> Inventory:
    """The same, with what several sources say of one model in one row."""
    return Inventory(folded(found.usages), found.sdks, unique(found.unread), found.counts)


def unique(unread: Iterable[Unread]) -> list[Unread]:
    """Each line once."""
    return list(dict.fromkeys(unread))
