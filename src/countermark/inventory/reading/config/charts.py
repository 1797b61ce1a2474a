"""Helm charts as a whole: which values a chart is installed with, and what they switch off.

Source: Helm documentation, Values Files, Chart Dependencies, and ``helm install``.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from countermark.inventory.reading.config.conditions import FALSE, all_off, applied
from countermark.inventory.reading.expressions import Document, Entry, Text

OWN = ("values.yaml", "values.yml")
FILE_OPTIONS = ("-f", "--values")
SET_OPTIONS = ("--set", "--set-string")
PLACEHOLDER = re.compile(r"\{\{ \.([\w.-]+) \}\}")
"""A value in the name of an image, as :func:`pods.shown` writes it."""
LISTS = ("values", "valueFiles")
"""Where a helmfile or an application of Argo CD names files of values."""
Values = dict[tuple[str, ...], str]


@dataclass(slots=True)
class _Chosen:
    """What the commands of the tree install charts with."""

    files: list[str] = field(default_factory=list)
    """Names of files of values, without their folders, in order."""
    settings: list[tuple[str, Entry]] = field(default_factory=list)
    """``--set``: the file, and the value that it gives."""


def charts(documents: list[Document]) -> list[Document]:
    """The same documents, with what the values of their charts switch off.

    A part of a template between ``{{ if .Values.x.enabled }}`` and its end is off where the values say
    false, and so is a chart below ``charts/`` whose condition is false, with its values. Files of values that
    a command of the tree names win over ``values.yaml``; beside such a one, those that none names are off.
    """
    chosen = _chosen(documents)
    folders = {_above(d.path) for d in documents if _name(d) in ("chart.yaml", "chart.yml")}
    families: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        if _is_values(document) and (_above(document.path) in folders or _name(document) in OWN):
            families[_above(document.path)].append(document)
    made = [
        _overwritten(document, families[_above(document.path)], chosen) if _is_values(document) else document
        for document in documents
    ]
    made = _in_parents(made)
    values = _values(made)
    closed = _closed(made, values)
    made = [_switched(document, values, closed) for document in made]
    return [_with_settings(document, chosen) for document in made] if chosen.settings else made


def _with_settings(document: Document, chosen: _Chosen) -> Document:
    """A file with the values that its commands give with ``--set``."""
    given = [entry for path, entry in chosen.settings if path == document.path]
    return replace(document, entries=document.entries + given) if given and document.commands else document


def _in_parents(documents: list[Document]) -> list[Document]:
    """Values of a chart below ``charts/`` that the values of its parent overwrite."""
    given: dict[str, dict[tuple[str, ...], str]] = {}
    for document in documents:
        for entry in document.entries if _is_values(document) else ():
            if not entry.off and len(entry.path) > 1:
                folder = f"{_above(document.path)}charts/{entry.path[0]}/"
                given.setdefault(folder, {})[entry.path[1:]] = f"overwritten at {document.path}:{entry.line}"
    return [
        replace(d, entries=[replace(e, off=e.off or own.get(e.path, "")) for e in d.entries])
        if _is_values(d) and (own := given.get(_above(d.path)))
        else d
        for d in documents
    ]


def _name(document: Document) -> str:
    return posixpath.basename(document.path).lower()


def _above(path: str) -> str:
    folder = posixpath.dirname(path)
    return f"{folder}/" if folder else ""


def _chart(path: str) -> str:
    """The folder of the chart that a template belongs to, with its slash."""
    before, found, _ = f"/{path}".rpartition("/templates/")
    return f"{before}/".removeprefix("/") if found else _above(path)


def _chosen(documents: Iterable[Document]) -> _Chosen:
    found = _Chosen()
    for document in documents:
        for command in document.commands:
            words = [word.value if isinstance(word, Text) else "" for word in command.words]
            if not command.off and "helm" in words[:2]:
                _of_command(words, document.path, command.line, found)
        for entry in document.entries if document.format in ("helm", "kubernetes") else ():
            listed = len(entry.path) > 1 and entry.path[-2] in LISTS and entry.path[-1][:1] == "["
            if listed and not entry.off and isinstance(entry.value, Text):
                found.files.append(posixpath.basename(entry.value.value))
    return found


def _of_command(words: list[str], path: str, line: int, found: _Chosen) -> None:
    spread = [part for word in words for part in (word.split("=", 1) if word.startswith("--v") else [word])]
    for option, given in pairwise(spread):
        if option in FILE_OPTIONS:
            found.files += [posixpath.basename(name) for name in given.split(",")]
        elif option in SET_OPTIONS:
            for pair in re.split(r"(?<!\\),", given):
                key, sign, value = pair.partition("=")
                if sign:
                    keys = tuple(re.split(r"\.|(?=\[)", key))
                    found.settings.append((path, Entry(keys, Text(value, line), line)))


def _is_values(document: Document) -> bool:
    return (
        document.format == "helm"
        and "values" in _name(document)
        and _name(document).endswith((".yaml", ".yml"))
    )


def _overwritten(document: Document, family: list[Document], chosen: _Chosen) -> Document:
    """Values that another file, or a command, overwrites; all of a file beside those that are chosen."""
    if not any(document is other for other in family):
        return document
    place = {name: number for number, name in enumerate(chosen.files, 1)}
    own = 0 if _name(document) in OWN else place.get(_base(document), 0)
    later = [d for d in family if place.get(_base(d), 0) > own and _name(d) not in OWN]
    named = any(_base(d) in place and _name(d) not in OWN for d in family)
    if named and not own and _name(document) not in OWN:
        return all_off(document, "other values are chosen")
    given = {entry.path: f"overwritten at {path}:{entry.line}" for path, entry in chosen.settings}
    for other in later:
        given |= {e.path: f"overwritten at {other.path}:{e.line}" for e in other.entries if not e.off}
    if not given:
        return document
    return replace(
        document,
        entries=[
            e if e.off or e.path not in given else replace(e, off=given[e.path]) for e in document.entries
        ],
    )


def _base(document: Document) -> str:
    return posixpath.basename(document.path)


def _values(documents: Iterable[Document]) -> dict[str, Values]:
    """What the values of each chart are, by its folder."""
    found: dict[str, Values] = {}
    for document in documents:
        if _is_values(document):
            chart = found.setdefault(_above(document.path), {})
            chart.update(_texts(document, own=_name(document) in OWN, known=chart))
    return found


def _texts(document: Document, *, own: bool, known: Values) -> Iterator[tuple[tuple[str, ...], str]]:
    """The values of a file; those of a file that nobody chose only where ``values.yaml`` has none."""
    for entry in document.entries:
        ruled_out = entry.off.startswith(("commented", "overwritten", "other values"))
        if isinstance(entry.value, Text) and not ruled_out and (own or entry.path not in known):
            yield entry.path, entry.value.value.lower()


def _closed(documents: Iterable[Document], values: dict[str, Values]) -> dict[tuple[str, str], str]:
    """Parent chart and name of each dependency whose condition is false, with the reason."""
    closed: dict[tuple[str, str], str] = {}
    for document in documents:
        if _name(document) not in ("chart.yaml", "chart.yml", "requirements.yaml"):
            continue
        folder = _above(document.path)
        for entry in document.entries:
            if (
                entry.path[:1] != ("dependencies",)
                or entry.path[-1] != "condition"
                or not isinstance(entry.value, Text)
            ):
                continue
            reason = "" if entry.off else _is_false(entry.value.value, values.get(folder, {}))
            for name in _names(document, entry) if reason else ():
                closed[folder, name] = reason
    return closed


def _names(document: Document, condition: Entry) -> Iterator[str]:
    for entry in document.entries:
        if entry.path[:-1] == condition.path[:-1] and entry.path[-1] in ("name", "alias"):
            yield entry.value.value if isinstance(entry.value, Text) else ""


def _is_false(condition: str, values: Values) -> str:
    """Why a condition is false: the first of its paths that is set decides."""
    for path in condition.split(","):
        value = values.get(tuple(path.strip().split(".")))
        if value is not None:
            return f"{path.strip()}: {value} in the values" if value in FALSE else ""
    return ""


def _switched(document: Document, values: dict[str, Values], closed: dict[tuple[str, str], str]) -> Document:
    for (folder, name), reason in closed.items():
        if document.path.startswith(f"{folder}charts/{name}/"):
            return all_off(document, reason)
        if _is_values(document) and _above(document.path) == folder:
            entries = [
                e if e.off or e.path[:1] != (name,) else replace(e, off=reason) for e in document.entries
            ]
            document = replace(document, entries=entries)
    own = values.get(_chart(document.path), {})
    return _with_images(applied(document, own, "the values"), own)


def _with_images(document: Document, values: Values) -> Document:
    """The images of a template's containers with the values put in: they say which server runs in them."""
    if not any("{{" in command.image for command in document.commands):
        return document

    def known(found: re.Match[str]) -> str:
        return values.get(tuple(found[1].split(".")), found[0])

    commands = [replace(c, image=PLACEHOLDER.sub(known, c.image)) for c in document.commands]
    return replace(document, commands=commands)
