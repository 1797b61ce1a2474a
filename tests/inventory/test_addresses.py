"""Hosts out of any text, and which of them are the deployment's own."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory import signatures


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://ark.cn-beijing.volces.com/api/v3", "ark.cn-beijing.volces.com"),
        ("https://user:secret@API.OpenAI.com:443/v1?x=1", "api.openai.com"),
        ("http://vllm:8000/v1", "vllm:8000"),
        ("vllm:8000", "vllm:8000"),
        ("vllm", "vllm"),
        ("localhost:11434", "localhost:11434"),
        ("api.deepseek.com/v1", "api.deepseek.com"),
        ("//cdn.example.com/x", "cdn.example.com"),
        ("api.openai.com:443", "api.openai.com"),
        ("https://api.openai.com:8443", "api.openai.com:8443"),
        ("http://[::1]:8080/x", "[::1]:8080"),
        ("http://10.0.0.3:80", "10.0.0.3"),
        ("ws://10.0.0.3:9000", "10.0.0.3:9000"),
        ("api.openai.com.", "api.openai.com"),
        ("https://${HOST}:8000/v1", ""),
        ("http://{host}/v1", ""),
        ("qwen2.5:7b", ""),
        ("hello world", "hello"),
        ("", ""),
        ("https://", ""),
        ("//", ""),
        ("http://a:99999999", ""),
        ("C:\\models\\qwen", ""),
        ("中文 text", "中文"),
    ],
)
def test_a_host_out_of_a_text(text: str, host: str) -> None:
    assert signatures.host_of(text) == host


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("http://localhost:11434", True),
        ("127.0.0.1", True),
        ("http://192.168.1.20:8000/v1", True),
        ("0.0.0.0:8000", True),
        ("http://[::1]:8000", True),
        ("100.64.3.1", True),
        ("vllm:8000", True),
        ("http://ollama:11434/api", True),
        ("llm.models.svc", True),
        ("llm.models.svc.cluster.local:8000", True),
        ("host.docker.internal:1234", True),
        ("nas.local", True),
        ("vllm.inference", True),
        ("vllm.kube-system:8000", True),
        ("8.8.8.8", False),
        ("https://api.openai.com", False),
        ("https://例子.xn--fiqs8s", False),
        ("", False),
        ("https://{host}", False),
    ],
)
def test_what_is_local(text: str, local: bool) -> None:
    assert signatures.is_local(text) is local


@settings(max_examples=500)
@given(st.text(max_size=200) | st.from_regex(r"(https?://)?[a-z.:@\[\]/0-9-]{0,40}"))
def test_any_text_has_one_host_or_none(text: str) -> None:
    host = signatures.host_of(text)
    assert host == host.lower()
    assert signatures.host_of(host) == host
    assert not signatures.is_local(text) or host
