"""What readers of records offer, and what they share."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Mapping
from operator import itemgetter
from typing import Any, Protocol

from countermark.inventory.logs.tallies import Called, Tally

MAX_TEXT = 4_000
Record = dict[str, Any]
"""One JSON object, or one row of a table under its headings."""
Places = Mapping[str, Any]
"""The fields that there are, and what each is subscribed by: its name, or in a row its number."""
Meaning = tuple[Called | None, int]
"""What was called, with its flags; None where a record has nothing to do with models."""
Key = Callable[[Any], Hashable]
Value = Callable[[Any], object]


class Kind(Protocol):
    """One kind of log."""

    NAME: str
    """What it is called."""
    FIELDS: frozenset[str]
    """The fields that are read: of a table, only such columns are kept."""

    def claims(self, keys: Container[str]) -> bool:
        """Whether records with these fields are of this kind."""


class Single(Kind, Protocol):
    """A kind of which each record is one request. Most of them mean what one before them meant."""

    def key_for(self, at: Places) -> Key:
        """For records or rows with these fields, what of them decides what they mean.

        A key may raise ``KeyError``, ``TypeError`` or ``AttributeError`` where something is missing or of
        another type; such a record is looked at as a whole.
        """

    def when_for(self, at: Places) -> Value:
        """For records or rows with these fields, where the time stands."""

    def meaning(self, record: Record) -> Meaning:
        """What a record means. What is missing or of another type is passed over."""


class Several(Kind, Protocol):
    """A kind of which a record may tell of several calls, or of something else."""

    def read(self, record: Record, tally: Tally) -> None:
        """Count what a record says. What is missing or of another type is passed over."""


def part(record: Record, key: str) -> Record:
    """An object within a record; empty where there is none."""
    value = record.get(key)
    return value if isinstance(value, dict) else {}


def text(record: Record, *keys: str) -> str:
    """The first of several fields that is text of a bearable length, and not empty."""
    for key in keys:
        value = record.get(key)
        if value and isinstance(value, str) and value != "-" and len(value) <= MAX_TEXT:
            return value
    return ""


def fields(names: Iterable[str], at: Places) -> Key:
    """The values of those of some fields that are there."""
    present = [at[name] for name in names if name in at]
    return itemgetter(*present) if present else _nothing


def first(names: Iterable[str], at: Places) -> Value:
    """The value of the first of some fields that is there."""
    present = next((name for name in names if name in at), None)
    return itemgetter(at[present]) if present else _nothing


def _nothing(_record: object) -> None:
    return None
