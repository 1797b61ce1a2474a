"""Whether a text is a model id, and what it says."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from countermark.inventory.model_names import words
from countermark.inventory.model_names.families import Family, candidates, families, organisations, starts
from countermark.inventory.model_names.forms import Form, forms
from countermark.inventory.model_names.name import ModelName
from countermark.inventory.usage import Kind

SHAPE = re.compile(r"[A-Za-z0-9@./~\\][\w.:/@+~\\-]{1,160}")
SPACED = re.compile(r"spark \d", re.IGNORECASE)
PIECES = re.compile(r"[a-z][a-z0-9]+|\d+[a-z]+")
FINE_TUNED = re.compile(r"ft:([\w.-]+)(?::[\w.-]*)*|([\w.-]+):ft-[\w.:-]+", re.IGNORECASE)
MAX_UNKNOWN = 5
FEW = 2


@lru_cache(maxsize=262_144)
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
        if not SPACED.match(text):
            return None
        text = text.replace(" ", "-", 1)
    if not _begins(text.lower()):
        return None
    return _parse(text, position=position)


def _begins(lower: str) -> bool:
    """Whether any part of it begins as the name of a family, or is an organisation."""
    known = starts()
    return any(piece[:3] in known for piece in PIECES.findall(lower)) or lower.partition("/")[0] in organisations()


def _parse(text: str, *, position: bool) -> ModelName | None:
    tuned = FINE_TUNED.fullmatch(text)
    if tuned:
        return _fine_tuned(text, tuned[1] or tuned[2])
    for form in forms(text):
        found = _named(text, form, position=position)
        if found is not None:
            return found
    return None


def _fine_tuned(text: str, base: str) -> ModelName | None:
    """A model that a customer of an API has tuned: ``ft:gpt-3.5-turbo-0125:acme::abc``."""
    from dataclasses import replace

    found = parse(base)
    return None if found is None else replace(found, written=text, tuned=f"fine-tune:{base}", alias=False)


def _named(text: str, form: Form, *, position: bool) -> ModelName | None:
    lower = form.name.lower()
    for family in candidates(lower):
        found = _of_family(text, form, family, position=position)
        if found is not None:
            return found
    return None
