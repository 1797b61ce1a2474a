"""LiteLLM: the standard logging payload, and the table of spend logs.

Source: LiteLLM's StandardLoggingPayload specification and its LiteLLM_SpendLogs table.
"""

from __future__ import annotations

from collections.abc import Set

from countermark.inventory.logs.records.record import Record, part
from countermark.inventory.logs.tallies import FAILED, FALLBACK, Called, Tally
from countermark.inventory.logs.times import moment

NAME = "litellm"
FIELDS = frozenset(
    ["call_type", "model", "model_group", "api_base", "custom_llm_provider", "startTime", "status", "metadata",
     "cache_hit", "hidden_params", "response"]
)  # fmt: skip
HIT = (True, "True", "true")
HEADERS = ("x-litellm-attempted-fallbacks", "x_litellm_attempted_fallbacks")


def claims(keys: Set[str]) -> bool:
    """Whether records with these fields are LiteLLM's."""
    return "call_type" in keys and "model" in keys and ("api_base" in keys or "custom_llm_provider" in keys)


def read(record: Record, tally: Tally) -> None:
    """Count one call."""
    if record.get("cache_hit") in HIT:
        tally.cached += 1
        return
    sent = record.get("model") or ""
    group = record.get("model_group") or ""
    response = record.get("response")
    hidden = part(record, "hidden_params")
    called = Called(
        NAME,
        sent,
        group if group != sent else "",
        response.get("model") or "" if isinstance(response, dict) else "",
        (record.get("api_base") or hidden.get("api_base") or "",),
        record.get("custom_llm_provider") or "",
        "",
        record.get("call_type") or "",
    )
    tally.call(called, moment(record.get("startTime")), _flags(record, hidden))


def _flags(record: Record, hidden: Record) -> int:
    status = record.get("status")
    if not status:
        status = _noted(record.get("metadata"))
    flags = FAILED if status == "failure" else 0
    headers = hidden.get("additional_headers")
    if (
        headers
        and isinstance(headers, dict)
        and any(headers.get(name) not in (None, 0, "0") for name in HEADERS)
    ):
        flags |= FALLBACK
    return flags


def _noted(metadata: object) -> object:
    """The status, where an older version has it among the notes."""
    if isinstance(metadata, dict):
        return metadata.get("status")
    if isinstance(metadata, str) and ('"status": "failure"' in metadata or '"status":"failure"' in metadata):
        return "failure"
    return None
