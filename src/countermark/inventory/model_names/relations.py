"""How two model ids relate, and what a derivative was made from."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from countermark.inventory.model_names.families import family
from countermark.inventory.model_names.name import ModelName
from countermark.inventory.model_names.parsing import parse

NUMBER_FORMATS = re.compile(r"(?:bf16|f16|fp16|f32|fp32|onnx)", re.IGNORECASE)
TUNINGS = ("instruct", "chat")
"""Tunings by the maker: the tuned model is what the maker filed, so the name means no derivative."""


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
    if name.written.lower().startswith("ft:") or ":ft-" in name.written.lower():
        return Derivation(name.tuned.removeprefix("fine-tune:"), "fine-tune")
    known = family(name.family)
    if known is not None and known.derived:
        return Derivation(known.derived, "fine-tune")
    if name.tuned.startswith("fine-tune:") or name.tuned in (
        "sft",
        "dpo",
        "lora",
        "fine-tune",
        "abliterated",
        "uncensored",
    ):
        return Derivation(_stem(name), "fine-tune")
    if name.tuned == "merged":
        return Derivation(_stem(name), "merge")
    if name.quantisation and not NUMBER_FORMATS.fullmatch(name.quantisation):
        return Derivation(_plain(name.base), "quantisation")
    return None


def _plain(text: str) -> str:
    """A name without what quantisation adds to it."""
    found = parse(text)
    return found.base if found is not None and found.quantisation else text


def _stem(name: ModelName) -> str:
    """Family, version and size: what an unknown tuning started from."""
    words = [word for word in (name.variant if not name.variant else "",) if word]
    return "-".join(filter(None, (f"{name.family}{name.version}", name.size.lower(), *words)))


def same(a: str, b: str) -> str:
    """How two written names relate.

    Returns:
        ``same``: one model, written in two ways; ``alias``: one floats and may be the other;
        ``snapshot``: two states of one model; ``version``: two versions of one family and tier;
        ``quantisation``: one with fewer bits; ``derivative``: one was made from the other;
        ``different``: none of these, or not known.
    """
    left, right = parse(a, position=True), parse(b, position=True)
    if left is None or right is None:
        return "same" if a.strip().lower() == b.strip().lower() else "different"
    if _key(left) == _key(right):
        return "same"
    if left.family != right.family or _is_made_from(left, right) or _is_made_from(right, left):
        return "derivative" if _is_made_from(left, right) or _is_made_from(right, left) else "different"
    return _within_family(left, right)


def _within_family(left: ModelName, right: ModelName) -> str:
    if _key(replace(left, quantisation="")) == _key(replace(right, quantisation="")):
        return "quantisation"
    undated = [replace(each, snapshot="", quantisation="") for each in (left, right)]
    if _key(undated[0]) == _key(undated[1]):
        return "snapshot" if left.snapshot and right.snapshot else "alias"
    if (left.variant, left.kind, left.tuned) == (right.variant, right.kind, right.tuned) and (
        left.version != right.version
    ):
        return "version"
    return "different"


def _key(name: ModelName) -> tuple[str, ...]:
    """What two ways of writing one model have in common."""
    variant = "-".join(sorted(name.variant.split("-")))
    snapshot = re.sub(r"\D", "", name.snapshot)
    return (
        name.family,
        name.version,
        name.size.lower(),
        snapshot,
        re.sub(r"[-_]", "", name.quantisation.lower()),
        name.tuned,
        variant,
    )


def _is_made_from(name: ModelName, base: ModelName) -> bool:
    found = derivative(name)
    if found is None or found.how == "quantisation":
        return False
    origin = parse(found.base, position=True)
    if origin is None:
        return False
    return (origin.family, origin.version, origin.size.lower()) == (
        base.family,
        base.version,
        base.size.lower(),
    )
