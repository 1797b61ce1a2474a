"""Is this number on the lists, whose is it, and was it cancelled?

A number that is not in the register is *not known*: the register holds what was imported, and only
beian.cac.gov.cn and the regulator's lists prove that a number is live.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from countermark.inventory import filing_numbers
from countermark.inventory.register.deltas import Joined, Record, join
from countermark.inventory.register.entries import Cancellation, Kind, RegisterError
from countermark.inventory.register.names import SHORTEST, aliases, folded, stem
from countermark.inventory.register.store import Content, Source, Store, read_all

SAMPLE = "sample.jsonl"
MOST_CANDIDATES = 5
KINDS = {"genai-filing": (Kind.FILING,), "genai-registration": (Kind.REGISTRATION,)}
ALGORITHMS = (Kind.RECOMMENDATION, Kind.SYNTHESIS, Kind.ALGORITHM)


class Status(StrEnum):
    """How a number stands, by what was imported."""

    LIVE = "live"
    """On a list, and in no notice of cancellation."""
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    """Well-formed, and on no imported list. That does not say that it is not registered."""
    MALFORMED = "malformed"
    """Of no published shape, or with a wrong check digit: probably a typo, or invented."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the register says of a number."""

    asked: str
    """As it was asked for."""
    number: str
    """As published, or tidied where it is not known."""
    status: Status
    shape: str
    """``genai-filing``, ``genai-registration``, ``algorithm``; empty where it has none of them."""
    defect: str = ""
    """What is wrong with it, or with how it is written."""
    record: Record | None = None
    cancellation: Cancellation | None = None
    candidates: tuple[Record, ...] = ()
    """Numbers of the register that are one slip away: a wrong, missing or additional sign, two exchanged."""
    as_of: str = ""
    """Month of the latest list of its kind that was imported; empty where none was."""
    is_sample: bool = False
    """Whether only the sample that is shipped was looked at."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "asked": self.asked,
            "number": self.number,
            "status": str(self.status),
            "shape": self.shape,
            "defect": self.defect,
            "record": self.record.to_dict() if self.record else None,
            "cancellation": self.cancellation.to_dict() if self.cancellation else None,
            "candidates": [each.to_dict() for each in self.candidates],
            "as_of": self.as_of,
            "sample": self.is_sample,
        }


@dataclass(frozen=True, slots=True)
class Match:
    """A record that a name led to."""

    record: Record
    how: str
    """``name``, ``entity``, or ``part`` where the name only contains what was asked for."""


class Register:
    """All lists that were imported, joined."""

    def __init__(self, content: Content, *, is_sample: bool = False) -> None:
        self.sources: tuple[Source, ...] = tuple(content.sources)
        self.joined: Joined = join(content.entries, content.cancellations)
        self.digest = content.digest
        """SHA-256 of what it holds, for evidence."""
        self.is_sample = is_sample
        self._cancelled = {filing_numbers.key(each.number): each for each in self.joined.orphans}

    @classmethod
    def open(cls, folder: Path) -> Register:
        """The register of a folder.

        Raises:
            RegisterError: nothing was imported into it, or it cannot be read.
        """
        content = Store(folder).load()
        if not content.sources:
            raise RegisterError(f"{folder}: nothing was imported yet; `countermark register import` does")
        return cls(content)

    @classmethod
    def sample(cls) -> Register:
        """The few rows that are shipped: enough to see how it works, and no more."""
        with as_file(files("countermark.inventory.register").joinpath(SAMPLE)) as path:
            return cls(read_all([path]), is_sample=True)

    def __len__(self) -> int:
        return len(self.joined.records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.joined.records.values())

    def check(self, number: str) -> Standing:
        """How a number stands."""
        tidy, key = filing_numbers.tidied(number), filing_numbers.key(number)
        read = filing_numbers.parse(tidy)
        record = self.joined.records.get(key)
        cancellation = record.cancellation if record else self._cancelled.get(key)
        as_of = self._as_of(KINDS.get(read.shape, ALGORITHMS if read.shape else tuple(Kind)))
        if record is None and cancellation is None:
            status = Status.MALFORMED if read.defect else Status.UNKNOWN
            candidates = self._near(key)
            return Standing(
                number, tidy, status, read.shape, read.defect, None, None, candidates, as_of, self.is_sample
            )
        published = record.entry.number if record else cancellation.number if cancellation else tidy
        return Standing(
            asked=number,
            number=published,
            status=Status.CANCELLED if cancellation else Status.LIVE,
            shape=read.shape,
            defect=_doubt(tidy, published, read.defect),
            record=record,
            cancellation=cancellation,
            as_of=as_of,
            is_sample=self.is_sample,
        )

    def find(self, text: str) -> list[Match]:
        """The records of a name: of a model, an application, an algorithm, an entity, or within a number."""
        asked, short = folded(text), stem(text)
        if len(asked) < SHORTEST:
            return []
        exact: dict[str, Match] = {}
        for wanted in dict.fromkeys((asked, short)):
            for how, index in (("name", self._names), ("entity", self._entities)):
                for key in index.get(wanted, ()):
                    exact.setdefault(key, Match(self.joined.records[key], how))
        part = {
            key: Match(self.joined.records[key], "part")
            for index in (self._names, self._entities)
            for name, keys in index.items()
            if short in name
            for key in keys
            if key not in exact
        }
        return [*exact.values(), *part.values()]

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for key, record in self.joined.records.items():
            for alias in aliases(record.entry.name, record.entry.number):
                found.setdefault(alias, []).append(key)
        return found

    @cached_property
    def _entities(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for key, record in self.joined.records.items():
            if entity := folded(record.entry.entity):
                found.setdefault(entity, []).append(key)
        return found

    def _as_of(self, kinds: tuple[Kind, ...]) -> str:
        return max((self._latest.get(kind, "") for kind in kinds), default="")

    @cached_property
    def _latest(self) -> dict[Kind, str]:
        found: dict[Kind, str] = {}
        for record in self:
            found[record.entry.kind] = max(found.get(record.entry.kind, ""), record.entry.period)
        return found

    def _near(self, key: str) -> tuple[Record, ...]:
        """The records whose number is one slip away from this key."""
        records = self.joined.records
        found = dict.fromkeys(slip for slip in _slips(key) if slip in records)
        return tuple(records[each] for each in list(found)[:MOST_CANDIDATES])


def _doubt(asked: str, published: str, defect: str) -> str:
    """What is odd about a number that is published."""
    if asked != published:
        return f"published with other letter case: {published}"
    return f"published although it {defect}" if defect else ""


LONGEST = 100
"""Longest number whose slips are looked for; those that are published are shorter."""


def _slips(key: str) -> Iterator[str]:
    """What a key can have been before one sign of it was exchanged, lost or added, or two swapped."""
    if len(key) > LONGEST:
        return
    signs = "0123456789" if key.startswith("网信算备") else "0123456789abcdefghijklmnopqrstuvwxyz-"
    for i in range(len(key) + 1):
        before, after = key[:i], key[i:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        yield from (before + sign + after[1:] for sign in signs if after)
        yield before + after[1:]
        yield from (before + sign + after for sign in signs)
