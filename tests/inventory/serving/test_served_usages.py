"""What a command serves, as usages."""

from __future__ import annotations

import shlex

import pytest

from countermark.inventory.serving import served
from countermark.inventory.serving.usages import usages
from countermark.inventory.usage import Place, Route, State, Usage

PLACE = Place("compose.yaml", 3)


def of(line: str, state: State = State.EFFECTIVE) -> list[Usage]:
    return [
        usage for each in served(shlex.split(line)) for usage in usages(each, PLACE, state, service="llm")
    ]


def test_a_model_and_its_adapters() -> None:
    line = (
        "vllm serve Qwen/QwQ-32B --port 8000 --host 10.0.0.1 --lora-modules law=/l/law --revision v1 -q awq"
    )
    model, adapter = of(line)
    assert (model.model, model.host, model.route, model.service) == (
        "Qwen/QwQ-32B",
        "10.0.0.1:8000",
        Route.SELF_HOSTED,
        "llm",
    )
    assert model.provider == "alibaba"
    assert model.why == ("served by vllm", "quantised: awq", "revision v1")
    assert (adapter.model, adapter.why) == ("/l/law", ("an adapter on Qwen/QwQ-32B", "called as law"))


@pytest.mark.parametrize(
    ("line", "conflicts"),
    [
        ("vllm serve Qwen/QwQ-32B --served-model-name gpt-4o", [("gpt-4o", "Qwen/QwQ-32B")]),
        ("vllm serve /models/Qwen2.5-7B-Instruct --served-model-name Qwen2.5-72B-Instruct",
         [("Qwen2.5-72B-Instruct", "/models/Qwen2.5-7B-Instruct")]),
        ("vllm serve Qwen/QwQ-32B --served-model-name chat", []),
        ("vllm serve Qwen/Qwen2.5-7B-Instruct --served-model-name qwen2.5-7b-instruct", []),
        ("vllm serve Qwen/Qwen2.5-7B-Instruct-AWQ --served-model-name Qwen2.5-7B-Instruct", []),
        ("vllm serve $MODEL --served-model-name gpt-4o", []),
    ],
)  # fmt: skip
def test_names_that_lie(line: str, conflicts: list[tuple[str, str]]) -> None:
    (usage,) = of(line)
    assert [(each.says, each.value) for each in usage.conflicts] == conflicts


@pytest.mark.parametrize(
    ("line", "model", "expression", "state"),
    [
        ("vllm serve $MODEL", "", "$MODEL", State.UNRESOLVED),
        ("ollama serve", "", "ollama without a model", State.UNRESOLVED),
        ("ollama create lawyer -f Modelfile", "", "lawyer", State.UNRESOLVED),
        ("ollama pull qwen2.5:7b", "qwen2.5:7b", "", State.EFFECTIVE),
    ],
)
def test_what_is_not_known(line: str, model: str, expression: str, state: State) -> None:
    (usage,) = of(line)
    assert (usage.model, usage.expression, usage.state) == (model, expression, state)


def test_a_state_that_is_given_stays() -> None:
    assert [each.state for each in of("ollama serve", State.OFF)] == [State.OFF]
    assert [each.state for each in of("vllm serve a/b", State.CI)] == [State.CI]


def test_models_that_run_elsewhere() -> None:
    (usage,) = of("ollama run gpt-oss:120b-cloud")
    assert usage.host == "ollama.com"
    assert usage.route is not Route.SELF_HOSTED
    assert "passed on to ollama.com" in usage.why
