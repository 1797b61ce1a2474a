"""``countermark label trace``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from countermark.cli import CLEAN, FINDINGS, INCOMPLETE
from countermark.cli.options import Failure, console

if TYPE_CHECKING:
    from countermark.labels.delivery import Loss, Stage, Trace
    from countermark.labels.delivery.advice import Advice
    from countermark.labels.delivery.steps import Step

COLUMNS = {
    "label": "label",
    "signature": "signature",
    "binding": "binding",
    "explicit": "explicit",
    "c2pa": "C2PA",
    "iptc": "IPTC",
    "metadata": "metadata",
    "content": "pixels",
}
SIGNS = {
    "kept": "✓",
    "moved": "✓ moved",
    "added-to": "✓ +",
    "changed": "≠",
    "broken": "✗ broken",
    "lost": "✗",
    "new": "✓ new",
    "never": "–",
    "unknown": "?",
}
FIRST = {"there": "✓", "broken": "✗ broken", "absent": "–", "unknown": "?"}
LEGEND = "✓ there   ✗ lost   ≠ not the same any more   ? could not be told   – never there"


@click.command("trace")
@click.argument("original", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument(
    "delivered",
    nargs=-1,
    metavar="[DELIVERED]...",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@click.option(
    "--step",
    "steps",
    multiple=True,
    metavar="NAME=COMMAND",
    help="A step of the delivery, run without a shell: {in}, {out}, {out.jpg}, {dir}. Repeatable, in order. "
    "Also url:http://127.0.0.1…, zip: and unzip:.",
)
@click.option(
    "--pipeline",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="TOML file of the steps: tables [[step]] with `name` and `run`.",
)
@click.option("--allow-host", "hosts", multiple=True, help="A host besides this machine that url: may ask.")
@click.option("--timeout", default=120.0, show_default=True, help="Seconds that one step may take.")
@click.option("--no-explicit", is_flag=True, help="Do not look for the label that people see or hear.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    original: Path,
    delivered: tuple[Path, ...],
    steps: tuple[str, ...],
    pipeline: Path | None,
    hosts: tuple[str, ...],
    timeout: float,
    no_explicit: bool,
    as_json: bool,
) -> None:
    """Find the step of a delivery at which ORIGINAL loses its label, and what keeps it.

    Name what each step left as DELIVERED files, in order; or name the steps, which are then run: the commands
    are yours and are run as they are, in a folder of their own.

    The exit code is 1 where a mark of the original is lost or changed in the end, 3 where that cannot be
    told, 0 where all are still there.

    \b
    Examples:
      countermark label trace picture.png resized.png downloaded.jpg
      countermark label trace clip.mp4 --step 'scale=ffmpeg -i {in} -vf scale=640:-2 {out}'
      countermark label trace picture.png --pipeline pipeline.toml --json
    """
    from countermark.labels import LabelError, delivery
    from countermark.labels.delivery.steps import Bounds

    planned = _planned(delivered, steps, pipeline)
    try:
        if planned:
            bounds = Bounds(timeout_s=timeout, hosts=frozenset(hosts))
            trace = delivery.run(original, planned, bounds=bounds, explicit=not no_explicit)
        else:
            trace = delivery.trace([original, *delivered], explicit=not no_explicit)
    except (LabelError, OSError) as error:
        raise Failure(str(error)) from None
    if as_json:
        click.echo(json.dumps(trace.to_dict(), ensure_ascii=False))
    else:
        _show(trace)
    ctx.exit(_code_of(trace))


def _planned(delivered: tuple[Path, ...], steps: tuple[str, ...], pipeline: Path | None) -> list[Step]:
    """The steps to run; none where files are compared."""
    from countermark.labels import LabelError
    from countermark.labels.delivery.steps import Step
    from countermark.labels.delivery.steps import pipeline as steps_of

    if bool(delivered) + bool(steps) + (pipeline is not None) != 1:
        raise Failure("name DELIVERED files, or --step, or --pipeline: one of the three")
    try:
        if pipeline is not None:
            return steps_of(pipeline)
        return [Step.of(step) for step in steps]
    except (LabelError, OSError) as error:
        raise Failure(str(error)) from None


def _code_of(trace: Trace) -> int:
    if trace.lost:
        return FINDINGS
    return INCOMPLETE if trace.open else CLEAN


def _show(trace: Trace) -> None:
    from rich.table import Table

    screen = console()
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    shown = [name for name in COLUMNS if any(_is_of_use(stage, name) for stage in trace.stages)]
    for title in ("step", "file", *(COLUMNS[name] for name in shown)):
        table.add_column(title, no_wrap=True)
    for number, stage in enumerate(trace.stages):
        table.add_row(*_row(number, stage, shown))
    screen.print(table)
    screen.print()
    screen.print(LEGEND, style="dim")
    for number, stage in enumerate(trace.stages):
        if stage.look.trouble:
            where = f"step {number}, {stage.name}" if number else stage.name
            _say(screen, f"\n? {where}: {stage.look.trouble}")
    for together in _grouped(trace.losses):
        _say(screen, _told(together, trace.stages[together[0].stage]))
    _say(screen, f"\n{_verdict(trace)}")


def _is_of_use(stage: Stage, name: str) -> bool:
    """Whether a column has anything to say but that the mark was never there."""
    mark = stage.look.marks.get(name)
    return mark is not None and mark.presence != "absent"


def _row(number: int, stage: Stage, shown: list[str]) -> list[str]:
    from countermark.reports.text import safe

    name = safe(stage.name[:40])
    if stage.look.trouble:
        return [f"{number} {name}" if number else name, "?", *("?" for _ in shown)]
    cells = [_sign(stage, mark) for mark in shown]
    return [f"{number} {name}" if number else name, f"{stage.look.title}, {_size(stage.look.size)}", *cells]


def _size(count: int) -> str:
    from rich.filesize import decimal

    return decimal(count)


def _sign(stage: Stage, mark: str) -> str:
    presence = stage.look.marks[mark].presence
    return SIGNS[stage.changes[mark]] if stage.changes and presence != "broken" else FIRST[presence]


def _grouped(losses: tuple[Loss, ...]) -> list[list[Loss]]:
    """Those of one step that have one cause."""
    groups: dict[tuple[int, str, Advice], list[Loss]] = {}
    for loss in losses:
        groups.setdefault((loss.stage, str(loss.change), loss.advice), []).append(loss)
    return list(groups.values())


def _told(losses: list[Loss], stage: Stage) -> str:
    """What one step took away: where, what did it, what keeps it."""
    from countermark.labels.delivery.marks import TITLES

    loss, advice = losses[0], losses[0].advice
    marks = " and ".join(TITLES[one.mark] for one in losses)
    what = {"lost": "lost", "broken": "broken", "changed": "says something else"}[loss.change]
    lines = [f"\n✗ {marks}: {what} at step {loss.stage}, {stage.name}"]
    lines += [f"    {one.detail}" for one in losses if one.detail]
    if stage.command:
        lines.append(f"    command  {stage.command}")
    lines.append(f"    cause    {advice.tool + ': ' if advice.tool else ''}{advice.cause}")
    lines.append(f"    keep it  {advice.keep}")
    if advice.source:
        how = "tried" if advice.verified else "not verified"
        lines.append(f"    source   {how}: {advice.source}")
    return "\n".join(lines)


def _verdict(trace: Trace) -> str:
    from countermark.labels.delivery.marks import TITLES

    if trace.lost:
        said = f"lost on the way: {', '.join(TITLES[name] for name in trace.lost)}"
        is_last = trace.losses[0].stage == len(trace.stages) - 1
        return (
            said
            if is_last
            else f"{said}; repair the first loss and trace again: a later step may lose it too"
        )
    if trace.stages[0].look.trouble:
        return "the original could not be looked at"
    if not trace.carried:
        return "the original carries no mark that could be lost: label it first"
    if trace.open:
        return "no loss was found in what could be looked at; not all could"
    return f"all there in the end: {', '.join(TITLES[name] for name in trace.carried)}"


def _say(screen: Any, text: str) -> None:
    from countermark.reports.text import safe

    screen.print("\n".join(map(safe, text.splitlines())), soft_wrap=True)
