"""``countermark register import``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from countermark.cli import CLEAN, INCOMPLETE
from countermark.cli.options import Day, Failure
from countermark.cli.register.shared_options import Given, emit, output_option

if TYPE_CHECKING:
    from rich.console import Console

    from countermark.inventory.register import Defect, Register, Source, Store

SHOWN = 20
"""Most defects of a list that the text shows."""
PERIOD = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file."""

    name: str
    source: Source | None = None
    trouble: str = ""
    """Why it was not read."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        if self.trouble:
            return {"file": self.name, "outcome": "failed", "trouble": self.trouble}
        if self.source is None:
            return {"file": self.name, "outcome": "known"}
        return {"file": self.name, "outcome": "imported", **self.source.to_dict()}


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option(
    "--register",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=".countermark/register",
    show_default=True,
    envvar="COUNTERMARK_REGISTER",
    show_envvar=True,
    help="Folder of the register; it is made where there is none.",
)
@click.option(
    "--period", metavar="YYYY-MM", help="Month of the lists, where neither they nor their names say it."
)
@click.option("--as-of", type=Day(), help="Day of import that is noted. [default: today]")
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[Path, ...],
    folder: Path,
    period: str | None,
    as_of: date | None,
    outputs: Given,
) -> None:
    """Read public lists and notices of cancellation from FILES, and keep them in the register.

    Columns are known by their names, whatever their order: 序号, 属地, 模型名称, 备案单位, 备案号, 备案时间,
    算法名称, 角色, 应用产品, 主要用途, 注销时间 and their variants. The lists are deltas: import all of them.
    A list that was imported before is known by its bytes, and left as it is.

    Cells in the wrong column, rows split over pages, numbers out of order, missing or twice are reported with
    page or sheet and row. They are repaired only where one reading is left, and what stood there is kept.

    xlsx and PDF need an extra: pip install 'countermark[register]'. The exit code is 3 where a file, a page
    or a row could not be read, else 0.

    \b
    Examples:
      countermark register import 2024-04.pdf 2026-08.xlsx
      countermark register import lists/*.json --register ~/cac
      countermark register import notice.html --period 2026-07
    """
    from countermark.inventory.register import Store

    if period and not PERIOD.fullmatch(period):
        raise Failure(f"--period {period}: write YYYY-MM")
    store, today = Store(folder), as_of or datetime.now(tz=UTC).date()
    outcomes = [_import(store, path, period or "", today) for path in files]
    register = _register(folder)
    value = {
        "files": [each.to_dict() for each in outcomes],
        "register": {"folder": str(folder), "digest": register.digest, "numbers": len(register)}
        if register
        else None,
        "gaps": register.joined.said_gaps() if register else [],
    }
    emit(outputs, value, lambda screen: _show(screen, outcomes, register))
    lacking = [each for each in outcomes if each.trouble or (each.source and each.source.unread)]
    ctx.exit(INCOMPLETE if lacking else CLEAN)


def _import(store: Store, path: Path, period: str, today: date) -> Outcome:
    from countermark.inventory.register import RegisterError
    from countermark.inventory.register.importing import read
    from countermark.inventory.register.importing.grids import MAX_BYTES

    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        return Outcome(str(path), trouble=error.strerror or str(error))
    try:
        if store.knows(data):
            return Outcome(str(path))
        return Outcome(str(path), store.add(path.name, data, read(path.name, data, period=period), today))
    except RegisterError as error:
        return Outcome(str(path), trouble=str(error))


def _register(folder: Path) -> Register | None:
    """The register as it is now; None where nothing is in it."""
    from countermark.inventory.register import Register, RegisterError

    if not folder.is_dir():
        return None
    try:
        return Register.open(folder)
    except RegisterError as error:
        click.echo(str(error), err=True)
        return None


def _show(screen: Console, outcomes: list[Outcome], register: Register | None) -> None:
    from countermark.reports.text import safe

    for outcome in outcomes:
        name = safe(outcome.name)
        if outcome.trouble:
            screen.print(f"✗ {name}  {safe(outcome.trouble)}", style="bold red", soft_wrap=True)
        elif outcome.source is None:
            screen.print(f"– {name}  imported before, left as it is", style="dim", soft_wrap=True)
        else:
            _show_source(screen, name, outcome.source)
    if register is None:
        return
    screen.print(f"\nregister  {len(register):,} numbers of {len(register.sources)} lists")
    for gap in register.joined.said_gaps():
        screen.print(f"missing   {gap}", style="yellow", soft_wrap=True)
    screen.print(f"digest    {register.digest}", style="dim")


def _show_source(screen: Console, name: str, source: Source) -> None:
    from countermark.reports.text import safe

    said = f"{source.entries:,} entries, {source.cancellations:,} cancellations"
    periods = (
        f", {source.periods[0]} to {source.periods[-1]}" if source.periods else ", no month known: --period"
    )
    screen.print(f"✓ {name}  {said}{periods}", style="green", soft_wrap=True)
    for defect in source.defects[:SHOWN]:
        screen.print(
            f"    {safe(_said(defect))}", style="dim" if defect.is_repaired else "yellow", soft_wrap=True
        )
    if len(source.defects) > SHOWN:
        screen.print(
            f"    … {len(source.defects) - SHOWN:,} more: `countermark register list --defects`", style="dim"
        )
    for unread in source.unread[:SHOWN]:
        screen.print(f"    ? {safe(f'{unread.path}: {unread.why}')}", style="yellow", soft_wrap=True)
    if len(source.unread) > SHOWN:
        screen.print(f"    … {len(source.unread) - SHOWN:,} more: see -f json", style="dim")


def _said(defect: Defect) -> str:
    place = f"{defect.place}: " if defect.place else ""
    original = f" [{defect.original}]" if defect.original else ""
    return f"{defect.code:<9} {place}{defect.text}{original}"
