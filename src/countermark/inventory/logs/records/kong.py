"""Kong: entries of its log plugins, with those of the AI plugins.

Source: Kong's log serializer and its AI Gateway audit log reference.
"""

from __future__ import annotations

from collections.abc import Container

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.records.record import Record, part, text
from countermark.inventory.logs.tallies import Called, Tally
from countermark.inventory.logs.times import moment

NAME = "kong"
FIELDS = frozenset(
    ["ai", "request", "response", "service", "route", "started_at", "upstream_uri", "upstream_status"]
)


def claims(keys: Container[str]) -> bool:
    """Whether records with these fields are Kong's."""
    return "request" in keys and "latencies" in keys and ("started_at" in keys or "upstream_uri" in keys)


def read(record: Record, tally: Tally) -> None:
    """Count one request: one call for each AI plugin that made one, else by its path."""
    when = moment(record.get("started_at"))
    service, request = part(record, "service"), part(record, "request")
    status = part(record, "response").get("status", 200)
    name = text(service, "name") or text(part(record, "route"), "name")
    target = text(record, "upstream_uri") or text(request, "uri")
    calls = [each for each in part(record, "ai").values() if isinstance(each, dict) and part(each, "meta")]
    for each in calls:
        meta = part(each, "meta")
        if text(part(each, "cache"), "cache_status").lower() == "hit":
            tally.cached += 1
            continue
        called = Called(
            NAME,
            text(meta, "request_model"),
            "",
            text(meta, "response_model"),
            (),
            text(meta, "provider_name"),
            name,
            f"POST {target.partition('?')[0]}" if target else "",
        )
        tally.call(called, when, exchanges.failure(status))
    if not calls:
        exchange = Exchange(text(request, "method"), target, _addresses(record, service), status, name)
        found = exchanges.called_by(NAME, exchange, request.get("body"))
        if found is None:
            tally.passed += 1
        else:
            tally.call(found, when, exchanges.failure(status))


def _addresses(record: Record, service: Record) -> tuple[str, ...]:
    host, port = text(service, "host"), service.get("port")
    asked = text(part(part(record, "request"), "headers"), "host")
    upstream = f"{host}:{port}" if host and isinstance(port, int) else host
    return tuple(each for each in (upstream, asked) if each)
