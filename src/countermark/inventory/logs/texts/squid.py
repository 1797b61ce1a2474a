"""Squid: access logs in its native form.

Source: Squid's documentation, "logformat squid".
"""

from __future__ import annotations

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.tallies import Called, Tally
from countermark.inventory.logs.texts.line import Remembered

NAME = "squid"
COLUMNS = 8
"""Time, duration, client, result, bytes, method, URL; what comes behind is of no interest."""


class Squid:
    """Reads such lines."""

    def __init__(self, tally: Tally) -> None:
        self.remembered = Remembered(tally)

    def read(self, line: bytes) -> bool:
        """Count what a line says; False where it is of another kind."""
        parts = line.split(None, COLUMNS - 1)
        if len(parts) < COLUMNS or parts[0][-4:-3] != b".":
            return False
        key = (parts[3], parts[5], parts[6])
        remembered = self.remembered
        if key in remembered.meanings:
            meaning = remembered.meanings[key]
        else:
            if b"/" not in parts[3] or not parts[0][:-4].isdigit():
                return False
            called = _called(*(part.decode("latin-1") for part in parts[5:7]))
            flags = exchanges.failure(parts[3].rpartition(b"/")[2].decode("latin-1"))
            meaning = remembered.keep(key, (remembered.tally.entry(called), flags) if called else None)
        remembered.count(meaning, parts[0])
        return True


def _called(method: str, target: str) -> Called | None:
    return exchanges.called_by(NAME, Exchange(method, target, ()))
