"""Settings for one environment of several: ``appsettings.Development.json``, ``production:``, an overlay.

Of what is only for another environment than the one that the deployment runs in, nothing has an effect. That
one is what the tree says (``RAILS_ENV=production`` in an image); where it says nothing, production.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from countermark.inventory.reading.config import spring
from countermark.inventory.reading.config.conditions import all_off, with_reasons
from countermark.inventory.reading.expressions import Document, Env, Expression, Text

ENVIRONMENTS = {
    "development": ("development", "develop", "dev"),
    "test": ("testing", "test", "e2e"),
    "staging": ("staging", "stage", "stg", "uat", "preprod", "sit"),
    "production": ("production", "prod", "prd", "release", "online"),
}
CANONICAL = {name: key for key, names in ENVIRONMENTS.items() for name in names}
SHARED = frozenset(["default", "defaults", "shared", "common", "base", "global"])
"""Sections that are read for every environment."""
NAMED = re.compile(rf"^(?P<stem>.*?)[._-](?P<name>{'|'.join(CANONICAL)})(?P<rest>(?:\.\w+)*)$", re.IGNORECASE)
OVERLAY = re.compile(
    rf"^(?P<above>(?:.*/)?(?:overlays?|envs?|environments?)/)(?P<name>{'|'.join(CANONICAL)})/", re.IGNORECASE
)
VARIABLES = frozenset(
    ["NODE_ENV", "APP_ENV", "RAILS_ENV", "RACK_ENV", "ENV_FOR_DYNACONF", "ASPNETCORE_ENVIRONMENT",
     "DOTNET_ENVIRONMENT", "FLASK_ENV", "DJANGO_ENV", "MIX_ENV", "GO_ENV", "ENVIRONMENT", "APP_PROFILE",
     "DEPLOY_ENV", "RUN_ENV"]
)  # fmt: skip
SOURCES = frozenset(["dockerfile", "compose", "env", "kubernetes", "systemd", "helm", "terraform"])
SECTIONED = frozenset(["yaml", "toml", "json", "ini"])


def environments(documents: list[Document]) -> list[Document]:
    """The same documents, with what is only for another environment switched off."""
    chosen = _chosen(documents) or {"production"}
    others = _other_files(documents, chosen) | _other_overlays(documents, chosen)
    made = []
    for document in documents:
        if name := others.get(document.path):
            made.append(all_off(document, f"environment {name} is not chosen"))
        elif document.format in SECTIONED:
            made.append(_sections(_wrangler(document), chosen))
        else:
            made.append(document)
    return made


def _chosen(documents: Iterable[Document]) -> set[str]:
    """The environments that images, services and units of the tree run in."""
    found: set[str] = set()
    for document in documents:
        if document.format not in SOURCES or NAMED.match(posixpath.basename(document.path)):
            continue
        for assignment in document.assignments:
            if assignment.name in VARIABLES and not assignment.off and not assignment.template:
                name = CANONICAL.get(_text(assignment.value).lower())
                found |= {name} if name else set()
    return found


def _text(value: Expression) -> str:
    if isinstance(value, Env):
        return _text(value.default) if value.default is not None else ""
    return value.value if isinstance(value, Text) else ""


def _other_files(documents: Iterable[Document], chosen: set[str]) -> dict[str, str]:
    """Files for another environment, beside one that is for all or for the chosen one."""
    families: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    plain: set[tuple[str, str, str]] = set()
    for document in documents:
        folder, _, name = document.path.rpartition("/")
        if spring.FILE.fullmatch(name):
            continue
        if found := NAMED.match(name):
            key = (folder, found["stem"].lower(), found["rest"].lower())
            families[key][document.path] = found["name"].lower()
        else:
            stem, suffix = posixpath.splitext(name)
            plain |= {(folder, name.lower(), ""), (folder, stem.lower(), suffix.lower())}
    others: dict[str, str] = {}
    for key, family in families.items():
        if key in plain or any(CANONICAL[name] in chosen for name in family.values()):
            others |= {path: name for path, name in family.items() if CANONICAL[name] not in chosen}
    return others


def _other_overlays(documents: Iterable[Document], chosen: set[str]) -> dict[str, str]:
    """Files in ``overlays/staging`` and the like, beside an overlay of the chosen environment."""
    families: dict[str, dict[str, str]] = defaultdict(dict)
    for document in documents:
        if found := OVERLAY.match(document.path):
            families[found["above"]][document.path] = found["name"].lower()
    return {
        path: name
        for family in families.values()
        if any(CANONICAL[name] in chosen for name in family.values())
        for path, name in family.items()
        if CANONICAL[name] not in chosen
    }


def _sections(document: Document, chosen: set[str]) -> Document:
    """Sections for environments: those of others are off, the shared one where it is overwritten."""
    tops = {entry.path[0].lower() for entry in document.entries if len(entry.path) > 1}
    named = {top: CANONICAL[top] for top in tops if top in CANONICAL}
    several = len(named) + len(tops & SHARED) > 1
    if not several or not chosen & set(named.values()):
        return document
    given = {
        entry.path[1:]: f"overwritten at line {entry.line}"
        for entry in document.entries
        if not entry.off and named.get(entry.path[0].lower()) in chosen
    }
    lines = {
        e.path[1:]: e.line for e in document.entries if not e.off and named.get(e.path[0].lower()) in chosen
    }
    made = []
    for entry in document.entries:
        top = entry.path[0].lower()
        if not entry.off and named.get(top, "production") not in chosen and top in named:
            made.append(replace(entry, off=f"environment {top} is not chosen"))
        elif not entry.off and top in SHARED and lines.get(entry.path[1:], entry.line) != entry.line:
            made.append(replace(entry, off=given[entry.path[1:]]))
        else:
            made.append(entry)
    return replace(document, entries=made)


def _wrangler(document: Document) -> Document:
    """``[env.staging]`` of a Worker is for ``--env staging`` alone."""
    if not re.fullmatch(r"wrangler\.(?:toml|jsonc?)", posixpath.basename(document.path)):
        return document
    lines = {entry.line for entry in document.entries if entry.path[0] == "env"}
    reason = "no environment is chosen"
    return with_reasons(document, lambda each: each.off or (reason if each.line in lines else ""))
