"""Any record that names a model and where it was called: exports of Langfuse and Helicone, own logs."""

from __future__ import annotations

from collections.abc import Container
from functools import lru_cache

from countermark.inventory import names
from countermark.inventory.logs import paths
from countermark.inventory.logs.exchanges import authority, failure
from countermark.inventory.logs.records.record import Key, Meaning, Places, Record, Value, fields, first, text
from countermark.inventory.logs.tallies import FAILED, Called

NAME = "json"
MAX_NAME = 300
SENT = (
    "upstream_model", "upstream_model_name", "model", "model_name", "modelName", "model_id", "modelId",
    "request_model", "llm_model", "providedModelName", "gen_ai_request_model",
)  # fmt: skip
ASKED = ("requested_model", "original_model", "model_alias", "origin_model_name")
ANSWERED = ("response_model", "gen_ai_response_model", "responseModel")
ADDRESSES = (
    "api_base", "base_url", "baseUrl", "api_url", "target_url", "upstream_url", "request_url", "request_path",
    "url", "endpoint", "upstream", "upstream_host", "host", "server_address", "uri",
)  # fmt: skip
PROVIDERS = ("provider", "custom_llm_provider", "vendor", "llm_provider", "gen_ai_system", "provider_name")
STATUSES = ("status_code", "response_status", "http_status", "status", "statusCode")
OUTCOMES = ("level", "success")
TIMES = (
    "timestamp", "@timestamp", "time", "ts", "created_at", "createdAt", "startTime", "start_time",
    "request_created_at", "created", "date", "datetime",
)  # fmt: skip
CALLS = (
    "usage", "usageDetails", "prompt_tokens", "completion_tokens", "total_tokens", "input_tokens",
    "output_tokens", "latency", "latency_ms", "choices", "finish_reason", "traceId", "trace_id",
)  # fmt: skip
"""What tells a call from whatever else has a model."""
OPERATIONS = ("operation", "call_type", "task", "type")
SERVICES = ("service", "service_name")
FAILURES = frozenset(("error", "ERROR", "failed", "failure", "fail", "timeout", "false"))
DECIDING = (
    *SENT, *ASKED, *ANSWERED, *ADDRESSES, *PROVIDERS, *STATUSES, *OUTCOMES, *OPERATIONS, *SERVICES
)  # fmt: skip
FIELDS = frozenset((*DECIDING, *TIMES))


def claims(keys: Container[str]) -> bool:
    """Whether records with these fields may tell of calls: a model, and a host or what a call has besides."""
    if not any(key in keys for key in SENT):
        return False
    if any(key in keys for key in (*CALLS, *PROVIDERS)):
        return True
    return any(key in keys for key in ADDRESSES) and any(key in keys for key in (*STATUSES, *TIMES))


def key_for(at: Places) -> Key:
    """What decides: some fields as they are."""
    return fields(DECIDING, at)


def when_for(at: Places) -> Value:
    """The time of a record."""
    return first(TIMES, at)


def meaning(record: Record) -> Meaning:
    """What a record means, if the model or the host is one: ``model`` may be that of a car, too."""
    sent = text(record, *SENT)
    addresses = [address for key in ADDRESSES if (address := text(record, key))]
    if (
        not sent
        or len(sent) > MAX_NAME
        or not (is_model(sent) or any(_is_address(each) for each in addresses))
    ):
        return None, 0
    asked = text(record, *ASKED)
    called = Called(
        NAME,
        sent,
        asked if asked != sent else "",
        text(record, *ANSWERED),
        tuple(host for each in addresses if (host := authority(each))),
        text(record, *PROVIDERS),
        text(record, *SERVICES),
        _operation(record, addresses),
    )
    return called, _flags(record)


@lru_cache(8_192)
def is_model(name: str) -> bool:
    """Whether a name is that of a model."""
    return names.parse(name) is not None or names.parse(name.rpartition("/")[2]) is not None


def _is_address(address: str) -> bool:
    return paths.knows(address) or paths.endpoint(_path(address)) is not None


def _path(address: str) -> str:
    _, slash, path = address.rpartition("://")[2].partition("/")
    return f"{slash}{path}"


def _operation(record: Record, addresses: list[str]) -> str:
    for address in addresses:
        found = paths.endpoint(_path(address))
        if found is not None:
            return f"POST {found.path}"
    return text(record, *OPERATIONS)


def _flags(record: Record) -> int:
    for key in STATUSES:
        value = record.get(key)
        if value is not None and value != "":
            return FAILED if isinstance(value, str) and value in FAILURES else failure(value)
    return FAILED if record.get("success") is False or record.get("level") in ("ERROR", "error") else 0
