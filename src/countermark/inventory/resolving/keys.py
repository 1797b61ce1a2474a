"""The keys of one document, by what they are below."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from countermark.inventory.reading.expressions import Document, Text
from countermark.inventory.resolving.index import Path
from countermark.inventory.resolving.roles import Role, flat, role, snake

SELECTS = re.compile(
    r"(?:^|_)(?:select(?:ed)?|default|active|backend|provider|use|used|current|chosen|engine|driver)(?:_|$)"
)
"""Keys whose value chooses among blocks of settings: ``backend = spark``."""
LONGEST, MOST_CHOICES = 60, 60
ACCESS = ("apikey", "appid", "secretkey")
"""Keys for access: what they stand beside is called."""


class Keys:
    """What stands below each path; a document is read through once."""

    def __init__(self, document: Document) -> None:
        self.siblings = Counter(entry.path[:-1] for entry in document.entries)
        """How many entries stand right below a path."""
        self.named: dict[Path, str] = {}
        """The value of ``name`` right below a path."""
        self._titles: dict[Path, str] = {}
        self._children: dict[Path, set[str]] = defaultdict(set)
        self._selected: set[str] = set()
        self._below: dict[Path, set[str]] = defaultdict(set)
        self._roles: dict[Path, frozenset[Role]] = {}
        self._access: dict[Path, bool] = {}
        for entry in document.entries:
            path = entry.path
            if path[-1:] == ("name",) and isinstance(entry.value, Text):
                self.named.setdefault(path[:-1], entry.value.value)
            if isinstance(entry.value, Text) and path:
                if path[-1] in ("model_name", "alias"):
                    self._titles.setdefault(path[:-1], entry.value.value)
                if (
                    not entry.off
                    and len(entry.value.value) <= LONGEST
                    and any(map(SELECTS.search, map(snake, path)))
                ):
                    self._selected.add(entry.value.value)
            for cut in range(len(path) - 1):
                self._children[path[:cut]].add(path[cut])
            keys = [snake(part) for part in path]
            for cut in range(len(path) + 1):
                self._below[path[:cut]].update(keys[cut:])

    def title(self, path: Path) -> str:
        """The name under which what stands at a path, or around it, is offered; empty where it has none."""
        return next(
            (self._titles[path[:cut]] for cut in range(len(path), 0, -1) if path[:cut] in self._titles), ""
        )

    def other_choice(self, path: Path) -> str:
        """What is chosen in place of a path, where a setting chooses among several; empty where none does."""
        for cut in range(len(path) - 1):
            among = self._children[path[:cut]]
            chosen = among & self._selected if 2 <= len(among) <= MOST_CHOICES else set()  # noqa: PLR2004 - a choice
            if chosen and path[cut] not in chosen:
                return min(chosen)
        return ""

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
