"""Read what a file says of its own origin: the AIGC label, IPTC and C2PA marks beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from countermark.labels import jpeg, png
from countermark.labels.grammar import Label
from countermark.labels.metadata import Blocks, LabelError

__all__ = ["LabelError", "Reading", "UnknownContainerError", "read"]

DEFAULT_LIMIT = 16 << 20


class UnknownContainerError(LabelError):
    """A container that we cannot read yet."""


@dataclass(frozen=True)
class Reading:
    """What was found in one file."""

    container: str
    labels: tuple[Label, ...] = ()
    marks: tuple[str, ...] = ()
    """``aigc-label``, ``iptc-digital-source-type``, ``c2pa``: what says that it was generated;
    ``unreadable-label`` where only a broken label was found.
    A C2PA manifest counts as present, not as verified."""
    provenance: dict[str, str] = field(default_factory=dict)
    """``provider``, ``system``, ``time``, ``identifier``, as far as the metadata conveys them."""

    def to_fact(self) -> dict[str, Any]:
        """As JSON, for evidence."""
        return {
            "container": self.container,
            "marks": list(self.marks),
            "labels": [
                {
                    "place": label.place,
                    "normative": label.normative,
                    "fields": {name: _masked(value) for name, value in label.fields.items()},
                    "defects": list(label.defects),
                }
                for label in self.labels
            ],
            "provenance": {
                name: _masked(self.provenance.get(name, ""))
                for name in ("provider", "system", "time", "identifier")
            },
        }


ELEMENTS = ("provider", "system", "time", "identifier")
PERSON = re.compile(r"(002[0-9A-Z])[0-9A-Z]{18}([0-9A-Z]{5})")
"""The provider code of an individual: positions 5 to 22 are the number of an identity card."""


def _masked(value: str) -> str:
    """``value`` without what must not stand in evidence. Source: TC260-PG-20252A."""
    found = PERSON.fullmatch(value)
    return f"{found[1]}{'*' * 18}{found[2]}" if found else value


Walk = Callable[[IO[bytes], int], Blocks]
CONTAINERS: tuple[tuple[str, bytes, Walk], ...] = (
    ("jpeg", b"\xff\xd8\xff", jpeg.walk),
    ("png", b"\x89PNG\r\n\x1a\n", png.walk),
)
OTHERS = (
    ("WebP", 8, b"WEBP"),
    ("WAV", 8, b"WAVE"),
    ("AVI", 8, b"AVI "),
    ("AVIF", 4, b"ftypavif"),
    ("HEIF", 4, b"ftyphei"),
    ("MP4 or one of its kin", 4, b"ftyp"),
    ("GIF", 0, b"GIF8"),
    ("TIFF", 0, b"II*\0"),
    ("TIFF", 0, b"MM\0*"),
    ("BMP", 0, b"BM"),
    ("PDF", 0, b"%PDF"),
    ("MP3", 0, b"ID3"),
    ("FLAC", 0, b"fLaC"),
    ("Ogg", 0, b"OggS"),
    ("Matroska or WebM", 0, b"\x1aE\xdf\xa3"),
    ("FLV", 0, b"FLV"),
    ("a ZIP archive (DOCX, XLSX, PPTX, EPUB or OFD, perhaps)", 0, b"PK\x03\x04"),
)
"""Containers that are known by name only: name, offset, signature."""
MAGIC_BYTES = 16


def read(path: Path | str, *, max_bytes: int = DEFAULT_LIMIT) -> Reading:
    """Read the labels of a file; its content, not its name, says what it is.

    Args:
        path: the file. Only its metadata is read, and nothing is changed.
        max_bytes: most metadata that is taken in.

    Raises:
        UnknownContainerError: the container is none that we read.
        LabelError: the container is broken, or has more metadata than ``max_bytes``.
        OSError: the file cannot be read.
    """
    with Path(path).open("rb") as stream:
        magic = stream.read(MAGIC_BYTES)
        stream.seek(0)
        for name, start, walk in CONTAINERS:
            if magic.startswith(start):
                return _reading(name, walk(stream, max_bytes))
    if not magic:
        raise LabelError("the file is empty")
    known = " and ".join(name.upper() for name, _, _ in CONTAINERS)
    what = next((name for name, at, sign in OTHERS if magic[at:].startswith(sign)), "of an unknown kind")
    raise UnknownContainerError(f"is {what}: labels are read from {known} so far")


def _reading(container: str, blocks: Blocks) -> Reading:
    marks: list[str] = []
    if blocks.labels:
        readable = any(label.fields.get("Label") for label in blocks.labels)
        marks.append("aigc-label" if readable else "unreadable-label")
    if blocks.source_type:
        marks.append("iptc-digital-source-type")
    if blocks.c2pa:
        marks.append("c2pa")
    first = blocks.labels[0].fields if blocks.labels else {}
    provenance = {
        "provider": first.get("ContentProducer", "") or blocks.creator,
        "system": blocks.tool,
        "time": blocks.created,
        "identifier": first.get("ProduceID", ""),
    }
    return Reading(container, tuple(blocks.labels), tuple(marks), provenance)
