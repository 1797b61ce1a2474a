"""Where code calls a model: which argument names it, and which object and address it goes through."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

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
from countermark.inventory.resolving.known import At
from countermark.inventory.resolving.roles import Role, role, snake
from countermark.inventory.resolving.values import Resolver
from countermark.inventory.signatures import Sdk
from countermark.inventory.usage import Kind

_CALLS: dict[str, dict[str, list[str]]] = tomllib.loads(
    files("countermark.inventory.resolving").joinpath("calls.toml").read_text("utf-8")
)


def _ending(patterns: list[str], before: str = r"(?:^|\.)") -> re.Pattern[str]:
    return re.compile(rf"{before}(?:{'|'.join(patterns)})$")


def _word(patterns: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?:^|_)(?:{'|'.join(patterns)})(?:_|$)")


SINK = [(Kind(kind), _ending(patterns)) for kind, patterns in _CALLS["kinds"].items()]
LOADERS = _ending(_CALLS["loaders"]["patterns"])
SHAPE = frozenset(_CALLS["shape"]["arguments"])
BODIES = frozenset(_CALLS["bodies"]["arguments"])
SERIALISERS = frozenset(_CALLS["bodies"]["serialisers"])
FALLBACKS = _word(_CALLS["words"]["fallback"])
LISTS = _word(_CALLS["words"]["choice"])
REQUESTS = re.compile(
    r"(?:^|\.)(?:post|put|fetch|request|send|send_async|post_?async|post_?as_?json(?:_?async)?|stream|new_?request|"
    r"post_for_(?:object|entity)|retrieve|exchange|execute|do|axios|got|\$?fetch|ofetch|json|body|call)$"
)
"""Functions that send a body somewhere."""
MAX_ARGUMENTS = 200


@dataclass(frozen=True, slots=True)
class Argument:
    """A named or positional argument, wherever it was written."""

    name: str
    """Empty for one by position."""
    value: Expression
    at: At


@dataclass(frozen=True, slots=True)
class Use:
    """One call with a model in it."""

    model: Expression
    at: At
    site: CallSite
    name: str
    """What the argument is called; empty where it goes by position."""
    function: str
    """What is called, as dotted text."""
    arguments: tuple[Argument, ...]
    sdk: Sdk | None
    kind: Kind
    strong: bool = False
    """Whether this calls a model by all appearance: an SDK, an API of models, arguments that only those have."""
    certain: bool = False
    """Whether nothing else can be meant: then any id is one."""
    is_loaded: bool = False
    """Whether the model is loaded here, from a hub or a folder, rather than called over a network."""


class Uses:
    """Finds the uses in a module."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    def of(self, module: Module) -> Iterator[Use]:
        """Every call of a module that has a place for a model."""
        for site in module.calls:
            yield from self._uses(site, At(module.path, module, site.scope))

    def _uses(self, site: CallSite, at: At) -> Iterator[Use]:
        call = site.call
        function = dotted(call.function)
        if not function or not (call.args or call.kwargs):
            return
        plain = ".".join(snake(part) for part in function.split("."))
        kind = next((k for k, pattern in SINK if pattern.search(plain)), Kind.UNKNOWN)
        loads = LOADERS.search(plain)
        sends = REQUESTS.search(plain) is not None
        if (
            kind is Kind.UNKNOWN
            and not loads
            and not sends
            and not self._is_keyed(call)
            and not self._may(call, at)
        ):
            return
        arguments = self.arguments(call, at)
        sdk = self.sdk(call.function, at)
        shaped = any(snake(a.name) in SHAPE for a in arguments if a.name)
        strong = (kind is not Kind.UNKNOWN and (shaped or sdk is not None)) or (
            sdk is not None and any(role(a.name) is Role.MODEL for a in arguments)
        )
        named = [a for a in arguments if a.name and role(a.name) is Role.MODEL]
        for argument in named:
            called_model = shaped and snake(argument.name) == "model"
            sent = (
                len(call.args) > 1
                or ".post." in f".{plain}"
                or any(role(a.name) is Role.HOST for a in arguments if a.name)
            )
            certain = strong or (called_model and sent and sends)
            yield Use(argument.value, argument.at, site, argument.name, function, arguments, sdk, kind,
                      strong or called_model, certain, bool(loads))  # fmt: skip
        if named:
            return
        keyed = call.args[0] if len(call.args) > 1 else None
        if isinstance(keyed, Text) and role(keyed.value) is Role.MODEL:  # `body.put("model", x)`
            yield Use(call.args[1], at, site, keyed.value, function, arguments, sdk, kind)
            return
        method = function.rpartition(".")[2]
        if isinstance(call.function, Member) and role(method) is Role.MODEL and len(call.args) == 1:
            yield Use(
                call.args[0],
                at,
                site,
                method,
                function,
                arguments,
                sdk,
                kind,
                sdk is not None,
                sdk is not None,
            )
        elif (
            strong
            or shaped
            or loads
            or sdk is not None
            or kind is not Kind.UNKNOWN
            or self._is_client(call, at)
        ):
            for value in call.args[:3]:
                if isinstance(value, Text | Env | Setting | Ref | Join | Item | Either):
                    yield Use(value, at, site, "", function, arguments, sdk, kind, is_loaded=bool(loads))

    def _is_client(self, call: Call, at: At) -> bool:
        """Whether what is called was itself made with an address: ``provider("x")``."""
        function = call.function
        if not isinstance(function, Ref):
            return False
        return any(
            role(name) is Role.HOST
            for made, where in self.clients(function, at)
            for name in [a.name for a in self.arguments(made, where) if a.name]
        )

    def _may(self, call: Call, at: At) -> bool:
        """Whether a call may have to do with a model, told without following anything."""
        named = [name for name, _ in call.kwargs]
        named += [
            k.value for a in call.args if isinstance(a, Table) for k, _ in a.entries if isinstance(k, Text)
        ]
        named += [name for a in call.args if isinstance(a, Call) for name, _ in a.kwargs]
        named += self._parameters(call, at)
        if any(isinstance(a, Text) and "-" in a.value and names.parse(a.value) for a in call.args[:2]):
            return True
        if any(role(name) is Role.MODEL or snake(name) in SHAPE for name in named):
            return True
        function = call.function
        if isinstance(function, Ref):
            return (
                any(map(signatures.sdk_by_class, function.path[-2:]))
                or self._imported(function.path[0], at) is not None
            )
        return isinstance(function, Member) and role(function.path[-1]) is Role.MODEL

    @staticmethod
    def _is_keyed(call: Call) -> bool:
        """Whether a call sets a value under a name: ``append("model", x)``."""
        first = call.args[0] if len(call.args) > 1 else None
        return isinstance(first, Text) and role(first.value) is Role.MODEL

    def arguments(self, call: Call, at: At) -> tuple[Argument, ...]:
        """All arguments: by name, in object literals, in a JSON body, in what ``**`` spreads."""
        found: list[Argument] = []
        pending = [Argument(name, value, at) for name, value in call.kwargs]
        named = self._parameters(call, at)
        pending += [
            Argument(named[n] if n < len(named) and role(named[n]) is Role.MODEL else "", value, at)
            for n, value in enumerate(call.args)
        ]
        levels = 0
        while pending and len(found) < MAX_ARGUMENTS:
            argument = pending.pop(0)
            value = argument.value
            if isinstance(value, Call) and value.args and _serialises(value):
                value = value.args[0]
            spread = argument.name in BODIES
            if isinstance(value, Ref) and (spread or not argument.name) and levels < MAX_ARGUMENTS:
                levels += 1
                for thing in self.resolver.things(value, argument.at):
                    if isinstance(thing.expression, Table):
                        pending += _entries(thing.expression, thing.at)
                    elif isinstance(thing.expression, Call) and thing.expression.kwargs and not argument.name:
                        if (
                            dotted(thing.expression.function)
                            .lower()
                            .endswith(("request", "params", "options", "config"))
                        ):
                            pending += [Argument(n, v, thing.at) for n, v in thing.expression.kwargs]
            elif isinstance(value, Table) and (spread or not argument.name):
                pending += _entries(value, argument.at)
            elif isinstance(value, Call) and value.kwargs and not argument.name:
                pending += [Argument(name, inner, argument.at) for name, inner in value.kwargs]
            found.append(argument)
        return tuple(found)

    def _parameters(self, call: Call, at: At) -> tuple[str, ...]:
        """What the positional arguments of an own function or class are called."""
        function = call.function
        if not isinstance(function, Ref) or not call.args:
            return ()
        found = self.resolver.index.parameters.get(function.path[-1], ())
        return next(iter(found)) if len(set(found)) == 1 else ()

    def sdk(self, function: Expression, at: At) -> Sdk | None:
        """The library that a call belongs to: by its class, its import, or the object that it is a method of."""
        if isinstance(function, Ref) and at.module is not None:
            classes = (signatures.sdk_by_class(part) for part in reversed(function.path[-2:]))
            found = next(filter(None, classes), None) or self._imported(function.path[0], at)
            if found:
                return found
        if isinstance(function, Ref):
            cut = max(len(function.path) - 1, 1)
            return self._made_by(Ref(function.path[:cut], function.line), at)
        if isinstance(function, Member) and isinstance(function.of, Call):
            return self.sdk(function.of.function, at)
        return None

    def _imported(self, name: str, at: At) -> Sdk | None:
        for each in at.module.imports if at.module else ():
            if each.name == name or each.name.split(".")[0] == name:
                found = signatures.sdk_by_import(at.module.language, each.module) if at.module else None
                if found:
                    return found
        return None

    def _made_by(self, owner: Ref, at: At) -> Sdk | None:
        for cut in range(len(owner.path), 0, -1):
            for call, where in self.clients(Ref(owner.path[:cut], owner.line), at):
                found = isinstance(call.function, Ref) and (
                    signatures.sdk_by_class(call.function.path[-1])
                    or self._imported(call.function.path[0], where)
                )
                if found:
                    return found
        return None

    def clients(self, owner: Expression, at: At) -> Iterator[tuple[Call, At]]:
        """The calls that made an object."""
        for thing in self.resolver.things(owner, at):
            if isinstance(thing.expression, Call):
                yield thing.expression, thing.at


def dotted(function: Expression) -> str:
    """``client.chat.completions.create``; the calls before the last of a chain are left out."""
    match function:
        case Ref():
            return ".".join(function.path)
        case Member(of=Call(function=inner)):
            before = dotted(inner)
            return ".".join(filter(None, (before, *function.path)))
        case Member():
            return ".".join(function.path)
        case _:
            return ""


def _serialises(call: Call) -> bool:
    return dotted(call.function).rpartition(".")[2].lower() in SERIALISERS


def _entries(table: Table, at: At) -> list[Argument]:
    return [Argument(key.value, value, at) for key, value in table.entries if isinstance(key, Text)]
