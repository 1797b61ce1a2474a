"""One row for each model and host: the strongest state, with every other place beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from countermark.inventory.usage import Place, Route, State, Usage, merged

MAX_PLACES = 60
ORDER = list(State)
ASIDE = (State.TEST, State.CI, State.STALE, State.DOCUMENTED)
"""What goes to hosts of its own: a mock, a runner, a host of the past."""


def folded(usages: Iterable[Usage]) -> list[Usage]:
    """Fold what only repeats a stronger usage of the same model into it.

    A usage that goes to another host stays apart, and so does one that is not resolved.
    """
    by_model: dict[str, list[Usage]] = defaultdict(list)
    kept: list[Usage] = []
    for usage in merged(usages):
        if usage.state is State.UNRESOLVED:
            kept.append(usage)
        else:
            by_model[usage.model].append(usage)
    for group in by_model.values():
        kept += _strongest(group)
    kept = [replace(row, places=row.places[:MAX_PLACES], why=row.why[:MAX_PLACES]) for row in kept]
    return sorted(kept, key=lambda u: (ORDER.index(u.state), u.model, u.host, u.place))


def _strongest(group: list[Usage]) -> list[Usage]:
    group.sort(key=lambda u: (ORDER.index(u.state), not u.host))
    rows: list[Usage] = []
    for usage in group:
        at = next((n for n, row in enumerate(rows) if _repeats(usage, row)), None)
        if at is None:
            rows.append(usage)
        else:
            rows[at] = _with(rows[at], usage)
    return rows


def _repeats(usage: Usage, row: Usage) -> bool:
    if usage.service and row.service and usage.service != row.service:
        return False
    if usage.state is not row.state and not usage.host:
        return True
    if usage.state in (State.DOCUMENTED, State.CATALOGUE, State.STALE, State.OFF, State.TEST, State.CI) and (
        usage.state is not row.state
    ):
        return True
    return usage.host == row.host or not usage.host or not row.host


def _with(row: Usage, other: Usage) -> Usage:
    """A row with the places of another; where one lacks the host, it takes the other's."""
    same = other.state is row.state
    added = other.places if same else tuple(_marked(place, other.state) for place in other.places)
    host = row if row.host or not other.host or other.state in ASIDE else other
    kind = row.kind if row.kind.value != "unknown" else other.kind
    return replace(
        row,
        places=tuple(dict.fromkeys(row.places + added)),
        why=tuple(dict.fromkeys(row.why + (other.why if same else ()))),
        conflicts=tuple(dict.fromkeys(row.conflicts + other.conflicts)),
        host=host.host,
        route=host.route if host.host else (row.route if row.route is not Route.UNKNOWN else other.route),
        provider=host.provider or row.provider or other.provider,
        kind=kind,
        service=row.service or (other.service if same else ""),
        requests=row.requests + other.requests,
        first=min(filter(None, (row.first, other.first)), default=""),
        last=max(row.last, other.last),
    )


def _marked(place: Place, state: State) -> Place:
    return replace(place, what=f"{state}: {place.what}" if place.what else str(state))
