"""Whose a host is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from countermark.inventory.signatures.addresses import name_of
from countermark.inventory.signatures.providers import provider
from countermark.inventory.signatures.rows import rows
from countermark.inventory.usage import Route

ROUTES = {
    "provider": Route.DIRECT,
    "cloud": Route.DIRECT,
    "relay": Route.RELAY,
    "software": Route.SELF_HOSTED,
}


@dataclass(frozen=True, slots=True)
class Host:
    """A host, or a pattern of hosts, on which AI answers."""

    pattern: str
    """A host name; ``*`` stands for one or more labels or a part of one: ``*.openai.azure.com``."""
    provider: str
    route: Route
    region: str
    """``CN``: answers from mainland China; ``intl``: from elsewhere; empty where that is not known."""
    shape: str
    """The form of its requests: ``openai``, ``anthropic``, ``gemini``, ``dashscope``, ``native``…; where
    there are several, the one that is most used."""
    source: str


@cache
def hosts() -> tuple[Host, ...]:
    """Every row, in the order of the files."""
    return tuple(_hosts())


def _hosts() -> Iterator[Host]:
    for row in rows("provider"):
        for each in row.get("hosts", ()):
            yield Host(
                pattern=each["pattern"],
                provider=row["id"],
                route=Route(each.get("route") or ROUTES[row["role"]]),
                region=each.get("region", ""),
                shape=each.get("shape", "openai"),
                source=each.get("source", row["source"]),
            )


@cache
def _exact() -> dict[str, Host]:
    return {each.pattern: each for each in hosts() if "*" not in each.pattern}


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Host], ...]:
    """The longest first, so that the one that says most decides."""
    wild = sorted((h for h in hosts() if "*" in h.pattern), key=lambda h: -len(h.pattern))
    return tuple((re.compile(re.escape(h.pattern).replace(r"\*", ".+")), h) for h in wild)


@lru_cache(maxsize=65_536)
def host(text: str) -> Host | None:
    """What is known of the host of a URL, or of a bare host; None where nothing is."""
    name = name_of(text)
    if "." not in name:
        return None
    found = _exact().get(name)
    if found is not None:
        return found
    return next((each for pattern, each in _patterns() if pattern.fullmatch(name)), None)


@cache
def _first() -> dict[str, str]:
    """Provider → its first host, the one that its own documents give; empty where each customer has one."""
    found: dict[str, str] = {}
    for each in hosts():
        found.setdefault(each.provider, "" if "*" in each.pattern else each.pattern)
    return found


def provider_host(name: str) -> str:
    """The host on which a provider answers that settings call ``name``; empty where it has none of its own.

    ``deepseek`` → ``api.deepseek.com``; ``zhipuai`` → ``open.bigmodel.cn``; ``azure`` → empty, for its
    hosts are named after the customer.
    """
    found = provider(name)
    return _first().get(found.id, "") if found else ""
