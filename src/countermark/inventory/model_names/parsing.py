"""Whether a text is a model id, and what it says."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from countermark.inventory.model_names import tokens
from countermark.inventory.model_names.accepting import accepted
from countermark.inventory.model_names.families import beginnings, candidates, organisations
from countermark.inventory.model_names.forms import Form, forms
from countermark.inventory.model_names.making import made, of_organisation
from countermark.inventory.model_names.name import ModelName
from countermark.inventory.signatures.vocabulary import SERVING, SOFTWARE, SOURCES

SHAPE = re.compile(r"[A-Za-z0-9@./~\\][\w.:/@+~\\-]{0,160}[A-Za-z0-9+/\\]", re.ASCII)
SPACED = re.compile(r"spark \d[\w.]{0,12}", re.IGNORECASE | re.ASCII)
"""The one id that an API has with a space in it."""
REPOSITORY = re.compile(
    r"(?:[\w.-]+/){1,3}[\w.-]*[-_]\d{1,3}(?:\.\d)?b(?:[-_.:].*)?|(?:iic|damo|baai|jinaai|cross-encoder|thinkingmachines)/.+"
)
"""What may be a model although it begins as none does: ``org/Name-7B``."""
FINE_TUNED = re.compile(r"(?:openai/|azure/)?ft:([\w.-]+)(?::[\w.-]*)*|([\w.-]+):ft-[\w.:-]+", re.IGNORECASE)
WITHIN = re.compile(
    r"(?<=[-_.])(?=(?:meta-)?llama|qwen|mistral|mixtral|deepseek|chatglm|glm-?\d|internlm|baichuan|yi-|gemma"
    r"|phi-?\d|gpt-oss|minicpm)"
)
"""Where the name of an open model begins within another."""
MAX_LEADING = 5
MAX_WITHIN = 3


def parse(text: str, *, position: bool = False) -> ModelName | None:
    """What a text says, where the whole of it is a model id.

    Args:
        text: Any text: an API's id, a repository of a hub, an Ollama tag, a file or folder of weights.
        position: Whether it stands where a model is named, so that names count which elsewhere are
            ordinary words: ``o3``, ``sonar``, ``jamba``, ``vidu``.

    Returns:
        None for everything that is not certain to be one.
    """
    if SHAPE.fullmatch(text) is None:
        if SPACED.fullmatch(text) is None:
            return None
        found = parse(text.replace(" ", "-"), position=position)
        return None if found is None else replace(found, written=text)
    return _parse(text, position) if _begins(text.lower()) else None


def _begins(lower: str) -> bool:
    """Whether any part of it begins as the name of a family, or it has the form of a repository."""
    if beginnings().search(lower) is not None:
        return True
    return lower.endswith(".gguf") or ("/" in lower and REPOSITORY.fullmatch(lower) is not None)


@lru_cache(maxsize=65_536)
def _parse(text: str, position: bool) -> ModelName | None:
    tuned = FINE_TUNED.fullmatch(text)
    if tuned:
        base = tuned[1] or tuned[2]
        found = parse(base)
        return None if found is None else replace(found, written=text, tuned=f"fine-tune:{base}", alias=False)
    readings = forms(text)
    for form in readings:
        found = _named(text, form, position=position or bool(form.prefix)) or _derived(text, form)
        if found is not None:
            return found
    return next(filter(None, (of_organisation(text, form) for form in readings)), None)


def _named(text: str, form: Form, *, position: bool) -> ModelName | None:
    """A name that begins with that of its family; what is certain goes before what the position allows."""
    lower = form.name.lower()
    for loose in (False, True) if position else (False,):
        for family in candidates(lower):
            head = family.pattern.match(lower)
            if head is None and loose and lower in family.heads:
                head = re.match(re.escape(lower), lower)
            rest = tokens.read(form.name, head.end()) if head else None
            if head and rest and accepted(form, family, head, rest, position=loose):
                return made(text, form, family, head, rest)
    return None


def _derived(text: str, form: Form) -> ModelName | None:
    """A name of its own before that of the base: ``org/Phoenix-Llama-3-8B``."""
    if not (form.org or form.shelved) or form.org.lower() in SOURCES:
        return None
    for start in [found.start() for found in WITHIN.finditer(form.name.lower())][:MAX_WITHIN]:
        own = form.name[: start - 1].lower()
        leading = set(re.split(r"[-_.]", own))
        if len(leading) > MAX_LEADING or leading & SERVING or leading & SOFTWARE:
            continue
        found = _named(text, replace(form, name=form.name[start:]), position=False)
        if found is not None and found.size:
            maker = organisations().get(form.org.lower(), {}).get("provider", "community")
            return replace(found, tuned=f"fine-tune:{own}", provider=maker, base=form.name.lower())
    return None
