"""Model servers in what the tools of other machines printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countermark.inventory.processes import from_listing, is_listing

FOLDER = Path(__file__).parent / "listings"
PS_EF, PS_AUX, DOCKER, NVIDIA, ASCEND = (
    (FOLDER / f"{name}.txt").read_text("utf-8")
    for name in ("ps_ef", "ps_aux", "docker_ps", "nvidia_smi", "npu_smi")
)


def brief(text: str) -> list[tuple[str, str, str]]:
    return [
        (str(each.state), each.model or each.expression, each.service) for each in from_listing(text).usages
    ]


class TestListings:
    """Tables and JSON."""

    def test_ps(self) -> None:
        assert brief(PS_EF) == [
            ("effective", "Qwen/QwQ-32B", "vllm:8000"),
            ("effective", "Qwen/Qwen3-8B", "sglang:30000"),
        ]
        assert brief(PS_AUX) == [
            ("effective", "/m/qwen2.5-7b-q4.gguf", "llama.cpp:8080"),
            ("unresolved", "ollama without a model", "ollama:11434"),
        ]

    def test_places(self) -> None:
        (first, _) = from_listing(PS_EF, "ps.txt").usages
        assert (str(first.place), first.place.what) == ("ps.txt:4", "vllm, process 4242")

    def test_docker_ps(self) -> None:
        found = from_listing(DOCKER)
        assert brief(DOCKER)[0] == ("effective", "Qwen/QwQ-32B", "llm")
        assert ("off", "ollama without a model", "ollama") in brief(DOCKER)
        assert [each.why for each in found.unread] == ["1 command lines are cut: list them with --no-trunc"]

    def test_accelerators(self) -> None:
        found = from_listing(NVIDIA + ASCEND + "\n" + PS_EF)
        models = [each.model or each.expression for each in found.usages]
        unnamed = {f"{engine} without a model" for engine in ("vllm", "ollama", "mindie")}
        assert set(models) == {"Qwen/QwQ-32B", "Qwen/Qwen3-8B"} | unnamed
        assert [each.why for each in found.unread] == [
            "1 processes on accelerators say not what they run: add what `ps -ef` prints"
        ]
        csv = "pid, process_name, used_gpu_memory [MiB]\n4242, VLLM::Worker_TP0, 71234 MiB\n"
        assert brief(csv) == [("unresolved", "vllm without a model", "vllm")]

    def test_docker_inspect(self) -> None:
        containers = [
            {
                "Name": "/llm", "Path": "vllm", "Args": ["serve", "Qwen/QwQ-32B"],
                "State": {"Status": "running"},
                "HostConfig": {}, "Config": {"Image": "vllm/vllm-openai", "Env": ["HF_TOKEN=x"]},
            },
            {
                "Name": "/tei", "Path": "text-embeddings-router", "Args": [], "State": {"Status": "exited"},
                "Config": {"Image": "tei", "Env": ["MODEL_ID=BAAI/bge-m3"]},
            },
            {
                "Name": "/api", "Path": "uvicorn", "Args": ["app:app"], "State": {"Status": "running"},
                "Config": {"Image": "shop/api", "Env": [
                    "LLM_MODEL=qwen-max", "LLM_BASE_URL=https://dashscope.aliyuncs.com/compatible-mode/v1",
                    "EMBED_MODEL=text-embedding-v3", "EMBED_API_KEY=sk-1",
                    "RERANK_BASE_URL=http://rerank:80"]},
            },
        ]  # fmt: skip
        found = from_listing(json.dumps(containers, indent=1), "inspect.json")
        told = [(str(each.state), each.model, each.host, each.service) for each in found.usages]
        assert told == [
            ("effective", "Qwen/QwQ-32B", "localhost:8000", "llm"),
            ("effective", "qwen-max", "dashscope.aliyuncs.com", "api"),
            ("effective", "text-embedding-v3", "", "api"),
            ("off", "BAAI/bge-m3", "localhost:80", "tei"),
        ]
        assert "sk-1" not in repr(found)

    @pytest.mark.parametrize(
        ("command", "name"), [('"vllm serve Qwen/QwQ-32B"', "llm"), (["serve", "Qwen/QwQ-32B"], ["llm"])]
    )
    def test_containers_as_json(self, command: object, name: object) -> None:
        container = {"Command": command, "Image": "vllm/vllm-openai", "Names": name, "State": "running"}
        for told in (container, [container]):
            assert brief(json.dumps(told) + "\n") == [("effective", "Qwen/QwQ-32B", "llm")]

    def test_json_that_is_broken(self) -> None:
        found = from_listing('[{"Config": {}},\n{')
        assert found.usages == []
        assert "no JSON" in found.unread[0].why

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (PS_EF, True), (PS_AUX, True), (DOCKER, True), (NVIDIA, True), (ASCEND, True),
            ('[{"Id": "x", "HostConfig": {}}]', True),
            ('{"Command":"x","CreatedAt":"y","ID":"z","Image":"a","Names":"b"}', True),
            ("  PID COMMAND\n 1 init\n", True),
            ('{"model": "gpt-4o", "Command": 1}', False),
            ("a PID of COMMAND and more words\n", False), ("", False), ("# notes\nps -ef\n", False),
            ('{"kind": "List", "items": []}', False), ("import os\n", False),
        ],
    )  # fmt: skip
    def test_what_is_a_listing(self, text: str, expected: bool) -> None:
        assert is_listing(text.encode()) is expected

    @given(
        st.text(max_size=300), st.sampled_from([PS_EF, PS_AUX, DOCKER, NVIDIA, ASCEND, "[", '{"Config": '])
    )
    def test_any_text(self, text: str, head: str) -> None:
        for each in (text, head + text, head.splitlines()[0] + "\n" + text):
            assert isinstance(from_listing(each).usages, list)
            assert is_listing(each.encode("utf-8", "replace")) in (True, False)

    @given(
        st.recursive(
            st.none() | st.integers() | st.text(max_size=4) | st.sampled_from(["vllm", "serve", "A=b"]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["Config", "State", "Status", "Path", "Args", "Env", "Image", "Command", "Names"]
                    ),
                    inner,
                )
            ),
            max_leaves=14,
        )
    )
    def test_any_json(self, told: object) -> None:
        assert isinstance(from_listing(json.dumps([told])).usages, list)
