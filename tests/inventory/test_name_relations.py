"""How two model ids relate, and what a derivative was made from."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.model_names.families import families
from countermark.inventory.names import ModelName, derivative, parse, same

MADE = st.builds(
    "{}{}{}".format,
    st.sampled_from(sorted({head for each in families() for head in each.heads})),
    st.sampled_from(["", "-", ":", "_", "."]),
    st.from_regex(r"[a-z0-9._:-]{0,30}", fullmatch=True),
)


def read(text: str) -> ModelName:
    found = parse(text)
    assert found is not None, text
    return found


@pytest.mark.parametrize(
    ("text", "base", "how"),
    [
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "qwen-7b", "distillation"),
        ("DeepSeek-R1-0528-Qwen3-8B", "qwen3-8b", "distillation"),
        ("chinese-alpaca-2-7b", "llama-2", "fine-tune"),
        ("ft:gpt-3.5-turbo-0125:acme::abc", "gpt-3.5-turbo-0125", "fine-tune"),
        ("Qwen/Qwen2.5-7B-Instruct-AWQ", "qwen2.5-7b-instruct", "quantisation"),
        ("Llama-3.2-3B-Instruct-Q4_K_M.gguf", "llama-3.2-3b-instruct", "quantisation"),
        ("acme/qwen2.5-7b-medical", "qwen2.5-7b", "fine-tune"),
        ("acme/Phoenix-Llama-3-8B", "llama3-8b", "fine-tune"),
        ("Skywork/Skywork-o1-Open-Llama-3.1-8B", "llama-3.1-8b", "fine-tune"),
        ("acme/qwen3-8b-medical-AWQ", "qwen3-8b", "fine-tune"),
        ("huihui-ai/Qwen3-8B-abliterated", "qwen3-8b", "fine-tune"),
        ("acme/mistral-7b-merged", "mistral-7b", "merge"),
        ("lmsys/vicuna-7b-v1.5", "llama-2", "fine-tune"),
    ],
)
def test_what_a_derivative_was_made_from(text: str, base: str, how: str) -> None:
    found = derivative(read(text))
    assert found is not None
    assert found.how == how
    assert found.base.startswith(base)


@pytest.mark.parametrize(
    "text",
    ["qwen2.5-7b-instruct", "gpt-4o", "meta-llama/Llama-3-8B-Instruct", "Qwen3-8B-FP16", "glm-4-9b-chat"],
)
def test_the_makers_own_tuning_is_no_derivative(text: str) -> None:
    assert derivative(read(text)) is None


@pytest.mark.parametrize(
    ("a", "b", "relation"),
    [
        ("Qwen/Qwen2.5-7B-Instruct", "qwen2.5:7b-instruct", "same"),
        ("deepseek/deepseek-chat", "deepseek-chat", "same"),
        ("claude-3-5-sonnet-20241022", "anthropic.claude-3-5-sonnet-20241022-v2:0", "same"),
        ("gpt-35-turbo", "gpt-3.5-turbo", "same"),
        ("meta-llama/Meta-Llama-3.1-8B-Instruct", "llama3.1:8b-instruct", "same"),
        ("my-own-model", "MY-OWN-MODEL", "same"),
        ("gpt-4o", "gpt-4o-2024-08-06", "alias"),
        ("claude-3-5-sonnet-20241022", "anthropic/claude-3.5-sonnet", "alias"),
        ("hunyuan-turbos-latest", "hunyuan-turbos-20250313", "alias"),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-08-06", "snapshot"),
        ("gpt-4", "gpt-4o", "version"),
        ("deepseek-v3", "deepseek-v3.1", "version"),
        ("qwen2.5-3b", "qwen3.5-2b", "version"),
        ("Qwen/Qwen2.5-7B-Instruct-AWQ", "qwen2.5-7b-instruct", "quantisation"),
        ("qwen2.5-7b", "qwen2.5-7b-instruct", "derivative"),
        ("DeepSeek-R1-Distill-Qwen-7B", "Qwen2.5-7B", "derivative"),
        ("ft:gpt-3.5-turbo-0125:acme::abc", "gpt-3.5-turbo-0125", "derivative"),
        ("qwen-plus", "qwen-max", "different"),
        ("bge-small-zh-v1.5", "BAAI/bge-base-zh-v1.5", "different"),
        ("qwen-max", "gpt-4o", "different"),
        ("bge-small", "something-else", "different"),
        ("qwen2.5-7b", "qwen2.5-14b", "different"),
        ("acme/qwen2.5-7b-medical", "acme/qwen2.5-7b-legal", "different"),
    ],
)
def test_how_two_names_relate(a: str, b: str, relation: str) -> None:
    assert same(a, b) == relation
    assert same(b, a) == relation


@settings(max_examples=200)
@given(MADE, MADE)
def test_a_relation_is_the_same_from_both_sides(a: str, b: str) -> None:
    assert same(a, b) == same(b, a)
