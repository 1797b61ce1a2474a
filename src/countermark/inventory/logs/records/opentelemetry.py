"""OpenTelemetry: spans with ``gen_ai`` attributes, as OTLP JSON and as the flat records that stores export.

Source: OTLP/JSON; OpenTelemetry semantic conventions for generative AI, and their older names.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from countermark.inventory.logs.records.record import Record, part
from countermark.inventory.logs.tallies import FAILED, Called, Tally
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
FIELDS = frozenset(
    [REQUEST, RESPONSE, "gen_ai.system", "gen_ai.provider.name", "gen_ai.operation.name", "server.address", "server.port",
     "service.name", "url.full", "gen_ai.openai.api_base", "error.type", "ServiceName", "StatusCode", "status", *NESTS,
     *SPANS, *STARTS]
)  # fmt: skip
INNER = frozenset(("invoke_agent", "create_agent", "execute_tool", "invoke_workflow"))
"""Operations around calls, whose spans repeat the model of the calls within them."""
FAILURES = frozenset((2, "2", "STATUS_CODE_ERROR", "ERROR", "Error", "error"))
DEEPEST = 4
"""Resource, scope, span; nobody nests deeper."""


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
        called = _called(span, resource)
        if called is not None:
            tally.call(called, _when(span), FAILED if _failed(span) else 0)
    tally.passed += tally.calls == before


def _spans(value: Record, resource: Record, depth: int) -> Iterator[tuple[Record, Record]]:
    """Every span that is of a model, with the attributes of what it is a span of."""
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
    """Attributes as a dictionary: OTLP writes a list of keys with typed values, Jaeger one of tags."""
    if isinstance(attributes, dict):
        return attributes
    if not isinstance(attributes, list):
        return {}
    try:
        return {each["key"]: each["value"] for each in attributes}
    except (KeyError, TypeError):
        fine = [each for each in attributes if isinstance(each, dict) and isinstance(each.get("key"), str)]
        return {each["key"]: each.get("value") for each in fine}


def _said(attributes: Record, *keys: str) -> str:
    """The first of several attributes that says something, whatever its type is called."""
    for key in keys:
        value = attributes.get(key)
        if type(value) is dict:
            value = next(iter(value.values()), None)
        if value and isinstance(value, (str, int)):
            return str(value)
    return ""


def _attributes(span: Record) -> Record:
    if REQUEST in span or RESPONSE in span:
        return span
    return next((flat for nest in NESTS if nest in span and (flat := _flat(span[nest]))), {})


def _called(span: Record, resource: Record) -> Called | None:
    attributes = _attributes(span)
    if REQUEST not in attributes and RESPONSE not in attributes:
        return None
    operation = _said(attributes, "gen_ai.operation.name")
    if operation in INNER:
        return None
    address, port = _said(attributes, "server.address"), _said(attributes, "server.port")
    url = _said(attributes, "url.full", "gen_ai.openai.api_base", "http.url")
    service = _said(resource, "service.name") or _said(attributes, "service.name") or _said(span, "ServiceName")
    return Called(
        NAME,
        _said(attributes, REQUEST),
        "",
        _said(attributes, RESPONSE),
        tuple(each for each in (f"{address}:{port}" if port and address else address, url) if each),
        _said(attributes, "gen_ai.provider.name", "gen_ai.system"),
        service,
        operation,
    )


def _when(span: Record) -> Moment:
    return next((found for key in STARTS if key in span and (found := moment(span[key]))[0]), NEVER)


def _failed(span: Record) -> bool:
    status = span.get("status", span.get("StatusCode"))
    if isinstance(status, dict):
        status = status.get("code", status.get("status_code"))
    return (isinstance(status, (int, str)) and status in FAILURES) or "error.type" in _attributes(span)
