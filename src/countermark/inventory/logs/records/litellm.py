"""LiteLLM: the standard logging payload, and the table of spend logs.

Source: LiteLLM's StandardLoggingPayload specification and its LiteLLM_SpendLogs table.
"""

from __future__ import annotations

from collections.abc import Hashable, Set

from countermark.inventory.logs.records.record import Key, Meaning, Places, Record, Value, fields, first, part
from countermark.inventory.logs.tallies import CACHED, FAILED, FALLBACK, Called

NAME = "litellm"
DECIDING = ("call_type", "model", "model_group", "api_base", "custom_llm_provider", "status", "cache_hit")
FIELDS = frozenset((*DECIDING, "startTime", "metadata", "hidden_params", "response"))
HIT = (True, "True", "true")
HEADERS = ("x-litellm-attempted-fallbacks", "x_litellm_attempted_fallbacks")


def claims(keys: Set[str]) -> bool:
    """Whether records with these fields are LiteLLM's."""
    return "call_type" in keys and "model" in keys and ("api_base" in keys or "custom_llm_provider" in keys)


def key_for(at: Places) -> Key:
    """What decides: most fields as they are, and a little of those that hold objects."""
    plain = fields(DECIDING, at)
    nested = fields(("metadata", "hidden_params", "response"), at)

    def key(record: Any) -> Hashable:
        metadata, hidden, response = nested(record)
        headers = hidden["additional_headers"] if hidden else None
        fallbacks = [headers.get(name) for name in HEADERS] if headers else []
        return plain(record), _noted(metadata), any(fallbacks), hidden and hidden["api_base"], response and response["model"]

    def of_row(record: Any) -> Hashable:
        return plain(record), _noted(record[at["metadata"]]) if "metadata" in at else None

    return key if all(name in at for name in ("metadata", "hidden_params", "response")) else of_row


def when_for(at: Places) -> Value:
    """The time at which the call began."""
    return first(("startTime",), at)


def meaning(record: Record) -> Meaning:
    """What a record means."""
    if record.get("cache_hit") in HIT:
        return None, CACHED
    sent = record.get("model") or ""
    group = record.get("model_group") or ""
    called = Called(
        NAME,
        sent,
        group if group != sent else "",
        _answered(record),
        (record.get("api_base") or _hidden_base(record),),
        record.get("custom_llm_provider") or "",
        "",
        record.get("call_type") or "",
    )
    return called, _flags(record)


def _answered(record: Record) -> str:
    response = record.get("response")
    return response.get("model") or "" if type(response) is dict else ""


def _hidden_base(record: Record) -> str:
    hidden = record.get("hidden_params")
    return hidden.get("api_base") or "" if type(hidden) is dict else ""


def _flags(record: Record) -> int:
    status = record.get("status") or _noted(record.get("metadata"))
    flags = FAILED if status == "failure" else 0
    headers = part(record, "hidden_params").get("additional_headers")
    if headers and type(headers) is dict:
        for name in HEADERS:
            if headers.get(name) not in (None, 0, "0"):
                return flags | FALLBACK
    return flags


def _noted(metadata: object) -> object:
    """The status, where an older version has it among the notes."""
    if isinstance(metadata, dict):
        return metadata.get("status")
    if isinstance(metadata, str) and ('"status": "failure"' in metadata or '"status":"failure"' in metadata):
        return "failure"
    return None
