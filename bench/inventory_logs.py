"""How quick logs of gateways and proxies are read, beside the limit, in one run.

Run with ``make bench``, or ``python bench/inventory_logs.py [--megabytes N]``. Logs of every form are made,
each line with a time and ids of its own. The limits: cutting a log into lines and doing nothing with
them, parsing each line as JSON where it is JSON, and ``grep -c``. Times are medians of three, on one core.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import platform
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson

from countermark.inventory.logs import scan

ROUNDS = 3
SEED = 4
MODELS = (("gpt-4o", "https://api.openai.com/v1", "openai"), ("qwen-plus", "https://dashscope.aliyuncs.com", "dashscope"),
          ("deepseek-chat", "https://api.deepseek.com/v1", "deepseek"), ("glm-4-plus", "https://open.bigmodel.cn", "zai"),
          ("text-embedding-3-small", "https://api.openai.com/v1", "openai"))  # fmt: skip
PATHS = (
    "/",
    "/index.html",
    "/api/orders/{}",
    "/static/app.{}.js",
    "/login",
    "/api/users/{}/cart",
    "/healthz",
    "/v1/items/{}",
)
AGENTS = (
    "OpenAI/Python 1.52.0",
    "python-httpx/0.27.2",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0",
)
PROMPT = "How do I renew the certificate of the staging cluster? Please answer in three short steps. "
START = 1_736_930_470
BLOCK = 1 << 20
Row = Callable[[int], str]


def main() -> None:
    """Measure every form, and print a table for ``docs/benchmarks.md``."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--megabytes", type=int, default=300, help="size of each log")
    options.add_argument("--only", default="", help="forms whose names hold this")
    options.add_argument("--folder", type=Path, help="where to work")
    given = options.parse_args()
    random.seed(SEED)
    print(
        f"Python {platform.python_version()}, {given.megabytes} MB each, one process, medians of {ROUNDS}; MB/s\n"
    )
    print(
        "| log | bytes a line | calls | **ours** | lines only | ours / lines | orjson | ours / orjson | grep -c |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        for form, make in FORMS.items():
            if given.only in form:
                path = Path(name, form.replace(" ", "-").replace(",", ""))
                make(path, given.megabytes * 1_000_000)
                measure(form, path)
                path.unlink()
        two = Path(name, "two")
        lines(two, litellm, given.megabytes * 2_000_000)
        processes(two)
    print(
        f"\nLargest resident size of the run: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB"
    )


def measure(form: str, path: Path) -> None:
    """One line of the table."""
    size = path.stat().st_size / 1e6
    inventory = scan([path])
    assert inventory.counts["calls"], form
    assert not inventory.unread, inventory.unread
    ours = size / seconds(lambda: scan([path]))
    split = size / seconds(lambda: only_lines(path))
    parse = size / seconds(lambda: only_json(path)) if by_line(path) else None
    grep = shutil.which("grep")
    counted = size / seconds(
        lambda: subprocess.run([grep, "-c", "model", path], capture_output=True, check=False)
    )
    width = path.stat().st_size / max(inventory.counts["lines"], 1)
    print(
        f"| {form} | {width:,.0f} | {inventory.counts['calls']:,} | **{ours:.0f}** | {split:.0f} | {ours / split:.2f} "
        f"| {f'{parse:.0f} | {ours / parse:.2f}' if parse else '– | –'} | {counted:.0f} |",
        flush=True,
    )


def processes(path: Path) -> None:
    """One large file with one process and with two."""
    size = path.stat().st_size / 1e6
    one, two = (size / seconds(lambda n=n: scan([path], processes=n)) for n in (1, 2))  # type: ignore[misc]
    print(
        f"\nLiteLLM, {size:.0f} MB: {one:.0f} MB/s with one process, {two:.0f} MB/s with two ({two / one:.2f} ×)"
    )


def seconds(job: Callable[[], object]) -> float:
    """The median time of a job."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        job()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def only_lines(path: Path) -> int:
    """The least that reading lines costs."""
    count = 0
    with path.open("rb") as stream:
        rest = b""
        while block := stream.read(BLOCK):
            *whole, rest = (rest + block).split(b"\n")
            count += len(whole)
    return count


def only_json(path: Path) -> int:
    """The least that parsing each line costs."""
    with path.open("rb") as stream:
        return sum(len(orjson.loads(line)) for line in stream)


def by_line(path: Path) -> bool:
    """Whether a file has one object on each line."""
    with path.open("rb") as stream:
        return stream.readline().rstrip().endswith(b"}") and stream.seek(0) == 0 and stream.read(1) == b"{"


def lines(path: Path, row: Row, size: int, *, head: str = "", tail: str = "") -> None:
    """Write rows until there is enough."""
    with path.open("w", encoding="utf-8") as stream:
        written = stream.write(head)
        number = 0
        while written < size:
            written += stream.write("".join(row(number + n) for n in range(1000)))
            number += 1000
        if tail:
            stream.seek(stream.tell() - len(",\n"))
            stream.truncate()
            stream.write(tail)


def clock(number: int) -> tuple[float, str, str]:
    """A time: in seconds, ISO 8601, and as the Common Log Format has it."""
    at = START + number / 7
    moment = datetime.fromtimestamp(at, UTC)
    return at, f"{moment:%Y-%m-%dT%H:%M:%S}.{number % 1000:03}Z", f"{moment:%d/%b/%Y:%H:%M:%S} +0000"


def other_path(number: int) -> str:
    """A path that has nothing to do with models."""
    return PATHS[number % len(PATHS)].format(number)


def litellm(n: int) -> str:
    """A standard logging payload."""
    model, base, provider = MODELS[n % 5]
    at, _, _ = clock(n)
    return json.dumps({
        "id": f"chatcmpl-{n:024x}", "trace_id": f"{n:032x}", "call_type": "acompletion", "cache_hit": None, "stream": True,
        "status": "failure" if n % 50 == 0 else "success", "custom_llm_provider": provider, "model": model,
        "model_group": model, "model_id": f"{n % 9:064x}", "api_base": base, "startTime": at, "endTime": at + 1.5,
        "completionStartTime": at + 0.4, "response_time": 1.5, "response_cost": 0.00042, "total_tokens": 321,
        "prompt_tokens": 200, "completion_tokens": 121, "request_tags": [], "end_user": "", "requester_ip_address": "10.0.0.7",
        "metadata": {"user_api_key_hash": f"{n % 99:064x}", "user_api_key_team_id": None, "spend_logs_metadata": None},
        "hidden_params": {"model_id": f"{n % 9:064x}", "api_base": base, "additional_headers": {"x_ratelimit_limit_requests": 9}},
        "messages": [{"role": "user", "content": PROMPT * 3}], "response": {"model": model, "choices": [{"message": {"content": PROMPT * 4}}]},
        "model_parameters": {"temperature": 0.2},
    }) + "\n"  # fmt: skip


def spend(n: int) -> str:
    """A row of the spend logs, in a list."""
    model, base, provider = MODELS[n % 5]
    _, iso, _ = clock(n)
    return json.dumps({
        "request_id": f"chatcmpl-{n:024x}", "call_type": "acompletion", "api_key": f"{n % 99:064x}", "spend": 0.0004,
        "total_tokens": 321, "startTime": iso, "endTime": iso, "model": model, "model_id": "", "model_group": model,
        "custom_llm_provider": provider, "api_base": base, "user": "u", "metadata": {"status": "success", "tags": []},
        "cache_hit": "False", "cache_key": "", "request_tags": [], "team_id": None, "messages": {}, "response": {},
    }) + ",\n"  # fmt: skip


LOGS = ("id", "user_id", "created_at", "type", "content", "username", "token_name", "model_name", "quota", "prompt_tokens",
        "completion_tokens", "use_time", "is_stream", "channel_id", "token_id", "group", "ip", "other")  # fmt: skip


def log_row(n: int) -> tuple[object, ...]:
    """A row of new-api's table ``logs``."""
    other = {
        "admin_info": {"use_channel": [str(n % 7)], "is_multi_key": False}, "billing_source": "wallet", "cache_ratio": 1, "cache_tokens": 0,
        "completion_ratio": 4, "frt": 812 + n % 999, "group_ratio": 1, "model_price": -1, "model_ratio": 2.5, "request_conversion": ["OpenAI Compatible"],
        "request_path": "/v1/chat/completions", "user_group_ratio": -1,
    }  # fmt: skip
    if n % 10 == 0:
        other |= {"is_model_mapped": True, "upstream_model_name": "qwen-plus"}
    content = "模型倍率 2.50，补全倍率 4.00，分组倍率 1.00，用时 2秒"
    return (n, n % 99, START + n // 7, 2, content, f"user{n % 99}", "web", MODELS[n % 5][0], 1200, 200, 121, 2, 1, n % 7, n % 9,
            "default", "10.0.0.7", json.dumps(other, separators=(",", ":")))  # fmt: skip


def as_csv(n: int) -> str:
    """The same as CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(log_row(n))
    return out.getvalue()


def as_sql(n: int) -> str:
    """The same as a tuple of an INSERT."""
    escapes = str.maketrans({"\\": "\\\\", "'": "\\'", '"': '\\"'})
    values = (str(v) if isinstance(v, int) else f"'{str(v).translate(escapes)}'" for v in log_row(n))
    mark = "INSERT INTO `logs` VALUES " if n % 1000 == 0 else ""
    return f"{mark}({','.join(values)}){chr(59) + chr(10) if n % 1000 == 999 else ','}"  # noqa: PLR2004


def one_api(n: int) -> str:
    """The log file of new-api: the request, and the record of the call."""
    moment = f"{datetime.fromtimestamp(clock(n)[0], UTC):%Y/%m/%d - %H:%M:%S}"
    row = {"channel_id": n % 7, "prompt_tokens": 200, "completion_tokens": 121, "model_name": MODELS[n % 5][0], "token_name": "web",
           "quota": 1200, "content": "", "token_id": 3, "use_time_seconds": 2, "is_stream": True, "group": "default",
           "other": {"admin_info": {"use_channel": ["3"]}, "model_ratio": 2.5, "frt": 812, "request_path": "/v1/chat/completions"}}  # fmt: skip
    return (
        f"[INFO] {moment} | {n:040x} | record consume log: userId=1, params={json.dumps(row)}\n"
        f"[GIN] {moment} | {n:040x} | 200 |  1.512345678s |        10.0.0.7 |    POST /v1/chat/completions\n"
    )


def higress(n: int) -> str:
    """An access log with what the AI plugin says."""
    model, base, _ = MODELS[n % 5]
    told = {
        "api": "chat",
        "model": model,
        "input_token": "200",
        "output_token": "121",
        "llm_service_duration": "1512",
    }
    return envoy_json(n, json.dumps(told), base.partition("://")[2].partition("/")[0], "/v1/chat/completions")


def envoy_json(n: int, told: str, authority: str, path: str) -> str:
    """An access log of Envoy as JSON."""
    return json.dumps({
        "ai_log": told, "authority": authority, "bytes_received": "336", "bytes_sent": "1675", "downstream_local_address": "10.0.0.2:80",
        "downstream_remote_address": f"10.0.{n % 250}.7:51234", "duration": "1590", "istio_policy_status": "-", "method": "POST",
        "path": path, "protocol": "HTTP/1.1", "request_id": f"{n:032x}", "requested_server_name": "-", "response_code": "200",
        "response_flags": "-", "route_name": "ai-route", "start_time": clock(n)[1], "trace_id": "-",
        "upstream_cluster": "outbound|443||llm-qwen.internal.dns", "upstream_host": f"39.96.{n % 20}.1:443", "upstream_service_time": "496",
        "upstream_transport_failure_reason": "-", "user_agent": AGENTS[n % 3], "x_forwarded_for": "-",
    }) + "\n"  # fmt: skip


def istio(n: int) -> str:
    """The default text of Istio: every fourth call is one of a model."""
    host, path = (
        ("api.deepseek.com", "/v1/chat/completions")
        if n % 4 == 0
        else ("orders.shop.svc.cluster.local", other_path(n))
    )
    return (
        f'[{clock(n)[1]}] "POST {path} HTTP/1.1" 200 - via_upstream - "-" 156 91 30 29 "-" "{AGENTS[n % 3]}" "{n:032x}" "{host}" '
        f'"10.244.3.{n % 250}:8080" outbound|443||{host} 10.244.1.5:54321 10.96.45.67:8080 10.244.1.5:33210 - default\n'
    )


def apisix(n: int) -> str:
    """An entry of a log plugin of APISIX."""
    model, base, _ = MODELS[n % 5]
    return json.dumps({
        "request": {"method": "POST", "uri": "/v1/chat/completions", "url": "http://gw:9080/v1/chat/completions", "size": 412,
                    "headers": {"host": base.partition("://")[2].partition("/")[0], "content-type": "application/json"}, "querystring": {}},
        "response": {"status": 200, "headers": {"content-type": "application/json"}, "size": 1675}, "server": {"hostname": "a", "version": "3.13.0"},
        "upstream": "104.18.7.192:443", "service_id": "", "route_id": "llm", "client_ip": "10.0.0.7", "start_time": clock(n)[0] * 1000,
        "latency": 1590.2, "upstream_latency": 1588.0, "apisix_latency": 2.2, "llm_summary": {"model": model, "duration": 1588, "prompt_tokens": 200},
    }) + "\n"  # fmt: skip


def kong(n: int) -> str:
    """An entry of Kong's file log."""
    model, _, provider = MODELS[n % 5]
    meta = {
        "request_model": model,
        "response_model": model,
        "provider_name": provider,
        "plugin_id": f"{n % 9:032x}",
        "llm_latency": 1588,
    }
    return json.dumps({
        "request": {"uri": "/chat", "method": "POST", "url": "https://kong:8443/chat", "size": "412", "headers": {"host": "kong", "user-agent": AGENTS[1]}},
        "response": {"status": 200, "size": "1675", "headers": {"content-type": "application/json"}}, "upstream_uri": "/v1/chat/completions",
        "latencies": {"kong": 3, "proxy": 1588, "request": 1591}, "service": {"name": "llm", "host": "localhost", "port": 32000}, "route": {"name": "chat"},
        "started_at": int(clock(n)[0] * 1000), "client_ip": "10.0.0.7", "upstream_status": "200",
        "ai": {"proxy": {"meta": meta, "usage": {"prompt_tokens": 200, "completion_tokens": 121, "total_tokens": 321, "cost": 0.0004}}},
    }) + "\n"  # fmt: skip


def nginx(share: int) -> Row:
    """The combined form; one line in ``share`` is a call."""

    def row(n: int) -> str:
        called = n % share == 0
        request = (
            "POST /v1/chat/completions" if called else f"{'POST' if n % 6 == 0 else 'GET'} {other_path(n)}"
        )  # noqa: PLR2004
        return f'10.1.{n % 250}.{n % 199} - - [{clock(n)[2]}] "{request} HTTP/1.1" 200 {n % 9000} "https://shop.example/start" "{AGENTS[n % 3]}"\n'

    return row


def nginx_json(n: int) -> str:
    """A log format of JSON; every third line is a call."""
    call = n % 3 == 0
    return json.dumps({
        "time_iso8601": clock(n)[1], "remote_addr": f"10.0.0.{n % 250}", "host": "llm.example.com", "request_method": "POST" if call else "GET",
        "request_uri": "/v1/chat/completions" if call else other_path(n), "status": "200", "body_bytes_sent": "1675", "request_time": "1.590",
        "upstream_addr": "10.2.0.9:8000", "upstream_status": "200", "upstream_response_time": "1.588", "http_user_agent": AGENTS[n % 3], "request_id": f"{n:032x}",
    }) + "\n"  # fmt: skip


def squid(n: int) -> str:
    """Tunnels, one in five to a provider."""
    host = "api.openai.com" if n % 5 == 0 else f"cdn{n % 300}.example.com"
    return f"{clock(n)[0]:.3f} {n % 9000:6} 10.0.{n % 250}.7 TCP_TUNNEL/200 {n % 99999} CONNECT {host}:443 - HIER_DIRECT/93.184.{n % 250}.14 -\n"


def caddy(n: int) -> str:
    """Every third line is a call."""
    call = n % 3 == 0
    return json.dumps({
        "level": "info", "ts": clock(n)[0], "logger": "http.log.access.log0", "msg": "handled request",
        "request": {"remote_ip": "10.0.0.7", "remote_port": "51234", "client_ip": "10.0.0.7", "proto": "HTTP/2.0", "method": "POST" if call else "GET",
                    "host": "llm.example.com", "uri": "/v1/chat/completions" if call else other_path(n),
                    "headers": {"User-Agent": [AGENTS[n % 3]], "Accept": ["*/*"], "Content-Type": ["application/json"]}},
        "bytes_read": 412, "user_id": "", "duration": 1.59, "size": 1675, "status": 200, "resp_headers": {"Server": ["Caddy"]},
    }) + "\n"  # fmt: skip


def traefik(n: int) -> str:
    """Every third line is a call."""
    call = n % 3 == 0
    iso = clock(n)[1]
    return json.dumps({
        "ClientAddr": "10.0.0.7:51234", "ClientHost": "10.0.0.7", "DownstreamContentSize": 1675, "DownstreamStatus": 200, "Duration": 1590000000,
        "OriginStatus": 200, "Overhead": 12345, "RequestAddr": "llm.example.com", "RequestCount": n, "RequestHost": "llm.example.com",
        "RequestMethod": "POST" if call else "GET", "RequestPath": "/v1/chat/completions" if call else other_path(n), "RequestPort": "-",
        "RequestProtocol": "HTTP/2.0", "RetryAttempts": 0, "RouterName": "llm@docker", "ServiceAddr": "10.2.0.9:8000", "ServiceName": "vllm@docker",
        "ServiceURL": "http://10.2.0.9:8000", "StartUTC": iso, "entryPointName": "websecure", "level": "info", "msg": "", "time": iso,
    }) + "\n"  # fmt: skip


def otlp(n: int) -> str:
    """Ten spans on a line, as a collector writes them; half of them are calls."""

    def value(key: str, text: str) -> dict[str, object]:
        return {"key": key, "value": {"stringValue": text}}

    spans = []
    for m in range(10):
        model, base, provider = MODELS[(n + m) % 5]
        given = [value("gen_ai.operation.name", "chat"), value("gen_ai.provider.name", provider), value("gen_ai.request.model", model),
                 value("gen_ai.response.model", model), value("server.address", base.partition("://")[2].partition("/")[0])]  # fmt: skip
        plain = [
            value("http.request.method", "GET"),
            value("url.path", other_path(n)),
            value("db.system", "postgresql"),
        ]
        start = int(clock(n)[0] * 1e9) + m
        spans.append({"traceId": f"{n:032x}", "spanId": f"{m:016x}", "name": f"chat {model}", "kind": 3, "startTimeUnixNano": str(start),
                      "endTimeUnixNano": str(start + 10**9), "attributes": given if m % 2 else plain, "status": {}})  # fmt: skip
    resource_ = {
        "attributes": [value("service.name", "shop-assistant"), value("deployment.environment.name", "prod")]
    }
    return (
        json.dumps(
            {
                "resourceSpans": [
                    {"resource": resource_, "scopeSpans": [{"scope": {"name": "openai"}, "spans": spans}]}
                ]
            }
        )
        + "\n"
    )


def har(n: int) -> str:
    """An entry of recorded traffic; every second one is a call."""
    model, base, _ = MODELS[n % 5]
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": PROMPT}]})
    url = f"{base}/chat/completions" if n % 2 else f"https://shop.example{other_path(n)}"
    return json.dumps({
        "startedDateTime": clock(n)[1], "time": 1590, "request": {"method": "POST", "url": url, "httpVersion": "HTTP/2", "headers": [], "queryString": [],
        "cookies": [], "headersSize": -1, "bodySize": 412, "postData": {"mimeType": "application/json", "text": body}},
        "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/2", "headers": [], "cookies": [], "redirectURL": "", "headersSize": -1,
        "bodySize": 1675, "content": {"size": 1675, "mimeType": "application/json", "text": json.dumps({"model": model, "choices": []})}},
        "cache": {}, "timings": {"send": 1, "wait": 1588, "receive": 1},
    }) + ",\n"  # fmt: skip


def langfuse(n: int) -> str:
    """An observation, as exported."""
    return json.dumps({
        "id": f"{n:032x}", "traceId": f"{n:032x}", "type": "GENERATION", "name": "answer", "startTime": clock(n)[1], "endTime": clock(n)[1],
        "model": MODELS[n % 5][0], "modelParameters": {"temperature": 0.2}, "input": [{"role": "user", "content": PROMPT}], "output": PROMPT,
        "level": "DEFAULT", "usage": {"input": 200, "output": 121}, "metadata": {}, "version": None,
    }) + "\n"  # fmt: skip


def database(path: Path, size: int) -> None:
    """The SQLite file of new-api."""
    with sqlite3.connect(path) as made:
        columns = ", ".join(f'"{name}"' for name in LOGS)
        made.execute(f"CREATE TABLE logs ({columns})")
        number = 0
        while path.stat().st_size < size:
            made.executemany(
                f"INSERT INTO logs VALUES ({', '.join('?' * len(LOGS))})",
                map(log_row, range(number, number + 50_000)),
            )  # noqa: S608
            made.commit()
            number += 50_000
    made.close()


def dump(path: Path, size: int) -> None:
    """The same as mysqldump writes it: a thousand rows on a line."""
    columns = ",\n".join(f"  `{name}` longtext" for name in LOGS)
    lines(
        path,
        as_sql,
        size,
        head=f"-- MySQL dump 10.13\n\nCREATE TABLE `logs` (\n{columns},\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB;\n",
    )


def of_lines(row: Row, **around: str) -> Callable[[Path, int], None]:
    """A log of such rows."""
    return lambda path, size: lines(path, row, size, **around)


FORMS: dict[str, Callable[[Path, int], None]] = {
    "LiteLLM payloads": of_lines(litellm),
    "LiteLLM spend logs, a JSON list": of_lines(spend, head="[\n", tail="\n]\n"),
    "new-api table, CSV": of_lines(as_csv, head=",".join(LOGS) + "\n"),
    "new-api table, mysqldump": dump,
    "new-api table, SQLite": database,
    "new-api log file": of_lines(one_api),
    "Higress": of_lines(higress),
    "Istio text": of_lines(istio),
    "APISIX": of_lines(apisix),
    "Kong": of_lines(kong),
    "nginx combined, 5 % calls": of_lines(nginx(20)),
    "nginx combined, all calls": of_lines(nginx(1)),
    "nginx JSON": of_lines(nginx_json),
    "Squid": of_lines(squid),
    "Caddy": of_lines(caddy),
    "Traefik": of_lines(traefik),
    "OTLP": of_lines(otlp),
    "HAR": of_lines(
        har,
        head='{"log": {"version": "1.2", "creator": {"name": "b", "version": "1"}, "entries": [\n',
        tail="\n]}}\n",
    ),
    "Langfuse": of_lines(langfuse),
}


if __name__ == "__main__":
    main()
