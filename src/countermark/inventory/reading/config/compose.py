"""Docker Compose: services with their variables, commands and images. No variable is put in here.

Source: Compose specification, chapters 05 (services), 12 (interpolation), 13 (merge) and 15 (profiles).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from countermark.inventory.reading.config.command_lines import is_script, lines, words
from countermark.inventory.reading.config.dockerfile import put_in_text
from countermark.inventory.reading.config.dotenv import settled
from countermark.inventory.reading.config.entries import PAIR, Writer, switched
from countermark.inventory.reading.config.placeholders import interpolated
from countermark.inventory.reading.config.remarks import COMMENTED_OUT, of_yaml
from countermark.inventory.reading.config.trees import Inner, Mapping, Node, Parsed, Scalar, Sequence
from countermark.inventory.reading.expressions import (
    Assignment,
    Command,
    Document,
    Entry,
    Env,
    Expression,
    Text,
)

FILE = re.compile(r"(?:^|[._-])(?:docker-?)?(?:compose|stack)[^/]*\.ya?ml$", re.IGNORECASE)
MAX_EXTENDS = 8
SERVICE_KEY = 3
"""How long the path of a service's key is: ``services``, its name, the key."""
ELSEWHERE = frozenset(["environment", "env_file", "command", "entrypoint", "healthcheck", "ports", "volumes"])
"""What gives no entries: it is read here, or says nothing of models."""


def is_compose(node: Node) -> bool:
    """Whether a tree has the shape of a Compose file: services of which each runs something."""
    services = node.get("services") if isinstance(node, Mapping) else None
    if not isinstance(services, Mapping):
        return False
    shapes = [value for _, _, value in services.items if isinstance(value, Mapping)]
    return any(
        shape.get(key) is not None
        for shape in shapes
        for key in ("image", "build", "extends", "env_file", "provider")
    )


def read(path: str, parsed: Parsed) -> tuple[Document, list[Inner]]:
    """What a Compose file says, and the files that its ``configs`` hold."""
    document = Document(path, "compose", trouble=parsed.trouble)
    reader = _Reader(document)
    for root in parsed.roots:
        if isinstance(root, Mapping):
            reader.file(root)
    for remark, node in of_yaml(parsed.remarks):
        reader.remark(remark.parents, node)
    document.assignments = settled(document.assignments)
    return document, [inner for root in parsed.roots for inner in _configs(root)]


def _configs(root: Node) -> list[Inner]:
    configs = root.mapping("configs").items if isinstance(root, Mapping) else []
    return [
        Inner(name, content)
        for name, _, value in configs
        if isinstance(value, Mapping) and isinstance(content := value.get("content"), Scalar)
    ]


@dataclass
class _Reader:
    document: Document

    def __post_init__(self) -> None:
        self.writer = Writer(self.document, interpolated, skip=self._skipped)

    @staticmethod
    def _skipped(path: tuple[str, ...]) -> bool:
        top = path[0] if path else ""
        own = path[2] if top == "services" and len(path) == SERVICE_KEY else ""
        return top.startswith("x-") or own in ELSEWHERE or path[2:] == ("build", "args")

    def file(self, root: Mapping, off: str = "") -> None:
        """A whole file, or the part of one that is commented out."""
        services = root.mapping("services")
        for name, _, value in services.items:
            if isinstance(value, Mapping):
                self.service(name, _extended(services, value), off or _not_started(value))
        for key, _, value in root.items:
            if key not in ("services", "volumes", "networks", "secrets"):
                self.writer.add(value, (key,), off)

    def remark(self, parents: tuple[str, ...], node: Node) -> None:
        """A part that is commented out, put back to where it stood."""
        if any(key.startswith("x-") for key in parents[:1]) or parents[:1] not in ((), ("services",)):
            return
        for key in reversed(parents):
            node = (
                Sequence([node], node.line) if key[0] == "[" else Mapping([(key, node.line, node)], node.line)
            )
        if isinstance(node, Mapping) and (parents or node.get("services") is not None):
            self.file(node, COMMENTED_OUT)

    def service(self, name: str, service: Mapping, off: str) -> None:
        """One service."""
        scope = f"compose:{name}"
        self.document.assignments += [
            Assignment(key, value, line, scope, off)
            for key, value, line in environment(service.get("environment"))
        ]
        if not off:
            self.document.reads += [(file, scope) for file in _env_files(service.get("env_file"))]
        self._build(name, service, off)
        image = put_in_text(service.text("image"), service.line, {})
        command = _started(service, image, scope, off)
        self.document.commands += command
        self.writer.add(service, ("services", name), off)

    def _build(self, name: str, service: Mapping, off: str) -> None:
        build = service.get("build")
        arguments = build.get("args") if isinstance(build, Mapping) else None
        path = ("services", name, "build", "args")
        self.document.entries += [
            Entry((*path, key), value, line, off) for key, value, line in environment(arguments)
        ]


def environment(node: Node | None) -> list[tuple[str, Expression, int]]:
    """Variables in both forms; one without a value is passed on from where Compose runs."""
    found: list[tuple[str, Expression, int]] = []
    if isinstance(node, Mapping):
        for key, line, value in node.items:
            if isinstance(value, Scalar):
                passed = not value.value and not value.quoted
                found.append(
                    (key, Env(key, line) if passed else interpolated(value.value, value.line), value.line)
                )
    for item in node.items if isinstance(node, Sequence) else []:
        if isinstance(item, Scalar):
            pair = PAIR.fullmatch(item.value)
            if pair:
                found.append((pair[1], interpolated(pair[2].strip("\"'"), item.line), item.line))
            elif re.fullmatch(r"[A-Za-z_]\w*", item.value):
                found.append((item.value, Env(item.value, item.line), item.line))
        elif isinstance(item, Mapping):  # `- X: y`, which Compose refuses and people write
            found += environment(item)
    return found


def _env_files(node: Node | None) -> list[str]:
    if isinstance(node, Scalar):
        return [node.value]
    items = node.items if isinstance(node, Sequence) else []
    paths = [item.text("path") if isinstance(item, Mapping) else getattr(item, "value", "") for item in items]
    return [path for path in paths if path]


def _not_started(service: Mapping) -> str:
    """Why Compose does not start a service by itself."""
    profiles = [item.value for item in service.sequence("profiles") if isinstance(item, Scalar)]
    if profiles:
        return f"profile {', '.join(profiles)} is not chosen"
    return switched(service)[0] or switched(service.mapping("deploy"))[0]


def _extended(services: Mapping, service: Mapping, depth: int = 0) -> Mapping:
    """A service with what it takes over from another of the same file."""
    extends = service.get("extends")
    if extends is None or depth > MAX_EXTENDS:
        return service
    other = extends.value if isinstance(extends, Scalar) else ""
    if isinstance(extends, Mapping) and not extends.text("file"):
        other = extends.text("service")
    base = services.get(other) if other else None
    if not isinstance(base, Mapping) or base is service:
        return service
    base = _extended(services, base, depth + 1)
    own = {key for key, _, _ in service.items}
    items = [item for item in base.items if item[0] not in own and item[0] != "profiles"]
    for key, line, value in service.items:
        below = base.get(key)
        items.append((key, line, _together(below, value) if below is not None else value))
    return Mapping(items, service.line)


def _together(base: Node, own: Node) -> Node:
    """Mappings and lists are joined, what is the service's own last; anything else is replaced."""
    if isinstance(base, Mapping) and isinstance(own, Mapping):
        names = {key for key, _, _ in own.items}
        return Mapping([item for item in base.items if item[0] not in names] + own.items, own.line)
    if isinstance(base, Sequence) and isinstance(own, Sequence):
        return Sequence(base.items + own.items, own.line)
    return own


def _started(service: Mapping, image: str, scope: str, off: str) -> list[Command]:
    """What a service starts: entry point and command as one, or every command of a script."""
    parts = [node for key in ("entrypoint", "command") if (node := service.get(key)) is not None]
    texts = [text for part in parts for text in _texts(part)]
    if not texts:
        return []
    line = texts[0].line
    plain = [text.value for text in texts]
    if position := is_script(plain):
        script = texts[position]
        found = [each for each in lines(script.value, script.line) if each.words]
        return [Command(tuple(each.words), each.line, scope, image, off) for each in found]
    given = tuple(interpolated(text.value, text.line) for text in texts)
    return [Command(given, line, scope, image, off)]


def _texts(node: Node) -> list[Scalar]:
    """The words of a command in either form."""
    if isinstance(node, Sequence):
        return [item for item in node.items if isinstance(item, Scalar)]
    if not isinstance(node, Scalar) or not node.value:
        return []
    split = words(node.value, node.line, Text)
    return [Scalar(getattr(word, "value", ""), word.line) for word in split]
