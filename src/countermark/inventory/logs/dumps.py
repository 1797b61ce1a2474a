"""Dumps of databases as SQL: of MySQL, PostgreSQL and SQLite."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import orjson

from countermark.inventory.logs.buffers import Buffer
from countermark.inventory.logs.reading import Reading
from countermark.inventory.logs.tables import Rows, large_cells

MAX_ROW = 16 << 20
MAX_MISTAKEN, MAX_CREATED = 100, 100
AT_ONCE = 64
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
        rb"\s*\(((?:" + text + rb"|[^'()]++|\((?:" + text + rb"|[^'()]++|\([^'()]*+\))*+\))*+)\)", re.DOTALL
    )
    for text in (TEXT, STANDARD_TEXT)
)
"""What stands between the brackets of a row, which may call a function."""
STANDARD = (b"PRAGMA foreign_keys", b"PostgreSQL database dump")
"""In these dumps a backslash is a character like any other."""
END = b");\n"
AFTER = re.compile(rb"\)\s{0,100}([,;])\s{0,100}")
AS_JSON = bytes.maketrans(b"'\t", b'" ')
"""What makes JSON of rows of MySQL, which escapes texts in nearly the same way."""
ESCAPES = {b"\\n": b"\n", b"\\t": b"\t", b"\\r": b"\r", b"\\\\": b"\\"}
NO_COLUMNS = "a table is filled whose columns the dump does not name: not read"
UNREADABLE = "rows that cannot be read"
TOO_LARGE = "a row is too large, or has no end: what follows was passed over"


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
        self.created = 0
        self.mistaken = 0
        """How often rows could not be read together."""

    def read(self) -> None:
        """Go from statement to statement."""
        buffer, tally = self.buffer, self.reading.tally
        buffer.ensure(1 << 16)
        self.standard = any(mark in buffer.data for mark in STANDARD)
        while True:
            found = STATEMENT.search(buffer.data, buffer.at)
            if found is not None:
                self._statement(found)
                continue
            buffer.move(max(buffer.at, len(buffer.data) - LONGEST))
            if not buffer.more():
                break
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
            self.created += 1
            if self.created > MAX_CREATED:
                return
            buffer.ensure(DEFINITIONS)
            self.columns[table] = _defined(buffer.data[buffer.at : buffer.at + DEFINITIONS])
            return
        names = self.columns.get(table)
        if not names:
            self.reading.tally.trouble(NO_COLUMNS, buffer.line)
            return
        rows = Rows(names, self.reading)
        for row in self._copied() if found[COPY] else self._inserted(found[0]):
            rows.read(row)

    def _inserted(self, statement: bytes) -> Iterator[Sequence[Any]]:
        """The rows of an INSERT, and those of others behind it that begin like it and have one row each.

        The same bytes stand between each two rows. Where they come next is where a row ends, if what lies
        between can be read; if not, they stood within a text, and the end is looked for with care.
        """
        buffer, tally = self.buffer, self.reading.tally
        several = False
        while (row := self._whole()) is not None:
            tally.line = buffer.line
            first = self._parsed(row[1])
            if first is None:
                tally.trouble(UNREADABLE)
            else:
                yield first
            buffer.move(row.end(1))
            following = self._following(statement)
            if following is None or (several and b";" in following):
                return
            several = b";" not in following
            buffer.move(buffer.at + len(following))
            yield from self._alike(following, len(first or ()), several=several)
            buffer.at -= 1  # back to the bracket of the row that may not be whole

    def _alike(self, between: bytes, width: int, *, several: bool) -> Iterator[Sequence[Any]]:
        """The rows from here to the last bytes at hand that stand between two, or to one that is none."""
        buffer, tally = self.buffer, self.reading.tally
        if self.mistaken > MAX_MISTAKEN:
            return
        data, at = buffer.data, buffer.at
        end = data.find(END, at) if several else -1
        last = data.rfind(between, at, end if end >= 0 else len(data))
        if last < 0:
            return
        pieces = data[at:last].split(between)
        one_line = b"\n" not in data[at:last] and b"\n" not in between
        for piece, row in zip(pieces, self._parsed_all(pieces), strict=True):
            if row is None or len(row) != width:
                self.mistaken += 1
                break
            tally.line = buffer.line
            yield row
            at += len(piece) + len(between)
            if not one_line:
                buffer.move(at)
        buffer.move(at)

    def _parsed_all(self, pieces: list[bytes]) -> Iterator[Sequence[Any] | None]:
        """Many rows, some at once: what is made of them is soon forgotten."""
        for at in range(0, len(pieces), AT_ONCE):
            part = pieces[at : at + AT_ONCE]
            rows = None if self.standard else _together(part)
            yield from rows or (self._parsed(piece) for piece in part)

    def _parsed(self, piece: bytes) -> list[str] | None:
        """The values of a row; None where it is none."""
        escape = None if self.standard else "\\"
        text = piece.decode("utf-8", "replace")
        try:
            return next(csv.reader([text], quotechar="'", escapechar=escape, strict=True), [])
        except csv.Error:
            return None

    def _whole(self) -> re.Match[bytes] | None:
        """The row that begins here, with its brackets."""
        buffer = self.buffer
        shape = STANDARD_ROW if self.standard else ROW
        while (row := shape.match(buffer.data, buffer.at)) is None:
            if len(buffer.data) - buffer.at > MAX_ROW or not buffer.more():
                self.reading.tally.trouble(TOO_LARGE, buffer.line)
                buffer.move(len(buffer.data))
                return None
        return row

    def _following(self, statement: bytes) -> bytes | None:
        """What stands between the row that ends here and the next, if one follows."""
        buffer = self.buffer
        buffer.ensure(LONGEST)
        found = AFTER.match(buffer.data, buffer.at)
        if found is None:
            return None
        end = found.end()
        if found[1] == b";":
            again = statement.lstrip()
            if not buffer.data.startswith(again, end):
                return None
            end += len(again)
        return buffer.data[buffer.at : end + 1] if buffer.data[end : end + 1] == b"(" else None

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
            self.reading.tally.line = buffer.line
            yield [_copied_value(value) for value in line.split(b"\t")]
            buffer.move(min(end + 1, len(buffer.data)))


def _together(pieces: list[bytes]) -> list[Sequence[Any]] | None:
    """Rows of MySQL as JSON, which is quick. None where that cannot be."""
    text = b"],[".join(pieces).replace(b"\\'", b"\\u0027").translate(AS_JSON).replace(b",NULL", b",null")
    try:
        rows: list[Sequence[Any]] = orjson.loads(b"[[" + text + b"]]")
    except ValueError:
        return None
    return rows if len(rows) == len(pieces) else None  # else what parts rows stood in a text, too


def _defined(body: bytes) -> list[str]:
    """The columns of a CREATE TABLE: the first word of each part."""
    names: list[str] = []
    depth = 0
    part = b""
    for piece in re.findall(rb"'[^']*'|[(),]|[^'(),]+", body):
        depth += (piece == b"(") - (piece == b")")
        if depth < 0 or (piece == b"," and not depth):
            word = COLUMN.match(part.strip())
            if word and word[0].decode() not in NO_COLUMN:  # a column may be called `key`
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
