"""Caddy: access logs, which it writes as JSON.

Source: Caddy's documentation, "How Logging Works".
"""

from __future__ import annotations

from collections.abc import Set

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.records.record import Record, part, text
from countermark.inventory.logs.tallies import Tally
from countermark.inventory.logs.times import moment

NAME = "caddy"
FIELDS = frozenset(["request", "status", "ts", "logger"])


def claims(keys: Set[str]) -> bool:
    """Whether records with these fields are Caddy's."""
    return "request" in keys and "ts" in keys and "status" in keys and "logger" in keys


def read(record: Record, tally: Tally) -> None:
    """Count one request."""
    request = part(record, "request")
    exchange = Exchange(
        text(request, "method"), text(request, "uri"), (text(request, "host"),), record.get("status", 200)
    )
    exchanges.count(tally, NAME, exchange, moment(record.get("ts")))
