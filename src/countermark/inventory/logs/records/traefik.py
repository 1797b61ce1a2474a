"""Traefik: access logs as JSON.

Source: Traefik's documentation, "Access Logs", fields of the JSON format.
"""

from __future__ import annotations

from collections.abc import Set

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.records.record import Record, text
from countermark.inventory.logs.tallies import Tally
from countermark.inventory.logs.times import moment

NAME = "traefik"
FIELDS = frozenset(
    ["RequestMethod", "RequestPath", "RequestHost", "ServiceURL", "ServiceAddr", "ServiceName", "RouterName",
     "DownstreamStatus", "StartUTC", "time"]
)  # fmt: skip


def claims(keys: Set[str]) -> bool:
    """Whether records with these fields are Traefik's."""
    return "RequestPath" in keys and ("DownstreamStatus" in keys or "RouterName" in keys)


def read(record: Record, tally: Tally) -> None:
    """Count one request."""
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
    exchanges.count(tally, NAME, exchange, moment(record.get("StartUTC") or record.get("time")))
