"""The hosts that expressions name, and what is known of a host."""

from __future__ import annotations

import re
from dataclasses import dataclass

from countermark.inventory import names, signatures
from countermark.inventory.reading.expressions import Expression, Text
from countermark.inventory.resolving.known import At, Known
from countermark.inventory.resolving.values import Resolver
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


def by_prefix(model: str) -> Address | None:
    """``deepseek/deepseek-chat`` and the like, as routers write them."""
    found = signatures.prefix(model)
    if found is None or names.parse(model) is None:
        return None
    return address(found.host, f"the prefix of {model}", found.provider) if found.host else None


class Hosts:
    """Reads hosts out of expressions, for one model after another."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self._near: Place | None = None
        """Where the model stands whose host is asked for: of several hosts, the nearest is meant."""
        self._apart = False
        """Whether the model belongs to what is switched off: then its own file comes first."""

    def ask_for(self, model: Known) -> None:
        """Name the model whose host is asked for from now on."""
        self._near, self._apart = model.place, model.state in (State.OFF, State.STALE)

    def of(self, expression: Expression, at: At) -> list[str]:
        """The hosts that an expression may name, those that hold first."""
        values = self.resolver.values(expression, at)
        found = [
            host
            for value in sorted(values, key=self._order)
            for host in [signatures.host_of(value.text if value.known else value.expression.split("{")[0])]
            if host and _is_host(value.text or value.expression, host)
        ]
        return list(dict.fromkeys(found))

    def first(self, expression: Expression, at: At, why: str) -> Address | None:
        """The address that an expression names by all appearance."""
        found = self.of(expression, at)
        return address(found[0], why) if found else None

    def _order(self, value: Known) -> tuple[bool, bool, int]:
        """What holds first, then what stands in the file of the model, then what is near in it."""
        far = _distance(value.place, self._near)
        holds, here = value.state is None, far != FAR
        return (not here, not holds, far) if self._apart else (not holds, not here, far)


def _distance(place: Place, near: Place | None) -> int:
    """Lines between two places; far where they are in two files."""
    if near is None or place.path != near.path:
        return FAR
    return abs(place.line - near.line)


def _is_host(text: str, host: str) -> bool:
    """Whether a text was written as an address, not only as a word that could be one."""
    return "://" in text or "." in host or ":" in host or host == "localhost"


def is_address(expression: Expression) -> bool:
    """Whether a string that stands there is an address."""
    return isinstance(expression, Text) and expression.value.startswith(("http://", "https://"))


def speaks(host: str) -> bool:
    """Whether models are known to answer there."""
    return signatures.host(host) is not None
