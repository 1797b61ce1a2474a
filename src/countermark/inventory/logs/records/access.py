"""Access logs as JSON in a form of the operator's choice: nginx, OpenResty, Apache and the like."""

from __future__ import annotations

from collections.abc import Container, Hashable
from typing import Any

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.records.record import Key, Meaning, Places, Record, Value, fields, first, text

NAME = "access"
LINES = ("request", "request_line")
METHODS = ("request_method", "method", "http_method", "verb", "requestMethod")
TARGETS = ("request_uri", "uri", "path", "request_path", "url", "http_path", "requestUrl", "upstream_uri")
UPSTREAMS = (
    "proxy_host",
    "upstream_host",
    "upstream_name",
    "upstream_addr",
    "upstream",
    "upstream_address",
    "backend",
)
HOSTS = ("host", "http_host", "server_name", "domain", "vhost", "authority", "hostname")
STATUSES = ("status", "response_code", "status_code", "http_status", "response_status", "upstream_status")
TIMES = (
    "time_iso8601",
    "@timestamp",
    "timestamp",
    "time",
    "time_local",
    "msec",
    "ts",
    "start_time",
    "datetime",
    "date",
)
BODIES = ("request_body", "req_body", "body")
DECIDING = (*LINES, *METHODS, *TARGETS, *UPSTREAMS, *HOSTS, *STATUSES)
FIELDS = frozenset((*DECIDING, *TIMES, *BODIES))


def claims(keys: Container[str]) -> bool:
    """Whether records with these fields are of requests: what was asked, and how it was answered."""
    if not any(status in keys for status in STATUSES):
        return False
    return any(line in keys for line in LINES) or (
        any(method in keys for method in METHODS) and any(target in keys for target in TARGETS)
    )


def key_for(at: Places) -> Key:
    """What decides: some fields as they are, and the model that a body names."""
    plain = fields(DECIDING, at)
    if not any(name in at for name in BODIES):
        return plain
    body = first(BODIES, at)

    def key(record: Any) -> Hashable:
        return plain(record), exchanges.model_in(body(record))

    return key


def when_for(at: Places) -> Value:
    """The time of a record."""
    return first(TIMES, at)


def meaning(record: Record) -> Meaning:
    """What a record means."""
    line = exchanges.request_line(text(record, *LINES))
    method, target = line or (text(record, *METHODS), text(record, *TARGETS))
    upstreams = [value for key in UPSTREAMS if (value := text(record, key))]
    exchange = Exchange(
        method,
        target,
        (*(each.split(", ")[-1] for each in upstreams), *filter(None, [text(record, *HOSTS)])),
        next((record[key] for key in STATUSES if key in record), 200),
    )
    body = next((record[key] for key in BODIES if key in record), None)
    return exchanges.called_by(NAME, exchange, body), exchanges.failure(exchange.status)
