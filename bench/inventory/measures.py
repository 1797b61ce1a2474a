"""How right a scan is: found ids against the labelled ones, with exact intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from truths import Deployment, Row

from countermark.inventory.usage import Inventory, Kind, State

CONCERNING = frozenset({State.EFFECTIVE, State.FALLBACK, State.OFFLINE})
"""What a filing is about: these answer, may answer, or were trained with."""
ASKED = CONCERNING | {State.OFF, State.CI}
"""Where a request is or could be made, so that it has a host."""
TALKS = frozenset({Kind.CHAT, Kind.VISION})
"""Most that look at pictures talk as well: either is right for the other."""
NEAR_LINES = 2
ORDER = list(State)
CUT_SHORT = 4
"""The least characters of a name that may count as a part of an id."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a scanner says of one model; a peer that tells no states leaves ``state`` empty."""

    model: str
    state: str = ""
    host: str = ""
    route: str = ""
    kind: str = ""
    places: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that was asked of a scan, and whether it was right."""

    measure: str
    right: bool
    deployment: Deployment
    what: str


def of_inventory(inventory: Inventory) -> list[Found]:
    """What our own scan found."""
    return [
        Found(
            usage.model,
            str(usage.state),
            usage.host,
            str(usage.route),
            str(usage.kind),
            tuple((place.path, place.line) for place in usage.places),
        )
        for usage in inventory.usages
    ]


def outcomes(deployment: Deployment, found: Iterable[Found]) -> Iterator[Outcome]:
    """Everything that can be asked of one deployment."""
    found = list(found)
    rows = {row.model: row for row in deployment.rows if row.model}
    spelled = {name: row.model for row in rows.values() for name in (row.model, *row.aka)}
    groups: dict[str, list[Found]] = {}
    for one in found:
        if one.model:
            groups.setdefault(spelled.get(one.model, one.model), []).append(one)
    for row in rows.values():
        if not row.optional:
            yield from _asked_of_row(deployment, row, _strongest(groups.get(row.model, [])), list(groups))
    for model, group in groups.items():
        yield from _asked_of_model(deployment, model, rows.get(model), _strongest(group))
    if all(one.state for one in found):
        yield from _unresolved(deployment, [one for one in found if one.state == State.UNRESOLVED])
    if not deployment.rows:
        heard = ", ".join(sorted(groups))
        yield Outcome("silent where there is no AI", not found, deployment, heard or "an unresolved model")


def _strongest(group: list[Found]) -> list[Found]:
    """Those in the state that concerns a filing most."""
    if not group:
        return []
    first = min(_rank(one) for one in group)
    return [one for one in group if _rank(one) == first]


def _rank(one: Found) -> int:
    return ORDER.index(State(one.state)) if one.state else 0


def _asked_of_row(
    deployment: Deployment, row: Row, group: list[Found], names: list[str]
) -> Iterator[Outcome]:
    def outcome(measure: str, right: bool, what: str = "") -> Outcome:
        return Outcome(measure, right, deployment, f"{row} {what}".rstrip())

    state = group[0].state if group else ""
    yield outcome("ids found", bool(group))
    yield outcome(f"ids found: {row.state}", bool(group))
    yield outcome("ids found, whole or cut short", bool(group) or any(_part(name, row) for name in names))
    if row.state in CONCERNING:
        told = bool(group) and (not state or state in CONCERNING or state in row.states)
        yield outcome("concerning ids found as such", told, f"is said to be {state or 'nothing'}")
    if not state:
        return
    yield outcome("state", state in row.states, f"is said to be {state}")
    if row.kind is not Kind.UNKNOWN:
        right = any(one.kind == row.kind or {one.kind, row.kind} <= TALKS for one in group)
        yield outcome("kind", right, f"is {row.kind}, said to be {group[0].kind}")
    if row.hosts and row.state in ASKED:
        said = {_bare(one.host) for one in group if one.host}
        right = bool(said) and said <= {_bare(host) for host in row.hosts}
        yield outcome(
            "host", right, f"at {row.hosts[0]} is said to be at {', '.join(sorted(said)) or 'none'}"
        )
    if row.state in CONCERNING:
        yield outcome(
            "route", any(one.route == row.route for one in group), f"{row.route}, not {group[0].route}"
        )


def _part(name: str, row: Row) -> bool:
    """Whether a name is an id of which the organisation, the version or the size was lost."""
    return len(name) >= CUT_SHORT and any(
        spelling.startswith(name) or spelling.endswith(f"/{name}") for spelling in (row.model, *row.aka)
    )


def _bare(host: str) -> str:
    return host.lower().removesuffix(":443").removesuffix(":80")


def _asked_of_model(
    deployment: Deployment, model: str, row: Row | None, group: list[Found]
) -> Iterator[Outcome]:
    state = group[0].state
    where = ":".join(map(str, group[0].places[0])) if group[0].places else "somewhere"
    what = f"{model} [{state or 'no state'}] {where}"
    if row is None or not row.optional:
        yield Outcome("ids right", row is not None, deployment, what)
    concerns = not state or state in CONCERNING
    if not concerns or (row and row.optional and not state):
        return
    right = row is not None and bool(row.states & CONCERNING)
    if not (right and row and row.optional):
        yield Outcome("concerning ids right", right, deployment, what)


def _unresolved(deployment: Deployment, found: list[Found]) -> Iterator[Outcome]:
    rows = [row for row in deployment.rows if row.state == State.UNRESOLVED]
    for row in rows:
        if not row.optional:
            yield Outcome("unresolved found", any(_near(row, one) for one in found), deployment, str(row))
    for one in found:
        right = any(_near(row, one) for row in rows)
        yield Outcome("unresolved right", right, deployment, " ".join(f"{p}:{n}" for p, n in one.places[:1]))


def _near(row: Row, one: Found) -> bool:
    near = ((row.path, row.line), *row.also_at)
    return any(
        path == there and abs(line - at) <= NEAR_LINES for path, line in one.places for there, at in near
    )


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many."""

    right: int
    of: int

    @classmethod
    def among(cls, asked: Iterable[Outcome]) -> Share:
        """The share of right outcomes."""
        flags = [outcome.right for outcome in asked]
        return cls(sum(flags), len(flags))

    @property
    def value(self) -> float:
        """0 to 1; 0 of nothing is 0."""
        return self.right / self.of if self.of else 0.0

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """The exact interval for a share.

        Source: C. J. Clopper, E. S. Pearson, Biometrika 26 (1934), 404-413.
        """
        rest = (1 - confidence) / 2
        low, high = 0.0, 1.0
        if self.right:
            low = _root(lambda p: _at_least(self.right, self.of, p) - rest)
        if self.right < self.of:
            high = _root(lambda p: rest - (1 - _at_least(self.right + 1, self.of, p)))
        return low, high

    def __str__(self) -> str:
        if not self.of:
            return "-"
        low, high = self.interval()
        return f"{self.value:.1%} ({self.right}/{self.of}; {low:.0%} to {high:.0%})"


def _at_least(successes: int, trials: int, p: float) -> float:
    """The chance of so many successes or more."""
    return math.fsum(
        math.comb(trials, k) * p**k * (1 - p) ** (trials - k) for k in range(successes, trials + 1)
    )


def _root(rising: Callable[[float], float]) -> float:
    """Where a rising function of a share is 0, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if rising(middle) > 0 else (middle, high)
    return low
