"""Bindings of one name: which of them hold, and what fills a field."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from countermark.inventory import areas
from countermark.inventory.reading.expressions import (
    Binding,
    Call,
    Context,
    Either,
    Env,
    Expression,
    Guard,
    Item,
    Join,
    Member,
    Ref,
    Setting,
    Table,
    Text,
    Unknown,
)
from countermark.inventory.resolving.index import Index
from countermark.inventory.resolving.known import SO, At, Standing, Thing, is_nothing
from countermark.inventory.resolving.roles import snake
from countermark.inventory.resolving.settings import Settings, Values
from countermark.inventory.usage import State

MAX_VALUES = 24
LONGEST_LINE = 12
"""Classes that are derived from one another."""
MOST_CLASSES = 3
"""Of one name."""
LOADED = re.compile(r"(?:Options|Settings|Properties|Config(?:uration)?)$")
"""What is put behind the name of a section to make that of its class."""
FALSE = frozenset(["false", "0", "no", "off", "none", "null", "nil", "", "disabled"])
"""How settings say that something is off."""
TRUE = frozenset(["true", "1", "yes", "on", "enabled"])
"""How they say that it is on."""


class Bindings:
    """Chooses among bindings."""

    def __init__(self, index: Index, settings: Settings, values: Values) -> None:
        self.index = index
        self.settings = settings
        self.values = values
        self._guards: dict[tuple[int, str], bool | None] = {}

    def chosen(self, bindings: Sequence[Binding], at: At, depth: int) -> list[Thing]:
        """Of several bindings of one name those that hold, each with its standing."""
        found: list[Thing] = []
        last = next((b for b in reversed(bindings) if _is_plain(b) and not is_nothing(b.value)), None)
        for binding in bindings:
            if is_nothing(binding.value) and len(bindings) > 1:
                continue
            where = At(at.path, at.module, binding.within or (binding.name[:-1] if depth else ()))
            state, why = self.standing(binding, where)
            if state is None and last is not None and _is_overwritten(binding, last):
                state, why = State.STALE, f"overwritten in line {last.line}"
            passed, always = self._given(binding, at)
            found += passed
            if always and state is None:
                state, why = State.FALLBACK, "every caller passes another"
            found.append(Thing(self.filled(binding, at), where, state, why, binding))
        return found

    def _given(self, binding: Binding, at: At) -> tuple[list[Thing], bool]:
        """What callers pass where a parameter has a default, and whether all of them do."""
        function = binding.name[:-1]
        names = at.module.parameters.get(function, ()) if at.module is not None else ()
        if binding.name[-1] not in names or not function:
            return [], False
        passed = [Thing(value, where) for value, where in self.passed(function, binding.name[-1], names)]
        passed = [thing for thing in passed if not isinstance(thing.expression, Unknown)]
        callers = self.index.calls.get(_called(function), ())
        return passed, bool(passed) and len(passed) == len(callers)

    def passed(
        self, function: tuple[str, ...], name: str, names: Sequence[str]
    ) -> Iterator[tuple[Expression, At]]:
        """What is passed for a parameter, at each call of the function."""
        called = _called(function)
        position = list(names).index(name)
        for module, site in self.index.calls.get(called, ())[:MAX_VALUES]:
            if Context.TEST in site.contexts or areas.of(module.path) is not None:
                continue
            given = dict(site.call.kwargs).get(name)
            if given is None and position < len(site.call.args):
                given = site.call.args[position]
            if given is not None:
                yield given, At(module.path, module, site.scope)

    def filled(self, binding: Binding, at: At) -> Expression:
        """The value of a field; that of a settings class can come from the environment."""
        named = _by_alias(binding, at) or self._also_loaded(binding)
        if named is not None:
            return named
        prefix = self._prefix(binding, at)
        if prefix is not None and not isinstance(binding.value, Env | Call | Table):
            return _env(prefix + binding.name[-1].upper(), binding)
        if binding.field and is_nothing(binding.value):
            return self._loaded(binding)
        return binding.value

    def _also_loaded(self, binding: Binding) -> Expression | None:
        """A field with a default that a file of settings gives too, below the name of its class."""
        if not binding.field or not binding.name[:-1] or not isinstance(binding.value, Text):
            return None
        owner = LOADED.sub("", binding.name[-2])
        path = (owner, binding.alias or binding.name[-1])
        return Setting(path, binding.line, binding.value) if owner and self.settings.entries(path) else None

    def _loaded(self, binding: Binding) -> Expression:
        """A field without a value: from a file of settings, below the name of its class or anywhere."""
        key = binding.alias or binding.name[-1]
        for path in ((binding.name[-2], key), (key,)) if len(binding.name) > 1 else ((key,),):
            if self.settings.entries(path) or tuple(map(snake, path)) in self.index.defaults:
                return Setting(path, binding.line)
        variable = binding.name[-1].upper()
        return Env(variable, binding.line) if self.index.variables.get(variable) else binding.value

    def _prefix(self, binding: Binding, at: At) -> str | None:
        """The prefix of the variables that fill a settings class; None where it is no such class."""
        if at.module is None or not binding.name[:-1] or not binding.field:
            return None
        if at.module.language != "python":
            return None  # there the alias of a field says its whole path
        pending, seen = [(at.module, binding.name[-2])], set[str]()
        while pending and len(seen) < LONGEST_LINE:
            module, name = pending.pop(0)
            if name in seen:
                continue
            seen.add(name)
            if name in module.settings_classes:
                return module.settings_classes[name]
            for base in module.bases.get(name, ()):
                last = base.rpartition(".")[2]
                pending += [(m, last) for m in self.index.classes.get(last, ())[:MOST_CLASSES]]
        return None

    def standing(self, binding: Binding, at: At) -> Standing:
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
        return SO

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


def _called(function: tuple[str, ...]) -> str:
    """The name by which a function is called: that of the class, where it makes the objects."""
    makes = function[-1] in ("__init__", "constructor", "new") and len(function) > 1
    return function[-2] if makes else function[-1]


def _is_plain(binding: Binding) -> bool:
    """Whether a binding is made in any case."""
    return not binding.guards and not binding.contexts & {Context.HANDLER, Context.DEAD}


def _is_overwritten(binding: Binding, last: Binding) -> bool:
    """Whether the last binding of a name takes the place of another."""
    same = binding is not last and binding.name[-1:] == last.name[-1:]
    return same and _is_plain(binding) and not _mentions(last.value, binding.name[-1])


def _by_alias(binding: Binding, at: At) -> Expression | None:
    """What the alias of a field names: an option of the program, a variable, a setting."""
    alias = binding.alias
    if alias.startswith("-"):
        program = posixpath.splitext(posixpath.basename(at.path))[0]
        return _env(f"{program} {alias}", binding)
    if alias and alias.upper() == alias:
        return binding.value if isinstance(binding.value, Env) else _env(alias, binding)
    if "." in alias:
        return Setting(tuple(alias.split(".")), binding.line, _default(binding))
    return None


def _mentions(value: Expression, name: str) -> bool:
    """Whether a value is made of the name's former one: ``x = x or "d"``."""
    match value:
        case Ref():
            return value.path[0] == name
        case Either(options=parts) | Join(parts=parts):
            return any(_mentions(part, name) for part in parts)
        case Item() | Member():
            return _mentions(value.of, name)
        case _:
            return False


def _env(name: str, binding: Binding) -> Env:
    return Env(name, binding.line, _default(binding))


def _default(binding: Binding) -> Expression | None:
    return None if isinstance(binding.value, Unknown) else binding.value
