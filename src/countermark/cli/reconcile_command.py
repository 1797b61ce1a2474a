"""``countermark reconcile``."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from countermark.cli import CLEAN, FINDINGS, INCOMPLETE
from countermark.cli.options import LANGUAGES, Day, Failure, console

if TYPE_CHECKING:
    from countermark.inventory.reconciliation import Calendar, Position
    from countermark.inventory.register.ledger import Ledger
    from countermark.inventory.register.lookup import Register
    from countermark.inventory.usage import Inventory
    from countermark.target import Target


@click.command("reconcile")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--inventory",
    "scans",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A scan that was saved as JSON, in place of PATHS or beside them. Repeatable, the newest last.",
)
@click.option(
    "--ledger",
    type=click.Path(path_type=Path, exists=True),
    help="Your own filings. [default: register.yaml; else the filings of countermark.yaml]",
)
@click.option(
    "--register",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="What `countermark register import` made. [default: .countermark/register; else the sample]",
)
@click.option(
    "--as-of", type=Day(), help="The day from which periods run that began with this scan. [default: today]"
)
@click.option(
    "-f", "--format", "form", type=click.Choice(["text", "json", "html"]), default="text", show_default=True
)
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Read with so many processes.",
)
@click.option("--no-progress", is_flag=True, help="No progress on standard error.")
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context, paths: tuple[Path, ...], scans: tuple[Path, ...], ledger: Path | None,
    folder: Path | None,
    as_of: date | None, form: str, lang: str, jobs: int, no_progress: bool,
) -> None:  # fmt: skip
    """Compare what PATHS run with what is filed, both ways: duty, day, next step for each.

    What answers users is matched with the filings of the ledger (register.yaml) by model id, snapshot,
    version and derivation; the numbers are looked up in the lists that were imported. A number that is in
    none of them is not known, never "not registered".

    The exit code is 1 where something needs an act, else 3 where something could not be told.

    \b
    Examples:
      countermark reconcile .
      countermark reconcile --inventory monday.json --inventory today.json --ledger register.yaml
      countermark reconcile . -f json | jq '.positions[] | select(.weight == "wrong")'
    """
    from countermark.inventory.reconciliation import Weight, reconcile
    from countermark.reports.inventory import positions as report

    today = as_of or date.today()  # noqa: DTZ011 - the user's day
    found, calendar = _used(paths, scans, today, jobs, hidden=no_progress)
    declared = _declared(paths)
    register = _register(folder, declared)
    positions = reconcile(found.usages, _ledger(ledger, declared), register, calendar)
    if register.is_sample:
        click.echo(
            "note: only the sample register was looked at; `countermark register import` takes the lists",
            err=True,
        )
    if form == "json":
        click.echo(json.dumps(_as_json(positions, register), ensure_ascii=False, indent=1))
    elif form == "html":
        from countermark.reports.inventory import page

        click.echo(page.render(found, positions, lang))
    else:
        report.show(positions, console(), lang)
    weights = {position.standing.weight for position in positions}
    ctx.exit(FINDINGS if Weight.WRONG in weights else INCOMPLETE if Weight.OPEN in weights else CLEAN)


def _used(
    paths: tuple[Path, ...], scans: tuple[Path, ...], today: date, jobs: int, *, hidden: bool
) -> tuple[Inventory, Calendar]:
    """What is in use, and when each model was first and last seen in the scans that were given."""
    from countermark.cli.inventory.progress import Progress
    from countermark.cli.inventory.saved import saved
    from countermark.inventory import saving, sources
    from countermark.inventory.reconciliation import Calendar
    from countermark.inventory.usage import Inventory

    first: dict[str, date] = {}
    last: dict[str, date] = {}
    whole = Inventory()
    for file in scans:
        whole = saved(file)
        day = date.fromtimestamp(file.stat().st_mtime)  # noqa: DTZ012 - the user's day
        for usage in whole.of(*saving.CONCERNING):
            first.setdefault(usage.model, day)
            last[usage.model] = day
    if paths or not scans:
        whole = Inventory()
        with Progress(hidden=hidden) as bar:
            for path in paths or (Path(),):
                bar.begin(str(path))
                try:
                    found = sources.scan(path, jobs=jobs, progress=bar.reach)
                except (sources.SourceError, OSError) as error:
                    raise Failure(f"{path}: {getattr(error, 'strerror', None) or error}") from None
                whole.add(found, f"{path.name}/" if len(paths) > 1 and path.is_dir() else "")
        last |= {usage.model: today for usage in whole.of(*saving.CONCERNING)}
    return sources.refolded(whole), Calendar(today, first, last)


def _declared(paths: tuple[Path, ...]) -> tuple[Path, Target] | None:
    """The ``countermark.yaml`` of the only folder that was named, where it has one."""
    from countermark.cli.options import load_target
    from countermark.target import FILE_NAME

    folder = paths[0] if len(paths) == 1 and paths[0].is_dir() else Path()
    return load_target(folder) if (folder / FILE_NAME).is_file() else None


def _register(folder: Path | None, declared: tuple[Path, Target] | None) -> Register:
    """The lists that were named, those that are declared, those of the default folder, or the sample."""
    from countermark.inventory.register import DEFAULT_FOLDER, Register, RegisterError

    lists = declared[0] / declared[1].inventory.lists if declared and declared[1].inventory.lists else None
    default = Path(DEFAULT_FOLDER)
    chosen = folder or lists or (default if default.is_dir() else None)
    try:
        return Register.open(chosen) if chosen is not None else Register.sample()
    except RegisterError as error:
        raise Failure(str(error)) from None


def _ledger(path: Path | None, declared: tuple[Path, Target] | None) -> Ledger:
    """The ledger that was named or is declared, ``register.yaml`` here, or the declared filings."""
    from countermark.collectors.usages import ledger_of
    from countermark.inventory.register.ledger import FILE_NAME, Ledger, LedgerError, load

    named = declared[0] / declared[1].inventory.ledger if declared and declared[1].inventory.ledger else None
    chosen = path or named or (Path(FILE_NAME) if Path(FILE_NAME).is_file() else None)
    try:
        if chosen is not None:
            return load(chosen)
    except LedgerError as error:
        raise Failure(str(error)) from None
    return ledger_of(declared[1]) if declared else Ledger(version=1)


def _as_json(positions: list[Position], register: Register) -> dict[str, object]:
    return {
        "format": "countermark-reconciliation/1",
        "register": {"digest": register.digest, "rows": len(register), "sample": register.is_sample},
        "positions": [position.to_dict() for position in positions],
    }
