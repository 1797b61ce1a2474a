"""What a PDF's cross-reference sections and objects are, once found.

Source: ISO 32000-1 (PDF 1.7) 7.5.4 and 7.5.8.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from countermark.labels.containers.pdf_objects import Parsed

FREE, PLAIN, PACKED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Object:
    """An object as it stands in the file."""

    parsed: Parsed
    raw: bytes
    """What it was read from."""
    base: int = -1
    """Where ``raw`` begins in the file; -1 where the object is packed."""

    @property
    def value(self) -> Any:
        """Its value."""
        return self.parsed.value


@dataclass(slots=True)
class Section:
    """One cross-reference section and its trailer."""

    trailer: Object
    is_table: bool
    runs: list[tuple[int, int, int]] = field(default_factory=list)
    """First number, how many, and where their entries begin: in the file, or in ``entries``."""
    entries: bytes = b""
    widths: tuple[int, int, int] = (1, 4, 2)
    hidden: Section | None = None
    """The stream beside a table, for readers that know such streams."""

    @property
    def keys(self) -> dict[str, Any]:
        """The trailer's dictionary."""
        keys: dict[str, Any] = self.trailer.value
        return keys


def packed_row(section: Section, at: int, place: int) -> tuple[int, int, int] | None:
    """The entry at a place of a run in a stream; None where the stream ends before."""
    a, b, c = section.widths
    start = at + place * (a + b + c)
    row = section.entries[start : start + a + b + c]
    if len(row) < a + b + c:
        return None
    kind = int.from_bytes(row[:a], "big") if a else PLAIN
    return kind, int.from_bytes(row[a : a + b], "big"), int.from_bytes(row[a + b :], "big")
