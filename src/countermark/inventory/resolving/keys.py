"""The keys of one document, by what they are below."""

from __future__ import annotations

from collections import Counter, defaultdict

from countermark.inventory.reading.expressions import Document, Text
from countermark.inventory.resolving.index import Path
from countermark.inventory.resolving.roles import Role, flat, role, snake

ACCESS = ("apikey", "appid", "secretkey")
"""Keys for access: what they stand beside is called."""


class Keys:
    """What stands below each path; a document is read through once."""

    def __init__(self, document: Document) -> None:
        self.siblings = Counter(entry.path[:-1] for entry in document.entries)
        """How many entries stand right below a path."""
        self.named: dict[Path, str] = {}
        """The value of ``name`` right below a path."""
        self._below: dict[Path, set[str]] = defaultdict(set)
        self._roles: dict[Path, frozenset[Role]] = {}
        self._access: dict[Path, bool] = {}
        for entry in document.entries:
            path = entry.path
            if path[-1:] == ("name",) and isinstance(entry.value, Text):
                self.named.setdefault(path[:-1], entry.value.value)
            keys = [snake(part) for part in path]
            for cut in range(len(path) + 1):
                self._below[path[:cut]].update(keys[cut:])

    def below(self, path: Path) -> set[str]:
        """The keys below a path, at any depth, in snake_case."""
        return self._below.get(path, set())

    def roles(self, path: Path) -> frozenset[Role]:
        """What the keys below a path are for."""
        if path not in self._roles:
            self._roles[path] = frozenset(map(role, self.below(path)))
        return self._roles[path]

    def has_access(self, path: Path) -> bool:
        """Whether a key for access stands below a path."""
        if path not in self._access:
            self._access[path] = any(flat(key) in ACCESS for key in self.below(path))
        return self._access[path]

    def has(self, path: Path) -> bool:
        """Whether anything stands at a path or below it."""
        return path in self._below
