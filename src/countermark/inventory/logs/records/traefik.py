"""Traefik: access logs as JSON.

Source: Traefik's documentation, "Access Logs", fields of the JSON format.
"""

from __future__ import annotations

from collections.abc import Container

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.records.record import Key, Meaning, Places, Record, Value, fields, first, text

NAME = "traefik"
DECIDING = (
    "RequestMethod", "RequestPath", "RequestHost", "ServiceURL", "ServiceAddr", "ServiceName", "RouterName",
    "DownstreamStatus",
)  # fmt: skip
TIMES = ("StartUTC", "time")
FIELDS = frozenset((*DECIDING, *TIMES))


def claims(keys: Container[str]) -> bool:
    """Whether records with these fields are Traefik's."""
    return "RequestPath" in keys and ("DownstreamStatus" in keys or "RouterName" in keys)


def key_for(at: Places) -> Key:
    """What decides: some fields as they are."""
    return fields(DECIDING, at)


def when_for(at: Places) -> Value:
    """The time at which the request came in."""
    return first(TIMES, at)


def meaning(record: Record) -> Meaning:
    """What a record means."""
    url = record.get("ServiceURL")
    if isinstance(url, dict):  # as version 2 wrote it
        url = url.get("Host")
    where = (url if isinstance(url, str) else "", text(record, "ServiceAddr"), text(record, "RequestHost"))
    exchange = Exchange(
        text(record, "RequestMethod"),
        text(record, "RequestPath"),
        tuple(each for each in where if each),
        record.get("DownstreamStatus", 200),
        text(record, "ServiceName", "RouterName"),
    )
    return exchanges.called_by(NAME, exchange), exchanges.failure(exchange.status)
