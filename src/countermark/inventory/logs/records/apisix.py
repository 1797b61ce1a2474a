"""APISIX: entries of its log plugins, in the full form or in one of the operator's choice.

Source: apisix/utils/log-util.lua, and the variables of the ai-proxy plugin.
"""

from __future__ import annotations

from collections.abc import Set

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.records.record import Record, part, text
from countermark.inventory.logs.tallies import Called, Tally
from countermark.inventory.logs.times import moment

NAME = "apisix"
FIELDS = frozenset(
    ["llm_model", "request_llm_model", "llm_summary", "llm_request", "request", "response", "upstream", "route_id",
     "service_id", "start_time", "host", "http_host", "upstream_host", "upstream_addr", "upstream_uri", "request_uri",
     "uri", "status", "request_method", "method", "@timestamp", "time_iso8601", "time_local", "request_type", "route_name"]
)  # fmt: skip
MARKS = ("llm_model", "request_llm_model", "llm_summary", "apisix_latency")


def claims(keys: Set[str]) -> bool:
    """Whether records with these fields are APISIX's."""
    return any(mark in keys for mark in MARKS) or (
        "request" in keys and "upstream" in keys and "route_id" in keys
    )


def read(record: Record, tally: Tally) -> None:
    """Count one request."""
    request = part(record, "request")
    summary = part(record, "llm_summary")
    sent = text(record, "llm_model") or text(summary, "model", "llm_model")
    asked = (
        text(record, "request_llm_model")
        or text(summary, "request_model")
        or text(part(record, "llm_request"), "model")
    )
    exchange = _exchange(record, request)
    when = moment(
        record.get("start_time") or record.get("@timestamp") or text(record, "time_iso8601", "time_local")
    )
    if not sent and not asked:
        exchanges.count(tally, NAME, exchange, when, request.get("body"))
        return
    called = exchanges.called_by(NAME, exchange) or Called(
        NAME, "", "", "", exchange.addresses, "", exchange.service
    )
    sent = sent or asked
    called = called._replace(sent=sent, asked=asked if asked != sent else "")
    tally.call(called, when, exchanges.failure(exchange.status))


def _exchange(record: Record, request: Record) -> Exchange:
    headers = part(request, "headers")
    where = (
        text(record, "upstream_host"),
        text(record, "upstream", "upstream_addr"),
        text(headers, "host", "Host") or text(record, "host", "http_host"),
    )
    return Exchange(
        text(request, "method") or text(record, "request_method", "method") or "POST",
        text(record, "upstream_uri") or text(request, "uri") or text(record, "request_uri", "uri"),
        tuple(each for each in where if each),
        part(record, "response").get("status", record.get("status", 200)),
        text(record, "route_name", "service_id", "route_id"),
    )
