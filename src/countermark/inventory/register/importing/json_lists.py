"""Lists as JSON: arrays of objects with Chinese keys, one or many lists in a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from countermark.inventory import filing_numbers
from countermark.inventory.register.importing import headers
from countermark.inventory.register.importing.grids import MAX_COLUMNS, Grid, Line, UnreadableError

MAX_DEPTH = 8
MAX_LISTS = 10_000


@dataclass(frozen=True, slots=True)
class About:
    """What the objects around a list say of it."""

    title: str = ""
    period: str = ""
    noticed: str = ""

    def within(self, value: dict[str, Any]) -> About:
        """With what this object adds."""

        def said(*names: str) -> str:
            return next((value[n] for n in names if isinstance(value.get(n), str) and value[n]), "")

        return About(
            title=said("name", "title", "标题", "名称") or self.title,
            period=said("period", "期次", "月份") or self.period,
            noticed=said("date", "日期") or self.noticed,
        )


def read(data: bytes) -> list[Grid]:
    """Read every array of objects that has the columns of a list.

    Raises:
        UnreadableError: it is no JSON, or deeper or fuller than any list.
    """
    try:
        value = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UnreadableError(f"not JSON: {error}") from None
    grids = []
    for number, (about, rows) in enumerate(_lists(value, About(), 0), 1):
        if number > MAX_LISTS:
            raise UnreadableError(f"has more than {MAX_LISTS:,} lists")
        grids.append(_grid(f"list {number}", about, rows))
    return grids


def _lists(value: Any, about: About, depth: int) -> Iterator[tuple[About, list[dict[str, Any]]]]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, dict):
        about = about.within(value)
        for item in value.values():
            yield from _lists(item, about, depth + 1)
    elif isinstance(value, list):
        rows = [item for item in value if isinstance(item, dict)]
        if rows and (headers.of(list(rows[0])) or _has_number(rows[0])):
            yield about, rows
            return
        for item in value:
            yield from _lists(item, about, depth + 1)


def _has_number(row: dict[str, Any]) -> bool:
    """Whether it is a row of a list although its keys are not known; it is then said to be left out."""
    return any(isinstance(item, str) and filing_numbers.FIND.fullmatch(item) for item in row.values())


def _grid(place: str, about: About, rows: list[dict[str, Any]]) -> Grid:
    """One column for each key, in the order in which the keys appear; its first row is the header."""
    names = list(dict.fromkeys(name for row in rows for name in row))[:MAX_COLUMNS]
    grid = Grid(about.period or place, title=about.title, period=about.period, noticed=about.noticed)
    grid.lines.append(Line(0, tuple(names)))
    for number, row in enumerate(rows, 1):
        grid.add(number, [_text(row.get(name)) for name in names])
    return grid


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
