"""What the commands about labels share: naming files, and working on many of them."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from countermark.cli import INCOMPLETE
from countermark.cli.label.outputs import Given, LabelOutput, Outputs, Tail
from countermark.cli.options import Failure

if TYPE_CHECKING:
    from countermark.cli.label.table import Counts
    from countermark.labels.batch import Found, Job, Search

Function = TypeVar("Function", bound=Callable[..., Any])
PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Many:
    """What to work on, how, and what comes out."""

    files: tuple[str, ...]
    outputs: Given
    processes: int
    resume: bool
    no_progress: bool
    null: bool

    def names(self) -> Iterator[str]:
        """The arguments, with ``-`` replaced by the names on standard input."""
        for name in self.files:
            if name == "-":
                yield from _given(b"\0" if self.null else b"\n")
            else:
                yield name

    @property
    def run(self) -> str:
        """The command, and a digest of the folder and of the options that change what it does."""
        context = click.get_current_context()
        apart = {each.name for each in fields(self)} | {"fail_on", "fsync"}
        said = {
            name: str(value.absolute() if isinstance(value, Path) else value)
            for name, value in sorted(context.params.items())
            if name not in apart
        }
        text = json.dumps([os.getcwd(), said])  # noqa: PTH109 - a string is wanted
        return f"{context.info_name}-{hashlib.blake2b(text.encode(), digest_size=6).hexdigest()}"


class FilesCommand(click.Command):
    """A command on files, of which one may have a name that looks like an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Say how such a file is named."""
        named = [argument for argument in args if argument.startswith("-") and os.path.lexists(argument)]
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if not named:
                raise
            hint = f"{error.message} If the file {named[0]!r} is meant: write -- before it."
            raise click.UsageError(hint, ctx) from None


def many_options(function: Function) -> Function:
    """The files, how many are worked on at once, and what comes out; all given on as ``many``."""

    @functools.wraps(function)
    def gathered(*args: Any, **options: Any) -> Any:
        taken = {each.name: options.pop(each.name) for each in fields(Many)}
        return function(*args, many=Many(**taken), **options)

    command: Any = gathered
    for option in (
        click.option("--no-progress", is_flag=True, help="No progress bar."),
        click.option(
            "--resume",
            is_flag=True,
            help="Go on with the run whose lines are in the file of -f jsonl=FILE: same folder, same "
            "options. What failed or could not be read is tried again.",
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
        click.option("-0", "--null", is_flag=True, help="Names on standard input end with a NUL byte."),
        click.argument("files", nargs=-1, required=True, metavar="FILES..."),
    ):
        command = option(command)
    return command  # type: ignore[no-any-return]


def work(job: Job, many: Many, search: Search, *, once: str = "", tail: Tail | None = None) -> Counts:
    """Do the job on the files and write what was asked for; how often each container and outcome.

    Args:
        job: what to do with each file.
        many: the files, and what comes out.
        search: how files are found.
        once: an option that names one content, so that more than one file is a mistake.
        tail: what stands under the table.
    """
    try:
        search.check(name for name in many.files if name != "-")
    except (FileNotFoundError, ValueError) as error:
        raise Failure(str(error)) from None
    files = search.find(many.names())
    if once:
        first = list(islice(files, 2))
        if len(first) > 1:
            raise Failure(f"{once} is the number of one content, and there are more files: leave it out")
        files = chain(first, files)
    with Outputs(many.outputs, many.run, resume=many.resume) as outputs:
        _run(job, files, many, outputs)
        if not outputs.counts:
            raise Failure("there is no file to look at")
        outputs.finish(tail)
    return outputs.counts


def _run(job: Job, files: Iterator[Found], many: Many, outputs: Outputs) -> None:
    """Work, and where that is cut off take in what was finished by then."""
    from countermark.cli.label.progress import Progress
    from countermark.labels import batch

    record = outputs.record
    left = files if record is None else (found for found in files if not record.is_done(found))
    hidden = many.no_progress or outputs.to_terminal
    with (
        Progress(outputs.counts.total(), hidden=hidden) as progress,
        batch.Run(job, left, many.processes) as run,
    ):
        try:
            for done in run:
                outputs.add(done)
                progress.step()
        except (KeyboardInterrupt, batch.BrokenProcessPool) as error:
            for done in run.rest():
                outputs.add(done)
            how = "--resume" if record else "--resume, had -f jsonl=FILE been given"
            hint = f"{outputs.counts.total():,} files are done; go on with {how}"
            if isinstance(error, KeyboardInterrupt):
                click.echo(hint, err=True)
                raise
            raise Failure(f"a process died: killed, or out of memory. {hint}", INCOMPLETE) from None


def _given(end: bytes) -> Iterator[str]:
    """The names on standard input."""
    stream: Any = sys.stdin.buffer
    rest = b""
    while piece := stream.read1(PIECE):
        *names, rest = (rest + piece).split(end)
        yield from _decoded(names, end)
    yield from _decoded([rest], end)


def _decoded(names: list[bytes], end: bytes) -> Iterator[str]:
    for name in names:
        if whole := name.removesuffix(b"\r") if end == b"\n" else name:
            yield os.fsdecode(whole)


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
