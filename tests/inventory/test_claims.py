"""Which names deny each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countermark.inventory.claims import contradict

PAIRS = """
bge-small-zh | BAAI/bge-base-zh-v1.5 | yes
gpt-4o | Qwen/QwQ-32B | yes
gpt-4o-mini | gpt-4o | yes
Qwen2.5-7B-Instruct | Qwen/Qwen2.5-14B-Instruct | yes
Qwen2.5-7B-Instruct | Qwen/Qwen2-7B-Instruct | yes
Qwen2.5-7B-Instruct | /models/Qwen2.5-7B-Instruct | no
Qwen2.5-7B-Instruct | Qwen/Qwen2.5-7B | no
Qwen2.5-7B-Instruct | Qwen/Qwen2.5-7B-Instruct-AWQ | no
qwen2.5 | Qwen/Qwen2.5-7B-Instruct | no
qwen2.5:7b | Qwen2.5-7B-Instruct | no
DeepSeek-R1-Distill-Qwen-7B | Qwen/Qwen2.5-Math-7B | no
chat | Qwen/QwQ-32B | no
default | gpt-4o | no
 | gpt-4o | no
"""


@pytest.mark.parametrize("row", PAIRS.strip("\n").split("\n"))
def test_pairs(row: str) -> None:
    says, value, expected = (part.strip() for part in row.split("|"))
    assert contradict(says, value) is (expected == "yes")
    assert contradict(value, says) is (expected == "yes")


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_names(says: str, value: str) -> None:
    assert contradict(says, value) is contradict(value, says)
    assert not contradict(says, says)
