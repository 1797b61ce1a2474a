"""The forms in which a model id is written: where the name itself stands in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from countermark.inventory.model_names.families import organisations
from countermark.inventory.signatures import prefix

WEIGHTS = re.compile(
    r"\.(?:gguf|ggml|safetensors|bin|pt|pth|ckpt|onnx|mnn|rknn|rkllm|engine|tflite|task|nemo|llamafile)$",
    re.IGNORECASE,
)
OTHER_FILE = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|ico|bmp|tiff?|mp[34]|wav|webm|mov|pdf|docx?|xlsx?|pptx?|csv|tsv|txt|md|mdx|rst"
    r"|jsonl?|json5|ya?ml|toml|ini|cfg|conf|env|lock|log|xml|html?|css|s[ac]ss|less|jsx?|tsx?|mjs|cjs|vue|svelte|py"
    r"|pyi|ipynb|go|rs|java|kt|swift|scala|cs|php|rb|c|cc|cpp|h|hpp|lua|sql|sh|bash|zsh|fish|bat|ps1|exe|dll|so|dylib"
    r"|tar|gz|tgz|zip|7z|rar|whl|jar|war|db|sqlite3?|parquet|proto|wasm|map|service|sock|pid|example|template|tmpl|j2"
    r"|com|org|net|io|ai|cn|dev|app|co|cloud|internal|local|me|xyz|tech|info)$",
    re.IGNORECASE,
)
SHARD = re.compile(r"-\d{5}-of-\d{5}$")
NAMELESS = re.compile(
    r"(?:pytorch_|ggml-|tf_|flax_|adapter_|diffusion_pytorch_)?(?:model|weights|consolidated|checkpoint|unet|vae|encoder"
    r"|decoder|ggml|main|best|last|final)(?:[-_.]\w+)*",
    re.IGNORECASE,
)
BEDROCK = re.compile(
    r"(?:(?P<region>us|eu|apac|au|jp|ca|sa|in|global|us-gov|us-gov-west-1)\.)?"
    r"(?P<vendor>anthropic|amazon|meta|mistral|cohere|ai21|stability|deepseek|openai|qwen|moonshot|moonshotai|minimax"
    r"|google|nvidia|zai|writer|luma|twelvelabs|xai)\.(?P<name>[A-Za-z0-9].*)"
)
BEDROCK_END = re.compile(r"(?:(?<!claude)(?<!instant)(?<!embed)(?<!rerank)-v\d+)?:\d+(?::(?:\d+k|mm))?$|(?<=\d{8})-v\d+$")
ARN = re.compile(r"arn:aws[\w-]*:bedrock:[\w-]*:\d*:(?:foundation-model|inference-profile)/(.+)")
PUBLISHERS = re.compile(
    r"(?:projects/[^/]+/locations/[^/]+/)?publishers/([^/]+)/models/([^/]+)|models/([^/]+)"
)
HUB_CACHE = re.compile(r"models--([^/]+?)--([^/]+?)(?:/.*)?$")
HUBS = ("hf.co/", "huggingface.co/", "modelscope.cn/models/", "modelscope.cn/", "www.modelscope.cn/models/")
RESELLER = re.compile(r"(Pro|LoRA|Vendor-A)/(.+)")
MARKED = re.compile(r"(databricks|FW)-(.+)")
SHORT = re.compile(r"[vr]\d[\w.-]*")
ROUTED = re.compile(
    r":(?:free|nitro|floor|thinking|beta|extended|online|exacto|self-moderated|batch|fastest|cheapest|preferred)$"
)
DIGEST = re.compile(r":[0-9a-f]{32,64}$")
MESSAGES = re.compile(r"(?:chat|responses?|completions?|messages|embeddings?|images?|moderation):(.+)")
LOCAL = re.compile(r"(?:/|\.{1,2}/|~/|[A-Za-z]:/|file:)")
SHELVES = frozenset(
    "models model weights checkpoints checkpoint ckpt ckpts hub llm llms pretrained pretrained_models pretrained_model "
    "huggingface hf modelscope modelzoo model_zoo model_dir model-dir embeddings embedding gguf ollama lora loras".split()
)
"""Folders that models are kept in."""
SOURCES = frozenset(
    "src lib libs test tests docs doc assets asset static public images image img imgs icons icon components pages page test testing temp tmp backup archive team user users "
    "node_modules dist build views templates prompts prompt config configs i18n locales styles css js scripts examples "
    "providers provider adapters adapter icons logos logo api v1 chat internal pkg cmd routes hooks utils".split()
)
"""Folders that code is kept in."""


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
    cached = HUB_CACHE.search(text)
    if cached:
        return [Form(cached[2], org=cached[1], path=True, shelved=True)]
    found: list[Form] = []
    for route, rest in _routes(text):
        form = _placed(rest, route)
        if form is not None:
            found.append(form)
    return found


def _routes(text: str) -> list[tuple[str, str]]:
    """What routes the request, and what is left."""
    arn = ARN.fullmatch(text)
    if arn:
        return [("arn", arn[1])]
    for hub in HUBS:
        if text.startswith(hub):
            return [(hub.split("/")[0], text[len(hub) :])]
    found = []
    known = prefix(text)
    if known is not None:
        rest = text[len(known.name) + 1 :]
        inner = MESSAGES.fullmatch(rest)
        found.append((known.name, inner[1] if inner else rest))
    sold = RESELLER.fullmatch(text)
    if sold:
        found.append((sold[1], sold[2]))
    marked = MARKED.fullmatch(text.rpartition("/")[2])
    if marked:
        found.append((marked[1], marked[2]))
    published = PUBLISHERS.fullmatch(text)
    if published:
        found.append(
            ("models", published[3]) if published[3] else ("publishers", f"{published[1]}/{published[2]}")
        )
    return [*found, ("", text)]


def _placed(text: str, route: str) -> Form | None:
    """The name by itself: organisation, folders, tags and endings are taken off."""
    local = LOCAL.match(text) is not None
    parts = [part for part in text.removeprefix("file:").split("/") if part not in ("", ".", "..", "~")]
    if not parts:
        return None
    file = WEIGHTS.search(parts[-1]) is not None
    if file:
        parts[-1] = SHARD.sub("", WEIGHTS.sub("", parts[-1]))
        if NAMELESS.fullmatch(parts[-1]) and len(parts) > 1:
            parts.pop()
    elif OTHER_FILE.search(parts[-1]):
        return None
    if route in ("fal-ai", "fal_ai"):
        parts = ["-".join(part for part in parts if part not in ("fal-ai", "bytedance", "openai", "google"))]
    folders = parts[:-1]
    path = local or (not route and len(folders) > 1) or (file and bool(folders))
    if path and not route and SOURCES.intersection(map(str.lower, folders)) - SHELVES:
        return None
    name = DIGEST.sub("", parts[-1])
    name = ROUTED.sub("", name)
    org, region = folders[-1] if folders else "", ""
    hosted = BEDROCK.fullmatch(name)
    if hosted:
        org, region, name = hosted["vendor"], hosted["region"] or "", BEDROCK_END.sub("", hosted["name"])
        name = f"{org}-{name}" if SHORT.fullmatch(name) else name
    if "fireworks" in route:
        name = re.sub(r"(?<=\d)p(?=\d)", ".", name)
    if route and org.lower() not in organisations():
        org = ""
    if path and org.lower() not in organisations():
        org = ""
    shelved = bool(SHELVES.intersection(map(str.lower, folders))) or file or (path and bool(org))
    return Form(name, org, route or region, path, shelved, file, gguf=text.lower().endswith(".gguf"))
