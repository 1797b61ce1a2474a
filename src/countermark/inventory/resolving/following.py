"""Names followed to what they stand for: through scopes, classes, imports, callers and tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from countermark.inventory import areas
from countermark.inventory.reading.expressions import (
    Call,
    Context,
    Either,
    Env,
    Expression,
    Item,
    Join,
    Many,
    Member,
    Module,
    Ref,
    Setting,
    Table,
    Text,
    Unknown,
)
from countermark.inventory.resolving.bindings import Bindings
from countermark.inventory.resolving.budget import Budget
from countermark.inventory.resolving.fields import Fields
from countermark.inventory.resolving.index import Index
from countermark.inventory.resolving.items import Items
from countermark.inventory.resolving.known import At, Thing, is_nothing
from countermark.inventory.resolving.roles import snake
from countermark.inventory.resolving.settings import Settings, Values
from countermark.inventory.resolving.vocabulary import ITSELF, PICKERS
from countermark.inventory.usage import State

MAX_VALUES = 24
MOST_FIELDS = 40
"""Fields of one name in a tree; a name that more of them have says nothing."""
GETTER = re.compile(r"get[A-Z]\w*")
"""The method that gives a property: ``getModel``."""
SHORTEST_FIELD = 3
"""Letters of a name; what is shorter may be anything."""
LONGEST_PATH = 4
"""Parts of a dotted name that may be one binding."""
OWNERS = frozenset(["self", "this", "cls", "super", "@"])


class Follower:
    """Follows names."""

    def __init__(self, index: Index, settings: Settings, values: Values, budget: Budget) -> None:
        self.index = index
        self.settings = settings
        self.values = values
        self.budget = budget
        self._kept: dict[tuple[str, str, tuple[str, ...]], list[Thing]] = {}
        self.bindings = Bindings(index, settings, values)
        self.fields = Fields(index, self.bindings)
        self.items = Items(self)

    def things(self, expression: Expression, at: At) -> list[Thing]:
        """What a name, an entry, an attribute or a call stands for."""
        with self.budget.step((id(expression), at.path, (*at.scope, "things"))) as room:
            return self._things(expression, at)[:MAX_VALUES] if room else []

    def _things(self, expression: Expression, at: At) -> list[Thing]:
        match expression:
            case Ref():
                return self._ref(expression, at)
            case Item():
                return self.items.of(expression, at)
            case Member():
                found = [
                    t
                    for owner in self.owners(expression.of, at)
                    for t in self.attribute(owner, expression.path)
                ]
                return found or self.by_field(Ref(("", *expression.path), expression.line), at)
            case Call():
                return self._call(expression, at)
            case Either():
                return [
                    replace(t, state=t.state or (State.FALLBACK if n and expression.ordered else None))
                    for n, option in enumerate(expression.options)
                    for t in self.things(option, at)
                ]
            case _:
                return [Thing(expression, at)]

    def owners(self, expression: Expression, at: At) -> list[Thing]:
        """The owner of an attribute or an entry."""
        if isinstance(expression, Call):
            return [*self._call(expression, at), Thing(expression, at)]
        return self.things(expression, at)

    def _call(self, call: Call, at: At) -> list[Thing]:
        """What an own function gives back; the call itself where it makes an object or is not ours."""
        function = call.function
        if isinstance(function, Member) and function.path[-1] in ITSELF:
            return self.things(function.of, at)
        if not isinstance(function, Ref):
            return [Thing(call, at)]
        name = function.path[-1]
        if name in ITSELF and len(function.path) > 1:
            return self.things(Ref(function.path[:-1], function.line), at)
        if GETTER.fullmatch(name) and not call.args and len(function.path) > 1:
            field = name[3].lower() + name[4:]  # the getter of a property
            return self.things(Ref((*function.path[:-1], field), function.line), at)
        if snake(name) in PICKERS:
            return self._picked(call, at)
        given = self._returned(function, at)
        return given or [Thing(call, at)]

    def _picked(self, call: Call, at: At) -> list[Thing]:
        """What a control of a page shows first: the value it is given, else the first of its options."""
        given = [value for name, value in call.kwargs if name in ("value", "default")]
        lists = [v for n, v in call.kwargs if n in ("options", "choices")] + list(call.args[1:2])
        options = [t for value in lists for t in self.things(value, at) if isinstance(t.expression, Many)]
        start = dict(call.kwargs).get("index")
        nth = int(start.source) if isinstance(start, Unknown) and start.source.isdigit() else 0
        first = [
            Thing(o.expression.items[nth], o.at)
            for o in options
            if isinstance(o.expression, Many) and len(o.expression.items) > nth
        ]
        return (
            [Thing(value, at, why="the value shown first") for value in given] or first or [Thing(call, at)]
        )

    def _returned(self, function: Ref, at: At) -> list[Thing]:
        found: list[Thing] = []
        for module, back in self.index.returns.get(function.path[-1], ())[:MAX_VALUES]:
            ours = (
                at.module is module
                or len(function.path) > 1
                or self._is_imported(at, function.path[0], module)
            )
            if not ours or Context.TEST in back.contexts:
                continue
            where = At(module.path, module, back.name)
            state, why = self.bindings.standing(back, where)
            if isinstance(back.value, Unknown):
                continue
            if isinstance(back.value, Call):
                found += [replace(t, state=t.state or state) for t in self.things(back.value, where)]
            else:
                found.append(Thing(back.value, where, state, why))
        return found

    def _is_imported(self, at: At, name: str, module: Module) -> bool:
        if at.module is None:
            return False
        return at.module.language == "go" or any(
            m is module for m, _ in self.index.imports.of(at.module, name)
        )

    def _ref(self, ref: Ref, at: At) -> list[Thing]:
        """A name; nothing where that is being asked already."""
        key = ("".join(f"{part}." for part in ref.path), at.path, at.scope)
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        before, self.budget.cut = self.budget.cut, False
        with self.budget.step((hash(ref.path), at.path, (*at.scope, "ref"))) as room:
            found = self._named(ref, at)[:MAX_VALUES] if room else []
        if not self.budget.cut:
            self._kept[key] = found
        self.budget.cut |= before
        return found

    def _named(self, ref: Ref, at: At) -> list[Thing]:
        """A name, from the innermost scope outwards, then what is imported, then any field so called."""
        path = ref.path
        if path[0] in OWNERS and len(path) > 1:
            found = self._own(path[1:], at)
            return found or self.by_field(ref, at)
        for cut in range(min(len(path), LONGEST_PATH), 0, -1):
            local = self._local(path[:cut], at)
            if local:
                found = [t for thing in local for t in self.attribute(thing, path[cut:])]
                if found or cut == 1:
                    return found or self.by_field(ref, at)
        found = self._parameter(path, at)
        if found:
            return found
        return self._elsewhere(ref, at) or self.by_field(ref, at)

    def _elsewhere(self, ref: Ref, at: At) -> list[Thing]:
        """Through the imports; or a class of that name."""
        path = ref.path
        found: list[Thing] = []
        if at.module is not None:
            for module, inner in self.index.imports.of(at.module, path[0]):
                wanted = (*inner, *path[1:])
                if wanted:
                    found += self._ref(Ref(wanted, ref.line), At(module.path, module))
        if not found and len(path) > 1 and path[-2] in self.index.classes:
            found = self.fields.of(path[-2], path[-1])
        return found

    def _local(self, path: tuple[str, ...], at: At) -> list[Thing]:
        """Bindings of a name in the scopes around it."""
        for depth in range(len(at.scope), -1, -1):
            name = (*at.scope[:depth], *path)
            bindings = self.index.full.get((at.path, name))
            if bindings:
                return self.bindings.chosen(bindings, at, depth)
        return []

    def _own(self, path: tuple[str, ...], at: At) -> list[Thing]:
        """A field of the class around, or of one that it is derived from."""
        for depth in range(len(at.scope), -1, -1):
            bindings = self.index.full.get((at.path, (*at.scope[:depth], path[0])), ())
            own = [binding for binding in bindings if binding.field]
            if not own:
                continue
            chosen = self.bindings.chosen(own, at, depth)
            derived = self.fields.derived(at.scope[depth - 1] if depth else "", path[0])
            if derived:
                chosen = [
                    replace(t, state=t.state or State.FALLBACK, why="derived classes set it") for t in chosen
                ]
            found = [t for thing in (*derived, *chosen) for t in self.attribute(thing, path[1:])]
            if found:
                return found
        return [t for thing in self.fields.inherited(at, path[0]) for t in self.attribute(thing, path[1:])]

    def attribute(self, thing: Thing, path: Sequence[str]) -> list[Thing]:
        """An attribute of what a name stands for."""
        if not path:
            return [thing]
        key = (id(thing.expression), thing.at.path, (*thing.at.scope, ".", *path))
        with self.budget.step(key) as room:
            return self._attribute_of(thing, path) if room else []

    def _attribute_of(self, thing: Thing, path: Sequence[str]) -> list[Thing]:
        found: list[Thing] = []
        match thing.expression:
            case Text() | Env() | Setting() | Join() if path[0] in ITSELF:
                found = [thing]
            case Ref():
                found = self._ref(Ref((*thing.expression.path, *path), thing.expression.line), thing.at)
            case Call():
                found = self.made(thing.expression, thing.at, path)
            case Table():
                found = [
                    t
                    for value in self.items.entry(thing.expression, path[0])
                    for t in self.attribute(Thing(value, thing.at), path[1:])
                ]
            case Either():
                found = [
                    t
                    for option in thing.expression.options
                    for t in self.attribute(Thing(option, thing.at), path)
                ]
            case Item():
                found = [
                    t
                    for inner in self.things(thing.expression, thing.at)
                    for t in self.attribute(inner, path)
                ]
        return [replace(t, state=t.state or thing.state, why=t.why or thing.why) for t in found]

    def made(self, call: Call, at: At, path: Sequence[str]) -> list[Thing]:
        """An attribute of an object: what it was made with, or a field of its class."""
        given = [value for name, value in call.kwargs if snake(name) == snake(path[0])]
        given += [
            value
            for argument in call.args
            if isinstance(argument, Table)
            for value in self.items.entry(argument, path[0])
        ]
        if given:
            return [t for value in given for t in self.attribute(Thing(value, at), path[1:])]
        function = call.function
        name = function.path[-1] if isinstance(function, Ref | Member) else ""
        own = self.fields.of(name, path[0]) if name else []
        if not own and isinstance(function, Ref):
            inner = self._returned(function, at)
            return [t for thing in inner for t in self.attribute(thing, path)]
        return [t for thing in own for t in self.attribute(thing, path[1:])]

    def _parameter(self, path: tuple[str, ...], at: At) -> list[Thing]:
        """A parameter without a default: what the callers pass."""
        if at.module is None:
            return []
        for depth in range(len(at.scope), 0, -1):
            function = at.scope[:depth]
            names = at.module.parameters.get(function, ())
            if path[0] in names:
                return [
                    t
                    for value, where in self.bindings.passed(function, path[0], names)
                    for t in self.attribute(Thing(value, where), path[1:])
                ]
        return []

    def by_field(self, ref: Ref, at: At) -> list[Thing]:
        """Any field, setting or variable of that name, where the owner is not known."""
        name = ref.path[-1]
        held = self.index.bindings.get(name, ())
        if not ref.path[1:] or len(name) < SHORTEST_FIELD or len(held) > MOST_FIELDS:
            return []  # too little to go by, or too much
        found = [
            Thing(
                self.bindings.filled(b, At(m.path, m)),
                At(m.path, m, b.name[:-1]),
                *self.bindings.standing(b, At(m.path, m)),
                b,
            )
            for m, b in held
            if (b.field or len(b.name) == 1)
            and areas.of(m.path) is None
            and not (m is at.module and b.line == ref.line)
        ]
        found = [thing for thing in found if not is_nothing(thing.expression)]
        found = _of_this_environment(found)
        holders = {thing.at.scope[-1:] for thing in found}
        if found and len(holders) == 1:
            return found
        made = [Thing(value, where) for value, where in self.index.made.get(name, ())]
        if made and not found:
            return made
        path = tuple(part for part in ref.path[1:] if part not in OWNERS)
        return self.entries(path[-2:])

    def entries(self, path: Sequence[str]) -> list[Thing]:
        """The entries of configuration files under a path."""
        return [
            Thing(entry.value, At(document.path, None, (), document), state, why, entry=entry)
            for document, entry, state, why in self.settings.entries(path)
        ]


def _of_this_environment(found: list[Thing]) -> list[Thing]:
    """What stands in the files of another environment is off, where others give it too."""
    if all(areas.is_for_development(thing.at.path) for thing in found):
        return found
    return [
        replace(t, state=State.OFF, why="of another environment")
        if t.state is None and areas.is_for_development(t.at.path)
        else t
        for t in found
    ]
