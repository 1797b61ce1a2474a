"""one-api and new-api: rows of their ``channels`` table, each a provider that models are passed on to.

Source: model/channel.go of songquanpeng/one-api and of QuantumNous/new-api. The column with keys is not read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Container
from functools import cache
from importlib.resources import files

import orjson

from countermark.inventory import signatures
from countermark.inventory.logs.records.record import Record, text
from countermark.inventory.logs.tallies import Channel, Tally

NAME = "one-api channels"
FIELDS = frozenset(
    ["id", "type", "name", "status", "base_url", "models", "model_mapping", "auto_ban", "setting",
     "test_model", "channel_info", "config"]
)  # fmt: skip
NEW = ("auto_ban", "setting", "test_model", "channel_info")
"""Columns that only new-api has; its numbers of types are others."""
ENABLED = (1, "1", None, "")
MAX_CHANNELS, MAX_MODELS = 5_000, 2_000


def claims(keys: Container[str]) -> bool:
    """Whether rows with these columns are of such a table."""
    return (
        "models" in keys
        and "type" in keys
        and ("model_mapping" in keys or "base_url" in keys)
        and "name" in keys
    )


def read(record: Record, tally: Tally) -> None:
    """Note one channel."""
    if len(tally.channels) >= MAX_CHANNELS:
        tally.trouble(f"more than {MAX_CHANNELS:,} channels: the others are not read")
        return
    base = text(record, "base_url")
    host = signatures.host_of(base) if base else _host_of_type(record)
    models = (name.strip() for name in text(record, "models").split(","))
    channel = Channel(
        str(record.get("id") or f"row {tally.line}")[:20],
        text(record, "name"),
        host,
        tuple(name for name in models if name)[:MAX_MODELS],
        _mapping(record.get("model_mapping"), tally),
        record.get("status") in ENABLED,
        tally.line,
    )
    tally.channels[channel.id] = channel


def _host_of_type(record: Record) -> str:
    number = str(record.get("type"))
    tables = hosts_of_types()
    if any(column in record for column in NEW):
        return tables["new-api"].get(number, "")
    if "config" in record:
        return tables["one-api"].get(number, "")
    host = tables["new-api"].get(number, "")
    return host if host == tables["one-api"].get(number, "") else ""


@cache
def hosts_of_types() -> dict[str, dict[str, str]]:
    """For each of the two, the number of a type and its host."""
    data = files("countermark.inventory.logs").joinpath("channels.toml").read_text("utf-8")
    return tomllib.loads(data)


def _mapping(value: object, tally: Tally) -> tuple[tuple[str, str], ...]:
    """Model asked for, model sent: JSON in a string."""
    if isinstance(value, str):
        if not value.strip():
            return ()
        try:
            value = orjson.loads(value)
        except ValueError:
            tally.trouble("the mapping of a channel's models is no JSON")
            return ()
    pairs = value.items() if isinstance(value, dict) else ()
    return tuple((asked, sent) for asked, sent in pairs if isinstance(sent, str) and sent != asked)[
        :MAX_MODELS
    ]
