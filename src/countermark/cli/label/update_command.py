"""``countermark label update``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from countermark.cli.label.many import FilesCommand, Many, below, many_options, work
from countermark.cli.label.writing_options import Writing, attempt, code_of, done, writing_options, wrote
from countermark.cli.options import Failure

if TYPE_CHECKING:
    from countermark.cli.label.table import Counts
    from countermark.labels import Options
    from countermark.labels.batch import Done, Found

UNCLEAR = "look at it: its labels contradict each other, or one cannot be read whole"


@click.command("update", cls=FilesCommand)
@click.option(
    "--propagator",
    envvar="COUNTERMARK_PROPAGATOR",
    required=True,
    help="Name or code of the platform; also from COUNTERMARK_PROPAGATOR.",
)
@click.option("--propagate-id", help="Its number of the content. [default: a new UUID for each file]")
@click.option(
    "--declared/--denied",
    default=None,
    help="What the user says: generated, or not. Metadata and traces outweigh a denial.",
)
@click.option(
    "--trace", "traces", multiple=True, help="What else points to generation, in words. Repeatable."
)
@click.option(
    "--normalise",
    is_flag=True,
    help="Bring a label to the standard's form although keys that it does not know, or a copy that cannot "
    "be read, are lost.",
)
@writing_options
@many_options
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    many: Many,
    writing: Writing,
    *,
    propagator: str,
    propagate_id: str | None,
    declared: bool | None,
    traces: tuple[str, ...],
    normalise: bool,
) -> None:
    """Do what Article 6 asks of a platform for FILES: decide, say what to show, write its own elements.

    A label in the metadata: confirmed. None, but the user declares it: possible. Neither, but traces:
    suspected. What the producer wrote stays; several copies of one label become one. Files for which
    nothing speaks are left as they are.

    \b
    Examples:
      countermark label update upload.png --propagator 001191110102MACQD9K64020000
      countermark label update uploads/ --propagator 示例平台 --declared -f jsonl
    """
    from countermark.labels import Fields, LabelError

    try:
        Fields("1", "", "", "", propagator, "1" if propagate_id is None else propagate_id)
    except LabelError as error:
        raise Failure(f"--propagator and --propagate-id: {error}") from None
    options = replace(writing.options(), normalise=normalise)
    job = Update(propagator, propagate_id, declared, traces, writing.to, options)
    once = "--propagate-id" if propagate_id else ""
    ctx.exit(code_of(work(job, many, writing.search, once=once, tail=sentences)))


def sentences(counts: Counts, _line: str) -> Iterator[str]:
    """What the public is to be told of the files of each stage."""
    from countermark.labels.propagation import SENTENCES, Stage

    stages = {outcome for _, outcome in counts}
    for stage, (english, chinese) in SENTENCES.items():
        if stage in stages and stage is not Stage.NONE:
            yield f"{stage:<12}show: {chinese} / {english}"


@dataclass(frozen=True, slots=True)
class Update:
    """Decide on one file, and bring its label up to date."""

    propagator: str
    propagate_id: str | None
    declared: bool | None
    traces: tuple[str, ...]
    to: Path | None
    options: Options

    def __call__(self, found: Found) -> Done:
        """Decide, write, and say what became of it."""
        return attempt(found, self._update)

    def _update(self, found: Found) -> Done:
        from countermark import labels
        from countermark.labels import numbers, propagation

        reading = labels.read(found.path, limits=self.options.limits)
        values = [label.fields.get("Label") for label in reading.labels]
        decision = propagation.decide(values, declared=self.declared, traces=self.traces)
        shown: dict[str, Any] = {
            "stage": str(decision.stage),
            "show": {"en": decision.sentence, "zh": decision.sentence_zh},
            "reasons": [reason.en for reason in decision.reasons],
            "unclear": decision.unclear,
        }
        if decision.stage is propagation.Stage.NONE:
            return done(found, {"outcome": "unmarked", "container": reading.container, **shown})
        target = below(self.to, found) if self.to else None
        number = self.propagate_id or numbers.uuid7()
        if reading.labels:
            written = labels.update(found.path, self.propagator, number, to=target, options=self.options)
        else:
            fields = labels.Fields.of(propagation.new_label(decision, self.propagator, number))
            written = labels.write(found.path, fields, to=target, options=self.options)
        result = wrote(found, written, shown, outcome=str(decision.stage))
        return replace(result, note=(found.path, UNCLEAR)) if decision.unclear else result
