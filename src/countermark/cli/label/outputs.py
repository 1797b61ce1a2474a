"""Where the lines and the table of a run go. All is opened before anything is done."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn, Self, TextIO, TypeAlias

from countermark.cli import INCOMPLETE
from countermark.cli.label.record import Record
from countermark.cli.label.table import SHOWN, Counts, Notes, show
from countermark.cli.options import Failure, Output, console
from countermark.labels.batch import Done

Given: TypeAlias = tuple[tuple[str, Path | None], ...]
Tail: TypeAlias = Callable[[Counts, str], Iterable[str]]
"""What stands under the table, by the counts and the line of JSON of the last file."""


class LabelOutput(Output):
    """``table`` or ``jsonl``, with ``=FILE`` where it goes into one."""

    forms = ("table", "jsonl")


class Outputs:
    """What became of the files so far, and where that is written."""

    def __init__(self, given: Given, run: str, *, resume: bool) -> None:
        """Open them; exit code 2 where one cannot be, or is no record to resume."""
        given = given or (("table", None),)
        self.to_terminal = ("jsonl", None) in given
        self.record = _record(given, run, resume=resume)
        self.counts: Counts = Counter(self.record.earlier if self.record else ())
        self._notes: Notes = {}
        self._last = ""
        self._table = ("table", None) in given
        self._tables = [(file, _opened(file)) for form, file in given if form == "table" and file]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        streams = [stream for _, stream in self._tables]
        for each in (self.record, *streams):
            with contextlib.suppress(OSError):  # what could not be written was said before
                if each:
                    each.close()

    def add(self, done: Done) -> None:
        """Write one line, and count.

        Raises:
            Failure: the disk is full, or the like; exit code 3.
        """
        self.counts[done.container, done.outcome] += 1
        self._last = done.line
        if done.note:
            notes = self._notes.setdefault(done.outcome, [])
            if len(notes) <= SHOWN:
                notes.append(done.note)
        if self.record:
            try:
                self.record.add(done)
            except OSError as error:
                _fail(self.record.path, error)
        if self.to_terminal:
            try:
                sys.stdout.write(done.line + "\n")
                sys.stdout.flush()
            except OSError as error:
                _fail(None, error)

    def finish(self, tail: Tail | None) -> None:
        """Write the tables.

        Raises:
            Failure: as for :meth:`add`.
        """
        for file, stream in [*([(None, sys.stdout)] if self._table else []), *self._tables]:
            try:
                below = tail(self.counts, self._last) if tail else ()
                show(self.counts, self._notes, below, console(file=stream))
                stream.flush()
            except OSError as error:
                _fail(file, error)


def _record(given: Given, run: str, *, resume: bool) -> Record | None:
    files = [file for form, file in given if form == "jsonl" and file is not None]
    if resume and not files:
        raise Failure("--resume needs the record of the earlier run: -f jsonl=FILE")
    if len(files) > 1:
        raise Failure("one jsonl file is enough")
    if not files:
        return None
    try:
        return Record(files[0], run, resume=resume)
    except OSError as error:
        raise Failure(f"{files[0]}: {error.strerror or error}") from None
    except ValueError as error:
        raise Failure(str(error)) from None


def _opened(file: Path) -> TextIO:
    try:
        return file.open("w", encoding="utf-8")
    except OSError as error:
        raise Failure(f"{file}: {error.strerror or error}") from None


def _fail(file: Path | None, error: OSError) -> NoReturn:
    """Say that the report of the run is incomplete. A closed pipe is somebody who has read enough."""
    if isinstance(error, BrokenPipeError):
        raise error
    if file is None:
        with contextlib.suppress(OSError):  # what is left in it would be tried once more at the end
            sys.stdout.close()
    name = file or "standard output"
    raise Failure(f"{name}: {error.strerror or error}; the run ends here", INCOMPLETE) from None
