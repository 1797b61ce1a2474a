"""What a log says of a call, resolved: its host, the model that decides, what does not fit."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from countermark.inventory import names, signatures
from countermark.inventory.logs import paths
from countermark.inventory.logs.records import one_api
from countermark.inventory.logs.tallies import Called, Channel
from countermark.inventory.usage import Kind, Route

MAX_TEXT = 200
SECRET = re.compile(
    r"\b(?:sk|pk|ak|rk|tok|key)[-_][\w-]{16,}|\beyJ[\w-]{16,}|\bAIza[\w-]{20,}|\bAKIA[A-Z0-9]{12,}|\b[0-9a-fA-F]{32,}\b|"
    r"[\w.+-]+@[\w-]+\.[a-z]{2,}|(?<!\d)1[3-9]\d{9}(?!\d)"
)
"""Keys, tokens, mail addresses, telephone numbers: none of them is a model or a service."""
NOT_SAID = "calls that the log does not tell apart"
DECORATION = re.compile(r"[\W\d_]+|渠道|官方|官网|主|备用|channel|official|api", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Where:
    """Where calls went, and how that was concluded."""

    host: str = ""
    provider: str = ""
    route: Route = Route.UNKNOWN
    why: str = ""


@dataclass(frozen=True, slots=True)
class What:
    """Which model was called."""

    model: str
    expression: str = ""
    kind: Kind = Kind.UNKNOWN
    provider: str = ""
    why: tuple[str, ...] = ()


def shown(text: str) -> str:
    """A name out of a log, fit to be shown: one line, not too long, and none that is a key or a person's."""
    text = "".join(c for c in text[: MAX_TEXT * 2] if c.isprintable()).strip()
    if SECRET.search(text):
        return f"withheld-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"
    return text[:MAX_TEXT]


def where(called: Called, channel: Channel | None) -> Where:
    """The host of a call: as the log has it, else that of its channel, else that of the provider it names."""
    hosts = [host for address in called.addresses if (host := signatures.host_of(address))]
    if hosts:
        return address(_nearest(hosts), "as the log has it")
    if channel is not None and channel.host:
        return address(channel.host, f"the host of channel {shown(channel.id)}")
    named = signatures.prefix(called.sent) if called.sent else None
    if named is not None and named.host:
        return address(named.host, f"what {named.name}/ before the model stands for")
    if called.provider and called.form != one_api.NAME:
        own = signatures.provider(called.provider)
        host = signatures.provider_host(called.provider)
        if host:
            return address(host, f"the host of {shown(called.provider)}, which the log names")
        return Where(provider=own.id if own else "")
    return Where()


def _nearest(hosts: list[str]) -> str:
    """Of several, what says most: a provider's; one of the deployment's own; a name; an address."""
    for fits in (paths.knows, signatures.is_local, _is_name):
        for host in hosts:
            if fits(host):
                return host
    return hosts[0]


def _is_name(host: str) -> bool:
    return re.search(r"\.[a-z][a-z0-9-]+(?::\d+)?$", host) is not None


@lru_cache(4_096)
def address(host: str, why: str) -> Where:
    """What the signatures say of a host."""
    known = signatures.host(host)
    if known is not None:
        return Where(host, known.provider, known.route, why)
    route = Route.SELF_HOSTED if signatures.is_local(host) else Route.UNKNOWN
    return Where(host, "", route, why)


@lru_cache(16_384)
def parsed(model: str) -> names.ModelName | None:
    """What a name says, with or without the route before it."""
    return (names.parse(model) or names.parse(model.rpartition("/")[2])) if model else None


def what(called: Called, at: Where) -> What:
    """The model: what was sent decides; where that names none, what the answer says; else what was asked."""
    sent, asked, answered = shown(called.sent), shown(called.asked), shown(called.answered)
    why = [f"asked for as {asked}"] if asked and asked != sent else []
    model = sent
    if parsed(sent) is None and parsed(answered) is not None:
        model = answered
        why += [f"sent as {sent}, answered as {answered}"] if sent else ["as the answer names it"]
    elif answered not in ("", sent):
        why.append(f"answered as {answered}")
    model = model or answered or asked
    method, _, path = called.request.partition(" ")
    endpoint = paths.endpoint(path) if path else None
    if endpoint is not None and endpoint.deployment and parsed(model) is None:
        why.append("the name of a deployment: which model it is stands in Azure")
        model = ""
    known = parsed(model)
    kind = known.kind if known and known.kind is not Kind.UNKNOWN else paths.kind_of(called.request)
    provider = known.provider if known else ""
    return What(model, "" if model else _expression(method, path, at.host), kind, provider, tuple(why))


def _expression(method: str, path: str, host: str) -> str:
    if method == "CONNECT":
        return f"CONNECT {host}{'' if ':' in host else ':443'}"
    return shown(f"{method} {host}{path}".strip()) or NOT_SAID


def differ(claim: str, value: str, at: Where) -> bool:
    """Whether a name claims another model than the value is. A name that claims nothing differs from none."""
    said = parsed(claim)
    if said is None or claim == value:
        return False
    real = parsed(value)
    if real is not None:
        return said.family != real.family
    if at.route is not Route.DIRECT or not at.provider or not said.provider:
        return False
    host_of = signatures.provider(at.provider)
    return said.provider != at.provider and not (host_of and host_of.role == "cloud")


def misnamed(name: str, model: str, at: Where) -> bool:
    """Whether a channel is called after a provider that neither its host nor its model is of."""
    plain = DECORATION.sub("", name)
    said = signatures.provider(plain) if plain else None
    host_of = signatures.provider(at.provider) if at.provider else None
    if said is None or host_of is None or said.role != "provider" or host_of.role in ("cloud", "relay"):
        return False
    known = parsed(model)
    return said.id not in (host_of.id, known.provider if known else "")
