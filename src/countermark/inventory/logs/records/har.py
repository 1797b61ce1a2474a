"""Recorded traffic: entries of HAR files, and flows that mitmproxy wrote as JSON.

Source: HTTP Archive 1.2; mitmproxy's flow state.
"""

from __future__ import annotations

from collections.abc import Set

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.records.record import Record, part, text
from countermark.inventory.logs.tallies import Tally
from countermark.inventory.logs.times import moment

NAME = "har"
FIELDS = frozenset(["request", "response", "startedDateTime", "timestamp_start"])


def claims(keys: Set[str]) -> bool:
    """Whether records with these fields are recorded requests."""
    return "request" in keys and "response" in keys and ("startedDateTime" in keys or "client_conn" in keys)


def read(record: Record, tally: Tally) -> None:
    """Count one request."""
    request, response = part(record, "request"), part(record, "response")
    target = text(request, "url") or text(request, "path")
    host = text(request, "pretty_host", "host")
    port = request.get("port")
    address = f"{host}:{port}" if host and isinstance(port, int) else host
    status = response.get("status", response.get("status_code", 0))
    exchange = Exchange(text(request, "method"), target, (address,) if address else (), status)
    sent = part(request, "postData").get("text") or request.get("content") or request.get("text")
    called = exchanges.called_by(NAME, exchange, sent)
    if called is None:
        tally.passed += 1
        return
    answer = part(response, "content").get("text") or response.get("content")
    called = called._replace(answered=exchanges.model_in(answer))
    when = moment(
        record.get("startedDateTime") or request.get("timestamp_start") or record.get("timestamp_start")
    )
    tally.call(called, when, exchanges.failure(status))
