"""The families that model ids belong to, as the rows of the signatures describe them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from countermark.inventory.signatures.rows import rows
from countermark.inventory.signatures.tries import alternatives
from countermark.inventory.usage import Kind

BOUNDARY = r"(?=$|[-_.:@ ])"


@dataclass(frozen=True, slots=True)
class Family:
    """A family of models that share a name, and the grammar of that name."""

    id: str
    maker: str
    kind: Kind
    heads: tuple[str, ...]
    """How its names begin, in lower case."""
    pattern: re.Pattern[str]
    """The head with its version, of a name in lower case. Groups that begin with ``v`` or ``w`` are the
    version; with those that begin with ``t`` the head is complete without one; ``n`` is a version that
    alone is not enough."""
    bare: bool
    """Whether the head without version and words is an id: ``dbrx``."""
    whole: bool
    """Whether the pattern describes the whole id, so that nothing may stand behind it."""
    tiers: frozenset[str]
    """Words that may stand right behind a head without a version: ``plus`` in ``qwen-plus``."""
    words: frozenset[str]
    """Further words that may stand in its names."""
    kinds: tuple[tuple[re.Pattern[str], Kind], ...]
    """Where the kind is another than the family's, or than the words say."""
    weights: str
    """``open``, ``closed``, ``sized`` (open where the name tells a size or a repository) or empty."""
    closed: frozenset[str]
    """Words of names whose weights are not published, in a family of which others are."""
    licence: str
    licences: tuple[tuple[re.Pattern[str], str], ...]
    """Where the licence is another than the family's."""
    underscores: bool
    """Whether its names may have underscores and no hyphens: ``gen4_turbo``."""
    floats: bool
    """Whether its names without a date move on to newer snapshots."""
    members: tuple[tuple[re.Pattern[str], str, str], ...]
    """Families within it that have an id and a maker of their own: what the name must match, id, maker."""
    repositories: frozenset[str]
    """Repositories that are named by the head alone, in lower case."""
    derived: str
    """The name of what the family was made from, where the name itself means a derivative: ``vicuna``."""


@cache
def families() -> tuple[Family, ...]:
    """Every family, in the order of the files."""
    return tuple(_family(row) for row in rows("family"))


def _family(row: dict[str, Any]) -> Family:
    whole = row.get("whole", False)
    return Family(
        id=row["id"],
        maker=row["maker"],
        kind=Kind(row["kind"]),
        heads=tuple(row["heads"]),
        pattern=re.compile(f"(?:{row['pattern']}){'$' if whole else BOUNDARY}", re.VERBOSE),
        bare=row.get("bare", False),
        whole=whole,
        tiers=frozenset(row.get("tiers", ())),
        words=frozenset(row.get("words", ())),
        kinds=tuple((re.compile(pattern), Kind(kind)) for pattern, kind in row.get("kinds", ())),
        weights=row.get("weights", ""),
        closed=frozenset(row.get("closed", ())),
        licence=row.get("licence", ""),
        licences=tuple((re.compile(pattern), licence) for pattern, licence in row.get("licences", ())),
        underscores=row.get("underscores", False),
        floats=row.get("floats", False),
        members=tuple((re.compile(pattern), id_, maker) for pattern, id_, maker in row.get("members", ())),
        repositories=frozenset(name.lower() for name in row.get("repositories", ())),
        derived=row.get("derived", ""),
    )


@cache
def family(name: str) -> Family | None:
    """The family of an id; None where there is none."""
    return next((f for f in families() if name == f.id or any(name == id_ for _, id_, _ in f.members)), None)


@cache
def _by_start() -> dict[str, tuple[Family, ...]]:
    found: dict[str, list[Family]] = {}
    for each in families():
        for start in dict.fromkeys(head[:2] for head in each.heads):
            found.setdefault(start, []).append(each)
    return {start: tuple(each) for start, each in found.items()}


def candidates(lower: str) -> tuple[Family, ...]:
    """The families of which a name in lower case has a head, in the order of the files."""
    return tuple(f for f in _by_start().get(lower[:2], ()) if lower.startswith(f.heads))


@cache
def beginnings() -> re.Pattern[str]:
    """One pattern that is found in every lower-case text with the head of a family in it."""
    return re.compile(rf"(?:^|[-/:.@\\])(?:{alternatives(sorted({h for f in families() for h in f.heads}))})")


@cache
def organisations() -> dict[str, dict[str, Any]]:
    """Accounts on model hubs and vendors on routers, by their names in lower case."""
    return {name.lower(): row for row in rows("organisation") for name in row["names"]}
