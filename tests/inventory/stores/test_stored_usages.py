"""Which stored models are in use: those that something serves by name or path."""

from __future__ import annotations

from pathlib import Path

import pytest
from store_samples import gguf_file, hub_cache, ollama_store, safetensors_file, write

from countermark.inventory.serving import Served, served
from countermark.inventory.stores import scan, usages
from countermark.inventory.usage import Kind, Place, Route, State, Usage

CONFIG = {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine with one model in each store."""
    hub_cache(tmp_path / "hub", "Qwen/QwQ-32B", {"config.json": CONFIG})
    weights = gguf_file(tmp_path / "files/qwen2.5-7b-instruct-q4_k_m.gguf", file_type=15)
    ollama_store(tmp_path / "ollama", "registry.ollama.ai/library/llama3.1/latest", weights)
    write(
        tmp_path / "models/Qwen2-7B-Instruct",
        {"config.json": CONFIG, "model.safetensors": safetensors_file()[:40]},
    )
    write(
        tmp_path / "out/checkpoint-9", {"config.json": CONFIG, "adapter_config.json": {"peft_type": "LORA"}}
    )
    return tmp_path


def states(root: Path, *lines: str) -> dict[str, State]:
    starts = [each for line in lines for each in served(line.split())]
    return {each.model or each.expression: each.state for each in usages(scan(root).models, starts)}


STALE = {
    "Qwen/QwQ-32B": State.STALE,
    "qwen2.5-7b-instruct-q4_k_m": State.STALE,
    "llama3.1:latest": State.STALE,
    "Qwen2-7B-Instruct": State.STALE,
    "out/checkpoint-9/config.json": State.UNRESOLVED,
}


@pytest.mark.parametrize(
    ("line", "model"),
    [
        ("vllm serve Qwen/QwQ-32B", "Qwen/QwQ-32B"),
        ("vllm serve qwen/qwq-32b", "Qwen/QwQ-32B"),
        ("ollama run llama3.1", "llama3.1:latest"),
        ("ollama run llama3.1:latest", "llama3.1:latest"),
        ("llama-server -m /elsewhere/qwen2.5-7b-instruct-q4_k_m.gguf", "qwen2.5-7b-instruct-q4_k_m"),
        ("llama-server -m ./qwen2.5-7b-instruct-q4_k_m.gguf", "qwen2.5-7b-instruct-q4_k_m"),
        ("vllm serve /models/Qwen2-7B-Instruct/", "Qwen2-7B-Instruct"),
        ("vllm serve a/b --lora-modules law=/m/Qwen2-7B-Instruct", "Qwen2-7B-Instruct"),
        ("vllm serve a/b --speculative-model Qwen/QwQ-32B", "Qwen/QwQ-32B"),
    ],
)
def test_what_a_command_names_is_effective(root: Path, line: str, model: str) -> None:
    assert states(root, line) == STALE | {model: State.EFFECTIVE}


@pytest.mark.parametrize(
    "line", ["vllm serve Qwen/QwQ-32B-AWQ", "ollama run llama3.1:70b", "vllm serve /m/Qwen2-7B", ""]
)
def test_what_no_command_names_is_stale(root: Path, line: str) -> None:
    assert states(root, line) == STALE


def test_why_something_is_stale(root: Path) -> None:
    found = {each.model: each for each in usages(scan(root).models, [])}
    assert found["Qwen/QwQ-32B"].why[:2] == (
        "on disk, and nothing in what was scanned starts it",
        "only its settings are there, no weights",
    )
    assert {each.route for each in found.values()} == {Route.SELF_HOSTED}


def test_usages_start_models_too(root: Path) -> None:
    place = Place("compose.yaml", 7, what="llm")
    called = Usage("Qwen/QwQ-32B", State.EFFECTIVE, (place,), host="llm:8000", route=Route.SELF_HOSTED)
    (found,) = [each for each in usages(scan(root).models, [called]) if each.model == "Qwen/QwQ-32B"]
    assert found.state is State.EFFECTIVE
    assert found.places[1:] == (place,)
    assert (found.host, found.kind) == ("llm:8000", Kind.CHAT)
    assert "served as Qwen/QwQ-32B by compose.yaml:7" in found.why
    for other in (State.DOCUMENTED, State.CATALOGUE, State.TEST):
        unused = Usage("Qwen/QwQ-32B", other, (place,))
        assert states(root) == {u.model or u.expression: u.state for u in usages(scan(root).models, [unused])}


def test_a_hosted_model_of_that_name_is_another(root: Path) -> None:
    called = Usage(
        "Qwen/QwQ-32B", State.EFFECTIVE, (Place("a.py", 1),), host="api.siliconflow.cn", route=Route.RELAY
    )
    assert {u.model or u.expression: u.state for u in usages(scan(root).models, [called])} == STALE


def test_models_that_run_elsewhere(tmp_path: Path) -> None:
    config = {"remote_host": "https://ollama.com:443", "remote_model": "gpt-oss:120b"}
    ollama_store(tmp_path, "registry.ollama.ai/library/gpt-oss/120b-cloud", None, config)
    (found,) = usages(scan(tmp_path).models, [Served("gpt-oss:120b-cloud", "ollama")])
    assert found.host == "ollama.com"
    assert found.route is not Route.SELF_HOSTED
    assert "only its settings are there, no weights" not in found.why
