"""``countermark label verify``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from countermark.cli import CLEAN, FINDINGS, INCOMPLETE
from countermark.cli.label.many import files_argument, many_options, work
from countermark.cli.options import Failure

if TYPE_CHECKING:
    from countermark.labels import Limits
    from countermark.labels.batch import Done, Found
    from countermark.labels.security.trust import TrustStore

QUIET = {"characters"}
"""Soft requirements that nearly every Chinese name misses: in the lines, not in the table."""
FAILURES = {"absent": ("absent", "defective"), "defective": ("defective",), "never": ()}


@click.command("verify")
@files_argument
@click.option(
    "--fail-on",
    type=click.Choice(list(FAILURES)),
    default="absent",
    show_default=True,
    help="What makes the exit code 1: a file without a label, or only one with a defective label.",
)
@click.option(
    "--trust",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="TOML file of the keys whose owner is known; without it a signature proves only that nothing "
    "was altered.",
)
@click.option("--max-metadata", type=int, help="Most bytes of metadata that are read of one file.")
@many_options
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    files: tuple[str, ...],
    fail_on: str,
    trust: Path | None,
    max_metadata: int | None,
    outputs: tuple[tuple[str, Path | None], ...],
    processes: int,
    resume: bool,
    no_progress: bool,
) -> None:
    """Look at the labels of FILES: is there one, is it in order, does what it claims hold?

    \b
    labelled     one label, readable, without an error
    defective    a label with an error, or several of them
    absent       no label found, which does not say that nothing was generated
    unsupported  of a kind that labels are not read from
    unreadable   broken, beyond a limit, or not to be opened

    The exit code is 1 for files that fail, else 3 where some could not be read.

    \b
    Examples:
      countermark label verify picture.png
      countermark label verify out/ -j 4 -f table -f jsonl=labels.jsonl
      find . -newer mark | countermark label verify -
    """
    from countermark.labels import Limits, TooLargeError
    from countermark.labels.defects import LabelError

    limits = Limits() if max_metadata is None else Limits(metadata_bytes=max_metadata)
    store = None
    if trust:
        from countermark.labels.security.trust import TrustStore

        try:
            store = TrustStore.load(trust)
        except (LabelError, TooLargeError, OSError) as error:
            raise Failure(str(error)) from None
    counts = work(
        Verify(limits, store), files, outputs, processes=processes, resume=resume, hidden=no_progress
    )
    outcomes = {outcome for _, outcome in counts}
    if outcomes & set(FAILURES[fail_on]):
        ctx.exit(FINDINGS)
    ctx.exit(INCOMPLETE if "unreadable" in outcomes else CLEAN)


@dataclass(frozen=True, slots=True)
class Verify:
    """Verify one file."""

    limits: Limits
    trust: TrustStore | None

    def __call__(self, found: Found) -> Done:
        """What was found, as a line and as a note."""
        from countermark.labels import verify
        from countermark.labels.batch import Done, line

        result = verify(found.path, trust=self.trust, limits=self.limits)
        outcome = str(result.outcome)
        container = result.reading.container if result.reading else ""
        worst = [d.text for d in result.defects if d.severity != "note" and d.code not in QUIET]
        note = ""
        if outcome not in ("labelled", "unsupported") or worst:
            said = [result.reason] if result.reason else worst
            note = f"{outcome:<11} {found.path}" + "".join(f"\n{'':11}   {text}" for text in said[:6])
        return Done(line(found, result.to_dict()), container, outcome, note)
