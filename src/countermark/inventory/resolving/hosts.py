"""To which host a request goes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from countermark.inventory import names, signatures
from countermark.inventory.reading.expressions import (
    Assignment,
    Call,
    Document,
    Entry,
    Env,
    Expression,
    Item,
    Join,
    Member,
    Ref,
    Setting,
    Text,
)
from countermark.inventory.resolving.known import At, Known
from countermark.inventory.resolving.roles import Role, role, snake, stem
from countermark.inventory.resolving.uses import Argument, Use, Uses, dotted
from countermark.inventory.usage import Place, Route, State


@dataclass(frozen=True, slots=True)
class Address:
    """Where requests go, and how that was concluded."""

    host: str = ""
    provider: str = ""
    route: Route = Route.UNKNOWN
    why: str = ""


NOWHERE = Address()
RELAYS = re.compile(
    r"(?:^|[./-])(?:one-?api|new-?api|lite-?llm|uni-?api|gpt-?load|aiproxy|veloera|voapi)(?=[.:/-]|$)"
)
"""Names of the software that passes requests on, as hosts that run it are called."""
FAR = 1 << 30


def address(host: str, why: str = "", provider: str = "") -> Address:
    """What is known of a host."""
    if not host:
        return NOWHERE
    known = signatures.host(host)
    if known is not None:
        return Address(host, known.provider, known.route, why)
    if RELAYS.search(host):
        return Address(host, provider, Route.RELAY, why)
    if signatures.is_local(host):
        return Address(host, provider, Route.SELF_HOSTED, why)
    return Address(host, "", Route.UNKNOWN, why)


class Hosts:
    """Finds the host of a use."""

    def __init__(self, uses: Uses) -> None:
        self.uses = uses
        self.resolver = uses.resolver
        self.near: Place | None = None
        """Where the model stands whose host is asked for: of several hosts, the nearest is meant."""
        self.apart = False
        """Whether the model belongs to what is switched off: then its own file comes first."""

    def of(self, use: Use, model: Known) -> Address:
        """The nearest that says so: the call, its client, the settings beside the model, the library."""
        self.near, self.apart = model.place, model.state in (State.OFF, State.STALE)
        prefixed = self.by_prefix(model.text) if model.known else None
        if (
            use.is_loaded
            and prefixed is None
            and not any(a.name and role(a.name) is Role.HOST for a in use.arguments)
        ):
            return Address("", "", Route.SELF_HOSTED, "loaded here")
        explicit = self._among(use.arguments, "in the call") or self._of_client(use)
        if explicit:
            return explicit
        if model.known and (found := self.by_prefix(model.text)):
            return found
        beside = self.beside(model) if model.source else NOWHERE
        if beside.host:
            return beside
        return self._of_sibling(use) or self._of_sdk(use) or self._in_scope(use) or NOWHERE

    def _of_sibling(self, use: Use) -> Address | None:
        """Of the client of the same library that is made nearest above, where a request is built apart from it."""
        function, module = use.site.call.function, use.at.module
        if use.sdk is None or module is None or not isinstance(function, Member):
            return None
        near = [
            binding
            for binding in module.bindings
            if binding.name[:-1] == use.site.scope
            and isinstance(binding.value, Call)
            and binding.line <= use.site.call.line
            and self.uses.sdk(binding.value.function, use.at) == use.sdk
            and "client" in snake(binding.name[-1] + dotted(binding.value.function))
        ]
        if not near:
            return None
        made = max(near, key=lambda binding: binding.line)
        return self._in_chain(made.value, use.at) if isinstance(made.value, Call) else None

    def _among(self, arguments: Iterable[Argument], why: str) -> Address | None:
        for argument in arguments:
            if (argument.name and role(argument.name) is Role.HOST) or _is_address(argument.value):
                found = self.hosts(argument.value, argument.at)
                if found:
                    return address(found[0], why)
            elif not argument.name and isinstance(argument.value, Ref | Join | Env | Item | Setting | Member):
                for value in self.resolver.values(argument.value, argument.at):
                    if (value.text or value.expression).startswith(("http://", "https://")):
                        found = self.hosts(argument.value, argument.at)
                        return address(found[0], why) if found else None
        return None

    def _assigned_to(self, owner: Ref, at: At, why: str) -> Address | None:
        """``config.BaseURL = …``: an address that an object was given after it was made."""
        for depth in range(len(at.scope), -1, -1):
            prefix = (*at.scope[:depth], *owner.path)
            for binding in at.module.bindings if at.module else ():
                if binding.name[:-1] == prefix and role(binding.name[-1]) is Role.HOST:
                    found = self.hosts(
                        binding.value, At(at.path, at.module, binding.within or at.scope[:depth])
                    )
                    if found:
                        return address(found[0], why)
        return None

    def hosts(self, expression: Expression, at: At) -> list[str]:
        """The hosts that an expression may name, those that hold first."""
        values = self.resolver.values(expression, at)
        found = [
            host
            for value in sorted(values, key=lambda v: _order(v, self.near, apart=self.apart))
            for host in [signatures.host_of(value.text if value.known else value.expression.split("{")[0])]
            if host and _is_host(value.text or value.expression, host)
        ]
        return list(dict.fromkeys(found))

    def _of_client(self, use: Use) -> Address | None:
        function = use.site.call.function
        at = At(use.at.path, use.at.module, use.site.scope)
        if isinstance(function, Member) and isinstance(function.of, Call):
            for call, where in [(function.of, at), *self.uses.clients(function.of, at)]:
                found = self._in_chain(call, where)
                if found:
                    return found
            return None
        if isinstance(function, Ref):
            for cut in range(len(function.path), 0, -1):
                owner = Ref(function.path[:cut], function.line)
                given = self._assigned_to(owner, at, "given to the client")
                if given:
                    return given
                for call, where in self.uses.clients(owner, at):
                    found = self._in_chain(call, where)
                    if found:
                        return found
        for argument in use.arguments:  # `Agent(model=…, client=client)`
            if argument.name in ("client", "http_client", "provider", "llm", "openai_client") and isinstance(
                argument.value, Ref | Call
            ):
                for call, where in self._calls(argument.value, argument.at):
                    found = self._in_chain(call, where)
                    if found:
                        return found
        return None

    def _calls(self, expression: Expression, at: At) -> Iterator[tuple[Call, At]]:
        if isinstance(expression, Call):
            yield expression, at
        else:
            yield from self.uses.clients(expression, at)

    def _in_chain(self, call: Call, at: At) -> Address | None:
        """The address with which an object was made, through a chain of builder calls."""
        node: Expression = call
        for _ in range(12):
            if not isinstance(node, Call):
                break
            name = node.function.path[-1] if isinstance(node.function, Ref | Member) else ""
            if role(name) is Role.HOST and node.args:
                found = self.hosts(node.args[0], at)
                if found:
                    return address(found[0], f"of the client, in {at.path}:{node.line}")
            cloud = self._of_cloud(node, at)
            if cloud:
                return cloud
            found_in = self._among(self.uses.arguments(node, at), f"of the client, in {at.path}:{node.line}")
            if found_in:
                return found_in
            for argument in node.args:
                if (
                    isinstance(argument, Call)
                    and argument is not node
                    and (inner := self._in_chain(argument, at))
                ):
                    return inner
                if isinstance(argument, Ref) and (
                    found_in := self._assigned_to(argument, at, "of the client")
                ):
                    return found_in
            node = node.function.of if isinstance(node.function, Member) else node
            if node is call:
                break
        return None

    def _of_cloud(self, call: Call, at: At) -> Address | None:
        """``boto3.client("bedrock-runtime", region_name=…)``: the service and the region make the host."""
        service = call.args[0] if call.args else dict(call.kwargs).get("service_name")
        if not (isinstance(service, Text) and service.value.startswith("bedrock")):
            return None
        region = dict(call.kwargs).get("region_name")
        regions = self.resolver.values(region, at) if region is not None else []
        regions += self.resolver.values(Env("AWS_REGION", call.line), at)
        regions += self.resolver.values(Env("AWS_DEFAULT_REGION", call.line), at)
        known = [value.text for value in regions if value.known and value.state is None and value.text]
        return (
            address(f"{service.value}.{known[0]}.amazonaws.com", "the region of the client")
            if known
            else None
        )

    def _of_sdk(self, use: Use) -> Address | None:
        sdk = use.sdk
        if sdk is None:
            return None
        for variable in signatures.base_url_variables(sdk):
            for document, assignment in self.resolver.index.variables.get(variable.upper(), ()):
                if assignment.off or assignment.template:
                    continue
                found = self.hosts(assignment.value, At(document.path, None, (), document))
                if found:
                    return address(found[0], f"{variable} in {document.path}:{assignment.line}")
        assigned = self._assigned(use)
        if assigned:
            return assigned
        return address(sdk.host, f"the default of {sdk.id}", sdk.provider) if sdk.host else None

    def _assigned(self, use: Use) -> Address | None:
        """``openai.api_base = …`` and ``os.environ["OPENAI_BASE_URL"] = …`` in the file."""
        module = use.at.module
        for binding in module.bindings if module else ():
            if len(binding.name) > 1 and binding.name[-1] in (
                "api_base",
                "base_url",
                "OPENAI_API_BASE",
                "OPENAI_BASE_URL",
            ):
                if binding.name[-2] in ("openai", "litellm", "environ", "client"):
                    found = self.hosts(binding.value, At(use.at.path, module, binding.name[:-2]))
                    if found:
                        return address(found[0], f"set in {use.at.path}:{binding.line}")
        return None

    def _in_scope(self, use: Use) -> Address | None:
        """A host in the same function, then class, then file, where there is only one."""
        module = use.at.module
        if module is None:
            return None
        for depth in range(len(use.site.scope), -1, -1):
            scope = use.site.scope[:depth]
            found: list[str] = []
            for binding in module.bindings:
                if binding.name[:depth] == scope and (
                    role(binding.name[-1]) is Role.HOST or _is_address(binding.value)
                ):
                    found += self.hosts(binding.value, At(use.at.path, module, binding.name[:-1]))
            for site in module.calls:
                if site.scope[:depth] == scope:
                    for argument in site.call.args[:2]:
                        if _may_be_address(argument):
                            found += [
                                h
                                for h in self.hosts(argument, At(use.at.path, module, site.scope))
                                if speaks(h)
                            ]
            unique = list(dict.fromkeys(h for h in found if speaks(h) or depth == len(use.site.scope)))
            if len(unique) == 1:
                return address(unique[0], f"the only host in {'.'.join(scope) or use.at.path}")
            if unique:
                return None
        return None

    def by_prefix(self, model: str) -> Address | None:
        """``deepseek/deepseek-chat`` and the like, as routers write them."""
        found = signatures.prefix(model)
        if found is None or names.parse(model) is None:
            return None
        return address(found.host, f"the prefix of {model}", found.provider) if found.host else None

    def beside(self, model: Known) -> Address:
        """The address that stands beside a model in a file of settings or variables."""
        self.near, self.apart = model.place, model.state in (State.OFF, State.STALE)
        if model.source is None:
            return NOWHERE
        document, origin = model.source
        if isinstance(origin, Assignment):
            return self._variable_beside(document, origin)
        return self.entry_beside(document, origin)

    def _variable_beside(self, document: Document, origin: Assignment) -> Address:
        wanted = stem(origin.name)
        near = [a for a in document.assignments if a.scope == origin.scope and not a.off]
        at = At(document.path, None, (), document)
        best: list[tuple[int, str, Assignment]] = []
        for assignment in near:
            if role(assignment.name) is not Role.HOST:
                continue
            own = stem(assignment.name)
            common = shared(own, wanted)
            if own == wanted or common:
                for host in self.hosts(assignment.value, at):
                    best.append((-(1000 if own == wanted else common), host, assignment))
        if best:
            _, host, assignment = min(best, key=lambda b: b[0])
            return address(host, f"{assignment.name} beside it")
        for assignment in near:
            if role(assignment.name) is Role.PROVIDER and shared(stem(assignment.name), wanted):
                for value in self.resolver.values(assignment.value, at):
                    if value.known and (found := signatures.provider_host(value.text)):
                        return address(found, f"{assignment.name} beside it")
        return NOWHERE

    def entry_beside(self, document: Document, origin: Entry) -> Address:
        """Siblings first, then those of the level above."""
        at = At(document.path, None, (), document)
        keys = [k for k in origin.path]
        for up in range(1, min(len(keys), 3) + 1):
            if up > 1 and keys[-up].startswith("["):
                break  # what stands in another element of the list is about another model
            parent = tuple(keys[:-up])
            hosts: list[tuple[int, str, str]] = []
            providers: list[str] = []
            for entry in document.entries:
                if entry.off or entry.path[: len(parent)] != parent or entry is origin:
                    continue
                rest = entry.path[len(parent) :]
                if len(rest) > up or not rest or (up > 1 and len(rest) > 1):
                    continue
                if role(rest[-1]) is Role.HOST:
                    hosts += [
                        (-shared(stem(rest[-1]), stem(keys[-1])), h, rest[-1])
                        for h in self.hosts(entry.value, at)
                    ]
                elif role(rest[-1]) is Role.PROVIDER and len(rest) == 1:
                    providers += [v.text for v in self.resolver.values(entry.value, at) if v.known]
            if hosts:
                _, host, key = min(hosts, key=lambda h: h[0])
                return address(host, f"{key} beside it")
            for provider in providers:
                if found := signatures.provider_host(provider):
                    return address(found, f"the provider {provider} beside it")
            for part in reversed(parent):
                if found := signatures.provider_host(part):
                    return address(found, f"below {part}")
        return NOWHERE


def _distance(place: Place, near: Place | None) -> int:
    """Lines between two places; far where they are in two files."""
    if near is None or place.path != near.path:
        return FAR
    return abs(place.line - near.line)


def _order(value: Known, near: Place | None, *, apart: bool) -> tuple[bool, bool, int]:
    """What holds first, then what stands in the file of the model, then what is near in it."""
    far = _distance(value.place, near)
    holds, here = value.state is None, far != FAR
    return (not here, not holds, far) if apart else (not holds, not here, far)


def _may_be_address(expression: Expression) -> bool:
    """Whether an argument may be an address, told without following it."""
    match expression:
        case Text():
            return expression.value.startswith(("http://", "https://"))
        case Join():
            return bool(expression.parts) and not isinstance(expression.parts[0], Call)
        case Ref():
            return role(expression.path[-1]) is Role.HOST
        case _:
            return isinstance(expression, Env)


def _is_address(expression: Expression) -> bool:
    return isinstance(expression, Text) and expression.value.startswith(("http://", "https://"))


def _is_host(text: str, host: str) -> bool:
    """Whether a text was written as an address, not only as a word that could be one."""
    return "://" in text or "." in host or ":" in host or host == "localhost"


def speaks(host: str) -> bool:
    """Whether models are known to answer there."""
    return signatures.host(host) is not None


def shared(left: str, right: str) -> int:
    """How many words two names begin with in common; one at least where either has none."""
    first, second = left.split("_") if left else [], right.split("_") if right else []
    if not first or not second:
        return 1
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
