"""The register on disk: one file for each list that was imported.

    .countermark/register/<sha256 of the list>.jsonl
        first line    where it came from: name, sha256, form, periods, counts, defects, day of import, and
                      the sha256 of what follows
        other lines   entries and cancellations, in the order of the list, each as canonical JSON

A list that is imported again is known by its bytes. The digest of the register is taken over the digests of
the lists and of what was read from them, not over the days of import: the same lists, read by the same
release, have the same digest on every machine, whatever their order.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from countermark.inventory.register.entries import Cancellation, Defect, PublicEntry, RegisterError
from countermark.inventory.register.importing.reading import Reading
from countermark.inventory.usage import Unread
from countermark.model import canonical, digest_of

DEFAULT_FOLDER = ".countermark/register"
"""Where it is unless another folder is named, in the folder of the deployment."""
READER = 1
"""Rises when the importers read the same bytes in another way: lists are then imported anew."""
MAX_FILE_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """A list that was imported."""

    name: str
    """Of the file."""
    sha256: str
    """Of its bytes."""
    form: str
    """``xlsx``, ``csv``, ``html``, ``pdf``, ``json``."""
    imported: date
    content: str
    """SHA-256 of what was read from it."""
    periods: tuple[str, ...] = ()
    entries: int = 0
    cancellations: int = 0
    defects: tuple[Defect, ...] = ()
    """Of all rows, and of the sequence."""
    unread: tuple[Unread, ...] = ()
    reader: int = READER
    note: str = ""
    """What is to be known of it: that it is a sample, for one."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "name": self.name,
            "sha256": self.sha256,
            "form": self.form,
            "imported": self.imported.isoformat(),
            "content": self.content,
            "periods": list(self.periods),
            "entries": self.entries,
            "cancellations": self.cancellations,
            "defects": [each.to_dict() for each in self.defects],
            "unread": [{"path": each.path, "why": each.why} for each in self.unread],
            "reader": self.reader,
            "note": self.note,
        }

    @classmethod
    def of(cls, value: dict[str, Any]) -> Source:
        """Read what :meth:`to_dict` has written."""
        return cls(
            **value
            | {
                "imported": date.fromisoformat(value["imported"]),
                "periods": tuple(value["periods"]),
                "defects": tuple(Defect.of(each) for each in value["defects"]),
                "unread": tuple(Unread(each["path"], each["why"]) for each in value["unread"]),
            }
        )


@dataclass(slots=True)
class Content:
    """What a register holds."""

    sources: list[Source] = field(default_factory=list)
    entries: list[PublicEntry] = field(default_factory=list)
    cancellations: list[Cancellation] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """``sha256:…`` over the lists and what was read from them."""
        lines = sorted(f"{source.sha256} {source.content}\n" for source in self.sources)
        return digest_of("".join(lines).encode())


class Store:
    """A folder with what was imported."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, data: bytes, reading: Reading, today: date) -> Source | None:
        """Keep what was read of a list; None where this release has read the same bytes before.

        Raises:
            RegisterError: the folder cannot be written.
        """
        path = self.folder / f"{hashlib.sha256(data).hexdigest()}.jsonl"
        try:
            if path.exists() and _source(path).reader == READER:
                return None
            self.folder.mkdir(parents=True, exist_ok=True)
            source, written = packed(name, data, reading, today)
            temporary = path.with_name(f".{secrets.token_hex(8)}.part")
            try:
                temporary.write_bytes(written)
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            raise RegisterError(f"{error.filename or self.folder}: {error.strerror or error}") from None
        return source

    def knows(self, data: bytes) -> bool:
        """Whether this release has read the same bytes before."""
        path = self.folder / f"{hashlib.sha256(data).hexdigest()}.jsonl"
        return path.exists() and _source(path).reader == READER

    def load(self) -> Content:
        """Read all that was imported.

        Raises:
            RegisterError: a file cannot be read, or is not as it was written.
        """
        try:
            paths = sorted(self.folder.glob("*.jsonl"))
        except OSError as error:
            raise RegisterError(f"{self.folder}: {error.strerror or error}") from None
        return read_all(paths)


def packed(name: str, data: bytes, reading: Reading, today: date, note: str = "") -> tuple[Source, bytes]:
    """A list as it is kept: where it came from, and the bytes of its file."""
    values = [each.to_dict() for each in reading.entries]
    values += [each.to_dict() for each in reading.cancellations]
    lines = b"".join(canonical(value) + b"\n" for value in values)
    source = Source(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        form=reading.form,
        imported=today,
        content=hashlib.sha256(lines).hexdigest(),
        periods=reading.periods,
        entries=len(reading.entries),
        cancellations=len(reading.cancellations),
        defects=tuple(reading.defects),
        unread=tuple(reading.unread),
        note=note,
    )
    return source, canonical(source.to_dict()) + b"\n" + lines


def read_all(paths: Iterable[Path]) -> Content:
    """Read the files of a register, the oldest lists first.

    Raises:
        RegisterError: one cannot be read, or is not as it was written.
    """
    parts = [_read(path) for path in paths]
    content = Content()
    for part in sorted(parts, key=lambda each: (each.sources[0].periods, each.sources[0].sha256)):
        content.sources += part.sources
        content.entries += part.entries
        content.cancellations += part.cancellations
    return content


def _read(path: Path) -> Content:
    head, _, body = _bytes(path).partition(b"\n")
    source = _head(path, head)
    if hashlib.sha256(body).hexdigest() != source.content:
        raise RegisterError(f"{path}: changed since it was imported; import {source.name} again")
    content = Content([source])
    try:
        for line in body.splitlines():
            value = orjson.loads(line)
            if value.get("cancelled"):
                content.cancellations.append(Cancellation.of(value, source.name))
            else:
                content.entries.append(PublicEntry.of(value, source.name))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RegisterError(f"{path}: not written by this release: {error}") from None
    return content


def _source(path: Path) -> Source:
    """The first line alone."""
    try:
        with path.open("rb") as stream:
            return _head(path, stream.readline(MAX_FILE_BYTES))
    except OSError as error:
        raise RegisterError(f"{path}: {error.strerror or error}") from None


def _head(path: Path, line: bytes) -> Source:
    try:
        return Source.of(orjson.loads(line))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RegisterError(f"{path}: no file of a register, or of another release: {error}") from None


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise RegisterError(f"{path}: {error.strerror or error}") from None
    if len(data) > MAX_FILE_BYTES:
        raise RegisterError(f"{path}: larger than {MAX_FILE_BYTES >> 20} MiB: no file of a register")
    return data
