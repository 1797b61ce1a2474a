"""The host that a call of a model goes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from countermark.inventory import signatures
from countermark.inventory.reading.expressions import (
    Call,
    Env,
    Expression,
    Item,
    Join,
    Member,
    Module,
    Ref,
    Setting,
    Text,
)
from countermark.inventory.resolving.arguments import Argument, dotted
from countermark.inventory.resolving.hosts import (
    NOWHERE,
    Address,
    Hosts,
    address,
    by_prefix,
    is_address,
    speaks,
)
from countermark.inventory.resolving.hosts_beside import Beside
from countermark.inventory.resolving.known import At, Known
from countermark.inventory.resolving.roles import Role, snake
from countermark.inventory.resolving.surroundings import Surroundings
from countermark.inventory.resolving.uses import Use, Uses
from countermark.inventory.usage import Route

LONGEST_CHAIN = 12
"""Builder calls, one behind the other; and calls in the arguments of calls."""
MADE_WITH = ("client", "http_client", "provider", "llm", "openai_client")
"""Arguments that give the object through which an agent calls: ``Agent(model=…, client=client)``."""
REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
WRITTEN = Ref | Join | Env | Item | Setting | Member
"""Arguments by position that may turn out to be an address."""


class HostsOfCalls:
    """Finds the host of a use."""

    def __init__(self, uses: Uses, hosts: Hosts, beside: Beside) -> None:
        self.uses = uses
        self.hosts = hosts
        self.beside = beside
        self.resolver = uses.resolver
        self._surroundings: dict[str, Surroundings] = {}
        self._clients: dict[tuple[str, tuple[str, ...]], list[tuple[int, Call]]] = {}

    def of(self, use: Use, model: Known) -> Address:
        """The nearest that says so: the call, its client, the settings beside the model, the library."""
        self.hosts.ask_for(model)
        prefixed = by_prefix(model.text) if model.known else None
        if use.is_loaded and prefixed is None and not any(a.role is Role.HOST for a in use.arguments):
            return Address("", "", Route.SELF_HOSTED, "loaded here")
        explicit = self._among(use.arguments, "in the call") or self._of_client(use) or prefixed
        if explicit:
            return explicit
        beside = self.beside.of(model) if model.source else NOWHERE
        if beside.host:
            return beside
        return self._of_sibling(use) or self._of_sdk(use) or self._in_scope(use) or NOWHERE

    def _among(self, arguments: Iterable[Argument], why: str) -> Address | None:
        """The address among the arguments of a call."""
        for argument in arguments:
            value, at = argument.value, argument.at
            if argument.role is Role.HOST or is_address(value):
                if found := self.hosts.first(value, at, why):
                    return found
            elif not argument.name and isinstance(value, WRITTEN) and self._begins(value, at):
                return self.hosts.first(value, at, why)
        return None

    def _begins(self, value: Expression, at: At) -> bool:
        """Whether what an expression is begins as an address does."""
        known = self.resolver.values(value, at)
        return any((v.text or v.expression).startswith(("http://", "https://")) for v in known)

    def _of_client(self, use: Use) -> Address | None:
        """The address of the object that is called, or of one that the call is given."""
        function = use.site.call.function
        at = At(use.at.path, use.at.module, use.site.scope)
        if isinstance(function, Member) and isinstance(function.of, Call):
            made = [(function.of, at), *self.uses.clients(function.of, at)]
            return self._first_of(made)
        if isinstance(function, Ref):
            for cut in range(len(function.path), 0, -1):
                owner = Ref(function.path[:cut], function.line)
                found = self._given(owner, at, "given to the client") or self._first_of(
                    self.uses.clients(owner, at)
                )
                if found:
                    return found
        return self._first_of(
            call
            for argument in use.arguments
            if argument.name in MADE_WITH and isinstance(argument.value, Ref | Call)
            for call in self._makers(argument.value, argument.at)
        )

    def _first_of(self, made: Iterable[tuple[Call, At]]) -> Address | None:
        return next((found for call, at in made if (found := self._in_chain(call, at))), None)

    def _makers(self, expression: Expression, at: At) -> Iterator[tuple[Call, At]]:
        if isinstance(expression, Call):
            yield expression, at
        else:
            yield from self.uses.clients(expression, at)

    def _in_chain(self, call: Call, at: At, depth: int = 0) -> Address | None:
        """The address with which an object was made, through a chain of builder calls."""
        node: Expression = call
        for _ in range(LONGEST_CHAIN):
            if not isinstance(node, Call):
                break
            found = self._made_with(node, at, depth)
            if found or not isinstance(node.function, Member):
                return found
            node = node.function.of
        return None

    def _made_with(self, call: Call, at: At, depth: int) -> Address | None:
        """The address that one call gives to the object that it makes."""
        method = (
            Argument(call.function.path[-1], call, at) if isinstance(call.function, Ref | Member) else None
        )
        why = f"of the client, in {at.path}:{call.line}"
        gives_one = method is not None and method.role is Role.HOST and bool(call.args)
        found = self.hosts.first(call.args[0], at, why) if gives_one else None
        found = found or self._of_cloud(call, at) or self._among(self.uses.arguments.of(call, at), why)
        if found:
            return found
        for argument in call.args:
            if isinstance(argument, Call) and depth < LONGEST_CHAIN:
                found = self._in_chain(argument, at, depth + 1)
            elif isinstance(argument, Ref):
                found = self._given(argument, at, "of the client")
            if found:
                return found
        return None

    def _of_cloud(self, call: Call, at: At) -> Address | None:
        """``boto3.client("bedrock-runtime", region_name=…)``: the service and the region make the host."""
        service = call.args[0] if call.args else dict(call.kwargs).get("service_name")
        if not (isinstance(service, Text) and service.value.startswith("bedrock")):
            return None
        region = dict(call.kwargs).get("region_name")
        given = [region] if region is not None else []
        given += [Env(name, call.line) for name in REGIONS]
        values = (value for expression in given for value in self.resolver.values(expression, at))
        known = next((v.text for v in values if v.known and v.state is None and v.text), "")
        host = f"{service.value}.{known}.amazonaws.com" if known else ""
        return address(host, "the region of the client") if host else None

    def _given(self, owner: Ref, at: At, why: str) -> Address | None:
        """``config.BaseURL = …``: an address that an object was given after it was made."""
        if at.module is None:
            return None
        around = self._around(at.module)
        for depth in range(len(at.scope), -1, -1):
            scope = at.scope[:depth]
            for binding in around.given.get((*scope, *owner.path), ()):
                where = At(at.path, at.module, binding.within or scope)
                if found := self.hosts.first(binding.value, where, why):
                    return found
        return None

    def _of_sibling(self, use: Use) -> Address | None:
        """Of the client of the same library made nearest above.

        Where a request is built apart from the client that sends it.
        """
        function, module = use.site.call.function, use.at.module
        if use.sdk is None or module is None or not isinstance(function, Member):
            return None
        above = [call for line, call in self._made_in(module, use.site.scope) if line <= use.site.call.line]
        for call in reversed(above):
            if self.uses.sdk(call.function, use.at) == use.sdk:
                return self._in_chain(call, use.at)
        return None

    def _made_in(self, module: Module, scope: tuple[str, ...]) -> list[tuple[int, Call]]:
        """The clients that a scope makes, with their lines, from the top."""
        key = (module.path, scope)
        if key not in self._clients:
            made = [
                (binding.line, binding.value)
                for binding in self.resolver.index.siblings.get(key, ())
                if isinstance(binding.value, Call)
                and "client" in snake(binding.name[-1] + dotted(binding.value.function))
            ]
            made.reverse()  # of two in one line the first counts
            self._clients[key] = sorted(made, key=lambda each: each[0])
        return self._clients[key]

    def _of_sdk(self, use: Use) -> Address | None:
        """What a library takes where a call says nothing: its variables, what it is given, its own host."""
        sdk = use.sdk
        if sdk is None:
            return None
        for variable in signatures.base_url_variables(sdk):
            for document, assignment in self.resolver.index.variables.get(variable.upper(), ()):
                if assignment.off or assignment.template:
                    continue
                why = f"{variable} in {document.path}:{assignment.line}"
                if found := self.hosts.first(assignment.value, At(document.path, None, (), document), why):
                    return found
        if assigned := self._of_file(use):
            return assigned
        return address(sdk.host, f"the default of {sdk.id}", sdk.provider) if sdk.host else None

    def _of_file(self, use: Use) -> Address | None:
        """``openai.api_base = …`` and ``os.environ["OPENAI_BASE_URL"] = …`` in the file."""
        module = use.at.module
        for binding in self._around(module).for_all if module else ():
            why = f"set in {use.at.path}:{binding.line}"
            if found := self.hosts.first(binding.value, At(use.at.path, module, binding.name[:-2]), why):
                return found
        return None

    def _in_scope(self, use: Use) -> Address | None:
        """A host in the same function, then class, then file, where there is only one."""
        if use.at.module is None:
            return None
        around = self._around(use.at.module)
        whole = len(use.site.scope)
        for depth in range(whole, -1, -1):
            scope = use.site.scope[:depth]
            found = [host for host in around.within(scope) if depth == whole or speaks(host)]
            if found:
                place = ".".join(scope) or use.at.path
                return address(found[0], f"the only host in {place}") if len(found) == 1 else None
        return None

    def _around(self, module: Module) -> Surroundings:
        if module.path not in self._surroundings:
            self._surroundings[module.path] = Surroundings(module, self.hosts)
        return self._surroundings[module.path]
