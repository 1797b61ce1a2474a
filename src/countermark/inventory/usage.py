"""What an inventory is made of: usages of AI, what says so, and what was not read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How a usage stands, the one that concerns a filing most first."""

    EFFECTIVE = "effective"
    """Answers when the deployment starts as its files stand."""
    UNRESOLVED = "unresolved"
    """A model is called here, and which one the files do not say. Never clean."""
    FALLBACK = "fallback"
    """Answers only where another value is missing or another model fails."""
    OFF = "off"
    """Switched off: a flag that is false, a setting commented out, no replica, a profile not chosen."""
    OFFLINE = "offline"
    """Training, evaluation, batch work, notebooks: answers no user."""
    CI = "ci"
    """Only in the pipeline that builds and tests."""
    TEST = "test"
    """Only in tests."""
    CATALOGUE = "catalogue"
    """One of those that the product supports: choices, price lists, comparisons."""
    STALE = "stale"
    """Nothing reaches it any more: old copies, overwritten or unreferenced definitions."""
    DOCUMENTED = "documented"
    """Only written about: documents, comments, templates that nothing reads."""


class Route(StrEnum):
    """The way to the model."""

    DIRECT = "direct"
    """A host of the provider, or of a cloud that hosts the model under its own name."""
    RELAY = "relay"
    """A host of somebody who passes requests on to many providers."""
    SELF_HOSTED = "self-hosted"
    """Served by the deployment: vLLM, Ollama, a file, a host of its own network."""
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """What a model does."""

    CHAT = "chat"
    EMBEDDING = "embedding"
    RERANK = "rerank"
    IMAGE = "image"
    VIDEO = "video"
    SPEECH = "speech"
    OCR = "ocr"
    MODERATION = "moderation"
    VISION = "vision"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands."""

    path: str
    """Relative to what was scanned, with forward slashes; ``image.tar!/app/main.py`` within archives."""
    line: int = 0
    """Counted from 1; 0 where there are no lines: a process, a pod, a file's header."""
    end: int = 0
    """The last line of a range, as in a log; 0 where it is one line."""
    what: str = ""
    """What stands there: ``model= of chat.completions.create``, ``LLM_MODEL``, ``pod shop/api-0``."""

    def __str__(self) -> str:
        line = f":{self.line}" if self.line else ""
        return f"{self.path}{line}{f'-{self.end}' if self.end else ''}"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two things that a deployment says of one model, which cannot both be so."""

    says: str
    """What is claimed: the name of a service, of an entry, of a folder."""
    value: str
    """What the value is: it decides."""
    place: Place


@dataclass(frozen=True, slots=True)
class Usage:
    """One model in use, or said to be."""

    model: str
    """The model id exactly as written; empty where it is not known."""
    state: State
    places: tuple[Place, ...]
    """First where the value stands, then the way to where it is used."""
    provider: str = ""
    """Id of the provider in the signatures; empty where it is not known."""
    host: str = ""
    """Where requests go, as ``host`` or ``host:port``; empty where it is not known."""
    route: Route = Route.UNKNOWN
    kind: Kind = Kind.UNKNOWN
    service: str = ""
    """The part of the deployment that it belongs to: a Compose service, a pod, a process."""
    expression: str = ""
    """What stands in the place of the model id where that is not known: ``${LLM_MODEL}``."""
    why: tuple[str, ...] = ()
    """How the state and the host were concluded, step by step."""
    conflicts: tuple[Conflict, ...] = ()
    requests: int = 0
    """How often it was called, where a log says so."""
    first: str = ""
    """When it was first seen in a log, ISO 8601."""
    last: str = ""

    @property
    def place(self) -> Place:
        """Where the value stands."""
        return self.places[0]

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What two scans know the same usage by."""
        return (self.model or self.expression, self.host, str(self.state), self.service)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "model": self.model,
            "expression": self.expression,
            "state": str(self.state),
            "provider": self.provider,
            "host": self.host,
            "route": str(self.route),
            "kind": str(self.kind),
            "service": self.service,
            "places": [{"path": p.path, "line": p.line, "end": p.end, "what": p.what} for p in self.places],
            "why": list(self.why),
            "conflicts": [
                {"says": c.says, "value": c.value, "path": c.place.path, "line": c.place.line}
                for c in self.conflicts
            ],
            "requests": self.requests,
            "first": self.first,
            "last": self.last,
        }


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that was not read, or not to its end."""

    path: str
    why: str
    """What was in the way, and what to do, in English."""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Sdk:
    """A library for AI that the deployment depends on."""

    name: str
    """Id in the signatures."""
    package: str
    """As the lock file or manifest names it."""
    version: str
    place: Place


@dataclass
class Inventory:
    """Everything that was found, and what was not looked at."""

    usages: list[Usage] = field(default_factory=list)
    sdks: list[Sdk] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    """``files``, ``read``, ``ignored``, ``vendored``, ``generated``, ``binary``, ``bytes``."""

    def add(self, other: Inventory, prefix: str = "") -> None:
        """Take in what another scan found, its paths below ``prefix``."""
        self.usages += [_below(prefix, usage) for usage in other.usages] if prefix else other.usages
        self.sdks += [replace(s, place=replace(s.place, path=prefix + s.place.path)) for s in other.sdks]
        self.unread += [replace(u, path=prefix + u.path) for u in other.unread]
        for name, count in other.counts.items():
            self.counts[name] = self.counts.get(name, 0) + count

    def of(self, *states: State) -> Iterator[Usage]:
        """The usages in these states."""
        return (usage for usage in self.usages if usage.state in states)


def _below(prefix: str, usage: Usage) -> Usage:
    places = tuple(replace(place, path=prefix + place.path) for place in usage.places)
    conflicts = tuple(replace(c, place=replace(c.place, path=prefix + c.place.path)) for c in usage.conflicts)
    return replace(usage, places=places, conflicts=conflicts)


def merged(usages: Iterable[Usage]) -> list[Usage]:
    """One usage for each key, with all the places; in the order of state, model and place."""
    groups: dict[tuple[str, str, str, str], list[Usage]] = {}
    for usage in usages:
        groups.setdefault(usage.key, []).append(usage)
    order = list(State)
    return sorted(
        (_one(group) if len(group) > 1 else group[0] for group in groups.values()),
        key=lambda u: (order.index(u.state), u.model, u.host, u.place),
    )


def _one(group: list[Usage]) -> Usage:
    return replace(
        group[0],
        places=tuple(dict.fromkeys(place for usage in group for place in usage.places)),
        why=tuple(dict.fromkeys(why for usage in group for why in usage.why)),
        conflicts=tuple(dict.fromkeys(conflict for usage in group for conflict in usage.conflicts)),
        requests=sum(usage.requests for usage in group),
        first=min((usage.first for usage in group if usage.first), default=""),
        last=max(usage.last for usage in group),
    )
