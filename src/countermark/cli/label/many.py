"""What the commands about labels share: naming files, showing progress, summing up."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import click

from countermark.cli.options import Failure, Output, console

if TYPE_CHECKING:
    from countermark.labels.batch import Found, Job, Record

Function = TypeVar("Function", bound=Callable[..., Any])
FORMS = ("table", "jsonl")
SHOWN = 20
"""Files with something to say that the table lists; the rest are counted."""


class LabelOutput(Output):
    """``table`` or ``jsonl``, with ``=FILE`` where it goes into one."""

    forms = FORMS


def files_argument(function: Function) -> Function:
    """The files, folders and patterns."""
    return click.argument("files", nargs=-1, required=True, metavar="FILES...")(function)


def many_options(function: Function) -> Function:
    """How many files are worked on, and what comes out."""
    for option in (
        click.option("--no-progress", is_flag=True, help="No progress bar."),
        click.option(
            "--resume", is_flag=True, help="Go on with the run whose lines are in the file of -f jsonl=FILE."
        ),
        click.option(
            "-f",
            "--format",
            "outputs",
            type=LabelOutput(),
            multiple=True,
            help="table, or jsonl: one object for each file; with =FILE into a file. Repeatable. "
            "[default: table]",
        ),
        click.option(
            "-j",
            "--processes",
            type=click.IntRange(1, 256),
            default=1,
            show_default=True,
            help="Work in this many processes.",
        ),
    ):
        function = option(function)
    return function


def named(files: tuple[str, ...]) -> Iterator[str]:
    """The arguments, with ``-`` replaced by the lines of standard input."""
    for name in files:
        if name == "-":
            for line in sys.stdin:
                if stripped := line.rstrip("\r\n"):
                    yield stripped
        else:
            yield name


def work(
    job: Job,
    files: tuple[str, ...],
    outputs: tuple[tuple[str, Path | None], ...],
    *,
    processes: int,
    resume: bool,
    hidden: bool,
) -> Counter[tuple[str, str]]:
    """Do the job on the files and write what was asked for; how often each container and outcome."""
    outputs = outputs or (("table", None),)
    session = _Session(_record(outputs, resume=resume), shown=("jsonl", None) in outputs)
    try:
        session.run(job, files, processes, hidden=hidden)
    except FileNotFoundError as error:
        raise Failure(str(error)) from None
    except KeyboardInterrupt:
        if session.record:
            click.echo(f"{session.counts.total():,} files are done; go on with --resume", err=True)
        raise
    finally:
        if session.record:
            session.record.close()
    if not session.counts:
        raise Failure("there is no file to look at")
    for form, file in outputs:
        if form == "table":
            _table(session.counts, session.notes, file)
    return session.counts


class _Session:
    """What became of the files so far."""

    def __init__(self, record: Record | None, *, shown: bool) -> None:
        self.record = record
        self.counts: Counter[tuple[str, str]] = Counter(record.earlier if record else [])
        self.notes: list[str] = []
        self._shown = shown

    def run(self, job: Job, files: tuple[str, ...], processes: int, *, hidden: bool) -> None:
        from countermark.labels import batch

        with _Progress(self.counts.total(), hidden=hidden or self._shown) as progress:
            for done in batch.run(job, self._left(files), processes):
                self.counts[done.container, done.outcome] += 1
                if done.note and len(self.notes) <= SHOWN:
                    self.notes.append(done.note)
                if self.record:
                    self.record.add(done)
                if self._shown:
                    click.echo(done.line)
                progress.step()

    def _left(self, files: tuple[str, ...]) -> Iterator[Found]:
        from countermark.labels import batch

        for found in batch.find(named(files)):
            if self.record is None or not self.record.is_done(found):
                yield found


def _record(outputs: tuple[tuple[str, Path | None], ...], *, resume: bool) -> Record | None:
    from countermark.labels import batch

    files = [file for form, file in outputs if form == "jsonl" and file is not None]
    if resume and not files:
        raise Failure("--resume needs the record of the earlier run: -f jsonl=FILE")
    if len(files) > 1:
        raise Failure("one jsonl file is enough")
    if not files:
        return None
    try:
        return batch.Record(files[0], resume=resume)
    except (OSError, ValueError) as error:
        raise Failure(str(error)) from None


def _table(counts: Counter[tuple[str, str]], notes: list[str], file: Path | None) -> None:
    if file is None:
        _print(counts, notes, console())
        return
    with file.open("w", encoding="utf-8") as stream:
        _print(counts, notes, console(file=stream))


def _print(counts: Counter[tuple[str, str]], notes: list[str], screen: Any) -> None:
    from rich.table import Table

    from countermark.reports.text import safe

    for note in notes[:SHOWN]:
        screen.print("\n".join(map(safe, note.splitlines())), soft_wrap=True)
    if len(notes) > SHOWN:
        screen.print("… and more: -f jsonl lists all of them")
    if notes:
        screen.print()
    outcomes = list(dict.fromkeys(outcome for _, outcome in sorted(counts, key=lambda key: key[1])))
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("container")
    for outcome in outcomes:
        table.add_column(outcome, justify="right")
    for container in sorted({container for container, _ in counts}):
        row = [
            f"{counts[container, outcome] or '':,}" if counts[container, outcome] else ""
            for outcome in outcomes
        ]
        table.add_row(container or "—", *row)
    totals = [f"{sum(n for (_, o), n in counts.items() if o == outcome):,}" for outcome in outcomes]
    table.add_section()
    table.add_row("all", *totals, style="bold")
    screen.print(table)


class _Progress:
    """A bar on standard error, where that is a terminal; the number of files is not known beforehand."""

    def __init__(self, done: int, *, hidden: bool) -> None:
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        screen = console(stderr=True)
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.completed:,.0f} files  {task.fields[rate]}  {task.description}"),
            TimeElapsedColumn(),
            console=screen,
            transient=True,
            disable=hidden or not screen.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, completed=done, rate="")
        self._done = done

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def step(self) -> None:
        self._done += 1
        if self._done % 64 and not self._bar.disable:
            return
        speed = self._bar.tasks[0].speed
        rate = f"{speed:,.0f}/s" if speed else ""
        self._bar.update(self._task, completed=self._done, rate=rate)


def trouble_of(error: Exception) -> str:
    """What to say of an error that concerns one file."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error)


def below(folder: Path, found: Found) -> Path:
    """Where the copy of a file goes in ``folder``; its folders are made."""
    target = folder / found.relative
    target.parent.mkdir(parents=True, exist_ok=True)
    return target
