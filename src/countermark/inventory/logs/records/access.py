"""Access logs as JSON in a form of the operator's choice: nginx, OpenResty, Apache, and what resembles them."""

from __future__ import annotations

from collections.abc import Set

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.records.record import Record, text
from countermark.inventory.logs.tallies import Tally
from countermark.inventory.logs.times import NEVER, moment

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
FIELDS = frozenset(LINES + METHODS + TARGETS + UPSTREAMS + HOSTS + STATUSES + TIMES + BODIES)


def claims(keys: Set[str]) -> bool:
    """Whether records with these fields are of requests: what was asked, and how it was answered."""
    if not any(status in keys for status in STATUSES):
        return False
    return any(line in keys for line in LINES) or (
        any(method in keys for method in METHODS) and any(target in keys for target in TARGETS)
    )


def read(record: Record, tally: Tally) -> None:
    """Count one request."""
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
    exchanges.count(tally, NAME, exchange, _when(record), body)


def _when(record: Record) -> tuple[float, bool]:
    for key in TIMES:
        if key in record:
            found = moment(record[key])
            if found is not NEVER:
                return found
    return NEVER
