"""Fields of classes, wherever the class stands."""

from __future__ import annotations

from countermark.inventory.reading.expressions import Binding, Module
from countermark.inventory.resolving.bindings import Bindings
from countermark.inventory.resolving.index import Index
from countermark.inventory.resolving.known import At, Thing

MAX_CLASSES = 4
"""Of one name; and classes that are derived from one another."""
MAX_DERIVED = 24


class Fields:
    """Finds what fields are set to."""

    def __init__(self, index: Index, bindings: Bindings) -> None:
        self.index = index
        self.bindings = bindings

    def of(self, owner: str, name: str, depth: int = 0) -> list[Thing]:
        """A field of a class, or of those that it is derived from."""
        found: list[Thing] = []
        for module in self.index.classes.get(owner, ())[:MAX_CLASSES]:
            own = self.index.within.get((module.path, owner, name), ())
            bindings = [binding for binding in own if binding.name[-2:] == (owner, name)]
            if bindings:
                found += self._chosen(module, bindings)
            elif depth < MAX_CLASSES:
                for base in module.bases.get(owner, ()):
                    found += self.of(base.rpartition(".")[2], name, depth + 1)
        return found

    def inherited(self, at: At, name: str) -> list[Thing]:
        """A field that a class around gets from one that it is derived from."""
        bases = at.module.bases if at.module else {}
        for owner in reversed(at.scope):
            for base in bases.get(owner, ()):
                found = self.of(base.rpartition(".")[2], name)
                if found:
                    return found
        return []

    def derived(self, owner: str, name: str) -> list[Thing]:
        """The same field in the classes that are derived from one."""
        found: list[Thing] = []
        for module, child in self.index.derived.get(owner, ())[:MAX_DERIVED]:
            inner = self.index.within.get((module.path, child, name), ())
            bindings = [binding for binding in inner if binding.name[-2:] == (child, name) or binding.field]
            if bindings:
                found += self._chosen(module, bindings)
        return found

    def _chosen(self, module: Module, bindings: list[Binding]) -> list[Thing]:
        scope = bindings[0].name[:-1]
        return self.bindings.chosen(bindings, At(module.path, module, scope), len(scope))
