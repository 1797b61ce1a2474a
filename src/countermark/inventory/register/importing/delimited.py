"""Lists as text with separators: CSV, TSV, and what spreadsheets save under these names."""

from __future__ import annotations

import csv
import io
from collections import Counter

from countermark.inventory.register.importing.decoding import text_of
from countermark.inventory.register.importing.grids import Cell, Grid, UnreadableError

DELIMITERS = (",", "\t", ";", "|", "，")
SAMPLED = 50
"""Lines from which the separator is told."""


def read(data: bytes) -> list[Grid]:
    """Read the one table.

    Raises:
        UnreadableError: it is no text, or its quotes do not close.
    """
    text = text_of(data)
    if "\0" in text:
        raise UnreadableError("has zero bytes: not a text file")
    grid = Grid()
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        for row in rows:
            cells: list[Cell] = list(row)
            grid.add(rows.line_num, cells)
    except csv.Error as error:
        raise UnreadableError(f"line {rows.line_num}: {error}") from None
    return [grid]


def _delimiter(text: str) -> str:
    """The one that most lines have equally often; the comma where none is in them."""
    lines = [line for line in text[: 1 << 16].splitlines()[:SAMPLED] if line.strip()]
    best, most = ",", 0
    for delimiter in DELIMITERS:
        counts = Counter(line.count(delimiter) for line in lines)
        counts.pop(0, None)
        if counts and counts.most_common(1)[0][1] > most:
            best, most = delimiter, counts.most_common(1)[0][1]
    return best
