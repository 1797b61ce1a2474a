"""What the files of a tree say of each other: chosen profiles, overrides, values of charts, build targets."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from countermark.inventory.reading.config.charts import charts
from countermark.inventory.reading.config.conditions import with_reasons
from countermark.inventory.reading.config.environments import environments
from countermark.inventory.reading.config.overlays import namespaces, overlays
from countermark.inventory.reading.config.spring import profiles
from countermark.inventory.reading.config.terraform import variables
from countermark.inventory.reading.expressions import Document, Text

OVERRIDE = re.compile(r"(?:docker-)?compose\.override\.ya?ml", re.IGNORECASE)
BASE = re.compile(r"(?:docker-)?compose\.ya?ml", re.IGNORECASE)
STAGE = "build stage "
PROFILE = re.compile(r"profile (.+) is not chosen")


def tied(documents: Iterable[Document]) -> list[Document]:
    """The documents of a tree, in their order, with what they switch on and off in each other.

    Helm's values decide about the templates of their chart, Spring's active profile about
    ``application-X.yml``, the environment that the deployment runs in about files and sections for others,
    overlays of Kustomize about their base, ``terraform.tfvars`` about the defaults of variables,
    ``compose.override.yml`` about the file beside it, ``COMPOSE_PROFILES`` and ``--profile`` about the
    services of a profile, ``target`` about the stages of a build.
    """
    made = variables(profiles(charts(list(documents))))
    made = namespaces(overlays(environments(made)))
    return [_with_stages(d, t) for t in [_targets(made)] for d in _chosen(_overridden(made))]


def _overridden(documents: list[Document]) -> list[Document]:
    """Variables and images of a Compose file that ``compose.override.yml`` beside it sets again."""
    given: dict[tuple[str, str, str], str] = {}
    for document in documents:
        if document.format == "compose" and OVERRIDE.fullmatch(posixpath.basename(document.path)):
            for assignment in document.assignments:
                if not assignment.off:
                    key = (posixpath.dirname(document.path), assignment.scope, assignment.name)
                    given[key] = f"overwritten at {document.path}:{assignment.line}"
    return [_over(document, given) for document in documents] if given else documents


def _over(document: Document, given: dict[tuple[str, str, str], str]) -> Document:
    if document.format != "compose" or not BASE.fullmatch(posixpath.basename(document.path)):
        return document
    folder = posixpath.dirname(document.path)
    made = [replace(a, off=a.off or given.get((folder, a.scope, a.name), "")) for a in document.assignments]
    return replace(document, assignments=made)


def _chosen(documents: list[Document]) -> list[Document]:
    """Services of a Compose profile that an ``.env`` or a command of the tree chooses are on."""
    names: set[str] = set()
    for document in documents:
        for assignment in document.assignments:
            on = not assignment.off and not assignment.template
            if assignment.name == "COMPOSE_PROFILES" and on and isinstance(assignment.value, Text):
                names |= {name.strip() for name in assignment.value.value.split(",") if name.strip()}
        for command in document.commands if document.format == "shell" else ():
            names |= set(_behind([w.value for w in command.words if isinstance(w, Text)], "--profile", "up"))
    if not names:
        return documents

    def started(off: str) -> str:
        found = PROFILE.fullmatch(off)
        return "" if found and ("*" in names or names & set(found[1].split(", "))) else off

    return [
        with_reasons(d, lambda each: started(each.off)) if d.format == "compose" else d for d in documents
    ]


def _behind(words: list[str], option: str, needed: str) -> list[str]:
    """What stands behind an option in a command that has a certain word."""
    if needed not in words:
        return []
    spread = [part for word in words for part in (word.split("=", 1) if word.startswith("--") else [word])]
    return [after for before, after in pairwise(spread) if before == option]


def _targets(documents: list[Document]) -> set[str]:
    """The stages that Compose or a command builds by name."""
    names: set[str] = set()
    for document in documents:
        for entry in document.entries if document.format in ("compose", "yaml") else ():
            if entry.path[-2:] == ("build", "target") and not entry.off and isinstance(entry.value, Text):
                names.add(entry.value.value)
        for command in document.commands if document.format in ("shell", "ci") else ():
            names |= set(
                _behind([w.value for w in command.words if isinstance(w, Text)], "--target", "build")
            )
    return names


def _with_stages(document: Document, targets: set[str]) -> Document:
    """The stages of a Dockerfile that are built by name, and those that they are built from, are on."""
    if document.format != "dockerfile" or not targets:
        return document
    bases = {
        e.path[1]: e.value.value
        for e in document.entries
        if e.path[0] == "FROM" and isinstance(e.value, Text)
    }
    used: set[str] = set()
    for name in targets & set(bases):
        while name in bases and name not in used:
            used.add(name)
            name = bases[name]  # noqa: PLW2901 - from one to the next
    return with_reasons(document, lambda each: "" if each.off.removeprefix(STAGE) in used else each.off)
