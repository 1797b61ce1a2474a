"""Kustomize: what an overlay overwrites of its base.

Source: Kustomize reference, ``resources``, ``configMapGenerator`` and ``patches``.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from dataclasses import replace

from countermark.inventory.reading.config.conditions import with_reasons
from countermark.inventory.reading.config.kubernetes import is_kustomization
from countermark.inventory.reading.expressions import Assignment, Command, Document, Entry, Setting, Text

KINDS = ("ConfigMap", "Secret")
REFERENCES = ("resources", "bases", "components")
Key = tuple[str, str, str]
"""Kind, name and variable; the namespace is the overlay's to set."""


def namespaces(documents: list[Document]) -> list[Document]:
    """The same documents, references without a namespace given that of the one resource of that name."""
    known: dict[tuple[str, str], set[str]] = defaultdict(set)
    for document in documents:
        for entry in document.entries:
            if entry.path[:1] and entry.path[0] in KINDS and len(entry.path) > 3:  # noqa: PLR2004 - kind, namespace, name, key
                known[entry.path[0], entry.path[2]].add(entry.path[1])

    def placed(assignment: Assignment) -> Assignment:
        value = assignment.value
        if not isinstance(value, Setting) or value.path[0] not in KINDS or len(value.path) < 4:  # noqa: PLR2004
            return assignment
        kind, namespace, *rest = value.path
        found = known.get((kind, rest[0]), set())
        if namespace in found or len(found) != 1:
            return assignment
        return replace(assignment, value=replace(value, path=(kind, *found, *rest)))

    return [
        replace(d, assignments=[placed(a) for a in d.assignments])
        if d.format in ("kubernetes", "helm")
        else d
        for d in documents
    ]


def overlays(documents: list[Document]) -> list[Document]:
    """The same documents, with the variables of a base that an overlay sets again marked.

    An overlay that is off itself overwrites nothing.
    """
    given: dict[str, dict[Key, str]] = {}
    folders: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        folders[posixpath.dirname(document.path)].append(document)
    for document in documents:
        if is_kustomization(document.path):
            folder = posixpath.dirname(document.path)
            own = _given(folders[folder])
            for base in _bases(document, folder) if own else ():
                given.setdefault(base, {}).update(own)
    if not given:
        return documents
    return [_overwritten(d, given.get(posixpath.dirname(d.path), {})) for d in documents]


def _bases(document: Document, folder: str) -> list[str]:
    """The folders that a kustomization builds on."""
    return [
        posixpath.normpath(posixpath.join(folder, entry.value.value))
        for entry in document.entries
        if entry.path[0] in REFERENCES and not entry.off and isinstance(entry.value, Text)
    ]


def _given(documents: list[Document]) -> dict[Key, str]:
    return {
        key: f"overwritten at {document.path}:{assignment.line}"
        for document in documents
        for assignment in document.assignments
        if not assignment.off and (key := _key(assignment.scope, assignment.name)) is not None
    }


def _key(scope: str, name: str) -> Key | None:
    parts = scope.split("/")
    return (parts[0], parts[2], name) if len(parts) == 3 else None  # noqa: PLR2004 - kind, namespace, name


def _overwritten(document: Document, given: dict[Key, str]) -> Document:
    if not given:
        return document

    def why(each: Entry | Assignment | Command) -> str:
        if isinstance(each, Assignment):
            key = _key(each.scope, each.name)
        elif isinstance(each, Entry) and each.path[0] in KINDS and len(each.path) > 3:  # noqa: PLR2004
            key = (each.path[0], each.path[2], each.path[3])
        else:
            key = None
        return each.off or (given.get(key, "") if key is not None else "")

    return with_reasons(document, why)
