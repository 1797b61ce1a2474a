"""What a person reads at the end of a run: files with something to say, then how many of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from countermark.reports.text import safe

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Counts: TypeAlias = Counter[tuple[str, str]]
"""How often each container and outcome came up."""
Notes: TypeAlias = dict[str, list[tuple[str, ...]]]
"""What is to be said of files, by outcome: the name, then the texts."""
SHOWN = 20
"""Files with something to say that are listed; the rest are counted."""
WORST_FIRST = (
    "defective",
    "untrusted",
    "failed",
    "unreadable",
    "refused",
    "labelled",
    "absent",
    "unsupported",
)
INDENT = 12


def show(counts: Counts, notes: Notes, tail: Iterable[str], screen: Console) -> None:
    """Print all of it, the worst first. The texts may come from a file: nothing in them is obeyed."""
    listed = [(outcome, *note) for outcome in sorted(notes, key=_rank) for note in notes[outcome]]
    for outcome, name, *texts in listed[:SHOWN]:
        screen.print(f"{outcome:<{INDENT}}{safe(name)}", soft_wrap=True)
        for text in texts:
            screen.print(f"{'':{INDENT}}  {safe(text)}", soft_wrap=True)
    if len(listed) > SHOWN:
        screen.print("… and more: -f jsonl lists all of them")
    if listed:
        screen.print()
    screen.print(_table(counts))
    for number, text in enumerate(tail):
        screen.print(f"{'' if number else chr(10)}{safe(text)}", soft_wrap=True)


def _rank(outcome: str) -> int:
    return WORST_FIRST.index(outcome) if outcome in WORST_FIRST else len(WORST_FIRST)


def _table(counts: Counts) -> Table:
    from rich.table import Table

    outcomes = sorted({outcome for _, outcome in counts})
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("container")
    for outcome in outcomes:
        table.add_column(outcome, justify="right")
    for container in sorted({container for container, _ in counts}):
        row = [counts[container, outcome] for outcome in outcomes]
        table.add_row(container or "—", *(f"{number:,}" if number else "" for number in row))
    totals = [sum(n for (_, one), n in counts.items() if one == outcome) for outcome in outcomes]
    table.add_section()
    table.add_row("all", *(f"{total:,}" for total in totals), style="bold")
    return table
