"""A folder, scanned: read what may speak of models, resolve it, and say what was not read."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from countermark.inventory import areas, prose, sifting, signatures
from countermark.inventory.folding import folded
from countermark.inventory.reading import (
    config,
    languages,
    packages,
    python,
    python_text,
    shell,
    sql,
)
from countermark.inventory.reading.expressions import Document, Module
from countermark.inventory.records import is_record
from countermark.inventory.resolving.index import Index
from countermark.inventory.resolving.usages import collect
from countermark.inventory.tree import File, Walk
from countermark.inventory.usage import Inventory, Place, Sdk, Unread

MAX_TEXT = 2 << 20
"""Larger files are data, or made by a tool."""
BATCH = 200
HEAD = 4_096
PYTHON = (".py", ".pyi", ".pyw")
SHELLS = (".sh", ".bash", ".zsh", ".ksh")
SHEBANGS = (b"#!/bin/sh", b"#!/bin/bash", b"#!/usr/bin/env bash", b"#!/usr/bin/env sh")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""With which a text begins that has null bytes and is none the less one."""
BINARY = areas.BINARY
"""What no reader reads; formats with readers of their own elsewhere are among them."""
LEFT = re.compile(r"(?:[._-](?:bak|old|orig|backup|disabled|deprecated)\d?|~)+$", re.IGNORECASE)
"""What stands behind the name of a file that was left behind."""
Progress = Callable[[int], None]
"""Called with how many files have been looked at."""


@dataclass(slots=True)
class Read:
    """What came of reading some files."""

    modules: list[Module] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    sdks: list[Sdk] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("read", "binary", "generated", "records", "bytes"), 0)
    )

    def add_module(self, module: Module) -> None:
        """Take in a file of code; what was not read of it is said."""
        self.modules.append(module)
        if module.trouble:
            self.unread.append(Unread(module.path, module.trouble))

    def add_document(self, document: Document) -> None:
        """Take in a file of another kind; what was not read of it is said."""
        self.documents.append(document)
        if document.trouble:
            self.unread.append(Unread(document.path, document.trouble))

    def add(self, other: Read) -> None:
        """Take in another part."""
        self.modules += other.modules
        self.documents += other.documents
        self.sdks += other.sdks
        self.unread += other.unread
        for name, count in other.counts.items():
            self.counts[name] = self.counts.get(name, 0) + count


def scan(
    root: Path | str, *, processes: int = 1, ignore: bool = True, progress: Progress = lambda _count: None
) -> Inventory:
    """Find the models that a folder uses, and how each stands.

    Args:
        root: The folder; or one file.
        processes: How many read at once.
        ignore: Whether to leave out what ``.gitignore`` names.
        progress: Called as files are done.

    Raises:
        OSError: the root itself cannot be read.
    """
    root = Path(root)
    if root.is_file():
        size = root.stat().st_size
        found = read([File(root.name, str(root), size)])
        return resolved(found)
    os.scandir(root).close()  # the root itself must be readable; anything below it may fail
    walk = Walk(root, ignore)
    found = Read()
    done = 0
    for part, count in _parts(walk, processes):
        found.add(part)
        done += count
        progress(done)
    found.unread += walk.unread
    for name, count in walk.counts.items():
        found.counts[name] = found.counts.get(name, 0) + count
    return resolved(found)


def scan_files(files: Iterable[tuple[str, bytes]]) -> Inventory:
    """The same for files that are not on disk: of an image, an archive, a cluster."""
    found = Read()
    for path, data in files:
        found.counts["files"] = found.counts.get("files", 0) + 1
        read_one(path, data, found)
    return resolved(found)


def resolved(found: Read) -> Inventory:
    """Resolve what was read."""
    usages = collect(Index(found.modules, config.tied(found.documents)))
    return Inventory(folded(usages), found.sdks, found.unread, found.counts)


def _parts(walk: Walk, processes: int) -> Iterator[tuple[Read, int]]:
    batches = _batches(walk)
    if processes <= 1:
        for batch in batches:
            yield read(batch), len(batch)
        return
    with ProcessPoolExecutor(processes) as pool:
        pending = []
        for batch in batches:
            pending.append((pool.submit(read, batch), len(batch)))
            while len(pending) > 4 * processes:
                job, count = pending.pop(0)
                yield job.result(), count
        for job, count in pending:
            yield job.result(), count


def _batches(files: Iterable[File]) -> Iterator[list[File]]:
    files = iter(files)
    while batch := list(islice(files, BATCH)):
        yield batch


def read(files: Sequence[File]) -> Read:
    """Read some files; what cannot be read is said."""
    found = Read()
    for file in files:
        if posixpath.splitext(file.path)[1].lower() in BINARY:
            found.counts["binary"] += 1
            continue
        is_large = file.size > MAX_TEXT
        try:
            with open(file.full, "rb") as stream:  # noqa: PTH123 - a hundred thousand of them
                data = stream.read(HEAD if is_large else MAX_TEXT + 1)
        except OSError as error:
            found.unread.append(Unread(file.path, f"not read: {error.strerror or error}"))
            continue
        if is_large and not _is_binary(data):
            found.unread.append(Unread(file.path, f"larger than {MAX_TEXT >> 20} MiB: not read"))
        elif is_large:
            found.counts["binary"] += 1
        else:
            read_one(file.path, data, found)
    return found


def _is_binary(head: bytes) -> bool:
    """Whether what a file begins with is no text."""
    return b"\0" in head and not head.startswith(UTF_16)


def read_one(path: str, data: bytes, found: Read) -> None:
    """Read one file, if it may speak of a model."""
    if _is_binary(data[:HEAD]):
        found.counts["binary"] += 1
        return
    if is_record(path, data):
        found.counts["records"] += 1
        return
    found.counts["read"] += 1
    found.counts["bytes"] += len(data)
    name = posixpath.basename(path)
    if packages.reads(path):
        _packages(path, data, found)
        if name not in ("pyproject.toml", "package.json"):
            return
    if not sifting.speaks(path, data) and not config.steers(path):
        return
    if sifting.is_made(path, data):
        found.counts["generated"] += 1
        return
    _dispatch(path, data, found)


def _packages(path: str, data: bytes, found: Read) -> None:
    if areas.of_folder(posixpath.dirname(path)) is not None:
        return
    for ecosystem, package, version, line in packages.read(path, data):
        known = signatures.sdk_by_package(ecosystem, package)
        if known is not None:
            found.sdks.append(Sdk(known.id, package, version, Place(path, line)))


def _dispatch(path: str, data: bytes, found: Read) -> None:
    """Give a file to the reader of its language or format."""
    suffix = posixpath.splitext(LEFT.sub("", path))[1].lower()
    if suffix in PYTHON:
        found.add_module(python.read(path, data))
    elif suffix == ".ipynb":
        _notebook(path, data, found)
    elif suffix in languages.LANGUAGES:
        _language(path, data, suffix, found)
    elif suffix in SHELLS or data.startswith(SHEBANGS):
        found.add_document(shell.read(path, data))
    elif suffix == ".sql":
        found.add_document(sql.read(path, python_text.decode(data)))
    elif config.format_of(path, data[:HEAD]):
        documents = config.read(path, data)
        found.documents += documents
        found.unread += [Unread(path, document.trouble) for document in documents[:1] if document.trouble]
    elif areas.PROSE.search(path):
        found.add_document(prose.read(path, data))


def _language(path: str, data: bytes, suffix: str, found: Read) -> None:
    if sifting.is_repetition(data):
        found.unread.append(Unread(path, "is made of endless repetitions: not read"))
    else:
        found.add_module(languages.read(path, data, languages.LANGUAGES[suffix]))


def _notebook(path: str, data: bytes, found: Read) -> None:
    """All cells as one module, each on the lines where it stands in the file."""
    lines: list[str] = []
    for source, first in config.notebook.cells(data):
        lines += [""] * (first - 1 - len(lines))
        lines += source.splitlines()
    if lines:
        found.add_module(python.read(path, "\n".join(lines).encode("utf-8", "replace")))
