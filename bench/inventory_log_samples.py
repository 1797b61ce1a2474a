"""Logs of every form, made as large as one likes; each line has a time and ids of its own."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

START = 1_736_930_470
MODELS = (
    ("gpt-4o", "api.openai.com", "openai"), ("qwen-plus", "dashscope.aliyuncs.com", "dashscope"),
    ("deepseek-chat", "api.deepseek.com", "deepseek"), ("glm-4-plus", "open.bigmodel.cn", "zai"),
    ("text-embedding-3-small", "api.openai.com", "openai"),
)  # fmt: skip
PATHS = (
    "/",
    "/index.html",
    "/api/orders/$N",
    "/static/app.$N.js",
    "/login",
    "/api/users/$N/cart",
    "/v1/items/$N",
)
AGENTS = ("OpenAI/Python 1.52.0", "python-httpx/0.27.2", "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0.0.0")
CHAT = "/v1/chat/completions"
PROMPT = "How do I renew the certificate of the staging cluster? Please answer in three short steps. "
Row = Callable[[int], str]


def filled(text: str, n: int) -> str:
    """A line with its own number, times, model and host; every third request is a call."""
    at = START + n / 7
    moment = datetime.fromtimestamp(at, UTC)
    model, host, provider = MODELS[n % 5]
    marks = {
        "$PATH": CHAT if n % 3 == 0 else PATHS[n % len(PATHS)],
        "$METHOD": "GET" if n % 3 else "POST",
        "$N": f"{n:08x}",
        "$B": str(n % 250),
        "$ISO": f"{moment:%Y-%m-%dT%H:%M:%S}.{n % 1000:03}Z",
        "$CLF": f"{moment:%d/%b/%Y:%H:%M:%S} +0000",
        "$GIN": f"{moment:%Y/%m/%d - %H:%M:%S}",
        '"$TS"': f"{at:.3f}",
        "$TS": f"{at:.3f}",
        '"$MS"': str(int(at * 1e3)),
        "$GO": str(int(at * 1e9)),
        "$MODEL": model,
        "$HOST": host,
        "$PROVIDER": provider,
        "$AGENT": AGENTS[n % 3],
    }
    for mark, value in marks.items():
        text = text.replace(mark, value)
    return text


def of(record: object, end: str = "\n") -> Row:
    """Rows of JSON like a record."""
    text = json.dumps(record) + end
    return lambda n: filled(text, n)


def of_lines(row: Row, head: str = "", tail: str = "") -> Callable[[Path, int], None]:
    """A log of such rows."""

    def make(path: Path, size: int) -> None:
        with path.open("w", encoding="utf-8") as stream:
            written, number = stream.write(head), 0
            while written < size:
                written += stream.write("".join(row(number + n) for n in range(1000)))
                number += 1000
            if tail:
                stream.seek(stream.tell() - len(",\n"))
                stream.truncate()
                stream.write(tail)

    return make


litellm = of({
    "id": "chatcmpl-$N", "trace_id": "$N" * 4, "call_type": "acompletion", "cache_hit": None, "stream": True,
    "status": "success", "custom_llm_provider": "$PROVIDER", "model": "$MODEL", "model_group": "$MODEL",
    "model_id": "$N" * 8, "api_base": "https://$HOST/v1", "startTime": "$TS", "endTime": "$TS",
    "completionStartTime": "$TS", "response_time": 1.5, "response_cost": 0.00042, "total_tokens": 321,
    "prompt_tokens": 200, "completion_tokens": 121, "request_tags": [], "requester_ip_address": "10.0.0.7",
    "metadata": {"user_api_key_hash": "$N" * 8, "user_api_key_team_id": None, "spend_logs_metadata": None},
    "hidden_params": {"api_base": "https://$HOST", "additional_headers": {"x_ratelimit_limit_requests": 9}},
    "messages": [{"role": "user", "content": PROMPT * 3}], "model_parameters": {"temperature": 0.2},
    "response": {"model": "$MODEL", "choices": [{"message": {"content": PROMPT * 4}}]},
})  # fmt: skip
spend = of({
    "request_id": "chatcmpl-$N", "call_type": "acompletion", "api_key": "$N" * 8, "spend": 0.0004,
    "total_tokens": 321, "startTime": "$ISO", "endTime": "$ISO", "model": "$MODEL", "model_group": "$MODEL",
    "custom_llm_provider": "$PROVIDER", "api_base": "https://$HOST/v1", "user": "u", "cache_hit": "False",
    "metadata": {"status": "success", "tags": []}, "cache_key": "", "request_tags": [], "team_id": None,
}, ",\n")  # fmt: skip
envoy = {
    "authority": "$HOST", "bytes_received": "336", "bytes_sent": "1675",
    "downstream_local_address": "10.0.0.2:80",
    "downstream_remote_address": "10.0.$B.7:51234", "duration": "1590", "method": "POST", "path": CHAT,
    "protocol": "HTTP/1.1", "request_id": "$N" * 4, "requested_server_name": "-", "response_code": "200",
    "response_flags": "-", "route_name": "ai-route", "start_time": "$ISO", "trace_id": "-",
    "upstream_cluster": "outbound|443||llm-qwen.internal.dns", "upstream_host": "39.96.$B.1:443",
    "upstream_service_time": "496", "user_agent": "$AGENT", "x_forwarded_for": "-",
}  # fmt: skip
told = {
    "api": "chat",
    "model": "$MODEL",
    "input_token": "200",
    "output_token": "121",
    "llm_service_duration": "15",
}
apisix = of({
    "request": {"method": "POST", "uri": CHAT, "url": f"http://gw:9080{CHAT}", "size": 412, "querystring": {},
                "headers": {"host": "$HOST", "content-type": "application/json"}},
    "response": {"status": 200, "headers": {"content-type": "application/json"}, "size": 1675},
    "server": {"hostname": "a", "version": "3.13.0"}, "upstream": "104.18.7.192:443", "service_id": "",
    "route_id": "llm", "client_ip": "10.0.0.7", "start_time": "$MS", "latency": 1590.2, "apisix_latency": 2.2,
    "upstream_latency": 1588.0, "llm_summary": {"model": "$MODEL", "duration": 1588, "prompt_tokens": 200},
})  # fmt: skip
kong = of({
    "request": {"uri": "/chat", "method": "POST", "url": "https://kong:8443/chat",
    "headers": {"host": "kong"}},
    "response": {"status": 200, "size": "1675", "headers": {"content-type": "application/json"}},
    "upstream_uri": CHAT, "latencies": {"kong": 3, "proxy": 1588, "request": 1591}, "route": {"name": "chat"},
    "service": {"name": "llm", "host": "localhost", "port": 32000}, "started_at": "$MS",
    "upstream_status": "200",
    "ai": {"proxy": {"meta": {"request_model": "$MODEL", "response_model": "$MODEL",
    "provider_name": "$PROVIDER",
                              "plugin_id": "$N" * 4, "llm_latency": 1588},
                     "usage": {"prompt_tokens": 200, "completion_tokens": 121, "cost": 0.0004}}},
})  # fmt: skip
nginx_json = of({
    "time_iso8601": "$ISO", "remote_addr": "10.0.0.$B", "host": "llm.example.com",
    "request_method": "$METHOD",
    "request_uri": "$PATH", "status": "200", "body_bytes_sent": "1675", "request_time": "1.590",
    "upstream_addr": "10.2.0.9:8000", "upstream_status": "200", "http_user_agent": "$AGENT",
    "request_id": "$N",
})  # fmt: skip
caddy = of({
    "level": "info", "ts": "$TS", "logger": "http.log.access.log0", "msg": "handled request", "status": 200,
    "request": {"remote_ip": "10.0.0.7", "client_ip": "10.0.0.7", "proto": "HTTP/2.0", "method": "$METHOD",
                "host": "llm.example.com", "uri": "$PATH", "headers": {"User-Agent": ["$AGENT"]}},
    "bytes_read": 412, "user_id": "", "duration": 1.59, "size": 1675, "resp_headers": {"Server": ["Caddy"]},
})  # fmt: skip
traefik = of({
    "ClientAddr": "10.0.0.7:51234", "ClientHost": "10.0.0.7", "DownstreamContentSize": 1675,
    "Overhead": 12345,
    "DownstreamStatus": 200, "Duration": 1590000000, "OriginStatus": 200, "RequestHost": "llm.example.com",
    "RequestMethod": "$METHOD", "RequestPath": "$PATH", "RequestProtocol": "HTTP/2.0",
    "RouterName": "llm@docker",
    "ServiceAddr": "10.2.0.9:8000", "ServiceName": "vllm@docker", "ServiceURL": "http://10.2.0.9:8000",
    "StartUTC": "$ISO", "entryPointName": "websecure", "level": "info", "msg": "", "time": "$ISO",
})  # fmt: skip
langfuse = of({
    "id": "$N" * 4, "traceId": "$N" * 4, "type": "GENERATION", "name": "answer", "startTime": "$ISO",
    "model": "$MODEL", "modelParameters": {"temperature": 0.2}, "input": [{"role": "user",
    "content": PROMPT}],
    "output": PROMPT, "level": "DEFAULT", "usage": {"input": 200, "output": 121}, "metadata": {},
})  # fmt: skip
body = json.dumps({"model": "$MODEL", "messages": [{"role": "user", "content": PROMPT}]})
har = of({
    "startedDateTime": "$ISO", "time": 1590, "cache": {}, "timings": {"send": 1, "wait": 1588, "receive": 1},
    "request": {"method": "$METHOD", "url": "https://$HOST$PATH", "httpVersion": "HTTP/2", "headers": [],
                "postData": {"mimeType": "application/json", "text": body}},
    "response": {"status": 200, "statusText": "OK", "headers": [], "bodySize": 1675,
                 "content": {"size": 1675, "mimeType": "application/json", "text": body}},
}, ",\n")  # fmt: skip


def attribute(key: str, text: str) -> dict[str, object]:
    """An attribute of a span."""
    return {"key": key, "value": {"stringValue": text}}


calls = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "$PROVIDER",
"gen_ai.request.model": "$MODEL",
         "gen_ai.response.model": "$MODEL", "server.address": "$HOST"}  # fmt: skip
others = {"http.request.method": "GET", "url.path": "/api/orders/$N", "db.system": "postgresql"}
spans = [
    {"traceId": "$N" * 4, "spanId": "$N$N", "name": "chat", "kind": 3, "startTimeUnixNano": "$GO",
     "status": {},
     "attributes": [attribute(*each) for each in (others if n % 2 else calls).items()]}
    for n in range(10)
]  # fmt: skip
scopes = [{"scope": {"name": "openai"}, "spans": spans}]
otlp = of(
    {"resourceSpans": [{"resource": {"attributes": [attribute("service.name", "s")]}, "scopeSpans": scopes}]}
)
LOGS = ("id", "user_id", "created_at", "type", "content", "username", "token_name", "model_name", "quota",
        "prompt_tokens", "completion_tokens", "use_time", "is_stream", "channel_id", "token_id", "group",
        "ip",
        "other")  # fmt: skip


def log_row(n: int) -> tuple[object, ...]:
    """A row of new-api's table ``logs``."""
    other = {
        "admin_info": {"use_channel": [str(n % 7)], "is_multi_key": False}, "billing_source": "wallet",
        "cache_ratio": 1, "cache_tokens": 0, "completion_ratio": 4, "frt": 812 + n % 999, "group_ratio": 1,
        "model_price": -1, "model_ratio": 2.5, "request_conversion": ["OpenAI Compatible"],
        "request_path": CHAT, "user_group_ratio": -1,
    }  # fmt: skip
    if n % 10 == 0:
        other |= {"is_model_mapped": True, "upstream_model_name": "qwen-plus"}
    content = "模型倍率 2.50，补全倍率 4.00，分组倍率 1.00，用时 2秒"
    return (n, n % 99, START + n // 7, 2, content, f"user{n % 99}", "web", MODELS[n % 5][0], 1200, 200, 121,
    2, 1,
            n % 7, n % 9, "default", "10.0.0.7", json.dumps(other, separators=(",", ":")))  # fmt: skip


def as_csv(n: int) -> str:
    """The same as CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(log_row(n))
    return out.getvalue()


def as_sql(n: int) -> str:
    """The same as mysqldump writes it: a thousand rows in one statement, on one line."""
    escapes = str.maketrans({"\\": "\\\\", "'": "\\'", '"': '\\"'})
    values = (str(v) if isinstance(v, int) else f"'{str(v).translate(escapes)}'" for v in log_row(n))
    mark = "INSERT INTO `logs` VALUES " if n % 1000 == 0 else ""
    return f"{mark}({','.join(values)}){';' + chr(10) if n % 1000 == 999 else ','}"  # noqa: PLR2004


def database(path: Path, size: int) -> None:
    """The same as the SQLite file itself."""
    marks = ", ".join("?" * len(LOGS))
    with sqlite3.connect(path) as made:
        made.execute(f"CREATE TABLE logs ({', '.join(f'`{name}`' for name in LOGS)})")
        number = 0
        while path.stat().st_size < size:
            rows = map(log_row, range(number, number + 20_000))
            made.executemany(f"INSERT INTO logs VALUES ({marks})", rows)  # noqa: S608 - no text of others
            made.commit()
            number += 20_000
    made.close()


def text(share: int, line: str, call: str, other: str) -> Row:
    """Lines of text, of which one in ``share`` is a call."""
    return lambda n: filled(line.replace("$WHAT", other if n % share else call), n)


COLUMNS = ",\n".join(f"  `{name}` longtext" for name in LOGS)
CREATE = f"-- MySQL dump 10.13\n\nCREATE TABLE `logs` (\n{COLUMNS},\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB;\n"
NEW_API = (
    '[INFO] $GIN | $N$N | record consume log: userId=1, params={"channel_id": 3, "model_name": "$MODEL", '
    '"token_name": "web", "quota": 1200, "content": "", "token_id": 3, "group": "default", '
    f'"other": {{"admin_info": {{"use_channel": ["3"]}}, "frt": 812, "request_path": "{CHAT}"}}}}\n'
    f"[GIN] $GIN | $N$N | 200 |  1.512345678s |        10.0.0.7 |    POST {CHAT}\n"
)
NGINX = '10.1.$B.9 - - [$CLF] "$WHAT HTTP/1.1" 200 1675 "https://shop.example/start" "$AGENT"\n'
ISTIO = (
    '[$ISO] "POST $WHAT HTTP/1.1" 200 - via_upstream - "-" 156 91 30 29 "-" "$AGENT" "$N$N$N$N" "$UP" '
    '"10.244.3.$B:80" outbound|80||$UP 10.244.1.5:54321 10.96.45.67:8080 10.244.1.5:33210 - default\n'
)
SQUID = "$TS   1590 10.0.$B.7 TCP_TUNNEL/200 16754 CONNECT $WHAT:443 - HIER_DIRECT/93.184.$B.14 -\n"


def istio(n: int) -> str:
    """Every fourth request is a call."""
    up, what = ("orders.shop.svc.cluster.local", "/api/orders/$N") if n % 4 else ("api.deepseek.com", CHAT)
    return filled(ISTIO.replace("$UP", up).replace("$WHAT", what), n)


FORMS: dict[str, Callable[[Path, int], None]] = {
    "LiteLLM payloads": of_lines(litellm),
    "LiteLLM spend logs, a JSON list": of_lines(spend, "[\n", "\n]\n"),
    "new-api table, CSV": of_lines(as_csv, ",".join(LOGS) + "\n"),
    "new-api table, mysqldump": of_lines(as_sql, CREATE),
    "new-api table, SQLite": database,
    "new-api log file": of_lines(lambda n: filled(NEW_API, n)),
    "Higress": of_lines(of(envoy | {"ai_log": json.dumps(told)})),
    "Envoy JSON": of_lines(of(envoy)),
    "Istio text, 25 % calls": of_lines(istio),
    "APISIX": of_lines(apisix),
    "Kong": of_lines(kong),
    "nginx combined, 5 % calls": of_lines(text(20, NGINX, f"POST {CHAT}", "$METHOD /api/orders/$N")),
    "nginx combined, all calls": of_lines(text(1, NGINX, f"POST {CHAT}", "")),
    "nginx JSON, 33 % calls": of_lines(nginx_json),
    "Squid, 20 % calls": of_lines(text(5, SQUID, "api.openai.com", "cdn$B.example.com")),
    "Caddy, 33 % calls": of_lines(caddy),
    "Traefik, 33 % calls": of_lines(traefik),
    "OTLP, 50 % calls": of_lines(otlp),
    "HAR, 33 % calls": of_lines(
        har, '{"log": {"version": "1.2", "creator": {"name": "b"}, "entries": [\n', "\n]}}\n"
    ),
    "Langfuse": of_lines(langfuse),
}
