"""Dumps of databases as SQL: of MySQL, PostgreSQL and SQLite."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from countermark.inventory.logs.buffers import Buffer
from countermark.inventory.logs.formats import COLUMNS
from countermark.inventory.logs.reading import Reading
from countermark.inventory.logs.tables import large_cells

MAX_ROW = 16 << 20
TABLES = rb"logs|channels|LiteLLM_SpendLogs"
NAME = rb"(?:[`\"\w]{1,80}\.)?[`\"]?(" + TABLES + rb")[`\"]?\s*"
STATEMENT = re.compile(
    rb"\n(?:CREATE TABLE (?:IF NOT EXISTS )?" + NAME + rb"\(|"
    rb"INSERT (?:IGNORE |OR [A-Z]{1,10} )?INTO " + NAME + rb"(?:\(([^()]{0,8000})\)\s*)?VALUES\s*|"
    rb"COPY " + NAME + rb"\(([^()]{0,8000})\) FROM stdin[^\n]{0,200};\r?\n)"
)  # fmt: skip
CREATE, INSERT, INTO, COPY, OF = 1, 2, 3, 4, 5
"""Its groups: the table of each kind of statement, and the columns that it names."""
LONGEST = 9_000
"""Of a statement up to its first row."""
DEFINITIONS = 20_000
COLUMN = re.compile(rb"[`\"]?(\w{1,80})[`\"]?")
NO_COLUMN = frozenset(("PRIMARY", "KEY", "UNIQUE", "CONSTRAINT", "INDEX", "FOREIGN", "CHECK", "FULLTEXT"))
TEXT = rb"'[^'\\]*+(?:(?:''|\\.)[^'\\]*+)*+'"
STANDARD_TEXT = rb"'[^']*+(?:''[^']*+)*+'"
ROW, STANDARD_ROW = (
    re.compile(
        rb"\s*\(((?:" + text + rb"|[^'()]++|\((?:" + text + rb"|[^'()]++|\([^'()]*+\))*+\))*+)\)\s*([,;])?",
        re.DOTALL,
    )
    for text in (TEXT, STANDARD_TEXT)
)
"""What stands between the brackets of a row, which may call a function; and what comes behind."""
STANDARD = (b"PRAGMA foreign_keys", b"PostgreSQL database dump")
"""In these dumps a backslash is a character like any other."""
ESCAPES = {b"\\n": b"\n", b"\\t": b"\t", b"\\r": b"\r", b"\\\\": b"\\"}
NO_COLUMNS = "a table is filled whose columns the dump does not name: not read"
TOO_LARGE = "a row is too large, or has no end: what follows was passed over"
UNEVEN = "rows with more or fewer values than the table has columns"


def read(blocks: Iterable[bytes], reading: Reading) -> None:
    """Read the rows of those tables that tell of calls."""
    with large_cells():
        buffer = Buffer(chain([b"\n"], blocks))  # a statement begins behind the end of a line
        buffer.line = 0
        Dump(buffer, reading).read()


class Dump:
    """A dump that is being read."""

    def __init__(self, buffer: Buffer, reading: Reading) -> None:
        self.buffer = buffer
        self.reading = reading
        self.columns: dict[str, list[str]] = {}
        self.standard = False

    def read(self) -> None:
        """Go from statement to statement."""
        buffer, tally = self.buffer, self.reading.tally
        buffer.ensure(1 << 16)
        self.standard = any(mark in buffer.data for mark in STANDARD)
        while True:
            found = STATEMENT.search(buffer.data, buffer.at)
            if found is None:
                buffer.move(max(buffer.at, len(buffer.data) - LONGEST))
                if not buffer.more():
                    break
            else:
                self._statement(found)
        buffer.move(len(buffer.data))
        tally.line = buffer.line
        tally.bytes += buffer.bytes - 1

    def _statement(self, found: re.Match[bytes]) -> None:
        buffer = self.buffer
        table = next(filter(None, found.group(CREATE, INSERT, COPY))).decode().lower()
        columns = found[INTO] or found[OF]
        if columns:
            self.columns[table] = [name.decode() for name in COLUMN.findall(columns)]
        buffer.move(found.end())
        if found[CREATE]:
            buffer.ensure(DEFINITIONS)
            self.columns[table] = _defined(buffer.data[buffer.at : buffer.at + DEFINITIONS])
            return
        names = self.columns.get(table)
        if not names:
            self.reading.tally.trouble(NO_COLUMNS, buffer.line)
        elif found[COPY]:
            self._rows(names, self._copied())
        elif self.standard:
            self._rows(names, csv.reader(self._inserted(STANDARD_ROW), quotechar="'"))
        else:
            self._rows(names, csv.reader(self._inserted(ROW), quotechar="'", escapechar="\\"))

    def _rows(self, names: list[str], rows: Iterable[Sequence[str | None]]) -> None:
        kept = [(place, name) for place, name in enumerate(names) if name in COLUMNS]
        tally = self.reading.tally
        try:
            for row in rows:
                tally.line = self.buffer.line
                if len(row) != len(names):
                    tally.trouble(UNEVEN)
                    continue
                record: dict[str, Any] = {name: row[place] for place, name in kept}
                self.reading.record(
                    {name: None if value == "NULL" else value for name, value in record.items()}
                )
        except csv.Error as error:
            tally.trouble(f"rows that cannot be read: {error}", self.buffer.line)

    def _inserted(self, shape: re.Pattern[bytes]) -> Iterator[str]:
        """What stands between the brackets of each row of an INSERT."""
        buffer = self.buffer
        while True:
            row = shape.match(buffer.data, buffer.at)
            if row and (row[2] or len(buffer.data) - row.end()):
                yield row[1].decode("utf-8", "replace")
                buffer.move(row.end())
                if row[2] != b",":
                    return
            elif len(buffer.data) - buffer.at > MAX_ROW or not buffer.more():
                if row:
                    yield row[1].decode("utf-8", "replace")
                else:
                    self.reading.tally.trouble(TOO_LARGE, buffer.line)
                buffer.move(len(buffer.data))
                return

    def _copied(self) -> Iterator[list[str | None]]:
        """The lines behind a COPY."""
        buffer = self.buffer
        while True:
            end = buffer.data.find(b"\n", buffer.at)
            if end < 0:
                if len(buffer.data) - buffer.at <= MAX_ROW and buffer.more():
                    continue
                end = len(buffer.data)
            line = buffer.data[buffer.at : end].rstrip(b"\r")
            if line == b"\\." or not line:
                return
            yield [_copied_value(value) for value in line.split(b"\t")]
            buffer.move(min(end + 1, len(buffer.data)))


def _defined(body: bytes) -> list[str]:
    """The columns of a CREATE TABLE: the first word of each part."""
    names: list[str] = []
    depth = 0
    part = b""
    for piece in re.findall(rb"'[^']*'|[(),]|[^'(),]+", body):
        if piece == b"(":
            depth += 1
        elif piece == b")":
            depth -= 1
        if depth < 0 or (piece == b"," and not depth):
            word = COLUMN.match(part.strip())
            if word and word[1].decode().upper() not in NO_COLUMN:
                names.append(word[1].decode())
            part = b""
            if depth < 0:
                break
        elif not part.strip():
            part += piece
    return names


def _copied_value(value: bytes) -> str | None:
    if value == rb"\N":
        return None
    if b"\\" in value:
        value = re.sub(rb"\\.", lambda found: ESCAPES.get(found[0], found[0][1:]), value, flags=re.DOTALL)
    return value.decode("utf-8", "replace")
