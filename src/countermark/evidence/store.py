"""One folder for a run.

    run.json        who ran what, when, on which target
    target.json     the target as it was declared
    planned.json    the tasks of the run
    records.jsonl   evidence, gaps and finished tasks, one canonical JSON object in a line, in order
    report.json     the judgement
    seal.json       the SHA-256 of each file above: the run is whole

A record is named by the SHA-256 of its line (without the newline). Lines are only ever appended,
and each is flushed before the next task starts: a run that is killed keeps all that it had.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, TypeVar

import filelock
from pydantic import BaseModel, TypeAdapter, ValidationError

from countermark import __version__
from countermark.model import Gap, Record, Report, canonical, digest_of
from countermark.target import Target

FOLDER = ".countermark"
SEALED = ("run.json", "target.json", "planned.json", "records.jsonl", "report.json")
_Model = TypeVar("_Model", bound=BaseModel)
_RECORD: TypeAdapter[Record] = TypeAdapter(Record)


class RunError(Exception):
    """A run cannot be written or read; the message says what is kept and what to do."""


class RunState(StrEnum):
    """How far a run has come."""

    SEALED = "sealed"
    RUNNING = "running"
    INTERRUPTED = "interrupted"


@dataclass
class Run:
    """A run folder that is open for reading, and for appending while it is locked."""

    folder: Path
    done: set[str] = field(default_factory=set)
    """Keys of the finished tasks."""
    torn_bytes: int = 0
    """Length of a half-written last line that a kill left behind; it was no finished record."""
    _known: set[str] = field(default_factory=set)
    _stream: IO[bytes] | None = None
    _lock: filelock.BaseFileLock | None = None

    @property
    def id(self) -> str:
        """The name of the folder."""
        return self.folder.name

    @property
    def state(self) -> RunState:
        """Sealed, being written, or left behind."""
        if (self.folder / "seal.json").exists():
            return RunState.SEALED
        lock = filelock.FileLock(self.folder / "lock", timeout=0)
        try:
            with lock:
                return RunState.INTERRUPTED
        except filelock.Timeout:
            return RunState.RUNNING
        except OSError:  # a folder that we may only read has no writer of ours
            return RunState.INTERRUPTED

    @classmethod
    def start(cls, root: Path, target: Target) -> Run:
        """Open a new run folder below ``root/.countermark/runs``.

        Raises:
            RunError: the folder cannot be written.
        """
        now = datetime.now(UTC)
        folder = root / FOLDER / "runs" / f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        run = cls(folder)
        with run._writing():
            folder.mkdir(parents=True)
            (root / FOLDER / ".gitignore").write_text("*\n", encoding="utf-8")
            declared = canonical(target.model_dump(mode="json"))
            about = {
                "run": folder.name,
                "tool": f"countermark {__version__}",
                "started": now.isoformat(),
                "target": digest_of(declared),
            }
            _write(folder / "target.json", declared)
            _write(folder / "run.json", canonical(about))
        return run.open()

    @classmethod
    def resume(cls, folder: Path) -> Run:
        """Go on with a run that was interrupted.

        Raises:
            RunError: it is sealed, being written, or no run.
        """
        run = cls.read(folder)
        if run.state is not RunState.INTERRUPTED:
            raise RunError(f"{folder}: the run is {run.state}: only an interrupted one can be resumed")
        return run.open()

    @classmethod
    def read(cls, folder: Path) -> Run:
        """Open a run for reading.

        Raises:
            RunError: the folder holds no run, or a line of it is no record.
        """
        if not (folder / "run.json").is_file():
            raise RunError(f"{folder}: holds no run; `countermark audit` makes one")
        run = cls(folder)
        for number, line in enumerate(run._lines(), 1):
            try:
                entry = json.loads(line)
            except ValueError:
                raise RunError(f"{folder / 'records.jsonl'}:{number}: is no record: was it edited?") from None
            if isinstance(entry, dict) and entry.get("type") == "done":
                run.done.add(str(entry.get("task")))
            else:
                run._known.add(digest_of(line))
        return run

    def target(self) -> Target:
        """The target as it was declared when the run began."""
        return _load(Target, self.folder / "target.json")

    def report(self) -> Report:
        """The judgement that the run ended in.

        Raises:
            RunError: the run was interrupted before it was judged.
        """
        if not (self.folder / "report.json").is_file():
            raise RunError(
                f"{self.folder}: was interrupted before it was judged: "
                f"`countermark audit --resume` goes on, `countermark judge` judges what is there"
            )
        return _load(Report, self.folder / "report.json")

    def plan(self, tasks: Iterable[tuple[str, Gap]]) -> None:
        """Write down what is to be done: each task by its key, with the gap that it is until then.

        Raises:
            RunError: the disk is full or gone.
        """
        planned = {key: gap.model_dump(mode="json") for key, gap in tasks}
        with self._writing():
            _write(self.folder / "planned.json", canonical(planned))

    def records(self) -> Iterator[Record]:
        """The evidence and gaps of finished tasks, in order; then a gap for each that was not reached.

        What a task left before it was done, or a task that is no longer planned, does not count.

        Raises:
            RunError: a line is no record.
        """
        planned = self._planned()
        pending: list[Record] = []
        for number, line in enumerate(self._lines(), 1):
            if line.startswith(b'{"task":'):
                if planned is None or json.loads(line)["task"] in planned:
                    yield from pending
                pending = []
                continue
            try:
                record = _RECORD.validate_json(line)
            except ValidationError as error:
                where = f"{self.folder / 'records.jsonl'}:{number}"
                raise RunError(f"{where}: is no record: {error.errors()[0]['msg']}") from None
            record.__dict__["id"] = digest_of(line)  # primes the cached property
            pending.append(record)
        for key, gap in (planned or {}).items():
            if key not in self.done:
                yield Gap.model_validate(gap)

    def _planned(self) -> dict[str, Any] | None:
        """None for a run that was left before it knew."""
        try:
            planned = json.loads((self.folder / "planned.json").read_bytes())
        except (OSError, ValueError):
            return None
        return planned if isinstance(planned, dict) else None

    def add(self, records: Iterable[Record], task: str) -> None:
        """Append what a task yielded, and that it is done.

        Raises:
            RunError: the disk is full or gone. What was written before is kept.
        """
        if self._stream is None:
            raise RunError(f"{self.folder}: is open for reading only")
        with self._writing():
            for record in records:
                line = record.to_bytes()
                name = digest_of(line)
                if name not in self._known:
                    self._stream.write(line + b"\n")
                    self._known.add(name)
            self._stream.write(canonical({"task": task, "type": "done"}) + b"\n")
            self._stream.flush()
        self.done.add(task)

    def seal(self, report: Report) -> None:
        """Write the report and the digests of everything: the run is whole.

        Raises:
            RunError: the disk is full or gone.
        """
        with self._writing():
            if self._stream is not None:
                os.fsync(self._stream.fileno())
            _write(self.folder / "report.json", report.model_dump_json().encode())
            files = [name for name in SEALED if (self.folder / name).exists()]
            digests = {name: _digest(self.folder / name) for name in files}
            _write(self.folder / "seal.json", canonical({"files": digests}))
        self.close()

    def broken_files(self) -> list[str]:
        """The files that are not as they were sealed; empty for a run that is whole."""
        try:
            digests = json.loads((self.folder / "seal.json").read_bytes())["files"]
        except (OSError, ValueError, KeyError, TypeError):
            return ["seal.json"]
        return [
            name
            for name in digests
            if not (self.folder / name).is_file() or _digest(self.folder / name) != digests.get(name)
        ]

    def close(self) -> None:
        """Let go of the folder."""
        if self._stream is not None:
            with suppress(OSError):
                self._stream.close()
            self._stream = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def open(self) -> Run:
        """Take the folder for writing.

        Raises:
            RunError: another process has it, or the disk does not let us.
        """
        with self._writing():
            self._lock = filelock.FileLock(self.folder / "lock", timeout=0)
            self._lock.acquire()
            path = self.folder / "records.jsonl"
            if self.torn_bytes:
                with path.open("r+b") as stream:
                    stream.truncate(path.stat().st_size - self.torn_bytes)
            self._stream = path.open("ab")
        return self

    def _lines(self) -> Iterator[bytes]:
        """Whole lines; a last one without its newline was never finished."""
        path = self.folder / "records.jsonl"
        if not path.exists():
            return
        with path.open("rb") as stream:
            for line in stream:
                if line.endswith(b"\n"):
                    yield line[:-1]
                else:
                    self.torn_bytes = len(line)

    def _writing(self) -> _Writing:
        return _Writing(self)


class _Writing:
    """Turn what the disk says into an error that says what is kept."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, filelock.Timeout):
            raise RunError(f"{self._run.folder}: another process is writing this run") from None
        if isinstance(error, OSError):
            self._run.close()
            kept = len(self._run.done)
            raise RunError(
                f"{self._run.folder}: cannot be written: {error.strerror or error}. "
                f"{kept} finished tasks are kept; make room and go on with `countermark audit --resume`"
            ) from None


def runs(root: Path) -> list[Run]:
    """The runs of a target, oldest first."""
    folder = root / FOLDER / "runs"
    found = [path.parent for path in folder.glob("*/run.json")] if folder.is_dir() else []
    return [Run(path) for path in sorted(found, key=_started)]


def _started(folder: Path) -> tuple[str, str]:
    try:
        return str(json.loads((folder / "run.json").read_bytes())["started"]), folder.name
    except (OSError, ValueError, KeyError, TypeError):
        return "", folder.name


def _load(model: type[_Model], path: Path) -> _Model:
    try:
        return model.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RunError(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise RunError(
            f"{path}: {where}: {first['msg']}: was it edited, or written by another version?"
        ) from None


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


def _write(path: Path, data: bytes) -> None:
    """Write a whole file or none of it."""
    beside = path.with_suffix(".part")
    with beside.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)
