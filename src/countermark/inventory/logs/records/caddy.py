"""Caddy: access logs, which it writes as JSON.

Source: Caddy's documentation, "How Logging Works".
"""

from __future__ import annotations

from collections.abc import Container, Hashable
from typing import Any

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.records.record import Key, Meaning, Places, Record, Value, first, part, text

NAME = "caddy"
FIELDS = frozenset(["request", "status", "ts", "logger"])


def claims(keys: Container[str]) -> bool:
    """Whether records with these fields are Caddy's."""
    return "request" in keys and "ts" in keys and "status" in keys and "logger" in keys


def key_for(_at: Places) -> Key:
    """What decides: method, host, path and status."""

    def key(record: Any) -> Hashable:
        request = record["request"]
        return request["method"], request["host"], request["uri"], record["status"]

    return key


def when_for(at: Places) -> Value:
    """The time of a record."""
    return first(("ts",), at)


def meaning(record: Record) -> Meaning:
    """What a record means."""
    request = part(record, "request")
    host = text(request, "host")
    exchange = Exchange(
        text(request, "method"), text(request, "uri"), (host,) if host else (), record.get("status")
    )
    return exchanges.called_by(NAME, exchange), exchanges.failure(exchange.status)
