"""What every reader of records offers."""

from __future__ import annotations

from collections.abc import Set
from typing import Any, Protocol

from countermark.inventory.logs.tallies import Tally

Record = dict[str, Any]
"""One JSON object, or one row of a table under its headings."""


class Reader(Protocol):
    """A module that reads the records of one kind of log."""

    NAME: str
    """What the kind is called."""
    FIELDS: frozenset[str]
    """The fields that it reads: of a table, only such columns are kept."""

    def claims(self, keys: Set[str]) -> bool:
        """Whether records with these fields are of this kind."""

    def read(self, record: Record, tally: Tally) -> None:
        """Count what a record says. What is missing or of another type is passed over."""


def part(record: Record, key: str) -> Record:
    """An object within a record; empty where there is none."""
    value = record.get(key)
    return value if isinstance(value, dict) else {}


def text(record: Record, *keys: str) -> str:
    """The first of several fields that is text, and not empty."""
    for key in keys:
        value = record.get(key)
        if value and isinstance(value, str) and value != "-":
            return value
    return ""
