"""How two model ids relate, and what a derivative was made from."""

from __future__ import annotations

import re
from dataclasses import dataclass

from countermark.inventory.model_names.families import family
from countermark.inventory.model_names.name import ModelName
from countermark.inventory.model_names.parsing import WITHIN, parse
from countermark.inventory.signatures.vocabulary import TUNED

CUSTOM = re.compile(r"(?:^|/)ft:|:ft-", re.IGNORECASE)
"""A model that a customer of an API has tuned."""
TUNINGS = frozenset(["sft", "dpo", "rlhf", "lora", "merged", "fine-tune", "abliterated", "uncensored"])
"""Tunings that somebody else than the maker does. ``instruct`` and ``chat`` are the maker's own."""
NUMBER_FORMATS = re.compile(r"(?:bf16|f16|fp16|f32|fp32|onnx)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Derivation:
    """What a model was made from, as far as its name says."""

    base: str
    """An id, as written in the name or put together from its parts."""
    how: str
    """``distillation``, ``fine-tune``, ``merge`` or ``quantisation``."""


def derivative(name: ModelName) -> Derivation | None:
    """What a model is derived from by its name; None where it says nothing of the kind.

    The farthest step counts: of a quantised fine-tune, the base of the fine-tune.
    """
    if name.tuned.startswith("distill:"):
        return Derivation(_plain(name.tuned.removeprefix("distill:")), "distillation")
    base = _tuned_from(name)
    if base:
        return Derivation(base, "merge" if name.tuned == "merged" else "fine-tune")
    if name.quantisation and not NUMBER_FORMATS.fullmatch(name.quantisation):
        return Derivation(_plain(name.base), "quantisation")
    return None


def _tuned_from(name: ModelName) -> str:
    """What somebody tuned to make it; empty where the name says nothing of that."""
    if CUSTOM.search(name.written):
        return name.tuned.removeprefix("fine-tune:")
    known = family(name.family)
    if inner := _inner(name):
        return inner
    if known is not None and known.derived:
        return "-".join(filter(None, (known.derived, name.version)))
    if name.tuned.startswith("fine-tune:") or name.tuned in TUNINGS:
        return "-".join(filter(None, (f"{name.family}{name.version}", name.size.lower())))
    return ""


def _inner(name: ModelName) -> str:
    """Another model that stands within the name: ``llama-3.1-8b`` in ``Skywork-o1-Open-Llama-3.1-8B``."""
    for found in WITHIN.finditer(name.base):
        inner = parse(name.base[found.start() :])
        if inner is not None and inner.size and inner.family != name.family:
            return inner.base
    return ""


def _plain(text: str) -> str:
    """A name without what quantisation adds to it."""
    found = parse(text)
    return found.base if found is not None and found.quantisation else text


def same(a: str, b: str) -> str:
    """How two written names relate.

    Returns:
        ``same``: one model, written in two ways; ``alias``: one floats and may be the other;
        ``snapshot``: two states of one model; ``version``: two versions of one family and tier;
        ``quantisation``: one with fewer bits; ``derivative``: one was made from the other;
        ``different``: none of these, or not known.
    """
    if a.strip().lower() == b.strip().lower():
        return "same"
    left, right = parse(a, position=True), parse(b, position=True)
    if left is None or right is None:
        return "different"
    if _is_made_from(left, right) or _is_made_from(right, left):
        return "derivative"
    if _pieces(left) == _pieces(right) and left.tuned == right.tuned:
        return _states(left, right)
    return _kin(left, right)


def _states(left: ModelName, right: ModelName) -> str:
    """How two names of one model relate."""
    if left.quantisation.lower() != right.quantisation.lower():
        return "quantisation"
    first, second = (re.sub(r"\D", "", each.snapshot) for each in (left, right))
    if first == second:
        return "same"
    return "snapshot" if first and second else "alias"


def _kin(left: ModelName, right: ModelName) -> str:
    """How two models of one family relate."""
    if left.family == right.family and _words(left) == _words(right):
        if left.version != right.version and left.tuned == right.tuned:
            return "version"
        if (left.version, left.size) == (right.version, right.size) and "" in (left.tuned, right.tuned):
            return "derivative"
    return "different"


def _pieces(name: ModelName) -> tuple[object, ...]:
    """What is left of a name that says which model it is, however it is written."""
    words = sorted(re.findall(r"[a-z]+|\d+", _undated(name)))
    return (name.family, name.version, name.size, [w for w in words if w not in ("v", "meta", *TUNED)])


def _undated(name: ModelName) -> str:
    base = name.base.replace("gpt-35", "gpt-3.5")
    return base.replace(name.snapshot.lower(), "", 1) if name.snapshot else base


def _words(name: ModelName) -> tuple[object, ...]:
    """What two versions of one model have in common."""
    return (name.kind, sorted(name.variant.split("-")))


def _is_made_from(name: ModelName, base: ModelName) -> bool:
    """Whether one was made from the other, as far as their names say; of a base without a version any."""
    found, other = derivative(name), derivative(base)
    if found is None or found.how == "quantisation" or (other is not None and other.how != "quantisation"):
        return False
    origin = parse(found.base, position=True)
    return (
        origin is not None
        and (origin.family, origin.size.lower()) == (base.family, base.size.lower())
        and origin.version in ("", base.version)
    )
