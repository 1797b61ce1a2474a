"""``countermark weights compare``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from countermark.cli import CLEAN, INCOMPLETE
from countermark.cli.options import Failure, Output, console

if TYPE_CHECKING:
    from countermark.weights.lineage import Lineage

MEGABYTE = 1 << 20
LABEL = 14
SIDES = {"first": "A", "second": "B"}


class CompareOutput(Output):
    """``text`` or ``json``, with ``=FILE`` where it goes into one."""

    forms = ("text", "json")


@click.command("compare")
@click.argument("a", type=click.Path(path_type=Path, exists=True))
@click.argument("b", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--also",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="A checkpoint that B may be a merge of besides A, or that both may come from. Repeatable.",
)
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    default=2048,
    show_default=True,
    help="Megabytes that are read of A and B together, about.",
)
@click.option("--full", is_flag=True, help="Read as much as memory allows, and compare all bytes of equals.")
@click.option("--seed", default=0, show_default=True, help="Of the choice of rows; the same gives the same.")
@click.option("--tensors", is_flag=True, help="List every pair of tensors in the text too.")
@click.option(
    "-f",
    "--format",
    "outputs",
    type=CompareOutput(),
    multiple=True,
    help="text, json; with =FILE into a file, else to standard output. Repeatable. [default: text]",
)
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    a: Path,
    b: Path,
    also: tuple[Path, ...],
    budget: int,
    full: bool,
    seed: int,
    tensors: bool,
    outputs: tuple[tuple[str, Path | None], ...],
) -> None:
    """How does checkpoint B stand to checkpoint A: same, quantised, pruned, fine-tuned, merged, unrelated?

    A and B are files or folders: safetensors, GGUF, PyTorch (.bin, .pt), NumPy (.npz), also packed by GPTQ,
    AWQ or bitsandbytes. They may be of different formats. Some rows of each matrix are read; nothing is
    loaded whole.

    The exit code is 0 for every answer but `undetermined`, which gives 3.

    \b
    Examples:
      countermark weights compare Qwen2.5-7B/ deployed-q4_k_m.gguf
      countermark weights compare base/ merged/ --also other-tune/ -f json=lineage.json
    """
    from countermark.weights.lineage import CheckpointError, Relation, compare

    for _, file in outputs:
        if file is not None and not file.parent.is_dir():
            raise Failure(f"{file}: there is no folder {file.parent}")
    try:
        lineage = compare(a, b, also=also, seed=seed, budget_bytes=None if full else budget * MEGABYTE)
    except CheckpointError as error:
        raise Failure(str(error)) from None
    for form, file in outputs or (("text", None),):
        try:
            _write(form, file, lineage, tensors=tensors)
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            raise Failure(f"{file or 'standard output'}: {error.strerror or error}") from None
    ctx.exit(INCOMPLETE if lineage.relation is Relation.UNDETERMINED else CLEAN)


def _write(form: str, file: Path | None, lineage: Lineage, *, tensors: bool) -> None:
    if form == "json":
        text = json.dumps(lineage.to_dict(), ensure_ascii=False)
        if file is None:
            click.echo(text)
        else:
            file.write_text(f"{text}\n", encoding="utf-8")
    elif file is None:
        _show(lineage, None, tensors=tensors)
    else:
        with file.open("w", encoding="utf-8") as stream:
            _show(lineage, stream, tensors=tensors)


def _show(lineage: Lineage, stream: TextIO | None, *, tensors: bool) -> None:
    from countermark.reports.text import safe

    screen = console(file=stream)
    for line in (*_lines(lineage), *(_table(lineage) if tensors else ())):
        screen.print(safe(line), soft_wrap=True)


def _lines(lineage: Lineage) -> Iterator[str]:
    yield f"{'relation':<{LABEL}}{lineage.relation}"
    yield f"{'confidence':<{LABEL}}{lineage.confidence}"
    yield f"{'':<{LABEL}}{lineage.summary}"
    if lineage.derived:
        yield f"{'made from':<{LABEL}}{SIDES[lineage.derived]} is the one that was made from the other"
    for number, step in enumerate(lineage.steps):
        yield f"{'' if number else 'what was done':<{LABEL}}{step.name}: {step.detail}"
    for number, (path, share) in enumerate(lineage.weights.items()):
        yield f"{'' if number else 'weights':<{LABEL}}{share:.2f}  {path}"
    yield f"{'tensors':<{LABEL}}{_outcomes(lineage)}"
    yield f"{'likeness':<{LABEL}}{_likeness(lineage)}"
    seen = lineage.sampled
    yield (
        f"{'looked at':<{LABEL}}{seen.tensors:,} pairs of tensors, {seen.numbers:,} numbers, "
        f"{'all of them; ' if seen.whole else ''}{seen.bytes_read:,} bytes read, {seen.bytes_total:,} stored"
    )
    for number, text in enumerate(lineage.blind_spots):
        yield f"{'' if number else 'cannot see':<{LABEL}}{text}"


def _outcomes(lineage: Lineage) -> str:
    counts = Counter(str(one.outcome) for one in lineage.tensors)
    return ", ".join(f"{count:,} {name}" for name, count in counts.most_common()) or "none to compare"


def _likeness(lineage: Lineage) -> str:
    text = f"{lineage.likeness:.3f} (1 identical, 0 strangers)"
    if lineage.proof is not None:
        text += f"; {lineage.proof:.3f} after units were put beside their counterparts"
    if lineage.chance is not None:
        text += f"; as they stand, {lineage.chance:.1%} of random orders of neurons look as alike"
    return text


def _table(lineage: Lineage) -> Iterator[str]:
    yield ""
    for one in lineage.tensors:
        yield _row(one)


def _row(one: Any) -> str:
    return f"{one.outcome:<10} cosine {one.cosine:6.3f}  differs by {one.difference:8.2%}  {one.second}"
