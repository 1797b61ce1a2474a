"""one-api and new-api: rows of their ``logs`` table.

Source: model/log.go of songquanpeng/one-api and of QuantumNous/new-api.
"""

from __future__ import annotations

import re
from collections.abc import Set

import orjson

from countermark.inventory.logs.records.record import Record
from countermark.inventory.logs.tallies import FAILED, FALLBACK, Called, Tally
from countermark.inventory.logs.times import moment

NAME = "one-api"
FIELDS = frozenset(
    ["model_name", "token_name", "channel", "channel_id", "channel_name", "created_at", "type", "group", "other",
     "quota", "prompt_tokens"]
)  # fmt: skip
MARKS = ("token_name", "channel", "channel_id", "quota")
CONSUMED, ERROR = ("2", 2, None, ""), ("5", 5)
"""Types of rows; the others tell of accounts. An export without types is of calls."""
RETRIED = re.compile(r'"use_channel":\s*\[[^\]]*,')


def claims(keys: Set[str]) -> bool:
    """Whether rows with these columns are of such a table."""
    return "model_name" in keys and any(mark in keys for mark in MARKS)


def read(record: Record, tally: Tally) -> None:
    """Count one row."""
    kind = record.get("type")
    if kind not in CONSUMED and kind not in ERROR:
        tally.passed += 1
        return
    name = record.get("model_name") or ""
    flags = FAILED if kind in ERROR else 0
    sent, request = name, ""
    other = record.get("other")
    if other:
        sent, request, retried = _told(other, name)
        flags |= retried
    channel = record.get("channel") or record.get("channel_id") or ""
    called = Called(
        NAME,
        sent,
        name if sent != name else "",
        "",
        (),
        record.get("channel_name") or "",
        record.get("group") or "",
        request,
        channel if type(channel) is str else str(channel)[:20],
    )
    tally.call(called, moment(record.get("created_at")), flags)


def _told(other: object, name: str) -> tuple[str, str, int]:
    """The model that was sent, the path, and whether other channels had failed before."""
    if isinstance(other, str):
        mapped = "upstream_model_name" in other
        if not mapped and "request_path" not in other and "use_channel" not in other:
            return name, "", 0
        retried = FALLBACK if RETRIED.search(other) else 0
        try:
            value = orjson.loads(other)
        except ValueError:
            return name, "", retried
    else:
        value, retried = other, 0
    if not isinstance(value, dict):
        return name, "", retried
    path = value.get("request_path")
    request = f"POST {path.partition('?')[0]}" if isinstance(path, str) else ""
    return value.get("upstream_model_name") or name, request, retried
