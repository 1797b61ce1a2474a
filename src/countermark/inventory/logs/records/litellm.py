"""LiteLLM: the standard logging payload, and the table of spend logs.

Source: LiteLLM's StandardLoggingPayload specification and its LiteLLM_SpendLogs table.
"""

from __future__ import annotations

from collections.abc import Hashable, Set

from countermark.inventory.logs.records.record import Key, Meaning, Record, Value, fields, first, part
from countermark.inventory.logs.tallies import CACHED, FAILED, FALLBACK, Called

NAME = "litellm"
DECIDING = ("call_type", "model", "model_group", "api_base", "custom_llm_provider", "status", "cache_hit")
FIELDS = frozenset((*DECIDING, "startTime", "metadata", "hidden_params", "response"))
HIT = (True, "True", "true")
HEADERS = ("x-litellm-attempted-fallbacks", "x_litellm_attempted_fallbacks")


def claims(keys: Set[str]) -> bool:
    """Whether records with these fields are LiteLLM's."""
    return "call_type" in keys and "model" in keys and ("api_base" in keys or "custom_llm_provider" in keys)


def key_for(keys: Set[str]) -> Key:
    """What decides: most fields as they are, and a little of those that hold objects."""
    plain = fields(DECIDING, keys)

    def key(record: Record) -> Hashable:
        return plain(record), _flags(record), _hidden_base(record), _answered(record)

    return key


def when_for(keys: Set[str]) -> Value:
    """The time at which the call began."""
    return first(("startTime",), keys)


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
