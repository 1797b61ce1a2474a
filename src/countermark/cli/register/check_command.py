"""``countermark register check``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from countermark.cli import CLEAN, FINDINGS, INCOMPLETE
from countermark.cli.options import Failure
from countermark.cli.register.shared_options import Given, emit, folder_option, open_register, output_option

if TYPE_CHECKING:
    from rich.console import Console

    from countermark.inventory.register import Register, Standing

MOST = 1_000_000
"""Most numbers of one call."""
STYLES = {"live": "green", "cancelled": "bold red", "unknown": "yellow", "malformed": "bold red"}
SIGNS = {"live": "✓", "cancelled": "✗", "unknown": "?", "malformed": "✗"}
WIDTH = 11


@click.command("check")
@click.argument("numbers", nargs=-1, required=True)
@folder_option
@output_option
@click.pass_context
def command(ctx: click.Context, numbers: tuple[str, ...], folder: Path | None, outputs: Given) -> None:
    """Say of each of NUMBERS how it stands; - reads them from standard input, one in a line.

    \b
    live         on an imported list, and in no imported notice of cancellation
    cancelled    a notice, or a remark in a list, says so
    unknown      well-formed, and on no imported list: which does not say that it is not registered
    malformed    of no published shape, or with a wrong check digit: probably a typo, or invented

    The check digit of algorithm numbers is inferred from published ones. Numbers of the register that are one
    slip away are proposed. The exit code is 1 for a malformed or cancelled number, else 3 where one is not
    known, else 0.

    \b
    Examples:
      countermark register check Beijing-WenXinYiYan-20230821
      countermark register check 网信算备110108645502801230035号 -f json
      grep -ho '网信算备[0-9]*号' -r public | countermark register check -
    """
    asked = list(_asked(numbers))
    if not asked:
        raise Failure("no number was given")
    register = open_register(folder)
    found = [register.check(number) for number in asked]
    value = {"register": _about(register), "numbers": [each.to_dict() for each in found]}
    emit(outputs, value, lambda screen: _show(screen, register, found))
    statuses = {str(each.status) for each in found}
    if statuses & {"malformed", "cancelled"}:
        ctx.exit(FINDINGS)
    ctx.exit(INCOMPLETE if "unknown" in statuses else CLEAN)


def _asked(numbers: tuple[str, ...]) -> Iterator[str]:
    for number in numbers:
        if number != "-":
            yield number
            continue
        for count, line in enumerate(sys.stdin):
            if count >= MOST:
                raise Failure(f"more than {MOST:,} lines on standard input")
            if line.strip():
                yield line.strip()


def _about(register: Register) -> dict[str, object]:
    return {
        "digest": register.digest,
        "numbers": len(register),
        "lists": len(register.sources),
        "sample": register.is_sample,
    }


def _show(screen: Console, register: Register, found: list[Standing]) -> None:
    from countermark.reports.text import safe

    for standing in found:
        style = STYLES[standing.status]
        screen.print(f"{SIGNS[standing.status]} {safe(standing.number or standing.asked)}", style=style)
        for name, text in _lines(standing):
            screen.print(f"  {name:<{WIDTH}} {safe(text)}", soft_wrap=True)
    lists = f"{len(register.sources)} list{'s' if len(register.sources) != 1 else ''}"
    screen.print(f"\nregister     {len(register):,} numbers of {lists}", style="dim")
    screen.print(f"digest       {register.digest}", style="dim")


def _lines(standing: Standing) -> Iterator[tuple[str, str]]:
    """What is known of one number, name and text."""
    yield "status", _said(standing)
    if standing.defect:
        yield "but", standing.defect
    if standing.record:
        entry = standing.record.entry
        yield "kind", f"{entry.kind} ({entry.kind.chinese})"
        for name in ("name", "entity", "region", "product", "role", "approved", "remark"):
            if text := getattr(entry, name):
                yield name, text
        yield "list", " · ".join(filter(None, (entry.title, entry.period, entry.source, entry.place)))
        for earlier in standing.record.earlier:
            yield "earlier", " · ".join(filter(None, (earlier.name, earlier.entity, earlier.period)))
        for defect in entry.defects:
            yield "defect", f"{defect.text}{' (repaired)' if defect.is_repaired else ''}"
    if standing.cancellation:
        cancelled = standing.cancellation
        yield "cancelled", " · ".join(filter(None, (cancelled.day, cancelled.entity, cancelled.notice)))
    for candidate in standing.candidates:
        yield "perhaps", f"{candidate.entry.number}  {candidate.entry.name} · {candidate.entry.entity}"


def _said(standing: Standing) -> str:
    as_of = f", as of the list of {standing.as_of}" if standing.as_of else ""
    match str(standing.status):
        case "live":
            return f"on a list{as_of}, and in no notice of cancellation that was imported"
        case "cancelled":
            return "cancelled"
        case "malformed":
            return "malformed: probably a typo, or invented"
        case _:
            where = "the sample" if standing.is_sample else "any list that was imported"
            return f"not known: not in {where}{as_of}; that does not say that it is not registered"
