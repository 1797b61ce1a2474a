"""Model ids that documents write about."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countermark.inventory.prose import read

TEXT = """# 部署

We call `gpt-4o-mini` by default, and "qwen-max" for long texts; see https://example.com/gpt-4o.html.

| tier | model |
|---|---|
| cheap | deepseek-chat |

    export CHAT_MODEL=glm-4-plus
    docker run vllm/vllm-openai:v0.6.3 --model Qwen/Qwen2.5-7B-Instruct

Cars of the model-3 family, covid-19, utf-8, COVID-19, Python-3.11, and the A4-size do not count.
本服务使用doubao-1-5-pro-32k-250115模型。
"""


def ids(text: str) -> list[tuple[str, int]]:
    return [(loose.text.value, loose.text.line) for loose in read("README.md", text.encode()).loose]


def test_ids_with_their_lines() -> None:
    found = dict(ids(TEXT))
    assert found["gpt-4o-mini"] == 3
    assert found["qwen-max"] == 3
    assert found["deepseek-chat"] == 7
    assert found["glm-4-plus"] == 9
    assert found["Qwen/Qwen2.5-7B-Instruct"] == 10
    assert found["doubao-1-5-pro-32k-250115"] == 13


def test_other_words() -> None:
    assert not set(dict(ids(TEXT))) & {"model-3", "covid-19", "utf-8", "COVID-19", "Python-3.11", "A4-size"}


def test_an_id_comes_once_with_its_first_line() -> None:
    assert ids("`gpt-4o`\n\n`gpt-4o` and gpt-4o\n") == [("gpt-4o", 1)]


def test_the_end_of_a_sentence_is_no_part() -> None:
    assert ids("We use gpt-4o.\n") == [("gpt-4o", 1)]


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    assert read("x.md", data).format == "prose"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["a", "a-", "a1", "a.", "-", "`", "'a", "gpt-4o ", "gpt-4o-", "="])
def test_one_line_of_a_megabyte(piece: str) -> None:
    start = time.perf_counter()
    read("x.md", (piece * (1_000_000 // len(piece))).encode())
    assert time.perf_counter() - start < 15
