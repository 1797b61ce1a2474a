"""All lists joined: each number once, as it was last published. The lists are deltas: none has them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from countermark.inventory import filing_numbers
from countermark.inventory.register.entries import Cancellation, Kind, PublicEntry
from countermark.inventory.register.importing.sequences import spans

COUNTED = (Kind.FILING, Kind.REGISTRATION)
"""Lists whose 序号 goes on from one to the next; those of algorithms begin anew."""


@dataclass(frozen=True, slots=True)
class Record:
    """One number, and all that the lists say of it."""

    entry: PublicEntry
    """As last published."""
    earlier: tuple[PublicEntry, ...] = ()
    """Rows of the same number that say something else, oldest first."""
    repeats: int = 0
    """Rows of the same number that say the same."""
    cancellation: Cancellation | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        value = self.entry.to_dict() | {"source": self.entry.source}
        if self.earlier:
            value["earlier"] = [each.to_dict() | {"source": each.source} for each in self.earlier]
        if self.cancellation:
            value["cancellation"] = self.cancellation.to_dict() | {"source": self.cancellation.source}
        return value


@dataclass(slots=True)
class Joined:
    """What all lists say together."""

    records: dict[str, Record] = field(default_factory=dict)
    """By the key of the number, in the order in which they were first published."""
    orphans: tuple[Cancellation, ...] = ()
    """Cancellations of numbers that no imported list has."""
    gaps: dict[Kind, tuple[int, ...]] = field(default_factory=dict)
    """Sequence numbers from 1 to the highest that no imported list has."""

    @property
    def changed(self) -> list[Record]:
        """The numbers of which two lists say different things."""
        return [record for record in self.records.values() if record.earlier]

    def said_gaps(self) -> list[str]:
        """The gaps in words."""
        return [f"{kind}: {spans(list(missing))}" for kind, missing in self.gaps.items() if missing]


def join(entries: Iterable[PublicEntry], cancellations: Iterable[Cancellation] = ()) -> Joined:
    """Join the lists of all periods; where two speak of one number, the later one is right."""
    by_number: dict[str, list[PublicEntry]] = {}
    for entry in sorted(entries, key=lambda each: each.period):  # stable: within a period as imported
        by_number.setdefault(filing_numbers.key(entry.number), []).append(entry)
    cancelled = _latest(cancellations)
    joined = Joined(
        {key: _record(rows, cancelled.get(key)) for key, rows in by_number.items()},
        tuple(each for key, each in cancelled.items() if key not in by_number),
    )
    joined.gaps = {kind: missing for kind in COUNTED if (missing := _gaps(joined.records.values(), kind))}
    return joined


def _latest(cancellations: Iterable[Cancellation]) -> dict[str, Cancellation]:
    """One for each number: the one that says most of the day."""
    found: dict[str, Cancellation] = {}
    for each in cancellations:
        key = filing_numbers.key(each.number)
        known = found.get(key)
        if known is None or (len(each.day), each.noticed) > (len(known.day), known.noticed):
            found[key] = each
    return found


def _record(rows: list[PublicEntry], cancellation: Cancellation | None) -> Record:
    last = rows[-1]
    if len(rows) == 1:
        return Record(last, cancellation=cancellation)
    different = dict.fromkeys(rows[:-1])
    earlier = tuple(row for row in different if row.says != last.says)
    return Record(last, earlier, len(rows) - 1 - len(earlier), cancellation)


def _gaps(records: Iterable[Record], kind: Kind) -> tuple[int, ...]:
    """What is missing between 1 and the highest, where the register has begun at the beginning."""
    present = {
        row.sequence for record in records for row in (record.entry, *record.earlier) if row.kind is kind
    } - {0}
    if 1 not in present:
        return ()
    return tuple(number for number in range(1, max(present)) if number not in present)
