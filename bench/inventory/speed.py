"""How quick a scan is, beside the peers and the floor: ``python bench/inventory/speed.py [--files N]``.

The floor is reading all the bytes of the same files, one after the other. It is read first, so that every
scanner finds the files in the cache of the system.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import monorepo
from peers import PEERS
from running import Run, timed

WRONG_USAGE = 2
"""The exit status of a command that did not understand its arguments, ours and the peers'."""
SMALLER = 4_000
"""Files of the tree that the peers scan too."""
FLOOR = """
import os, sys
total = 0
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            total += len(file.read())
"""


def ours(tree: Path, folder: Path) -> Run:
    """Our command, with its report on standard output."""
    countermark = Path(sys.executable).parent / "countermark"
    return timed([str(countermark), "inventory", "scan", str(tree), "-f", "json"], folder)


def floor(tree: Path, folder: Path) -> Run:
    """Every byte, read once."""
    return timed([sys.executable, "-c", FLOOR, str(tree)], folder)


def rows(tree: Path, *, beside_peers: bool) -> Iterator[str]:
    """A line of the table for each that reads the tree."""
    files, size = _measured(tree)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        least = floor(tree, folder)
        yield _line("reading all the bytes", files, size, least, least)
        yield _line("countermark", files, size, ours(tree, folder), least)
    if beside_peers:
        for peer in PEERS:
            why = peer.why_not()
            yield (
                f"| {peer.package} {peer.version} | {files:,} | {why} |"
                if why
                else _line(f"{peer.package} {peer.version}", files, size, peer.run(tree)[0], least)
            )


def _measured(tree: Path) -> tuple[int, int]:
    sizes = [path.stat().st_size for path in tree.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)


def _line(name: str, files: int, size: int, run: Run, least: Run) -> str:
    cells = (
        f"{files:,}",
        f"{run.seconds:.1f} s{_trouble(run)}",
        f"{files / run.seconds:,.0f}",
        f"{size / run.seconds / 1e6:.1f}",
        f"{run.peak_mib:.0f} MiB",
        f"{run.seconds / least.seconds:.1f}",
    )
    return f"| {name} | " + " | ".join(cells) + " |"


def _trouble(run: Run) -> str:
    """What a figure is not worth, where the scan did not come to its end."""
    if run.code < 0:
        return ", ended for taking too long"
    return ", not a scan: wrong usage" if run.code == WRONG_USAGE else ""


def main() -> None:
    """Make the trees, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=monorepo.FILES)
    parser.add_argument("--seed", type=int, default=monorepo.SEED)
    arguments = parser.parse_args()
    print(
        "| | files | time | files/s | MB/s | peak memory of the largest process | of the floor |\n"
        + "|---" * 7
        + "|"
    )
    for files in (SMALLER, arguments.files // 4, arguments.files):
        with tempfile.TemporaryDirectory() as name:
            tree = Path(name, "repository")
            monorepo.make(tree, files, arguments.seed)
            for line in rows(tree, beside_peers=files == SMALLER):
                print(line, flush=True)


if __name__ == "__main__":
    main()
