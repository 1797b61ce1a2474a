"""A server on this machine that answers as an endpoint of the field does."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str], bytes] | dict[str, Any] | list[Any] | Callable[[Any], None]


class Endpoint:
    """``pages`` by method and path: JSON, or status, headers and bytes, or a function of the handler."""

    def __init__(self, pages: dict[str, Answer], headers: dict[str, str] | None = None) -> None:
        self.pages, self.headers = pages, headers or {}
        self.asked: list[str] = []
        self.keys: list[str | None] = []
        self.bodies: list[Any] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                endpoint.answer(self, f"GET {self.path}")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                endpoint.bodies.append(json.loads(body))
                endpoint.answer(self, f"POST {self.path}")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, handler: BaseHTTPRequestHandler, asked: str) -> None:
        self.asked.append(asked)
        self.keys.append(handler.headers.get("Authorization"))
        page = self.pages.get(asked, (404, {}, b'{"detail":"Not Found"}'))
        if callable(page):
            page(handler)
            return
        status, headers, body = page if isinstance(page, tuple) else (200, {}, json.dumps(page).encode())
        handler.send_response(status)
        for name, value in {**self.headers, **headers, "Content-Length": str(len(body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)


@contextmanager
def serving(pages: dict[str, Answer], headers: dict[str, str] | None = None) -> Iterator[Endpoint]:
    endpoint = Endpoint(pages, headers)
    thread = threading.Thread(target=endpoint.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.server.shutdown()
        thread.join()
        endpoint.server.server_close()


def listed(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"object": "list", "data": [{"object": "model", "created": 1, **row} for row in rows]}


def reply(text: str, **fields: Any) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "choices": [{"message": {"role": "assistant", "content": text}}], **fields}


def vllm(name: str = "chat", root: str = "Qwen/QwQ-32B") -> dict[str, Answer]:
    row = {"id": name, "owned_by": "vllm", "root": root, "parent": None, "max_model_len": 32768}
    return {
        "GET /v1/models": listed(row),
        "GET /version": {"version": "0.9.1"},
        "POST /v1/chat/completions": reply("I am QwQ, made by Alibaba.", model=name, system_fingerprint=None),
    }


def ollama(**details: Any) -> dict[str, Answer]:
    family = {"parent_model": "", "format": "gguf", "family": "qwen2", "parameter_size": "7.6B", **details}
    cloud = {"remote_host": "https://ollama.com", "remote_model": "gpt-oss:120b"}
    rows = [{"name": "lawyer:latest", "details": family}, {"name": "gpt-oss:120b-cloud", **cloud}]
    return {
        "GET /v1/models": listed({"id": "lawyer:latest", "owned_by": "library"}),
        "GET /api/tags": {"models": rows},
        "GET /api/version": {"version": "0.12.3"},
        "POST /v1/chat/completions": reply("I am Qwen.", model="lawyer", system_fingerprint="fp_ollama"),
    }


def one_api() -> dict[str, Answer]:
    names = ("gpt-4o", "qwen-max", "claude-sonnet-4-5", "deepseek-chat")
    rows = [{"id": name, "owned_by": "custom", "root": name, "permission": []} for name in names]
    return {
        "GET /v1/models": listed(*rows),
        "GET /api/status": {"success": True, "data": {"system_name": "Shop API", "version": "v0.6.10"}},
        "POST /v1/chat/completions": reply("I am GPT-4o by OpenAI.", model="qwen-turbo"),
    }
