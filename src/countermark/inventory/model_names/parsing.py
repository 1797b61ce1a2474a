"""Whether a text is a model id, and what it says."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from countermark.inventory.model_names import words
from countermark.inventory.model_names.accepting import accepted
from countermark.inventory.model_names.families import beginnings, candidates, organisations
from countermark.inventory.model_names.forms import SOURCES, Form, forms
from countermark.inventory.model_names.making import made, of_organisation
from countermark.inventory.model_names.name import ModelName

SHAPE = re.compile(r"[A-Za-z0-9@./~\\][\w.:/@+~\\-]{1,160}", re.ASCII)
SPACED = re.compile(r"spark \d[\w.]{0,12}", re.IGNORECASE | re.ASCII)
REPOSITORY = re.compile(r"(?:[\w.-]+/){1,3}[\w.-]*[-_]\d{1,3}(?:\.\d)?b(?:[-_.].*)?|(?:iic|damo|baai|jinaai|cross-encoder)/.+")
"""What may be a model although it begins as none does: ``org/Name-7B``."""
FINE_TUNED = re.compile(r"(?:openai/|azure/)?ft:([\w.-]+)(?::[\w.-]*)*|([\w.-]+):ft-[\w.:-]+", re.IGNORECASE)
WITHIN = re.compile(
    r"(?<=[-_.])(?=(?:meta-)?llama|qwen|mistral|mixtral|deepseek|chatglm|glm-?\d|internlm|baichuan|yi-|gemma|phi-?\d|gpt-oss|minicpm)"
)
SERVING = frozenset(
    "run train start serve deploy download convert eval test finetune fine tune vllm sglang tgi ollama lmdeploy xinference "
    "llama cpp model service pod my the use with for from to load export quantize launch infer inference lora sft".split()
)
"""Words before a name that say what is done with the model, not what it is."""
MAX_LEADING = 5


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
        return _renamed(text, parse(text.replace(" ", "-"), position=position))
    return _parse(text, position) if _begins(text.lower()) else None


def _renamed(text: str, found: ModelName | None) -> ModelName | None:
    return None if found is None else replace(found, written=text)


def _begins(lower: str) -> bool:
    """Whether any part of it begins as the name of a family, or it has the form of a repository."""
    if beginnings().search(lower) is not None:
        return True
    return lower.endswith(".gguf") or ("/" in lower and REPOSITORY.fullmatch(lower) is not None)


@lru_cache(maxsize=65_536)
def _parse(text: str, position: bool) -> ModelName | None:  # noqa: FBT001 - a key of the cache
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
    """A name that begins with that of its family."""
    lower = form.name.lower()
    for family in candidates(lower):
        head = family.pattern.match(lower)
        if head is None and position and lower in family.heads:
            head = re.match(re.escape(lower), lower)
        rest = words.read(form.name, head.end()) if head else None
        if head and rest and accepted(form, family, head, rest, position=position):
            return made(text, form, family, head, rest)
    return None


def _derived(text: str, form: Form) -> ModelName | None:
    """A name of its own before that of the base: ``org/OpenHermes-2.5-Mistral-7B``."""
    if not (form.org or form.shelved) or form.org.lower() in SOURCES:
        return None
    for start in [found.start() for found in WITHIN.finditer(form.name.lower())][:3]:
        leading = re.split(r"[-_.]", form.name[: start - 1].lower())
        if (
            len(leading) > MAX_LEADING
            or SERVING.intersection(leading)
            or words.SOFTWARE.intersection(leading)
        ):
            continue
        inner = replace(form, name=form.name[start:])
        found = _named(text, inner, position=False)
        if found is not None and found.size:
            row = organisations().get(form.org.lower(), {})
            own = form.name[: start - 1]
            tuned = f"fine-tune:{own.lower()}"
            return replace(
                found, tuned=tuned, provider=row.get("provider") or "community", base=form.name.lower()
            )
    return None
