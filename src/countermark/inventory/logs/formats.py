"""The kinds of logs that are read: one list. What a log holds decides, never what its file is called."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Set
from dataclasses import dataclass, field

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
from countermark.inventory.logs.tallies import Entry, Tally
from countermark.inventory.logs.times import NEVER, Moment
from countermark.inventory.logs.texts.access import Access
from countermark.inventory.logs.texts.line import Reader
from countermark.inventory.logs.texts.mentions import Mentions
from countermark.inventory.logs.texts.one_api import OneApi
from countermark.inventory.logs.texts.squid import Squid

SINGLES: tuple[Single, ...] = (litellm, one_api, envoy, apisix, har, caddy, traefik, access, generic)
SEVERAL: tuple[Several, ...] = (opentelemetry, channels, kong)
ORDER = (opentelemetry, litellm, one_api, channels, envoy, kong, apisix, har, caddy, traefik, access, generic)
"""The one that asks for most comes first."""
TEXTS: tuple[Callable[[Tally], Reader], ...] = (Access, Squid, OneApi, Mentions)
"""The last takes what the others leave."""
WRAPPERS = (
    "_source", "jsonPayload", "textPayload", "MESSAGE", "message", "log", "line", "entries", "items", "data", "logs",
    "observations", "records", "rows", "results", "result",
)  # fmt: skip
"""Fields in which collectors of logs put the line or the record, and in which answers of servers put lists of them."""
COLUMNS = frozenset[str]().union(*(kind.FIELDS for kind in ORDER))
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
        self.meanings[key] = meaning


class Formats:
    """Which reader records are for, by the names of their fields; those of one log have few different sets."""

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


def of_fields(keys: Set[str], at: Places | None = None) -> Plan | Several | Wrapper | None:
    """How records with these fields are read; or rows, of which ``at`` says where each field stands."""
    name = next((kind.NAME for kind in ORDER if kind.claims(keys)), None)
    for single in SINGLES:
        if single.NAME == name:
            places = at or {key: key for key in keys}
            return Plan(single, single.key_for(places), single.when_for(places))
    for several in SEVERAL:
        if several.NAME == name:
            return several
    return next((Wrapper(wrapper) for wrapper in WRAPPERS if wrapper in keys), None)
