"""Tables: CSV and the like, with headings."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any

from countermark.inventory.logs.formats import COLUMNS, Plan, of_fields
from countermark.inventory.logs.reading import Reading
from countermark.inventory.logs.records.record import Record

MAX_CELL = 16 << 20
FEWEST, MAX_COLUMNS = 3, 500
DELIMITERS = ",\t;|"
UNEVEN = "rows with more or fewer cells than there are headings"
HEADING = re.compile(r'[\s"\ufeff]*([A-Za-z_@][\w.@ -]{0,80})[\s"]*')


def headings(line: str) -> tuple[str, list[str]] | None:
    """The delimiter and the names in the first line of a table; None where it is none that is read."""
    for delimiter in DELIMITERS:
        parts = line.rstrip("\r\n").split(delimiter)
        if not FEWEST <= len(parts) <= MAX_COLUMNS:
            continue
        found = [HEADING.fullmatch(part) for part in parts]
        names = [match[1].strip() for match in found if match]
        if len(names) == len(parts) and of_fields(frozenset(names)) is not None:
            return delimiter, names
    return None


def read(blocks: Iterable[bytes], reading: Reading) -> None:
    """Read every row of a table."""
    with large_cells():
        _read(blocks, reading)


def _read(blocks: Iterable[bytes], reading: Reading) -> None:
    lines = _texts(blocks, reading)
    found = headings(next(lines, ""))
    if found is None:
        return
    delimiter, names = found
    rows = Rows(names, reading, raw=True)
    tally = reading.tally
    line = 2
    for text in lines:
        tally.line = line
        row = _plain(text, delimiter, rows.width)
        line += 1
        if row is None:
            row, more = _quoted(text, lines, delimiter, reading)
            line += more
        if row and text:
            rows.read(row)
    tally.line = line - 1


def _plain(text: str, delimiter: str, width: int) -> list[str] | None:
    """The cells of a row of which none, or only the last, is in quotes; None for others.

    Quotes within the last one stay doubled: to the readers of notes in JSON that makes no difference.
    """
    start = text.find('"')
    if start < 0:
        return text.rstrip("\r").split(delimiter)
    cells = text[:start].split(delimiter)
    if len(cells) != width or cells[-1] or text[-1] != '"' or text[-2] == '"':
        return None
    cells[-1] = text[start + 1 : -1]
    return cells


def _quoted(text: str, lines: Iterator[str], delimiter: str, reading: Reading) -> tuple[list[str], int]:
    """The cells of any row, which may go on in further lines, and how many of these it takes."""
    reader = csv.reader(chain([text], lines), delimiter=delimiter)
    try:
        row = next(reader, [])
    except csv.Error as error:
        reading.tally.trouble(f"rows that cannot be read: {error}")
        row = []
    return row, reader.line_num - 1


class Rows:
    """Reads rows under their headings, without making a record of each."""

    def __init__(self, names: Sequence[str], reading: Reading, *, raw: bool = False) -> None:
        self.reading = reading
        self.raw = raw
        """Whether a character of a cell stands for a byte."""
        self.width = len(names)
        self.places = {name: place for place, name in enumerate(names) if name in COLUMNS}
        self.plan = of_fields(frozenset(names), self.places)

    def read(self, row: Sequence[Any]) -> None:
        """Read one row."""
        if len(row) != self.width:
            self.reading.tally.trouble(UNEVEN)
        elif type(self.plan) is Plan:
            self.reading.single(self.plan, row, self.whole)
        else:
            self.reading.record(self.whole(row))

    def whole(self, row: Sequence[Any]) -> Record:
        """A row as a record."""
        return {name: self._value(row[place]) for name, place in self.places.items()}

    def _value(self, cell: Any) -> Any:
        if cell == "NULL":
            return None
        return cell.encode("latin-1").decode("utf-8", "replace") if self.raw else cell


def _texts(blocks: Iterable[bytes], reading: Reading) -> Iterator[str]:
    """Lines as text of one byte a character, which is quick; what is kept of it is decoded later."""
    return chain.from_iterable(_split(block, reading) for block in blocks)


def _split(block: bytes, reading: Reading) -> list[str]:
    reading.tally.bytes += len(block)
    return block.decode("latin-1").removesuffix("\n").split("\n")


@contextmanager
def large_cells() -> Iterator[None]:
    """Cells hold whole conversations: more than the module ``csv`` takes by itself."""
    limit = csv.field_size_limit(MAX_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
