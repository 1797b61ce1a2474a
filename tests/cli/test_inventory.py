"""``countermark inventory`` as a person runs it, on small deployments."""

from __future__ import annotations

import io
import json
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from countermark.cli.inventory_command import command
from countermark.inventory import saving

CODE = """\
import os

from openai import OpenAI

client = OpenAI(base_url="https://dashscope.aliyuncs.com/compatible-mode/v1")


def answer(question: str) -> str:
    model = os.environ["ANSWER_MODEL"] if question else "qwen-plus"
    return client.chat.completions.create(model="qwen-plus", messages=[{"role": "user", "content": question}])
"""
OPEN = """\
import os

from openai import OpenAI

OpenAI().chat.completions.create(model=os.environ["CHAT_MODEL"], messages=[])
"""
AUDITED = """\
version: 1
operator: {name: Shop Ltd, roles: [generation-provider], jurisdictions: [CN]}
services: [{name: chat}]
inventory: {paths: [app]}
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "deployment"
    (root / "app").mkdir(parents=True)
    (root / "app/main.py").write_text(CODE)
    (root / "requirements.txt").write_text("openai==1.40.0\n")
    return root


@dataclass(frozen=True)
class Ran:
    """How a command ended, as :func:`countermark.cli.main` ends it."""

    exit_code: int
    stdout: str
    stderr: str


def run(*arguments: str | Path) -> Ran:
    result = CliRunner().invoke(command, [*map(str, arguments)], standalone_mode=False)
    error = result.exception
    if isinstance(error, click.ClickException):
        code = getattr(error, "code", error.exit_code)
        return Ran(code, result.stdout, result.stderr + error.format_message())
    if error is not None:
        raise error
    return Ran(result.return_value or 0, result.stdout, result.stderr)


def scan(*arguments: str | Path) -> Ran:
    return run("scan", "--no-progress", *arguments)


def models(text: str) -> dict[str, str]:
    return {u["model"] or u["expression"]: u["state"] for u in json.loads(text)["usages"]}


def test_scan_prints_what_answers(tree: Path) -> None:
    result = scan(tree)
    assert result.exit_code == 0, result.stderr
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("effective")]
    assert line.split()[1:] == ["qwen-plus", "chat", "dashscope.aliyuncs.com", "app/main.py:10", "+3"]


def test_scan_writes_every_form_into_files(tree: Path, tmp_path: Path) -> None:
    forms = ("text", "json", "cyclonedx", "spdx", "html", "sarif")
    result = scan(tree, *(part for form in forms for part in ("-f", f"{form}={tmp_path / form}")))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "qwen-plus" in (tmp_path / "text").read_text()
    assert models((tmp_path / "json").read_text())["qwen-plus"] == "effective"
    assert json.loads((tmp_path / "cyclonedx").read_text())["specVersion"] == "1.7"
    assert json.loads((tmp_path / "spdx").read_text())["@context"].endswith("3.0.1/spdx-context.jsonld")
    assert json.loads((tmp_path / "sarif").read_text())["version"] == "2.1.0"
    assert (tmp_path / "html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("form", ["json", "cyclonedx", "spdx", "sarif"])
def test_standard_output_is_the_report_and_nothing_else(tree: Path, form: str) -> None:
    assert json.loads(scan(tree, "-f", form).stdout)


def test_scan_writes_the_page_in_chinese(tree: Path) -> None:
    assert '<html lang="zh-CN">' in scan(tree, "-f", "html", "--lang", "zh").stdout


def test_several_folders_are_told_apart(tree: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "main.py").write_text(CODE.replace("qwen-plus", "qwen-max"))
    found = json.loads(scan(tree, other, "-f", "json").stdout)
    paths = {u["model"]: u["places"][0]["path"] for u in found["usages"] if u["model"]}
    assert paths["qwen-plus"] == "deployment/app/main.py"
    assert paths["qwen-max"] == "other/main.py"


def test_a_baseline_fails_only_for_what_is_new(tree: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    scan(tree, "-f", f"json={baseline}")
    same = scan(tree, "--baseline", baseline)
    assert same.exit_code == 0
    assert "Nothing has changed" in same.stdout
    (tree / "app/more.py").write_text(CODE.replace('"qwen-plus", messages', '"qwen-max", messages'))
    assert scan(tree, "--baseline", baseline).exit_code == 1
    (tree / "app/more.py").unlink()
    (tree / "README.md").write_text("It could use `deepseek-chat`, too.\n")
    assert scan(tree, "--baseline", baseline).exit_code == 0


def test_strict_does_not_take_silence_for_clean(tree: Path) -> None:
    (tree / "app/main.py").write_text(OPEN)
    assert scan(tree).exit_code == 0
    assert scan(tree, "--strict").exit_code == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-f", "json=nowhere/a.json"], "there is no folder nowhere"),
        (["--baseline", "notes.txt"], "notes.txt: is no inventory"),
        (["-f", "json=."], "Is a directory"),
    ],
)
def test_what_goes_wrong_is_said_with_exit_code_2(
    tree: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tree)
    Path("notes.txt").write_text("{}")
    result = run("scan", "--no-progress", ".", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_an_image_that_cannot_be_read_is_a_failure(tree: Path) -> None:
    image = tree / "image.tar"
    with tarfile.open(image, "w") as tar:
        data = b"[{]"
        member = tarfile.TarInfo("manifest.json")
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
    result = scan(image)
    assert result.exit_code == 2
    assert "image.tar" in result.stderr


@pytest.mark.parametrize("form", ["text", "json", "cyclonedx", "spdx", "html", "sarif"])
def test_names_that_are_no_text_stop_no_report(tree: Path, tmp_path: Path, form: str) -> None:
    (tree / "app/main.py").rename(os.fsdecode(os.fsencode(tree / "app") + b"/\xff\x1b[31m.py"))
    out = tmp_path / "out"
    result = scan(tree, "-f", f"{form}={out}")
    assert result.exit_code == 0, result.stderr
    written = out.read_text(encoding="utf-8")
    assert "qwen-plus" in written
    assert "\x1b" not in written or form == "html"
    if form not in ("text", "html"):
        assert json.loads(written)


def saved(file: Path, text: str, root: Path) -> Path:
    (root / "app/main.py").write_text(text)
    scan(root, "-f", f"json={file}")
    return file


def test_diff_tells_what_goes_elsewhere(tree: Path, tmp_path: Path) -> None:
    old = saved(tmp_path / "old.json", CODE, tree)
    moved = saved(tmp_path / "moved.json", "\n\n" + CODE, tree)
    relay = "https://openrouter.ai/api/v1"
    new = saved(
        tmp_path / "new.json", CODE.replace("https://dashscope.aliyuncs.com/compatible-mode/v1", relay), tree
    )
    assert run("diff", old, moved).exit_code == 0
    assert run("diff", old, moved).stdout == "Nothing has changed.\n"
    result = run("diff", old, new)
    assert result.exit_code == 1
    assert "! host   qwen-plus  effective  dashscope.aliyuncs.com → openrouter.ai" in result.stdout
    value = json.loads(run("diff", old, new, "-f", "json").stdout)
    assert value["format"] == "countermark-inventory-diff/1"
    (change,) = [c for c in value["changes"] if c["concerns"]]
    assert (change["what"], change["model"]) == ("host", "qwen-plus")
    assert (change["before"]["host"], change["after"]["host"]) == ("dashscope.aliyuncs.com", "openrouter.ai")


def test_diff_counts_what_is_gone_and_does_not_fail(tree: Path, tmp_path: Path) -> None:
    old = saved(tmp_path / "old.json", CODE, tree)
    new = saved(tmp_path / "new.json", "x = 1\n", tree)
    result = run("diff", old, new)
    assert result.exit_code == 0
    assert "gone" in result.stdout
    assert "none of them answers users" in result.stdout


def test_diff_reads_no_other_json(tree: Path, tmp_path: Path) -> None:
    old = saved(tmp_path / "old.json", CODE, tree)
    (tmp_path / "other.json").write_text("[]")
    result = run("diff", old, tmp_path / "other.json")
    assert result.exit_code == 2
    assert "other.json: is no inventory" in result.stderr
    assert "countermark inventory scan" in result.stderr


@pytest.fixture
def history(tree: Path, countermark: Callable[..., Any]) -> Path:
    """Three audits: the model, the model elsewhere, another model."""
    (tree / "countermark.yaml").write_text(AUDITED)
    relayed = CODE.replace("dashscope.aliyuncs.com/compatible-mode", "openrouter.ai/api")
    for code in (CODE, relayed, relayed.replace("qwen-plus", "glm-4-plus")):
        (tree / "app/main.py").write_text(code)
        done = countermark("audit", ".", cwd=tree)
        assert done.returncode in (0, 1, 3), done.stderr
    return tree


def test_history_tells_from_the_runs_what_ran_when(history: Path) -> None:
    result = run("history", history)
    assert result.exit_code == 0, result.stderr
    text = result.stdout
    assert text.startswith("3 runs, ")
    assert "\nqwen-plus  not seen since" in text
    about = text.partition("\nqwen-plus")[2]
    assert about.index("dashscope.aliyuncs.com") < about.index("openrouter.ai")
    assert "… now" in text.partition("\nglm-4-plus")[2]
    value = json.loads(run("history", history, "-f", "json", "--model", "qwen-plus").stdout)
    assert [len(value["runs"]), value["left_out"]] == [3, []]
    (qwen,) = value["models"]
    assert qwen["gone"] is True
    assert qwen["first"] < qwen["last"] == qwen["last_answered"]
    assert [(s["host"], s["runs"]) for s in qwen["stretches"]] == [
        ("dashscope.aliyuncs.com", 1),
        ("openrouter.ai", 1),
    ]


def test_history_leaves_out_runs_that_were_changed(history: Path) -> None:
    first = min((history / ".countermark/runs").iterdir())
    records = first / "records.jsonl"
    records.write_bytes(records.read_bytes().replace(b"dashscope", b"nashscope"))
    result = run("history", history)
    assert result.exit_code == 4
    assert "2 runs" in result.stdout
    assert "not as it was sealed: records.jsonl" in result.stderr


def test_history_needs_a_run(tree: Path) -> None:
    result = run("history", tree)
    assert result.exit_code == 2
    assert "countermark audit" in result.stderr


class Server(BaseHTTPRequestHandler):
    """Lists one model, which is another than its name says."""

    keys: list[str]

    def do_GET(self) -> None:
        self.keys.append(self.headers.get("Authorization", ""))
        listed = {"object": "list", "data": [{"id": "gpt-4o", "object": "model", "owned_by": "vllm",
                                              "root": "Qwen/Qwen2.5-7B-Instruct"}]}  # fmt: skip
        body = json.dumps(listed).encode() if self.path == "/v1/models" else b"{}"
        self.send_response(200 if self.path == "/v1/models" else 404)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the interface
        return


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[str]]]:
    keys: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("Listing", (Server,), {"keys": keys}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1", keys
    server.shutdown()
    thread.join()
    server.server_close()


def test_identify_tells_what_an_endpoint_serves(
    endpoint: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, keys = endpoint
    monkeypatch.setenv("LLM_KEY", "sk-of-a-test")
    result = run("identify", url, "--key-env", "LLM_KEY", "--declared", "gpt-4o")
    assert result.exit_code == 1, result.stderr
    assert "names lie  gpt-4o is Qwen/Qwen2.5-7B-Instruct" in result.stdout
    assert "sk-of-a-test" not in result.stdout + result.stderr
    assert set(keys) == {"Bearer sk-of-a-test"}
    value = json.loads(run("identify", url, "-f", "json").stdout)
    assert value["models"][0]["root"] == "Qwen/Qwen2.5-7B-Instruct"
    assert value["conflicts"][0]["value"] == "Qwen/Qwen2.5-7B-Instruct"


def test_identify_of_what_does_not_answer_is_incomplete(endpoint: tuple[str, list[str]]) -> None:
    url = endpoint[0].removesuffix("/v1") + "/elsewhere"
    result = run("identify", url, "--timeout", "5")
    assert result.exit_code == 3
    assert "it lists no model" in result.stdout


def test_identify_takes_no_key_as_an_argument_and_no_other_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    assert (
        "no such environment variable"
        in run("identify", "http://127.0.0.1:1", "--key-env", "NO_SUCH_KEY").stderr
    )
    assert run("identify", "file:///etc/passwd").exit_code == 2
    assert "credentials" in run("identify", "http://a:b@127.0.0.1:1").stderr


@pytest.mark.parametrize("name", ["scan", "diff", "identify", "history"])
def test_each_help_has_examples_and_says_what_the_exit_codes_mean(name: str) -> None:
    said = run(name, "--help").stdout
    assert f"countermark inventory {name}" in said
    assert "Examples:" in said
    assert "exit code" in said


def test_the_json_of_a_scan_is_read_back(tree: Path) -> None:
    text = scan(tree, "-f", "json").stdout
    assert saving.to_json(saving.from_json(text)) == json.loads(text)
