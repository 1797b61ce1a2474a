"""The parts of an accepted id, as a value."""

from __future__ import annotations

import re
from typing import Any

from countermark.inventory.model_names.families import Family, organisations
from countermark.inventory.model_names.forms import Form
from countermark.inventory.model_names.name import ModelName
from countermark.inventory.model_names.tokens import NUMBER, Rest, strange
from countermark.inventory.signatures.vocabulary import DEPLOYMENTS, KINDS, SOFTWARE, SOURCES, TUNED
from countermark.inventory.usage import Kind

DISTILLED = re.compile(r"distill(?:ed)?[-_](?P<base>[a-z].*)|r1-0528-(?P<inner>qwen3-8b)")
REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{1,95}", re.ASCII)
SIZED = re.compile(r"[-_](\d{1,3}(?:\.\d)?B|(?:\d{2,3}|\d\.\d)b)(?=$|[-_.:])")
"""Parameters; in lower case only such numbers as no figure or section has."""
UNLISTED = "unlisted"
"""The family of a model that is known for one by its form alone."""
PIECES = re.compile(r"[a-z0-9]+")


def made(text: str, form: Form, family: Family, head: re.Match[str], rest: Rest) -> ModelName:
    """The value of an id that was accepted."""
    lower = form.name.lower()
    inner = _head_words(family, head)
    version, left = _version(head, rest)
    snapshot = rest.dates[0] if rest.dates else ""
    tuned, variant = _tuning(family, lower, left)
    weights = _weights(form, family, rest)
    id_, maker = _member(family, lower)
    return ModelName(
        written=text,
        family=id_,
        provider=maker,
        kind=_kind(family, lower, [*inner, *rest.words]),
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
        variant="-".join(filter(None, (*inner, variant))),
        base="-".join((lower[: head.end()], *(word for word in rest.plain if word != "latest"))),
    )


def _member(family: Family, lower: str) -> tuple[str, str]:
    """Id and maker, which some names within a family have of their own."""
    found = ((id_, maker) for pattern, id_, maker in family.members if pattern.search(lower))
    return next(found, (family.id, family.maker))


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
        plain = re.sub(r"(?<=\d)[-_p](?=\d)", ".", said).strip(".-_").removeprefix("v")
        return ("3.5" if plain == "35" else plain), list(rest.words)
    for index, word in enumerate(rest.words):
        number = NUMBER.fullmatch(word)
        if number and word in rest.numbers:
            return number[1].replace("_", "."), rest.words[:index] + rest.words[index + 1 :]
    return "", list(rest.words)


def _tuning(family: Family, lower: str, words: list[str]) -> tuple[str, str]:
    """How it was tuned, and the words that say something else."""
    distilled = DISTILLED.search(lower)
    if distilled:
        kept = words[: words.index("distill")] if "distill" in words else []
        return f"distill:{distilled['base'] or distilled['inner']}", "-".join(kept)
    unknown = strange(words, family.words | family.tiers)
    tuned = next((TUNED[word] for word in words if word in TUNED), "")
    if not DEPLOYMENTS.issuperset(unknown):
        tuned = f"fine-tune:{'-'.join(unknown)}"
    return tuned, "-".join(word for word in words if word not in TUNED and word not in unknown)


def _kind(family: Family, lower: str, words: list[str]) -> Kind:
    for pattern, kind in family.kinds:
        if pattern.search(lower):
            return kind
    said = next((KINDS[word] for word in words if word in KINDS), family.kind)
    return family.kind if said is Kind.VISION and family.kind is not Kind.CHAT else said


def _weights(form: Form, family: Family, rest: Rest) -> bool | None:
    if family.weights != "sized":
        return {"open": True, "closed": False}.get(family.weights)
    if rest.sizes or form.path or form.file or organisations().get(form.org.lower(), {}).get("hub"):
        return True
    return False if family.closed.intersection(rest.words) else None


def _licence(family: Family, lower: str, *, weights: bool | None) -> str:
    if not weights:
        return "proprietary" if weights is False else ""
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
    alone = bool(row.get("any")) and (form.shelved or not form.path)
    pieces = PIECES.findall(form.name.lower())
    if not alone and (
        SOFTWARE.intersection(pieces) or not (form.gguf or (sized and form.org and not form.path))
    ):
        return None
    usual = "chat" if {"instruct", "chat", "it"}.intersection(pieces) else row.get("kind", "unknown")
    return ModelName(
        written=text,
        family=row.get("family", form.org.lower()) if alone else UNLISTED,
        provider=row.get("provider", ""),
        kind=next((KINDS[piece] for piece in pieces if piece in KINDS), Kind(usual)),
        size=sized[1].upper() if sized else "",
        org=form.org,
        prefix=form.prefix,
        open_weights=True,
        base=form.name.lower(),
    )
