"""The models of an inventory as bills of materials list them: one entry for each id, whatever its hosts."""

from __future__ import annotations

import json
import posixpath
import re
import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from countermark.inventory import names, signatures
from countermark.inventory.model_names.families import organisations
from countermark.inventory.reading import packages
from countermark.inventory.usage import Inventory, Kind, Place, Sdk, State, Usage

LISTED = (State.EFFECTIVE, State.FALLBACK, State.OFF, State.OFFLINE)
"""What a bill of materials lists. The rest is no part of what is delivered, or has no name."""
TASKS = {
    Kind.CHAT: "text-generation",
    Kind.EMBEDDING: "feature-extraction",
    Kind.RERANK: "text-ranking",
    Kind.IMAGE: "text-to-image",
    Kind.VIDEO: "text-to-video",
    Kind.SPEECH: "speech",
    Kind.OCR: "image-to-text",
    Kind.MODERATION: "text-classification",
    Kind.VISION: "image-text-to-text",
}
SPDX_LICENCES = frozenset(["Apache-2.0", "MIT", "CC-BY-NC-4.0"])
"""Those among the licences of the signatures that are ids of the SPDX list; the others are names."""
REPOSITORY = re.compile(r"(?:hf\.co/|huggingface\.co/)?([\w.-]{1,96})/([\w.-]{1,96})")
SPACE = uuid.UUID("5b0f6f0c-6a0e-5d0b-9c55-6f7f2f0f7d31")
PURL_TYPES = {"go": "golang", "packagist": "composer"}
"""Where package URLs call an ecosystem by another name."""
EXACT = re.compile(r"v?\d[\w.+-]*")
"""A version; what manifests write beside it are ranges."""


@dataclass(frozen=True)
class Model:
    """One model id, and everything that uses it."""

    id: str
    usages: tuple[Usage, ...]
    """The strongest state first."""

    @cached_property
    def name(self) -> names.ModelName | None:
        """The id, taken apart."""
        return names.parse(self.id, position=True)

    @property
    def state(self) -> State:
        """The strongest one."""
        return self.usages[0].state

    @property
    def kind(self) -> Kind:
        """What it does: as it is used, else as its name says."""
        used = next((u.kind for u in self.usages if u.kind is not Kind.UNKNOWN), Kind.UNKNOWN)
        return used if used is not Kind.UNKNOWN or self.name is None else self.name.kind

    @property
    def hosts(self) -> tuple[str, ...]:
        """Where requests for it go, sorted."""
        return tuple(sorted({usage.host for usage in self.usages if usage.host}))

    @property
    def places(self) -> tuple[Place, ...]:
        """Where it stands, sorted."""
        return tuple(sorted({place for usage in self.usages for place in usage.places}))

    @property
    def maker(self) -> str:
        """Who made it, by its name; empty where that is not known."""
        known = signatures.provider(self.name.provider) if self.name and self.name.provider else None
        return known.name.en if known else ""

    @property
    def licence(self) -> str:
        """An SPDX id or the licence's own name; empty where it is not known."""
        return self.name.licence if self.name else ""

    @property
    def origin(self) -> names.Derivation | None:
        """What it was made from, by its name."""
        return names.derivative(self.name) if self.name else None

    @property
    def repository(self) -> tuple[str, str] | None:
        """The account and repository on Hugging Face whose id this is, where it is one.

        Routers write ids of the same form: a known account in its own spelling, or open weights, tell.
        """
        found = REPOSITORY.fullmatch(self.id)
        if found is None or self.name is None or self.name.open_weights is False:
            return None
        account, repository = found.groups()
        row = organisations().get(account.lower())
        spelled = row is not None and account in row["names"]
        if spelled or (row is None and self.name.open_weights):
            return account, repository
        return None

    @property
    def purl(self) -> str:
        """The package URL of that repository; empty where there is none."""
        if self.repository is None:
            return ""
        return "pkg:huggingface/" + "/".join(quote(part, safe="") for part in self.repository)


def models(found: Inventory) -> list[Model]:
    """Every model that is listed, by its id."""
    order = list(State)
    grouped: dict[str, list[Usage]] = {}
    for usage in found.of(*LISTED):
        if usage.model:
            grouped.setdefault(usage.model, []).append(usage)
    return [
        Model(name, tuple(sorted(grouped[name], key=lambda u: (order.index(u.state), u.host, u.place))))
        for name in sorted(grouped)
    ]


def hosts(listed: list[Model]) -> dict[str, list[Usage]]:
    """Each host with the usages that go to it."""
    found: dict[str, list[Usage]] = {}
    for model in listed:
        for usage in model.usages:
            if usage.host:
                found.setdefault(usage.host, []).append(usage)
    return dict(sorted(found.items()))


def libraries(found: Inventory) -> dict[tuple[str, str], list[Sdk]]:
    """Each library for AI by its package and version."""
    grouped: dict[tuple[str, str], list[Sdk]] = {}
    for sdk in sorted(found.sdks, key=lambda s: (s.package, s.version, s.place)):
        grouped.setdefault((sdk.package, sdk.version), []).append(sdk)
    return grouped


def library_purl(sdk: Sdk) -> str:
    """The package URL of a library, by the kind of file that names it.

    Source: ECMA-427, Package-URL.
    """
    name = posixpath.basename(sdk.place.path)
    ecosystem = next((e for e, pattern, _ in packages.READERS if pattern.fullmatch(name)), "pypi")
    parts = (
        sdk.package.replace(":", "/").split("/")
        if ecosystem in ("maven", "npm", "go", "packagist")
        else [sdk.package]
    )
    if ecosystem == "pypi":
        parts = [re.sub(r"[-_.]+", "-", sdk.package).lower()]
    version = f"@{quote(sdk.version, safe='')}" if EXACT.fullmatch(sdk.version) else ""
    kind = PURL_TYPES.get(ecosystem, ecosystem)
    return f"pkg:{kind}/{'/'.join(quote(part, safe='', errors='replace') for part in parts)}{version}"


def serial(content: Any) -> uuid.UUID:
    """A UUID that follows from the content: the same inventory gives the same document."""
    return uuid.uuid5(SPACE, json.dumps(content, ensure_ascii=True, sort_keys=True))
