"""A configuration file as a tree, whatever its format: every value with its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_DEPTH = 60
"""Of values within values; no person writes more."""


@dataclass(slots=True)
class Scalar:
    """A text, number, truth value or nothing, as written; nothing is the empty text."""

    value: str
    line: int
    quoted: bool = False
    """It stands in quotes, or is a block of text: ``"false"`` is no truth value."""
    block: bool = False
    """It has lines of its own below its key: what it holds may be a file or a script."""


@dataclass(slots=True)
class Mapping:
    """Keys with their lines and values, in the order of the file; a key that stands twice is in it twice."""

    items: list[tuple[str, int, Node]]
    line: int

    def get(self, *path: str) -> Node | None:
        """What stands under a path, the last where a key stands twice; None where nothing does."""
        node: Node | None = self
        for key in path:
            if not isinstance(node, Mapping):
                return None
            node = next((value for name, _, value in reversed(node.items) if name == key), None)
        return node

    def text(self, *path: str) -> str:
        """The scalar under a path; empty where there is none."""
        node = self.get(*path)
        return node.value if isinstance(node, Scalar) else ""

    def mapping(self, *path: str) -> Mapping:
        """The mapping under a path; an empty one where there is none."""
        node = self.get(*path)
        return node if isinstance(node, Mapping) else Mapping([], self.line)

    def sequence(self, *path: str) -> list[Node]:
        """The elements of the list under a path; none where there is no list."""
        node = self.get(*path)
        return node.items if isinstance(node, Sequence) else []

    def mappings(self, *path: str) -> Iterator[Mapping]:
        """Those elements of the list under a path that are mappings."""
        return (item for item in self.sequence(*path) if isinstance(item, Mapping))


@dataclass(slots=True)
class Sequence:
    """A list."""

    items: list[Node]
    line: int


Node = Scalar | Mapping | Sequence


def merged(node: Mapping, merges: list[Node]) -> Mapping:
    """A mapping with what ``<<`` brings, where it has no such key itself."""
    known = {key for key, _, _ in node.items}
    for merge in merges:
        for source in merge.items if isinstance(merge, Sequence) else [merge]:
            for item in source.items if isinstance(source, Mapping) else []:
                if item[0] not in known:
                    known.add(item[0])
                    node.items.append(item)
    return node


@dataclass(slots=True)
class Remark:
    """A comment that may be a setting that was switched off."""

    line: int
    text: str
    """Behind the sign that begins it, its spaces kept."""
    parents: tuple[str, ...]
    """The keys that it stands below."""
    column: int = 0
    """Of the sign, counted from 0."""
    root: int = 0
    """In which document of the file, counted from 0."""


@dataclass(slots=True)
class Parsed:
    """What a file holds."""

    roots: list[Node] = field(default_factory=list)
    """One for each document of a file; empty documents are left out."""
    remarks: list[Remark] = field(default_factory=list)
    trouble: str = ""
    """What was wrong and where; what could be read is there nevertheless."""


@dataclass(frozen=True, slots=True)
class Inner:
    """A file within a file: ``application.yml`` in a ConfigMap."""

    name: str
    text: Scalar
