"""What the containers of a pod are given and start, wherever in a manifest the pod stands.

Source: Kubernetes API reference, PodSpec, Container, EnvVar and EnvFromSource.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from countermark.inventory.reading.config.command_lines import is_script, lines
from countermark.inventory.reading.config.trees import MAX_DEPTH, Mapping, Node, Scalar
from countermark.inventory.reading.config.trees import Sequence as List
from countermark.inventory.reading.expressions import (
    Assignment,
    Command,
    Document,
    Entry,
    Env,
    Expression,
    Join,
    Setting,
    Text,
    Unknown,
)

CONTAINERS = ("initContainers", "containers", "ephemeralContainers", "sidecars")
CONTAINER = ("container", "mainContainer", "model")
"""One container by itself: Argo's templates, Seldon's, KServe's predictor."""
NAME = re.compile(r"[A-Za-z_][\w.-]*")
Convert = Callable[[str, int], Expression]


@dataclass(frozen=True, slots=True)
class Owner:
    """The object that a pod belongs to."""

    kind: str
    namespace: str
    name: str
    off: str = ""

    @property
    def scope(self) -> str:
        """As ``Deployment/shop/api``."""
        return f"{self.kind}/{self.namespace}/{self.name}"


def shown(value: Expression) -> str:
    """A name for people: what of it is not known is as it was written."""
    match value:
        case Text():
            return value.value
        case Join():
            return "".join(shown(part) for part in value.parts)
        case Unknown():
            return value.source
        case Setting():
            return f"{{{{ .{'.'.join(value.path)} }}}}"
        case Env():
            return f"${{{value.name}}}"
        case _:
            return ""


def containers(node: Node, depth: int = 0) -> Iterator[Mapping]:
    """Every container below a node."""
    if depth > MAX_DEPTH:
        return
    if isinstance(node, List):
        for item in node.items:
            yield from containers(item, depth + 1)
    if not isinstance(node, Mapping):
        return
    for key, _, value in node.items:
        if key in CONTAINERS and isinstance(value, List):
            yield from (item for item in value.items if isinstance(item, Mapping))
        elif key in CONTAINER and isinstance(value, Mapping) and _runs(value):
            yield value
        else:
            yield from containers(value, depth + 1)


def _runs(node: Mapping) -> bool:
    return any(node.get(key) is not None for key in ("image", "env", "args", "command", "envFrom"))


def write(document: Document, container: Mapping, owner: Owner, convert: Convert) -> None:
    """The variables, the command and the image of a container."""
    for variable in container.mappings("env"):
        if made := _variable(variable, owner, convert):
            document.assignments.append(made)
    for source in container.mappings("envFrom"):
        for kind, key in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
            name = source.get(key, "name")
            if isinstance(name, Scalar) and name.value:
                named = shown(convert(name.value, name.line))
                document.reads.append((f"{kind}/{owner.namespace}/{named}", owner.scope))
    image = container.get("image")
    if isinstance(image, Scalar):
        path = (owner.kind, owner.namespace, owner.name, container.text("name"), "image")
        document.entries.append(Entry(path, convert(image.value, image.line), image.line, owner.off))
    document.commands += _commands(container, owner, convert)


def _variable(variable: Mapping, owner: Owner, convert: Convert) -> Assignment | None:
    name = variable.text("name")
    if NAME.fullmatch(name) is None:  # that of a template is not known
        return None
    value = variable.get("value")
    if isinstance(value, Scalar):
        return Assignment(name, convert(value.value, value.line), value.line, owner.scope, owner.off)
    for kind, key in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
        reference = variable.mapping("valueFrom", key)
        named = reference.get("name")
        if isinstance(named, Scalar):
            entry = shown(convert(reference.text("key"), reference.line))
            path = (kind, owner.namespace, shown(convert(named.value, named.line)), entry)
            return Assignment(name, Setting(path, reference.line), reference.line, owner.scope, owner.off)
    return None


def _commands(container: Mapping, owner: Owner, convert: Convert) -> list[Command]:
    """``command`` and ``args`` as one, or every command of the script in them."""
    texts = [*_texts(container.get("command")), *_texts(container.get("args"))]
    if not texts:
        return []
    image = shown(convert(container.text("image"), container.line))
    if position := is_script([text.value for text in texts]):
        script = texts[position]
        found = [each for each in lines(script.value, script.line, convert) if each.words]
        return [Command(tuple(each.words), each.line, owner.scope, image, owner.off) for each in found]
    return [Command(_words(texts, convert), texts[0].line, owner.scope, image, owner.off)]


def _words(texts: Sequence[Scalar], convert: Convert) -> tuple[Expression, ...]:
    """Words as they stand; one that holds several, as a template's ``args`` may, is taken apart."""
    if len(texts) == 1 and " " in texts[0].value.strip():
        found = [each for each in lines(texts[0].value, texts[0].line, convert) if each.words]
        if found:
            return tuple(found[0].words)
    return tuple(convert(text.value, text.line) if text.value else Text("", text.line) for text in texts)


def _texts(node: Node | None) -> list[Scalar]:
    if isinstance(node, List):
        return [item for item in node.items if isinstance(item, Scalar)]
    return [node] if isinstance(node, Scalar) and node.value else []
