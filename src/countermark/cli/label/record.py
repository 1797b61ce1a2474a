"""The lines of a run in a file, by which a later one knows what is done."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

from countermark.labels.batch import Done, Found

AGAIN = frozenset({"failed", "unreadable"})
"""Outcomes after which a file is tried again."""


class Record:
    """One line of JSON for each file, with the name of the run in it."""

    def __init__(self, path: Path, run: str, *, resume: bool) -> None:
        """Open it; with ``resume`` behind what an earlier run of the same name has done.

        Raises:
            OSError: it cannot be opened.
            ValueError: it is no record, or that of another run.
        """
        self.path = path
        self.earlier: Counter[tuple[str, str]] = Counter()
        """How often each container and outcome came up in the earlier run."""
        self._run = run
        self._done: set[str] = set()
        if resume and path.is_file():
            self._take_up()
        self._stream = path.open("a" if resume else "w", encoding="utf-8", buffering=1)

    def is_done(self, found: Found) -> bool:
        """Whether an earlier run has done this file."""
        return bool(self._done) and _key(found.path) in self._done

    def add(self, done: Done) -> None:
        """Write one line; the file has it on return."""
        self._stream.write(f'{done.line[:-1]},"run":"{self._run}"}}\n')

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()

    def _take_up(self) -> None:
        """Keep the whole lines of files that need not be tried again."""
        file = Path(os.path.realpath(self.path))
        part = file.with_name(file.name + ".part")
        try:
            with file.open("rb") as lines, part.open("wb") as kept:
                for number, line in enumerate(lines, 1):
                    if not line.endswith(b"\n"):
                        break  # cut off in the middle of a line: that file is done again
                    path, container, outcome = self._read(line, number)
                    if outcome not in AGAIN:
                        self._done.add(_key(path))
                        self.earlier[container, outcome] += 1
                        kept.write(line)
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)

    def _read(self, line: bytes, number: int) -> tuple[str, str, str]:
        try:
            value: dict[str, Any] = json.loads(line)
            said = str(value["path"]), str(value.get("container", "")), str(value["outcome"])
            run = str(value["run"])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ValueError(f"{self.path} is no record of such a run: line {number}") from None
        if run == self._run:
            return said
        command, ours = run.rpartition("-")[0], self._run.rpartition("-")[0]
        why = f"of `{command}`" if command != ours else "made in another folder or with other options"
        raise ValueError(f"{self.path} is not a record of this run, but {why}: line {number}")


def _key(path: str) -> str:
    """One name for one file, however it was named; as a record can hold it."""
    return os.path.abspath(path).encode("utf-8", "backslashreplace").decode()  # noqa: PTH100 - hot
