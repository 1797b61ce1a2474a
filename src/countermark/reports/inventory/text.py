"""An inventory in the terminal: what answers users first, then what is open, then the rest in a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from countermark.inventory.saving import Change
from countermark.inventory.usage import Inventory, State, Usage
from countermark.reports.text import safe

SHOWN = (State.EFFECTIVE, State.UNRESOLVED, State.FALLBACK, State.OFF, State.OFFLINE)
"""Listed by default; the rest are counted."""
MOST_UNREAD = 12
MOST_CHANGES = 40
STYLES = {
    State.EFFECTIVE: "bold",
    State.UNRESOLVED: "yellow",
    State.FALLBACK: "cyan",
}


def show(
    found: Inventory, changes: Sequence[Change] | None, screen: Console, *, everything: bool = False
) -> None:
    """Print it. Names may come from hostile files: nothing in them is obeyed."""
    listed = [u for u in found.usages if everything or u.state in SHOWN]
    if listed:
        screen.print(_table(listed))
    conflicts = [(u, c) for u in found.usages for c in u.conflicts]
    for usage, conflict in conflicts:
        where = safe(str(conflict.place))
        screen.print(
            f"names lie  {safe(conflict.says)} is {safe(conflict.value)}: {where}  ({safe(usage.model)})",
            style="red",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
    if changes is not None:
        _changes(changes, screen)
    _summary(found, everything, screen)


def _table(usages: Iterable[Usage]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("state", "model", "kind", "host", "where"):
        table.add_column(name, overflow="fold")
    for usage in usages:
        model = safe(usage.model) if usage.model else f"? {safe(usage.expression)}"
        host = safe(usage.host) or "—"
        if usage.route.value in ("relay", "self-hosted"):
            host += f" ({usage.route})"
        where = safe(str(usage.place)) + (f" +{len(usage.places) - 1}" if len(usage.places) > 1 else "")
        if usage.requests:
            where += f" · {usage.requests:,} requests"
        kind = "" if usage.kind.value == "unknown" else str(usage.kind)
        table.add_row(str(usage.state), model, kind, host, where, style=STYLES.get(usage.state, "dim"))
    return table


def _changes(changes: Sequence[Change], screen: Console) -> None:
    for change in changes[:MOST_CHANGES]:
        usage = change.after or change.before
        mark = "[red]![/red]" if change.concerns else " "
        said = {
            "new": "new",
            "gone": "gone",
            "state": f"was {change.before.state if change.before else ''}",
            "host": f"was at {change.before.host if change.before else ''}",
        }[change.what]
        if usage is not None:
            screen.print(
                f"{mark} {said:<18} {usage.state!s:<11} {safe(change.model)}  {safe(usage.host)}  "
                f"{safe(str(usage.place))}",
                highlight=False, soft_wrap=True,
            )  # fmt: skip
    if len(changes) > MOST_CHANGES:
        screen.print(f"… and {len(changes) - MOST_CHANGES} more changes: -f json has all")
    if not changes:
        screen.print("Nothing has changed since the baseline.")


def _summary(found: Inventory, everything: bool, screen: Console) -> None:
    states = Counter(str(usage.state) for usage in found.usages)
    counts = found.counts
    screen.print()
    if states:
        screen.print(" · ".join(f"{states[s]} {s}" for s in map(str, State) if states[s]), highlight=False)
    else:
        screen.print("No use of a model was found in what was read.")
    read = f"{counts.get('read', 0):,} of {counts.get('files', 0):,} files read"
    apart = ", ".join(
        f"{counts[name]:,} {name}"
        for name in ("ignored", "vendored", "generated", "records", "binary")
        if counts.get(name)
    )
    screen.print(f"{read}{f' ({apart})' if apart else ''}", highlight=False)
    if counts.get("ignored") and not counts.get("read"):
        screen.print("Nothing was read: --no-gitignore reads what .gitignore names, too.")
    for unread in found.unread[:MOST_UNREAD]:
        line = f":{unread.line}" if unread.line else ""
        screen.print(
            f"not read  {safe(unread.path)}{line}: {safe(unread.why)}", highlight=False, soft_wrap=True
        )
    if len(found.unread) > MOST_UNREAD:
        screen.print(
            f"… and {len(found.unread) - MOST_UNREAD:,} more that were not read: -f json lists all of them"
        )
    hidden = sum(count for state, count in states.items() if State(state) not in SHOWN)
    if hidden and not everything:
        screen.print(f"{hidden} more are only tested, supported, documented or left over: --all lists them")
