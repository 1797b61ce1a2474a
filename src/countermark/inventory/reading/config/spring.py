"""Spring's profiles: which documents of ``application.yml`` are read, and which of its siblings.

Source: Spring Boot reference, Externalized Configuration, 4.5 and 4.6.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import replace

from countermark.inventory.reading.config.trees import Mapping, Node, Scalar, Sequence
from countermark.inventory.reading.expressions import Document, Env, Expression, Setting, Text

FILE = re.compile(
    r"(?:application|bootstrap)(?:-(?P<profile>[\w.-]+?))?\.(?:ya?ml|properties)$", re.IGNORECASE
)
OPTION = re.compile(r"-(?:D|-)spring\.profiles\.active=(.+)")
DEFAULT = "default"
VARIABLE = "SPRING_PROFILES_ACTIVE"
ON_PROFILE = (("spring", "config", "activate", "on-profile"), ("spring", "profiles"))
ACTIVE = (
    ("spring", "profiles", "active"),
    ("spring", "profiles", "include"),
    ("spring", "profiles", "default"),
)


def dotted(node: Node) -> Node:
    """A tree whose keys with dots are taken apart, as Spring reads them."""
    if isinstance(node, Sequence):
        return Sequence([dotted(item) for item in node.items], node.line)
    if not isinstance(node, Mapping):
        return node
    items: list[tuple[str, int, Node]] = []
    for key, line, value in node.items:
        parts = key.split(".") if re.fullmatch(r"[a-z][\w-]*(?:\.[a-z][\w-]*)+", key) else [key]
        made = dotted(value)
        for part in reversed(parts[1:]):
            made = Mapping([(part, line, made)], line)
        items.append((parts[0], line, made))
    return Mapping(items, node.line)


def inactive(roots: Iterable[Node]) -> list[tuple[Node, str]]:
    """Each document of a file, and why it is not read; empty where it is."""
    roots = list(roots)
    active: set[str] | None = set()
    for root in roots:
        if isinstance(root, Mapping) and not _profiles(root):
            active = _and(active, _active(root))
    return [(root, _off(root, active)) for root in roots]


def _off(root: Node, active: set[str] | None) -> str:
    wanted = _profiles(root) if isinstance(root, Mapping) else ""
    if not wanted or active is None or matches(wanted, active or {DEFAULT}):
        return ""
    return f"profile {wanted} is not active"


def _and(one: set[str] | None, other: set[str] | None) -> set[str] | None:
    return None if one is None or other is None else one | other


def _profiles(root: Mapping) -> str:
    """The profiles that a document is for, as an expression of profiles."""
    for path in ON_PROFILE:
        node = find(root, path)
        if isinstance(node, Scalar):
            return node.value
        if isinstance(node, Sequence):
            return " | ".join(item.value for item in node.items if isinstance(item, Scalar))
    return ""


def find(root: Mapping, path: tuple[str, ...]) -> Node | None:
    """What stands under a path, through every mapping of a name that stands twice."""
    for key, _, value in root.items:
        if key == path[0]:
            if len(path) == 1:
                return value
            if isinstance(value, Mapping) and (found := find(value, path[1:])) is not None:
                return found
    return None


def _active(root: Mapping) -> set[str] | None:
    """The profiles that a document makes active; None where the file leaves that to the build."""
    names: set[str] = set()
    for path in ACTIVE:
        node = find(root, path)
        for item in node.items if isinstance(node, Sequence) else [node]:
            if isinstance(item, Scalar):
                default = re.fullmatch(r"\$\{[^:}]+(?::([^}]*))?\}", item.value)
                text = (default[1] or "") if default else item.value
                if "@" in text or "$" in text:
                    return None
                names |= {name.strip() for name in text.split(",") if name.strip()}
    return names


def matches(wanted: str, active: set[str]) -> bool:
    """Whether an expression of profiles holds: ``prod & !eu``, ``a | b``, ``a, b``."""
    for option in re.split(r"[|,]", wanted.replace("(", " ").replace(")", " ")):
        terms = [term.strip() for term in option.split("&") if term.strip()]
        if terms and all((term.lstrip("!").strip() in active) != term.startswith("!") for term in terms):
            return True
    return False


def profiles(documents: list[Document]) -> list[Document]:
    """Switch off the values of ``application-X.yml`` where the tree makes other profiles active.

    Active is what ``spring.profiles.active`` in ``application.yml`` beside it says, or the variable or option
    of a command anywhere in the tree. Where nothing says, all stay: the deployment decides then.
    """
    chosen = _chosen(documents)
    own: dict[str, set[str]] = {}
    for document in documents:
        found = FILE.fullmatch(posixpath.basename(document.path))
        if found and not found["profile"]:
            own.setdefault(posixpath.dirname(document.path), set()).update(_named(document))
    made = [_with_profile(document, chosen, own) for document in documents]
    given: dict[tuple[str, tuple[str, ...]], str] = {}
    for document in made:
        found = FILE.fullmatch(posixpath.basename(document.path))
        active = chosen or own.get(posixpath.dirname(document.path), set())
        if found and found["profile"] in active:
            for entry in document.entries:
                if not entry.off:
                    given[posixpath.dirname(document.path), entry.path] = (
                        f"overwritten at {document.path}:{entry.line}"
                    )
    return [_under_profile(document, given) for document in made] if given else made


def _under_profile(document: Document, given: dict[tuple[str, tuple[str, ...]], str]) -> Document:
    """``application.yml`` below the file of an active profile."""
    found = FILE.fullmatch(posixpath.basename(document.path))
    if not found or found["profile"]:
        return document
    folder = posixpath.dirname(document.path)
    return replace(
        document, entries=[replace(e, off=e.off or given.get((folder, e.path), "")) for e in document.entries]
    )


def _with_profile(document: Document, chosen: set[str], own: dict[str, set[str]]) -> Document:
    found = FILE.fullmatch(posixpath.basename(document.path))
    active = chosen or own.get(posixpath.dirname(document.path), set())
    if not found or not found["profile"] or not active or found["profile"] in active:
        return document
    off = f"profile {found['profile']} is not active"
    return replace(
        document, entries=[entry if entry.off else replace(entry, off=off) for entry in document.entries]
    )


def _named(document: Document) -> set[str]:
    names: set[str] = set()
    for entry in document.entries:
        keys = tuple(part for part in entry.path if part[:1] != "[")
        if keys in ACTIVE[:2] and not entry.off:
            names |= _names(entry.value)
    return names


def _chosen(documents: list[Document]) -> set[str]:
    """What the way in which the service is started makes active."""
    names: set[str] = set()
    for document in documents:
        for assignment in document.assignments:
            if assignment.name == VARIABLE and not assignment.off and not assignment.template:
                names |= _names(assignment.value)
            elif assignment.name in ("JAVA_OPTS", "JAVA_TOOL_OPTIONS") and isinstance(assignment.value, Text):
                for option in assignment.value.value.split():
                    names |= _of_option(Text(option, 0))
        for command in document.commands:
            for word in command.words if not command.off else ():
                names |= _of_option(word)
    return names


def _of_option(word: Expression) -> set[str]:
    found = OPTION.fullmatch(word.value) if isinstance(word, Text) else None
    return _names(Text(found[1], 0)) if found else set()


def _names(value: Expression) -> set[str]:
    if isinstance(value, Env | Setting):
        return _names(value.default) if value.default is not None else set()
    if not isinstance(value, Text):
        return set()
    return {name.strip() for name in value.value.split(",") if name.strip() and "@" not in name}
