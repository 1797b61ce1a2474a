"""Rows that SQL scripts insert: many services keep their models in a table, and ship its first rows."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from countermark.inventory.reading.expressions import Document, Entry, Text

INSERT = re.compile(
    r"\b(?:insert|replace)\s+(?:ignore\s+)?into\s+([\w.`\"\[\]]{1,120})\s*(?:\(([^()]{1,4000})\))?\s*values\s*",
    re.IGNORECASE,
)
CREATE = re.compile(r"\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?([\w.`\"\[\]]{1,120})\s*\(", re.IGNORECASE)
COLUMN = re.compile(r"\s*[`\"\[]?(\w{1,64})[`\"\]]?\s+\w")
NO_COLUMN = frozenset(["primary", "unique", "key", "index", "constraint", "foreign", "check", "fulltext"])
VALUE = re.compile(
    r"\s*(?:(?:[NEBX]|_\w{1,20}\s*)?'((?:[^'\\]|''|\\.){0,100000})'|\"((?:[^\"\\]|\\.){0,100000})\"|"
    r"((?:[^,()'\"]|\([^()'\"]{0,200}\)){1,200}))(?:\s*::\s*\w{1,40})?\s*([,)])",
    re.DOTALL | re.IGNORECASE,
)
MAX_ROWS = 5_000
MAX_COLUMNS = 200
MAX_TABLE = 20_000
"""Characters of the definition of a table."""
ESCAPES = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\0": "\0"}
SWITCHED_ON = frozenset(["enabled", "is_enabled", "enable", "is_enable", "active", "is_active", "available"])
SWITCHED_OFF = frozenset(["disabled", "is_disabled", "deleted", "is_deleted", "del_flag", "is_del"])
NO = frozenset(["0", "false", "b'0'", "n", "no", "f"])


def read(path: str, text: str) -> Document:
    """The inserted rows, each value an entry under table, row and column."""
    document = Document(path, "sql")
    columns = _columns(text)
    said = {found[1].lower(): found[2] for found in OFF_SAID.finditer(text)}
    ends = [found.start() for found in re.finditer("\n", text)]
    rows = 0
    for found in INSERT.finditer(text):
        table = found[1].strip('`"[]').rpartition(".")[2].strip('`"[]')
        named = (
            [name.strip(' \n\r\t`"[]') for name in found[2].split(",")]
            if found[2]
            else columns.get(table.lower(), [])
        )
        for values in _rows(text, found.end()):
            rows += 1
            if rows > MAX_ROWS:
                document.trouble = f"more than {MAX_ROWS:,} rows: the rest was not read"
                return document
            document.entries += _entries(_Row((table, f"[{rows}]"), named, values), said, ends)
    return document


@dataclass(frozen=True, slots=True)
class _Row:
    path: tuple[str, ...]
    columns: list[str]
    values: list[tuple[str, int]]
    """Each with where it begins."""

    @property
    def names(self) -> list[str]:
        """A name for each value, also where the script names no columns."""
        given = self.columns
        return [given[n] if n < len(given) else f"column_{n + 1}" for n in range(len(self.values))]


def _entries(row: _Row, said: dict[str, str], ends: list[int]) -> Iterator[Entry]:
    named = list(zip(row.names, row.values, strict=True))
    off = next((why for name, (value, _) in named if (why := _off(name, value, said))), "")
    for name, (value, at) in named:
        line = bisect_left(ends, at) + 1
        yield Entry((*row.path, name), Text(value, line), line, off)


def _off(name: str, value: str, said: dict[str, str]) -> str:
    plain, given = name.lower(), value.lower()
    if plain in said:
        return f"{name}: {value} beside it" if given == said[plain] else ""
    if (plain in SWITCHED_ON and given in NO) or (
        plain in SWITCHED_OFF and given not in NO and given != "null"
    ):
        return f"{name}: {value} beside it"
    if plain == "status" and given in ("2", "disabled", "off", "disable"):
        return f"{name}: {value} beside it"
    return ""


def _rows(text: str, at: int) -> Iterator[list[tuple[str, int]]]:
    """The tuples behind ``VALUES``, each value with where it begins."""
    while at < len(text) and text[at] == "(":
        at += 1
        values: list[tuple[str, int]] = []
        while len(values) <= MAX_COLUMNS:
            found = VALUE.match(text, at)
            if found is None:
                return
            inner = next((group for group in found.groups()[:2] if group is not None), None)
            value = _unescaped(inner) if inner is not None else found[3].strip()
            values.append((value, found.start() + len(found[0]) - len(found[0].lstrip())))
            at = found.end()
            if found[4] == ")":
                break
        yield values
        rest = re.compile(r"\s*,\s*").match(text, at)
        if rest is None:
            return
        at = rest.end()


def _unescaped(text: str) -> str:
    text = text.replace("''", "'")
    return re.sub(r"\\.", lambda found: ESCAPES.get(found[0], found[0][1:]), text, flags=re.DOTALL)


def _columns(text: str) -> dict[str, list[str]]:
    """The columns of the tables that the script makes."""
    found: dict[str, list[str]] = {}
    end = 0
    for table in CREATE.finditer(text):
        if table.start() < end:
            continue  # within the definition of another: no script
        parts, end = _parts(text, table.end())
        names = [column[1] for part in parts if (column := COLUMN.match(part))]
        names = [name for name in names if name.lower() not in NO_COLUMN]
        found[table[1].strip('`"[]').rpartition(".")[2].strip('`"[]').lower()] = names[:MAX_COLUMNS]
    return found


def _parts(text: str, start: int) -> tuple[list[str], int]:
    """The definitions of a table, apart at the commas between them; and where they end."""
    parts: list[str] = []
    depth = 0
    end = min(len(text), start + MAX_TABLE)
    for at in range(start, end):
        sign = text[at]
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            end = at
            break
        if sign == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:end]], end


OFF_SAID = re.compile(
    r"\b(status|state|enable\w*)\b[^\n]{0,80}?(\d)\s*[-:=：、]?\s*(?:手动)?(?:停用|禁用|关闭|下线|disabled|off\b|inactive)",
    re.IGNORECASE,
)
"""``status: 0 正常 1 停用``: what a script says of its numbers."""
