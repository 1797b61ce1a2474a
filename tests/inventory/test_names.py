"""What is a model id and what is not, and what it says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.model_names.families import families, family, organisations
from countermark.inventory.model_names.making import UNLISTED
from countermark.inventory.names import Derivation, ModelName, derivative, parse, same
from countermark.inventory.signatures.rows import rows
from countermark.inventory.usage import Kind

ROWS = rows("family")


def read(text: str) -> ModelName:
    found = parse(text)
    assert found is not None, text
    return found


def ids(row: dict[str, object]) -> set[str]:
    members = row.get("members", ())
    assert isinstance(members, list | tuple)
    return {str(row["id"]), *(str(member[1]) for member in members)}


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_family_takes_its_ids_and_no_other_text(row: dict[str, list[str]]) -> None:
    found = {text: parse(text) for text in row["tests"]}
    assert [text for text, name in found.items() if name is None or name.family not in ids(row)] == []
    assert [text for text in row.get("not", []) if parse(text) is not None] == []


def test_every_family_has_ids_to_take_and_texts_to_leave() -> None:
    assert len(ROWS) >= 80
    assert [row["id"] for row in ROWS if not row["tests"]] == []
    assert [row["id"] for row in ROWS if not row.get("not") and row["id"] != "cogvideox"] == []
    assert [head for each in families() for head in each.heads if head != head.lower()] == []


def test_every_organisation_has_a_repository() -> None:
    assert [row["test"] for row in rows("organisation") if parse(row["test"]) is None] == []


@pytest.mark.parametrize(
    "text",
    [
        *(
            "command",
            "flux",
            "step-1",
            "o1",
            "yi",
            "spark",
            "nova",
            "mistral",
            "gpt",
            "openai",
            "bert",
            "glm",
        ),
        *(
            "claude",
            "gpt-4.png",
            "qwen-plus.svg",
            "llama-index",
            "llama-cpp-python",
            "gpt4all",
            "openai-whisper",
        ),
        *(
            "qwen-agent",
            "claude-code",
            "deepseek-sdk",
            "langchain-deepseek",
            "sk-0123456789abcdef",
            "OPENAI_MODEL",
        ),
        *(
            "https://api.openai.com/v1",
            "btn-primary",
            "ring-offset-2",
            "text-lg",
            "utf-8",
            "application/json",
        ),
        *(
            "src/components/gpt-4",
            "./qwen-plus",
            "@/components/qwen3",
            "openai/openai-python",
            "facebook/react",
        ),
        *("docs/gpt-4o", "prompts/gpt-4o", "icons/qwen2.5", "llama3.svg", "gpt-5-client", "claude-3-handler"),
        *(
            "glm-4-service",
            "gpt-4-turbo-config",
            "vllm-qwen2.5-7b",
            "run-llama3-8b.sh",
            "qwen2_5_vl",
            "glm4_moe",
        ),
        *(
            "gpt-",
            "openai/gpt-",
            "qwen2/",
            "gemini/gemini-",
            "models/gpt-4",
            "bge-service",
            "2024-08-06",
            "v1.5",
        ),
        *(
            "",
            " ",
            "a",
            "-",
            "/",
            "\\",
            "gpt-4o is good",
            "型号 qwen-plus",
            "qwen-plus\n",
            "x" * 5000,
            "gpt-4o" * 40,
        ),
    ],
)
def test_ordinary_texts_are_no_ids(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gpt-4o-2024-08-06", ("gpt", "openai", "chat", "4o", "", "2024-08-06", "", False, "")),
        ("gpt-4o", ("gpt", "openai", "chat", "4o", "", "", "", True, "")),
        ("gpt-35-turbo-16k", ("gpt", "openai", "chat", "3.5", "", "", "", True, "")),
        ("claude-3-5-sonnet-20241022", ("claude", "anthropic", "chat", "3.5", "", "20241022", "", False, "")),
        ("claude-opus-4-6", ("claude", "anthropic", "chat", "4.6", "", "", "", True, "")),
        ("gemini-2.5-pro-preview-05-06", ("gemini", "google", "chat", "2.5", "", "05-06", "", False, "")),
        (
            "qwen2.5:7b-instruct-q4_K_M",
            ("qwen", "alibaba", "chat", "2.5", "7B", "", "q4_K_M", False, "instruct"),
        ),
        ("qwen-vl-max-2025-04-08", ("qwen", "alibaba", "vision", "", "", "2025-04-08", "", False, "")),
        ("Qwen3-30B-A3B-GPTQ-Int4", ("qwen", "alibaba", "chat", "3", "30B-A3B", "", "GPTQ-Int4", False, "")),
        ("doubao-seed-2.0-pro-260215", ("doubao", "bytedance", "chat", "2.0", "", "260215", "", False, "")),
        ("hunyuan-turbos-latest", ("hunyuan", "tencent", "chat", "", "", "", "", True, "")),
        ("kimi-k3", ("kimi", "moonshot", "chat", "k3", "", "", "", True, "")),
        ("spark 4.0Ultra", ("spark", "iflytek", "chat", "4.0", "", "", "", False, "")),
        (
            "Mixtral-8x7B-Instruct-v0.1",
            ("mistral", "mistral", "chat", "0.1", "8x7B", "", "", False, "instruct"),
        ),
        ("mistral-large-2411", ("mistral", "mistral", "chat", "", "", "2411", "", False, "")),
        ("bge-large-zh-v1.5", ("bge", "baai", "embedding", "1.5", "", "", "", False, "")),
        ("wanx2.1-t2i-turbo", ("wan", "alibaba", "image", "2.1", "", "", "", False, "")),
        ("paraformer-realtime-v2", ("paraformer", "alibaba", "speech", "2", "", "", "", False, "")),
        ("ep-20240611073922-abcde", ("ark-endpoint", "bytedance", "unknown", "", "", "", "", False, "")),
        ("gemma-3-4b-it-q4_0.gguf", ("gemma", "google", "chat", "3", "4B", "", "q4_0", False, "instruct")),
    ],
)
def test_the_parts_of_an_id(text: str, expected: tuple[str, ...]) -> None:
    n = read(text)
    assert n.written == text
    parts = (
        n.family,
        n.provider,
        str(n.kind),
        n.version,
        n.size,
        n.snapshot,
        n.quantisation,
        n.alias,
        n.tuned,
    )
    assert parts == expected


@pytest.mark.parametrize(
    ("text", "org", "prefix", "family"),
    [
        ("Qwen/Qwen2.5-7B-Instruct", "Qwen", "", "qwen"),
        ("Pro/deepseek-ai/DeepSeek-V3", "deepseek-ai", "Pro", "deepseek"),
        ("deepseek/deepseek-chat", "", "deepseek", "deepseek"),
        ("openrouter/anthropic/claude-3.5-sonnet:beta", "anthropic", "openrouter", "claude"),
        ("huggingface/meta-llama/Llama-3.1-8B-Instruct", "meta-llama", "huggingface", "llama"),
        ("google_genai:gemini-2.0-flash", "", "google_genai", "gemini"),
        ("openai:chat:gpt-4o", "", "openai", "gpt"),
        ("bedrock/us-east-1/anthropic.claude-v2:1", "anthropic", "bedrock", "claude"),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", "anthropic", "us", "claude"),
        ("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0", "amazon", "arn", "nova"),
        ("publishers/google/models/gemini-1.5-pro-002", "google", "publishers", "gemini"),
        ("models/gemini-1.5-flash", "", "models", "gemini"),
        ("accounts/fireworks/models/llama-v3p1-8b-instruct", "", "accounts/fireworks/models", "llama"),
        ("@cf/meta/llama-3-8b-instruct", "meta", "@cf", "llama"),
        ("hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M", "bartowski", "hf.co", "llama"),
        ("/models/Qwen2.5-7B-Instruct", "", "", "qwen"),
        ("/srv/.cache/huggingface/hub/models--BAAI--bge-m3/snapshots/1a2b", "BAAI", "", "bge"),
        ("~/.cache/modelscope/hub/Qwen/Qwen2___5-7B-Instruct/", "Qwen", "", "qwen"),
        ("D:\\weights\\chatglm3-6b", "", "", "glm"),
        ("/opt/llm/Qwen3-8B/model-00001-of-00004.safetensors", "", "", "qwen"),
        ("databricks/databricks-meta-llama-3-3-70b-instruct", "", "databricks", "llama"),
        ("openai/whisper-large-v3", "openai", "", "whisper"),
        ("claude-3-5-sonnet@20240620", "", "", "claude"),
        ("fal-ai/flux/dev", "", "fal-ai", "flux"),
        ("~anthropic/claude-opus-latest", "", "anthropic", "claude"),
    ],
)
def test_where_the_name_stands(text: str, org: str, prefix: str, family: str) -> None:
    found = read(text)
    assert (found.org, found.prefix, found.family) == (org, prefix, family)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("gpt-4o-mini-tts", Kind.SPEECH),
        ("gpt-4-vision-preview", Kind.VISION),
        ("gemini-2.5-flash-image", Kind.IMAGE),
        ("gemini-embedding-001", Kind.EMBEDDING),
        ("qwen3-rerank", Kind.RERANK),
        ("Qwen3Guard-Gen-8B", Kind.MODERATION),
        ("omni-moderation-latest", Kind.MODERATION),
        ("deepseek-ocr", Kind.OCR),
        ("sora-2", Kind.VIDEO),
        ("kling-v2-1-master", Kind.VIDEO),
        ("voyage-multimodal-3", Kind.EMBEDDING),
        ("jina-reranker-v2-base-multilingual", Kind.RERANK),
        ("doubao-embedding-large-text-240915", Kind.EMBEDDING),
        ("text-embedding-3-small", Kind.EMBEDDING),
    ],
)
def test_what_a_model_does(text: str, kind: Kind) -> None:
    assert read(text).kind is kind


def test_the_same_word_belongs_to_whoever_names_it_so() -> None:
    makers = {
        text: read(text).provider
        for text in ("text-embedding-v3", "text-embedding-3-large", "text-embedding-004")
    }
    assert makers == {
        "text-embedding-v3": "alibaba",
        "text-embedding-3-large": "openai",
        "text-embedding-004": "google",
    }
    assert read("openai/text-embedding-3-small").provider == "openai"
    assert read("nova-pro").provider == "aws"
    assert read("nova-3").provider == "deepgram"


@pytest.mark.parametrize(
    ("text", "weights", "licence"),
    [
        ("Qwen/Qwen3-8B", True, "Apache-2.0"),
        ("qwen-max", False, "proprietary"),
        ("gpt-4o", False, "proprietary"),
        ("gpt-oss:20b", True, "Apache-2.0"),
        ("meta-llama/Llama-3.3-70B-Instruct", True, "Llama 3.3 community licence"),
        ("deepseek-chat", None, ""),
        ("deepseek-ai/DeepSeek-V3", True, "MIT"),
    ],
)
def test_whether_the_weights_can_be_had(text: str, weights: bool | None, licence: str) -> None:
    found = read(text)
    assert (found.open_weights, found.licence) == (weights, licence)


@pytest.mark.parametrize(
    "text", ["o3", "sonar", "jamba", "vidu", "jimeng", "hailuo", "internlm", "minicpm", "gpt-oss"]
)
def test_words_that_are_ids_only_where_a_model_is_named(text: str) -> None:
    assert parse(text) is None
    assert parse(text, position=True) is not None


def test_the_form_alone_can_tell() -> None:
    unknown = read("SomeLab/Borealis-13B-Chat")
    assert (unknown.family, unknown.size, unknown.kind, unknown.provider) == (UNLISTED, "13B", Kind.CHAT, "")
    assert read("Borealis-v2-Q5_K_M.gguf").family == UNLISTED
    assert read("iic/nlp_deberta_rex-uninlu_chinese-base").provider == "alibaba"
    assert read("somelab/borealis-24b:free").size == "24B"
    assert parse("figures/fig-2b") is None
    assert parse("SomeLab/Borealis") is None
    assert parse("SomeLab/borealis-13B-server") is None


def test_every_family_of_an_id_is_known() -> None:
    found = {read(text).family for row in ROWS for text in row["tests"]}
    assert {name for name in found if family(name) is None and name not in organisations()} == set()


TEXT = st.text(max_size=120) | st.from_regex(r"[a-z0-9/:._@-]{0,60}", fullmatch=True)
MADE = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "openai/", "ollama/", "/models/", "Qwen/", "us.anthropic.", "ft:"]),
    st.sampled_from(sorted({head for each in families() for head in each.heads})),
    st.sampled_from(["", "-", ":", "_", "@", "."]),
    st.from_regex(r"[a-z0-9._:-]{0,30}", fullmatch=True),
)


@settings(max_examples=500)
@given(TEXT | MADE)
def test_any_text_gives_a_name_or_none(text: str) -> None:
    for position in (False, True):
        found = parse(text, position=position)
        if found is None:
            continue
        assert found.written == text
        assert found.family
        assert isinstance(derivative(found), Derivation | None)
    assert same(text, text) == "same"


@pytest.mark.parametrize(
    "text", ["qwen" + "-7b" * 50, "a/" * 80, "gpt-4" + "." * 150, "-" * 160, "llama-" * 26, "models--" * 20]
)
def test_no_text_takes_long(text: str) -> None:
    assert isinstance(parse(text), ModelName | None)
