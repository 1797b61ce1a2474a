"""Values: what an expression is when the deployment starts as its files stand."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from countermark.inventory import areas
from countermark.inventory.reading.expressions import (
    Assignment,
    Binding,
    Call,
    Context,
    Document,
    Either,
    Entry,
    Env,
    Expression,
    Guard,
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
from countermark.inventory.resolving.index import Index
from countermark.inventory.resolving.roles import snake
from countermark.inventory.usage import Place, State

MAX_VALUES = 24
MAX_DEPTH = 24
MAX_STEPS = 3_000
"""Of one question; a tree that needs more is not decided."""
ITSELF = frozenset(["value", "name", "strip", "trim", "toString", "lower", "as_str", "clone", "String"])
"""Attributes that give the thing again."""
FALSE = frozenset(["false", "0", "no", "off", "none", "null", "nil", "", "disabled"])
TRUE = frozenset(["true", "1", "yes", "on", "enabled"])
OWNERS = frozenset(["self", "this", "cls", "super", "@"])
WORST = (State.OFF, State.STALE, State.CATALOGUE, State.FALLBACK, State.DOCUMENTED, State.TEST)
RANKS = {"dockerfile": 1, "env": 2, "shell": 3}
COMPOSED = 4


@dataclass(frozen=True, slots=True)
class At:
    """Where an expression stands."""

    path: str
    module: Module | None = None
    scope: tuple[str, ...] = ()
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """One value that an expression may have; or, without a text, that it is not known."""

    text: str
    place: Place
    known: bool = True
    expression: str = ""
    """How it is written, where it is not known."""
    state: State | None = None
    """What the way to it says of it; None where it is simply so."""
    way: tuple[Place, ...] = ()
    why: tuple[str, ...] = ()
    source: tuple[Document, Assignment | Entry] | None = None
    """The setting or variable that it came from: its neighbours tell the host."""

    def under(self, state: State | None, why: str = "") -> Known:
        """The same value, found on a way that says more of it."""
        if state is None:
            return self
        worst = min((s for s in (self.state, state) if s), key=WORST.index)
        return replace(self, state=worst, why=(*self.why, why) if why else self.why)


@dataclass(frozen=True, slots=True)
class Thing:
    """What a name stands for: an expression, where it stands, and what the way to it says."""

    expression: Expression
    at: At
    state: State | None = None
    why: str = ""
    binding: Binding | None = None


class Resolver:
    """Answers what expressions are, from the whole tree."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._active: set[tuple[int, str, tuple[str, ...]]] = set()
        self._steps = 0
        self._depth = 0
        self._guards: dict[tuple[int, str], bool | None] = {}

    def values(self, expression: Expression, at: At) -> list[Known]:
        """What it may be: what is simply so first. Never empty: what is not known is said."""
        if not self._active:
            self._steps = 0
        key = (id(expression), at.path, at.scope)
        self._steps += 1
        if key in self._active or len(self._active) > MAX_DEPTH or self._steps > MAX_STEPS:
            return [_unknown(expression, at)]
        self._active.add(key)
        try:
            found = self._values(expression, at)
        finally:
            self._active.discard(key)
        unique = list({(k.text, k.known, k.state, k.place, k.expression): k for k in found}.values())
        return unique[:MAX_VALUES] or [_unknown(expression, at)]

    def _values(self, expression: Expression, at: At) -> list[Known]:
        match expression:
            case Text():
                return [Known(expression.value, Place(at.path, expression.line))]
            case Env():
                return self._environment(expression, at)
            case Setting():
                return self._setting(expression, at)
            case Join():
                return self._join(expression, at)
            case Either():
                return self._either(expression, at)
            case Ref() | Item() | Member() | Call():
                return self._followed(expression, at)
            case _:
                return [_unknown(expression, at)]

    def _followed(self, expression: Expression, at: At) -> list[Known]:
        found: list[Known] = []
        for thing in self.things(expression, at):
            if isinstance(thing.expression, Call | Table | Many):
                continue
            line = getattr(expression, "line", 0)
            for value in self.values(thing.expression, thing.at):
                known = value.under(thing.state, thing.why)
                found.append(replace(known, way=(*known.way, Place(at.path, line))[:4]))
        return _settled(found)

    def things(self, expression: Expression, at: At) -> list[Thing]:
        """What a name, an entry, an attribute or a call stands for."""
        self._steps += 1
        key = (id(expression), at.path, (*at.scope, "things"))
        if key in self._active or len(self._active) > MAX_DEPTH or self._steps > MAX_STEPS:
            return []
        self._active.add(key)
        try:
            return self._things(expression, at)[:MAX_VALUES]
        finally:
            self._active.discard(key)

    def _things(self, expression: Expression, at: At) -> list[Thing]:
        match expression:
            case Ref():
                return self._ref(expression, at)
            case Item():
                return self._item(expression, at)
            case Member():
                found = [
                    t
                    for owner in self._of(expression.of, at)
                    for t in self._attribute(owner, expression.path)
                ]
                return found or self._by_field(Ref(("", *expression.path), expression.line), at)
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

    def _of(self, expression: Expression, at: At) -> list[Thing]:
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
        given = self._returned(function, at)
        return given or [Thing(call, at)]

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
            state, why = self._standing(back, where)
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
        return at.module.language == "go" or any(m is module for m, _ in self.index.imported(at.module, name))

    def _ref(self, ref: Ref, at: At) -> list[Thing]:
        """A name, from the innermost scope outwards, then what is imported, then any field so called."""
        path = ref.path
        if path[0] in OWNERS and len(path) > 1:
            found = self._own(path[1:], at)
            return found or self._by_field(ref, at)
        for cut in range(min(len(path), 4), 0, -1):
            local = self._local(path[:cut], at)
            if local:
                found = [t for thing in local for t in self._attribute(thing, path[cut:])]
                if found or cut == 1:
                    return found or self._by_field(ref, at)
        found = self._parameter(path, at)
        if found:
            return found
        return self._elsewhere(ref, at) or self._by_field(ref, at)

    def _elsewhere(self, ref: Ref, at: At) -> list[Thing]:
        """Through the imports; or a class of that name."""
        path = ref.path
        found: list[Thing] = []
        if at.module is not None:
            for module, inner in self.index.imported(at.module, path[0]):
                wanted = (*inner, *path[1:])
                if wanted:
                    found += self._ref(Ref(wanted, ref.line), At(module.path, module))
        if not found and len(path) > 1 and path[-2] in self.index.classes:
            found = self._field(path[-2], path[-1])
        return found

    def _local(self, path: tuple[str, ...], at: At) -> list[Thing]:
        """Bindings of a name in the scopes around it."""
        for depth in range(len(at.scope), -1, -1):
            name = (*at.scope[:depth], *path)
            bindings = self.index.full.get((at.path, name))
            if bindings:
                return self._chosen(bindings, at, depth)
        return []

    def _own(self, path: tuple[str, ...], at: At) -> list[Thing]:
        """A field of the class around, or of one that it is derived from."""
        for depth in range(len(at.scope), -1, -1):
            bindings = self.index.full.get((at.path, (*at.scope[:depth], path[0])))
            if bindings and any(b.field for b in bindings):
                chosen = self._chosen([b for b in bindings if b.field], at, depth)
                found = [t for thing in chosen for t in self._attribute(thing, path[1:])]
                if found:
                    return found
        for name in reversed(at.scope):
            for base in at.module.bases.get(name, ()) if at.module else ():
                found = self._field(base.rpartition(".")[2], path[0])
                if found:
                    return [t for thing in found for t in self._attribute(thing, path[1:])]
        return []

    def _field(self, owner: str, name: str, depth: int = 0) -> list[Thing]:
        """A field of a class, wherever the class stands."""
        found: list[Thing] = []
        for module in self.index.classes.get(owner, ())[:4]:
            bindings = [
                b
                for m, b in self.index.bindings.get(name, ())
                if m is module and b.name[-2:] == (owner, name)
            ]
            if bindings:
                scope = bindings[0].name[:-1]
                found += self._chosen(bindings, At(module.path, module, scope), len(scope))
            elif depth < 4:  # noqa: PLR2004 - a chain of classes
                for base in module.bases.get(owner, ()):
                    found += self._field(base.rpartition(".")[2], name, depth + 1)
        return found

    def _chosen(self, bindings: Sequence[Binding], at: At, depth: int) -> list[Thing]:
        """Of several bindings of one name those that hold, each with its standing."""
        found: list[Thing] = []
        plain = [b for b in bindings if not b.guards and not b.contexts & {Context.HANDLER, Context.DEAD}]
        last = next((b for b in reversed(plain) if not _is_nothing(b.value)), None)
        for binding in bindings:
            if _is_nothing(binding.value) and len(bindings) > 1:
                continue
            where = At(at.path, at.module, binding.name[:-1] if depth else ())
            state, why = self._standing(binding, where)
            if state is None and binding in plain and binding is not last and last is not None:
                if binding.name[-1:] == last.name[-1:] and not _mentions(last.value, binding.name[-1]):
                    state, why = State.STALE, f"overwritten in line {last.line}"
            found.append(Thing(self._filled(binding, at), where, state, why, binding))
        return found

    def _filled(self, binding: Binding, at: At) -> Expression:
        """The value of a field; that of a settings class can come from the environment."""
        if binding.alias and binding.alias.upper() == binding.alias:
            return binding.value if isinstance(binding.value, Env) else _env(binding.alias, binding)
        if binding.alias and "." in binding.alias:
            return Setting(tuple(binding.alias.split(".")), binding.line, _default(binding))
        prefix = self._prefix(binding, at)
        if prefix is not None and not isinstance(binding.value, Env | Call | Table):
            return _env(prefix + binding.name[-1].upper(), binding)
        return binding.value

    def _prefix(self, binding: Binding, at: At) -> str | None:
        """The prefix of the variables that fill a settings class; None where it is no such class."""
        if at.module is None or len(binding.name) < 2 or not binding.field:  # noqa: PLR2004 - class and field
            return None
        pending, seen = [(at.module, binding.name[-2])], set()
        while pending and len(seen) < 12:  # noqa: PLR2004 - a chain of classes
            module, name = pending.pop(0)
            if name in seen:
                continue
            seen.add(name)
            if name in module.settings_classes:
                return module.settings_classes[name]
            for base in module.bases.get(name, ()):
                last = base.rpartition(".")[2]
                pending += [(m, last) for m in self.index.classes.get(last, ())[:3]]
        return None

    def _standing(self, binding: Binding, at: At) -> tuple[State | None, str]:
        """What the place of a binding says of it."""
        if Context.DEAD in binding.contexts:
            return State.STALE, "nothing runs this line"
        if Context.OFF in binding.contexts:
            return State.OFF, "below a switch that is off"
        for guard in binding.guards:
            holds = self.holds(guard, at)
            if holds is False:
                state = State.CATALOGUE if guard.equals else State.OFF
                return state, "its condition does not hold with the settings as they are"
        if Context.HANDLER in binding.contexts:
            return State.FALLBACK, "in the handler of an error"
        return None, ""

    def holds(self, guard: Guard, at: At) -> bool | None:
        """Whether a condition holds; None where the tree does not decide it."""
        key = (id(guard), at.path)
        if key not in self._guards:
            self._guards[key] = None
            self._guards[key] = self._holds(guard, at)
        return self._guards[key]

    def _holds(self, guard: Guard, at: At) -> bool | None:
        effective = [v for v in self.values(guard.test, at) if v.state is None]
        texts = {(v.text if v.known else v.expression).strip().lower() for v in effective}
        decided = all(v.known or v.expression in ("True", "False", "true", "false") for v in effective)
        if not effective or not decided:
            return None
        if guard.equals:
            wanted = {text.lower() for text in guard.equals}
            return bool(texts & wanted) == guard.holds
        if texts <= FALSE:
            return not guard.holds
        return guard.holds if texts <= TRUE else None

    def _attribute(self, thing: Thing, path: Sequence[str]) -> list[Thing]:
        """An attribute of what a name stands for."""
        if not path:
            return [thing]
        found: list[Thing] = []
        match thing.expression:
            case Text() | Env() | Setting() | Join() if path[0] in ITSELF:
                found = [thing]
            case Ref():
                found = self._ref(Ref((*thing.expression.path, *path), thing.expression.line), thing.at)
            case Call():
                found = self._made(thing.expression, thing.at, path)
            case Table():
                found = [
                    t
                    for key, value in thing.expression.entries
                    if isinstance(key, Text) and key.value == path[0]
                    for t in self._attribute(Thing(value, thing.at), path[1:])
                ]
            case Either():
                found = [
                    t
                    for option in thing.expression.options
                    for t in self._attribute(Thing(option, thing.at), path)
                ]
            case Item():
                found = [
                    t
                    for inner in self.things(thing.expression, thing.at)
                    for t in self._attribute(inner, path)
                ]
        return [replace(t, state=t.state or thing.state, why=t.why or thing.why) for t in found]

    def _made(self, call: Call, at: At, path: Sequence[str]) -> list[Thing]:
        """An attribute of an object: what it was made with, or a field of its class."""
        given = [value for name, value in call.kwargs if snake(name) == snake(path[0])]
        given += [
            value
            for argument in call.args
            if isinstance(argument, Table)
            for key, value in argument.entries
            if isinstance(key, Text) and key.value == path[0]
        ]
        if given:
            return [t for value in given for t in self._attribute(Thing(value, at), path[1:])]
        function = call.function
        name = function.path[-1] if isinstance(function, Ref | Member) else ""
        own = self._field(name, path[0]) if name else []
        if not own and isinstance(function, Ref):
            inner = self._returned(function, at)
            return [t for thing in inner for t in self._attribute(thing, path)]
        return [t for thing in own for t in self._attribute(thing, path[1:])]

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
                    for value, where in self._passed(function, path[0], names)
                    for t in self._attribute(Thing(value, where), path[1:])
                ]
        return []

    def _passed(
        self, function: tuple[str, ...], name: str, names: Sequence[str]
    ) -> Iterator[tuple[Expression, At]]:
        """What is passed for a parameter, at each call of the function."""
        called = (
            function[-2]
            if function[-1] in ("__init__", "constructor") and len(function) > 1
            else function[-1]
        )
        position = list(names).index(name)
        for module, site in self.index.calls.get(called, ())[:MAX_VALUES]:
            if Context.TEST in site.contexts or areas.of(module.path) is not None:
                continue
            given = dict(site.call.kwargs).get(name)
            if given is None and position < len(site.call.args):
                given = site.call.args[position]
            if given is not None:
                yield given, At(module.path, module, site.scope)

    def _by_field(self, ref: Ref, at: At) -> list[Thing]:
        """Any field, setting or variable of that name, where the owner is not known."""
        name = ref.path[-1]
        if len(ref.path) < 2 or len(name) < 3:  # noqa: PLR2004 - too little to go by
            return []
        found = [
            Thing(
                self._filled(b, At(m.path, m)),
                At(m.path, m, b.name[:-1]),
                *self._standing(b, At(m.path, m)),
                b,
            )
            for m, b in self.index.bindings.get(name, ())
            if (b.field or len(b.name) == 1)
            and areas.of(m.path) is None
            and not _is_nothing(b.value)
            and not (m is at.module and b.line == ref.line)
        ]
        holders = {thing.at.scope[-1:] for thing in found}
        if found and len(holders) == 1:
            return found
        path = tuple(part for part in ref.path[1:] if part not in OWNERS)
        return [Thing(entry.value, At(d.path, None, (), d)) for d, entry in self._entries(path[-2:])]

    def _item(self, item: Item, at: At) -> list[Thing]:
        """An entry of a table; of settings that were loaded, where it is no table that stands there."""
        keys = [v for v in self.values(item.key, at) if v.known and v.state is None]
        found: list[Thing] = []
        tables = 0
        for owner in self._of(item.of, at):
            if isinstance(owner.expression, Table):
                tables += 1
                found += self._entry(owner.expression, owner.at, keys)
            elif isinstance(owner.expression, Many) and not keys:
                found += [Thing(each, owner.at) for each in owner.expression.items]
            elif isinstance(owner.expression, Call) and keys:
                found += self._made(owner.expression, owner.at, (keys[0].text,))
        if not found and not tables:
            path = self._key_path(item, at)
            found = [Thing(e.value, At(d.path, None, (), d)) for d, e in self._entries(path)] if path else []
        if item.default is not None:
            state = State.FALLBACK if any(t.state is None for t in found) else None
            found.append(
                Thing(item.default, at, state, "the default of a setting that is given" if state else "")
            )
        return found

    @staticmethod
    def _entry(table: Table, at: At, keys: Sequence[Known]) -> list[Thing]:
        wanted = {key.text for key in keys}
        if wanted:
            return [
                Thing(value, at)
                for key, value in table.entries
                if isinstance(key, Text) and key.value in wanted
            ]
        return [Thing(value, at, State.CATALOGUE, "one entry of a table") for _, value in table.entries]

    def _key_path(self, item: Item, at: At) -> tuple[str, ...]:
        """The keys of ``config["a"]["b"]``."""
        keys: list[str] = []
        node: Expression = item
        while isinstance(node, Item):
            values = [v for v in self.values(node.key, at) if v.known]
            if len(values) != 1:
                return ()
            keys.append(values[0].text)
            node = node.of
        return tuple(reversed(keys))

    def _entries(self, path: Sequence[str]) -> list[tuple[Document, Entry]]:
        """The entries of configuration files under a path, or under the end of one."""
        if not path:
            return []
        wanted = [snake(part) for part in path]
        found = [
            (d, e)
            for d, e in self.index.entries.get(wanted[-1], ())
            if areas.of(d.path) is None and not e.off and _ends(e.path, wanted)
        ]
        plain = [(d, e) for d, e in found if not is_template(d.path)]
        return (plain or found)[:MAX_VALUES]

    def _setting(self, setting: Setting, at: At) -> list[Known]:
        found: list[Known] = []
        for document, entry in self._entries(setting.path):
            if entry.value is setting:
                continue
            where = At(document.path, None, (), document)
            found += [
                replace(v, source=v.source or (document, entry)) for v in self.values(entry.value, where)
            ]
        for bound in self.index.full.get((at.path, ("setting", *setting.path)), ()):
            found += [v.under(State.FALLBACK if found else None) for v in self.values(bound.value, at)]
        if setting.default is not None:
            state = State.FALLBACK if any(v.known and v.state is None for v in found) else None
            found += [v.under(state, "a setting overrides it") for v in self.values(setting.default, at)]
        return _settled(found) or [_unknown(setting, at)]

    def _environment(self, env: Env, at: At) -> list[Known]:
        """A variable: what the tree sets it to, else the default; templates count where nothing else does."""
        ranked: list[tuple[int, Known]] = []
        templates: list[Known] = []
        for document, assignment in self._assignments(env.name, at):
            where = At(document.path, None, (), document)
            for value in self.values(assignment.value, where):
                known = replace(value, source=(document, assignment))
                if value.known and not value.text:
                    continue  # `X=`: not set
                if assignment.off:
                    ranked.append((0, known.under(State.OFF, assignment.off)))
                elif assignment.template or is_template(document.path):
                    templates.append(known)
                else:
                    ranked.append((RANKS.get(document.format, COMPOSED), known))
        top = max((rank for rank, k in ranked if k.known and k.state is None), default=0)
        found = [
            k if rank == top or not k.known else k.under(State.FALLBACK, f"{env.name} is set elsewhere")
            for rank, k in ranked
            if k.known or rank == top
        ]
        default = self.values(env.default, at) if env.default is not None else []
        known = any(d.known and d.state is None and d.text for d in default)
        found += [
            d.under(State.FALLBACK if top else None, f"{env.name} overrides it")
            for d in default
            if d.text or not top
        ]
        over = bool(top) or known
        found += [t.under(State.DOCUMENTED if over else None, "a template") for t in templates]
        return _settled(found) or [_unknown(env, at)]

    def _assignments(self, name: str, at: At) -> list[tuple[Document, Assignment]]:
        """Where a variable is given a value, the nearest ``.env`` only."""
        found = [
            (d, a)
            for d, a in self.index.variables.get(name.upper(), ())
            if areas.of(d.path) in (None, State.DOCUMENTED)
            and not (areas.of(d.path) and not (a.template or is_template(d.path)))
            and not (isinstance(a.value, Env) and a.value.name == name and a.value.default is None)
        ]
        if at.document is not None:  # an interpolation: `X: ${X:-d}` does not set what it reads
            found = [(d, a) for d, a in found if d is not at.document or d.format in ("shell", "env")]
            found = [(d, a) for d, a in found if RANKS.get(d.format, COMPOSED) < COMPOSED]
        files = [(d, a) for d, a in found if d.format == "env"]
        above = [(d, a) for d, a in files if at.path.startswith(_folder(d.path))]
        if above:
            depth = (
                max(len(_folder(d.path)) for d, _ in above if not a_template(d))
                if any(not a_template(d) for d, _ in above)
                else 0
            )
            found = [
                (d, a)
                for d, a in found
                if d.format != "env" or (a_template(d) or len(_folder(d.path)) == depth)
            ]
        return found[:MAX_VALUES]

    def _join(self, join: Join, at: At) -> list[Known]:
        """Every way in which the parts go together, as long as they are few."""
        built = [Known("", Place(at.path, join.line))]
        for part in join.parts:
            options = self.values(part, at)[:4]
            built = [_joined(one, option) for one in built for option in options][:16]
        return built

    def _either(self, either: Either, at: At) -> list[Known]:
        """The first that has a value is taken; the rest are what it falls back on."""
        found: list[Known] = []
        for option in either.options:
            values = self.values(option, at)
            settled = any(v.known and v.text and v.state is None for v in found) and either.ordered
            found += [
                v.under(State.FALLBACK, "only where another has no value") if settled else v for v in values
            ]
        return _settled([v for v in found if not v.known or v.text])


def is_template(path: str) -> bool:
    """Whether a file is one to copy first."""
    name = posixpath.basename(path).lower()
    return any(word in name for word in ("example", "sample", "template", ".dist", ".tmpl", ".tpl"))


def a_template(document: Document) -> bool:
    return is_template(document.path)


def _settled(found: Iterable[Known]) -> list[Known]:
    """Without what is not known, where something is."""
    found = list(found)
    known = [v for v in found if v.known]
    if any(v.state is None for v in known):
        return sorted(known, key=lambda v: v.state is not None)
    return sorted(found, key=lambda v: (v.state is not None, not v.known))


def _joined(left: Known, right: Known) -> Known:
    place = left.place if left.text or not right.known else right.place
    if left.known and right.known:
        return replace(
            left, text=left.text + right.text, place=place, state=left.state or right.state,
            why=left.why + right.why, source=left.source or right.source,
        )  # fmt: skip
    shown = (left.text if left.known else left.expression) + (
        right.text if right.known else f"{{{right.expression}}}"
    )
    return replace(left, text="", known=False, expression=shown)


def _unknown(expression: Expression, at: At) -> Known:
    match expression:
        case Env():
            shown = f"${{{expression.name}}}"
        case Setting():
            shown = ".".join(expression.path)
        case Ref():
            shown = ".".join(expression.path)
        case Unknown():
            shown = expression.source
        case Item(of=Ref(path=path)):
            shown = ".".join(path) + "[…]"
        case Call(function=Ref(path=path)):
            shown = ".".join(path) + "()"
        case _:
            shown = type(expression).__name__.lower()
    return Known("", Place(at.path, getattr(expression, "line", 0)), known=False, expression=shown)


def _is_nothing(value: Expression) -> bool:
    return (isinstance(value, Unknown) and value.source in ("None", "", "null", "undefined", "nil")) or (
        isinstance(value, Text) and not value.value
    )


def _mentions(value: Expression, name: str) -> bool:
    """Whether a value is made of the name's former one: ``x = x or "d"``."""
    match value:
        case Ref():
            return value.path[0] == name
        case Either():
            return any(_mentions(option, name) for option in value.options)
        case Join():
            return any(_mentions(part, name) for part in value.parts)
        case Item() | Member():
            return _mentions(value.of, name)
        case _:
            return False


def _env(name: str, binding: Binding) -> Env:
    return Env(name, binding.line, _default(binding))


def _default(binding: Binding) -> Expression | None:
    return None if isinstance(binding.value, Unknown) else binding.value


def _ends(path: Sequence[str], wanted: Sequence[str]) -> bool:
    keys = [snake(part) for part in path if not part.startswith("[")]
    return len(keys) >= len(wanted) and keys[len(keys) - len(wanted) :] == list(wanted)


def _folder(path: str) -> str:
    folder = posixpath.dirname(path)
    return f"{folder}/" if folder else ""
