"""The forms in which a model id is written: where the name itself stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from countermark.inventory.model_names.families import organisations
from countermark.inventory.signatures import prefix
from countermark.inventory.signatures.vocabulary import SHELVES, SOURCES

WEIGHTS = re.compile(
    r"\.(?:gguf|ggml|safetensors|bin|pt|pth|ckpt|onnx|mnn|rknn|rkllm|engine|tflite|task|nemo|llamafile)$",
    re.IGNORECASE,
)
OTHER_FILE = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|ico|bmp|tiff?|mp[34]|wav|webm|mov|pdf|docx?|xlsx?|pptx?|csv|tsv|txt|mdx?|rst"
    r"|jsonl?|json5|ya?ml|toml|ini|cfg|conf|env|lock|log|xml|html?|css|s[ac]ss|less|[mc]?jsx?|tsx?|vue|svelte"
    r"|pyi?|ipynb|go|rs|java|kt|swift|scala|cs|php|rb|c|cc|cpp|h|hpp|lua|sql|sh|bash|zsh|fish|bat|ps1|exe|dll"
    r"|so|dylib|tar|t?gz|zip|7z|rar|whl|jar|war|db|sqlite3?|parquet|proto|wasm|map|service|sock|pid|example"
    r"|template|tmpl|j2|com|org|net|io|ai|cn|dev|app|co|cloud|internal|local|me|xyz|tech|info)$",
    re.IGNORECASE,
)
"""Files that are no weights, and the ends of host names."""
SHARD = re.compile(r"-\d{5}-of-\d{5}$")
NAMELESS = re.compile(
    r"(?:pytorch_|ggml-|tf_|flax_|adapter_|diffusion_pytorch_)?(?:model|weights|consolidated|checkpoint|unet"
    r"|vae|encoder|decoder|ggml|main|best|last|final)(?:[-_.]\w+)*",
    re.IGNORECASE,
)
"""Files of weights that are named after what they are: the folder has the name of the model."""
HOSTED = re.compile(
    r"(?:(?P<region>us|eu|apac|au|jp|ca|sa|in|global|us-gov|us-gov-west-1)\.)?"
    r"(?P<vendor>anthropic|amazon|meta|mistral|cohere|ai21|stability|deepseek|openai|qwen|moonshot|moonshotai"
    r"|minimax|google|nvidia|zai|writer|luma|twelvelabs|xai)\.(?P<name>[A-Za-z0-9].*)"
)
"""``us.anthropic.claude-3-5-sonnet-20241022-v2:0``, as Amazon Bedrock has it."""
HOSTED_END = re.compile(
    r"(?:(?<!claude)(?<!instant)(?<!embed)(?<!rerank)-v\d+)?:\d+(?::(?:\d+k|mm))?$|(?<=\d{8})-v\d+$"
)
SHORT = re.compile(r"[vr]\d[\w.-]*")
"""A name that leaves the vendor's out: ``deepseek.r1-v1:0``."""
POINT = re.compile(r"(?<=\d)p(?=\d)")
"""How Fireworks writes a point: ``llama-v3p1-8b``."""
ARN = re.compile(r"arn:aws[\w-]*:bedrock:[\w-]*:\d*:(?:foundation-model|inference-profile)/(.+)")
PUBLISHED = re.compile(r"(?:projects/[^/]+/locations/[^/]+/)?publishers/([^/]+)/models/([^/]+)")
LISTED = re.compile(
    r"models/((?:gemini|gemma|imagen|veo|learnlm|(?:text-)?embedding|chat-bison|text-bison)[^/]*)"
)
HUB_CACHE = re.compile(r"models--([^/]+?)--([^/]+?)(?:/.*)?$")
HUBS = ("hf.co/", "huggingface.co/", "modelscope.cn/models/", "modelscope.cn/", "www.modelscope.cn/models/")
RESOLD = re.compile(r"(Pro|LoRA|Vendor-A)/(.+)")
"""SiliconFlow's tiers of the same models."""
MARKED = re.compile(r"(databricks|FW)-(.+)")
ROUTED = re.compile(
    r":(?:free|nitro|floor|thinking|beta|extended|online|exacto|self-moderated|batch|fastest|cheapest|preferred"
    r"|priority|variant\d|cloud|[0-9a-f]{32,64})$"
)
"""What routers write behind a name, and the digest of a version."""
FLOATING = re.compile(r"~[a-z]")
"""``~anthropic/claude-opus-latest``, as OpenRouter marks what floats."""
SHAPES = re.compile(r"(?:chat|responses?|completions?|messages|embeddings?|images?|moderation):(.+)")
LOCAL = re.compile(r"(?:/|\.{1,2}/|~/|[A-Za-z]:/|file:)")
JOINED = ("fal-ai", "fal_ai")
"""Routes on which folders are parts of the name: ``fal-ai/flux/dev``."""
JOINED_VENDORS = frozenset(["fal-ai", "bytedance", "openai", "google"])


@dataclass(frozen=True, slots=True)
class Form:
    """A text, with the name in it."""

    name: str
    """Without what routes it, its organisation, and the ending of a file."""
    org: str = ""
    prefix: str = ""
    path: bool = False
    """Whether it is a place on a disk."""
    shelved: bool = False
    """Whether that place is one that models are kept in."""
    file: bool = False
    gguf: bool = False
    """Whether it is a file of the format that holds nothing but models."""


def forms(text: str) -> list[Form]:
    """The ways to read a text, the likeliest first; none where it cannot be a model id."""
    text = text.strip().replace("\\", "/").replace("___", ".")
    text = text[1:] if FLOATING.match(text) else text
    cached = HUB_CACHE.search(text)
    if cached:
        return [Form(cached[2], org=cached[1], path=True, shelved=True)]
    return [form for route, rest in _routes(text) if (form := _placed(rest, route)) is not None]


def _routes(text: str) -> Iterator[tuple[str, str]]:
    """What routes the request, and what is left."""
    arn = ARN.fullmatch(text)
    if arn:
        yield "arn", arn[1]
        return
    hub = next((each for each in HUBS if text.startswith(each)), "")
    if hub:
        yield hub.partition("/")[0], text.removeprefix(hub)
        return
    known = prefix(text)
    if known is not None:
        rest = text[len(known.name) + 1 :]
        shaped = SHAPES.fullmatch(rest)
        yield known.name, shaped[1] if shaped else rest
    for pattern, whole in ((RESOLD, text), (MARKED, text.rpartition("/")[2])):
        found = pattern.fullmatch(whole)
        if found:
            yield found[1], found[2]
    published, listed = PUBLISHED.fullmatch(text), LISTED.fullmatch(text)
    if published:
        yield "publishers", f"{published[1]}/{published[2]}"
    if listed:
        yield "models", listed[1]
    yield "", text


def _placed(text: str, route: str) -> Form | None:
    """The name by itself: organisation, folders, tags and endings are taken off."""
    parts = [part for part in text.removeprefix("file:").split("/") if part not in ("", ".", "..", "~")]
    if text.endswith("/") and not LOCAL.match(text):
        return None
    if not parts or (OTHER_FILE.search(parts[-1]) and not WEIGHTS.search(parts[-1])):
        return None
    file = WEIGHTS.search(parts[-1]) is not None
    if file:
        parts = _unpacked(parts)
    if route in JOINED:
        parts = ["-".join(part for part in parts if part not in JOINED_VENDORS)]
    folders = [part.lower() for part in parts[:-1]]
    kept = bool(SHELVES.intersection(folders))
    path = (
        LOCAL.match(text) is not None
        or (not route and (len(folders) > 1 or kept))
        or (file and bool(folders))
    )
    if path and not route and SOURCES.intersection(folders) - SHELVES:
        return None
    org, region, name = _hosted(parts, route)
    known = org.lower() in organisations()
    org = org if known or not (path or route) else ""
    shelved = kept or file or (path and known)
    return Form(name, org, route or region, path, shelved, file, gguf=text.lower().endswith(".gguf"))


def _unpacked(parts: list[str]) -> list[str]:
    """A file of weights without its ending; its folder, where the file has no name of its own."""
    stem = SHARD.sub("", WEIGHTS.sub("", parts[-1]))
    return parts[:-1] if NAMELESS.fullmatch(stem) and len(parts) > 1 else [*parts[:-1], stem]


def _hosted(parts: list[str], route: str) -> tuple[str, str, str]:
    """Organisation, region and name, without what routers and clouds write around them."""
    org, name = parts[-2] if len(parts) > 1 else "", ROUTED.sub("", parts[-1])
    name = POINT.sub(".", name)
    hosted = HOSTED.fullmatch(name)
    if hosted is None:
        return org, "", name
    vendor, name = hosted["vendor"], HOSTED_END.sub("", hosted["name"])
    return vendor, hosted["region"] or "", f"{vendor}-{name}" if SHORT.fullmatch(name) else name
