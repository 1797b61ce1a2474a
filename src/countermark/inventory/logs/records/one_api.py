"""one-api and new-api: rows of their ``logs`` table.

Source: model/log.go of songquanpeng/one-api and of QuantumNous/new-api.
"""

from __future__ import annotations

import re
from collections.abc import Container, Hashable
from typing import Any

import orjson

from countermark.inventory.logs.records.record import (
    Key,
    Meaning,
    Places,
    Record,
    Value,
    fields,
    first,
    text,
)
from countermark.inventory.logs.tallies import FAILED, FALLBACK, Called

NAME = "one-api"
DECIDING = ("model_name", "type", "group", "channel", "channel_id", "channel_name")
FIELDS = frozenset((*DECIDING, "token_name", "created_at", "other", "quota"))
MARKS = ("token_name", "channel", "channel_id", "quota")
CONSUMED, ERROR = ("2", 2, None, ""), ("5", 5)
"""Types of rows; the others tell of accounts. An export without types is of calls."""
NOTES = ('"upstream_model_name"', '"request_path"', '"use_channel"')
"""What matters in the column ``other``: JSON, but not parsed whole, as its texts hold no bare quotes."""
NOTE = re.compile(r'"\w+"+:\s*(?:"+([^"\\]*+(?:\\.[^"\\]*+)*+)"|\[([^\]]*+)\])')
"""One of them; the quotes may be doubled, as CSV has them."""


def claims(keys: Container[str]) -> bool:
    """Whether rows with these columns are of such a table."""
    return "model_name" in keys and any(mark in keys for mark in MARKS)


def key_for(at: Places) -> Key:
    """What decides: some columns, and what the notes in the column ``other`` tell."""
    plain = fields(DECIDING, at)
    if "other" not in at:
        return plain
    other = at["other"]

    def key(record: Any) -> Hashable:
        return plain(record), notes(record[other] or "")

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
    upstream, request, retried = told(record.get("other"))
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


def notes(other: str) -> tuple[str, ...]:
    """The notes that matter, each as it is written; empty where there is none."""
    found = []
    for name in NOTES:
        at = other.find(name)
        note = NOTE.match(other, at) if at >= 0 else None
        found.append(note[note.lastindex or 0] if note else "")
    return tuple(found)


def told(other: object) -> tuple[str, str, int]:
    """The model that was sent, the path, and whether other channels had failed before."""
    if isinstance(other, dict):
        admin = other.get("admin_info")
        channels = admin.get("use_channel") if isinstance(admin, dict) else None
        retried = FALLBACK if isinstance(channels, list) and len(channels) > 1 else 0
        return text(other, "upstream_model_name"), text(other, "request_path"), retried
    upstream, path, used = notes(other) if isinstance(other, str) else ("", "", "")
    return _plain(upstream), _plain(path), FALLBACK if "," in used else 0


def _plain(said: str) -> str:
    """A text of JSON without its escapes."""
    if "\\" not in said:
        return said
    try:
        return str(orjson.loads(f'"{said}"'))
    except ValueError:
        return said
