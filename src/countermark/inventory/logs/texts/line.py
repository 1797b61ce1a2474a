"""What every reader of lines offers, and what they share: the time that was read last, and what a line meant."""

from __future__ import annotations

from typing import Protocol

from countermark.inventory.logs.tallies import Entry, Tally
from countermark.inventory.logs.times import NEVER, Moment, moment

MAX_REMEMBERED = 50_000
Meaning = tuple[Entry, int] | None
"""Where calls of a line are counted, with the flags that they have; None where it tells of no model."""


class Reader(Protocol):
    """Reads the lines of one kind of log, one after another."""

    def read(self, line: bytes) -> bool:
        """Count what a line says; False where it is of another kind."""


class Remembered:
    """What lines mean, by the parts of them that decide: most of a log repeats them."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.meanings: dict[object, Meaning] = {}
        self._raw = b""
        self._moment = NEVER

    def keep(self, parts: object, meaning: Meaning) -> Meaning:
        """Remember what these parts mean; not for ever, where no two lines are alike."""
        if len(self.meanings) >= MAX_REMEMBERED:
            self.meanings.clear()
        self.meanings[parts] = meaning
        return meaning

    def moment(self, raw: bytes) -> Moment:
        """The time, which often is that of the line before."""
        if raw != self._raw:
            self._raw = raw
            self._moment = moment(raw.decode("latin-1"))
        return self._moment

    def count(self, meaning: Meaning, raw: bytes) -> None:
        """Count a line with a known meaning."""
        tally = self.tally
        if meaning is None:
            tally.passed += 1
            return
        tally.calls += 1
        entry, flags = meaning
        entry.add(tally.line, self.moment(raw) if raw else tally.outer, flags)
