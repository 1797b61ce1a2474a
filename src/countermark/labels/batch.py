"""Many files: find them, work on them in processes, and go on where an earlier run stopped.

Processes and not threads: two of the libraries that are called for signatures are unsafe across
threads, and what is done to a file is mostly Python.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from countermark.labels.journal import SUFFIX

CHUNK = 128
"""Files that a process gets at a time."""
AHEAD = 4
"""Chunks that wait for each process: the list of a million files is never held whole."""
PATIENCE_S = 1.0
SIDECAR = ".xmp"


@dataclass(frozen=True, slots=True)
class Found:
    """One file to work on."""

    path: str
    relative: str
    """Below the folder that was named; the name alone where the file was named itself."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one file."""

    line: str
    """As one line of JSON."""
    container: str
    outcome: str
    note: str = ""
    """What a person wants to read of it, where there is something."""


Job = Callable[[Found], Done]
"""Must be picklable: a function of a module, or an instance of a class of one."""


def find(named: Iterable[str]) -> Iterator[Found]:
    """The files behind paths, folders and glob patterns, in the order of their names.

    Links to folders are not followed; a sidecar is not listed beside the file that it belongs to.

    Raises:
        FileNotFoundError: a name or a pattern that nothing answers to.
    """
    for name in named:
        if os.path.isdir(name):
            yield from _below(name)
        elif os.path.lexists(name):
            yield Found(name, os.path.basename(name))
        elif glob.has_magic(name):
            yield from _matching(name)
        else:
            raise FileNotFoundError(f"{name}: no such file or folder")


def run(job: Job, files: Iterable[Found], processes: int = 1) -> Iterator[Done]:
    """Work on the files, in order; what is asked for next is ready in time."""
    if processes <= 1:
        yield from map(job, files)
        return
    files = iter(files)
    with ProcessPoolExecutor(processes, initializer=_ready, initargs=(os.getpid(),)) as pool:
        waiting: deque[Future[list[Done]]] = deque()
        try:
            while True:
                while len(waiting) < AHEAD * processes and (chunk := list(islice(files, CHUNK))):
                    waiting.append(pool.submit(_work, job, chunk))
                if not waiting:
                    return
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


class Record:
    """The lines of a run in a file, by which a later one knows what is done."""

    def __init__(self, path: Path, *, resume: bool) -> None:
        self.path = path
        self.earlier: list[tuple[str, str]] = []
        """Container and outcome of each file that an earlier run has done."""
        self._done: set[bytes] = set()
        if resume and path.exists():
            self._take_up()
        self._stream = path.open("a" if resume else "w", encoding="utf-8")

    def is_done(self, found: Found) -> bool:
        """Whether an earlier run has done this file."""
        return bool(self._done) and _key(found.path) in self._done

    def add(self, done: Done) -> None:
        """Write one line."""
        self._stream.write(done.line + "\n")

    def close(self) -> None:
        """Write out what is buffered."""
        self._stream.close()

    def _take_up(self) -> None:
        whole = 0
        with self.path.open("rb") as stream:
            for line in stream:
                if not line.endswith(b"\n"):
                    break  # cut off in the middle of a line: that file is done again
                try:
                    value = json.loads(line)
                    self._done.add(_key(value["path"]))
                    self.earlier.append((str(value.get("container", "")), str(value["outcome"])))
                except (ValueError, KeyError, TypeError, AttributeError):
                    raise ValueError(
                        f"{self.path} is no record of such a run: line {len(self.earlier) + 1}"
                    ) from None
                whole += len(line)
        os.truncate(self.path, whole)


def line(found: Found, value: dict[str, Any]) -> str:
    """One line of a record; odd bytes of names are written out."""
    text = json.dumps({"path": found.path, **value}, ensure_ascii=False, separators=(",", ":"))
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _key(path: str) -> bytes:
    return hashlib.blake2b(path.encode("utf-8", "backslashreplace"), digest_size=12).digest()


def _work(job: Job, chunk: list[Found]) -> list[Done]:
    return list(map(job, chunk))


def _ready(parent: int) -> None:
    """In a process of the pool: an interruption is the parent's to answer, and its death ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_outlive_nobody, args=(parent,), daemon=True).start()


def _outlive_nobody(parent: int) -> None:
    """A killed parent closes nothing that its processes wait for: they would wait for ever."""
    while os.getppid() == parent:
        time.sleep(PATIENCE_S)
    os._exit(1)


def _matching(pattern: str) -> Iterator[Found]:
    start = pattern
    while glob.has_magic(start):
        start = os.path.dirname(start)
    matched = False
    for path in glob.iglob(pattern, recursive=True):
        matched = True
        if not os.path.isdir(path):
            yield Found(path, os.path.relpath(path, start or "."))
    if not matched:
        raise FileNotFoundError(f"{pattern}: matches no file")


def _ours(name: str) -> bool:
    """Whether a folder is one of those that are made while a file is written."""
    return name.startswith(".countermark")


def _below(root: str) -> Iterator[Found]:
    pending = [root]
    while pending:
        folder = pending.pop()
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
        names = {entry.name for entry in entries}
        pending += [
            e.path for e in reversed(entries) if e.is_dir(follow_symlinks=False) and not _ours(e.name)
        ]
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) or not entry.is_file():
                continue
            if entry.name.endswith(SIDECAR) and entry.name[: -len(SIDECAR)] in names:
                continue
            if entry.name.startswith(".") and entry.name.endswith((SUFFIX, ".part")):
                continue
            yield Found(entry.path, os.path.relpath(entry.path, root))
