"""``countermark runs``."""

from __future__ import annotations

from pathlib import Path

import click

from countermark.cli.options import Failure


@click.command("runs")
@click.argument("target", default=".", type=click.Path(path_type=Path))
def command(target: Path) -> None:
    """List the stored runs of TARGET, oldest first: name, state, finished tasks."""
    from countermark.evidence import Run, RunError, runs

    found = runs(target.parent if target.name == "countermark.yaml" else target)
    if not found:
        raise Failure(f"{target}: no run is stored here; `countermark audit` makes one")
    for run in found:
        try:
            finished = f"{len(Run.read(run.folder).done)} tasks"
        except RunError as error:
            finished = str(error)
        click.echo(f"{run.id}  {run.state:<11}  {finished}")
