"""Whether a file can say anything of AI at all: looked at first, for most files of a tree say nothing."""

from __future__ import annotations

import re
from functools import cache

from countermark.inventory.signatures.rows import rows
from countermark.inventory.signatures.tries import alternatives

STEMS: tuple[bytes, ...] = (
    b"gpt", b"openai", b"claude", b"anthropic", b"gemini", b"gemma", b"llama", b"mistral", b"mixtral", b"qwen",
    b"qwq", b"dashscope", b"deepseek", b"glm", b"zhipu", b"bigmodel", b"doubao", b"volc", b"moonshot", b"kimi",
    b"minimax", b"abab", b"ernie", b"qianfan", b"baidubce", b"hunyuan", b"spark", b"baichuan", b"internlm",
    b"internvl", b"minicpm", b"langc", b"huggingface", b"transformers", b"siliconflow", b"openrouter", b"chat",
    b"llm", b"embed", b"rerank", b"bge-", b"gte-", b"m3e", b"-instruct", b"-latest", b"-preview", b"-turbo",
    b"-base-", b"-large", b"-7b", b"diffusion", b"flux", b"whisper", b"tts", b"voice", b"cog", b"/v1", b"//api",
    b"ai/", b".ai",
)  # fmt: skip
"""Short strings of which nearly every file that names a model, a host or a library has at least one. Where
none may be missed, :func:`speaks` is exact, and quicker."""
IMPORTING = rb"\b(?:import|from|using|use|require|include)\b[ \t(@]*[\"']?"


def speaks(lower: bytes) -> bool:
    """Whether a file names anything of the signatures: the head of a family, a host, a library.

    Args:
        lower: The bytes of the file in lower case.
    """
    return _anything().search(lower) is not None


@cache
def _anything() -> re.Pattern[bytes]:
    modules = {name.lower() for sdk in rows("sdk") for names in sdk.get("imports", {}).values() for name in names}
    paths = {name for name in modules if "/" in name}
    heads = {head for family in rows("family") for head in family["heads"]}
    words = sorted(heads | paths | set(_hosts()))
    return re.compile(
        rb"(?<![a-z])" + alternatives(words).encode()
        + rb"|" + IMPORTING + alternatives(sorted(modules), whole=True).encode() + rb"(?![a-z])"
        + rb"|\.gguf\b|[/\"'](?:iic|damo|baai)/"
    )  # fmt: skip


def _hosts() -> list[str]:
    """Of every host the longest part that is written out and says more than whose cloud it is."""
    patterns = [each["pattern"] for row in rows("provider") for each in row.get("hosts", ())]
    return [max((part.strip(".-") for part in p.split("*") if part != ".amazonaws.com"), key=len) for p in patterns]
