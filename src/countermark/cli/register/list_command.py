"""``countermark register list``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from countermark.cli import CLEAN, INCOMPLETE
from countermark.cli.options import console
from countermark.cli.register.shared_options import Given, emit, folder_option, open_register, output_option

if TYPE_CHECKING:
    from rich.console import Console

    from countermark.inventory.register import Cancellation, Register, Source
    from countermark.inventory.register.deltas import Record

KINDS = ("filing", "registration", "algorithm-recommendation", "deep-synthesis", "algorithm")
SHOWN = 200
"""Most entries that the text shows."""
WIDEST = 36


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries."""

    kind: str | None
    period: str | None
    cancelled: bool
    changed: bool

    def holds(self, record: Record) -> bool:
        """Whether an entry is one of them."""
        entry = record.entry
        return (
            self.kind in (None, str(entry.kind))
            and entry.period.startswith(self.period or "")
            and (not self.cancelled or record.cancellation is not None)
            and (not self.changed or bool(record.earlier))
        )


@click.command("list")
@click.argument("text", required=False)
@click.option("--kind", type=click.Choice(KINDS), help="Only this kind.")
@click.option("--period", metavar="YYYY[-MM]", help="Only lists of this year or month.")
@click.option("--cancelled", is_flag=True, help="Only what was cancelled.")
@click.option("--changed", is_flag=True, help="Only numbers of which two lists say different things.")
@click.option("--sources", is_flag=True, help="The lists that were imported, in place of their entries.")
@click.option("--defects", is_flag=True, help="What is wrong with the lists, in place of their entries.")
@click.option("--all", "show_all", is_flag=True, help=f"In the text: all, not only the first {SHOWN}.")
@folder_option
@output_option
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    /,
    text: str | None,
    folder: Path | None,
    outputs: Given,
    sources: bool,
    defects: bool,
    show_all: bool,
    **wanted: Any,
) -> None:
    """List what was imported; with TEXT what is called so.

    TEXT is the name of a model, an application, an algorithm or an entity, or the name within a number. Full
    and half width, spaces, brackets and endings such as 大模型 do not matter.

    The exit code is 3 where TEXT is not found, else 0.

    \b
    Examples:
      countermark register list 文心一言
      countermark register list 百度 --kind deep-synthesis
      countermark register list --cancelled --period 2026
      countermark register list --sources
      countermark register list --defects -f json
    """
    register = open_register(folder)
    if sources or defects:
        kept = [source.to_dict() for source in register.sources]
        value = _about(register) | {"sources": kept}
        emit(outputs, value, lambda screen: _show_sources(screen, register, defects=defects))
        ctx.exit(CLEAN)
    only = Wanted(**wanted)
    records = [record for record in _named(register, text) if only.holds(record)]
    value = _about(register) | {"entries": [record.to_dict() for record in records]}
    orphans = register.joined.orphans if only.cancelled and not text else ()

    def show(screen: Console) -> None:
        _show(screen, register, records, None if show_all else SHOWN)
        _show_orphans(screen, orphans)
        _tail(screen, register)

    emit(outputs, value, show)
    ctx.exit(INCOMPLETE if text and not records else CLEAN)


def _named(register: Register, text: str | None) -> Iterable[Record]:
    return (match.record for match in register.find(text)) if text else iter(register)


def _about(register: Register) -> dict[str, Any]:
    return {
        "digest": register.digest,
        "numbers": len(register),
        "sample": register.is_sample,
        "gaps": register.joined.said_gaps(),
        "orphans": [each.to_dict() for each in register.joined.orphans],
    }


def _show(screen: Console, register: Register, records: list[Record], most: int | None) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("number", "name", "entity", "kind", "approved", "list", ""):
        table.add_column(name, no_wrap=True)
    for record in records[:most]:
        table.add_row(*_row(record))
    if records:
        _wide(screen).print(table)
    if most is not None and len(records) > most:
        screen.print(f"… {len(records) - most:,} more: --all shows them", style="dim")
    screen.print(f"\n{len(records):,} of {len(register):,} numbers", soft_wrap=True)


def _show_orphans(screen: Console, orphans: tuple[Cancellation, ...]) -> None:
    from countermark.reports.text import safe

    for each in orphans:
        said = " · ".join(filter(None, (each.name, each.entity, each.notice)))
        screen.print(f"cancelled {each.day:<10} {safe(each.number)}  {safe(said)}", soft_wrap=True)


def _wide(screen: Console) -> Console:
    """A console as wide as Chinese names need, where no terminal sets a width."""
    wide = screen if screen.is_terminal else console(file=screen.file)
    wide.width = max(wide.width, 240) if not wide.is_terminal else wide.width
    return wide


def _row(record: Record) -> Iterator[str]:
    from countermark.reports.text import safe

    entry = record.entry
    state = f"cancelled {record.cancellation.day}".strip() if record.cancellation else ""
    cells = (entry.number, entry.name, entry.entity, str(entry.kind), entry.approved, entry.period)
    for cell in cells:
        yield safe(cell if len(cell) <= WIDEST or cell is entry.number else f"{cell[:WIDEST]}…")
    yield state or ("changed" if record.earlier else "")


def _show_sources(screen: Console, register: Register, *, defects: bool) -> None:
    from countermark.reports.text import safe

    for source in register.sources:
        screen.print(safe(_said(source)), style="bold", soft_wrap=True)
        screen.print(f"  sha256 {source.sha256}", style="dim")
        if source.note:
            screen.print(f"  {safe(source.note)}", style="dim", soft_wrap=True)
        for defect in source.defects if defects else ():
            place = f"{defect.place}: " if defect.place else ""
            original = f" [{defect.original}]" if defect.original else ""
            line = f"  {defect.code:<9} {place}{defect.text}{original}"
            screen.print(safe(line), style="dim" if defect.is_repaired else "yellow", soft_wrap=True)
        for unread in source.unread if defects else ():
            screen.print(f"  ? {safe(f'{unread.path}: {unread.why}')}", style="yellow", soft_wrap=True)
    _tail(screen, register)


def _said(source: Source) -> str:
    periods = f"{source.periods[0]} to {source.periods[-1]}" if source.periods else "no month known"
    wrong = f"{len(source.defects)} defects, {len(source.unread)} not read"
    counts = f"{source.entries:,} entries, {source.cancellations:,} cancellations"
    return f"{source.name}  {source.form}, {periods}, {counts}, {wrong}, imported {source.imported}"


def _tail(screen: Console, register: Register) -> None:
    for gap in register.joined.said_gaps():
        screen.print(f"missing  {gap}", style="yellow", soft_wrap=True)
    if register.joined.orphans:
        screen.print(f"cancelled, and on no imported list: {len(register.joined.orphans)}", style="yellow")
    screen.print(f"digest   {register.digest}", style="dim")
