"""Tables: CSV and the like, with headings."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from countermark.inventory.logs.formats import COLUMNS, of_fields
from countermark.inventory.logs.reading import Reading

MAX_CELL = 16 << 20
MAX_COLUMNS = 500
DELIMITERS = ",\t;|"
HEADING = re.compile(r'[\s"\ufeff]*([A-Za-z_@][\w.@ -]{0,80})[\s"]*')


def headings(line: str) -> tuple[str, list[str]] | None:
    """The delimiter and the names in the first line of a table; None where it is none that is read."""
    for delimiter in DELIMITERS:
        parts = line.rstrip("\r\n").split(delimiter)
        if not 2 < len(parts) <= MAX_COLUMNS:
            continue
        found = [HEADING.fullmatch(part) for part in parts]
        names = [match[1].strip() for match in found if match]
        if len(names) == len(parts) and of_fields(set(names)) is not None:
            return delimiter, names
    return None


def read(blocks: Iterable[bytes], reading: Reading) -> None:
    """Read every row of a table."""
    with large_cells():
        _read(blocks, reading)


def _read(blocks: Iterable[bytes], reading: Reading) -> None:
    tally = reading.tally
    text = _texts(blocks, reading)
    found = headings(next(text, ""))
    if found is None:
        return
    delimiter, names = found
    kept = [(place, name) for place, name in enumerate(names) if name in COLUMNS]
    width = len(names)
    rows = csv.reader(text, delimiter=delimiter)
    line = 1
    while True:
        try:
            for row in rows:
                tally.line = line + 1
                if len(row) == width:
                    reading.record({name: row[place] for place, name in kept})
                elif row:
                    tally.trouble("rows with more or fewer cells than there are headings")
                line = rows.line_num + 1
        except csv.Error as error:
            tally.line = line + 1
            tally.trouble(f"rows that cannot be read: {error}")
            line = rows.line_num + 1
            continue
        break
    tally.line = line


def _texts(blocks: Iterable[bytes], reading: Reading) -> Iterator[str]:
    """Lines as text; what is no UTF-8 in them is replaced."""
    for block in blocks:
        reading.tally.bytes += len(block)
        yield from io.StringIO(block.decode("utf-8", "replace"), newline="\n")


@contextmanager
def large_cells() -> Iterator[None]:
    """Cells hold whole conversations: more than the module ``csv`` takes by itself."""
    limit = csv.field_size_limit(MAX_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
