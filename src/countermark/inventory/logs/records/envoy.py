"""Envoy and Higress: access logs as JSON.

Source: Envoy's access log operators; Higress's default accessLogFormat and its ai-statistics plugin.
"""

from __future__ import annotations

from collections.abc import Container, Hashable
from functools import lru_cache
from typing import Any

import orjson

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.records.record import Key, Meaning, Places, Record, Value, fields, first, text
from countermark.inventory.logs.tallies import CACHED, FALLBACK, Called

NAME = "envoy"
DECIDING = (
    "authority",
    "path",
    "method",
    "upstream_cluster",
    "upstream_host",
    "response_code",
    "route_name",
    "model",
)
FIELDS = frozenset((*DECIDING, "start_time", "ai_log", "request_body"))
MARKS = ("upstream_cluster", "upstream_host", "route_name", "response_flags", "ai_log")
NO_MODEL = ("", "unknown", "none", "-")
ALIASES = (".dns", ".static", ".nacos", ".internal")
"""Ends of names that only mean something within Higress."""
SHORTEST = 3
"""Of what the plugin writes: ``-`` and ``{}`` are nothing."""


def claims(keys: Container[str]) -> bool:
    """Whether records with these fields are Envoy's."""
    return "ai_log" in keys or ("authority" in keys and any(mark in keys for mark in MARKS))


def key_for(at: Places) -> Key:
    """What decides: some fields, and what the AI plugin says."""
    plain = fields(DECIDING, at)
    if "ai_log" not in at and "request_body" not in at:
        return plain
    log, body = first(("ai_log",), at), first(("request_body",), at)

    def key(record: Any) -> Hashable:
        told = _told(log(record))
        sent = exchanges.model_in(body(record))
        return plain(record), sent, told.get("model"), told.get("fallback_from"), told.get("cache_status")

    return key


def when_for(at: Places) -> Value:
    """The time at which the request came in."""
    return first(("start_time",), at)


def meaning(record: Record) -> Meaning:
    """What a record means."""
    told = _told(record.get("ai_log"))
    model = told.get("model") or text(record, "model")
    exchange = Exchange(
        text(record, "method"),
        text(record, "path"),
        addresses(text(record, "upstream_cluster"), text(record, "authority"), text(record, "upstream_host")),
        record.get("response_code", 200),
        text(record, "route_name"),
    )
    flags = exchanges.failure(exchange.status)
    called = exchanges.called_by(NAME, exchange, record.get("request_body"))
    if not isinstance(model, str) or model in NO_MODEL:
        return called, flags
    if told.get("cache_status") == "hit":
        return None, CACHED
    called = called or Called(NAME, addresses=exchange.addresses, service=exchange.service)
    flags |= FALLBACK if told.get("fallback_from") else 0
    return called._replace(form="higress" if told else NAME, sent=model), flags


def _told(log: object) -> Record:
    """What the plugin wrote: JSON in a string, which may have been cut short."""
    if isinstance(log, dict):
        return log
    if not isinstance(log, str) or len(log) < SHORTEST:
        return {}
    try:
        value = orjson.loads(log)
    except ValueError:
        model = exchanges.model_in(log)
        return {"model": model} if model else {}
    return value if isinstance(value, dict) else {}


@lru_cache(8_192)
def addresses(cluster: str, authority: str, upstream: str) -> tuple[str, ...]:
    """Where a request went: the cluster's host, the endpoint's address, the authority that was asked for.

    ``outbound|443||api.openai.com`` names a host; ``outbound|443||qwen.dns`` is a name within Higress.
    """
    host = cluster.rpartition("|")[2]
    if "." not in host or host.endswith(ALIASES):
        host = ""
    return tuple(each for each in (host, upstream.removeprefix("tcp://"), authority) if each)
