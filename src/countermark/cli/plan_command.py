"""``countermark plan``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from countermark.cli.options import console, load_target, target_argument


@click.command("plan")
@target_argument
@click.option("-v", "--verbose", is_flag=True, help="Every file, not only the counts.")
def command(target: Path, verbose: bool) -> None:
    """Say what an audit of TARGET will read, send and skip, with counts. Nothing is read yet."""
    from rich.table import Table

    from countermark.audit import plan
    from countermark.collectors import Action, Site
    from countermark.reports.text import safe

    root, declared = load_target(target)
    tasks = plan(Site(root, declared))
    screen = console()
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name, justify in (
        ("collector", "left"),
        ("kind of fact", "left"),
        ("read", "right"),
        ("bytes", "right"),
        ("send", "right"),
        ("skip", "right"),
    ):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    groups = sorted({(task.collector, task.kind) for task in tasks})
    for collector, kind in groups:
        mine = [task for task in tasks if (task.collector, task.kind) == (collector, kind)]
        counts = Counter(task.action for task in mine)
        size = sum(task.size for task in mine)
        table.add_row(
            collector,
            kind,
            str(counts[Action.READ]),
            f"{size:,}",
            str(counts[Action.SEND]),
            str(counts[Action.SKIP]),
        )
    screen.print(table)
    total = Counter(task.action for task in tasks)
    screen.print(
        f"\nread {total[Action.READ]}, send {total[Action.SEND]}, skip {total[Action.SKIP]}; "
        f"{sum(task.size for task in tasks):,} bytes"
    )
    for task in tasks:
        if task.gap:
            screen.print(f"  skip  {safe(task.subject)}  {task.kind}: {safe(task.gap[1])}")
        elif verbose:
            screen.print(f"  {task.action}  {safe(task.subject)}  {task.kind}")
