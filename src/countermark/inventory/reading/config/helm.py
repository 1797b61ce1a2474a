"""Helm charts: their templates by what they read of the values, and which parts the values switch off.

:func:`charts` needs all documents of a tree; what a template reads is a :class:`Setting` below ``.Values``, which the
resolver follows to ``values.yaml`` by the end of its path.

Source: Helm's Chart Template Guide and Charts, chapters on values and dependencies.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from countermark.inventory.reading.config import go_templates, kubernetes
from countermark.inventory.reading.config.go_templates import Condition
from countermark.inventory.reading.config.switches import DOWN, NO
from countermark.inventory.reading.config.trees import Inner
from countermark.inventory.reading.config.yaml_documents import parse
from countermark.inventory.reading.expressions import Document, Entry, Text

TEMPLATE = re.compile(r"(?:^|/)templates/.*\.(?:ya?ml|tpl|txt|gotmpl)$|\.ya?ml\.gotmpl$", re.IGNORECASE)
VALUES = re.compile(r"^(?:values[^/]*|[^/]*[._-]values)\.(?:ya?ml|json)(?:\.gotmpl)?$", re.IGNORECASE)
CHART = re.compile(r"^(?:chart|requirements|helmfile[^/]*)\.ya?ml$", re.IGNORECASE)
FALSE = NO | DOWN | {"", "null", "{}", "[]"}


@dataclass(slots=True)
class Manifest(Document):
    """The template of a chart, with the conditions that its lines have."""

    conditions: list[Condition] = field(default_factory=list)


def is_template(path: str, text: str) -> bool:
    """Whether a file is a template of Go: it is where a chart has them, or reads values."""
    return "{{" in text and (TEMPLATE.search(path) is not None or ".Values." in text or "{{-" in text)


def read(path: str, text: str) -> tuple[Document, list[Inner]]:
    """What a template says when its values are filled in."""
    try:
        template = go_templates.read(text)
    except go_templates.TemplateError as error:
        return Document(path, "helm", trouble=str(error)), []
    parsed = parse(template.text, lenient=True)
    document, inner = kubernetes.read(path, parsed, template.convert, "helm")
    made = Manifest(
        path, "helm", document.entries, document.assignments, document.commands, document.reads, document.loose,
        document.trouble, template.conditions,
    )  # fmt: skip
    return made, [_filled(each, template) for each in inner]


def _filled(inner: Inner, template: go_templates.Template) -> Inner:
    """A file in a template, with what is read of the values written as ``${a.b:default}``."""
    text = go_templates.TOKEN.sub(template.placeholder, inner.text.value)
    return Inner(inner.name, replace(inner.text, value=text))


def charts(documents: list[Document]) -> list[Document]:
    """The same documents, with what the values of their charts switch off.

    A part of a template between ``{{ if .Values.x.enabled }}`` and its end is off where ``values.yaml`` says false,
    and so is a chart below ``charts/`` whose condition in ``Chart.yaml`` is false, with its values.
    """
    values = _values(documents)
    closed = _closed(documents, values)
    return [_switched(document, values, closed) for document in documents]


def _folder(path: str) -> str:
    """The folder of the chart that a file belongs to, with its slash."""
    found = re.search(r"(?:^|/)templates/", path)
    return path[: found.start()].rstrip("/") + "/" if found and found.start() else "" if found else _above(path)


def _above(path: str) -> str:
    folder = posixpath.dirname(path)
    return f"{folder}/" if folder else ""


def _values(documents: Iterable[Document]) -> dict[str, dict[tuple[str, ...], str]]:
    """What each chart's own ``values.yaml`` says, by the folder of the chart."""
    found: dict[str, dict[tuple[str, ...], str]] = {}
    for document in documents:
        if posixpath.basename(document.path).lower() in ("values.yaml", "values.yml"):
            chart = found.setdefault(_above(document.path), {})
            for entry in document.entries:
                if isinstance(entry.value, Text) and not entry.off.startswith("commented"):
                    chart[entry.path] = entry.value.value.lower()
    return found


def _closed(
    documents: Iterable[Document], values: dict[str, dict[tuple[str, ...], str]]
) -> dict[tuple[str, str], str]:
    """Parent chart and name of each dependency whose condition is false, with the reason."""
    closed: dict[tuple[str, str], str] = {}
    for document in documents:
        if posixpath.basename(document.path).lower() not in ("chart.yaml", "requirements.yaml"):
            continue
        folder = _above(document.path)
        for entry in document.entries:
            if entry.path[:1] != ("dependencies",) or entry.path[-1] != "condition" or entry.off:
                continue
            named = {e.path[-1]: e.value for e in document.entries if e.path[:-1] == entry.path[:-1]}
            name = named.get("alias") or named.get("name")
            if isinstance(name, Text) and isinstance(entry.value, Text):
                if reason := _is_false(entry.value.value, values.get(folder, {})):
                    closed[folder, name.value] = reason
                    real = named.get("name")
                    closed[folder, real.value if isinstance(real, Text) else name.value] = reason
    return closed


def _is_false(condition: str, values: dict[tuple[str, ...], str]) -> str:
    """Why a condition is false: the first of its paths that is set decides."""
    for path in condition.split(","):
        value = values.get(tuple(path.strip().split(".")))
        if value is not None:
            return f"{path.strip()}: {value} in the values" if value in FALSE else ""
    return ""


def _switched(
    document: Document, values: dict[str, dict[tuple[str, ...], str]], closed: dict[tuple[str, str], str]
) -> Document:
    for (folder, name), reason in closed.items():
        if document.path.startswith(f"{folder}charts/{name}/"):
            return _all_off(document, reason)
        if posixpath.basename(document.path).lower() in ("values.yaml", "values.yml") and _above(document.path) == folder:
            document = replace(
                document, entries=[_off(e, reason) if e.path[:1] == (name,) else e for e in document.entries]
            )
    if isinstance(document, Manifest) and document.conditions:
        return _conditioned(document, values.get(_folder(document.path), {}))
    return document


def _off(entry: Entry, reason: str) -> Entry:
    return entry if entry.off else replace(entry, off=reason)


def _all_off(document: Document, reason: str) -> Document:
    return replace(
        document,
        entries=[_off(entry, reason) for entry in document.entries],
        assignments=[a if a.off else replace(a, off=reason) for a in document.assignments],
        commands=[c if c.off else replace(c, off=reason) for c in document.commands],
    )


def _conditioned(document: Manifest, values: dict[tuple[str, ...], str]) -> Document:
    """Switch off the lines whose condition the values make false."""
    spans: list[tuple[int, int, str]] = []
    for condition in document.conditions:
        value = values.get(condition.path)
        if value is not None and (value not in FALSE) != condition.holds:
            spans.append((condition.first, condition.last, f"{'.'.join(condition.path)}: {value} in the values"))
    if not spans:
        return document

    def why(line: int) -> str:
        return next((reason for first, last, reason in spans if first <= line <= last), "")

    return replace(
        document,
        entries=[e if e.off else replace(e, off=why(e.line)) for e in document.entries],
        assignments=[a if a.off else replace(a, off=why(a.line)) for a in document.assignments],
        commands=[c if c.off else replace(c, off=why(c.line)) for c in document.commands],
    )
