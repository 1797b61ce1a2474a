"""The host beside a model in a file of settings or variables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import chain
from typing import Generic, TypeVar

from countermark.inventory import signatures
from countermark.inventory.reading.expressions import Assignment, Document, Entry
from countermark.inventory.resolving.hosts import NOWHERE, Address, Hosts, address
from countermark.inventory.resolving.known import At, Known
from countermark.inventory.resolving.neighbours import MOST, Neighbours
from countermark.inventory.resolving.roles import Role, role

LEVELS = 3
"""That are looked through for an address: the siblings, and those of two levels above."""
Path = tuple[str, ...]


T = TypeVar("T", Assignment, Entry)
K = TypeVar("K", bound=Hashable)


class Level(Generic[T]):
    """What one scope of variables, or one level of entries, says of where requests go."""

    def __init__(self, given: Iterable[T]) -> None:
        those = list(given)
        self.hosts: Neighbours[T] = Neighbours(
            (_name(each), each) for each in those if role(_name(each)) is Role.HOST
        )
        self.listed: list[T] = [each for each in those if role(_name(each)) is Role.PROVIDER]
        """The providers, as they stand there."""
        self.providers: Neighbours[T] = Neighbours((_name(each), each) for each in self.listed)


class Beside:
    """Finds the addresses beside settings."""

    def __init__(self, hosts: Hosts) -> None:
        self.hosts = hosts
        self.resolver = hosts.resolver
        self._scopes: dict[int, dict[str, Level[Assignment]]] = {}
        self._levels: dict[int, dict[Path, Level[Entry]]] = {}

    def of(self, model: Known) -> Address:
        """The address that stands beside a model in a file of settings or variables."""
        self.hosts.ask_for(model)
        if model.source is None:
            return NOWHERE
        document, origin = model.source
        if isinstance(origin, Assignment):
            return self._of_variable(document, origin)
        return self.of_entry(document, origin)

    def _of_variable(self, document: Document, origin: Assignment) -> Address:
        """Of the same scope, the one whose name is like that of the model most."""
        level = self._scope(document).get(origin.scope)
        if level is None:
            return NOWHERE
        at = At(document.path, None, (), document)
        akin = (each for count, group in level.hosts.nearest(origin.name) if count for each in group)
        for each in chain(level.hosts.same(origin.name), akin):
            if found := self.hosts.first(each.value, at, f"{each.name} beside it"):
                return found
        for each in level.providers.sharing(origin.name):
            for provider in self._providers(each, at):
                if host := signatures.provider_host(provider):
                    return address(host, f"{each.name} beside it")
        return NOWHERE

    def of_entry(self, document: Document, origin: Entry) -> Address:
        """Siblings first, then those of the level above."""
        keys = origin.path
        for up in range(1, min(len(keys), LEVELS) + 1):
            if up > 1 and keys[-up].startswith("["):
                break  # what stands in another element of the list is about another model
            found = self._on_level(document, keys[:-up], origin)
            if found:
                return found
        for part in reversed(keys[:-1]):
            if host := signatures.provider_host(part):
                return address(host, f"below {part}")
        return NOWHERE

    def _on_level(self, document: Document, parent: Path, origin: Entry) -> Address | None:
        """The address that the entries below a key give; else the host of the provider that they name."""
        at = At(document.path, None, (), document)
        level = self._level(document).get(parent)
        for _, group in level.hosts.nearest(origin.path[-1]) if level else ():
            for each in group:
                found = self.hosts.first(each.value, at, f"{each.path[-1]} beside it")
                if found and each is not origin:
                    return found
        for each in level.listed[:MOST] if level else ():
            for provider in self._providers(each, at) if each is not origin else ():
                if host := signatures.provider_host(provider):
                    return address(host, f"the provider {provider} beside it")
        return None

    def _providers(self, given: Assignment | Entry, at: At) -> Iterator[str]:
        return (value.text for value in self.resolver.values(given.value, at) if value.known)

    def _scope(self, document: Document) -> dict[str, Level[Assignment]]:
        """What each scope of a document gives, made once."""
        if id(document) not in self._scopes:
            given = (each for each in document.assignments if not each.off)
            self._scopes[id(document)] = _levels(given, lambda each: each.scope)
        return self._scopes[id(document)]

    def _level(self, document: Document) -> dict[Path, Level[Entry]]:
        """What stands right below each key of a document, made once."""
        if id(document) not in self._levels:
            given = (each for each in document.entries if each.path and not each.off)
            self._levels[id(document)] = _levels(given, lambda each: each.path[:-1])
        return self._levels[id(document)]


def _levels(given: Iterable[T], key: Callable[[T], K]) -> dict[K, Level[T]]:
    by_key: dict[K, list[T]] = defaultdict(list)
    for each in given:
        by_key[key(each)].append(each)
    return {name: Level(those) for name, those in by_key.items()}


def _name(given: Assignment | Entry) -> str:
    return given.name if isinstance(given, Assignment) else given.path[-1]
