"""How a file is laid out: lines, one document, a table, a dump, a database. Its first bytes say so."""

from __future__ import annotations

import re
from enum import StrEnum

import orjson

from countermark.inventory.logs import databases, documents, tables
from countermark.inventory.logs.streams import UTF_16

HEAD = 1 << 16
CONTROLS = bytes([*range(9), 11, 12, *range(14, 27), *range(28, 32)])
MAX_SHARE = 0.02
"""Of characters that no text has; a log may be damaged."""


class Shape(StrEnum):
    """How what a file says is laid out in it."""

    LINES = "lines"
    DOCUMENT = "document"
    TABLE = "table"
    DUMP = "dump"
    DATABASE = "database"
    BINARY = "binary"


DUMP = re.compile(
    rb"\A(?:\s*(?:--[^\n]*|/\*.*?\*/;?|(?:SET|PRAGMA|BEGIN|USE|LOCK TABLES)\b[^\n]*)\n)*\s*"
    rb"(?:CREATE TABLE|INSERT INTO|COPY |DROP TABLE|PRAGMA foreign_keys|SELECT pg_|-- (?:My|Maria|Postgre))"
)
MITMPROXY = re.compile(rb"\A\d{1,9}:\d{1,4}:[a-z_]{2,20};")


def shape_of(head: bytes) -> Shape:
    """The shape of a file that begins so, unpacked."""
    if head.startswith(databases.MAGIC):
        return Shape.DATABASE
    if _is_binary(head):
        return Shape.BINARY
    if DUMP.match(head):
        return Shape.DUMP
    start = head.lstrip()
    if _is_document(start):
        return Shape.DOCUMENT
    first = start.split(b"\n", 1)[0].decode("utf-8", "replace")
    return Shape.TABLE if tables.headings(first) else Shape.LINES


def _is_binary(head: bytes) -> bool:
    if head[:2] in UTF_16:
        return False
    controls = len(head) - len(head.translate(None, CONTROLS))
    return controls > MAX_SHARE * len(head) or MITMPROXY.match(head) is not None


def _is_document(start: bytes) -> bool:
    """Whether JSON begins here that is not one object a line."""
    if re.match(rb"\[\s*(?:\{|\]|\Z)", start):
        return True
    if start[:1] != b"{":
        return False
    line, newline, _ = start.partition(b"\n")
    try:
        orjson.loads(line)
    except ValueError:
        pass
    else:
        return False
    if newline and line.rstrip().endswith((b"{", b"[", b",")):  # laid out over many lines
        return True
    return not newline and documents.LIST.search(start, 0, documents.WITHIN) is not None
