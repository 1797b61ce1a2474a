"""Usages out of constants, fields and defaults that no call was followed to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from countermark.inventory import areas, names
from countermark.inventory.reading.expressions import (
    Binding,
    Call,
    Context,
    Either,
    Env,
    Item,
    Join,
    Many,
    Module,
    Setting,
    Table,
    Text,
)
from countermark.inventory.resolving.finds import Find, Finds, has_marks, is_id, several
from countermark.inventory.resolving.from_tables import SEVERAL, Tables
from countermark.inventory.resolving.hosts import NOWHERE, Address, address, speaks
from countermark.inventory.resolving.known import SO, At, Known, Standing
from countermark.inventory.resolving.neighbours import Neighbours
from countermark.inventory.resolving.roles import Role, hinted, role, snake
from countermark.inventory.resolving.vocabulary import FALLBACKS, LISTS
from countermark.inventory.usage import Place, State

Scope = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """A binding, where it stands, and what its place says of it."""

    binding: Binding
    at: At
    module: Module
    standing: Standing

    @property
    def name(self) -> str:
        """The last part of its name."""
        return self.binding.name[-1]

    @property
    def scope(self) -> Scope:
        """What it is bound in."""
        return self.binding.name[:-1]

    @property
    def role(self) -> Role:
        """What its name says of its value."""
        return role(self.name)


class Bound:
    """Looks at every binding of a module."""

    def __init__(self, finds: Finds) -> None:
        self.finds = finds
        self.index = finds.index
        self.bindings = finds.resolver.bindings
        self.tables = Tables(finds)
        self._ids: dict[str, Counter[Scope]] = {}
        self._hosts: dict[tuple[str, Scope], Neighbours[Binding]] = {}

    def module(self, module: Module) -> None:
        """Each constant, field or default that names a model."""
        for binding in module.bindings:
            if role(binding.name[-1]) is Role.HOST:
                continue
            at = At(module.path, module, binding.name[:-1])
            spot = Spot(binding, at, module, self._standing(binding, at))
            if isinstance(binding.value, Text | Env | Setting | Join | Either | Item):
                self._value(spot)
            elif isinstance(binding.value, Table | Many | Call):
                self.tables.table(binding.value, at, spot.standing[0], snake(spot.name))

    def _standing(self, binding: Binding, at: At) -> Standing:
        """What the place of a binding says of it."""
        area = areas.of(at.path)
        state, why = (area, f"in {at.path}") if area else SO
        if Context.TEST in binding.contexts:
            state = State.TEST
        elif state is None:
            state, why = self.bindings.standing(binding, at)
        if Context.CHOICE in binding.contexts:
            return state or State.CATALOGUE, "one of the values to choose from"
        return state, why

    def _value(self, spot: Spot) -> None:
        is_list = spot.role is Role.MODEL or LISTS.search(snake(spot.name)) is not None
        for value in self.finds.resolver.values(self.bindings.filled(spot.binding, spot.at), spot.at):
            if (value.place.path, value.place.line, value.text) in self.finds.taken or not value.known:
                continue
            for text in several(value.text) if is_list else [value.text]:
                if _names_a_model(text, spot):
                    self._add(spot, value, text)

    def _add(self, spot: Spot, value: Known, text: str) -> None:
        state, why = spot.standing if spot.standing[0] is not None else self._constant(spot)
        where = self.finds.beside(text, self.finds.neighbours.of(value))
        if not where.host:
            where = self._neighbour(spot)
        shown = Place(spot.at.path, spot.binding.line, what=".".join(spot.binding.name))
        self.finds.add(
            Find(replace(value, text=text), where, state=state, why=(why,), spots=(shown,), hint=spot.name)
        )

    def _constant(self, spot: Spot) -> Standing:
        """What a constant is that calls were not followed to."""
        name, references = spot.name, self.index.references
        if FALLBACKS.search(snake(name)):
            return State.FALLBACK, name
        count = self._count(spot)
        is_alone = count < SEVERAL and name in references
        if spot.role is not Role.MODEL and not hinted(name) and not is_alone:
            return State.CATALOGUE, f"a constant called {name}"
        if count >= SEVERAL and spot.role is not Role.MODEL:
            return State.CATALOGUE, f"one of {count} constants"
        return self._unused(spot) or SO

    def _unused(self, spot: Spot) -> Standing | None:
        """Whether nothing refers to a constant, or calls the function whose default it is."""
        binding, references = spot.binding, self.index.references
        parameters = spot.module.parameters.get(spot.scope)
        if parameters is not None:
            is_called = spot.name not in parameters or binding.name[-2] in references
            return None if is_called else (State.STALE, f"nothing calls {binding.name[-2]}")
        if not binding.field and isinstance(binding.value, Text) and spot.name not in references:
            return State.STALE, f"nothing refers to {spot.name}"
        return None

    def _count(self, spot: Spot) -> int:
        """How many constants of the same place hold ids."""
        path = spot.module.path
        if path not in self._ids:
            self._ids[path] = Counter(
                binding.name[:-1]
                for binding in spot.module.bindings
                if isinstance(binding.value, Text) and names.parse(binding.value.value) is not None
            )
        return self._ids[path][spot.scope]

    def _neighbour(self, spot: Spot) -> Address:
        """A host beside a constant or a field, by the words that their names share."""
        key = (spot.module.path, spot.scope)
        if key not in self._hosts:
            beside = ((each.name[-1], each) for each in self.index.siblings.get(key, ()))
            self._hosts[key] = Neighbours((name, each) for name, each in beside if role(name) is Role.HOST)
        for common, group in self._hosts[key].nearest(spot.name):
            found = [
                host
                for each in group
                for host in self.finds.hosts.of(self.bindings.filled(each, spot.at), spot.at)[:1]
                if common or speaks(host)
            ]
            if found:
                return address(min(found), "beside it")
        return NOWHERE


def _names_a_model(text: str, spot: Spot) -> bool:
    """Whether the text of a binding is a model: by its grammar, or by what it is called."""
    if names.parse(text) is not None:
        return True
    if spot.role is not Role.MODEL or not is_id(text) or not has_marks(text):
        return False
    is_set = spot.binding.field or spot.name.isupper() or isinstance(spot.binding.value, Env)
    return is_set and hinted(spot.name)
