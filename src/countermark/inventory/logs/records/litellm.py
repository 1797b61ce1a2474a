"""LiteLLM: the standard logging payload, and the table of spend logs.

Source: LiteLLM's StandardLoggingPayload specification and its LiteLLM_SpendLogs table.
"""

from __future__ import annotations

import re
from collections.abc import Container, Hashable
from typing import Any

from countermark.inventory.logs.exchanges import authority
from countermark.inventory.logs.records.record import Key, Meaning, Places, Record, Value, fields, first, text
from countermark.inventory.logs.tallies import CACHED, FAILED, FALLBACK, Called

NAME = "litellm"
DECIDING = ("call_type", "model", "model_group", "api_base", "custom_llm_provider", "status", "cache_hit")
NESTED = ("metadata", "hidden_params", "response")
FIELDS = frozenset((*DECIDING, *NESTED, "startTime"))
FAILURE = re.compile(r'"status""?:\s*"?"failure"')
"""In notes as JSON, whose quotes may be doubled as CSV has them."""
HIT = (True, "True", "true")
HEADERS = ("x-litellm-attempted-fallbacks", "x_litellm_attempted_fallbacks")


def claims(keys: Container[str]) -> bool:
    """Whether records with these fields are LiteLLM's."""
    return "call_type" in keys and "model" in keys and ("api_base" in keys or "custom_llm_provider" in keys)


def key_for(at: Places) -> Key:
    """What decides: most fields as they are, and a little of those that hold objects."""
    plain = fields(DECIDING, at)
    metadata, hidden, response = (first((name,), at) for name in NESTED)

    def key(record: Any) -> Hashable:
        kept = hidden(record)
        return (
            plain(record),
            _noted(metadata(record)),
            _base(kept),
            _fell_back(kept),
            _answered(response(record)),
        )

    return key


def when_for(at: Places) -> Value:
    """The time at which the call began."""
    return first(("startTime",), at)


def meaning(record: Record) -> Meaning:
    """What a record means."""
    if record.get("cache_hit") in HIT:
        return None, CACHED
    sent = record.get("model") or ""
    group = record.get("model_group") or ""
    hidden = record.get("hidden_params")
    called = Called(
        NAME,
        sent,
        group if group != sent else "",
        _answered(record.get("response")),
        (authority(text(record, "api_base") or _base(hidden)),),
        record.get("custom_llm_provider") or "",
        "",
        record.get("call_type") or "",
    )
    status = record.get("status") or _noted(record.get("metadata"))
    return called, (FAILED if status == "failure" else 0) | (FALLBACK if _fell_back(hidden) else 0)


def _answered(response: object) -> str:
    return text(response, "model") if isinstance(response, dict) else ""


def _base(hidden: object) -> str:
    return text(hidden, "api_base") if isinstance(hidden, dict) else ""


def _fell_back(hidden: object) -> bool:
    """Whether other models had failed before."""
    headers = hidden.get("additional_headers") if isinstance(hidden, dict) else None
    if not isinstance(headers, dict):
        return False
    return any(headers.get(name) not in (None, 0, "0") for name in HEADERS if name in headers)


def _noted(metadata: object) -> object:
    """The status, where an older version has it among the notes."""
    if isinstance(metadata, dict):
        return metadata.get("status")
    if isinstance(metadata, str) and "failure" in metadata and FAILURE.search(metadata):
        return "failure"
    return None
