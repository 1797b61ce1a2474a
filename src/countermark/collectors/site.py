"""The deployment on disk, and one thing to look at in it."""

from __future__ import annotations

import hashlib
import itertools
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from countermark.model import MAX_SAFE_INTEGER, Basis, Evidence, Gap, GapCause, Location
from countermark.target import Target

OWN_FOLDER = ".countermark"
CHUNK = 1 << 20


class Action(StrEnum):
    """What an audit does with a thing."""

    READ = "read"
    SEND = "send"
    SKIP = "skip"


@dataclass(frozen=True)
class Task:
    """One thing to look at, for one kind of fact. ``plan`` lists them, ``collect`` does them."""

    collector: str
    kind: str
    """The kind of evidence that comes of it."""
    subject: str
    service: str | None = None
    path: Path | None = None
    declared: Any = None
    """The entry of ``countermark.yaml`` that asks for it."""
    action: Action = Action.READ
    size: int = 0
    """Bytes, where it is a file."""
    gap: tuple[GapCause, str] | None = None
    """Why it cannot be done, where that is known beforehand."""

    @property
    def key(self) -> str:
        """What a resumed run knows the task by: the same file, unchanged."""
        try:
            stat = self.path.stat() if self.path else None
        except OSError:
            stat = None
        state = f":{stat.st_size}:{stat.st_mtime_ns}" if stat else ""
        asked = hashlib.sha256(repr(self.declared).encode()).hexdigest()[:12]
        return f"{self.collector}:{self.kind}:{self.service or ''}:{self.subject}:{asked}{state}"

    @property
    def file(self) -> Path:
        """The file to look at.

        Raises:
            ValueError: the task is about no file; a collector of files plans only tasks about files.
        """
        if self.path is None:
            raise ValueError(f"{self.key} is about no file")
        return self.path

    def without(self, cause: GapCause, detail: str) -> Task:
        """The same task, known to be impossible."""
        return replace(self, action=Action.SKIP, gap=(cause, detail))

    def saw(
        self,
        fact: dict[str, Any],
        *,
        digest: str | None = None,
        location: Location | None = None,
        basis: Basis = Basis.MEASURED,
    ) -> Evidence:
        """The fact that the task was there to establish."""
        return Evidence(
            kind=self.kind,
            subject=self.subject,
            service=self.service,
            fact=_json(fact),
            basis=basis,
            collector=self.collector,
            collected=datetime.now(UTC),
            digest=digest,
            location=location,
        )

    def missed(self, cause: GapCause, detail: str) -> Gap:
        """The fact could not be had."""
        return Gap(
            kind=self.kind,
            subject=self.subject,
            service=self.service,
            cause=cause,
            detail=_json(detail),
            collector=self.collector,
            collected=datetime.now(UTC),
        )


@dataclass(frozen=True)
class Site:
    """A target and the folder that it is in. Nothing outside the folder is read."""

    root: Path
    target: Target

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", self.root.absolute())

    @cached_property
    def _real_root(self) -> Path:
        return self.root.resolve()

    def name(self, path: Path) -> str:
        """``path`` relative to the root, with forward slashes; odd bytes are written out."""
        return str(_json(path.relative_to(self.root).as_posix()))

    def files(self, task: Task, patterns: tuple[str, ...]) -> Iterator[Task]:
        """A task for each file that ``patterns`` match; an impossible one where none does."""
        seen: set[Path] = set()
        for pattern in patterns:
            yield from self._closed(task, pattern)
            found = sorted(self._matching(pattern))
            if not found:
                yield replace(task, subject=pattern).without(
                    GapCause.MISSING,
                    f"{pattern} matches no file: correct the path in countermark.yaml",
                )
            for path in found:
                if path not in seen:
                    seen.add(path)
                    yield self.file(task, path)

    def file(self, task: Task, path: Path | str) -> Task:
        """The task of looking at one file."""
        path = self.root / path
        task = replace(task, subject=self.name(path), path=path)
        try:
            if not path.resolve(strict=True).is_relative_to(self._real_root):
                return task.without(
                    GapCause.UNREADABLE,
                    "is a link that leads out of the target; it is not followed",
                )
            if not path.is_file():
                return task.without(GapCause.UNREADABLE, "is no regular file")
            return replace(task, size=path.stat().st_size)
        except FileNotFoundError:
            return task.without(GapCause.MISSING, "no such file: correct the path in countermark.yaml")
        except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
            return task.without(GapCause.UNREADABLE, str(error))

    def _matching(self, pattern: str) -> Iterator[Path]:
        if not any(sign in pattern for sign in "*?["):
            if os.path.lexists(self.root / pattern):
                yield self.root / pattern
            return
        for path in self.root.glob(pattern):
            if path.relative_to(self.root).parts[0] != OWN_FOLDER and not path.is_dir():
                yield path

    def _closed(self, task: Task, pattern: str) -> Iterator[Task]:
        """The folders that a glob would pass over in silence: unreadable ones, and links."""
        fixed = list(itertools.takewhile(lambda part: not set(part) & set("*?["), pattern.split("/")[:-1]))
        if len(fixed) == len(pattern.split("/")):
            return
        deep = "**" in pattern or len(fixed) < len(pattern.split("/")) - 1
        base = self.root.joinpath(*fixed)
        trouble: list[OSError] = []
        for here, folders, _ in os.walk(base, onerror=trouble.append):
            linked = [Path(here, name) for name in folders if Path(here, name).is_symlink()]
            for path in linked if deep else []:
                yield replace(task, subject=self.name(path)).without(
                    GapCause.UNREADABLE, "is a link to a folder; it is not followed"
                )
            folders[:] = [f for f in folders if deep and Path(here, f) != self.root / OWN_FOLDER]
        for error in trouble:
            if isinstance(error, PermissionError):
                yield replace(task, subject=self.name(Path(error.filename))).without(
                    GapCause.UNREADABLE, "is a folder that may not be read"
                )


class TooLargeError(Exception):
    """A file is larger than what may be read of it."""


def read_bounded(path: Path, limit: int) -> bytes:
    """The whole file.

    Raises:
        TooLargeError: it has more than ``limit`` bytes.
    """
    with path.open("rb") as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise TooLargeError(f"larger than {limit:,} bytes; raise the limit under `limits` to read it")
    return data


def file_digest(path: Path) -> str:
    """SHA-256 of a file of any size, as hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _json(value: Any) -> Any:  # noqa: PLR0911 - one for each type of JSON
    """``value`` as canonical JSON can hold it: no lone surrogates, no numbers that lose digits."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_json(str(key)): _json(item) for key, item in sorted(value.items())}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) <= MAX_SAFE_INTEGER else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return _json(str(value))
