"""Who makes models, hosts them, passes requests on, or writes the software that does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from countermark.inventory.signatures.rows import rows
from countermark.model import Words


@dataclass(frozen=True, slots=True)
class Provider:
    """One company, or one piece of software, that answers requests for AI."""

    id: str
    name: Words
    country: str
    """ISO 3166-1 code of where it sits; empty where that is not known."""
    role: str
    """``provider``: makes models and serves them. ``cloud``: serves models of several makers on its own
    machines. ``relay``: passes requests on, or resells models of many makers. ``software``: what an
    operator runs itself."""
    families: tuple[str, ...]
    """Ids of the model families that it makes."""
    filed_as: tuple[str, ...]
    """Public names under which its services are filed in China, as the public lists write them."""
    also: tuple[str, ...]
    """What it is called in settings and routers beside its id: ``zhipuai``, ``glm``, ``bigmodel``."""
    source: str


@cache
def providers() -> Mapping[str, Provider]:
    """Every provider by its id."""
    made: dict[str, list[str]] = {}
    for family in rows("family"):
        made.setdefault(family["maker"], []).append(family["id"])
        for _, id_, maker in family.get("members", ()):
            if id_ not in made.setdefault(maker, []):
                made[maker].append(id_)
    return MappingProxyType({row["id"]: _provider(row, made.get(row["id"], [])) for row in rows("provider")})


def _provider(row: dict[str, Any], families: list[str]) -> Provider:
    return Provider(
        id=row["id"],
        name=Words(en=row["en"], zh=row.get("zh", row["en"])),
        country=row["country"],
        role=row["role"],
        families=tuple(families),
        filed_as=tuple(row.get("filed_as", ())),
        also=tuple(row.get("also", ())),
        source=row["source"],
    )


def plain(name: str) -> str:
    """A name as it is compared: ``Zhipu-AI``, ``zhipu_ai`` and ``ZhipuAI`` are one."""
    return "".join(c for c in name.lower() if c.isalnum())


@cache
def _names() -> dict[str, Provider]:
    found: dict[str, Provider] = {}
    for each in providers().values():
        for name in (each.id, each.name.en, each.name.zh, *each.also):
            found.setdefault(plain(name), each)
    return found


def provider(name: str) -> Provider | None:
    """The provider of an id, or of a name that settings and routers give it; None where it is unknown."""
    return _names().get(plain(name))
