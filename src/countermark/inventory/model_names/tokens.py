"""What stands behind the head of a model id: sizes, dates, quantisations, words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from countermark.inventory.signatures.vocabulary import VARIANTS

SEPARATOR = r"[-_.:@+ ]{1,3}"
QUANTISATION = (
    r"(?:i1-|ud-)?i?q[1-8](?:[-_](?:k(?:[-_](?:xxs|xs|s|m|l|xl))?|[01](?:[-_][0-9])*|xxs|xs|s|m|nl|xl))?"
    r"|gptq(?:[-_]?(?:int)?[348](?:bits?)?)?|awq(?:[-_]?(?:int4|4bit))?|(?:w|a)\d{1,2}a\d{1,2}(?:g\d+)?|int[48](?:wo)?"
    r"|fp(?:4|8|16|32)(?:[-_](?:dynamic|block|e4m3fn))?|bf16|f16|f32|nvfp4|mxfp[48]|nf4|[2-8][-_]?bits?|bnb(?:[-_][48]bit)?"
    r"|exl[23]|gguf|ggml|mlx|aqlm|hqq|eetq|marlin|imatrix|quantized|quantised|quant|q4f16(?:_\d)?|autoround|dwq|turboq"
)
SIZE = (
    r"\d{1,4}(?:[._p]\d{1,2})?[bm](?:[-_]?a\d{1,3}(?:\.\d)?b)?"
    r"|\d{1,3}x\d{1,3}(?:[._]\d)?b|a\d{1,3}(?:\.\d)?b|e\d{1,2}b|\d{1,2}t|\d{1,3}e"
)
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

NUMBER = re.compile(r"v?(\d+(?:[._]\d+)*[a-z]?)")
CONTEXTS = re.compile(r"\d+[km]|ctx\d+k?")


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


def strange(words: Iterable[str], own: frozenset[str]) -> list[str]:
    """The words that are neither a family's own nor such as any model's name may have."""
    return [
        word
        for word in words
        if word not in own
        and word not in VARIANTS
        and NUMBER.fullmatch(word) is None
        and CONTEXTS.fullmatch(word) is None
    ]
