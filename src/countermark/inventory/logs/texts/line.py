"""What readers of lines offer, and what they share: what lines meant before, and the last time read."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, Protocol

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.tallies import MAX_FIELD, Called, Entry, Tally, weight
from countermark.inventory.logs.times import NEVER, moment

MAX_REMEMBERED = 50_000
Meaning = tuple[Entry, int] | None
"""Where calls of a line are counted, with the flags that they have; None where it tells of no model."""
UNSEEN: Final = (Entry(0, 0), -1)
"""What a line means that was not read before."""


class Reader(Protocol):
    """Reads the lines of one kind of log, one after another."""

    NAME: str
    """What the kind is called."""

    def read(self, line: bytes) -> bool:
        """Count what a line says; False where it is of another kind."""


class Remembering:
    """Remembers what lines mean, by the parts of them that decide: most of a log repeats them."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.meanings: dict[Hashable, Meaning] = {}
        self.raw = b""
        """The time that was read last, as written."""
        self.moment = NEVER

    def keep(self, key: Hashable, called: Called | None, status: str) -> Meaning:
        """Remember what a line with these parts means; not for ever, where no two lines are alike."""
        if len(self.meanings) >= MAX_REMEMBERED:
            self.meanings.clear()
        meaning = (self.tally.entry(called), exchanges.failure(status)) if called else None
        if weight(key) <= MAX_FIELD:
            self.meanings[key] = meaning
        return meaning

    def note(self, raw: bytes) -> None:
        """Read the time of a line that has another than the one before."""
        self.raw = raw
        self.moment = moment(raw.decode("latin-1")) if raw else NEVER

    def count(self, meaning: Meaning, raw: bytes) -> None:
        """Count a line with a known meaning and the time as written."""
        tally = self.tally
        if meaning is None:
            tally.passed += 1
            return
        if raw != self.raw:
            self.note(raw)
        tally.calls += 1
        entry, flags = meaning
        entry.add(tally.line, self.moment if self.moment[0] else tally.outer, flags)
