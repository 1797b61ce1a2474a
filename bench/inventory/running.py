"""A command in a process of its own: how long it takes and how much memory it holds."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TIMEOUT_S = 600
NO_NETWORK = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
"""A port where nothing listens: what a scanner asks of the network fails at once."""


@dataclass(frozen=True, slots=True)
class Run:
    """One start of a command."""

    seconds: float
    """From its start to its end, by the clock."""
    peak_mib: float
    """The most that its largest process held."""
    code: int
    """Its exit status; negative where it was ended for taking too long."""


def timed(command: Sequence[str], folder: Path) -> Run:
    """Run a command with ``folder`` as its home and working directory; its output goes to ``out`` there."""
    environment = {**os.environ, **NO_NETWORK, "HOME": str(folder), "NO_COLOR": "1"}
    with (folder / "out").open("wb") as out:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=out, stderr=subprocess.DEVNULL
        )
        peak_kib = _ended(process)
        seconds = time.perf_counter() - start
    return Run(seconds, peak_kib / 1024, process.returncode)


def _ended(process: subprocess.Popen[bytes]) -> int:
    """Wait for the end; the most memory that it held, in KiB."""
    deadline = time.monotonic() + TIMEOUT_S
    killed = False
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_maxrss
        if time.monotonic() > deadline and not killed:
            process.kill()
            killed = True
        time.sleep(0.002)
