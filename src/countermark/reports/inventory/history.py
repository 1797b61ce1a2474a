"""Which model ran when, as far as stored scans tell, and that in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console

from countermark.inventory.saving import CONCERNING
from countermark.inventory.usage import State
from countermark.reports.text import safe


@dataclass(frozen=True, slots=True)
class Seen:
    """What one run saw."""

    run: str
    day: str
    """When it began, ISO 8601."""
    usages: tuple[Mapping[str, Any], ...]
    """Each as :meth:`countermark.inventory.usage.Usage.to_dict` gives it."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Runs in a row in which a model stood in one way."""

    state: str
    host: str
    first: str
    last: str
    runs: int
    lasts: bool
    """Whether the last run saw it still."""


@dataclass(frozen=True, slots=True)
class History:
    """One model over all runs."""

    model: str
    """As written; the expression where no file says which it is."""
    first: str
    last: str
    first_answered: str
    """When a run first saw it answer users, or perhaps; empty where none did."""
    last_answered: str
    stretches: tuple[Stretch, ...]

    @property
    def answered(self) -> bool:
        """Whether it answered users in any run, or may have."""
        return bool(self.first_answered)

    @property
    def gone(self) -> bool:
        """Whether the last run did not see it any more."""
        return not any(stretch.lasts for stretch in self.stretches)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {"gone": self.gone}


def histories(runs: Sequence[Seen]) -> list[History]:
    """One for each model, what answers or answered first.

    Args:
        runs: In the order of time.
    """
    standing = [_standing(run.usages) for run in runs]
    models = sorted({model for each in standing for model in each})
    found = [_history(model, runs, [each.get(model, frozenset()) for each in standing]) for model in models]
    return sorted(found, key=lambda each: (not each.answered, each.model))


def _standing(usages: Iterable[Mapping[str, Any]]) -> dict[str, frozenset[tuple[str, str]]]:
    """Model → the states and hosts in which one run saw it."""
    found: dict[str, set[tuple[str, str]]] = {}
    for usage in usages:
        name = str(usage.get("model") or usage.get("expression") or "?")
        found.setdefault(name, set()).add((str(usage.get("state", "")), str(usage.get("host", ""))))
    return {name: frozenset(ways) for name, ways in found.items()}


def _history(model: str, runs: Sequence[Seen], ways: Sequence[frozenset[tuple[str, str]]]) -> History:
    days = [run.day for run, way in zip(runs, ways, strict=True) if way]
    answering = [
        run.day for run, way in zip(runs, ways, strict=True) if any(state in CONCERNING for state, _ in way)
    ]
    order = [*map(str, State)]
    stretches = [
        stretch
        for way in sorted(frozenset[tuple[str, str]]().union(*ways))
        for stretch in _stretches(way, runs, ways)
    ]
    stretches.sort(key=lambda s: (s.first, order.index(s.state) if s.state in order else len(order), s.host))
    return History(
        model=model,
        first=days[0],
        last=days[-1],
        first_answered=answering[0] if answering else "",
        last_answered=answering[-1] if answering else "",
        stretches=tuple(stretches),
    )


def _stretches(
    way: tuple[str, str], runs: Sequence[Seen], ways: Sequence[frozenset[tuple[str, str]]]
) -> Iterable[Stretch]:
    begun: int | None = None
    for at in range(len(runs) + 1):
        here = at < len(runs) and way in ways[at]
        if here and begun is None:
            begun = at
        elif not here and begun is not None:
            lasts = at == len(runs)
            yield Stretch(*way, runs[begun].day, runs[at - 1].day, at - begun, lasts)
            begun = None


def show(found: Sequence[History], runs: Sequence[Seen], screen: Console) -> None:
    """Print it. Names may come from hostile files: nothing in them is obeyed."""
    if not runs:
        return
    screen.print(
        f"{len(runs)} run{'s' if len(runs) != 1 else ''}, {_day(runs[0].day)} to {_day(runs[-1].day)}",
        highlight=False,
    )
    for each in found:
        gone = f"  not seen since {_day(each.last)}" if each.gone else ""
        screen.print(f"\n{safe(each.model)}{gone}", style="bold" if each.answered and not each.gone else "",
                     highlight=False, soft_wrap=True)  # fmt: skip
        for s in each.stretches:
            until = "now" if s.lasts else _day(s.last)
            times = f"{s.runs} run{'s' if s.runs != 1 else ''}"
            screen.print(f"  {_day(s.first)} … {until:<10}  {s.state:<11}  {safe(s.host) or '—'}  ({times})",
                         highlight=False, soft_wrap=True)  # fmt: skip
    if not found:
        screen.print("No run saw a model that answers users.")


def _day(moment: str) -> str:
    return moment[:10]
