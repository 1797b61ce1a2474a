"""The files of a Helm chart: templates by what they read of the values, and which files are values.

What a template reads is a :class:`Setting` below ``.Values``, which the resolver follows to the values by the
end of its path. :mod:`charts` says what the values switch off.

Source: Helm's Chart Template Guide.
"""

from __future__ import annotations

import re
from dataclasses import replace

from countermark.inventory.reading.config import go_templates, kubernetes
from countermark.inventory.reading.config.conditions import conditional
from countermark.inventory.reading.config.trees import Inner
from countermark.inventory.reading.config.yaml_documents import parse
from countermark.inventory.reading.expressions import Document

TEMPLATE = re.compile(r"(?:^|/)templates/.*\.(?:ya?ml|tpl|txt|gotmpl)$|\.ya?ml\.gotmpl$", re.IGNORECASE)
VALUES = re.compile(r"^(?:values[^/]*|[^/]*[._-]values)\.(?:ya?ml|json)(?:\.gotmpl)?$", re.IGNORECASE)
CHART = re.compile(r"^(?:chart|requirements|helmfile[^/]*)\.ya?ml$", re.IGNORECASE)


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
    return conditional(document, template.conditions), [_filled(each, template) for each in inner]


def _filled(inner: Inner, template: go_templates.Template) -> Inner:
    """A file in a template, with what is read of the values written as ``${a.b:default}``."""
    text = go_templates.TOKEN.sub(template.placeholder, inner.text.value)
    return Inner(inner.name, replace(inner.text, value=text))
