"""Small logs of every form, written for these tests, and what came of them in one line each."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from countermark.inventory.logs import scan
from countermark.inventory.usage import Inventory, Usage


def scanned(content: str | bytes, name: str = "some.log", **options: int) -> Inventory:
    """What a file with this content says."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return scan([path], **options)


def rows(inventory: Inventory) -> list[str]:
    """Each usage on a line."""
    return [row(usage) for usage in inventory.usages]


def row(usage: Usage) -> str:
    """State, model or what stands for it, host, calls, lines, from when to when."""
    place = usage.place
    lines = f"{place.line}-{place.end}" if place.end else f"{place.line}"
    times = f" {usage.first}" if usage.first else ""
    times += f"..{usage.last}" if usage.last != usage.first else ""
    name = usage.model or usage.expression
    return f"{usage.state} {name} @ {usage.host or '?'} {usage.requests}x :{lines}{times}"


def json_lines(*records: object) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def litellm(**fields: object) -> dict[str, object]:
    """A standard logging payload."""
    return {
        "id": "chatcmpl-1", "trace_id": "t", "call_type": "acompletion", "status": "success",
        "model": "gpt-4o",
        "model_group": "gpt-4o", "api_base": "https://api.openai.com/v1", "custom_llm_provider": "openai",
        "startTime": 1736930470.5, "endTime": 1736930471.5, "cache_hit": None, "response_cost": 0.01,
        "metadata": {"user_api_key_alias": "anna", "user_api_key_hash": "ab" * 32},
        "hidden_params": {"api_base": "https://api.openai.com", "additional_headers": {}},
        "messages": [{"role": "user", "content": "secret of the prompt"}],
        "response": {"model": "gpt-4o-2024-08-06", "choices": []},
    } | fields  # fmt: skip


def new_api(**fields: object) -> dict[str, object]:
    """A row of new-api's table ``logs``, as its API gives it."""
    return {
        "id": 1, "user_id": 7, "created_at": 1736930470, "type": 2, "content": "模型倍率 2.50",
        "username": "anna",
        "token_name": "web", "model_name": "gpt-4o", "quota": 100, "prompt_tokens": 1, "completion_tokens": 2,
        "use_time": 1, "is_stream": True, "channel": 3, "channel_name": "main", "token_id": 1, "group": "vip",
        "ip": "", "other": '{"model_ratio":2.5,"admin_info":{"use_channel":["3"]}}',
    } | fields  # fmt: skip


def channel(**fields: object) -> dict[str, object]:
    """A row of new-api's table ``channels``."""
    return {
        "id": 3, "type": 17, "key": "sk-0123456789abcdef0123", "status": 1, "name": "main", "base_url": "",
        "models": "qwen-plus,gpt-4o", "model_mapping": '{"gpt-4o": "qwen-max"}', "group": "default",
        "auto_ban": 1,
        "setting": None, "test_model": None,
    } | fields  # fmt: skip


def higress(**fields: object) -> dict[str, object]:
    """An access log of Higress, in its default form."""
    return {
        "ai_log": '{"model":"qwen-plus","input_token":"10","output_token":"69"}',
        "authority": "dashscope.aliyuncs.com",
        "bytes_received": "336", "method": "POST", "path": "/v1/chat/completions", "protocol": "HTTP/1.1",
        "request_id": "5895f5a9", "response_code": "200", "response_flags": "-", "route_name": "ai-route",
        "start_time": "2024-06-18T09:37:14.078Z", "upstream_cluster": "outbound|443||llm-qwen.internal.dns",
        "upstream_host": "39.96.1.1:443", "user_agent": "x", "x_forwarded_for": "-",
    } | fields  # fmt: skip


def kong(meta: dict[str, object] | None, **fields: object) -> dict[str, object]:
    """An entry of Kong's file log; without ``meta``, of a route without the AI plugins."""
    ai = {"ai": {"proxy": {"meta": meta, "usage": {"total_tokens": 3}}}} if meta else {}
    return {
        "request": {"uri": "/chat", "method": "POST", "url": "https://kong:8443/chat",
        "headers": {"host": "kong"}},
        "response": {"status": 200}, "upstream_uri": "/v1/chat/completions", "latencies": {"kong": 3,
        "proxy": 1588},
        "service": {"name": "llm", "host": "localhost", "port": 32000}, "route": {"name": "chat"},
        "started_at": 1736930470123, "client_ip": "10.0.0.7", **ai,
    } | fields  # fmt: skip


def span(attributes: dict[str, object], **fields: object) -> dict[str, object]:
    """A span, as OTLP has it."""
    kinds = {str: "stringValue", int: "intValue"}
    listed = [{"key": key, "value": {kinds[type(value)]: value}} for key, value in attributes.items()]
    start = {
        "traceId": "aa",
        "spanId": "bb",
        "name": "chat",
        "kind": 3,
        "startTimeUnixNano": "1736930470000000000",
    }
    return start | {"attributes": listed, "status": {}} | fields


def otlp(*spans: dict[str, object]) -> dict[str, object]:
    """One line of a collector's file exporter."""
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    return {
        "resourceSpans": [
            {"resource": resource, "scopeSpans": [{"scope": {"name": "x"}, "spans": list(spans)}]}
        ]
    }


def har(*entries: dict[str, object]) -> str:
    """A HAR file."""
    return json.dumps(
        {"log": {"version": "1.2", "creator": {"name": "b", "version": "1"}, "entries": entries}}, indent=2
    )


def har_entry(url: str, model: str, **request: object) -> dict[str, object]:
    return {
        "startedDateTime": "2025-01-15T17:01:10.123+08:00",
        "request": {"method": "POST", "url": url, "postData": {"text": json.dumps({"model": model})}}
        | request,
        "response": {"status": 200, "content": {"text": json.dumps({"model": model})}},
    }


NGINX = (
    '10.1.2.3 - - [21/Mar/2025:04:28:03 +0000] "POST /v1/chat/completions?key=abc HTTP/1.1" 200 8 "-" "x"\n'
    '10.1.2.4 - anna [21/Mar/2025:04:28:09 +0000] "GET /index.html HTTP/1.1" 200 1 "-" "Mozilla (model)"\n'
    '10.1.2.4 - - [21/Mar/2025:04:28:05 +0000] "POST /v1/chat/completions HTTP/1.1" 499 0 "-" "curl"\n'
)
SQUID = (
    "1729879108.361   2812 10.0.0.1 TCP_TUNNEL/200 5435 CONNECT api.openai.com:443 - HIER_DIRECT/9.8.2.1 -\n"
    "1729879109.000     12 10.0.0.1 TCP_TUNNEL/200 5435 CONNECT shop.example:443 - HIER_DIRECT/9.8.2.1 -\n"
    "1729879208.361      0 10.0.0.9 TCP_DENIED/403 39 CONNECT ark.cn-beijing.volces.com:443 - HIER_NONE/- -\n"
)
ISTIO = (
    '[2026-02-24T14:23:15.456Z] "POST /api/orders HTTP/1.1" 503 UC via_upstream - "-" 156 91 30004 - "-" "x" '
    '"id1" "orders.shop.svc.cluster.local" "10.244.3.12:8080" outbound|80||orders.shop.svc.cluster.local -\n'
    '[2026-02-24T14:23:16.456Z] "POST /v1/chat/completions HTTP/2" 200 - via_upstream - "-" 156 91 304 3 "-" '
    '"x" "id2" "api.deepseek.com" "104.18.26.90:443" outbound|443||api.deepseek.com 10.0.0.1:1 - default\n'
)
SAMPLES: dict[str, str] = {
    "litellm": json_lines(litellm()),
    "one-api": json_lines(new_api()),
    "one-api channels": json.dumps({"data": {"items": [channel()]}}),
    "higress": json_lines(higress()),
    "envoy": json_lines(higress(ai_log="-")),
    "kong": json_lines(kong({"request_model": "command", "provider_name": "cohere"})),
    "apisix": json_lines({"llm_model": "gpt-4o", "host": "llm.example.com", "status": 200}),
    "opentelemetry": json_lines(otlp(span({"gen_ai.request.model": "gpt-4o"}))),
    "har": har(har_entry("https://api.openai.com/v1/chat/completions", "gpt-4o")),
    "access": NGINX,
    "squid": SQUID,
    "gin": '[GIN] 2025/01/01 - 10:00:00 | 200 |  1.2s |  127.0.0.1 | POST     "/api/chat"\n',
    "mentions": 'INFO - HTTP Request: POST https://api.openai.com/v1/responses "HTTP/1.1 200 OK"\n',
    "caddy": json_lines(
        {"ts": 1736930470.5, "logger": "http.log.access", "status": 200, "request": {"uri": "/"}}
    ),
    "traefik": json_lines({"DownstreamStatus": 200, "RequestMethod": "POST", "RequestPath": "/v1/responses"}),
    "json": json_lines({"model": "gpt-4o", "provider": "openai", "timestamp": "2025-01-15T09:01:10Z"}),
}
"""One small log of each form, by the name that it is detected by."""
