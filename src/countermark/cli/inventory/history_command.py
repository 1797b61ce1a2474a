"""``countermark inventory history``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from countermark.cli import CLEAN, UNVERIFIED
from countermark.cli.options import Failure, console

if TYPE_CHECKING:
    from countermark.evidence import Run
    from countermark.reports.inventory.history import Seen


@click.command("history")
@click.argument("folder", default=".", type=click.Path(path_type=Path, exists=True))
@click.option("--model", "models", multiple=True, metavar="MODEL", help="Only this one. Repeatable.")
@click.option("--all", "show_all", is_flag=True, help="Also models that answered no user in any run.")
@click.option(
    "-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_context
def command(ctx: click.Context, folder: Path, models: tuple[str, ...], show_all: bool, form: str) -> None:
    """Say from the stored audits of FOLDER which model ran when: first and last seen, states and hosts.

    Each `countermark audit` of a deployment that declares `inventory` keeps what its scan found in
    .countermark/runs. Only runs that are sealed, and as they were sealed, count. A model was seen on the days
    of the runs: what ran between them is not known.

    The exit code is 4 where a run is not as it was sealed; its facts are left out.

    \b
    Examples:
      countermark inventory history
      countermark inventory history shop --model qwen-plus
      countermark inventory history -f json | jq '.models[] | select(.last_answered != "")'
    """
    from countermark.reports.inventory import history

    seen, broken = _seen(folder.parent if folder.name == "countermark.yaml" else folder)
    found = [
        each
        for each in history.histories(seen)
        if (each.model in models if models else show_all or each.answered)
    ]
    if form == "json":
        runs = [{"run": each.run, "day": each.day, "usages": len(each.usages)} for each in seen]
        value = {"format": "countermark-inventory-history/1", "runs": runs, "left_out": broken,
                 "models": [each.to_dict() for each in found]}  # fmt: skip
        click.echo(json.dumps(value, ensure_ascii=False, indent=1))
    else:
        history.show(found, seen, console())
    for each in broken:
        click.echo(f"left out: {each}", err=True)
    ctx.exit(UNVERIFIED if broken else CLEAN)


def _seen(root: Path) -> tuple[list[Seen], list[str]]:
    """What each sealed run saw, in the order of time; and the runs that are not as they were sealed."""
    from countermark.evidence import RunError, RunState, runs

    seen: list[Seen] = []
    broken: list[str] = []
    stored = [run for run in runs(root) if run.state is RunState.SEALED]
    if not stored:
        raise Failure(f"{root}: no sealed run is stored here; `countermark audit` makes one")
    for run in stored:
        try:
            if changed := run.broken_files():
                broken.append(f"{run.folder}: not as it was sealed: {', '.join(changed)}")
            elif (one := _of_run(run)) is not None:
                seen.append(one)
        except RunError as error:
            broken.append(str(error))
    if not seen and not broken:
        raise Failure(
            f"{root}: no stored run has looked for models: declare `inventory` in countermark.yaml, and audit"
        )
    return seen, broken


def _of_run(run: Run) -> Seen | None:
    """None where the run did not look for models."""
    from countermark.model import Evidence
    from countermark.reports.inventory.history import Seen

    records = [record for record in run.records() if isinstance(record, Evidence)]
    if not any(record.kind in ("model.scan", "model.usage") for record in records):
        return None
    started = json.loads((run.folder / "run.json").read_bytes())["started"]
    usages = tuple(record.fact for record in records if record.kind == "model.usage")
    return Seen(run.id, started, usages)
