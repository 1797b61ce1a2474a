"""How quick the house is: start-up, collecting, reading rows, judging; each beside its limit.

Run with ``make bench``; figures are medians of one run on one machine, and ratios carry further than
seconds. The limit is the least that the job could cost: starting Python, or hashing the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

from countermark import audit, corpus, rules
from countermark.collectors import Site
from countermark.evidence import Run
from countermark.target import load

IMAGES = 5_000
ROWS = 1_000_000
TARGET = """\
version: 1
operator: {name: Bench, roles: [generation-provider], jurisdictions: [CN, EU, US-CA]}
services: [{name: s, companion: false, open_to_minors: false}]
outputs: [{files: ["out/*.png"], service: s}]
"""


def seconds(job: Callable[[], object], times: int = 5) -> float:
    """The median time of a job."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        job()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def command(*arguments: str) -> Callable[[], object]:
    """A process of its own."""
    return lambda: subprocess.run([sys.executable, *arguments], capture_output=True, check=True)


def png(number: int) -> bytes:
    """A PNG of one grey pixel with a label; its bytes differ from number to number."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    label = {"Label": "1", "ContentProducer": "bench", "ProduceID": str(number), "ReservedCode1": ""}
    label |= {"ContentPropagator": "", "PropagateID": "", "ReservedCode2": ""}
    text = b"AIGC\0" + json.dumps({"AIGC": label}).encode()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0\x7f" + b"\0" * 50_000, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"tEXt", text) + body + chunk(b"IEND", b"")


def row(name: str, value: float, limit: float, unit: str) -> None:
    """One line of the table."""
    print(f"| {name} | {value:.3g} {unit} | {limit:.3g} {unit} | {value / limit:.2f} |")


def main() -> None:
    """Measure, and print a table for ``docs/benchmarks.md``."""
    print("| job | ours | limit | ratio |\n|---|---|---|---|")
    bare = seconds(command("-c", "pass"), 9)
    row(
        "`countermark --help`, beside starting Python",
        seconds(command("-m", "countermark", "--help"), 9),
        bare,
        "s",
    )
    row(
        "`countermark explain CN-LAB-5`, likewise",
        seconds(command("-m", "countermark", "explain", "CN-LAB-5")),
        bare,
        "s",
    )
    row(f"reading {len(rules.load().rules)} rules, likewise", seconds(rules.load), bare, "s")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        images(folder)
        lines(folder)
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"\nLargest resident size of the whole run: {largest} MiB")


def images(folder: Path) -> None:
    """Collect and judge a folder of outputs."""
    (folder / "out").mkdir()
    for number in range(IMAGES):
        (folder / f"out/{number:05}.png").write_bytes(png(number))
    (folder / "countermark.yaml").write_text(TARGET, encoding="utf-8")
    target = load(folder)
    files = sorted((folder / "out").iterdir())
    books = rules.load()

    def whole() -> object:
        return audit.audit(Site(folder, target), Run.start(folder, target), books, date(2026, 11, 23))

    def limit() -> list[str]:
        return [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]

    row(
        f"audit of {IMAGES:,} labelled PNG of 50 kB, beside hashing them",
        seconds(whole, 3),
        seconds(limit, 3),
        "s",
    )


def lines(folder: Path) -> None:
    """Read the rows of a corpus."""
    file = folder / "rows.jsonl"
    with file.open("w", encoding="utf-8") as stream:
        for number in range(ROWS):
            value = {
                "id": number,
                "instruction": f"问题 {number % 900_000}",
                "output": "答" * 60,
                "source": "a",
            }
            stream.write(json.dumps(value, ensure_ascii=False) + "\n")

    def limit() -> int:
        with file.open("rb") as stream:
            return sum(len(json.loads(line)) for line in stream)

    def whole() -> object:
        return corpus.read_rows(file, max_line_bytes=1 << 20)

    size = file.stat().st_size / 1e6
    row(
        f"rows of a JSONL of {size:.0f} MB, beside `json.loads` alone",
        size / seconds(whole, 3),
        size / seconds(limit, 3),
        "MB/s",
    )


if __name__ == "__main__":
    main()
