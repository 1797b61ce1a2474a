"""Write a label into a file, or bring the one that is there up to date; every write is read back.

What the file holds beside the label stays as it is, byte for byte. A label that somebody else wrote is
never overwritten: :func:`update` adds to it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from countermark.labels import journal, settling, splicing
from countermark.labels.containers import CONTAINERS, Container
from countermark.labels.defects import LabelError
from countermark.labels.grammar import Fields, Label
from countermark.labels.reading import Reading, extension_of, known, read, read_source, sidecar_of
from countermark.labels.source import DEFAULT_LIMITS, Limits, Source, held, opened, unchanged
from countermark.labels.splicing import Edit, Room

if TYPE_CHECKING:
    from countermark.labels.security import Side
    from countermark.labels.security.trust import SigningKey

DEFAULT_ROOM = Room()


class SignedError(LabelError):
    """The file carries a signature over its bytes, which a change would break."""


class ReadBackError(LabelError):
    """What was written does not read back; the file is as it was."""


class Way(StrEnum):
    """How the bytes got there."""

    COPY = "copy"
    """A new file, put in the place of the old one in one step."""
    OVER = "over"
    """Written over the bytes of the file, which kept its place."""
    INSERTED = "inserted"
    """Whole blocks were inserted at the start of the file."""
    MEMORY = "memory"
    """Bytes in, bytes out."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    container: str
    label: Label
    """As it reads back."""
    way: Way
    path: Path | None = None
    """The file that carries the label now: a sidecar, for formats without a place."""
    data: bytes = b""
    """The labelled bytes, where bytes came in."""
    growth: int = 0
    """Bytes that the file grew by."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to write."""

    in_place: bool = False
    """Change the file itself where its format allows it, under a journal; a copy elsewhere."""
    fsync: bool = False
    """Ask the disk to have it before returning."""
    room: Room = DEFAULT_ROOM
    limits: Limits = DEFAULT_LIMITS
    break_signature: bool = False
    """Write although a C2PA manifest or a signature of the file becomes invalid. Better: sign anew."""
    name: str = ""
    """A file name for bytes that have none; it tells Markdown from plain text."""
    normalise: bool = False
    """Of an update: bring a label to the standard's form although keys that it does not know, another
    schema or a copy that cannot be read are lost."""
    key: SigningKey | None = None
    """Signs the label, in the reserved code of the provider that writes."""
    bind_content: bool = True
    """With a key: sign the content too, where the container has a definite one beside its label. Not where
    a C2PA manifest follows, which changes the content and binds it itself."""


DEFAULT_OPTIONS = Options()


def write(
    thing: Path | str | bytes,
    fields: Fields,
    *,
    to: Path | str | None = None,
    options: Options = DEFAULT_OPTIONS,
) -> Written:
    """Label a file.

    Args:
        thing: a path, or the bytes themselves.
        fields: what the label says.
        to: where the labelled copy goes; without it the file itself is labelled.
        options: how to write.

    Raises:
        LabelledError: it, or what lies at ``to``, carries a label of another provider or of another
            content, or one that cannot be read. The provider that wrote a label may write it again, with
            the same ContentProducer and ProduceID; what a platform added since stays.
        InterruptedWriteError: an earlier write in place was cut off, or another process is writing.
        ChangedError: the file was changed by somebody else meanwhile.
        SignedError: a C2PA manifest or a signature would break.
        ReadBackError: the label cannot be read back; nothing was changed.
        LabelError: the container is broken or has no place for a label.
        OSError: a file cannot be read or written.
    """
    return _Job(thing, to, options, "producer").run(lambda reading: settling.written(reading, fields))


def update(
    thing: Path | str | bytes,
    propagator: str,
    propagate_id: str,
    *,
    reserved: str = "",
    to: Path | str | None = None,
    options: Options = DEFAULT_OPTIONS,
) -> Written:
    """Add a propagation provider to the label that a file carries; what the producer said stays.

    Several copies of one label become one.

    Raises:
        ConflictError: the file carries labels that contradict each other.
        LabelError: it carries none, or none that can be read; and as for :func:`write`.
    """
    return _Job(thing, to, options, "propagator").run(
        lambda reading: settling.updated(
            reading, propagator, propagate_id, reserved, normalise=options.normalise
        )
    )


def recover(path: Path | str) -> bool:
    """Take back a write in place that was cut off; whether there was one.

    Raises:
        LabelError: it is still going on, or the file was changed since.
    """
    return journal.recover(Path(os.path.realpath(path)))


Decide = Callable[[Reading], Fields]
"""What to write, after a look at what is there."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One write."""

    thing: Path | str | bytes
    to: Path | str | None
    options: Options
    side: Side

    def run(self, decide: Decide) -> Written:
        """Read, decide what to write, write, read back."""
        if isinstance(self.thing, bytes):
            return self._in_memory(self.thing, decide)
        path = Path(os.path.realpath(self.thing))
        self._settle_journal(path)
        with opened(path) as source, held(source, path, alone=self.to is None):
            container = known(source, extension_of(self._name(path)))
            if container.sidecar:
                reading = read(path, limits=self.options.limits, name=self._name(path))
            else:
                reading = read_source(source, self.options.limits, self._name(path))
            fields = decide(reading)
            self._respect(reading, container)
            if self.to is not None and Path(os.path.realpath(self.to)) != path:
                self._respect_target(Path(self.to), fields)
            if container.sidecar:
                return self._beside(path, source, container, fields)
            return self._to_file(path, source, container, fields)

    def _settle_journal(self, path: Path) -> None:
        """A write in place that was cut off is taken back first, or said."""
        if self.options.in_place:
            journal.recover(path)
        elif journal.pending(path):
            raise journal.InterruptedWriteError(journal.PENDING.format(path.name))

    def _respect_target(self, target: Path, fields: Fields) -> None:
        """What lies where a copy is to go may carry a label too."""
        try:
            there = read(target, limits=self.options.limits)
        except (FileNotFoundError, LabelError):
            return
        settling.written(there, fields)

    def _name(self, path: Path) -> str:
        return self.options.name or path.name

    def _in_memory(self, data: bytes, decide: Decide) -> Written:
        with opened(data) as source:
            reading = read_source(source, self.options.limits, self.options.name)
            container = CONTAINERS[reading.container]
            if container.sidecar:
                raise LabelError(f"{container.title} has no place for a label: give a path, not bytes")
            fields = decide(reading)
            self._respect(reading, container)
            fields, changes = self._plan(container, source, fields, self.options.room)
            new = splicing.to_bytes(source, changes)
        read_back = _ReadBack(fields, self.options, self.options.name)
        read_back(new)
        return Written(container.name, read_back.label, Way.MEMORY, data=new, growth=len(new) - len(data))

    def _respect(self, reading: Reading, container: Container) -> None:
        if self.options.break_signature or container.sidecar:
            return
        if "c2pa" in reading.marks:
            raise SignedError(
                "carries a C2PA manifest, which a change would break: sign anew with the old one as parent "
                "(`c2pa.sign`, or `--manifest-key`), or say that it may break (`break_signature`)"
            )
        if reading.signature:
            raise SignedError(
                f"carries {reading.signature}, which a change would break: label before signing, or say "
                "that it may break (`break_signature`)"
            )

    def _plan(
        self, container: Container, source: Source, fields: Fields, room: Room
    ) -> tuple[Fields, Sequence[Edit]]:
        """What is written in the end, signed where it is to be, and the edits that write it."""

        def edits(wanted: Fields) -> Sequence[Edit]:
            return container.codec.edits(source, wanted, room, self.options.limits)

        if self.options.key is not None:
            from countermark.labels.signing import signed  # noqa: PLC0415 - loads cryptography

            bound = edits if self.options.bind_content else None
            fields = signed(source, container, fields, self.options.key, self.side, bound)
        return fields, edits(fields)

    def _to_file(self, path: Path, source: Source, container: Container, fields: Fields) -> Written:
        target = Path(self.to) if self.to is not None else path
        planned, changes = self._plan(container, source, fields, self.options.room)
        read_back = _ReadBack(planned, self.options, self._name(path))
        way = Way.COPY
        if self.options.in_place and self.to is None:
            if journal.fits_name(path) and journal.fits_in_place(changes, source.size):
                way = Way.OVER
                journal.write_over(path, changes, check=read_back, fsync=self.options.fsync)
            elif inserted := self._inserted(path, source, container, fields):
                way, read_back = Way.INSERTED, inserted
        if way is Way.COPY:

            def check(copy: Path) -> None:
                read_back(copy)
                unchanged(source, path)

            splicing.to_file(source, changes, target, check=check, fsync=self.options.fsync)
        return Written(container.name, read_back.label, way, target, growth=read_back.size - source.size)

    def _inserted(self, path: Path, source: Source, container: Container, fields: Fields) -> _ReadBack | None:
        """Insert whole blocks into the file; None where that cannot be done."""
        block = journal.block_size(path)
        if not block:
            return None
        planned, changes = self._plan(container, source, fields, replace(self.options.room, block=block))
        read_back = _ReadBack(planned, self.options, self._name(path))
        done = journal.fits_insertion(changes, block) and journal.write_inserted(
            path, changes, check=read_back, fsync=self.options.fsync
        )
        return read_back if done else None

    def _beside(self, path: Path, source: Source, container: Container, fields: Fields) -> Written:
        target = Path(self.to) if self.to is not None else path
        beside, old = sidecar_of(target), sidecar_of(path)
        if target != path and old.exists() and beside.exists():
            raise LabelError(f"{beside.name} is there already, and so is one beside the original")
        if target != path:
            splicing.to_file(source, (), target, fsync=self.options.fsync)
        base = beside if beside.exists() else old
        with opened(base) if base.exists() else opened(b"") as packet:
            fields, changes = self._plan(CONTAINERS["xmp"], packet, fields, self.options.room)
            read_back = _ReadBack(fields, self.options, beside.name)
            splicing.to_file(packet, changes, beside, check=read_back, fsync=self.options.fsync)
            growth = read_back.size - packet.size
        return Written(container.name, read_back.label, Way.COPY, beside, growth=growth)


class _ReadBack:
    """Read a file that was just written: it must carry the label, and nothing else of the kind."""

    def __init__(self, fields: Fields, options: Options, name: str) -> None:
        self.fields = fields
        self.label = Label("", normative=False)
        self.size = 0
        self._options = options
        self._name = name

    def __call__(self, thing: Path | bytes) -> None:
        """Look.

        Raises:
            ReadBackError: it carries something else.
        """
        reading = read(thing, limits=self._options.limits, name=self._name)
        if len(reading.labels) != 1:
            raise ReadBackError(f"after writing, {len(reading.labels)} labels read back where one should")
        (label,) = reading.labels
        if label.fields != self.fields.to_dict() or label.errors:
            raise ReadBackError(f"the label at {label.place} reads back as something else")
        self.label = label
        self.size = len(thing) if isinstance(thing, bytes) else thing.stat().st_size
