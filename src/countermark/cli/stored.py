"""Find a stored run, and say what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from countermark.cli import UNVERIFIED
from countermark.cli.options import Failure

if TYPE_CHECKING:
    from countermark.evidence import Run

Function = TypeVar("Function", bound=Callable[..., Any])


def run_argument(function: Function) -> Function:
    """A run folder, or the folder of a target."""
    return click.argument("run", default=".", type=click.Path(path_type=Path))(function)


@contextmanager
def stored_run(path: Path) -> Iterator[Run]:
    """The run at ``path``, or the last one of the target there. A sealed run must be as it was sealed."""
    from countermark.evidence import Run, RunError, RunState, runs

    root = path.parent if path.name == "countermark.yaml" else path
    try:
        if (root / "run.json").is_file():
            run = Run.read(root)
        elif found := runs(root):
            run = Run.read(found[-1].folder)
        else:
            raise Failure(f"{root}: no run is stored here; `countermark audit` makes one")
        sealed = run.state is RunState.SEALED or (run.folder / "report.json").exists()
        if sealed and (broken := run.broken_files()):
            raise Failure(f"{run.folder}: not as it was sealed: {', '.join(broken)}", UNVERIFIED)
        if run.state is not RunState.SEALED:
            click.echo(f"{run.id} is {run.state}: {len(run.done)} finished tasks are in it", err=True)
        yield run
    except RunError as error:
        raise Failure(str(error), UNVERIFIED) from None
