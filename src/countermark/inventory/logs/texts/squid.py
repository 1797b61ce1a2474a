"""Squid: access logs in its native form.

Source: Squid's documentation, "logformat squid".
"""

from __future__ import annotations

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.tallies import Tally
from countermark.inventory.logs.texts.line import MAX_REMEMBERED, UNSEEN, Remembering

COLUMNS = 8
"""Time, duration, client, result, bytes, method, URL; what comes behind is of no interest."""


class Squid(Remembering):
    """Reads such lines."""

    NAME = "squid"

    def __init__(self, tally: Tally) -> None:
        super().__init__(tally)
        self.dull: set[bytes] = set()
        """Tunnels that have nothing to do with models, as they stand on a line: most of a log."""

    def read(self, line: bytes) -> bool:
        """Count what a line says; False where it is of another kind."""
        at = line.find(b" CONNECT ")
        if at > 0 and line[at : line.find(b" ", at + 9)] in self.dull:
            self.tally.passed += 1
            return True
        parts = line.split(None, COLUMNS - 1)
        if len(parts) < COLUMNS or parts[0][-4:-3] != b".":
            return False
        key = (parts[3], parts[5], parts[6])
        meaning = self.meanings.get(key, UNSEEN)
        if meaning is UNSEEN:
            if b"/" not in parts[3] or not parts[0][:-4].isdigit():
                return False
            method, target, result = (part.decode("latin-1") for part in (parts[5], parts[6], parts[3]))
            called = exchanges.called_by(self.NAME, Exchange(method, target, ()))
            meaning = self.keep(key, called, result.rpartition("/")[2])
            if called is None and method == "CONNECT" and len(self.dull) < MAX_REMEMBERED:
                self.dull.add(b" CONNECT " + parts[6])
        self.count(meaning, parts[0])
        return True
