"""Model servers among running processes, and in what other machines' tools printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countermark.inventory.processes import from_listing, is_listing, running, telling
from countermark.inventory.usage import Inventory, State, Usage

SLEEP = "import sys, time\nprint('ready', flush=True)\ntime.sleep(60)\n"


@contextmanager
def process(*words: str, **environment: str) -> Iterator[int]:
    started = subprocess.Popen(
        words, env={**os.environ, **environment}, stdout=subprocess.PIPE, stdin=subprocess.PIPE
    )
    try:
        if words[0] != "grep":
            assert started.stdout is not None
            assert started.stdout.readline() == b"ready\n"
        yield started.pid
    finally:
        started.kill()
        started.communicate()


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Programs with the names of servers that only sleep."""
    for name in ("vllm", "ollama", "fake.py"):
        (tmp_path / name).write_text(SLEEP)
    return tmp_path


def about(found: Inventory, text: str) -> list[Usage]:
    return [each for each in found.usages if text in repr(each)]


class TestRunning:
    """Real processes."""

    def test_a_server(self, programs: Path) -> None:
        line = (
            sys.executable,
            str(programs / "vllm"),
            "serve",
            "acme/unheard-7b",
            "--port",
            "8123",
            "--api-key",
            "sk-0",
        )
        with process(*line) as pid:
            (usage,) = about(running(), "acme/unheard-7b")
        assert (usage.state, usage.host, usage.service) == (State.EFFECTIVE, "localhost:8123", "vllm:8123")
        assert usage.place.what == f"vllm, process {pid}"
        assert "sk-0" not in repr(usage)

    def test_a_server_within_a_shell_is_one(self, programs: Path) -> None:
        script = f"{sys.executable} {programs}/vllm serve acme/unheard-8b & wait"
        with process("sh", "-c", script) as pid:
            children = psutil.Process(pid).children()
            (usage,) = about(running(), "acme/unheard-8b")
            for child in children:
                child.kill()
        assert len(usage.places) == 2

    def test_what_only_names_one(self, programs: Path) -> None:
        with (
            process("grep", "vllm serve acme/grepped"),
            process("grep", "vllm", "serve", "acme/grepped", "-"),
            process(sys.executable, str(programs / "fake.py"), "vllm", "serve", "acme/faked"),
        ):
            time.sleep(0.1)
            found = running()
        assert about(found, "acme/grepped") == []
        assert about(found, "acme/faked") == []

    def test_the_environment_of_a_server(self, programs: Path) -> None:
        settings = {
            "OLLAMA_HOST": "127.0.0.1:11499",
            "MY_MODEL_NAME": "qwen2.5:7b",
            "OPENAI_API_KEY": "sk-secret",
        }
        with process(sys.executable, str(programs / "ollama"), "serve", **settings):
            (usage,) = about(running(), "11499")
        assert (usage.model, usage.host) == ("qwen2.5:7b", "127.0.0.1:11499")
        assert "sk-secret" not in repr(usage)

    def test_a_server_that_does_not_say_its_model(self, programs: Path) -> None:
        with process(sys.executable, str(programs / "ollama"), "serve", OLLAMA_HOST="127.0.0.1:11498"):
            (usage,) = about(running(), "11498")
        assert (usage.model, usage.state) == ("", State.UNRESOLVED)
        assert usage.expression == "ollama without a model"
        assert "which models it holds stands in its store or its settings" in usage.why

    def test_what_may_not_be_read_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Hidden:
            pid = 7

            def cmdline(self) -> list[str]:
                raise psutil.AccessDenied(7)

        class Gone(Hidden):
            def cmdline(self) -> list[str]:
                raise psutil.NoSuchProcess(7)

        class Closed(Hidden):
            def cmdline(self) -> list[str]:
                return ["vllm", "serve", "acme/closed"]

            def environ(self) -> dict[str, str]:
                raise psutil.AccessDenied(7)

        monkeypatch.setattr(psutil, "process_iter", lambda: [Hidden(), Gone(), Closed()])
        found = running()
        assert [usage.model for usage in found.usages] == ["acme/closed"]
        assert [each.why for each in found.unread] == [
            "the environment of process 7 may not be read",
            "the command lines of 1 processes may not be read: run it as the user who runs them",
        ]


def test_which_variables_are_looked_at() -> None:
    given_ = {
        "LLM_MODEL": "a",
        "OPENAI_BASE_URL": "b",
        "MODEL_API_KEY": "c",
        "MODEL_TOKEN": "d",
        "HOME": "e",
        "REVISION": "f",
    }
    assert telling(given_) == {"LLM_MODEL": "a", "OPENAI_BASE_URL": "b", "REVISION": "f"}


def brief(text: str) -> list[tuple[str, str, str]]:
    return [
        (str(each.state), each.model or each.expression, each.service) for each in from_listing(text).usages
    ]


PS_EF = """\
UID          PID    PPID  C STIME TTY          TIME CMD
root           2       0  0 Nov24 ?        00:00:00 [kthreadd]
root        1201       1  0 Nov24 ?        00:00:02 /usr/bin/dockerd -H fd://
llm         4242    1201 99 09:12 ?        01:02:03 /usr/bin/python3 /usr/local/bin/vllm serve Qwen/QwQ-32B --port 8000
llm         4243    1201  0 09:12 ?        00:00:00 bash -c ulimit -n 9999; exec python -m sglang.launch_server --model-path Qwen/Qwen3-8B
me          5000    4999  0 10:00 pts/0    00:00:00 grep --color=auto vllm serve Qwen/Other
short line
"""
PS_AUX = """\
USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND
root           1  0.0  0.0 167744 13000 ?        Ss   Nov24   0:05 /sbin/init
llm         4242 99.0 12.5 999999 88888 ?        Sl   09:12  62:03  \\_ ollama serve
llm         4300 99.0 12.5 999999 88888 ?        Sl   09:12  62:03  |   \\_ /usr/bin/llama-server -m /m/qwen2.5-7b-q4.gguf
"""
DOCKER = """\
CONTAINER ID   IMAGE                                       COMMAND                                    CREATED       STATUS                    PORTS                    NAMES
0123456789ab   vllm/vllm-openai:v0.6.3                     "vllm serve --model Qwen/QwQ-32B"          2 hours ago   Up 2 hours                0.0.0.0:8000->8000/tcp   llm
1123456789ab   ghcr.io/huggingface/text-embeddings-inference:1.5   "x"   2 hours ago
2123456789ab   ollama/ollama                               "/bin/ollama serve"                        2 hours ago   Exited (0) 1 hour ago                              ollama
3123456789ab   vllm/vllm-openai:v0.6.3                     "python3 -m vllm.ent…"                     2 hours ago   Up 2 hours                                         cut
"""  # noqa: E501
NVIDIA = """\
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 550.54.15              Driver Version: 550.54.15      CUDA Version: 12.4     |
| Processes:                                                                              |
|  GPU   GI   CI        PID   Type   Process name                              GPU Memory |
|        ID   ID                                                               Usage      |
|=========================================================================================|
|    0   N/A  N/A      4242      C   VLLM::EngineCore                            71234MiB |
|    1   N/A  N/A      4243      C   /usr/bin/python3                            71234MiB |
|    2   N/A  N/A      4244      C   /usr/lib/ollama/ollama runner               71234MiB |
+-----------------------------------------------------------------------------------------+
"""
ASCEND = """\
| NPU     Chip              | Process id    | Process name             | Process memory(MB)      |
+===========================+===============+====================================================+
| 0       0                 | 3456          | mindie_llm_back          | 53000                   |
"""


class TestListings:
    """What other machines' tools printed."""

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
        assert set(models) == {
            "Qwen/QwQ-32B", "Qwen/Qwen3-8B", "vllm without a model", "ollama without a model", "mindie without a model",
        }  # fmt: skip
        assert [each.why for each in found.unread] == [
            "1 processes on accelerators say not what they run: add what `ps -ef` prints"
        ]
        csv = "pid, process_name, used_gpu_memory [MiB]\n4242, VLLM::Worker_TP0, 71234 MiB\n"
        assert brief(csv) == [("unresolved", "vllm without a model", "vllm")]

    def test_docker_inspect(self) -> None:
        containers = [
            {
                "Name": "/llm", "Path": "vllm", "Args": ["serve", "Qwen/QwQ-32B"], "State": {"Status": "running"},
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
                    "EMBED_MODEL=text-embedding-v3", "EMBED_API_KEY=sk-1", "RERANK_BASE_URL=http://rerank:80"]},
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
        "text",
        [
            '{"Command":"\\"vllm serve Qwen/QwQ-32B\\"","Image":"vllm/vllm-openai","Names":"llm","State":"running"}',
            '[{"Command": ["serve", "Qwen/QwQ-32B"], "Image": "vllm/vllm-openai", "Names": ["llm"], "State": "running"}]',
        ],
    )
    def test_containers_as_json(self, text: str) -> None:
        assert brief(text) == [("effective", "Qwen/QwQ-32B", "llm")]
        assert brief(text + "\n") == [("effective", "Qwen/QwQ-32B", "llm")]

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
    def test_what_is_a_listing(self, text: str, expected: bool) -> None:  # noqa: FBT001
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
