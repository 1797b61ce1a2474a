"""The order of a list: rows out of order, missing or twice."""

from __future__ import annotations

from collections.abc import Iterator

from countermark.inventory import filing_numbers
from countermark.inventory.register.entries import Defect, Kind, PublicEntry


def in_order(entries: list[PublicEntry]) -> list[Defect]:
    """What is wrong with the sequence of a file: numbers out of order, missing, or twice."""
    return [defect for run in _runs(entries) for defect in _of_run(run)] + _twice(entries)


def _runs(entries: list[PublicEntry]) -> Iterator[list[PublicEntry]]:
    """The entries that are counted together: of one kind and title, until the count begins anew at 1."""
    runs: dict[tuple[Kind, str], list[PublicEntry]] = {}
    for each in entries:
        if not each.sequence:
            continue
        name = (each.kind, each.title)
        run = runs.setdefault(name, [])
        if each.sequence == 1 and run:
            yield runs.pop(name)
            run = runs.setdefault(name, [])
        run.append(each)
    yield from runs.values()


def _of_run(run: list[PublicEntry]) -> Iterator[Defect]:
    highest = 0
    for each in run:
        if each.sequence < highest:
            yield Defect("order", each.place, f"no. {each.sequence} stands behind no. {highest}")
        highest = max(highest, each.sequence)
    present = {each.sequence for each in run}
    missing = (
        sorted(set(range(min(present), max(present))) - present)
        if len(present) * 2 > highest - min(present)
        else []
    )
    if missing:
        where = f"{run[0].kind} list {run[0].title}".strip()
        yield Defect("missing", "", f"{where}: no row has {spans(missing)}")


def _twice(entries: list[PublicEntry]) -> list[Defect]:
    seen: dict[str, PublicEntry] = {}
    found = []
    for each in entries:
        first = seen.setdefault(filing_numbers.key(each.number), each)
        if first is not each:
            found.append(Defect("duplicate", each.place, f"{each.number} stands in {first.place} too"))
    return found


def spans(numbers: list[int]) -> str:
    """Sorted numbers in short: ``no. 3, 5-9``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return "no. " + ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)
