"""The kinds of logs that are read: one list. What a log holds decides, never what its file is called."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass

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
from countermark.inventory.logs.records.record import Reader, Record
from countermark.inventory.logs.tallies import Tally
from countermark.inventory.logs.texts.access import Access
from countermark.inventory.logs.texts.line import Reader as LineReader
from countermark.inventory.logs.texts.mentions import Mentions
from countermark.inventory.logs.texts.one_api import OneApi
from countermark.inventory.logs.texts.squid import Squid

RECORDS: tuple[Reader, ...] = (
    opentelemetry, litellm, one_api, channels, envoy, kong, apisix, har, caddy, traefik, access, generic,
)  # fmt: skip
"""The one that asks for most comes first."""
TEXTS: tuple[tuple[str, Callable[[Tally], LineReader]], ...] = (
    ("access", Access), ("squid", Squid), ("one-api", OneApi), ("mentions", Mentions),
)  # fmt: skip
"""The last takes what the others leave."""
WRAPPERS = (
    "_source", "jsonPayload", "textPayload", "MESSAGE", "message", "log", "line", "entries", "items", "data", "logs",
    "observations", "records", "rows", "results", "result",
)  # fmt: skip
"""Fields in which collectors of logs put the line or the record, and in which answers of servers put lists of them."""
COLUMNS = frozenset[str]().union(*(reader.FIELDS for reader in RECORDS))
"""Of a table, all columns that some reader looks at."""
MAX_REMEMBERED = 4_096


@dataclass(frozen=True, slots=True)
class Wrapper:
    """Records of which only one field matters."""

    field: str


class Formats:
    """Which reader records are for, by the names of their fields; those of one log have few different sets."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Reader | Wrapper | None] = {}

    def of(self, record: Record) -> Reader | Wrapper | None:
        """The reader for a record; None where there is none."""
        keys = tuple(record)
        try:
            return self._known[keys]
        except KeyError:
            if len(self._known) >= MAX_REMEMBERED:
                self._known.clear()
            found = self._known[keys] = of_fields(frozenset(keys))
            return found


def of_fields(keys: Set[str]) -> Reader | Wrapper | None:
    """The reader for records with these fields."""
    for reader in RECORDS:
        if reader.claims(keys):
            return reader
    return next((Wrapper(field) for field in WRAPPERS if field in keys), None)
