"""``countermark judge``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from countermark.cli.options import (
    check_outputs,
    exit_code,
    judging_options,
    load_rulebooks,
    output_options,
    write,
)
from countermark.cli.stored import run_argument, stored_run


@click.command("judge")
@run_argument
@judging_options
@output_options
@click.pass_context
def command(  # noqa: PLR0913 - one parameter for each option
    ctx: click.Context,
    run: Path,
    rulebooks: tuple[Path, ...],
    as_of: date | None,
    fail_on: str,
    strict: bool,
    outputs: tuple[tuple[str, Path | None], ...],
    lang: str,
) -> None:
    """Judge the stored evidence of RUN again. Nothing is collected, and the run is not changed.

    RUN is a run folder, or the folder of a target (its last run); the folder that you stand in
    where none is named.

    \b
    Examples:
      countermark judge --as-of 2026-07-01              # during the campaign
      countermark judge --as-of 2026-12-02 --fail-on never
      countermark judge --rulebooks shipped --rulebooks our-rules/
    """
    from countermark.audit import judge

    check_outputs(outputs)
    books = load_rulebooks(rulebooks)
    with stored_run(run) as stored:
        report = judge(stored.target(), stored.records(), books, as_of or date.today(), stored.id)  # noqa: DTZ011
    write(report, outputs, lang)
    ctx.exit(exit_code(report, fail_on, strict=strict))
