"""Logs of servers and proxies that know where a request went, and seldom which model was called."""

from __future__ import annotations

import json

import pytest
from log_samples import ISTIO, NGINX, SQUID, har, har_entry, json_lines, rows, scanned

from countermark.inventory.usage import Route, State


def test_nginx_in_the_combined_form() -> None:
    found = scanned(NGINX)
    assert rows(found) == [
        "unresolved POST /v1/chat/completions @ ? 2x :1-3 2025-03-21T04:28:03Z..2025-03-21T04:28:05Z"
    ]
    assert found.counts["other"] == 1


IP = "10.0.0.1 - - [21/Mar/2025:04:28:03 +0000] "
AZURE = "/chat/completions?api-version=2024-06-01"
LINES = {
    'llm.example.com:443 10.0.0.1 - - [21/Mar/2025:04:28:03 +0000] "POST /v1/messages HTTP/1.1" 200 8 "-"': (
        "unresolved POST llm.example.com/v1/messages @ llm.example.com"
    ),
    f'{IP}api.openai.com "POST /chat HTTP/1.1" 200 804 2.858 "-" "curl/8.6.0" - - - 5765 '
    '"http://api.openai.com" "5c5e" "ai_chat" "2858" "gpt-4o" "deepseek-chat"  "23" "8"': (
        "effective gpt-4o @ api.openai.com"
    ),
    f'{IP}"POST /v1/chat/completions HTTP/2.0" 200 9 "-" "x" 12 "llm@docker" "http://10.2.0.9:8000" 5ms': (
        "unresolved POST 10.2.0.9:8000/v1/chat/completions @ 10.2.0.9:8000"
    ),
    f'{IP}"CONNECT api.anthropic.com:443 HTTP/1.1" 200 9 "-" "x" TCP_TUNNEL:HIER_DIRECT': (
        "unresolved CONNECT api.anthropic.com:443 @ api.anthropic.com"
    ),
    f'{IP}"POST http://user:pw@api.mistral.ai/v1/chat/completions?k=1 HTTP/1.1" 200 9 "-" "x"': (
        "unresolved POST api.mistral.ai/v1/chat/completions @ api.mistral.ai"
    ),
    f'{IP}"GET /v1/realtime?model=gpt-4o-realtime-preview HTTP/1.1" 101 9 "-" "x"': (
        "effective gpt-4o-realtime-preview @ ?"
    ),
    f'{IP}"POST /openai/deployments/gpt-4o{AZURE} HTTP/1.1" 200 9 "-" "x"': "effective gpt-4o @ ?",
    f'{IP}"POST /openai/deployments/prod{AZURE} HTTP/1.1" 200 9 "-" "x"': (
        "unresolved POST /openai/deployments/prod/chat/completions @ ?"
    ),
    'INFO:     172.18.0.1:55526 - "POST /v1/embeddings HTTP/1.1" 200 OK': (
        "unresolved POST /v1/embeddings @ ?"
    ),
    'api-1  | INFO:     172.18.0.1:55526 - "POST /v1/rerank HTTP/1.1" 503 Service Unavailable': (
        "stale POST /v1/rerank @ ?"
    ),
    '2025-03-21T04:28:03.1Z stdout F [2025-03-21T04:28:03.000Z] "POST /v1/chat/completions HTTP/2" 200 - 154 '
    '0 226 100 "10.0.35.28" "x" "cc21" "api.deepseek.com" "tcp://10.0.2.1:443"': (
        "unresolved POST api.deepseek.com/v1/chat/completions @ api.deepseek.com"
    ),
    "2025-01-15 09:01:10,123 - httpx - INFO - HTTP Request: POST https://api.deepseek.com/chat/completions "
    '"HTTP/1.1 200 OK"': "unresolved POST api.deepseek.com/chat/completions @ api.deepseek.com",
    "CONNECT   Nov 25 07:00:00.123 [12]: Request (file descriptor 5): "
    "CONNECT ark.cn-beijing.volces.com:443 HTTP/1.1": (
        "unresolved CONNECT ark.cn-beijing.volces.com:443 @ ark.cn-beijing.volces.com"
    ),
    "127.0.0.1:52345: POST https://api.x.ai/v1/responses HTTP/2.0 << 200 OK 1.2k": (
        "unresolved POST api.x.ai/v1/responses @ api.x.ai"
    ),
    '<134>Oct 11 22:14:15 gw nginx: {"host": "llm.example.com", "request": "POST /v1/responses HTTP/1.1", '
    '"status": 200}': "unresolved POST llm.example.com/v1/responses @ llm.example.com",
}


@pytest.mark.parametrize(("line", "expected"), LINES.items())
def test_a_line_of_text(line: str, expected: str) -> None:
    found = scanned(line + "\n")
    assert [row.partition(" 1x")[0] for row in rows(found)] == [expected]
    assert found.unread == []


def test_squid_in_its_own_form() -> None:
    gemini = "generativelanguage.googleapis.com"
    found = scanned(
        f"{SQUID}1729879209.000 9 172.17.0.9 TCP_MISS/200 39 POST http://{gemini}/v1beta/models/gemini-2.0-flash"
        ":generateContent?key=AIzaSyABCDEFGHIJKLMNOPQRSTUVWXYZ012345 - HIER_DIRECT/1.2.3.4 -\n"
    )
    ark = "ark.cn-beijing.volces.com"
    assert rows(found) == [
        f"effective gemini-2.0-flash @ {gemini} 1x :4 2024-10-25T18:00:09Z",
        "unresolved CONNECT api.openai.com:443 @ api.openai.com 1x :1 2024-10-25T17:58:28Z",
        f"stale CONNECT {ark}:443 @ {ark} 1x :3 2024-10-25T18:00:08Z",
    ]
    assert found.usages[1].provider == "openai"
    assert (found.counts["other"], found.counts["calls"]) == (1, 3)
    assert "AIza" not in str(found)


def test_istio_as_text() -> None:
    assert rows(scanned(ISTIO)) == [
        "unresolved POST api.deepseek.com/v1/chat/completions @ api.deepseek.com 1x :2 2026-02-24T14:23:16Z"
    ]


NGINX_JSON = {"time_iso8601": "2025-01-15T16:41:10+08:00", "remote_addr": "10.0.0.1",
"host": "llm.example.com",
              "request_method": "POST", "request_uri": "/v1/chat/completions", "status": "200"}  # fmt: skip
CADDY = {"level": "info", "ts": 1736930470.25, "logger": "http.log.access", "msg": "handled request",
"status": 200,
         "request": {"method": "POST", "host": "llm.example.com", "uri": "/v1/chat/completions",
                     "headers": {"Authorization": ["REDACTED"]}}}  # fmt: skip
TRAEFIK = {"DownstreamStatus": 200, "RequestHost": "llm.example.com", "RequestMethod": "POST",
           "RequestPath": "/v1/chat/completions", "RouterName": "llm@docker", "ServiceName": "vllm@docker",
           "ServiceURL": {"Scheme": "http", "Host": "10.2.0.9:8000"},
           "StartUTC": "2025-01-15T08:41:10.1Z"}  # fmt: skip


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (NGINX_JSON, "unresolved POST llm.example.com/v1/chat/completions @ llm.example.com"),
        (NGINX_JSON | {"upstream_addr": "10.2.0.9:8000, 10.2.0.8:8000"},
         "unresolved POST 10.2.0.8:8000/v1/chat/completions @ 10.2.0.8:8000"),
        (NGINX_JSON | {"proxy_host": "dashscope.aliyuncs.com", "upstream_addr": "39.96.1.1:443"},
         "unresolved POST dashscope.aliyuncs.com/v1/chat/completions @ dashscope.aliyuncs.com"),
        (NGINX_JSON | {"request_body": json.dumps({"messages": ["x"], "model": "glm-4-plus"})},
         "effective glm-4-plus @ llm.example.com"),
        (NGINX_JSON | {"request_body": '{"model": "glm-4-plus", "messages": [{"role": "us'},
         "effective glm-4-plus @ llm.example.com"),
        (NGINX_JSON | {"status": 502}, "stale POST llm.example.com/v1/chat/completions @ llm.example.com"),
        (CADDY, "unresolved POST llm.example.com/v1/chat/completions @ llm.example.com"),
        (TRAEFIK, "unresolved POST 10.2.0.9:8000/v1/chat/completions @ 10.2.0.9:8000"),
        (TRAEFIK | {"ServiceURL": "https://api.siliconflow.cn"},
         "unresolved POST api.siliconflow.cn/v1/chat/completions @ api.siliconflow.cn"),
        ({"log": json.dumps(NGINX_JSON) + "\n", "stream": "stdout", "time": "2025-01-15T08:41:10.1Z"},
         "unresolved POST llm.example.com/v1/chat/completions @ llm.example.com"),
        ({"@timestamp": "2025-01-15T08:41:10Z",
         "message": "HTTP Request: POST https://api.openai.com/v1/responses "
          '"HTTP/1.1 200 OK"'}, "unresolved POST api.openai.com/v1/responses @ api.openai.com"),
        ({"_source": {"message": json.dumps(CADDY)}},
         "unresolved POST llm.example.com/v1/chat/completions @ llm.example.com"),
    ],
)  # fmt: skip
def test_a_record(record: dict[str, object], expected: str) -> None:
    found = scanned(json_lines(record))
    assert rows(found) == [f"{expected} 1x :1 2025-01-15T08:41:10Z"]


def test_what_nginx_escapes_as_no_json_may_be() -> None:
    line = json.dumps(NGINX_JSON)[:-1] + r', "request_body": "{\x22model\x22:\x22qwen-plus\x22}"}'
    assert [usage.model for usage in scanned(line + "\n").usages] == ["qwen-plus"]


def test_recorded_traffic() -> None:
    found = scanned(
        har(
            har_entry("https://api.moonshot.cn/v1/chat/completions", "moonshot-v1-8k"),
            har_entry("https://api.moonshot.cn/v1/files", "moonshot-v1-8k"),
            har_entry("https://shop.example.com/api", "x"),
        ),
        "x.har",
    )
    assert rows(found) == ["effective moonshot-v1-8k @ api.moonshot.cn 1x :9 2025-01-15T09:01:10Z"]
    flow = {"client_conn": {}, "timestamp_start": 1736930470.5, "request": {"method": "POST",
    "scheme": "https", "port": 443,
            "host": "1.2.3.4", "pretty_host": "api.deepseek.com", "path": "/chat/completions",
            "content": '{"model":"deepseek-chat"}'}, "response": {"status_code": 200}}  # fmt: skip
    assert rows(scanned(json_lines(flow))) == [
        "effective deepseek-chat @ api.deepseek.com 1x :1 2025-01-15T08:41:10Z"
    ]


def test_an_unknown_host_that_is_asked_as_openai_is_reported_and_others_are_only_counted() -> None:
    record = NGINX_JSON | {"host": "ai.unheard-of.example.net"}
    found = scanned(
        json_lines(record, record | {"request_uri": "/api/orders"}, record | {"request_method": "GET"})
    )
    assert [(u.state, u.host, u.route, u.provider) for u in found.usages] == [
        (State.UNRESOLVED, "ai.unheard-of.example.net", Route.UNKNOWN, "")
    ]
    assert found.counts["other"] == 2
