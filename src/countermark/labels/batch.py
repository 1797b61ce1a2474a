"""Many files: find them, and work on them in processes.

Processes and not threads: two of the libraries that are called for signatures are unsafe across
threads, and what is done to a file is mostly Python.
"""

from __future__ import annotations

import ctypes
import glob
import json
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Any, Self

from countermark.labels.journal import SUFFIX

CHUNK = 128
"""Most files that a process gets at a time."""
PACE_S = 0.02
"""How long a process should have enough with one chunk: so much is done again after a kill."""
AHEAD = 4
"""Chunks that wait for each process: the list of a million files is never held whole."""
SIDECAR = ".xmp"
GONE = "no such file or folder"
LINK = "is a link, and links in a folder are not followed: name it to have the file behind it"
BROKEN_LINK = "is a link to nothing"
IRREGULAR = "is no regular file"
OUTPUT = "lies in the folder of --to"
TAKEN = "another file goes to the same name in --to: name the folder, which keeps its shape, or another --to"


@dataclass(frozen=True, slots=True)
class Found:
    """One file to work on."""

    path: str
    relative: str
    """Below the folder that was named; the name alone where the file was named itself."""
    trouble: str = ""
    """Why there is nothing to work on: a folder that cannot be listed, a name that is gone, a link."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one file."""

    line: str
    """As one line of JSON, an object."""
    container: str
    outcome: str
    note: tuple[str, ...] = ()
    """The name, and what a person wants to read of it, where there is something."""


Job = Callable[[Found], Done]
"""Must be picklable: a function of a module, or an instance of a class of one."""


@dataclass(frozen=True, slots=True)
class Search:
    """How files are found behind paths, folders and glob patterns."""

    follow: bool = False
    """Whether links to files are followed in folders; links to folders never are."""
    to: str = ""
    """A folder for copies: what is in it is left out, and no two files may have one name there."""

    def check(self, names: Iterable[str]) -> None:
        """Look at the names before anything is done.

        Raises:
            FileNotFoundError: a name or a pattern that nothing answers to.
            ValueError: copies would come to lie among their originals.
        """
        for name in names:
            if self.to and os.path.isdir(name) and _is_below(os.path.realpath(name), self._target):
                raise ValueError(f"{name}: --to is this folder or one above it: copies would replace files")
            if os.path.lexists(name):
                continue
            if not glob.has_magic(name):
                raise FileNotFoundError(f"{name}: {GONE}")
            if next(glob.iglob(name, recursive=True), None) is None:
                raise FileNotFoundError(f"{name}: matches no file")

    def find(self, names: Iterable[str]) -> Iterator[Found]:
        """The files, of a folder in the order of their names; what cannot be worked on is among them.

        A sidecar is not listed beside the file that it belongs to.
        """
        found = (one for name in names for one in self._behind(name))
        return _apart(found) if self.to else found

    @property
    def _target(self) -> str:
        return os.path.realpath(self.to)

    def _behind(self, name: str) -> Iterator[Found]:
        if os.path.isdir(name):
            yield from self._below(name)
        elif os.path.lexists(name):
            yield self._named(name)
        elif glob.has_magic(name):
            yield from self._matching(name)
        else:
            yield Found(name, os.path.basename(name), GONE)

    def _named(self, name: str) -> Found:
        if not os.path.isfile(name):
            trouble = BROKEN_LINK if os.path.islink(name) else IRREGULAR
        else:
            trouble = OUTPUT if self._is_output(name) else ""
        return Found(name, os.path.basename(name), trouble)

    def _is_output(self, path: str) -> bool:
        return bool(self.to) and _is_below(_real(os.path.dirname(path)), self._target)

    def _matching(self, pattern: str) -> Iterator[Found]:
        start = pattern
        while glob.has_magic(start):
            start = os.path.dirname(start)
        matched = False
        for path in glob.iglob(pattern, recursive=True):
            matched = True
            if not os.path.isdir(path) and not self._is_output(path):
                yield replace(self._named(path), relative=os.path.relpath(path, start or "."))
        if not matched:
            yield Found(pattern, os.path.basename(pattern), GONE)

    def _below(self, root: str) -> Iterator[Found]:
        to = os.path.relpath(self._target, os.path.realpath(root)) if self.to else os.pardir
        left_out, start = os.path.join(root, to), len(os.path.join(root, ""))
        pending = [root]
        while pending:
            folder = pending.pop()
            try:
                with os.scandir(folder) as listing:
                    entries = sorted(listing, key=lambda entry: entry.name)
            except OSError as error:
                yield Found(folder, folder[start:], error.strerror or str(error))
                continue
            names = {entry.name for entry in entries}
            folders = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
            pending += [e.path for e in reversed(folders) if not _ours(e.name) and e.path != left_out]
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False) and not _belongs(entry.name, names):
                    yield from self._entry(entry, entry.path[start:])

    def _entry(self, entry: os.DirEntry[str], relative: str) -> Iterator[Found]:
        if entry.is_file(follow_symlinks=False):
            yield Found(entry.path, relative)
        elif not entry.is_symlink():
            yield Found(entry.path, relative, IRREGULAR)
        elif os.path.isfile(entry.path):
            yield Found(entry.path, relative, "" if self.follow else LINK)
        elif not os.path.exists(entry.path):
            yield Found(entry.path, relative, BROKEN_LINK)


class Run:
    """A job on many files. Iterate over it for what became of each, in their order.

    After an interruption, or the death of a process, :meth:`rest` has what was finished by then.
    """

    def __init__(self, job: Job, files: Iterable[Found], processes: int = 1) -> None:
        self._job = job
        self._files = iter(files)
        self._processes = processes
        self._size = 1
        self._ready: deque[Done] = deque()
        self._waiting: deque[Future[tuple[list[Done], float]]] = deque()
        self._stop = multiprocessing.RawValue(ctypes.c_bool, False)  # noqa: FBT003 - its first value
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self._processes > 1:
            self._pool = ProcessPoolExecutor(self._processes, initializer=_begin, initargs=(self._stop,))
        return self

    def __exit__(self, *_: object) -> None:
        self._halt()
        if self._pool:
            self._pool.shutdown()

    def __iter__(self) -> Iterator[Done]:
        """Work.

        Raises:
            BrokenProcessPool: a process was killed, or died of want of memory.
        """
        if self._pool is None:
            yield from map(self._job, self._files)
            return
        while self._feed(self._pool):
            done, seconds = self._waiting[0].result()
            self._waiting.popleft()
            self._ready += done
            self._size = max(1, min(CHUNK, int(len(done) * PACE_S / max(seconds, 1e-6))))
            while self._ready:
                yield self._ready.popleft()

    def rest(self) -> Iterator[Done]:
        """End after the files that are being worked on, and hand over what was not yet."""
        self._halt()
        for future in self._waiting:
            if future.exception() is None:
                self._ready += future.result()[0]
        self._waiting.clear()
        while self._ready:
            yield self._ready.popleft()

    def _feed(self, pool: ProcessPoolExecutor) -> bool:
        """Let no process wait; whether there is anything to wait for."""
        while len(self._waiting) < AHEAD * self._processes and (
            chunk := list(islice(self._files, self._size))
        ):
            self._waiting.append(pool.submit(_work, self._job, chunk))
        return bool(self._waiting)

    def _halt(self) -> None:
        self._stop.value = True
        self._waiting = deque(future for future in self._waiting if not future.cancel())


def line(found: Found, value: dict[str, Any]) -> str:
    """One line of a record; odd bytes of names are written out."""
    text = json.dumps({"path": found.path, **value}, ensure_ascii=False, separators=(",", ":"))
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


_STOPS: list[ctypes.c_bool] = []
"""In a process of a pool: whether to end, as the parent says."""


def _work(job: Job, chunk: list[Found]) -> tuple[list[Done], float]:
    """What became of the files, as far as one got, and the seconds that it took."""
    start = time.perf_counter()
    (stop,) = _STOPS
    done = []
    for found in chunk:
        if stop.value:
            break
        done.append(job(found))
    return done, time.perf_counter() - start


def _begin(stop: ctypes.c_bool) -> None:
    """In a process of the pool: an interruption is the parent's to answer, and its death ends this one.

    SIGTERM kills again: by it the pool ends the rest where one process died.
    """
    _STOPS[:] = [stop]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_outlive_nobody, daemon=True).start()


def _outlive_nobody() -> None:
    """A killed parent closes nothing that its processes wait for: they would wait for ever."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _apart(files: Iterable[Found]) -> Iterator[Found]:
    """Say of all files but the first that they would go to the same name."""
    taken: set[str] = set()
    for found in files:
        if found.trouble:
            yield found
        elif found.relative in taken:
            yield replace(found, trouble=TAKEN)
        else:
            taken.add(found.relative)
            yield found


@lru_cache(1024)
def _real(folder: str) -> str:
    return os.path.realpath(folder)


def _is_below(path: str, folder: str) -> bool:
    """Whether ``path`` is ``folder`` or in it; both without links."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _ours(name: str) -> bool:
    """Whether a folder is one of those that are made while a file is written."""
    return name.startswith(".countermark")


def _belongs(name: str, names: set[str]) -> bool:
    """Whether a file is a sidecar, a journal or a copy that is being written."""
    if name.endswith(SIDECAR) and name[: -len(SIDECAR)] in names:
        return True
    return name.startswith(".") and name.endswith((SUFFIX, ".part"))


__all__ = ["BrokenProcessPool", "Done", "Found", "Job", "Run", "Search", "line"]
