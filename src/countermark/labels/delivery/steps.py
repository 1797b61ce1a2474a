"""Run the steps of a delivery: commands without a shell, fetches from this machine, packing and unpacking.

Each step works in a new folder, within a time and a size. The file that goes in is never the operator's own
where a command changes it in place.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from countermark.labels.defects import LabelError
from countermark.labels.delivery import archive, fetching

PLACE = re.compile(r"\{(in|out|dir)(\.[A-Za-z0-9]{1,8})?\}(?:\.([A-Za-z0-9]{1,8})\b)?")
SHELL = frozenset({"|", "||", "&&", ";", ">", ">>", "<", "2>", "&", "2>&1"})
LOG = "log.txt"
SAID = 400
"""Characters of what a failing command said that are told."""
POLL_S = 0.05
MAX_STEPS = 64
MAX_PIPELINE_BYTES = 1 << 20


class StepError(LabelError):
    """A step that failed, wrote nothing, or was stopped; the message says which of them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a delivery."""

    name: str
    command: str
    """``{in}`` is the file that goes in, ``{out}`` the one that comes out, ``{out.jpg}`` the same with an
    extension of its own, ``{dir}`` a new folder. Without ``{out}``, the one file in ``{dir}`` is what comes
    out; without that, the file that was changed in place. Or ``url:ADDRESS``, ``zip:``, ``unzip:``."""

    @classmethod
    def of(cls, text: str) -> Self:
        """From ``NAME=COMMAND``.

        Raises:
            LabelError: there is no name, or no command that can be run.
        """
        name, separator, command = text.partition("=")
        if not separator or not re.fullmatch(r"[\w .+-]{1,40}", name.strip()):
            raise LabelError(f"{text[:60]!r} is no step: write NAME=COMMAND")
        step = cls(name.strip(), command.strip())
        step.check()
        return step

    def check(self) -> None:
        """Say at once what could not be run.

        Raises:
            LabelError: see above.
        """
        if self.command.startswith(("url:", "zip:", "unzip:")):
            return
        words = _words(self.command)
        if not words:
            raise LabelError(f"step {self.name!r} has no command")
        if shell := SHELL.intersection(words):
            raise LabelError(
                f"step {self.name!r} has {min(shell)!r}, and there is no shell: make two steps, or a script"
            )
        if len({_extension(found) for found in PLACE.finditer(self.command) if found[1] == "out"}) > 1:
            raise LabelError(f"step {self.name!r} has outputs with different extensions")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one step may cost, and where it may fetch from."""

    timeout_s: float = 120.0
    output_bytes: int = 4 << 30
    """Most bytes in the folder of a step."""
    hosts: frozenset[str] = frozenset()
    """Hosts besides this machine that files are fetched from."""


def pipeline(path: Path | str) -> list[Step]:
    """The steps of a TOML file: tables ``[[step]]`` with ``name`` and ``run``.

    Raises:
        LabelError: it is no such file.
        OSError: it cannot be read.
    """
    data = Path(path).read_bytes()
    if len(data) > MAX_PIPELINE_BYTES:
        raise LabelError(f"{path}: more than {MAX_PIPELINE_BYTES:,} bytes")
    try:
        table = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as trouble:
        raise LabelError(f"{path}: {trouble}") from None
    rows = table.get("step")
    if set(table) - {"step"} or not isinstance(rows, list) or not rows:
        raise LabelError(f"{path}: has tables [[step]] with `name` and `run`, and nothing else")
    if len(rows) > MAX_STEPS:
        raise LabelError(f"{path}: more than {MAX_STEPS} steps")
    return [_of_row(row, path) for row in rows]


def _of_row(row: Any, path: Path | str) -> Step:
    if (
        not isinstance(row, dict)
        or set(row) != {"name", "run"}
        or not all(isinstance(v, str) for v in row.values())
    ):
        raise LabelError(f"{path}: a [[step]] has `name` and `run`, both texts, and nothing else")
    return Step.of(f"{row['name']}={row['run']}")


class Workshop:
    """The folders in which the steps of one delivery work."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._root = Path()
        self._count = 0

    def __enter__(self) -> Self:
        self._root = Path(tempfile.mkdtemp(prefix="countermark-trace-")).resolve()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._root, ignore_errors=True)

    def run(self, step: Step, file: Path) -> Path:
        """Do one step with a file; the file that came out of it.

        Raises:
            StepError: it failed, wrote nothing, or was stopped.
        """
        self._count += 1
        folder = self._root / f"{self._count:02}"
        folder.mkdir()
        try:
            return self._made(step, file, folder)
        except StepError:
            raise
        except (LabelError, OSError) as trouble:
            raise StepError(str(trouble)) from trouble

    def _made(self, step: Step, file: Path, folder: Path) -> Path:
        if step.command.startswith("url:"):
            bounds = self._bounds
            return fetching.fetch(
                step.command[4:], folder, bounds.hosts, bounds.timeout_s, bounds.output_bytes
            )
        if step.command.startswith("zip:"):
            archive.pack(file, folder / f"{file.stem}.zip")
            return folder / f"{file.stem}.zip"
        if step.command.startswith("unzip:"):
            return archive.extract(file, file.stem, folder)
        return _Command(step, file, folder, self._bounds).run()


class _Command:
    """One command in its folder."""

    def __init__(self, step: Step, file: Path, folder: Path, bounds: Bounds) -> None:
        step.check()
        self._folder, self._bounds = folder, bounds
        self._work = folder / "work"
        self._work.mkdir()
        places = {found[1]: found for found in PLACE.finditer(step.command)}
        self._out = self._dir = None
        if "out" in places:
            self._out = folder / f"out{_extension(places['out']) or file.suffix}"
        elif "dir" in places:
            self._dir = self._work
        else:
            file = Path(shutil.copyfile(file, self._work / f"in{file.suffix}"))
            self._out = file
        self._argv = [self._filled(word, file) for word in _words(step.command)]

    def _filled(self, word: str, file: Path) -> str:
        known = {"in": file, "out": self._out, "dir": self._work}
        return PLACE.sub(lambda found: str(known[found[1]]), word)

    def run(self) -> Path:
        """Run it, and find what it made."""
        log = self._folder / LOG
        with log.open("wb") as stream:
            try:
                process = subprocess.Popen(  # noqa: S603 - the operator's own command, without a shell
                    self._argv,
                    cwd=self._work,
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as trouble:
                reason = trouble.strerror or str(trouble)
                raise StepError(f"{self._argv[0]} could not be started: {reason}") from None
            try:
                self._watch(process)
            finally:
                _stop(process)
        if process.returncode:
            raise StepError(f"ended with exit code {process.returncode}: {_said(log)}")
        return self._result(log)

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + self._bounds.timeout_s
        while process.poll() is None:
            if time.monotonic() > end:
                raise StepError(f"was stopped: it ran longer than {self._bounds.timeout_s:g} s")
            self._weigh()
            time.sleep(POLL_S)
        self._weigh()

    def _weigh(self) -> None:
        if _weight(self._folder) > self._bounds.output_bytes:
            raise StepError(f"was stopped: it wrote more than {self._bounds.output_bytes:,} bytes")

    def _result(self, log: Path) -> Path:
        out = self._out
        if self._dir is not None:
            made = [path for path in sorted(self._dir.rglob("*")) if path.is_file()]
            if len(made) > 1:
                raise StepError(f"wrote {len(made)} files where one is meant: name it with {{out}}")
            out = made[0] if made else None
        if out is None or out.is_symlink() or not out.is_file() or not out.stat().st_size:
            raise StepError(f"ended with success and wrote nothing to its output: {_said(log)}")
        return out


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End what is left of it, children included."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


def _weight(folder: Path) -> int:
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):  # a temporary file of the command
                total += (Path(root) / name).lstat().st_size
    return total


def _said(log: Path) -> str:
    """The end of what it printed, in one line."""
    with log.open("rb") as stream:
        stream.seek(max(log.stat().st_size - 4 * SAID, 0))
        text = stream.read(4 * SAID).decode("utf-8", "replace")
    return " ".join(text.split())[-SAID:] or "it said nothing"


def _words(command: str) -> Sequence[str]:
    try:
        return shlex.split(command)
    except ValueError as trouble:
        raise LabelError(f"{command[:60]!r} cannot be taken apart: {trouble}") from None


def _extension(found: re.Match[str]) -> str:
    return found[2] or (f".{found[3]}" if found[3] else "")
