"""``countermark label update``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from countermark.cli.label.many import below, files_argument, many_options, trouble_of, work
from countermark.cli.label.write_command import told, wrote
from countermark.cli.label.writing_options import code_of, options_of, writing_options

if TYPE_CHECKING:
    from countermark.labels import Options
    from countermark.labels.batch import Done, Found


@click.command("update")
@files_argument
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
@writing_options
@many_options
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    files: tuple[str, ...],
    propagator: str,
    propagate_id: str | None,
    declared: bool | None,
    traces: tuple[str, ...],
    to: Path | None,
    in_place: bool,
    fsync: bool,
    key: Path | None,
    key_id: str,
    break_signature: bool,
    outputs: tuple[tuple[str, Path | None], ...],
    processes: int,
    resume: bool,
    no_progress: bool,
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
    options = options_of(
        to=to, in_place=in_place, fsync=fsync, key=key, key_id=key_id, break_signature=break_signature
    )
    job = Update(propagator, propagate_id, declared, traces, to, options)
    counts = work(job, files, outputs, processes=processes, resume=resume, hidden=no_progress)
    ctx.exit(code_of(counts))


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
        from countermark import labels

        try:
            return self._update(found)
        except (labels.LabelledError, labels.SignedError, labels.ConflictError) as error:
            return told(found, "refused", str(error))
        except labels.UnknownContainerError as error:
            return told(found, "unsupported", str(error))
        except (labels.LabelError, OSError) as error:
            return told(found, "failed", trouble_of(error))

    def _update(self, found: Found) -> Done:
        from countermark import labels
        from countermark.labels import numbers, propagation
        from countermark.labels.batch import Done, line

        reading = labels.read(found.path, limits=self.options.limits)
        values = [label.fields.get("Label") for label in reading.labels]
        decision = propagation.decide(values, declared=self.declared, traces=self.traces)
        shown: dict[str, Any] = {
            "stage": str(decision.stage),
            "show": {"en": decision.sentence, "zh": decision.sentence_zh},
            "reasons": [reason.en for reason in decision.reasons],
        }
        if decision.stage is propagation.Stage.NONE:
            value = {"outcome": "unmarked", "container": reading.container, **shown}
            return Done(line(found, value), reading.container, "unmarked")
        target = below(self.to, found) if self.to else None
        number = self.propagate_id or numbers.uuid7()
        if reading.labels:
            written = labels.update(found.path, self.propagator, number, to=target, options=self.options)
        else:
            fields = labels.Fields(decision.label, "", "", "", self.propagator, number)
            written = labels.write(found.path, fields, to=target, options=self.options)
        return wrote(found, written, shown, outcome=str(decision.stage))
