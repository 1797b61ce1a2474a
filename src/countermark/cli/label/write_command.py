"""``countermark label write``."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from countermark.cli.label.many import FilesCommand, Many, below, many_options, trouble_of, work
from countermark.cli.label.writing_options import (
    Writing,
    attempt,
    code_of,
    done,
    said,
    writing_options,
    wrote,
)
from countermark.cli.options import Failure

if TYPE_CHECKING:
    from countermark.labels import Fields, Options, Written
    from countermark.labels.batch import Done, Found


@click.command("write", cls=FilesCommand)
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
    is_flag=True,
    help="Put the visible or audible label into the content first; this encodes pixels and sound anew.",
)
@click.option(
    "--explicit-text",
    metavar="TEXT",
    help="The same, with this text. [default: AI生成, or what goes with --label]",
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
    many: Many,
    writing: Writing,
    *,
    producer: str,
    produce_id: str | None,
    label: str,
    propagator: str | None,
    propagate_id: str | None,
    explicit: bool,
    explicit_text: str | None,
    manifest_key: Path | None,
    manifest_chain: Path | None,
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

    text = wording.PROMPTS[label] if explicit and explicit_text is None else explicit_text
    values = (label, producer, produce_id, propagator, propagate_id)
    signer = _signer(manifest_key, manifest_chain)
    job = Write(values, writing.to, writing.options(), text, signer, resumed=many.resume)
    if produce_id == "":
        raise Failure("--produce-id is empty: leave it out for a new number for each file")
    try:
        job.fields()
        if text is not None:
            wording.required(text)
    except LabelError as error:
        raise Failure(str(error)) from None
    once = "--produce-id" if produce_id else "--propagate-id" if propagate_id else ""
    ctx.exit(code_of(work(job, many, writing.search, once=once)))


def _signer(key: Path | None, chain: Path | None) -> tuple[Path, Path] | None:
    """Key and certificates of a manifest, known to fit each other; exit code 2 where they do not."""
    if key is None and chain is None:
        return None
    if key is None or chain is None:
        raise Failure("--manifest-key and --manifest-chain go together")
    from countermark.labels import LabelError

    try:
        from countermark.labels.c2pa.certificates import SigningKey

        SigningKey.from_files(key, chain)
    except ImportError as error:
        raise Failure(str(error)) from None
    except (LabelError, OSError) as error:
        raise Failure(f"{key}, {chain}: {trouble_of(error)}") from None
    return key, chain


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
    resumed: bool = False
    """Whether a run is taken up, so that a label of ours may be there that no record tells of."""

    def fields(self) -> Fields:
        """What the label of the next file says."""
        from countermark.labels import Fields, numbers

        label, producer, produce_id, propagator, propagate_id = self.said
        number = numbers.uuid7() if produce_id is None else produce_id
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
        return attempt(found, self._label)

    def _label(self, found: Found) -> Done:
        from countermark.labels import LabelledError

        try:
            return wrote(found, self._write(found))
        except LabelledError:
            if not self.resumed or (earlier := self._earlier(found)) is None:
                raise
            return earlier

    def _earlier(self, found: Found) -> Done | None:
        """What the interrupted run wrote, where the file carries one label, in order, that says the same."""
        from countermark import labels

        path = self.to / found.relative if self.to else Path(found.path)
        if not path.is_file():
            return None
        reading = labels.read(path, limits=self.options.limits)
        label = reading.label
        if label is None or len(reading.labels) != 1 or label.errors:
            return None
        asked = self.fields().to_dict()
        same = ("Label", "ContentProducer", *(("ProduceID",) if self.said[2] else ()))
        if any(label.fields.get(name) != asked[name] for name in same):
            return None
        value = {"outcome": "written", "container": reading.container, "to": str(path), "way": "earlier"}
        return done(found, value | {"place": label.place, "growth": 0} | said(label.fields))

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
            broken = replace(options, break_signature=True, bind_content=False)
            written = labels.write(source, self.fields(), to=labelled, options=broken)
            c2pa.sign(labelled, target, written.label.fields, key, parent=parent)
        return replace(written, path=target, growth=target.stat().st_size - parent.stat().st_size)
