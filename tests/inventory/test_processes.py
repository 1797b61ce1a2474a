"""Model servers among running processes, and in what other machines' tools printed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest

from countermark.inventory.processes import running, telling
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
