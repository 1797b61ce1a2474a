"""``countermark audit``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from countermark.cli import INCOMPLETE
from countermark.cli.options import (
    Failure,
    check_outputs,
    console,
    exit_code,
    judging_options,
    load_rulebooks,
    load_target,
    output_options,
    target_argument,
    write,
)

if TYPE_CHECKING:
    from countermark.collectors import Task
    from countermark.evidence import Run
    from countermark.target import Target


@click.command("audit")
@target_argument
@judging_options
@output_options
@click.option("--resume", is_flag=True, help="Go on with the last run, if it was interrupted.")
@click.option("--no-progress", is_flag=True, help="No progress bar.")
@click.pass_context
def command(  # noqa: PLR0913 - one parameter for each option
    ctx: click.Context,
    target: Path,
    rulebooks: tuple[Path, ...],
    as_of: date | None,
    fail_on: str,
    strict: bool,
    outputs: tuple[tuple[str, Path | None], ...],
    lang: str,
    resume: bool,
    no_progress: bool,
) -> None:
    """Collect evidence from TARGET, judge it, report.

    TARGET is the folder of a countermark.yaml (or the file itself); the folder that you stand in
    where none is named. The evidence is kept in .countermark/runs/ beside it.

    \b
    Examples:
      countermark audit
      countermark audit shop -f text -f html=report.html -f sarif=report.sarif
      countermark audit --as-of 2026-12-02     # what will the coming rules break?
    """
    from countermark.audit import audit
    from countermark.collectors import Site
    from countermark.evidence import RunError

    check_outputs(outputs)
    root, declared = load_target(target)
    books = load_rulebooks(rulebooks)
    try:
        run = _run(root, declared, resume=resume)
        site = Site(root, declared)
        try:
            with _Progress(hidden=no_progress) as progress:
                report = audit(site, run, books, as_of or date.today(), progress.step)  # noqa: DTZ011 - the user's day
        except KeyboardInterrupt:
            _say(f"{len(run.done)} finished tasks are kept in {run.folder}")
            _say("go on with: countermark audit --resume")
            raise
        finally:
            run.close()
    except RunError as error:
        raise Failure(str(error), INCOMPLETE) from None
    try:
        write(report, outputs, lang)
    finally:  # also where a report could not be written, the evidence is there
        _say(f"evidence: {run.folder}")
    ctx.exit(exit_code(report, fail_on, strict=strict))


def _run(root: Path, target: Target, *, resume: bool) -> Run:
    """A new run, or the last one; a run that was left behind is named."""
    from countermark.evidence import Run, RunState, runs

    earlier = runs(root)
    last = earlier[-1] if earlier else None
    if resume:
        if last is None or last.state is not RunState.INTERRUPTED:
            raise Failure("no interrupted run to resume here: leave out --resume to start one")
        run = Run.resume(last.folder)
        torn = f" (a half-written record of {run.torn_bytes} bytes was dropped)" if run.torn_bytes else ""
        _say(f"resuming {run.id}: {len(run.done)} tasks are done{torn}")
        if run.target() != target:
            run.close()
            raise Failure(
                "countermark.yaml has changed since the run began: leave out --resume to start anew"
            )
        return run
    if last is not None and last.state is RunState.INTERRUPTED:
        kept = len(Run.read(last.folder).done)
        _say(f"the last run, {last.id}, was interrupted; its {kept} finished tasks are kept")
        _say("this is a new run; to go on with the last one: countermark audit --resume")
    return Run.start(root, target)


def _say(text: str) -> None:
    click.echo(text, err=True)


class _Progress:
    """A bar on standard error, where that is a terminal."""

    def __init__(self, *, hidden: bool) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        screen = console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=screen,
            transient=True,
            disable=hidden or not screen.is_terminal,
        )
        self._task = self._bar.add_task("collecting", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def step(self, done: int, total: int, task: Task) -> None:
        from countermark.reports.text import safe

        what = f"{task.collector}: {safe(task.subject)[-40:]}"
        self._bar.update(self._task, completed=done, total=total, description=what)
