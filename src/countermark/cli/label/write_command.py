"""``countermark label write``."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from countermark.cli.label.many import below, files_argument, many_options, trouble_of, work
from countermark.cli.label.writing_options import code_of, options_of, writing_options
from countermark.cli.options import Failure

if TYPE_CHECKING:
    from countermark.labels import Fields, Options, Written
    from countermark.labels.batch import Done, Found


@click.command("write")
@files_argument
@click.option(
    "--producer",
    envvar="COUNTERMARK_PRODUCER",
    required=True,
    help="Name or code of the provider that generated the content; also from COUNTERMARK_PRODUCER.",
)
@click.option("--produce-id", help="The content's number. [default: a new UUID (version 7) for each file]")
@click.option("--label", type=click.Choice(["1", "2", "3"]), default="1", show_default=True)
@click.option("--propagator", help="ContentPropagator. [default: the producer, as the standard notes]")
@click.option("--propagate-id", help="PropagateID. [default: the ProduceID]")
@click.option(
    "--explicit",
    metavar="TEXT",
    is_flag=False,
    flag_value="AI生成",
    help="Put the visible or audible label into the content first; this encodes pixels and sound anew. "
    "[text where none is given: AI生成]",
)
@click.option(
    "--manifest-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="PEM file of the key that signs a C2PA manifest, last of all, with the label's fields in it. A "
    "manifest that is there becomes its parent.",
)
@click.option(
    "--manifest-chain",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="PEM file of the certificates for --manifest-key, the signer's first.",
)
@writing_options
@many_options
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    files: tuple[str, ...],
    producer: str,
    produce_id: str | None,
    label: str,
    propagator: str | None,
    propagate_id: str | None,
    explicit: str | None,
    manifest_key: Path | None,
    manifest_chain: Path | None,
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
    """Write the implicit label into FILES. Nothing else in them changes, and each is read back.

    A file that carries a label already is refused: `countermark label update` adds to it.
    The exit code is 1 where files were refused, 3 where some could not be written.

    \b
    Examples:
      countermark label write picture.png --producer 001191110102MACQD9K64010000 --to labelled/
      countermark label write out/ --producer 示例科技 -j 4 -f jsonl=written.jsonl
      countermark label write clip.mp4 --producer 示例科技 --in-place --key provider.pem
    """
    from countermark.labels import LabelError
    from countermark.labels.explicit import wording

    options = options_of(
        to=to, in_place=in_place, fsync=fsync, key=key, key_id=key_id, break_signature=break_signature
    )
    if (manifest_key is None) != (manifest_chain is None):
        raise Failure("--manifest-key and --manifest-chain go together")
    manifest = (manifest_key, manifest_chain) if manifest_key and manifest_chain else None
    job = Write((label, producer, produce_id, propagator, propagate_id), to, options, explicit, manifest)
    try:
        job.fields()
        if explicit is not None:
            wording.required(explicit)
    except LabelError as error:
        raise Failure(str(error)) from None
    counts = work(job, files, outputs, processes=processes, resume=resume, hidden=no_progress)
    ctx.exit(code_of(counts))


@dataclass(frozen=True, slots=True)
class Write:
    """Label one file."""

    said: tuple[str, str, str | None, str | None, str | None]
    """Label, producer, number, propagator and its number; None where they are ours to fill."""
    to: Path | None
    options: Options
    explicit: str | None
    manifest: tuple[Path, Path] | None
    """Key and certificates of the signer of a C2PA manifest."""

    def fields(self) -> Fields:
        """What the label of the next file says."""
        from countermark.labels import Fields, numbers

        label, producer, produce_id, propagator, propagate_id = self.said
        number = produce_id or numbers.uuid7()
        return Fields(
            label,
            producer,
            number,
            "",
            producer if propagator is None else propagator,
            number if propagate_id is None else propagate_id,
        )

    def __call__(self, found: Found) -> Done:
        """Write, and say what became of it."""
        from countermark import labels

        try:
            written = self._write(found)
        except (labels.LabelledError, labels.SignedError, labels.ConflictError) as error:
            return told(found, "refused", str(error))
        except labels.UnknownContainerError as error:
            return told(found, "unsupported", str(error))
        except (labels.LabelError, OSError) as error:
            return told(found, "failed", trouble_of(error))
        return wrote(found, written)

    def _write(self, found: Found) -> Written:
        from countermark import labels
        from countermark.labels.explicit import media

        target = below(self.to, found) if self.to else None
        if self.explicit is None and self.manifest is None:
            return labels.write(found.path, self.fields(), to=target, options=self.options)
        options = replace(self.options, in_place=False, name=Path(found.path).name)
        with ExitStack() as stack:
            source = Path(found.path)
            if self.explicit is not None:
                source = stack.enter_context(media.marked(source, self.explicit))
            if self.manifest is None:
                return labels.write(source, self.fields(), to=target or found.path, options=options)
            return self._signed(source, Path(found.path), target or Path(found.path), options)

    def _signed(self, source: Path, parent: Path, target: Path, options: Options) -> Written:
        """Label first, sign last, with the manifest that was there as parent."""
        from countermark import labels
        from countermark.labels import c2pa
        from countermark.labels.c2pa.certificates import SigningKey

        assert self.manifest is not None  # noqa: S101 - the caller looked
        key = SigningKey.from_files(*self.manifest)
        with TemporaryDirectory(dir=target.parent, prefix=".countermark-") as folder:
            labelled = Path(folder) / target.name
            broken = replace(options, break_signature=True)
            written = labels.write(source, self.fields(), to=labelled, options=broken)
            c2pa.sign(labelled, target, written.label.fields, key, parent=parent)
        return replace(written, path=target, growth=target.stat().st_size - parent.stat().st_size)


def wrote(
    found: Found, written: Written, more: dict[str, Any] | None = None, *, outcome: str = "written"
) -> Done:
    """A file that was written, as a line."""
    from countermark.labels.batch import Done, line
    from countermark.labels.codes import masked

    value = {
        "outcome": outcome,
        "container": written.container,
        "to": str(written.path),
        "way": str(written.way),
        "place": written.label.place,
        "growth": written.growth,
        "fields": {name: masked(text) for name, text in written.label.fields.items()},
    }
    return Done(line(found, value | (more or {})), written.container, outcome)


def told(found: Found, outcome: str, reason: str) -> Done:
    """A file that was not written, as a line and a note."""
    from countermark.labels.batch import Done, line

    note = f"{outcome:<11} {found.path}\n{'':11}   {reason}"
    return Done(line(found, {"outcome": outcome, "container": "", "reason": reason}), "", outcome, note)
