"""YAML files by what is in them: manifests, Compose, pipelines, charts, Spring, or plain settings."""

from __future__ import annotations

import posixpath

from countermark.inventory.reading.config import compose, go_templates, helm, kubernetes, pipelines, spring
from countermark.inventory.reading.config.entries import Writer
from countermark.inventory.reading.config.launches import launches
from countermark.inventory.reading.config.placeholders import of_pod
from countermark.inventory.reading.config.remarks import of_yaml
from countermark.inventory.reading.config.trees import Inner, Mapping, Node, Parsed
from countermark.inventory.reading.config.yaml_documents import parse
from countermark.inventory.reading.expressions import Document


def read(path: str, text: str) -> tuple[Document, list[Inner]]:
    """What a file says, and the files that are in it."""
    if helm.is_template(path, text):
        return helm.read(path, text)
    templated = "{%" in text or "{#" in text
    if templated:
        try:
            text = go_templates.without_jinja(text)
        except go_templates.TemplateError as error:
            return Document(path, "yaml", trouble=str(error)), []
    return of_parsed(path, parse(text, lenient=templated))


def of_parsed(path: str, parsed: Parsed) -> tuple[Document, list[Inner]]:
    """The same for a file that is parsed: YAML, or JSON of the same scheme."""
    name = posixpath.basename(path)
    if pipelines.FILE.search(path):
        return pipelines.read(path, parsed), []
    manifest = kubernetes.is_kustomization(path) or any(kubernetes.is_manifest(r) for r in parsed.roots)
    if manifest and not helm.CHART.search(name):
        return kubernetes.read(path, parsed, of_pod)
    if compose.FILE.search(name) or any(compose.is_compose(root) for root in parsed.roots):
        return compose.read(path, parsed)
    form = "helm" if helm.VALUES.search(name) or helm.CHART.search(name) else "yaml"
    return plain(Document(path, form), parsed, spring_file=spring.FILE.search(name) is not None), []


def has_scheme(root: Node) -> bool:
    """Whether a tree is a manifest or a Compose file, whatever its file is called."""
    return kubernetes.is_manifest(root) or compose.is_compose(root)


def plain(document: Document, parsed: Parsed, *, spring_file: bool = False) -> Document:
    """Settings that follow no scheme but, in some files, Spring's."""
    document.trouble = parsed.trouble
    writer = Writer(document)
    if spring_file:
        for root, off in spring.inactive([spring.dotted(root) for root in parsed.roots]):
            writer.add(root, (), off)
    else:
        for root in parsed.roots:
            writer.add(root)
            launches(document, root)
    for remark, node in of_yaml(parsed.remarks):
        path = (
            tuple(part for key in remark.parents for part in key.split("."))
            if spring_file
            else remark.parents
        )
        writer.add_remark(spring.dotted(node) if spring_file and isinstance(node, Mapping) else node, path)
    return document
