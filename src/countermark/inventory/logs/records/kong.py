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
    when, flags = (
        moment(record.get("started_at")),
        exchanges.failure(part(record, "response").get("status", 200)),
    )
    told = False
    for plugin in part(record, "ai").values():
        meta = plugin.get("meta") if isinstance(plugin, dict) else None
        if isinstance(meta, dict):
            told = True
            if text(part(plugin, "cache"), "cache_status").lower() == "hit":
                tally.cached += 1
            else:
                tally.call(_by_plugin(meta, record), when, flags)
    if told:
        return
    request = part(record, "request")
    name, target = _names(record)
    exchange = Exchange(text(request, "method"), target, _addresses(record), 200, name)
    called = exchanges.called_by(NAME, exchange, request.get("body"))
    if called is None:
        tally.passed += 1
    else:
        tally.call(called, when, flags)


def _by_plugin(meta: Record, record: Record) -> Called:
    name, target = _names(record)
    sent, answered = meta.get("request_model") or "", meta.get("response_model") or ""
    request = f"POST {target.partition('?')[0]}" if target else ""
    return Called(NAME, sent, "", answered, (), meta.get("provider_name") or "", name, request)


def _names(record: Record) -> tuple[str, str]:
    """The service, or the route; and the path that was asked for."""
    name = text(part(record, "service"), "name") or text(part(record, "route"), "name")
    return name, text(record, "upstream_uri") or text(part(record, "request"), "uri")


def _addresses(record: Record) -> tuple[str, ...]:
    service = part(record, "service")
    host, port = text(service, "host"), service.get("port")
    asked = text(part(part(record, "request"), "headers"), "host")
    upstream = f"{host}:{port}" if host and isinstance(port, int) else host
    return tuple(each for each in (upstream, asked) if each)
