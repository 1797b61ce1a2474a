"""What stands behind the head of a model id: sizes, dates, quantisations, words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from countermark.inventory.usage import Kind

SEPARATOR = r"[-_.:@+ ]{1,3}"
QUANTISATION = (
    r"(?:i1-|ud-)?i?q[1-8](?:[-_](?:k(?:[-_](?:xxs|xs|s|m|l|xl))?|[01](?:[-_][0-9])*|xxs|xs|s|m|nl|xl))?"
    r"|gptq(?:[-_]?(?:int)?[348](?:bits?)?)?|awq(?:[-_]?(?:int4|4bit))?|(?:w|a)\d{1,2}a\d{1,2}(?:g\d+)?|int[48](?:wo)?"
    r"|fp(?:4|8|16|32)(?:[-_](?:dynamic|block|e4m3fn))?|bf16|f16|f32|nvfp4|mxfp[48]|nf4|[2-8][-_]?bits?|bnb(?:[-_][48]bit)?"
    r"|exl[23]|gguf|ggml|mlx|aqlm|hqq|eetq|marlin|imatrix|quantized|quantised|quant|q4f16(?:_\d)?|autoround|dwq|turboq"
)
SIZE = r"\d{1,4}(?:[._p]\d{1,2})?[bm](?:[-_]?a\d{1,3}(?:\.\d)?b)?|\d{1,3}x\d{1,3}(?:[._]\d)?b|a\d{1,3}(?:\.\d)?b|e\d{1,2}b|\d{1,2}t|\d{1,3}e"
DATE = (
    r"20[12]\d[-_]?[01]\d[-_]?[0-3]\d|[01]\d-20[12]\d|[23]\d(?:0[1-9]|1[0-2])[0-3]\d"
    r"|(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])|2[2-9](?:0[1-9]|1[0-2])|00\d"
)
CONTEXT = r"\d{1,4}k|(?:1|2|4|10)m|2048|4096|8192|16384|32768|65536|131072|ctx\d+k?"
TOKEN = re.compile(
    rf"{SEPARATOR}(?:(?P<latest>latest)|(?P<context>{CONTEXT})|(?P<quant>{QUANTISATION})|(?P<date>{DATE})"
    rf"|(?P<size>{SIZE})|(?P<number>v?\d{{1,3}}(?:[._]\d{{1,2}}){{0,2}}[a-z]?)|(?P<word>[a-z0-9][a-z0-9+]*))"
    r"(?=$|[-_.:@+ ])"
)

TUNED = {
    "instruct": "instruct",
    "inst": "instruct",
    "it": "instruct",
    "chat": "chat",
    "sft": "sft",
    "dpo": "dpo",
    "rlhf": "rlhf",
    "lora": "lora",
    "qlora": "lora",
    "merged": "merged",
    "merge": "merged",
    "ft": "fine-tune",
    "finetuned": "fine-tune",
    "finetune": "fine-tune",
    "abliterated": "abliterated",
    "uncensored": "uncensored",
}
"""Words that say how a model was tuned."""
KINDS = {
    "embedding": Kind.EMBEDDING,
    "embeddings": Kind.EMBEDDING,
    "embed": Kind.EMBEDDING,
    "rerank": Kind.RERANK,
    "reranker": Kind.RERANK,
    "vl": Kind.VISION,
    "vlm": Kind.VISION,
    "vision": Kind.VISION,
    "multimodal": Kind.VISION,
    "ocr": Kind.OCR,
    "guard": Kind.MODERATION,
    "moderation": Kind.MODERATION,
    "safeguard": Kind.MODERATION,
    "tts": Kind.SPEECH,
    "asr": Kind.SPEECH,
    "stt": Kind.SPEECH,
    "audio": Kind.SPEECH,
    "speech": Kind.SPEECH,
    "voice": Kind.SPEECH,
    "realtime": Kind.SPEECH,
    "transcribe": Kind.SPEECH,
    "livetranslate": Kind.SPEECH,
    "s2s": Kind.SPEECH,
    "image": Kind.IMAGE,
    "t2i": Kind.IMAGE,
    "i2i": Kind.IMAGE,
    "video": Kind.VIDEO,
    "t2v": Kind.VIDEO,
    "i2v": Kind.VIDEO,
}
"""Words that say what a model does, the first that stands in a name."""
VARIANTS = (
    frozenset(
        """
    a air alpha apex base beta code coder exp moe experimental extended fast flash flashx free full general
    hd high highspeed instant large latest lite long longcontext low math max medium micro mini multilingual
    nano next nightly non omni open original plus preview prime pro prover r1 reasoner reasoning research
    search short small standard super text thinking think tiny tool tools turbo ultra ultrafast unified v versatile
    xl xs xxl zero zh en cn hf chinese english onnx dev rc ga internal online offline
    """.split()
    )
    | set(TUNED)
    | set(KINDS)
)
"""Words that any family's names may have behind a version."""
SOFTWARE = frozenset(
    """
    agent agents api app apps bench benchmark bot bots cli client clients cookbook course data dataset datasets demo
    demos desktop doc docs eval evals example examples extension factory finetuning framework gateway gui guide
    handler helper hub icon icons image-icon index integration js kit lib library loader logo manager mcp node
    notebook notebooks parse parser pipeline playground plugin provider providers proxy py python recipes repo router
    runner samples script scripts sdk server servers service services settings spec stack starter storage studio task
    template templates test tests toolkit tutorial types ui util utils vscode web webui website wrapper config
    configs constants context prompt prompts response request key token tokenizer tokens url endpoint
    """.split()
)
"""Words that make a name one of software, of a file or of a variable, and not of a model."""
DEPLOYMENTS = frozenset(
    "prod production staging stage uat deployment deploy eastus eastus2 westus westus2 westus3 swedencentral "
    "northcentralus southcentralus francecentral uksouth japaneast australiaeast canadaeast gpt global eu us".split()
)
"""Words with which deployments of a cloud are named behind the whole id of a model."""


@dataclass(slots=True)
class Rest:
    """What stands behind the head."""

    sizes: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    quants: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    contexts: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    """All words in order, known or not; numbers and contexts that say no version are among them."""
    latest: bool = False
    plain: list[str] = field(default_factory=list)
    """Every token but quantisations, in order."""


def read(name: str, start: int) -> Rest | None:
    """Take apart what stands behind ``start``; None where it is not made of tokens."""
    lower = name.lower()
    rest, at = Rest(), start
    while at < len(lower):
        token = TOKEN.match(lower, at)
        if token is None:
            return None
        kind = token.lastgroup or ""
        text = name[token.start(kind) : token.end(kind)]
        _note(rest, kind, text)
        at = token.end()
    return rest


def _note(rest: Rest, kind: str, text: str) -> None:
    lower = text.lower()
    if kind == "quant":
        rest.quants.append(text)
        return
    rest.plain.append(lower)
    match kind:
        case "latest":
            rest.latest = True
        case "context":
            rest.contexts.append(lower)
            rest.words.append(lower)
        case "date":
            rest.dates.append(text)
        case "size":
            rest.sizes.append(text.upper().replace("X", "x").replace("_", ".").replace("P", "."))
        case "number":
            rest.numbers.append(lower)
            rest.words.append(lower)
        case _:
            rest.words.append(lower)
