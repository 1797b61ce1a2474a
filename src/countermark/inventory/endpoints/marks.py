"""What headers and fields of an answer tell of whoever gave it: the rows of ``marks.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

MAX_VALUE = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that tells who answers. It can be forged: it fits, it proves nothing."""

    where: str
    """``header x-litellm-version``, ``field owned_by``."""
    value: str
    software: str = ""
    provider: str = ""
    relay: bool = False
    model: str = ""
    """The model that answers in truth, where it names one."""


@dataclass(frozen=True, slots=True)
class _Row:
    header: str
    field: str
    pattern: re.Pattern[str]
    software: str
    provider: str
    relay: bool
    model: bool


@cache
def _rows() -> tuple[_Row, ...]:
    text = files("countermark.inventory.endpoints").joinpath("marks.toml").read_text("utf-8")
    return tuple(
        _Row(
            header=row.get("header", ""),
            field=row.get("field", ""),
            pattern=re.compile(row.get("pattern", "")),
            software=row.get("software", ""),
            provider=row.get("provider", ""),
            relay=row.get("relay", False),
            model=row.get("model", False),
        )
        for row in tomllib.loads(text)["mark"]
    )


def of_headers(headers: Mapping[str, str]) -> Iterator[Mark]:
    """What the headers tell; names in lower case."""
    for name, value in headers.items():
        row = next(
            (row for row in _rows() if row.header and _is(name, row.header) and row.pattern.search(value)),
            None,
        )
        if row is not None:
            yield _mark(row, f"header {name}", value)


def of_fields(told: Mapping[str, Any], prefix: str = "") -> Iterator[Mark]:
    """What the fields of an answer tell, down to those of its error."""
    for name, value in told.items():
        if isinstance(value, dict) and not prefix:
            yield from of_fields(value, f"{name}.")
        text = value if isinstance(value, str) else ""
        full = prefix + str(name)
        row = next((row for row in _rows() if row.field == full and row.pattern.search(text)), None)
        if row is not None and value is not None:
            yield _mark(row, f"field {full}", text)


def _is(name: str, wanted: str) -> bool:
    return name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted


def _mark(row: _Row, where: str, value: str) -> Mark:
    cut = value[:MAX_VALUE]
    return Mark(where[:MAX_VALUE], cut, row.software, row.provider, row.relay, cut if row.model else "")
