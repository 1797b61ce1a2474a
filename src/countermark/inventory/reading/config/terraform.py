"""Terraform and OpenTofu: resources, variables and locals, on the grammar of HCL.

``var.x`` reads ``Setting(("var", "x"))``, which the entries ``("var", "x")`` answer: the default of the
variable and what ``.tfvars`` files give. ``local.x`` likewise.

Source: Terraform language, native syntax specification; JSON configuration syntax.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace

from countermark.inventory.reading.config import json_files
from countermark.inventory.reading.config.conditions import applied, conditional
from countermark.inventory.reading.config.entries import Writer, switched
from countermark.inventory.reading.config.go_templates import Template
from countermark.inventory.reading.config.hcl import Builder
from countermark.inventory.reading.config.remarks import COMMENTED_OUT
from countermark.inventory.reading.config.trees import Mapping, Node
from countermark.inventory.reading.expressions import Document, Entry, Text
from countermark.inventory.reading.languages import parsing

MAX_OPEN = 100
BRACKET = re.compile(r"[\[\](){}]")


def read(path: str, text: str) -> Document:
    """What a file of configuration or of variables says."""
    document = Document(path, "terraform")
    if path.lower().endswith(".json"):
        return _json(document, text)
    if _too_deep(text):
        document.trouble = f"nested deeper than {MAX_OPEN}"
        return document
    root = parsing.tree(text, text.encode("utf-8", "replace"), "hcl")
    builder = Builder()
    try:
        body = next((child for child in root.children() if child.kind() == "body"), root)
        tree = builder.body(body, 0)
    except RecursionError:
        document.trouble = "nested too deep"
        return document
    if parsing.broken(root, len(text)):
        document.trouble = "much of it is no HCL that the grammar knows"
    _write(document, tree, builder.template)
    for keys, scalar in builder.commented:
        Writer(document).entry(_named(keys, document.path), scalar, COMMENTED_OUT)
    return conditional(document, builder.conditions)


def _too_deep(text: str) -> bool:
    """Whether more brackets are open than a person opens: the grammar takes very long over them."""
    depth = 0
    for found in BRACKET.finditer(text):
        depth = max(0, depth + (1 if found[0] in "[({" else -1))
        if depth > MAX_OPEN:
            return True
    return False


def _named(path: tuple[str, ...], file: str) -> tuple[str, ...]:
    """The path under which the values of a variable, of a local and of a file of variables are known."""
    if ".tfvars" in file.lower():
        return ("var", *path)
    if path[0] == "variable" and path[-1] == "default":
        return ("var", *path[1:-1])
    return ("local", *path[1:]) if path[0] == "locals" else path


def _json(document: Document, text: str) -> Document:
    parsed = json_files.parse(text)
    document.trouble = parsed.trouble
    for root in parsed.roots:
        if isinstance(root, Mapping):
            _write(document, root, Template(""))
    return document


def _write(document: Document, tree: Mapping, template: Template) -> None:
    writer = Writer(document, template.convert, twice=True)
    settings = ".tfvars" in document.path.lower()
    for key, _, value in tree.items:
        if settings:
            writer.add(value, ("var", key))
        elif key == "variable":
            _variables(writer, value)
        elif key == "locals":
            writer.add(value, ("local",))
        elif key in ("resource", "data", "module") and isinstance(value, Mapping):
            _resources(writer, key, value)
        else:
            writer.add(value, (key,))


def _variables(writer: Writer, node: Node) -> None:
    for name, _, variable in node.items if isinstance(node, Mapping) else []:
        default = variable.get("default") if isinstance(variable, Mapping) else None
        if default is not None:
            writer.add(default, ("var", name))


def _resources(writer: Writer, key: str, node: Mapping) -> None:
    """``resource "type" "name"``, and ``module "name"``."""
    for first, _, below in node.items:
        if key == "module" or not isinstance(below, Mapping):
            writer.add(below, (key, first), _never(below))
            continue
        for name, _, resource in below.items:
            writer.scope = f"terraform:{first}.{name}"
            writer.add(resource, (key, first, name), _never(resource))
            writer.scope = ""


def _never(node: Node) -> str:
    """Why a resource is not made."""
    if not isinstance(node, Mapping):
        return ""
    return "count = 0" if node.text("count") == "0" else switched(node)[0]


def variables(documents: list[Document]) -> list[Document]:
    """The documents, with what variables switch off, and defaults that a file beside them overwrites."""
    given: dict[tuple[str, str], str] = {}
    for document in documents:
        if document.format == "terraform" and _automatic(document.path):
            for entry in document.entries:
                if not entry.off:
                    given[posixpath.dirname(document.path), entry.path[1]] = f"{document.path}:{entry.line}"
    made = [_overwritten(document, given) for document in documents]
    values = _values(made)
    return [
        applied(d, values.get(posixpath.dirname(d.path), {}), "the variables")
        if d.format == "terraform"
        else d
        for d in made
    ]


def _values(documents: list[Document]) -> dict[str, dict[tuple[str, ...], str]]:
    """What the variables and locals of each folder are."""
    found: dict[str, dict[tuple[str, ...], str]] = {}
    for document in documents:
        for entry in document.entries if document.format == "terraform" else ():
            if entry.path[0] in ("var", "local") and not entry.off and isinstance(entry.value, Text):
                found.setdefault(posixpath.dirname(document.path), {})[entry.path] = entry.value.value.lower()
    return found


def _automatic(path: str) -> bool:
    """Whether Terraform reads a file of variables by itself."""
    name = posixpath.basename(path).lower()
    return name.startswith("terraform.tfvars") or ".auto.tfvars" in name


def _overwritten(document: Document, given: dict[tuple[str, str], str]) -> Document:
    if document.format != "terraform" or ".tfvars" in document.path.lower() or not given:
        return document
    folder = posixpath.dirname(document.path)

    def marked(entry: Entry) -> Entry:
        place = given.get((folder, entry.path[1])) if entry.path[0] == "var" else None
        return entry if entry.off or place is None else replace(entry, off=f"overwritten at {place}")

    return replace(document, entries=[marked(entry) for entry in document.entries])
