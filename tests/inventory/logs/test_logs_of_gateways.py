"""Logs of gateways that know which model was called, each with what it says."""

from __future__ import annotations

import json

import pytest
from log_samples import higress, json_lines, kong, litellm, otlp, rows, scanned, span

from countermark.inventory.usage import Conflict, Kind, Place, Route, State, Usage


def test_a_call_through_litellm_whole() -> None:
    found = scanned(json_lines(litellm(), litellm(startTime=1736930400.0, status="failure")), "proxy.jsonl")
    assert found.usages == [
        Usage(
            model="gpt-4o",
            state=State.EFFECTIVE,
            places=(Place("proxy.jsonl", 1, 2, "litellm log"),),
            provider="openai",
            host="api.openai.com",
            route=Route.DIRECT,
            kind=Kind.CHAT,
            why=(
                "2 calls, 1 failed",
                "called, and it answered",
                "answered as gpt-4o-2024-08-06",
                "host: as the log has it",
            ),
            requests=2,
            first="2025-01-15T08:40:00Z",
            last="2025-01-15T08:41:10Z",
        )
    ]
    assert found.counts == {
        "files": 1, "read": 1, "ignored": 0, "lines": 2, "calls": 2, "cached": 0, "other": 0, "bytes": 1282
    }  # fmt: skip
    assert found.unread == []


def test_litellm_names_lie_and_what_was_sent_decides() -> None:
    found = scanned(
        json_lines(
            litellm(model="qwen-plus", model_group="gpt-4o", custom_llm_provider="dashscope", api_base="",
                    hidden_params={}, response={}),
            litellm(model="prod-chat", api_base="https://corp.openai.azure.com/",
            custom_llm_provider="azure"),
            litellm(model="corp-llm", model_group="chat", api_base="http://vllm:8000/v1", response={}),
            litellm(model="anthropic/claude-sonnet-4", model_group="claude",
            api_base="https://openrouter.ai/api/v1",
                    response={}),
        )
    )  # fmt: skip
    assert rows(found) == [
        "effective anthropic/claude-sonnet-4 @ openrouter.ai 1x :4 2025-01-15T08:41:10Z",
        "effective corp-llm @ vllm:8000 1x :3 2025-01-15T08:41:10Z",
        "effective gpt-4o-2024-08-06 @ corp.openai.azure.com 1x :2 2025-01-15T08:41:10Z",
        "effective qwen-plus @ dashscope.aliyuncs.com 1x :1 2025-01-15T08:41:10Z",
    ]
    routes = [usage.route for usage in found.usages]
    assert routes == [Route.RELAY, Route.SELF_HOSTED, Route.DIRECT, Route.DIRECT]
    assert [usage.conflicts for usage in found.usages] == [
        (), (), (), (Conflict("gpt-4o", "qwen-plus", Place("some.log", 1, 0, "litellm log")),)
    ]  # fmt: skip
    assert found.usages[2].why[2:4] == (
        "asked for as gpt-4o",
        "sent as prod-chat, answered as gpt-4o-2024-08-06",
    )


def test_litellm_failures_fallbacks_and_answers_from_a_cache() -> None:
    fell_back = {"additional_headers": {"x-litellm-attempted-fallbacks": 1}}
    found = scanned(
        json_lines(
            litellm(call_type="aembedding", model="text-embedding-3-small", status="failure", response=None),
            litellm(
                model="deepseek-chat",
                api_base="https://api.deepseek.com",
                hidden_params=fell_back,
                response={},
            ),
            litellm(cache_hit=True),
            litellm(cache_hit="True", model="glm-4-plus"),
        )
    )
    assert rows(found) == [
        "fallback deepseek-chat @ api.deepseek.com 1x :2 2025-01-15T08:41:10Z",
        "stale text-embedding-3-small @ api.openai.com 1x :1 2025-01-15T08:41:10Z",
    ]
    assert [usage.why[1] for usage in found.usages] == [
        "the log says that it answered only where another had failed",
        "every call failed",
    ]
    assert found.counts["cached"] == 2


def test_the_spend_logs_of_litellm_as_csv_and_as_a_list() -> None:
    columns = ["request_id", "call_type", "api_key", "startTime", "model", "model_group",
    "custom_llm_provider",
               "api_base", "metadata", "cache_hit"]  # fmt: skip
    cells = ["r1", "acompletion", "h", "2025-01-15 09:01:10.123", "glm-4-plus", "fast", "zai", "",
             '"{""status"": ""success"", ""note"": ""a, b""}"', "False"]  # fmt: skip
    table = ",".join(columns) + "\n" + ",".join(cells) + "\n" + ",".join([*cells[:9], "True"]) + "\n"
    failed = (
        ",".join([columns[-1], *columns[:-1]])
        + "\n"
        + ",".join([cells[-1], *cells[:-1]]).replace("success", "failure")
    )
    assert [usage.why[1] for usage in scanned(failed, "spend.csv").usages] == ["every call failed"]
    found = scanned(table, "spend.csv")
    assert rows(found) == ["effective glm-4-plus @ open.bigmodel.cn 1x :2 2025-01-15T09:01:10"]
    assert found.usages[0].why[-1] == "the log names no time zone"
    assert found.counts["cached"] == 1

    listed = [
        dict(zip(columns, cells, strict=True)) | {"metadata": {"status": status}}
        for status in ("success", "failure")
    ]
    found = scanned(json.dumps(listed, indent=2), "spend.json")
    assert rows(found) == ["effective glm-4-plus @ open.bigmodel.cn 2x :2-16 2025-01-15T09:01:10"]
    assert found.usages[0].why[0] == "2 calls, 1 failed"


def test_the_spend_logs_of_litellm_in_a_dump_of_postgresql() -> None:
    dump = (
        "--\n-- PostgreSQL database dump\n--\n\n"
        'COPY public."LiteLLM_SpendLogs" (id, call_type, "startTime", model, api_base, status) FROM stdin;\n'
        "r1\tacompletion\t2025-01-15 08:41:10.5\tdeepseek/deepseek-chat\t\\N\tsuccess\n"
        "r2\tacompletion\t2025-01-15 08:41:12.5\tdeepseek/deepseek-chat\t\\N\tfailure\n\\.\n"
    )
    found = scanned(dump, "litellm.sql")
    assert rows(found) == [
        "effective deepseek/deepseek-chat @ api.deepseek.com 2x :6-7 2025-01-15T08:41:10..2025-01-15T08:41:12"
    ]
    assert found.usages[0].why[0] == "2 calls, 1 failed"
    assert found.usages[0].why[-2] == "host: what deepseek/ before the model stands for"


def test_higress_with_what_its_plugin_says() -> None:
    found = scanned(
        json_lines(
            higress(),
            higress(response_code=429, ai_log='{"model":"qwen-max","fallback_from":"ai-route-2"}'),
            higress(ai_log='{"model":"deepseek-r1","fallback_from":"ai-route-2"}'),
            higress(ai_log='{"model":"qwen-plus","cache_status":"hit"}'),
            higress(ai_log='{"model":"glm-4-plus","question":"what is {\\"model\\":\\"x\\"}'),  # cut short
            higress(ai_log="-", path="/health"),
        )
    )
    assert rows(found) == [
        "effective glm-4-plus @ dashscope.aliyuncs.com 1x :5 2024-06-18T09:37:14Z",
        "effective qwen-plus @ dashscope.aliyuncs.com 1x :1 2024-06-18T09:37:14Z",
        "fallback deepseek-r1 @ dashscope.aliyuncs.com 1x :3 2024-06-18T09:37:14Z",
        "stale qwen-max @ dashscope.aliyuncs.com 1x :2 2024-06-18T09:37:14Z",
    ]
    assert {usage.service for usage in found.usages} == {"ai-route"}
    assert (found.counts["cached"], found.counts["other"]) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "host"),
    [
        ({"upstream_cluster": "outbound|443||api.openai.com", "authority": "llm.example.com"},
         "api.openai.com"),
        ({"authority": "llm.example.com", "upstream_host": "10.2.0.9:8000"}, "10.2.0.9:8000"),
        ({"authority": "api.unknown.example.com", "upstream_host": "104.18.26.90:443"},
         "api.unknown.example.com"),
        ({"upstream_cluster": "outbound|80||vllm.ai.svc.cluster.local", "authority": "a.example.com",
          "upstream_host": "10.2.0.9:80"}, "vllm.ai.svc.cluster.local"),
        ({"upstream_cluster": "qwen", "authority": "-", "upstream_host": "-"}, ""),
    ],
)  # fmt: skip
def test_where_envoy_sent_a_request(fields: dict[str, object], host: str) -> None:
    found = scanned(json_lines(higress(ai_log="-") | fields))
    assert [usage.host for usage in found.usages] == [host]
    expected = f"POST {host}/v1/chat/completions"
    assert [(usage.state, usage.expression) for usage in found.usages] == [(State.UNRESOLVED, expected)]


def test_kong_with_and_without_its_ai_plugins() -> None:
    meta = {"request_model": "command-r", "response_model": "command-r", "provider_name": "cohere"}
    found = scanned(
        json_lines(
            kong(meta),
            kong(meta, response={"status": 500}),
            kong(
                meta
                | {"request_model": "gpt-4o", "response_model": "claude-sonnet-4", "provider_name": "openai"}
            ),
            kong(None),
            kong(None, upstream_uri="/orders"),
        )
    )
    assert rows(found) == [
        "effective command-r @ api.cohere.com 2x :1-2 2025-01-15T08:41:10Z",
        "effective gpt-4o @ api.openai.com 1x :3 2025-01-15T08:41:10Z",
        "unresolved POST localhost:32000/v1/chat/completions @ localhost:32000 1x :4 2025-01-15T08:41:10Z",
    ]
    place = Place("some.log", 3, 0, "kong log")
    assert found.usages[1].conflicts == (Conflict("gpt-4o", "claude-sonnet-4", place),)
    assert {usage.service for usage in found.usages} == {"llm"}


def test_apisix_in_both_forms() -> None:
    full = {
        "request": {"method": "POST", "uri": "/chat", "url": "http://gw:9080/chat",
                    "headers": {"host": "api.moonshot.cn", "authorization": "Bearer sk-secret"}},
        "response": {"status": 200}, "upstream": "103.1.2.3:443", "route_id": "kimi", "service_id": "",
        "start_time": 1736930470123, "apisix_latency": 2.2, "llm_summary": {"model": "moonshot-v1-8k"},
    }  # fmt: skip
    custom = {"@timestamp": "2025-01-15T16:41:10+08:00", "host": "llm.example.com",
    "request_llm_model": "gpt-4o",
              "llm_model": "qwen-plus", "upstream_host": "dashscope.aliyuncs.com", "status": "200",
              "request_uri": "/v1/chat/completions", "route_id": "q"}  # fmt: skip
    found = scanned(json_lines(full, custom, full | {"llm_summary": None}))
    assert rows(found) == [
        "effective moonshot-v1-8k @ api.moonshot.cn 1x :1 2025-01-15T08:41:10Z",
        "effective qwen-plus @ dashscope.aliyuncs.com 1x :2 2025-01-15T08:41:10Z",
        "unresolved POST api.moonshot.cn/chat @ api.moonshot.cn 1x :3 2025-01-15T08:41:10Z",
    ]
    assert [(c.says, c.value) for c in found.usages[1].conflicts] == [("gpt-4o", "qwen-plus")]
    batch = json.dumps([full, custom]) + "\n"  # as the plugin sends several at once
    assert [usage.model for usage in scanned(batch + batch).usages] == ["moonshot-v1-8k", "qwen-plus"]


def test_spans_in_every_form_in_which_they_are_stored() -> None:
    told = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06", "server.address": "api.openai.com",
            "server.port": 443}  # fmt: skip
    agent = told | {"gen_ai.operation.name": "invoke_agent"}
    failed = span(told | {"error.type": "timeout"}, startTimeUnixNano="1736930480000000000")
    stored = [
        otlp(span(told), span(agent), span({"db.system": "postgresql"}), failed),
        {"Timestamp": "2025-01-15T08:41:20Z", "ServiceName": "shop", "SpanAttributes": told,
         "StatusCode": "STATUS_CODE_OK"},
        {"name": "chat", "start_time": "2025-01-15T08:41:21Z", "status": {"status_code": "OK"},
         "attributes": told,
         "resource": {"attributes": {"service.name": "shop"}}},
        {"timestamp": "2025-01-15T08:41:22Z", "service.name": "shop", **told},
        {"data": [{"traceID": "a", "spans": [{"startTime": 1736930483000000, "tags": [
            {"key": key, "type": "string", "value": value} for key,
             value in (told | {"service.name": "shop"}).items()]}],
            "processes": {}}]},
    ]  # fmt: skip
    found = scanned(json_lines(*stored))
    assert rows(found) == [
        "effective gpt-4o @ api.openai.com 6x :1-5 2025-01-15T08:41:10Z..2025-01-15T08:41:23Z"
    ]
    assert found.usages[0].service == "shop"
    assert found.usages[0].why[:3] == (
        "6 calls, 1 failed",
        "called, and it answered",
        "answered as gpt-4o-2024-08-06",
    )
    assert rows(scanned(json.dumps(stored[2], indent=4) + "\n" + json.dumps(stored[2], indent=4))) == [
        "effective gpt-4o @ api.openai.com 2x :1-21 2025-01-15T08:41:21Z"
    ]


def test_a_span_whose_answer_is_of_another_family() -> None:
    told = {"gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o", "gen_ai.response.model": "qwen-plus",
            "server.address": "api.relay.example.com", "server.port": 8443}  # fmt: skip
    usage = scanned(json_lines(otlp(span(told)))).usages[0]
    assert (usage.model, usage.host, usage.route) == ("gpt-4o", "api.relay.example.com:8443", Route.UNKNOWN)
    assert [(c.says, c.value) for c in usage.conflicts] == [("gpt-4o", "qwen-plus")]


def test_exports_that_only_have_the_usual_fields() -> None:
    langfuse = {"id": "o", "traceId": "t", "type": "GENERATION", "startTime": "2025-01-15T08:41:10.000Z",
                "model": "claude-sonnet-4", "input": "hidden", "output": "hidden",
                "level": "DEFAULT"}  # fmt: skip
    helicone = {"request_path": "https://api.groq.com/openai/v1/chat/completions",
    "model": "llama-3.3-70b-versatile",
                "response_status": 200, "request_created_at": "2025-01-15T08:41:11Z"}  # fmt: skip
    own = {
        "ts": 1736930472,
        "requested_model": "gpt-4o",
        "model": "deepseek-chat",
        "provider": "deepseek",
        "status": 500,
    }
    car = {"model": "Roadster", "url": "https://cars.example.com/7", "timestamp": "2025-01-15T08:41:11Z"}
    training = {"model": "Qwen2.5-7B", "loss": 1.2, "timestamp": "2025-01-15T08:41:11Z"}
    found = scanned(json_lines(langfuse, helicone, own, car, training))
    assert rows(found) == [
        "effective claude-sonnet-4 @ ? 1x :1 2025-01-15T08:41:10Z",
        "effective llama-3.3-70b-versatile @ api.groq.com 1x :2 2025-01-15T08:41:11Z",
        "stale deepseek-chat @ api.deepseek.com 1x :3 2025-01-15T08:41:12Z",
    ]
    assert found.usages[0].provider == "anthropic"
    assert [(c.says, c.value) for c in found.usages[2].conflicts] == [("gpt-4o", "deepseek-chat")]
    assert found.counts["other"] == 2
