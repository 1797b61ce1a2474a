"""Kong: entries of its log plugins, with those of the AI plugins.

Source: Kong's log serializer and its AI Gateway audit log reference.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from functools import lru_cache

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.records.record import Record, part, text
from countermark.inventory.logs.tallies import Called, Tally
from countermark.inventory.logs.times import moment

NAME = "kong"
MODELS = ("request_model", "response_model", "provider_name")
FIELDS = frozenset(
    ["ai", "request", "response", "service", "route", "started_at", "upstream_uri", "upstream_status"]
)


def claims(keys: Container[str]) -> bool:
    """Whether records with these fields are Kong's."""
    return "request" in keys and "latencies" in keys and ("started_at" in keys or "upstream_uri" in keys)


def read(record: Record, tally: Tally) -> None:
    """Count one request: one call for each AI plugin that made one, else by its path."""
    status = part(record, "response").get("status", 200)
    told = tuple(_told(part(record, "ai")))
    if told:
        names = _names(record)
        for models, cached in told:
            if cached:
                tally.cached += 1
            else:
                tally.call(
                    _by_plugin(models, names), moment(record.get("started_at")), exchanges.failure(status)
                )
        return
    request = part(record, "request")
    name, target = _names(record)
    exchange = Exchange(text(request, "method"), target, _addresses(record), status, name)
    called = exchanges.called_by(NAME, exchange, request.get("body"))
    if called is None:
        tally.passed += 1
    else:
        tally.call(called, moment(record.get("started_at")), exchanges.failure(status))


def _told(plugins: Record) -> Iterator[tuple[tuple[str, ...], bool]]:
    """For each plugin that says so: the models, the provider, and whether a cache answered."""
    for plugin in plugins.values():
        meta = plugin.get("meta") if isinstance(plugin, dict) else None
        if isinstance(meta, dict):
            cache = plugin.get("cache")
            hit = isinstance(cache, dict) and text(cache, "cache_status").lower() == "hit"
            yield tuple(text(meta, name) for name in MODELS), hit


@lru_cache(8_192)
def _by_plugin(models: tuple[str, ...], names: tuple[str, str]) -> Called:
    sent, answered, provider = models
    name, target = names
    return Called(
        NAME, sent, "", answered, (), provider, name, f"POST {target.partition('?')[0]}" if target else ""
    )


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
