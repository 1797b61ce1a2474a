"""Whatever a log holds, it is counted or it is said that it was not read."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from log_samples import ISTIO, NGINX, SAMPLES, SQUID, new_api, scanned

from countermark.inventory.logs import detect
from countermark.inventory.logs.formats import COLUMNS
from countermark.inventory.usage import Inventory

GIN = (
    "[GIN] 2026/01/15 - 09:01:12 | r2 | 200 |   1.5s |        10.0.0.7 |    POST /v1/chat/completions\n"
    "[INFO] 2026/01/15 - 09:01:13 | r3 | record consume log: userId=1, channelId=4, modelName=qwen-plus\n"
)
TABLE = (
    ",".join(new_api())
    + "\n"
    + ",".join(str(value) for value in new_api(other="", content="").values())
    + "\n"
)
DUMP = (
    "-- MySQL dump 10.13\nCREATE TABLE `logs` (`id` int, `type` int, `model_name` text, `token_name` text);\n"
    "INSERT INTO `logs` VALUES (1,2,'gpt-4o','a'),(2,2,'glm\\'4','b');\n"
    "COPY public.logs (id, type, model_name, token_name) FROM stdin;\n3\t2\tqwen-plus\tx\n\\.\n"
)
SEEDS = [text.encode() for text in (*SAMPLES.values(), NGINX, SQUID, ISTIO, GIN, TABLE, DUMP)]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(
        ["gpt-4o", "POST", "/v1/chat/completions", "https://api.openai.com", "2025-01-15T08:41:10Z", "{",
         '{"model":"x"}']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["method", "uri", "url", "host", "headers", "meta", "proxy", "attributes", "key",
        "value", "status",
                         "spans", "model", "text", "content", "additional_headers", "use_channel"]), inner,
                         max_size=4),
    max_leaves=6,
)  # fmt: skip
RECORDS = st.dictionaries(st.sampled_from(sorted(COLUMNS | {"message", "log", "data", "latencies", "ts",
"logger"})), VALUES,
                          min_size=3, max_size=14)  # fmt: skip
PIECES = st.binary(max_size=6) | st.sampled_from(
    [b'"', b"'", b"\\", b"{", b"}", b"[", b"]", b",", b"\n", b"\0", b"),(", b"POST ", b"null", b"1e999"]
)
MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(data: bytes) -> Inventory:
    """Read it, and hold what must hold of any result."""
    found = scanned(data)
    for usage in found.usages:
        assert usage.model or usage.expression
        assert usage.places
        assert "\n" not in usage.model + usage.expression + usage.host + usage.service
        assert len(usage.model) <= 200
    counted = sum(usage.requests for usage in found.usages)
    assert counted == found.counts["calls"]
    return found


@MANY
@given(st.binary(max_size=600))
def test_any_bytes(data: bytes) -> None:
    check(data)
    detect(data)


@pytest.mark.parametrize("seed", SEEDS, ids=[*SAMPLES, "nginx", "squid", "istio", "gin", "table", "dump"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 30), PIECES), min_size=1, max_size=4))
def test_a_damaged_log(seed: bytes, edits: list[tuple[int, int, bytes]]) -> None:
    data = seed * 2
    for at, length, new in edits:
        start = at % len(data)
        data = data[:start] + new + data[start + length :] or b"x"
    check(data)
    detect(data)


@MANY
@given(st.lists(RECORDS, min_size=1, max_size=4))
def test_any_records(records: list[dict[str, Any]]) -> None:
    lines = (
        "".join(json.dumps(record) + "\n" for record in records)
        .replace("NaN", "null")
        .replace("Infinity", "1")
    )
    found = check(lines.encode())
    assert found.counts["lines"] == len(records)
    check(json.dumps(records).replace("NaN", "null").replace("Infinity", "1").encode())


@MANY
@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=30), max_size=4),
    st.integers(),
)
def test_rows_of_a_dump_come_out_as_they_went_in(texts: list[str], seed: int) -> None:
    chosen = random.Random(seed)  # noqa: S311 - the same for the same seed
    made = [chosen.choice([*texts, "gpt-4o", "'),('", "a,b", "\\"]) for _ in range(40)]
    escapes = str.maketrans({"\\": "\\\\", "'": "\\'", '"': '\\"', "\r": "\\r"})
    plain = ",".join(f"({n},2,'gpt-4o','{text.translate(escapes)}')" for n, text in enumerate(made))
    head = DUMP[: DUMP.index("INSERT")]
    found = scanned(f"{head}INSERT INTO `logs` VALUES {plain};\n")  # noqa: S608 - read, and not by a database
    assert [(usage.model, usage.requests) for usage in found.usages] == [("gpt-4o", 40)]
    assert found.unread == []
