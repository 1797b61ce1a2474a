"""Envoy and Higress: access logs as JSON.

Source: Envoy's access log operators; Higress's default accessLogFormat and its ai-statistics plugin.
"""

from __future__ import annotations

from collections.abc import Set

import orjson

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.records.record import Record, text
from countermark.inventory.logs.tallies import FALLBACK, Called, Tally
from countermark.inventory.logs.times import moment

NAME = "envoy"
FIELDS = frozenset(
    ["authority", "path", "method", "upstream_cluster", "upstream_host", "response_code", "start_time", "route_name",
     "ai_log", "model", "request_body"]
)  # fmt: skip
MARKS = ("upstream_cluster", "upstream_host", "route_name", "response_flags", "ai_log")


def claims(keys: Set[str]) -> bool:
    """Whether records with these fields are Envoy's."""
    return "ai_log" in keys or ("authority" in keys and any(mark in keys for mark in MARKS))


def read(record: Record, tally: Tally) -> None:
    """Count one request."""
    when = moment(record.get("start_time"))
    told = _told(record.get("ai_log"))
    model = told.get("model") or text(record, "model")
    exchange = Exchange(
        text(record, "method"),
        text(record, "path"),
        addresses(text(record, "upstream_cluster"), text(record, "authority"), text(record, "upstream_host")),
        record.get("response_code", 200),
        text(record, "route_name"),
    )
    if not isinstance(model, str) or model in ("", "unknown", "none", "-"):
        exchanges.count(tally, NAME, exchange, when, record.get("request_body"))
        return
    if told.get("cache_status") == "hit":
        tally.cached += 1
        return
    called = exchanges.called_by(NAME, exchange) or Called(
        NAME, "", "", "", exchange.addresses, "", exchange.service
    )
    form = "higress" if told else NAME
    flags = exchanges.failure(exchange.status) | (FALLBACK if told.get("fallback_from") else 0)
    tally.call(called._replace(form=form, sent=model), when, flags)


def _told(log: object) -> Record:
    """What the plugin wrote: JSON in a string, which may have been cut short."""
    if isinstance(log, dict):
        return log
    if not isinstance(log, str) or len(log) < 3:  # noqa: PLR2004 - "-" and "{}" are nothing
        return {}
    try:
        value = orjson.loads(log)
    except ValueError:
        model = exchanges.model_in(log)
        return {"model": model} if model else {}
    return value if isinstance(value, dict) else {}


def addresses(cluster: str, authority: str, upstream: str) -> tuple[str, ...]:
    """Where a request went: the cluster's host, the authority that was asked for, the address of the endpoint.

    ``outbound|443||api.openai.com`` names a host; ``outbound|443||qwen.dns`` is a name within Higress.
    """
    host = cluster.rpartition("|")[2]
    if host.endswith((".dns", ".static", ".nacos", ".internal")) or "." not in host:
        host = ""
    return tuple(each for each in (host, upstream.removeprefix("tcp://"), authority) if each)
