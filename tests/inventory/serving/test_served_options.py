"""What a command line says of the model that it serves: names, addresses, adapters, kinds."""

from __future__ import annotations

import shlex

import pytest

from countermark.inventory.serving import Served, served
from countermark.inventory.usage import Kind


def test_everything_that_is_said() -> None:
    line = (
        "vllm serve /models/Qwen2.5-7B-Instruct --served-model-name gpt-4o chat --host 10.0.0.7 --port 8001 "
        '--lora-modules law=/lora/law \'{"name": "med", "path": "/lora/med"}\' --quantization awq '
        '--revision v1 --speculative-config \'{"model": "Qwen/Qwen2.5-0.5B", "num_speculative_tokens": 5}\''
    )
    assert served(shlex.split(line)) == [
        Served(
            model="/models/Qwen2.5-7B-Instruct",
            engine="vllm",
            served_name="gpt-4o",
            aliases=("chat",),
            kind=Kind.CHAT,
            host="10.0.0.7:8001",
            port=8001,
            adapters=(("law", "/lora/law"), ("med", "/lora/med")),
            quantisation="awq",
            draft="Qwen/Qwen2.5-0.5B",
            revision="v1",
        )
    ]


def test_a_line_that_lost_its_quotes() -> None:
    line = 'vllm serve a/b --speculative-config {"model": "c/d", "num_speculative_tokens": 5} --port 1'
    assert served(line.split(" "))[0].draft == "c/d"


@pytest.mark.parametrize(
    ("line", "adapters"),
    [
        ("python -m sglang.launch_server --model-path a/b --lora-paths law=/l/a med=/l/b",
         [("law", "/l/a"), ("med", "/l/b")]),
        ("text-generation-launcher --model-id a/b --lora-adapters org/x,law=/l/a",
         [("", "org/x"), ("law", "/l/a")]),
        ("llama-server -m a.gguf --lora x.gguf", [("", "x.gguf")]),
        ("llama-server -m a.gguf --lora-scaled y.gguf 0.5", [("", "y.gguf")]),
        ("xinference launch --model-name q --lora-modules law /l/a", [("law", "/l/a")]),
        ("swift deploy --model a/b --adapters out/ckpt-9", [("", "out/ckpt-9")]),
    ],
)  # fmt: skip
def test_adapters(line: str, adapters: list[tuple[str, str]]) -> None:
    assert list(served(shlex.split(line))[0].adapters) == adapters


@pytest.mark.parametrize(
    ("line", "host", "port"),
    [
        ("vllm serve a/b", "", 8000),
        ("vllm serve a/b --host 0.0.0.0 --port 9000", "", 9000),
        ("vllm serve a/b --host 127.0.0.1", "127.0.0.1:8000", 8000),
        ("vllm serve a/b --host :: --port 1", "", 1),
        ("vllm serve a/b --host ::1", "[::1]:8000", 8000),
        ("vllm serve a/b --host $HOST --port ${PORT}", "", 8000),
        ("OLLAMA_HOST=127.0.0.1:9999 ollama serve", "127.0.0.1:9999", 9999),
        ("OLLAMA_HOST=0.0.0.0 ollama serve", "", 11434),
        ("OLLAMA_HOST=http://10.0.0.1:80 ollama serve", "10.0.0.1:80", 80),
        ("xinference launch -e http://x:9997 --model-name a", "x:9997", 9997),
        ("xinference-local -H 0.0.0.0 -p 9990", "", 9990),
        ("lmdeploy serve api_server a/b --server-name 0.0.0.0 --server-port 5", "", 5),
    ],
)
def test_where_it_listens(line: str, host: str, port: int) -> None:
    (each,) = served(shlex.split(line))
    assert (each.host, each.port) == (host, port)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("vllm serve Qwen/Qwen2.5-7B-Instruct", Kind.CHAT),
        ("vllm serve Qwen/Qwen2.5-7B-Instruct --task embed", Kind.EMBEDDING),
        ("vllm serve BAAI/bge-reranker-v2-m3 --task score", Kind.RERANK),
        ("text-embeddings-router --model-id /data/emb", Kind.EMBEDDING),
        ("text-embeddings-router --model-id BAAI/bge-reranker-large", Kind.RERANK),
        ("llama-server -m x.gguf --embeddings", Kind.EMBEDDING),
        ("llama-server -m x.gguf --embeddings --reranking", Kind.RERANK),
        ("xinference launch --model-name my --model-type image", Kind.IMAGE),
        ("whisper-server -m m.bin", Kind.SPEECH),
        ("vllm serve acme/unheard-of", Kind.UNKNOWN),
    ],
)
def test_kinds(line: str, kind: Kind) -> None:
    assert served(shlex.split(line))[0].kind is kind


def test_models_of_ollama_that_run_elsewhere() -> None:
    assert served(["ollama", "run", "gpt-oss:120b-cloud"])[0].remote == "ollama.com"
    assert served(["ollama", "run", "gpt-oss:20b"])[0].remote == ""


def test_a_name_that_ollama_gives() -> None:
    assert served(["ollama", "create", "lawyer", "-f", "Modelfile"]) == [
        Served("", "ollama", served_name="lawyer", port=11434)
    ]


def test_keys_are_never_taken_for_models() -> None:
    for line in ("vllm serve --api-key sk-000 Qwen/QwQ-32B", "vllm serve Qwen/QwQ-32B --api-key sk-000"):
        assert "sk-000" not in repr(served(shlex.split(line)))
    assert "hf_000" not in repr(served(["huggingface-cli", "download", "--token", "hf_000", "a/b"]))
