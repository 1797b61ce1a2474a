"""``countermark report``."""

from __future__ import annotations

from pathlib import Path

import click

from countermark.cli.options import check_outputs, output_options, write
from countermark.cli.stored import run_argument, stored_run


@click.command("report")
@run_argument
@output_options
def command(run: Path, outputs: tuple[tuple[str, Path | None], ...], lang: str) -> None:
    """Render the stored judgement of RUN in another format. Nothing is collected or judged again.

    \b
    Examples:
      countermark report -f html=report.html --lang zh
      countermark report .countermark/runs/20261123T040506Z-1a2b3c -f sarif=report.sarif
    """
    check_outputs(outputs)
    with stored_run(run) as stored:
        report = stored.report()
    write(report, outputs, lang)
