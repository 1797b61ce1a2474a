"""How one model or one filing stands: values, and what follows from them as data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from countermark.inventory.register.ledger import OwnFiling
from countermark.inventory.register.working_days import Reckoned
from countermark.inventory.usage import Usage
from countermark.model import Source, Words


class Weight(StrEnum):
    """What a state asks for."""

    WRONG = "wrong"
    """An act is needed."""
    OPEN = "open"
    """Something is missing to tell."""
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Standing:
    """One of the states of ``states.toml``."""

    id: str
    weight: Weight
    title: Words
    duty: Words
    clause: str
    source: Source
    """How the duty is known."""
    next: Words
    draft: str
    """What to draft: ``filing``, ``registration``, ``change``, ``cancel``, ``by_route``, or nothing."""
    days: int = 0
    """Working days that the duty gives; 0 where it gives none."""
    since: str = ""
    """What they count from: ``change`` or ``end``."""


@cache
def states() -> dict[str, Standing]:
    """All of them, by id."""
    text = files("countermark.inventory.reconciliation").joinpath("states.toml").read_text("utf-8")
    return {
        name: Standing(
            id=name,
            weight=Weight(row["weight"]),
            title=Words(**row["title"]),
            duty=Words(**row["duty"]),
            clause=row["clause"],
            source=Source(row["source"]),
            next=Words(**row["next"]),
            draft=row["draft"],
            days=row.get("days", 0),
            since=row.get("from", ""),
        )
        for name, row in tomllib.loads(text).items()
    }


@dataclass(frozen=True, slots=True)
class Position:
    """One thing that is so of a model that runs, or of a filing."""

    state: str
    """Id of a state."""
    subject: str
    """The model as written, or the number."""
    usage: Usage | None = None
    filing: OwnFiling | None = None
    number: str = ""
    details: tuple[str, ...] = field(default=())
    """What was compared, in English."""
    since: date | None = None
    """When the clock began, where one runs."""
    due: Reckoned | None = None

    @property
    def standing(self) -> Standing:
        """What follows from the state."""
        return states()[self.state]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        usage = self.usage
        return {
            "state": self.state,
            "weight": str(self.standing.weight),
            "subject": self.subject,
            "model": usage.model if usage else "",
            "usage_state": str(usage.state) if usage else "",
            "provider": usage.provider if usage else "",
            "host": usage.host if usage else "",
            "route": str(usage.route) if usage else "",
            "place": str(usage.place) if usage else "",
            "number": self.number,
            "entity": self.filing.entity if self.filing else "",
            "product": self.filing.product if self.filing else "",
            "details": list(self.details),
            "since": self.since.isoformat() if self.since else "",
            "due": self.due.day.isoformat() if self.due else "",
            "due_is_exact": self.due.is_exact if self.due else False,
        }
