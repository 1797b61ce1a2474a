"""The parts of an accepted id, as a value."""

from __future__ import annotations

import re
from typing import Any

from countermark.inventory.model_names.families import Family, organisations
from countermark.inventory.model_names.forms import SOURCES, Form
from countermark.inventory.model_names.name import ModelName
from countermark.inventory.model_names.words import DEPLOYMENTS, KINDS, SOFTWARE, TUNED, VARIANTS, Rest
from countermark.inventory.usage import Kind

DISTILLED = re.compile(r"distill(?:ed)?[-_](?P<base>[a-z].*)|r1-0528-(?P<inner>qwen3-8b)")
NUMBER = re.compile(r"v?(\d+(?:[._]\d+)*[a-z]?)")
REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{1,95}", re.ASCII)
SIZED = re.compile(r"[-_](\d{1,3}(?:\.\d)?B)(?=$|[-_.])")
UNLISTED = "unlisted"
"""The family of a model that is known for one by its form alone."""
PLAIN_WORDS = re.compile(r"[a-z0-9]+")


def made(text: str, form: Form, family: Family, head: re.Match[str], rest: Rest) -> ModelName:
    """The value of an id that was accepted."""
    lower = form.name.lower()
    version, left = _version(head, rest)
    snapshot = rest.dates[0] if rest.dates else ""
    tuned, variant = _tuning(family, lower, [*_head_words(family, head), *left])
    weights = _weights(form, family, rest)
    id_, maker = next(
        ((id_, maker) for pattern, id_, maker in family.members if pattern.search(lower)),
        (family.id, family.maker),
    )
    return ModelName(
        written=text,
        family=id_,
        provider=maker,
        kind=_kind(family, lower, rest),
        version=version,
        size="-".join(rest.sizes),
        snapshot=snapshot,
        quantisation="-".join(rest.quants),
        alias=rest.latest or (family.floats and not snapshot and not rest.sizes and not form.path),
        tuned=tuned,
        org=form.org,
        prefix=form.prefix,
        licence=_licence(family, lower, weights=weights),
        open_weights=weights,
        variant=variant,
        base="-".join((lower[: head.end()], *(word for word in rest.plain if word != "latest"))),
    )


def _head_words(family: Family, head: re.Match[str]) -> list[str]:
    """The words that the head has beside the name of the family and the version: ``opus``, ``reranker``."""
    start = max((each for each in family.heads if head[0].startswith(each)), key=len, default="")
    left = head[0][len(start) :]
    for name, text in head.groupdict().items():
        if text and name[0] in "vwn":
            left = left.replace(text, "", 1)
    return re.findall(r"[a-z][a-z0-9]*", left)


def _version(head: re.Match[str], rest: Rest) -> tuple[str, list[str]]:
    """The version, and the words that are left when it is one of them."""
    said = next((text for name, text in head.groupdict().items() if text and name[0] in "vwn"), "")
    if said:
        return _plain_version(said), list(rest.words)
    for index, word in enumerate(rest.words):
        number = NUMBER.fullmatch(word)
        if number and word in rest.numbers:
            return number[1].replace("_", "."), rest.words[:index] + rest.words[index + 1 :]
    return "", list(rest.words)


def _plain_version(said: str) -> str:
    """A version with points between its numbers, however the id writes them."""
    plain = re.sub(r"(?<=\d)[-_p](?=\d)", ".", said).strip(".-_").removeprefix("v")
    return "3.5" if plain == "35" else plain


def _tuning(family: Family, lower: str, words: list[str]) -> tuple[str, str]:
    """How it was tuned, and the words that say something else."""
    distilled = DISTILLED.search(lower)
    if distilled:
        base = distilled["base"] or distilled["inner"]
        return f"distill:{base}", " ".join(words[: words.index("distill")] if "distill" in words else [])
    own = family.words | family.tiers
    strange = [
        w
        for w in words
        if w not in own and w not in VARIANTS and not NUMBER.fullmatch(w) and w[:-1] + "k" != w
    ]
    strange = [word for word in strange if not word.rstrip("k").isdigit()]
    tuned = next((TUNED[word] for word in words if word in TUNED), "")
    if strange and not all(word in DEPLOYMENTS for word in strange):
        tuned = f"fine-tune:{'-'.join(strange)}"
    kept = [word for word in words if word not in TUNED and word not in strange]
    return tuned, "-".join(kept)


def _kind(family: Family, lower: str, rest: Rest) -> Kind:
    for pattern, kind in family.kinds:
        if pattern.search(lower):
            return kind
    return next((KINDS[word] for word in rest.words if word in KINDS), family.kind)


def _weights(form: Form, family: Family, rest: Rest) -> bool | None:
    match family.weights:
        case "open":
            return True
        case "closed":
            return False
        case "sized":
            if rest.sizes or form.path or form.file or organisations().get(form.org.lower(), {}).get("hub"):
                return True
            return False if family.closed.intersection(rest.words) else None
        case _:
            return None


def _licence(family: Family, lower: str, *, weights: bool | None) -> str:
    if weights is False:
        return "proprietary"
    if weights is None:
        return ""
    return next((licence for pattern, licence in family.licences if pattern.search(lower)), family.licence)


def of_organisation(text: str, form: Form) -> ModelName | None:
    """A repository whose name begins with that of no family.

    It is one where the account holds nothing but models, where the name tells the number of
    parameters, as ``org/Name-7B`` does, and where the file is one that only weights are kept in.
    """
    row: dict[str, Any] = organisations().get(form.org.lower(), {})
    if REPOSITORY.fullmatch(form.name) is None or form.org.lower() in SOURCES:
        return None
    sized = SIZED.search(form.name)
    alone = row.get("any") and (form.shelved or not form.path)
    if not (alone or form.gguf or (sized and form.org and not form.path)):
        return None
    pieces = PLAIN_WORDS.findall(form.name.lower())
    if SOFTWARE.intersection(pieces) and not alone:
        return None
    return ModelName(
        written=text,
        family=row.get("family", form.org.lower()) if alone else UNLISTED,
        provider=row.get("provider", ""),
        kind=next((KINDS[piece] for piece in pieces if piece in KINDS), Kind(row.get("kind", "unknown"))),
        size=sized[1] if sized else "",
        org=form.org,
        prefix=form.prefix,
        open_weights=True,
        base=form.name.lower(),
    )
