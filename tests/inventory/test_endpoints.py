"""Which model a live endpoint has, and where that contradicts what is said."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Any

import pytest
from endpoint_samples import listed, ollama, one_api, reply, serving, vllm
from hypothesis import given
from hypothesis import strategies as st

from countermark.inventory.endpoints import EndpointError, Identity, Mark, compare, identify, usages
from countermark.inventory.endpoints.marks import of_fields, of_headers
from countermark.inventory.usage import Route, State


def conflicts(identity: Identity, *declared: str) -> list[tuple[str, str]]:
    return [(each.says, each.value) for each in compare(identity, declared)]


class TestServers:
    """Servers of the deployment itself."""

    def test_vllm(self) -> None:
        with serving(vllm(), {"server": "uvicorn"}) as endpoint:
            found = identify(f"{endpoint.url}/v1", ask=True)
        assert (found.software, found.version, found.route) == ("vllm", "0.9.1", Route.SELF_HOSTED)
        assert [(each.id, each.root) for each in found.models] == [("chat", "Qwen/QwQ-32B")]
        assert found.replies[0].text == "I am QwQ, made by Alibaba."
        assert "a hint, no proof" in found.hints[0]
        assert conflicts(found, "Qwen/QwQ-32B") == []
        assert found.unread == ()

    def test_a_name_that_lies(self) -> None:
        with serving(vllm("gpt-4o", "/models/Qwen2.5-7B-Instruct")) as endpoint:
            found = identify(endpoint.url)
        assert conflicts(found) == [("gpt-4o", "/models/Qwen2.5-7B-Instruct")]
        assert conflicts(found, "Qwen/QwQ-32B") == [
            ("gpt-4o", "/models/Qwen2.5-7B-Instruct"),
            ("Qwen/QwQ-32B", "not among the models that it lists: gpt-4o"),
        ]
        (usage,) = usages(found)
        assert (usage.model, usage.state, usage.route) == ("gpt-4o", State.EFFECTIVE, Route.SELF_HOSTED)
        assert usage.provider == "alibaba"
        assert "loaded from /models/Qwen2.5-7B-Instruct" in usage.why
        assert len(usage.conflicts) == 1

    def test_ollama(self) -> None:
        with serving(ollama(parent_model="qwen2.5:7b")) as endpoint:
            found = identify(endpoint.url, ask=True)
        assert (found.software, found.version) == ("ollama", "0.12.3")
        assert [(each.id, each.root, each.family, each.remote) for each in found.models] == [
            ("lawyer:latest", "qwen2.5:7b", "qwen2", ""),
            ("gpt-oss:120b-cloud", "gpt-oss:120b", "", "ollama.com"),
        ]
        assert found.replies[0].fingerprint == "fp_ollama"
        assert [each.host for each in usages(found)] == [found.host, "ollama.com"]
        assert conflicts(found) == []

    def test_an_architecture_that_denies_the_name(self) -> None:
        pages = ollama()
        pages["GET /api/tags"] = {"models": [{"name": "gpt-4:latest", "details": {"family": "qwen2"}},
                                             {"name": "yi:34b", "details": {"family": "llama"}}]}  # fmt: skip
        with serving(pages) as endpoint:
            found = identify(endpoint.url)
        assert conflicts(found) == [("gpt-4:latest", "architecture qwen2")]

    @pytest.mark.parametrize(
        ("pages", "software", "root"),
        [
            ({"GET /get_model_info": {"model_path": "Qwen/QwQ-32B", "is_generation": True},
              "GET /v1/models": listed({"id": "chat", "owned_by": "sglang", "root": "chat"})},
             "sglang", "Qwen/QwQ-32B"),
            ({"GET /info": {"model_id": "BAAI/bge-m3", "version": "1.5.0"}}, "tgi", "BAAI/bge-m3"),
            ({"GET /v1/models": listed({"id": "x", "owned_by": "llamacpp"})}, "llama.cpp", ""),
            ({"GET /v1/models": listed({"id": "x", "owned_by": "somebody"})}, "", ""),
        ],
    )  # fmt: skip
    def test_others(self, pages: dict, software: str, root: str) -> None:
        with serving(pages) as endpoint:
            found = identify(endpoint.url)
        assert (found.software, found.models[0].root) == (software, root)


class TestRelays:
    """Those that pass requests on."""

    def test_one_api(self) -> None:
        with serving(one_api(), {"X-Oneapi-Request-Id": "2026", "server": "nginx"}) as endpoint:
            found = identify(f"{endpoint.url}/v1", "sk-1", models=["gpt-4o"], ask=True)
        assert (found.software, found.version, found.route) == ("one-api", "v0.6.10", Route.RELAY)
        assert conflicts(found, "gpt-4o") == [("gpt-4o", "qwen-turbo")]
        assert found.hints[0].startswith("gpt-4o says: I am GPT-4o by OpenAI.")
        states = {each.model: each.state for each in usages(found, ["gpt-4o"])}
        assert states["gpt-4o"] is State.EFFECTIVE
        assert states["qwen-max"] is State.CATALOGUE

    def test_a_relay_that_gives_itself_away(self) -> None:
        headers = {
            "x-litellm-model-api-base": "https://dashscope.aliyuncs.com",
            "X-Kong-LLM-Model": "openai/gpt-4o-mini",
        }
        with serving({"GET /v1/models": listed({"id": "gpt-4o", "owned_by": "openai"})}, headers) as endpoint:
            found = identify(endpoint.url)
        assert found.route is Route.RELAY
        assert {each.software for each in found.marks} >= {"litellm", "kong"}
        assert ("gpt-4o", "openai/gpt-4o-mini") in conflicts(found, "gpt-4o")

    def test_marks_of_the_provider_behind(self) -> None:
        told = reply("Hi", model="claude-sonnet-4-5", prompt_filter_results=[])
        pages = {"GET /v1/models": listed({"id": "m"}), "POST /v1/chat/completions": told}
        with serving(pages, {"anthropic-ratelimit-requests-limit": "50", "request-id": "req_1"}) as endpoint:
            found = identify(endpoint.url, ask=True)
        assert [each.provider for each in found.marks if each.provider] == ["anthropic", "azure"]

    def test_an_error_that_tells(self) -> None:
        error = (401, {}, b'{"error":{"message":"no","type":"new_api_error"}}')
        with serving({"GET /v1/models": error, "POST /v1/chat/completions": error}) as endpoint:
            found = identify(endpoint.url, models=["gpt-4o"], ask=True)
        assert (found.software, found.route) == ("one-api", Route.RELAY)
        assert [each.why for each in found.unread] == [
            "answers 401, and lists no models",
            "gpt-4o: answers 401 without a reply",
        ]


class TestAsking:
    """Only the given host is asked, within limits."""

    def test_the_key_goes_to_the_host_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        with serving({}) as other, serving({}) as endpoint:
            endpoint.pages = {"GET /v1/models": (302, {"Location": f"{other.url}/v1/models"}, b"")}
            found = identify(endpoint.url, "sk-1")
            assert other.asked == []
            assert set(endpoint.keys) == {"Bearer sk-1"}
        assert "is redirected to 127.0.0.1: not followed" in [each.why for each in found.unread]
        assert "sk-1" not in repr(found)

    def test_redirections_within_the_host(self) -> None:
        pages: dict[str, Any] = {
            "GET /v1/models": (308, {"Location": "/v2/models?all=1"}, b""),
            "GET /v2/models?all=1": listed({"id": "a"}),
            "POST /v1/chat/completions": (307, {"Location": "/v2/chat"}, b""),
        }
        with serving(pages) as endpoint:
            found = identify(endpoint.url, ask=True)
        assert [each.id for each in found.models] == ["a"]
        assert "is redirected: not followed with a question" in [each.why for each in found.unread]

    def test_redirections_in_a_circle(self) -> None:
        with serving({"GET /v1/models": (302, {"Location": "/v1/models"}, b"")}) as endpoint:
            found = identify(endpoint.url)
        assert "is redirected more than 3 times" in [each.why for each in found.unread]

    def test_nothing_is_asked_without_being_told_to(self) -> None:
        with serving(vllm()) as endpoint:
            identify(endpoint.url)
        assert not [each for each in endpoint.asked if each.startswith("POST")]

    def test_a_question_is_short(self) -> None:
        with serving(vllm()) as endpoint:
            identify(endpoint.url, ask=True, models=[f"m{number}" for number in range(20)])
        assert len(endpoint.bodies) == 5
        assert endpoint.bodies[0]["max_tokens"] <= 100

    @pytest.mark.parametrize(
        "page",
        [
            (200, {}, b"<html>"), (200, {}, b""), (200, {}, b"[1, null, {}]"), (200, {}, b"[" * 100_000),
            (200, {}, b'{"data": 7}'), (200, {}, b'{"data": [{"id": 7}, {"id": null}]}'), (500, {}, b"no"),
            (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b"), (204, {}, b""),
        ],
    )  # fmt: skip
    def test_other_answers(self, page: tuple) -> None:
        with serving(
            dict.fromkeys(["GET /v1/models", "GET /api/tags", "GET /info", "GET /version"], page)
        ) as endpoint:
            found = identify(endpoint.url, ask=True, models=["m"])
        assert found.models == ()
        assert found.unread

    @pytest.mark.timeout(20)
    def test_a_server_that_drips(self) -> None:
        def drip(handler: Any) -> None:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            with contextlib.suppress(OSError):
                for number in range(10_000):
                    handler.wfile.write(f"X-{number}: a\r\n".encode())
                    handler.wfile.flush()
                    time.sleep(0.05)

        with serving({"GET /v1/models": drip}) as endpoint:
            start = time.monotonic()
            found = identify(endpoint.url, timeout_s=1)
            assert time.monotonic() - start < 8
        assert found.unread[0].why == "took too long"

    def test_an_endless_answer(self) -> None:
        def endless(handler: Any) -> None:
            handler.send_response(200)
            handler.end_headers()
            with contextlib.suppress(OSError):
                for _ in range(40):
                    handler.wfile.write(b" " * (1 << 20))

        with serving({"GET /v1/models": endless}) as endpoint:
            found = identify(endpoint.url)
        assert "answers with more than 16 MiB" in [each.why for each in found.unread]

    def test_what_is_no_http(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:

            def talk() -> None:
                with contextlib.suppress(OSError):
                    while True:
                        peer, _ = server.accept()
                        with peer:
                            peer.sendall(b"220 mail.example ESMTP\r\n")

            threading.Thread(target=talk, daemon=True).start()
            found = identify(f"http://127.0.0.1:{server.getsockname()[1]}", timeout_s=3)
            server.shutdown(socket.SHUT_RDWR)
        assert found.models == ()
        assert found.unread

    def test_nobody_there(self) -> None:
        found = identify("http://127.0.0.1:9/v1", timeout_s=2)
        assert "refused" in found.unread[0].why

    @pytest.mark.parametrize(
        ("url", "key", "message"),
        [
            ("ftp://x/v1", None, "no address of http"), ("", None, "no address of http"),
            ("http://", None, "no address"),
            ("http://[::1", None, "no address"), ("http://a:b@x/v1", None, "credentials"),
            ("http://x:99999", None, "no address"),
            ("http://a b/", None, "no address"), ("http://api.example.com/v1", "sk", "unencrypted"),
            ("http://x/v1", "a\r\nX-Evil: 1", "characters"), ("http://x/v1", "钥匙", "characters"),
        ],
    )  # fmt: skip
    def test_addresses_that_cannot_be_asked(self, url: str, key: str | None, message: str) -> None:
        with pytest.raises(EndpointError, match=message):
            identify(url, key)


def test_declared_names_and_their_other_spellings() -> None:
    with serving({"GET /v1/models": listed({"id": "gpt-4o-2024-08-06"}, {"id": "qwen2.5:7b"})}) as endpoint:
        found = identify(endpoint.url)
    assert conflicts(found, "gpt-4o", "qwen2.5:7b", "GPT-4o-2024-08-06") == []
    assert [says for says, _ in conflicts(found, "claude-opus-4-1")] == ["claude-opus-4-1"]


def test_what_headers_tell() -> None:
    assert list(of_headers({"x-new-api-version": "v1", "date": "now"})) == [
        Mark("header x-new-api-version", "v1", "new-api", relay=True)
    ]
    assert next(of_fields({"system_fingerprint": "b4567-abcdef0"})).software == "llama.cpp"


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=40)))
def test_any_headers(headers: dict[str, str]) -> None:
    assert all(isinstance(each, Mark) for each in of_headers(headers))


@given(
    st.dictionaries(
        st.sampled_from(["id", "error", "owned_by", "system_fingerprint", "base_resp"]),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=9), lambda x: st.dictionaries(st.just("type"), x)
        ),
    )
)
def test_any_fields(told: dict) -> None:
    assert all(isinstance(each, Mark) for each in of_fields(told))
