"""What a file of code says of hosts, apart from the calls of models themselves."""

from __future__ import annotations

from collections import defaultdict

from countermark.inventory.reading.expressions import (
    Binding,
    Call,
    Env,
    Expression,
    Join,
    Module,
    Ref,
    Text,
)
from countermark.inventory.resolving.hosts import Hosts, is_address, speaks
from countermark.inventory.resolving.known import At
from countermark.inventory.resolving.roles import Role, role

GLOBALS = ("api_base", "base_url", "OPENAI_API_BASE", "OPENAI_BASE_URL")
"""What a library or the environment is given for all calls of a file."""
GIVEN_TO = ("openai", "litellm", "environ", "client")
"""What it is given to."""
MOST_ARGUMENTS = 2
"""Arguments by position that may be an address."""
Scope = tuple[str, ...]


class Surroundings:
    """The addresses in one module; everything is looked through once."""

    def __init__(self, module: Module, hosts: Hosts) -> None:
        self.module = module
        self.hosts = hosts
        self.given: dict[Scope, list[Binding]] = defaultdict(list)
        """Addresses that are bound, by what they are bound in."""
        self.for_all: list[Binding] = []
        """Addresses that a library or the environment is given for all calls of the file."""
        self._spots: dict[Scope, list[tuple[Expression, At, bool]]] = defaultdict(list)
        """Expressions that may be addresses, by each scope around.

        The last says that only hosts of models count.
        """
        self._found: dict[Scope, list[str]] = {}
        self._read()

    def _read(self) -> None:
        path, module = self.module.path, self.module
        for binding in module.bindings:
            named = role(binding.name[-1]) is Role.HOST
            if binding.name[-1] in GLOBALS and binding.name[-2:-1] and binding.name[-2] in GIVEN_TO:
                self.for_all.append(binding)
            if named:
                self.given[binding.name[:-1]].append(binding)
            if named or is_address(binding.value):
                at = At(path, module, binding.name[:-1])
                for depth in range(len(binding.name) + 1):
                    self._spots[binding.name[:depth]].append((binding.value, at, False))
        for site in module.calls:
            at = At(path, module, site.scope)
            for argument in site.call.args[:MOST_ARGUMENTS]:
                if _may_be_address(argument):
                    for depth in range(len(site.scope) + 1):
                        self._spots[site.scope[:depth]].append((argument, at, True))

    def within(self, scope: Scope) -> list[str]:
        """The hosts that a scope and everything in it name."""
        if scope not in self._found:
            found = (
                host
                for expression, at, of_models in self._spots.get(scope, ())
                for host in self.hosts.of(expression, at)
                if not of_models or speaks(host)
            )
            self._found[scope] = list(dict.fromkeys(found))
        return self._found[scope]


def _may_be_address(expression: Expression) -> bool:
    """Whether an argument may be an address, told without following it."""
    match expression:
        case Join():
            return bool(expression.parts) and not isinstance(expression.parts[0], Call)
        case Ref():
            return role(expression.path[-1]) is Role.HOST
        case Text():
            return is_address(expression)
        case _:
            return isinstance(expression, Env)
