"""``countermark inventory diff``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from countermark.cli import CLEAN, FINDINGS
from countermark.cli.options import console

if TYPE_CHECKING:
    from countermark.inventory.saving import Change


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("new", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_context
def command(ctx: click.Context, old: Path, new: Path, form: str) -> None:
    """Compare two scans that were saved with -f json=FILE: what is new, what is gone, what goes elsewhere.

    \b
    new     a model that OLD does not have, or has only at another service
    host    the same model, whose requests go to another host now
    state   the same model, which stands otherwise now: it was off and answers, it answered and is off
    gone    a model that NEW does not have

    A line that moved is no change. What begins to answer users, or is answered from another host, is marked
    with ! and gives exit code 1; everything else gives 0.

    \b
    Examples:
      countermark inventory diff released.json now.json
      countermark inventory diff released.json now.json -f json | jq '.changes[] | select(.concerns)'
    """
    from countermark.cli.inventory.saved import saved
    from countermark.inventory import saving

    changes = saving.diff(saved(old), saved(new))
    if form == "json":
        value = {"format": "countermark-inventory-diff/1", "changes": [_as_json(each) for each in changes]}
        click.echo(json.dumps(value, ensure_ascii=False, indent=1))
    else:
        from countermark.reports.inventory import changes as report

        report.show(changes, console())
    ctx.exit(FINDINGS if any(change.concerns for change in changes) else CLEAN)


def _as_json(change: Change) -> dict[str, Any]:
    return {
        "what": change.what,
        "model": change.model,
        "concerns": change.concerns,
        "before": change.before.to_dict() if change.before else None,
        "after": change.after.to_dict() if change.after else None,
    }
