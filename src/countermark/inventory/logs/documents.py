"""JSON that is not one object a line: exports that are one long list, HAR files, spans printed over many lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from countermark.inventory.logs.buffers import Buffer
from countermark.inventory.logs.reading import Reading

MAX_ENTRY = 32 << 20
GUESS = 1 << 18
"""How far the end of a record is looked for by what usually follows one."""
LISTS = (
    b"entries|items|data|logs|resourceSpans|observations|records|rows|results|result|requests|channels|spans"
)
LIST = re.compile(rb'"(?:' + LISTS + rb')"\s*:\s*\[\s*(?=[{\]])')
"""Where the list of records begins."""
WITHIN = 4_096
"""How far into a document to look for it; else the document itself is a record."""
FIRST_KEY = re.compile(rb'\{\s*("(?:[^"\\]|\\.){0,200}")\s*:')
TOKEN = re.compile(rb'[{}]|"[^"\\]*+(?:\\.[^"\\]*+)*+"|"', re.DOTALL)
BETWEEN = re.compile(rb"[\s,\[\]]*")
"""What may stand between records: commas, and the brackets of the lists that they are in."""
CUT_SHORT = "the document ends in the middle of an entry"
TOO_LARGE = f"an entry is larger than {MAX_ENTRY >> 20} MiB: the document was not read further"
NO_JSON = "entries that should be JSON are not"
REST = "what follows the list of records in the document was not read"


class _Stop(Exception):  # noqa: N818 - the end of what can be read
    pass


def read(blocks: Iterable[bytes], reading: Reading) -> None:
    """Read every record of a document."""
    buffer = Buffer(blocks)
    tally = reading.tally
    try:
        for record in _records(buffer):
            tally.line = buffer.line
            if record is None:
                tally.trouble(NO_JSON)
            else:
                reading.record(record)
        buffer.ensure(WITHIN)
        if len(buffer.data) - buffer.at >= WITHIN:
            raise _Stop(REST)
    except _Stop as stop:
        tally.trouble(str(stop), buffer.line)
    finally:
        tally.line = buffer.line
        tally.bytes += buffer.bytes


def _records(buffer: Buffer) -> Iterator[dict[str, Any] | None]:
    """The records of the list within, or those of the outermost level; None for what is no JSON."""
    buffer.ensure(WITHIN)
    found = LIST.search(buffer.data, 0, WITHIN)
    if found and buffer.data.lstrip()[:1] == b"{":
        buffer.move(found.end())
    separator: re.Pattern[bytes] | None = None
    while _at_record(buffer):
        separator = separator or _separator(buffer)
        end, record = _record(buffer, separator)
        yield record
        buffer.move(end)


def _at_record(buffer: Buffer) -> bool:
    """Whether another record begins here. What comes behind the list closes the document."""
    while True:
        gap = BETWEEN.match(buffer.data, buffer.at)
        buffer.move(gap.end() if gap else buffer.at)
        if buffer.at < len(buffer.data):
            return buffer.data[buffer.at : buffer.at + 1] == b"{"
        if not buffer.more():
            return False


def _separator(buffer: Buffer) -> re.Pattern[bytes]:
    """What stands between two records that begin with the same field."""
    first = FIRST_KEY.match(buffer.data, buffer.at)
    key = re.escape(first[1]) if first else b'"'
    return re.compile(rb"\}\s*,?\s*(?=\{\s*" + key + rb"\s*:)")


def _record(buffer: Buffer, separator: re.Pattern[bytes]) -> tuple[int, dict[str, Any] | None]:
    """The end of a record, and what it says: a guess by what usually follows, else brace by brace."""
    found = separator.search(buffer.data, buffer.at, buffer.at + GUESS)
    if found:
        end = found.start() + 1
        try:
            return end, orjson.loads(buffer.data[buffer.at : end])
        except ValueError:
            pass
    end = _balanced(buffer)
    try:
        return end, orjson.loads(buffer.data[buffer.at : end])
    except ValueError:
        return end, None


def _balanced(buffer: Buffer) -> int:
    """Where the braces that open here are closed again."""
    depth, at = 0, buffer.at
    while True:
        for token in TOKEN.finditer(buffer.data, at):
            mark = token[0]
            if mark == b'"':  # the rest of a text is still to come
                break
            at = token.end()
            depth += (mark == b"{") - (mark == b"}")
            if mark == b"}" and not depth:
                return at
        if len(buffer.data) - buffer.at > MAX_ENTRY:
            raise _Stop(TOO_LARGE)
        ahead = at - buffer.at
        if not buffer.more():
            raise _Stop(CUT_SHORT)
        at = buffer.at + ahead
