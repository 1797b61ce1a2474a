"""The arguments of a call, wherever they were written: by name, in object literals, in a JSON body."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from countermark.inventory.reading.expressions import Call, Expression, Member, Ref, Table, Text
from countermark.inventory.resolving.known import At
from countermark.inventory.resolving.roles import Role, role
from countermark.inventory.resolving.values import Resolver
from countermark.inventory.resolving.vocabulary import BODIES, SERIALISERS

MAX_ARGUMENTS = 200
BUILT = ("request", "params", "options", "config")
"""Endings of the names of classes whose objects hold the arguments of a call."""


@dataclass(frozen=True, slots=True)
class Argument:
    """A named or positional argument, wherever it was written."""

    name: str
    """Empty for one by position."""
    value: Expression
    at: At

    @property
    def role(self) -> Role:
        """What its name says of its value; nothing for one by position."""
        return role(self.name) if self.name else Role.NONE

    @property
    def may_spread(self) -> bool:
        """Whether its value may be a set of arguments."""
        return not self.name or self.name in BODIES


class Arguments:
    """Collects the arguments of calls."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    def of(self, call: Call, at: At) -> tuple[Argument, ...]:
        """All arguments: by name, in object literals, in a JSON body, in what ``**`` spreads."""
        found: list[Argument] = []
        pending = deque(self._written(call, at))
        followed = 0
        while pending and len(found) < MAX_ARGUMENTS:
            argument = pending.popleft()
            value = _plain(argument.value)
            if isinstance(value, Ref) and argument.may_spread and followed < MAX_ARGUMENTS:
                followed += 1
                pending += self._followed(value, argument)
            else:
                pending += _inner(value, argument)
            found.append(argument)
        return tuple(found)

    def parameters(self, call: Call) -> tuple[str, ...]:
        """What the positional arguments of an own function or class are called."""
        function = call.function
        if not isinstance(function, Ref) or not call.args:
            return ()
        found = self.resolver.index.parameters.get(function.path[-1], ())
        return next(iter(found)) if len(set(found)) == 1 else ()

    def _written(self, call: Call, at: At) -> Iterator[Argument]:
        """The arguments as they stand in the call."""
        for name, value in call.kwargs:
            yield Argument(name, value, at)
        names = self.parameters(call)
        for number, value in enumerate(call.args):
            name = names[number] if number < len(names) else ""
            yield Argument(name if name and role(name) is Role.MODEL else "", value, at)

    def _followed(self, ref: Ref, argument: Argument) -> Iterator[Argument]:
        """The arguments in what a name stands for."""
        for thing in self.resolver.things(ref, argument.at):
            made = thing.expression
            if isinstance(made, Table):
                yield from _entries(made, thing.at)
            elif (
                isinstance(made, Call) and not argument.name and dotted(made.function).lower().endswith(BUILT)
            ):
                yield from (Argument(name, value, thing.at) for name, value in made.kwargs)


def dotted(function: Expression) -> str:
    """``client.chat.completions.create``; the calls before the last of a chain are left out."""
    parts: list[str] = []
    while isinstance(function, Member):
        parts[:0] = function.path
        if not isinstance(function.of, Call):
            return ".".join(parts)
        function = function.of.function
    return ".".join([*function.path, *parts] if isinstance(function, Ref) else parts)


def _plain(value: Expression) -> Expression:
    """Without the call that turns it into text."""
    if isinstance(value, Call) and value.args and _method(value).lower() in SERIALISERS:
        return value.args[0]
    return value


def _method(call: Call) -> str:
    return dotted(call.function).rpartition(".")[2]


def _inner(value: Expression, argument: Argument) -> list[Argument]:
    """The arguments that are written in the value of one."""
    if isinstance(value, Table) and argument.may_spread:
        return _entries(value, argument.at)
    if isinstance(value, Call) and not argument.name:
        return [Argument(name, inner, argument.at) for name, inner in value.kwargs]
    return []


def _entries(table: Table, at: At) -> list[Argument]:
    return [Argument(key.value, value, at) for key, value in table.entries if isinstance(key, Text)]
