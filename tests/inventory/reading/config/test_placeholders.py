"""What stands for a value, in every way in which files write it."""

from __future__ import annotations

import time

import pytest
from config_samples import written
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.reading.config import placeholders


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gpt-4o", "gpt-4o"),
        ("${LLM_MODEL}", "${LLM_MODEL}"),
        ("${LLM_MODEL:-qwen-plus}", "${LLM_MODEL:-qwen-plus}"),
        ("${LLM_MODEL:qwen:7b}", "${LLM_MODEL:-qwen:7b}"),
        ("${llm.model:gpt-4o}", "<llm.model:-gpt-4o>"),
        ("${llm.model:${LLM_MODEL:gpt-4o}}", "<llm.model:-${LLM_MODEL:-gpt-4o}>"),
        ("http://${HOST:vllm}:${PORT:8000}/v1", "http://${HOST:-vllm}:${PORT:-8000}/v1"),
        ("$LLM_MODEL", "${LLM_MODEL}"),
        ("costs $5", "costs $5"),
        ("os.environ/AZURE_MODEL", "${AZURE_MODEL}"),
        ("env:LLM_MODEL", "${LLM_MODEL}"),
        ("{env:LLM_MODEL}", "${LLM_MODEL}"),
        ("${env:LLM_MODEL}", "${LLM_MODEL}"),
        ("${env:LLM_MODEL, 'gpt-4o'}", "${LLM_MODEL:-gpt-4o}"),
        ("${env:LLM_MODEL:-gpt-4o}", "${LLM_MODEL:-gpt-4o}"),
        ("${oc.env:LLM_MODEL,gpt-4o}", "${LLM_MODEL:-gpt-4o}"),
        ("%(ENV_LLM_MODEL)s", "${LLM_MODEL}"),
        ("%env(string:LLM_MODEL)%", "${LLM_MODEL}"),
        ("${{ vars.MODEL || 'gpt-4o' }}", "${MODEL:-gpt-4o}"),
        ("${{ secrets.KEY }}", "${KEY}"),
        ("{{ llm_model | default('gpt-4o') }}", "<llm_model:-gpt-4o>"),
        ("{{ lookup('env', 'LLM_MODEL') }}", "${LLM_MODEL}"),
        ("{{ env_var('LLM_MODEL', 'gpt-4o') }}", "${LLM_MODEL:-gpt-4o}"),
        ('<%= ENV.fetch("LLM_MODEL", "gpt-4o") %>', "${LLM_MODEL:-gpt-4o}"),
        ("<%= ENV['LLM_MODEL'] %>", "${LLM_MODEL}"),
        ("${a b}", "?"),
        ("${", "${"),
        ("{{ a b c }}", "?"),
        ("", ""),
    ],
)
def test_values_of_configuration_files(text: str, expected: str) -> None:
    assert written(placeholders.value(text, 1)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${X-d}", "${X:-d}"),
        ("${X:-${Y:-z}}", "${X:-${Y:-z}}"),
        ("${X:?must be set}", "${X}"),
        ("${X:=d}", "${X:-d}"),
        ("${X:+set}", "?"),
        ("${lower:-d}", "${lower:-d}"),
        ("$X-$Y", "${X}-${Y}"),
        ("a$$b", "a$b"),
        ("$$X", "$X"),
        ('${X:-"a b"}', "${X:-a b}"),
        ("{{ not_here }}", "{{ not_here }}"),
    ],
)
def test_values_where_a_shell_or_compose_puts_variables_in(text: str, expected: str) -> None:
    assert written(placeholders.interpolated(text, 1)) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("--model=$(MODEL)", "--model=${MODEL}"), ("$$(X)", "$(X)"), ("${X}", "${X}")]
)
def test_values_in_a_pod(text: str, expected: str) -> None:
    assert written(placeholders.of_pod(text, 1)) == expected


@pytest.mark.parametrize("sign", ["${", "{{", "%(", "$", "${a:", "${{", "{env:", "}"])
def test_many_signs_end_soon(sign: str) -> None:
    start = time.process_time()
    placeholders.value(sign * 50_000, 1)
    placeholders.interpolated(sign * 50_000, 1)
    assert time.process_time() - start < 10


@given(st.text(st.sampled_from("${}():-?+=aX.%'\"|, \n") | st.characters(codec="utf-8"), max_size=60))
@settings(deadline=None, max_examples=300)
def test_any_text_stands_for_something(text: str) -> None:
    for reader in (placeholders.value, placeholders.interpolated, placeholders.of_pod):
        assert isinstance(written(reader(text, 1)), str)
