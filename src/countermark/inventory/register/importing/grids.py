"""Tables as the readers of all formats give them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

MAX_BYTES = 64 << 20
"""Largest file that is read; the lists of all years together have under three megabytes."""
MAX_ROWS = 200_000
MAX_COLUMNS = 64
MAX_CELL = 8_000
"""Longest text of one cell, in characters; the rest is cut off."""

Cell: TypeAlias = str | None
"""None: covered by a merged cell, whose text stands elsewhere."""


class UnreadableError(ValueError):
    """The bytes are not what the name says, or beyond a limit; the message says which."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table."""

    number: int
    """In its sheet, file or table, counted from 1."""
    cells: tuple[Cell, ...]


@dataclass(slots=True)
class Grid:
    """One table."""

    place: str = ""
    """``sheet 1``, ``page 3``, ``table 2``; empty where the file is one table."""
    lines: list[Line] = field(default_factory=list)
    title: str = ""
    """What stands above it."""
    period: str = ""
    """``YYYY-MM``, where the file says so apart from the title."""
    noticed: str = ""
    """Day of the notice, where the file says so."""
    is_continued: bool = False
    """Whether it may go on with the table before it: pages of a PDF."""

    def add(self, number: int, cells: list[Cell]) -> None:
        """Append one row, within the limits; an empty one is left out.

        Raises:
            UnreadableError: there are too many rows.
        """
        if len(self.lines) >= MAX_ROWS:
            raise UnreadableError(f"more than {MAX_ROWS:,} rows: not one of the public lists")
        kept = tuple(cell[:MAX_CELL] if cell else cell for cell in cells[:MAX_COLUMNS])
        if any(cell and not cell.isspace() for cell in kept):
            self.lines.append(Line(number, kept))

    def where(self, line: int) -> str:
        """The place of a row, in words."""
        return f"{self.place}, row {line}" if self.place else f"row {line}"
