"""Kubernetes manifests, Kustomize, and the resources of model servers and gateways.

Source: Kubernetes API reference; Kustomize reference; the CRDs of KServe, Ray, Seldon, KubeAI.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field

from countermark.inventory.reading.config.dotenv import settled
from countermark.inventory.reading.config.entries import NAME, PAIR, Writer, switched
from countermark.inventory.reading.config.pods import (
    CONTAINER,
    CONTAINERS,
    Convert,
    Owner,
    containers,
    shown,
    write,
)
from countermark.inventory.reading.config.remarks import COMMENTED_OUT, of_yaml
from countermark.inventory.reading.config.trees import Inner, Mapping, Node, Parsed, Remark, Scalar, Sequence
from countermark.inventory.reading.expressions import Assignment, Document, Entry

DATA = {"ConfigMap": "data", "Secret": "stringData"}
"""Kinds that hold values, and where those stand that are not encoded."""
FILE_LIKE = re.compile(
    r"\.(?:ya?ml|json5?|jsonc|toml|properties|ini|cfg|conf|env)(?:\.\w+)?$|^\.?env$|^\.env", re.IGNORECASE
)
SETTINGS = re.compile(r"\s*(?:#[^\n]*\n\s*|---\s*\n\s*)*[\w.\"'-]+:(?:\s|$)")
"""The beginning of a block of text that is YAML itself."""
READ = ("args", "command", "env")
"""What is read with the container that it belongs to."""
SILENT = frozenset(["metadata", "status"])
MAX_RESOURCES = 5_000
MAX_STRINGS = 12
"""How deep such blocks of text are looked for: they stand high up."""


def is_manifest(node: Node) -> bool:
    """Whether a tree is a resource: it has a version and a kind, or is a kustomization."""
    if not isinstance(node, Mapping):
        return False
    return bool(node.text("apiVersion") and node.text("kind")) or node.get("configMapGenerator") is not None


def read(
    path: str, parsed: Parsed, convert: Convert, form: str = "kubernetes"
) -> tuple[Document, list[Inner]]:
    """What manifests say, and the files that ConfigMaps and the like hold.

    Args:
        path: Of the file.
        parsed: Its documents; those that are no manifests give plain entries.
        convert: From a text to what it stands for.
        form: ``helm`` for the template of a chart.
    """
    document = Document(path, form, trouble=parsed.trouble)
    reader = _Reader(document, convert)
    owners = [reader.resource(root) for root in parsed.roots[:MAX_RESOURCES]]
    for remark, node in of_yaml(parsed.remarks):
        owner = owners[remark.root] if remark.root < len(owners) else None
        reader.remark(remark, node, owner)
    document.assignments = settled(document.assignments)
    return document, reader.inner


@dataclass
class _Reader:
    document: Document
    convert: Convert
    inner: list[Inner] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.writer = Writer(
            self.document, self.convert, skip=self._skipped, twice=self.document.format == "helm"
        )

    @staticmethod
    def _skipped(path: tuple[str, ...]) -> bool:
        """Containers are read by themselves; what is above the specification says nothing of models."""
        if not path:
            return False
        own = len(path) > 1 and path[-1] in READ and path[-2] in CONTAINER
        return own or path[0] in SILENT or path[-1] in CONTAINERS

    def resource(self, root: Node) -> Owner | None:
        """One resource."""
        if not isinstance(root, Mapping) or not is_manifest(root):
            self.writer.add(root)
            return None
        kind = root.text("kind")
        if kind == "List" or kind.endswith("List"):
            for item in root.sequence("items")[:MAX_RESOURCES]:
                self.resource(item)
            return None
        off = switched(root.mapping("spec"))[0] if kind not in DATA else ""
        owner = Owner(kind, self._shown(root, "namespace"), self._shown(root, "name"), off)
        if kind in DATA:
            self._data(root, owner)
        elif kind == "Kustomization" or root.get("configMapGenerator") is not None:
            self._kustomization(root)
        else:
            self._workload(root, owner)
        return owner

    def _shown(self, root: Mapping, key: str) -> str:
        """A name, as it is known or as a template writes it."""
        node = root.get("metadata", key)
        return shown(self.convert(node.value, node.line)) if isinstance(node, Scalar) else ""

    def _workload(self, root: Mapping, owner: Owner) -> None:
        for number, container in enumerate(containers(root)):
            if number < MAX_RESOURCES:
                write(self.document, container, owner, self.convert)
        self._strings(root, 0)
        self.writer.scope = owner.scope
        for key, _, value in root.items:
            self.writer.add(value, (key,), owner.off)
        self.writer.scope = ""

    def _strings(self, node: Node, depth: int) -> None:
        """Blocks of text that are files themselves: Ray's ``serveConfigV2``, the values of an application."""
        if depth > MAX_STRINGS or not isinstance(node, Mapping):
            return
        for key, _, value in node.items:
            if (
                isinstance(value, Scalar)
                and value.block
                and (SETTINGS.match(value.value) or value.value[:1] == "{")
            ):
                self.inner.append(Inner(key if FILE_LIKE.search(key) else f"{key}.yaml", value))
                self.writer.without.add(id(value))
            elif key not in CONTAINERS:
                self._strings(value, depth + 1)

    def _data(self, root: Mapping, owner: Owner) -> None:
        """A ConfigMap, or a Secret that is written in clear."""
        for key, line, value in root.mapping(DATA[owner.kind]).items:
            if isinstance(value, Scalar):
                self._datum(owner, key, value, line)

    def _datum(self, owner: Owner, key: str, value: Scalar, line: int) -> None:
        if FILE_LIKE.search(key) and (value.block or "\n" in value.value or value.value[:1] in "{["):
            self.inner.append(Inner(key, value))
            return
        path = (owner.kind, owner.namespace, owner.name, key)
        given = self.convert(value.value, value.line)
        self.document.entries.append(Entry(path, given, value.line or line, owner.off))
        if NAME.fullmatch(key):
            self.document.assignments.append(
                Assignment(key, given, value.line or line, owner.scope, owner.off)
            )

    def _kustomization(self, root: Mapping) -> None:
        namespace = root.text("namespace")
        for kind, key in (("ConfigMap", "configMapGenerator"), ("Secret", "secretGenerator")):
            for generator in root.mappings(key):
                self._generated(Owner(kind, namespace, generator.text("name")), generator)
        for key, _, value in root.items:
            if key not in ("configMapGenerator", "secretGenerator"):
                self.writer.add(value, (key,))
        for patch in [*root.mappings("patches"), *root.mappings("patchesJson6902")]:
            text = patch.get("patch")
            if isinstance(text, Scalar) and text.block:
                self.inner.append(Inner("patch.yaml", text))

    def _generated(self, owner: Owner, generator: Mapping) -> None:
        for item in generator.sequence("literals"):
            pair = PAIR.fullmatch(item.value) if isinstance(item, Scalar) else None
            if pair:
                self._datum(owner, pair[1], Scalar(pair[2].strip("\"'"), item.line), item.line)
        named = [item.value for item in generator.sequence("envs") if isinstance(item, Scalar)]
        self.document.reads += [(file, owner.scope) for file in (*named, generator.text("env")) if file]

    def remark(self, remark: Remark, node: Node, owner: Owner | None) -> None:
        """A part of a resource that is commented out."""
        above = owner or Owner("", "", "")
        off = Owner(above.kind, above.namespace, above.name, COMMENTED_OUT)
        keys = [part for part in remark.parents if part[:1] != "["]
        if not keys and isinstance(node, Mapping) and is_manifest(node):
            self.writer.add(node, (), COMMENTED_OUT)
        elif keys[-1:] == ["data"] and owner is not None and owner.kind in DATA:
            for key, line, value in node.items if isinstance(node, Mapping) else []:
                if isinstance(value, Scalar):
                    self._datum(off, key, value, line)
        elif keys and keys[-1] in CONTAINERS and isinstance(node, Mapping | Sequence):
            for item in node.items if isinstance(node, Sequence) else [node]:
                if isinstance(item, Mapping):
                    write(self.document, item, off, self.convert)
        else:
            self.writer.scope = above.scope if owner else ""
            self.writer.add_remark(node, remark.parents)
            self.writer.scope = ""


def is_kustomization(path: str) -> bool:
    """Whether the name of a file is that of a kustomization, which may leave its kind out."""
    return posixpath.basename(path).lower() in ("kustomization.yaml", "kustomization.yml", "kustomization")
