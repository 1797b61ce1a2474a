"""one-api and new-api: rows of their ``logs`` table.

Source: model/log.go of songquanpeng/one-api and of QuantumNous/new-api.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Set

import orjson

from countermark.inventory.logs.records.record import Key, Meaning, Places, Record, Value, fields, first
from countermark.inventory.logs.tallies import FAILED, FALLBACK, Called

NAME = "one-api"
DECIDING = ("model_name", "type", "group", "channel", "channel_id", "channel_name")
FIELDS = frozenset((*DECIDING, "token_name", "created_at", "other", "quota"))
MARKS = ("token_name", "channel", "channel_id", "quota")
CONSUMED, ERROR = ("2", 2, None, ""), ("5", 5)
"""Types of rows; the others tell of accounts. An export without types is of calls."""
TOLD = ("upstream_model_name", "request_path", '"use_channel"')
RETRIED = re.compile(r'"use_channel":\s*\[[^\]]*,')


def claims(keys: Set[str]) -> bool:
    """Whether rows with these columns are of such a table."""
    return "model_name" in keys and any(mark in keys for mark in MARKS)


def key_for(at: Places) -> Key:
    """What decides: some columns, and what the notes in the column ``other`` tell."""
    plain = fields(DECIDING, at)
    if "other" not in at:
        return plain

    def key(record: Record) -> Hashable:
        return plain(record), _told(record["other"])

    return key


def when_for(at: Places) -> Value:
    """The time of a row."""
    return first(("created_at",), at)


def meaning(record: Record) -> Meaning:
    """What a row means."""
    kind = record.get("type")
    if kind not in CONSUMED and kind not in ERROR:
        return None, 0
    asked = record.get("model_name") or ""
    upstream, request, retried = _told(record.get("other"))
    channel = record.get("channel") or record.get("channel_id") or ""
    called = Called(
        NAME,
        upstream or asked,
        asked if upstream and upstream != asked else "",
        "",
        (),
        record.get("channel_name") or "",
        record.get("group") or "",
        f"POST {request.partition('?')[0]}" if request else "",
        channel if isinstance(channel, str) else str(channel)[:20],
    )
    return called, (FAILED if kind in ERROR else 0) | retried


def _told(other: object) -> tuple[str, str, int]:
    """The model that was sent, the path, and whether other channels had failed before."""
    if isinstance(other, str):
        if not other or not any(word in other for word in TOLD):
            return "", "", 0
        retried = FALLBACK if RETRIED.search(other) else 0
        if TOLD[0] not in other and TOLD[1] not in other:
            return "", "", retried
        try:
            other = orjson.loads(other)
        except ValueError:
            return "", "", retried
    else:
        retried = 0
    if not isinstance(other, dict):
        return "", "", retried
    upstream, path = other.get("upstream_model_name"), other.get("request_path")
    return upstream if isinstance(upstream, str) else "", path if isinstance(path, str) else "", retried
