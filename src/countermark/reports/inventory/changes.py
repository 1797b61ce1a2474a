"""What changed between two inventories, in the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console

from countermark.inventory.saving import Change
from countermark.inventory.usage import Usage
from countermark.reports.text import safe


def show(changes: Sequence[Change], screen: Console) -> None:
    """Print it, what concerns users first. Names may come from hostile files: nothing in them is obeyed."""
    for change in changes:
        mark = "!" if change.concerns else " "
        screen.print(f"{mark} {change.what:<5}  {safe(change.model)}  {_said(change)}",
                     style="bold" if change.concerns else "dim", highlight=False, soft_wrap=True)  # fmt: skip
    counts = Counter(change.what for change in changes)
    concerning = sum(change.concerns for change in changes)
    if not changes:
        screen.print("Nothing has changed.")
        return
    screen.print()
    total = " · ".join(f"{counts[what]} {what}" for what in ("new", "host", "state", "gone") if counts[what])
    screen.print(f"{total}: {concerning or 'none'} of them answers users, or from elsewhere", highlight=False)


def _said(change: Change) -> str:
    """From what to what, and where it stands."""
    before, after = change.before, change.after
    usage = after or before
    assert usage is not None  # noqa: S101 - one of the two is there
    if before is None or after is None:
        return f"{usage.state}  {_at(usage)}  {safe(str(usage.place))}"
    states = str(after.state) if before.state is after.state else f"{before.state} → {after.state}"
    hosts = _at(after) if before.host == after.host else f"{_at(before)} → {_at(after)}"
    return f"{states}  {hosts}  {safe(str(usage.place))}"


def _at(usage: Usage) -> str:
    return safe(usage.host) or "—"
