"""OpenTelemetry: spans with ``gen_ai`` attributes, as OTLP JSON and as the flat records that stores export.

Source: OTLP/JSON; OpenTelemetry semantic conventions for generative AI, and their older names.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from functools import lru_cache

from countermark.inventory.logs.exchanges import authority
from countermark.inventory.logs.records.record import MAX_TEXT, Record, part
from countermark.inventory.logs.tallies import FAILED, ODD, Called, Tally
from countermark.inventory.logs.times import NEVER, Moment, moment

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
DECIDING = (
    REQUEST, RESPONSE, "gen_ai.operation.name", "server.address", "server.port", "gen_ai.provider.name",
    "gen_ai.system", "url.full", "http.url", "gen_ai.openai.api_base",
)  # fmt: skip
ATTRIBUTES = frozenset((*DECIDING, "service.name", "error.type"))
FIELDS = ATTRIBUTES | {"ServiceName", "StatusCode", "status", *NESTS, *SPANS, *STARTS}
INNER = frozenset(("invoke_agent", "create_agent", "execute_tool", "invoke_workflow"))
"""Operations around calls, whose spans repeat the model of the calls within them."""
FAILURES = frozenset((2, "2", "STATUS_CODE_ERROR", "ERROR", "Error", "error"))
DEEPEST = 4
"""Resource, scope, span; nobody nests deeper."""


def claims(keys: Container[str]) -> bool:
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
        attributes = _attributes(span)
        if REQUEST in attributes or RESPONSE in attributes:
            values = tuple(map(attributes.get, DECIDING))
            try:
                called = _called(values, _service(span, attributes, resource))
            except TypeError:  # a list or an object stands where a name belongs
                called = None
                tally.trouble(ODD)
            if called is not None:
                tally.call(called, _when(span), FAILED if _failed(span, attributes) else 0)
    tally.passed += tally.calls == before


def _spans(value: Record, resource: Record, depth: int) -> Iterator[tuple[Record, Record]]:
    """Every span with the attributes of what it is a span of."""
    if "resource" in value:
        resource = _flat(part(value, "resource").get("attributes"))
    inner = False
    for key in SPANS:
        if key in value and isinstance(value[key], list):
            inner = True
            for each in value[key]:
                if isinstance(each, dict) and depth < DEEPEST:
                    yield from _spans(each, resource, depth + 1)
    if not inner:
        yield value, resource


def _flat(attributes: object) -> Record:
    """Those attributes that are read, as a dictionary: OTLP writes a list of typed values, Jaeger of tags."""
    if isinstance(attributes, dict):
        return attributes
    found: Record = {}
    for each in attributes if isinstance(attributes, list) else ():
        try:
            key = each["key"]
            if key in ATTRIBUTES:
                value = each["value"]
                value = next(iter(value.values())) if type(value) is dict else value
                if not isinstance(value, str) or len(value) <= MAX_TEXT:
                    found[key] = value
        except (KeyError, TypeError, StopIteration):
            continue
    return found


def _attributes(span: Record) -> Record:
    if REQUEST in span or RESPONSE in span:
        return span
    for nest in NESTS:
        if nest in span:
            return _flat(span[nest])
    return {}


def _service(span: Record, attributes: Record, resource: Record) -> object:
    return resource.get("service.name") or attributes.get("service.name") or span.get("ServiceName")


@lru_cache(8_192)
def _called(values: tuple[object, ...], service: object) -> Called | None:
    """What the attributes say, in the order of ``DECIDING``; None for what is around calls."""
    texts = [
        value if isinstance(value, str) else str(value) if isinstance(value, int) else "" for value in values
    ]
    sent, answered, operation, address, port, *rest = texts
    provider, system, *urls = rest
    if operation in INNER:
        return None
    where = (f"{address}:{port}" if address and port else address, *map(authority, urls))
    name = service if isinstance(service, str) else ""
    return Called(NAME, sent, "", answered, tuple(filter(None, where)), provider or system, name, operation)


def _when(span: Record) -> Moment:
    for key in STARTS:
        if key in span:
            found = moment(span[key])
            if found[0]:
                return found
    return NEVER


def _failed(span: Record, attributes: Record) -> bool:
    status = span.get("status", span.get("StatusCode"))
    if isinstance(status, dict):
        status = status.get("code", status.get("status_code"))
    return (isinstance(status, (int, str)) and status in FAILURES) or "error.type" in attributes
