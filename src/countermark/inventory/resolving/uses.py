"""Where code calls a model: which argument names it, and which library it goes through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from countermark.inventory import names, signatures
from countermark.inventory.reading.expressions import (
    Call,
    CallSite,
    Either,
    Env,
    Expression,
    Item,
    Join,
    Member,
    Module,
    Ref,
    Setting,
    Table,
    Text,
)
from countermark.inventory.resolving.arguments import Argument, Arguments, dotted
from countermark.inventory.resolving.known import At
from countermark.inventory.resolving.roles import Role, role, snake
from countermark.inventory.resolving.values import Resolver
from countermark.inventory.resolving.vocabulary import LOADERS, REQUESTS, SHAPE, SINKS
from countermark.inventory.signatures import Sdk
from countermark.inventory.usage import Kind

FOLLOWED = Text | Env | Setting | Ref | Join | Item | Either
"""Arguments by position that may name a model."""
FIRST = 3
"""Arguments by position that are looked at: the model is among the first."""


@dataclass(frozen=True, slots=True)
class Use:
    """One call with a model in it."""

    model: Expression
    at: At
    site: CallSite
    name: str = ""
    """What the argument is called; empty where it goes by position."""
    function: str = ""
    """What is called, as dotted text."""
    arguments: tuple[Argument, ...] = ()
    sdk: Sdk | None = None
    kind: Kind = Kind.UNKNOWN
    strong: bool = False
    """Whether this calls a model by all appearance: an SDK, an API, arguments that only those have."""
    certain: bool = False
    """Whether nothing else can be meant: then any id is one."""
    is_loaded: bool = False
    """Whether the model is loaded here, from a hub or a folder, rather than called over a network."""

    @property
    def path(self) -> str:
        """The file that the call stands in."""
        return self.at.module.path if self.at.module else self.at.path


@dataclass(frozen=True, slots=True)
class Shape:
    """What a call looks like by the name of what is called, told without following anything."""

    name: str
    """What is called, in snake_case, dotted."""
    kind: Kind
    loads: bool
    sends: bool

    @classmethod
    def of(cls, function: str) -> Shape:
        """The shape of a call of a function."""
        plain = ".".join(snake(part) for part in function.split("."))
        kind = next((kind for kind, pattern in SINKS if pattern.search(plain)), Kind.UNKNOWN)
        return cls(plain, kind, LOADERS.search(plain) is not None, REQUESTS.search(plain) is not None)


class Uses:
    """Finds the uses in a module."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.arguments = Arguments(resolver)

    def of(self, module: Module) -> Iterator[Use]:
        """Every call of a module that has a place for a model."""
        for site in module.calls:
            yield from self._uses(site, At(module.path, module, site.scope))

    def _uses(self, site: CallSite, at: At) -> Iterator[Use]:
        call = site.call
        function = dotted(call.function)
        if not function or not (call.args or call.kwargs):
            return
        shape = Shape.of(function)
        plainly = shape.kind is not Kind.UNKNOWN or shape.loads or shape.sends
        if not plainly and not _is_keyed(call) and not self._may(call, at):
            return
        arguments = self.arguments.of(call, at)
        use = Use(
            call, at, site, "", function, arguments, self.sdk(call.function, at), shape.kind,
            is_loaded=shape.loads,
        )  # fmt: skip
        named = [argument for argument in arguments if argument.role is Role.MODEL]
        if named:
            yield from _named(use, named, shape)
        else:
            yield from self._positional(use)

    def _positional(self, use: Use) -> Iterator[Use]:
        """Where no argument is called a model: a key beside it, the method, or the position says so."""
        call = use.site.call
        first = call.args[0] if call.args else None
        method = use.function.rpartition(".")[2] if isinstance(call.function, Member) else ""
        plain = replace(use, is_loaded=False)
        if _is_keyed(call) and isinstance(first, Text):  # `body.put("model", x)`
            yield replace(plain, model=call.args[1], name=first.value)
        elif first is not None and len(call.args) == 1 and role(method) is Role.MODEL:
            known = use.sdk is not None
            yield replace(plain, model=first, name=method, strong=known, certain=known)
        elif self._is_of_models(use):
            for value in call.args[:FIRST]:
                if isinstance(value, FOLLOWED):
                    yield replace(use, model=value)

    def _is_of_models(self, use: Use) -> bool:
        """Whether a call has to do with models, whatever its arguments are called."""
        known = use.kind is not Kind.UNKNOWN or use.is_loaded or use.sdk is not None
        return known or _is_shaped(use) or self._is_client(use.site.call, use.at)

    def _is_client(self, call: Call, at: At) -> bool:
        """Whether what is called was itself made with an address: ``provider("x")``."""
        if not isinstance(call.function, Ref):
            return False
        made = self.clients(call.function, at)
        return any(a.role is Role.HOST for client, where in made for a in self.arguments.of(client, where))

    def _may(self, call: Call, at: At) -> bool:
        """Whether a call may have to do with a model, told without following anything."""
        if any(isinstance(a, Text) and "-" in a.value and names.parse(a.value) for a in call.args[:2]):
            return True
        named = [*_written(call), *self.arguments.parameters(call)]
        if any(role(name) is Role.MODEL or snake(name) in SHAPE for name in named):
            return True
        function = call.function
        if isinstance(function, Ref):
            of_class = any(map(signatures.sdk_by_class, function.path[-2:]))
            return of_class or self._imported(function.path[0], at) is not None
        return isinstance(function, Member) and role(function.path[-1]) is Role.MODEL

    def sdk(self, function: Expression, at: At) -> Sdk | None:
        """The library that a call belongs to.

        Told by its class, its import, or the object that it is a method of.
        """
        while isinstance(function, Member) and isinstance(function.of, Call):
            function = function.of.function
        if not isinstance(function, Ref):
            return None
        if at.module is not None:
            classes = (signatures.sdk_by_class(part) for part in reversed(function.path[-2:]))
            found = next(filter(None, classes), None) or self._imported(function.path[0], at)
            if found:
                return found
        cut = max(len(function.path) - 1, 1)
        return self._made_by(Ref(function.path[:cut], function.line), at)

    def _imported(self, name: str, at: At) -> Sdk | None:
        """The library that a name is imported from."""
        if at.module is None:
            return None
        for each in self.resolver.index.imports.beginning(at.module, name):
            found = signatures.sdk_by_import(at.module.language, each.module)
            if found:
                return found
        return None

    def _made_by(self, owner: Ref, at: At) -> Sdk | None:
        """The library whose class an object is of."""
        for cut in range(len(owner.path), 0, -1):
            for call, where in self.clients(Ref(owner.path[:cut], owner.line), at):
                if not isinstance(call.function, Ref):
                    continue
                path = call.function.path
                found = signatures.sdk_by_class(path[-1]) or self._imported(path[0], where)
                if found:
                    return found
        return None

    def clients(self, owner: Expression, at: At) -> Iterator[tuple[Call, At]]:
        """The calls that made an object."""
        for thing in self.resolver.things(owner, at):
            if not isinstance(thing.expression, Call):
                continue
            yield thing.expression, thing.at
            for inner in self.resolver.things(thing.expression, thing.at):  # what a factory of the tree makes
                if isinstance(inner.expression, Call) and inner.expression is not thing.expression:
                    yield inner.expression, inner.at


def _named(use: Use, named: list[Argument], shape: Shape) -> Iterator[Use]:
    """One use for each argument that is called a model."""
    shaped = _is_shaped(use)
    strong = use.sdk is not None or (use.kind is not Kind.UNKNOWN and shaped)
    sent = (
        len(use.site.call.args) > 1
        or ".post." in f".{shape.name}"
        or any(argument.role is Role.HOST for argument in use.arguments)
    )
    for argument in named:
        calls_it_so = shaped and snake(argument.name) == "model"
        yield replace(
            use,
            model=argument.value,
            at=argument.at,
            name=argument.name,
            strong=strong or calls_it_so,
            certain=strong or (calls_it_so and sent and shape.sends),
        )


def _is_shaped(use: Use) -> bool:
    """Whether a call has arguments that only calls of models have."""
    return any(snake(argument.name) in SHAPE for argument in use.arguments if argument.name)


def _is_keyed(call: Call) -> bool:
    """Whether a call sets a value under a name: ``append("model", x)``."""
    first = call.args[0] if len(call.args) > 1 else None
    return isinstance(first, Text) and role(first.value) is Role.MODEL


def _written(call: Call) -> Iterator[str]:
    """The names of arguments in a call, in its object literals, and in the calls among its arguments."""
    for name, _ in call.kwargs:
        yield name
    for argument in call.args:
        if isinstance(argument, Table):
            yield from (key.value for key, _ in argument.entries if isinstance(key, Text))
        elif isinstance(argument, Call):
            yield from (name for name, _ in argument.kwargs)
