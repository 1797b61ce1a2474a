"""OpenTelemetry: spans with ``gen_ai`` attributes, as OTLP JSON and as the flat records that stores export.

Source: OTLP/JSON; OpenTelemetry semantic conventions for generative AI, and their older names.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any

from countermark.inventory.logs.records.record import Record, part, text
from countermark.inventory.logs.tallies import FAILED, Called, Tally
from countermark.inventory.logs.times import moment

NAME = "opentelemetry"
REQUEST, RESPONSE = "gen_ai.request.model", "gen_ai.response.model"
NESTS = ("attributes", "SpanAttributes", "span_attributes", "Attributes", "tags", "labels")
SPANS = ("resourceSpans", "resource_spans", "scopeSpans", "spans")
STARTS = (
    "startTimeUnixNano",
    "start_time_unix_nano",
    "startTime",
    "start_time",
    "Timestamp",
    "timestamp",
    "@timestamp",
)
FIELDS = frozenset(
    [REQUEST, RESPONSE, "gen_ai.system", "gen_ai.provider.name", "gen_ai.operation.name", "server.address", "server.port",
     "service.name", "url.full", "gen_ai.openai.api_base", "error.type", "ServiceName", "StatusCode", "status", *NESTS,
     *SPANS, *STARTS]
)  # fmt: skip
INNER = frozenset(("invoke_agent", "create_agent", "execute_tool", "invoke_workflow"))
"""Operations around calls, whose spans repeat the model of the calls within them."""
FAILURES = frozenset((2, "2", "STATUS_CODE_ERROR", "ERROR", "Error", "error"))
DEFAULT_PORTS = ("", "443", "80")


def claims(keys: Set[str]) -> bool:
    """Whether records with these fields are spans."""
    return (
        any(key in keys for key in SPANS[:3])
        or REQUEST in keys
        or RESPONSE in keys
        or ("spans" in keys and "processes" in keys)
        or (any(nest in keys for nest in NESTS) and any(key in keys for key in STARTS))
    )


def read(record: Record, tally: Tally) -> None:
    """Count the calls among the spans of a record."""
    before = tally.calls
    for span, resource in _spans(record, {}, 0):
        _count(span, resource, tally)
    tally.passed += tally.calls == before


def _spans(value: Record, resource: Record, depth: int) -> Iterator[tuple[Record, Record]]:
    """Every span with the attributes of what it is of."""
    own = _flat(part(value, "resource").get("attributes")) or resource
    inner = [each for key in SPANS if isinstance(value.get(key), list) for each in value[key]]
    if not inner:
        yield value, own
        return
    for each in inner:
        if isinstance(each, dict) and depth < 4:  # noqa: PLR2004 - resource, scope, span
            yield from _spans(each, own, depth + 1)


def _flat(attributes: object) -> Record:
    """Attributes as a dictionary: OTLP writes a list of keys with typed values, Jaeger one of tags."""
    if isinstance(attributes, dict):
        return attributes
    found: Record = {}
    for each in attributes if isinstance(attributes, list) else ():
        if isinstance(each, dict) and isinstance(each.get("key"), str):
            value: Any = each.get("value")
            found[each["key"]] = next(iter(value.values()), None) if isinstance(value, dict) else value
    return found


def _count(span: Record, resource: Record, tally: Tally) -> None:
    attributes = span
    if REQUEST not in span and RESPONSE not in span:
        attributes = next((flat for nest in NESTS if (flat := _flat(span.get(nest)))), {})
    sent, answered = text(attributes, REQUEST), text(attributes, RESPONSE)
    operation = text(attributes, "gen_ai.operation.name")
    if not (sent or answered) or operation in INNER:
        return
    port = str(attributes.get("server.port") or "")
    address = text(attributes, "server.address")
    called = Called(
        NAME,
        sent,
        "",
        answered,
        (address if port in DEFAULT_PORTS or not address else f"{address}:{port}",
         text(attributes, "url.full", "gen_ai.openai.api_base", "http.url")),
        text(attributes, "gen_ai.provider.name", "gen_ai.system"),
        text(resource, "service.name") or text(attributes, "service.name") or text(span, "ServiceName"),
        operation,
    )  # fmt: skip
    when = next((found for key in STARTS if (found := moment(span.get(key)))[0]), moment(None))
    tally.call(called, when, FAILED if _failed(span, attributes) else 0)


def _failed(span: Record, attributes: Record) -> bool:
    status = span.get("status", span.get("StatusCode"))
    if isinstance(status, dict):
        status = status.get("code", status.get("status_code"))
    return (isinstance(status, (int, str)) and status in FAILURES) or bool(text(attributes, "error.type"))
