"""JSON that is not one object a line: exports that are one list, HAR files, spans over many lines."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from typing import Any

import orjson

from countermark.inventory.logs.buffers import Buffer
from countermark.inventory.logs.reading import Reading

MAX_ENTRY = 32 << 20
LISTS = (
    b"entries|items|data|logs|resourceSpans|observations|records|rows|results|result|requests|channels|spans"
)
LIST = re.compile(rb'"(?:' + LISTS + rb')"\s*:\s*\[\s*(?=[{\]])')
"""Where the list of records begins."""
WITHIN = 4_096
"""How far into a document to look for it; else the document itself is a record."""
OPENING = re.compile(rb'\{\s*"(?:[^"\\]|\\.){0,200}"\s*:')
GAP = re.compile(rb"\s*,?\s*")
TOKEN = re.compile(rb'[{}]|"[^"\\]*+(?:\\.[^"\\]*+)*+"|"', re.DOTALL)
FEW, MAX_MISTAKEN = 4, 8
"""So often, fewer records than this may come of cutting them out: then that does not pay."""
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
            if isinstance(record, dict):
                reading.record(record)
            else:
                tally.trouble(NO_JSON)
        buffer.ensure(WITHIN)
        if len(buffer.data) - buffer.at >= WITHIN:
            raise _Stop(REST)
    except _Stop as stop:
        tally.trouble(str(stop), buffer.line)
    finally:
        tally.line = buffer.line
        tally.bytes += buffer.bytes


def _records(buffer: Buffer) -> Iterator[Any]:
    """The records of the list within, or those of the outermost level; None for what is no JSON.

    Records of one list mostly begin with the same field, so that the same bytes stand between each two:
    where these bytes come next is where a record ends, if what lies between is JSON. If not, its end is
    looked for brace by brace.
    """
    buffer.ensure(WITHIN)
    found = LIST.search(buffer.data, 0, WITHIN)
    if found and buffer.data.lstrip()[:1] == b"{":
        buffer.move(found.end())
    mistaken = 0
    while _at_record(buffer):
        opening = OPENING.match(buffer.data, buffer.at)
        end = _balanced(buffer)
        yield _loaded(buffer.data[buffer.at : end])
        buffer.move(end)
        if opening and mistaken < MAX_MISTAKEN:
            alike = yield from _alike(buffer, opening[0])
            mistaken += alike < FEW and len(buffer.data) - buffer.at > WITHIN


def _alike(buffer: Buffer, opening: bytes) -> Generator[Any, None, int]:
    """The records behind one that begins so, as far as they are at hand; goes behind them, counts them."""
    gap = GAP.match(buffer.data, buffer.at)
    start = gap.end() if gap else buffer.at
    between = b"}" + buffer.data[buffer.at : start] + opening
    if not buffer.data.startswith(opening, start) or (last := buffer.data.rfind(between, start)) < 0:
        return 0
    buffer.move(start)
    count = 0
    for piece in buffer.data[start + len(opening) : last].split(between):
        record = _loaded(opening + piece + b"}")
        if record is None:
            return 0
        yield record
        count += 1
        buffer.move(buffer.at + len(piece) + len(between))
    return count


def _loaded(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        return None


def _at_record(buffer: Buffer) -> bool:
    """Whether another record begins here. What comes behind the list closes the document."""
    while True:
        gap = BETWEEN.match(buffer.data, buffer.at)
        buffer.move(gap.end() if gap else buffer.at)
        if buffer.at < len(buffer.data):
            return buffer.data[buffer.at : buffer.at + 1] == b"{"
        if not buffer.more():
            return False


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
