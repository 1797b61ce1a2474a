"""How quick logs of gateways and proxies are read, beside the limit, in one run.

Run with ``make bench``, or ``python bench/inventory_logs.py [--megabytes N]``. Logs of every form are made,
each line with a time and ids of its own. The limits: cutting a log into lines and doing nothing with
them, parsing each line as JSON where it is JSON, and ``grep -c``. Figures are medians of three, by the time
that one core spends, so that what else the machine does counts for little.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import orjson
from inventory_log_samples import FORMS

from countermark.inventory.logs import scan

ROUNDS = 3
BLOCK = 1 << 20


def main() -> None:
    """Measure every form, and print a table for ``docs/benchmarks.md``."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--megabytes", type=int, default=300, help="size of each log")
    options.add_argument("--only", default="", help="forms whose names hold this")
    options.add_argument("--folder", type=Path, help="where to work")
    given = options.parse_args()
    print(
        f"Python {platform.python_version()}, {given.megabytes} MB each, MB/s of a core, median of {ROUNDS}\n"
    )
    print("| log | bytes a line | calls | **ours** | only lines | ours / it | orjson | ours / it | grep -c |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        for form, make in FORMS.items():
            if given.only in form:
                path = Path(name, "log")
                make(path, given.megabytes * 1_000_000)
                measure(form, path)
                path.unlink()
        print(f"\nLargest resident size: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB")
        if not given.only:
            processes(Path(name, "large"), given.megabytes * 2_000_000)


def measure(form: str, path: Path) -> None:
    """One line of the table."""
    size = path.stat().st_size / 1e6
    found = scan([path])
    assert found.counts["calls"], form
    assert not found.unread, found.unread
    ours = size / spent(lambda: scan([path]))
    cut = size / spent(lambda: only_lines(path))
    parsed = size / spent(lambda: only_json(path)) if has_objects(path) else None
    grep = size / spent(
        lambda: subprocess.run(["grep", "-c", "model", path], capture_output=True, check=False)
    )
    width = size * 1e6 / max(found.counts["lines"], 1)
    beside = f"{parsed:.0f} | {ours / parsed:.2f}" if parsed else "– | –"
    print(
        f"| {form} | {width:,.0f} | {found.counts['calls']:,} | **{ours:.0f}** | {cut:.0f} "
        f"| {ours / cut:.2f} | {beside} | {grep:.0f} |",
        flush=True,
    )


def processes(path: Path, size: int) -> None:
    """One large file with one process and with two, by the clock on the wall."""
    FORMS["LiteLLM payloads"](path, size)
    taken = []
    for number in (1, 2):
        start = time.perf_counter()
        scan([path], processes=number)
        taken.append(size / 1e6 / (time.perf_counter() - start))
    print(
        f"LiteLLM, {size / 1e6:.0f} MB, by the clock: {taken[0]:.0f} MB/s, with two processes {taken[1]:.0f}"
    )


def spent(job: Callable[[], object]) -> float:
    """The median of the seconds that a core spends on a job, in this process or in one that it starts."""
    taken = []
    for _ in range(ROUNDS):
        before = os.times()
        job()
        after = os.times()
        taken.append(sum(after[:4]) - sum(before[:4]))
    return max(statistics.median(taken), 0.01)


def only_lines(path: Path) -> int:
    """The least that reading lines costs."""
    count, rest = 0, b""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            *whole, rest = (rest + block).split(b"\n")
            count += len(whole)
    return count


def only_json(path: Path) -> int:
    """The least that parsing each line costs."""
    with path.open("rb") as stream:
        return sum(len(orjson.loads(line)) for line in stream)


def has_objects(path: Path) -> bool:
    """Whether a file has one object on each line."""
    with path.open("rb") as stream:
        first = stream.readline().rstrip()
    return first.startswith(b"{") and first.endswith(b"}")


if __name__ == "__main__":
    main()
