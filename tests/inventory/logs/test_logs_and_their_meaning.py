"""What paths, times and names in logs mean, and what of them is never shown."""

from __future__ import annotations

import pytest
from log_samples import NGINX, json_lines, litellm, new_api, otlp, scanned, span

from countermark.inventory.logs import paths, times
from countermark.inventory.logs.exchanges import authority, failure, model_in
from countermark.inventory.logs.resolving import shown
from countermark.inventory.usage import Kind


@pytest.mark.parametrize(
    ("target", "path", "model", "kind"),
    [
        ("/v1/chat/completions", "/v1/chat/completions", "", Kind.CHAT),
        ("/v1/embeddings?user=anna", "/v1/embeddings", "", Kind.EMBEDDING),
        ("/v1/messages/", "/v1/messages", "", Kind.CHAT),
        ("/v1/responses", "/v1/responses", "", Kind.CHAT),
        ("/v1/images/generations", "/v1/images/generations", "", Kind.IMAGE),
        ("/v1/audio/transcriptions", "/v1/audio/transcriptions", "", Kind.SPEECH),
        ("/v1/moderations", "/v1/moderations", "", Kind.MODERATION),
        ("/v2/rerank", "/v2/rerank", "", Kind.RERANK),
        ("/api/v3/chat/completions", "/api/v3/chat/completions", "", Kind.CHAT),
        ("/api/v3/bots/chat/completions", "/api/v3/bots/chat/completions", "", Kind.CHAT),
        ("/api/v3/contents/generations/tasks", "/api/v3/contents/generations/tasks", "", Kind.VIDEO),
        ("/compatible-mode/v1/embeddings", "/compatible-mode/v1/embeddings", "", Kind.EMBEDDING),
        ("/api/paas/v4/chat/completions", "/api/paas/v4/chat/completions", "", Kind.CHAT),
        ("/api/paas/v4/async/videos/generations", "/api/paas/v4/async/videos/generations", "", Kind.VIDEO),
        ("/api/v1/services/aigc/text-generation/generation",
         "/api/v1/services/aigc/text-generation/generation", "", Kind.CHAT),
        ("/v1/text/chatcompletion_v2?GroupId=123", "/v1/text/chatcompletion_v2", "", Kind.CHAT),
        ("/rpc/2.0/ai_custom/v1/wenxinworkshop/chat/ernie-4.0-8k",
         "/rpc/2.0/ai_custom/v1/wenxinworkshop/chat/{…}", "", Kind.CHAT),
        ("/v1beta/models/gemini-1.5-pro:streamGenerateContent?key=AIza",
         "/v1beta/models/gemini-1.5-pro:streamGenerateContent", "gemini-1.5-pro", Kind.CHAT),
        ("/v1/projects/p-17/locations/us/publishers/google/models/imagen-3.0:predict",
         "/…/p-17/locations/us/publishers/google/models/imagen-3.0:predict", "imagen-3.0", Kind.UNKNOWN),
        ("/openai/deployments/my-gpt/embeddings?api-version=1", "/openai/deployments/my-gpt/embeddings",
         "my-gpt", Kind.EMBEDDING),
        ("/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse-stream",
         "/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse-stream",
         "anthropic.claude-3-haiku-20240307-v1:0", Kind.CHAT),
        ("/client/v4/accounts/0123456789abcdef/ai/run/@cf/meta/llama-3-8b-instruct",
         "/…/accounts/{…}/ai/run/@cf/meta/llama-3-8b-instruct", "@cf/meta/llama-3-8b-instruct", Kind.UNKNOWN),
        ("/v1/realtime?model=gpt-4o-realtime", "/v1/realtime", "gpt-4o-realtime", Kind.CHAT),
        ("/u/anna@example.com/v1/chat/completions", "/u/{…}/v1/chat/completions", "", Kind.CHAT),
    ],
)  # fmt: skip
def test_an_endpoint_by_its_path(target: str, path: str, model: str, kind: Kind) -> None:
    found = paths.endpoint(target)
    assert found is not None
    assert (found.path, found.model, paths.kind_of(found.path)) == (path, model, kind)


@pytest.mark.parametrize(
    "target", ["/", "/v1/orders", "/v1/models", "/chat", "/api/messages", "/v1/completionsx", "/v1/files", ""]
)
def test_a_path_like_any_other(target: str) -> None:
    assert paths.endpoint(target) is None


@pytest.mark.parametrize(
    ("method", "target", "addresses", "expected"),
    [
        ("POST", "/anything", ("api.openai.com",), ("POST /anything", "")),
        ("POST", "/v1/files", ("api.openai.com",), None),
        ("POST", "/v1/threads/thread_abc123/runs", ("api.openai.com",), ("POST /v1/threads/{…}/runs", "")),
        ("GET", "/v1/models", ("api.openai.com",), None),
        ("POST", "/api/chat", ("ollama:11434",), ("POST /api/chat", "")),
        ("POST", "/api/chat", ("shop.example.com",), None),
        ("GET", "wss://spark-api.xf-yun.com/v3.5/chat", ("spark-api.xf-yun.com",), ("GET /v3.5/chat", "")),
        ("CONNECT", "shop.example.com:443", ("shop.example.com:443",), None),
        ("DELETE", "/v1/chat/completions", (), None),
        ("POST", "/" + "x" * 5000, ("api.openai.com",), None),
    ],
)
def test_a_request(
    method: str, target: str, addresses: tuple[str, ...], expected: tuple[str, str] | None
) -> None:
    assert paths.requested(method, target, addresses) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (1736930470, "2025-01-15T08:41:10Z"),
        (1736930470.9, "2025-01-15T08:41:10Z"),
        (1736930470123, "2025-01-15T08:41:10Z"),
        (1736930470123456, "2025-01-15T08:41:10Z"),
        ("1736930470123456789", "2025-01-15T08:41:10Z"),
        ("1736930470.123", "2025-01-15T08:41:10Z"),
        ("2025-01-15T08:41:10.123456789Z", "2025-01-15T08:41:10Z"),
        ("2025-01-15T16:41:10+08:00", "2025-01-15T08:41:10Z"),
        ("2025-01-15 08:41:10+00", "2025-01-15T08:41:10Z"),
        ("2025-01-15 08:41:10.5", "2025-01-15T08:41:10"),
        ("2025/01/15 - 08:41:10", "2025-01-15T08:41:10"),
        ("15/Jan/2025:08:41:10 +0000", "2025-01-15T08:41:10Z"),
        ("15/Jan/2025:16:41:10 +0800", "2025-01-15T08:41:10Z"),
        ("20250115", "2025-01-15T00:00:00"),
        ("15/Foo/2025:08:41:10 +0000", ""),
        ("15/Jan/2025:08:41:xx +0000", ""),
        ("2025-01-15T08:41:Z", ""),
        ("2025-01-15T08:41:1e999Z", ""),
        ("2025-01-15T08:41:nanZ", ""),
        ("yesterday", ""),
        ("9" * 60, ""),
        ("", ""),
        (-5, ""),
        (10**400, ""),
        (float("nan"), ""),
        (True, ""),
        (None, ""),
        ({"a": 1}, ""),
    ],
)
def test_a_time(written: object, expected: str) -> None:
    seconds, zoned = times.moment(written)
    assert times.iso(seconds, zoned=zoned) == expected


@pytest.mark.parametrize(
    ("status", "failed"),
    [(200, 0), ("200", 0), (404, 1), ("502, 200", 0), ("200, 502", 1), (0, 1), (499, 0), (None, 0), ("-", 0),
     ([1], 0), (503.0, 1)],
)  # fmt: skip
def test_a_status(status: object, failed: int) -> None:
    assert failure(status) == failed


def test_the_model_of_a_body() -> None:
    assert model_in('{"messages": [{"content": "{\\"model\\": \\"fake\\"}"}], "model": "real"}') == "real"
    assert (
        model_in('{"messages": [{"content": "{\\"model\\": \\"fake\\"}"}], "model": "real", "x": [') == "real"
    )
    assert model_in('data: {"id": "x", "model": "glm-4"}\n\ndata: [DONE]') == "glm-4"
    for body in ("", "x", '{"model": 7}', '{"model": ["a"]}', [], 7, None, {"model": None}):
        assert model_in(body) == "", body


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://user:secret@api.openai.com:8443/v1?key=1", "https://api.openai.com:8443"),
        ("api.openai.com:443", "api.openai.com:443"),
        ("http://[::1]:8000/v1", "http://[::1]:8000"),
        ("", ""),
        ("/only/a/path", ""),
    ],
)
def test_an_address_without_what_is_private(address: str, expected: str) -> None:
    assert authority(address) == expected


@pytest.mark.parametrize(
    "secret",
    ["sk-0123456789abcdef0123", "eyJhbGciOiJIUzI1NiJ9.e30", "AIzaSyABCDEFGHIJKLMNOPQRSTUVWXYZ",
     "anna@example.com",
     "13800138000", "0123456789abcdef0123456789abcdef"],
)  # fmt: skip
def test_what_looks_like_a_key_or_a_person_is_withheld(secret: str) -> None:
    found = scanned(
        json_lines(new_api(model_name=secret), new_api(group=secret), new_api(channel_name=secret))
    )
    assert secret not in str(found)
    assert shown(secret).startswith("withheld-")
    assert len(shown(secret)) == len("withheld-") + 8


def test_nothing_of_prompts_users_and_keys_is_kept() -> None:
    attributes = {
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.prompt": "secret of the prompt",
        "user.id": "anna",
    }
    for text in (json_lines(litellm(), new_api(), otlp(span(attributes))), NGINX):
        said = str(scanned(text))
        for private in ("secret", "anna", "abab", "abc", "10.1.2"):
            assert private not in said


def test_names_that_are_no_names() -> None:
    found = scanned(json_lines(litellm(model=["gpt-4o"], model_group=7, custom_llm_provider={"a": 1}),
                               litellm(model="x" * 3000, model_group=""),
                               litellm(model="evil\x1b[31m\nname", model_group="",
                               response=None)))  # fmt: skip
    assert [usage.model for usage in found.usages] == ["evil[31mname", "gpt-4o-2024-08-06"]
    assert [(each.why, each.line) for each in found.unread] == [
        ("2 times: a field that names a model or a host holds something else", 1)
    ]
