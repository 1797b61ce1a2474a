"""Every row of the signatures holds what it says, and the look-ups take any text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory import signatures
from countermark.inventory.signatures.providers import plain
from countermark.inventory.signatures.rows import FILES, rows, table
from countermark.inventory.usage import Route

PROVIDERS = signatures.providers()
HOSTS = [each for row in rows("provider") for each in row.get("hosts", ())]
HUBS = ("whisper-large-v3", "gpt-oss-20b", "clip-vit-base-patch32")


def test_sixty_providers_and_the_large_chinese_ones_at_home_and_abroad() -> None:
    assert len(PROVIDERS) >= 200
    assert len(HOSTS) >= 350
    assert sum(each.country == "CN" for each in PROVIDERS.values()) >= 80
    by_region: dict[str, set[str]] = {}
    for each in signatures.hosts():
        by_region.setdefault(each.region, set()).add(each.provider)
    both = {
        "alibaba",
        "bytedance",
        "zhipu",
        "moonshot",
        "minimax",
        "tencent",
        "stepfun",
        "lingyi",
        "siliconflow",
    }
    assert both <= by_region["CN"] & by_region["intl"]


def test_every_row_has_a_source_and_an_id_of_its_own() -> None:
    for kind in FILES:
        assert all(row["source"].strip() for row in rows(kind)), kind
    for kind in ("provider", "sdk", "family"):
        twice = [id_ for id_, count in Counter(row["id"] for row in rows(kind)).items() if count > 1]
        assert twice == []


def test_every_file_is_read() -> None:
    for names in FILES.values():
        for name in names:
            assert table(name), name


def test_every_provider_that_a_row_names_is_there() -> None:
    named = {row["provider"] for kind in ("prefix", "organisation") for row in rows(kind)}
    named |= {sdk.provider for sdk in signatures.sdks().values() if sdk.provider}
    named |= {row["maker"] for row in rows("family")}
    named |= {maker for row in rows("family") for _, _, maker in row.get("members", ())}
    assert named - set(PROVIDERS) == set()


def test_two_providers_never_share_a_name() -> None:
    owners: dict[str, set[str]] = {}
    for each in PROVIDERS.values():
        for name in (each.id, each.name.en, each.name.zh, *each.also):
            owners.setdefault(plain(name), set()).add(each.id)
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == {}


def test_every_host_is_found_by_its_test_line() -> None:
    wrong = [
        (each["test"], found)
        for each in HOSTS
        if (found := signatures.host(each["test"])) is None or found.pattern != each["pattern"]
    ]
    assert wrong == []


def test_no_host_is_one_of_the_deployments_own() -> None:
    assert [each["test"] for each in HOSTS if signatures.is_local(each["test"])] == []


@pytest.mark.parametrize(
    ("text", "provider", "route"),
    [
        ("https://dashscope.aliyuncs.com/compatible-mode/v1", "alibaba", Route.DIRECT),
        ("https://ARK.cn-beijing.volces.com/api/v3", "bytedance", Route.DIRECT),
        ("ark.cn-guangzhou.volces.com", "bytedance", Route.DIRECT),
        ("https://shop-1.openai.azure.com/", "azure", Route.DIRECT),
        ("https://bedrock-runtime.ap-southeast-1.amazonaws.com", "aws", Route.DIRECT),
        ("https://models.inference.ai.azure.com", "github", Route.DIRECT),
        ("https://api.siliconflow.cn/v1/", "siliconflow", Route.RELAY),
        ("https://openrouter.ai/api/v1", "openrouter", Route.RELAY),
        ("https://api.chatanywhere.com.cn", "chatanywhere", Route.RELAY),
        ("wss://spark-api.xf-yun.com/v3.5/chat", "iflytek", Route.DIRECT),
    ],
)
def test_whose_a_host_is(text: str, provider: str, route: Route) -> None:
    found = signatures.host(text)
    assert found is not None
    assert (found.provider, found.route) == (provider, route)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/v1",
        "openai.azure.com.evil.example",
        "notapi.openai.com",
        "aliyuncs.com",
        "",
        "openai",
    ],
)
def test_hosts_that_nothing_is_known_of(text: str) -> None:
    assert signatures.host(text) is None


def test_the_host_of_a_provider_that_settings_name() -> None:
    named = {
        name: signatures.provider_host(name) for name in ("deepseek", "ZhipuAI", "zhipu_ai", "百炼", "kimi")
    }
    assert named == {
        "deepseek": "api.deepseek.com",
        "ZhipuAI": "open.bigmodel.cn",
        "zhipu_ai": "open.bigmodel.cn",
        "百炼": "dashscope.aliyuncs.com",
        "kimi": "api.moonshot.cn",
    }
    assert signatures.provider_host("azure") == ""
    assert signatures.provider_host("nobody") == ""


def test_names_of_filed_services_stand_with_their_provider() -> None:
    filed = {name: each.id for each in PROVIDERS.values() for name in each.filed_as}
    assert filed["文心一言"] == "baidu"
    assert filed["通义千问大模型"] == "alibaba"
    assert filed["求索对话DeepSeekChat"] == "deepseek"
    assert filed["可灵"] == "kuaishou"
    assert len(filed) >= 60


def test_every_import_package_and_class_finds_its_library() -> None:
    wrong: list[tuple[str, str]] = []
    for sdk in signatures.sdks().values():
        found = [
            signatures.sdk_by_import(lang, name) for lang, names in sdk.imports.items() for name in names
        ]
        found += [
            signatures.sdk_by_package(eco, name) for eco, names in sdk.packages.items() for name in names
        ]
        found += [signatures.sdk_by_class(name) for name in sdk.classes]
        assert found, sdk.id
        wrong += [(sdk.id, other.id if other else "") for other in found if other is not sdk]
    assert wrong == []


def test_the_default_host_of_a_library_is_its_providers() -> None:
    own = [s for s in signatures.sdks().values() if s.host and not signatures.is_local(s.host)]
    wrong = [s.id for s in own if (found := signatures.host(s.host)) is None or found.provider != s.provider]
    assert len(own) >= 80
    assert wrong == []


@pytest.mark.parametrize(
    ("language", "module", "id_"),
    [
        ("python", "openai.resources.chat", "openai"),
        ("python", "langchain_community.chat_models.tongyi", "langchain-tongyi"),
        ("python", "langchain_community.vectorstores", "langchain"),
        ("typescript", "@ai-sdk/deepseek", "ai-sdk-deepseek"),
        ("tsx", "openai/resources", "openai"),
        ("kotlin", "com.alibaba.dashscope.aigc.generation.Generation", "dashscope"),
        ("go", "github.com/sashabaranov/go-openai/jsonschema", "openai"),
        ("go", "github.com/cloudwego/eino-ext/components/model/ark", "eino-ark"),
        ("csharp", "Azure.AI.OpenAI", "azure-openai"),
        ("rust", "async_openai::types", "openai"),
        ("javascript", "npm:openai", "openai"),
    ],
)
def test_the_library_of_an_import(language: str, module: str, id_: str) -> None:
    found = signatures.sdk_by_import(language, module)
    assert found is not None
    assert found.id == id_


@pytest.mark.parametrize(
    ("language", "module"),
    [
        ("python", "openai_utils"),
        ("python", "os"),
        ("go", "github.com"),
        ("javascript", "./openai"),
        ("", ""),
    ],
)
def test_imports_of_no_library(language: str, module: str) -> None:
    assert signatures.sdk_by_import(language, module) is None


def test_packages_as_registries_compare_them() -> None:
    assert _id("pypi", "LangChain_OpenAI") == "langchain-openai"
    assert _id("pypi", "openai[datalib]") == "openai"
    assert _id("go", "github.com/openai/openai-go/v2") == "openai"
    assert _id("nuget", "azure.ai.openai") == "azure-openai"
    assert _id("pypi", "left-pad") == ""


def _id(ecosystem: str, package: str) -> str:
    found = signatures.sdk_by_package(ecosystem, package)
    return found.id if found else ""


def test_variables_that_a_library_reads() -> None:
    openai = signatures.sdks()["openai"]
    assert signatures.base_url_variables(openai) == ("OPENAI_BASE_URL", "OPENAI_API_BASE")
    assert signatures.model_variables(signatures.sdks()["agents"]) == ("OPENAI_DEFAULT_MODEL",)
    names = [v for sdk in signatures.sdks().values() for v in (*sdk.env_host, *sdk.env_model, *sdk.env_key)]
    assert [name for name in names if re.fullmatch(r"[A-Z][A-Z0-9_]+", name) is None] == []


def test_every_prefix_is_found_by_its_test_line() -> None:
    for row in rows("prefix"):
        found = signatures.prefix(row["test"])
        assert found is not None, row["test"]
        assert found.name in row["names"]
        assert found.host == "" or signatures.is_local(found.host) or signatures.host(found.host) is not None


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("deepseek/deepseek-chat", "deepseek"),
        ("openrouter/anthropic/claude-sonnet-4", "openrouter"),
        ("ollama/qwen2.5:7b", "ollama"),
        ("OpenAI/gpt-4o", "openai"),
        ("google-gla:gemini-2.0-flash", "google"),
        ("accounts/fireworks/models/llama-v3p1-8b-instruct", "fireworks"),
        ("@cf/meta/llama-3-8b-instruct", "cloudflare"),
    ],
)
def test_routing_prefixes(name: str, provider: str) -> None:
    found = signatures.prefix(name)
    assert found is not None
    assert found.provider == provider


@pytest.mark.parametrize(
    "name", [*(f"openai/{hub}" for hub in HUBS), "Qwen/Qwen3-8B", "gpt-4o", "mistral:7b", "/", ""]
)
def test_what_is_no_routing_prefix(name: str) -> None:
    assert signatures.prefix(name) is None


def _lines() -> Iterator[str]:
    yield from (test for row in rows("family") for test in row["tests"])
    yield from (row["test"] for row in rows("organisation"))
    yield from (each["test"] for each in HOSTS)
    for sdk in signatures.sdks().values():
        for names in sdk.imports.values():
            yield from (f"import {name}" for name in names)


def test_a_file_with_any_test_line_speaks() -> None:
    quiet = [line for line in _lines() if not signatures.speaks(f"x = '{line}'\n".lower().encode())]
    quiet = [line for line in quiet if not signatures.speaks(f"{line}\n".lower().encode())]
    assert quiet == []


@pytest.mark.parametrize(
    "text",
    [
        "def main() -> None:\n    print('step by step')\n",
        "{}",
        "",
        "import os\nfrom collections import deque\n",
    ],
)
def test_ordinary_files_do_not_speak(text: str) -> None:
    assert not signatures.speaks(text.encode())


def test_stems_are_few_and_find_most_lines() -> None:
    assert len(signatures.STEMS) <= 60
    assert all(stem == stem.lower() for stem in signatures.STEMS)
    lines = [line.lower().encode() for line in _lines()]
    found = sum(any(stem in line for stem in signatures.STEMS) for line in lines)
    assert found / len(lines) > 0.7


@settings(max_examples=300)
@given(st.text(max_size=200) | st.from_regex(r"(https?://)?[a-z.:@\[\]/0-9-]{0,40}"))
def test_any_text_is_answered(text: str) -> None:
    host = signatures.host_of(text)
    assert host == host.lower()
    assert signatures.host_of(host) == host
    signatures.is_local(text)
    signatures.host(text)
    signatures.prefix(text)
    signatures.provider_host(text)
    signatures.sdk_by_import("python", text)
    signatures.sdk_by_class(text)
    signatures.sdk_by_package("go", text)
