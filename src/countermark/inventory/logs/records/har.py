"""Recorded traffic: entries of HAR files, and flows that mitmproxy wrote as JSON.

Source: HTTP Archive 1.2; mitmproxy's flow state.
"""

from __future__ import annotations

from collections.abc import Container, Hashable
from typing import Any

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.records.record import Key, Meaning, Places, Record, Value, part, text

NAME = "har"
FIELDS = frozenset(["request", "response", "startedDateTime", "timestamp_start"])


def claims(keys: Container[str]) -> bool:
    """Whether records with these fields are recorded requests."""
    return "request" in keys and "response" in keys and ("startedDateTime" in keys or "client_conn" in keys)


def key_for(_at: Places) -> Key:
    """What decides: method, URL and status, and the models that the bodies name."""

    def key(record: Any) -> Hashable:
        request, response = record["request"], record["response"]
        method = request["method"]
        if method == "GET":
            return method, request["url"]
        models = exchanges.model_in(_sent(request)), exchanges.model_in(_answer(response))
        return method, request["url"], response["status"], models

    return key


def when_for(_at: Places) -> Value:
    """The time at which the request began."""
    return _when


def _when(record: Record) -> object:
    return (
        record.get("startedDateTime")
        or part(record, "request").get("timestamp_start")
        or record.get("timestamp_start")
    )


def meaning(record: Record) -> Meaning:
    """What a record means."""
    request, response = part(record, "request"), part(record, "response")
    host, port = text(request, "pretty_host", "host"), request.get("port")
    address = f"{host}:{port}" if host and isinstance(port, int) else host
    status = response.get("status", response.get("status_code", 0))
    target = text(request, "url") or text(request, "path")
    exchange = Exchange(text(request, "method"), target, (address,) if address else (), status)
    called = exchanges.called_by(NAME, exchange, _sent(request))
    if called is None:
        return None, 0
    return called._replace(answered=exchanges.model_in(_answer(response))), exchanges.failure(status)


def _sent(request: Record) -> object:
    posted = request.get("postData")
    return posted.get("text") if isinstance(posted, dict) else request.get("content") or request.get("text")


def _answer(response: Record) -> object:
    content = response.get("content")
    return content.get("text") if isinstance(content, dict) else content
