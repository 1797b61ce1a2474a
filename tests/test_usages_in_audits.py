"""What an audit says of the models that really run, and of an endpoint that is declared."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from countermark.model import Evidence, Report, Verdict

Audited = Callable[[], Report]


def of(report: Report, rule: str) -> Verdict:
    return next(a.verdict for a in report.assessments if a.rule == rule)


def positions(report: Report) -> dict[str, str]:
    return {
        piece.subject: str(piece.fact["state"])
        for piece in report.evidence.values()
        if isinstance(piece, Evidence) and piece.kind == "model.position"
    }


def test_a_model_in_the_code_that_nothing_covers_is_found(shop: Path, audited: Audited) -> None:
    (shop / "app.py").write_text(
        "from openai import OpenAI\n"
        'client = OpenAI(base_url="https://dashscope.aliyuncs.com/compatible-mode/v1")\n'
        'client.chat.completions.create(model="qwen-max", messages=[])\n'
    )
    report = audited()
    assert of(report, "CN-GAI-17-RUNNING") is Verdict.VIOLATES
    assert positions(report)["qwen-max"] == "unregistered"


def test_a_variable_that_nothing_sets_is_never_clean(shop: Path, audited: Audited) -> None:
    (shop / "app.py").write_text(
        "import os\nfrom openai import OpenAI\n"
        'OpenAI().chat.completions.create(model=os.environ["MODEL_OF_TODAY"], messages=[])\n'
    )
    assert of(audited(), "CN-GAI-17-RUNNING") is Verdict.UNDETERMINED


def inventory(shop: Path, value: str) -> None:
    path = shop / "countermark.yaml"
    path.write_text(path.read_text().replace("inventory: {lists: register}", f"inventory: {value}"))


def test_a_relay_is_found(shop: Path, audited: Audited) -> None:
    (shop / "app.py").write_text(
        "from openai import OpenAI\n"
        'client = OpenAI(base_url="https://openrouter.ai/api/v1")\n'
        'client.chat.completions.create(model="shop-7b", messages=[])\n'
    )
    assert of(audited(), "CN-GAI-17-UPSTREAM") is Verdict.VIOLATES


def test_a_path_that_is_not_there_is_a_gap(shop: Path, audited: Audited) -> None:
    inventory(shop, "{paths: [nowhere]}")
    assert "no such file or folder" in "".join(g.detail for g in audited().gaps.values())


def test_without_a_scan_nothing_is_said_of_what_runs(shop: Path, audited: Audited) -> None:
    inventory(shop, "{scan: false}")
    assert positions(audited()) == {}


@pytest.fixture
def served() -> Iterator[tuple[str, list[str]]]:
    """An endpoint on this machine that lists the models in the list."""
    models: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            listed = {
                "object": "list",
                "data": [{"id": m, "object": "model", "owned_by": "vllm"} for m in models],
            }
            body = json.dumps(listed).encode()
            self.send_response(200 if self.path == "/v1/models" else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1", models
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("lists", "verdict"), [(["shop-7b"], Verdict.CONFORMS), (["glm-4-9b-chat"], Verdict.VIOLATES)]
)
def test_an_endpoint_serves_what_is_declared_or_something_else(
    shop: Path, audited: Audited, served: tuple[str, list[str]], lists: list[str], verdict: Verdict
) -> None:
    url, models = served
    models += lists
    with (shop / "countermark.yaml").open("a") as stream:
        stream.write(f"endpoints:\n  - {{url: '{url}', service: chat}}\n")
    assert of(audited(), "CN-GAI-17-IDENTITY") is verdict


def test_an_endpoint_whose_key_is_not_there_is_a_gap(
    shop: Path, audited: Audited, served: tuple[str, list[str]]
) -> None:
    with (shop / "countermark.yaml").open("a") as stream:
        stream.write(f"endpoints:\n  - {{url: '{served[0]}', service: chat, key_env: NO_SUCH_KEY_HERE}}\n")
    report = audited()
    assert "the environment has no NO_SUCH_KEY_HERE" in "".join(g.detail for g in report.gaps.values())
    assert of(report, "CN-GAI-17-IDENTITY") is Verdict.UNDETERMINED
