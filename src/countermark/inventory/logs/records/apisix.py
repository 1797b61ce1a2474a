"""APISIX: entries of its log plugins, in the full form or in one of the operator's choice.

Source: apisix/utils/log-util.lua, and the variables of the ai-proxy plugin.
"""

from __future__ import annotations

from collections.abc import Container, Hashable
from typing import Any

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.records.record import (
    Key,
    Meaning,
    Places,
    Record,
    Value,
    fields,
    first,
    part,
    text,
)
from countermark.inventory.logs.tallies import Called

NAME = "apisix"
MODELS = ("llm_model", "request_llm_model")
UPSTREAMS = ("upstream_host", "upstream", "upstream_addr")
PLAIN = (
    "host", "http_host", "upstream_uri", "request_uri", "uri", "status", "request_method", "method",
    "route_name", "service_id", "route_id",
)  # fmt: skip
TIMES = ("start_time", "@timestamp", "time_iso8601", "time_local", "timestamp", "time")
NESTED = ("request", "response", "llm_summary", "llm_request")
FIELDS = frozenset((*MODELS, *UPSTREAMS, *PLAIN, *TIMES, *NESTED))
MARKS = ("llm_model", "request_llm_model", "llm_summary", "apisix_latency")


def claims(keys: Container[str]) -> bool:
    """Whether records with these fields are APISIX's."""
    return any(mark in keys for mark in MARKS) or (
        "request" in keys and "upstream" in keys and "route_id" in keys
    )


def key_for(at: Places) -> Key:
    """What decides: some fields, and in the full form a little of the objects."""
    plain = fields((*MODELS, *UPSTREAMS, *PLAIN), at)
    if not any(name in at for name in NESTED):
        return plain

    def key(record: Any) -> Hashable:
        request, response = record.get("request") or {}, record.get("response") or {}
        headers = request.get("headers") or {}
        asked = request.get("method"), request.get("uri"), headers.get("host") or headers.get("Host")
        return (
            plain(record),
            asked,
            response.get("status"),
            _models(record),
            exchanges.model_in(request.get("body")),
        )

    return key


def when_for(at: Places) -> Value:
    """The time at which the request came in."""
    return first(TIMES, at)


def meaning(record: Record) -> Meaning:
    """What a record means."""
    request = part(record, "request")
    headers = part(request, "headers")
    where = (
        text(record, "upstream_host"),
        text(record, "upstream", "upstream_addr"),
        text(headers, "host", "Host") or text(record, "host", "http_host"),
    )
    exchange = Exchange(
        text(request, "method") or text(record, "request_method", "method") or "POST",
        text(record, "upstream_uri") or text(request, "uri") or text(record, "request_uri", "uri"),
        tuple(each for each in where if each),
        part(record, "response").get("status", record.get("status", 200)),
        text(record, "route_name", "service_id", "route_id"),
    )
    called = exchanges.called_by(NAME, exchange, request.get("body"))
    sent, asked = _models(record)
    if sent or asked:
        called = called or Called(NAME, addresses=exchange.addresses, service=exchange.service)
        called = called._replace(sent=sent or asked, asked=asked if sent and asked != sent else "")
    return called, exchanges.failure(exchange.status)


def _models(record: Record) -> tuple[str, str]:
    """The model that was sent, and the one that was asked for."""
    summary, request = part(record, "llm_summary"), part(record, "llm_request")
    sent = text(record, "llm_model") or text(summary, "model", "llm_model")
    asked = text(record, "request_llm_model") or text(summary, "request_model") or text(request, "model")
    return sent, asked
