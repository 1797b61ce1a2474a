"""The kinds of logs that are read: one list. What a log holds decides, never what its file is called."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeGuard, cast

from countermark.inventory.logs.records import (
    access,
    apisix,
    caddy,
    channels,
    envoy,
    generic,
    har,
    kong,
    litellm,
    one_api,
    opentelemetry,
    traefik,
)
from countermark.inventory.logs.records.record import Key, Places, Record, Several, Single, Value
from countermark.inventory.logs.tallies import MAX_FIELD, Entry, Tally, weight
from countermark.inventory.logs.texts.access import Access
from countermark.inventory.logs.texts.line import Reader
from countermark.inventory.logs.texts.mentions import Mentions
from countermark.inventory.logs.texts.one_api import OneApi
from countermark.inventory.logs.texts.squid import Squid
from countermark.inventory.logs.times import NEVER, Moment

KINDS: tuple[Single | Several, ...] = (
    opentelemetry, litellm, one_api, channels, envoy, kong, apisix, har, caddy, traefik, access, generic,
)  # fmt: skip
"""The one that asks for most comes first."""
TEXTS: tuple[Callable[[Tally], Reader], ...] = (Access, Squid, OneApi, Mentions)
"""The last takes what the others leave."""
WRAPPERS = (
    "_source", "jsonPayload", "textPayload", "MESSAGE", "message", "log", "line", "entries", "items", "data",
    "logs", "observations", "records", "rows", "results", "result",
)  # fmt: skip
"""Fields in which collectors of logs put the line or the record, and answers of servers a list of them."""
COLUMNS = frozenset[str]().union(*(kind.FIELDS for kind in KINDS))
"""Of a table, all columns that something looks at."""
MAX_REMEMBERED, MAX_MEANINGS = 4_096, 50_000


@dataclass(frozen=True, slots=True)
class Wrapper:
    """Records of which only one field matters."""

    field: str


@dataclass(slots=True)
class Plan:
    """How records of one kind with the same fields are read, and what those read so far meant."""

    kind: Single
    key: Key
    when: Value
    raw: object = None
    """The time of the record before, as written."""
    moment: Moment = NEVER
    meanings: dict[Hashable, tuple[Entry | None, int]] = field(default_factory=dict)

    def keep(self, key: Hashable, meaning: tuple[Entry | None, int]) -> None:
        """Remember what such a key means; not for ever, where no two records are alike."""
        if len(self.meanings) >= MAX_MEANINGS:
            self.meanings.clear()
        if weight(key) <= MAX_FIELD:
            self.meanings[key] = meaning


class Formats:
    """How records are read, by the names of their fields: those of one log have few different sets."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Plan | Several | Wrapper | None] = {}

    def of(self, record: Record) -> Plan | Several | Wrapper | None:
        """How a record is read; None where nobody reads it."""
        keys = tuple(record)
        try:
            return self._known[keys]
        except KeyError:
            if len(self._known) >= MAX_REMEMBERED:
                self._known.clear()
            found = self._known[keys] = of_fields(frozenset(keys))
            return found


def of_fields(keys: frozenset[str], at: Places | None = None) -> Plan | Several | Wrapper | None:
    """How records with these fields are read; or rows, of which ``at`` says where each field stands."""
    for kind in KINDS:
        if kind.claims(keys):
            if _is_single(kind):
                places = at or {key: key for key in keys}
                return Plan(kind, kind.key_for(places), kind.when_for(places))
            return cast("Several", kind)
    return next((Wrapper(wrapper) for wrapper in WRAPPERS if wrapper in keys), None)


def _is_single(kind: Single | Several) -> TypeGuard[Single]:
    return hasattr(kind, "meaning")
