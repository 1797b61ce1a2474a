"""Hosts of usages beside which no address stands.

By what the tree says elsewhere, else by who makes the model.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from functools import cached_property

from countermark.inventory import areas, names, signatures
from countermark.inventory.reading.config import is_template
from countermark.inventory.resolving.finds import Finds
from countermark.inventory.resolving.hosts import Address, address
from countermark.inventory.resolving.known import At
from countermark.inventory.resolving.roles import Role, hinted, role
from countermark.inventory.usage import Route, State, Usage

PLACED = (State.EFFECTIVE, State.FALLBACK, State.OFF, State.OFFLINE, State.CI, State.UNRESOLVED)


class Elsewhere:
    """Places usages."""

    def __init__(self, finds: Finds) -> None:
        self.finds = finds
        self.declared: dict[str, Address] = {}
        """Addresses that settings give to whoever calls."""
        self.addresses = self._addresses()
        self.providers: dict[str, list[Address]] = defaultdict(list)
        """The addresses by whose they are."""
        for where in self.addresses.values():
            self.providers[where.provider].append(where)

    def placed(self) -> list[Usage]:
        """The usages, those without a host with the one that they go to by all appearance."""
        kinds = {usage.kind for usage in self.finds.found if usage.state is State.EFFECTIVE}
        return [
            self._placed(usage)
            for usage in self.finds.found
            if not (
                usage.state is State.UNRESOLVED and usage.kind in kinds and PASSED.fullmatch(usage.expression)
            )
        ]

    def _placed(self, usage: Usage) -> Usage:
        if usage.host and usage.state in PLACED and not _may_serve(usage.provider, usage.model):
            usage = replace(usage, host="", provider="", route=Route.UNKNOWN)
        if usage.host or usage.route is not Route.UNKNOWN or usage.state not in PLACED or not usage.model:
            return usage
        parsed = names.parse(usage.model)
        maker = parsed.provider if parsed else ""
        apart = usage.state in (State.CI, State.OFFLINE) or not any(
            _may_serve(provider, usage.model) for provider in self.providers
        )
        where = (None if apart else self._only(maker)) or self._of_maker(usage, maker, apart=apart)
        if where is None:
            return usage
        return replace(
            usage,
            host=where.host,
            provider=where.provider or usage.provider,
            route=where.route,
            why=(*usage.why, where.why),
        )

    def _only(self, maker: str) -> Address | None:
        """The only address of models in the tree, or the only one of the maker."""
        if len(self.declared) == 1:
            only = next(iter(self.declared.values()))
            return only if not maker or _may_serve(only.provider, "", maker) else None
        own = self.providers.get(maker, []) if maker else []
        if len(own) == 1:
            return own[0]
        sole = next(iter(self.addresses.values())) if len(self.addresses) == 1 else None
        return sole if sole is None or not maker or _may_serve(sole.provider, "", maker) else None

    def _of_maker(self, usage: Usage, maker: str, *, apart: bool) -> Address | None:
        """The maker's own host, where only the maker serves the model and nothing leads elsewhere."""
        if BEDROCK.match(usage.model):
            cloud = (
                f"bedrock-runtime.{next(iter(self.regions))}.amazonaws.com" if len(self.regions) == 1 else ""
            )
            return address(cloud, "an id of Bedrock, and the region of the tree") if cloud else None
        parsed = names.parse(usage.model)
        if (
            parsed is None
            or parsed.open_weights is not False
            or (self.addresses and not apart)
            or "/" in usage.model
        ):
            return None
        host = signatures.provider_host(maker)
        return address(host, "who makes the model; nothing in the tree says otherwise") if host else None

    @cached_property
    def regions(self) -> set[str]:
        """The regions of a cloud that settings name."""
        index, found = self.finds.index, set[str]()
        given = [
            (d, a.value) for n in ("AWS_REGION", "AWS_DEFAULT_REGION") for d, a in index.variables.get(n, ())
        ]
        given += [(d, e.value) for key in ("region", "awsregion") for d, e in index.entries.get(key, ())]
        for document, value in given:
            for known in self.finds.resolver.values(value, At(document.path, None, (), document)):
                if known.known and REGION.fullmatch(known.text):
                    found.add(known.text)
        return found

    def _addresses(self) -> dict[str, Address]:
        """Every address of models that the tree itself gives: settings, variables, what calls led to."""
        found: dict[str, Address] = {}
        for usage in self.finds.found:
            if usage.host and usage.state is State.EFFECTIVE:
                found.setdefault(usage.host, Address(usage.host, usage.provider, usage.route, WHY))
        for document in self.finds.index.documents:
            if areas.of(document.path) is not None or is_template(document.path):
                continue
            at = At(document.path, None, (), document)
            given = [(a.name, a.value) for a in document.assignments if not a.off]
            given += [("_".join(e.path), e.value) for e in document.entries if not e.off]
            for name, value in given:
                if role(name) is Role.HOST:
                    for host in self.finds.hosts.of(value, at):
                        if hinted(name) or signatures.host(host):
                            found.setdefault(host, address(host, WHY))
                            self.declared.setdefault(host, address(host, WHY))
        return found


BEDROCK = re.compile(
    r"(?:(?:us|eu|apac|global|jp|au)\.)?"
    r"(?:anthropic|amazon|meta|cohere|mistral|ai21|deepseek|stability|qwen|openai|writer)\.[a-z]"
)
REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
PASSED = re.compile(r"(?:(?:self|this|cls)\.)?_?\w+")
"""A parameter or a field that only passes on what was given elsewhere."""
WHY = "the only address of models that the tree gives"


def _may_serve(provider: str, model: str, maker: str = "") -> bool:
    """Whether a provider may serve a model: who serves only its own does not serve another's closed one."""
    parsed = names.parse(model) if model else None
    maker = maker or (parsed.provider if parsed else "")
    if (
        not provider
        or not maker
        or provider == maker
        or (parsed is not None and parsed.open_weights is not False)
    ):
        return True
    known = signatures.provider(provider)
    return known is None or known.role != "provider" or (parsed is None and not model)
