"""Logs, scanned: found, read by several processes where they are large, and put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from countermark.inventory.logs import databases, documents, dumps, streams, tables
from countermark.inventory.logs.reading import Reading
from countermark.inventory.logs.shapes import HEAD, Shape, shape_of
from countermark.inventory.logs.sources import Source, sources
from countermark.inventory.logs.streams import BrokenStream
from countermark.inventory.logs.tallies import Tally
from countermark.inventory.logs.usages import MAX_ROWS, Collector, Log
from countermark.inventory.usage import Inventory, Unread, merged

PART = 64 << 20
"""Larger logs are read by several processes at once, each a part of about this size."""
BINARY = "is binary, and no database that is read; flows of mitmproxy can be saved as HAR"
TOO_LONG = f"lines are longer than {streams.MAX_LINE >> 20} MiB: passed over"
Progress = Callable[[int], None]
"""Called with how many bytes have been read so far, as they are in the files when unpacked."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one process reads: a file, or a range of its bytes that begins and ends with a line."""

    path: Path
    shape: Shape
    start: int = 0
    end: int | None = None


@dataclass(slots=True)
class Work:
    """One file, and the parts that it is read in."""

    source: Source
    shape: Shape
    parts: list[Part] = field(default_factory=list)


def scan(paths: Iterable[Path], *, progress: Progress | None = None, processes: int = 1) -> Inventory:
    """Find the models that were really called, through which host, how often, and from when to when.

    Args:
        paths: Log files, plain or packed by gzip or Zstandard, and folders of them.
        progress: Called as parts are done.
        processes: How many read at once.

    Returns:
        One usage for each model, host and service, with the lines that say so. What is counted:
        ``files``, ``read``, ``ignored`` (of a folder: no logs), ``lines``, ``calls``, ``cached`` (answered
        without a model), ``other`` (lines that have nothing to do with models), ``bytes``.
    """
    inventory = Inventory(counts=dict.fromkeys(
        ("files", "read", "ignored", "lines", "calls", "cached", "other", "bytes"), 0
    ))  # fmt: skip
    collector = Collector()
    for work, tally in _tallies(_works(paths, inventory), processes):
        _take(work, tally, collector, inventory)
        if progress is not None:
            progress(inventory.counts["bytes"])
    inventory.usages = merged(collector.usages())
    inventory.counts["calls"] -= collector.repeated
    inventory.counts["other"] += collector.repeated
    if collector.dropped:
        why = f"more than {MAX_ROWS:,} models, hosts and services: {collector.dropped:,} were left out"
        inventory.unread.append(Unread(".", why))
    return inventory


def _works(paths: Iterable[Path], inventory: Inventory) -> Iterator[Work]:
    """The files to read, with their shapes; what cannot be read is said."""
    for found in sources(paths):
        if isinstance(found, Unread):
            inventory.unread.append(found)
            continue
        inventory.counts["files"] += 1
        try:
            shape = shape_of(streams.head(found.path, HEAD))
            packed = streams.is_packed(_magic(found.path))
            parts = _parts(found.path, shape)
        except BrokenStream as broken:
            inventory.unread.append(Unread(found.shown, str(broken)))
            continue
        except OSError as error:  # gone meanwhile, as logs go
            inventory.unread.append(Unread(found.shown, f"not read: {error.strerror or error}"))
            continue
        if shape is Shape.BINARY:
            _pass_over(found, BINARY, inventory)
        elif shape is Shape.DATABASE and packed:
            inventory.unread.append(Unread(found.shown, "a packed database: unpack it first"))
        else:
            yield Work(found, shape, parts)


def _magic(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(streams.MAGIC)


def _pass_over(source: Source, why: str, inventory: Inventory) -> None:
    inventory.counts["ignored"] += 1
    if source.named or ".log" in source.path.name:
        inventory.unread.append(Unread(source.shown, why))


def _parts(path: Path, shape: Shape) -> list[Part]:
    size = path.stat().st_size
    magic = _magic(path)
    if shape is not Shape.LINES or size <= PART or streams.is_packed(magic) or magic[:2] in streams.UTF_16:
        return [Part(path, shape)]
    cuts = [0, *_cuts(path, size), size]
    return [Part(path, shape, start, end) for start, end in pairwise(cuts) if start < end]


def _cuts(path: Path, size: int) -> Iterator[int]:
    """Beginnings of lines, about ``PART`` bytes from each other."""
    with path.open("rb") as file:
        at = 0
        while (at := at + PART) < size:
            file.seek(at - 1)
            while (block := file.read(streams.BLOCK)) and b"\n" not in block:
                at += len(block)
            at += block.find(b"\n")
            yield min(at, size)


def read_part(part: Part) -> Tally:
    """Read one part, from its first line to its last."""
    tally = Tally()
    reading = Reading(tally)
    if part.shape is Shape.DATABASE:
        databases.read(part.path, reading)
        return tally
    blocks = streams.blocks(part.path, part.start, part.end)
    try:
        if part.shape is Shape.DOCUMENT:
            documents.read(blocks, reading)
        elif part.shape is Shape.DUMP:
            dumps.read(blocks, reading)
        else:
            whole = streams.lines(blocks, lambda: tally.trouble(TOO_LONG, tally.line + 1))
            if part.shape is Shape.TABLE:
                tables.read(whole, reading)
            else:
                for block in whole:
                    reading.block(block)
    except BrokenStream as broken:
        tally.trouble(str(broken), tally.line)
    return tally


def _tallies(works: Iterator[Work], processes: int) -> Iterator[tuple[Work, Tally]]:
    if processes <= 1:
        for work in works:
            yield work, _whole(read_part(part) for part in work.parts)
        return
    with ProcessPoolExecutor(processes) as pool:
        pending: list[tuple[Work, list[Future[Tally]]]] = []
        for work in works:
            pending.append((work, [pool.submit(read_part, part) for part in work.parts]))
            while sum(len(jobs) for _, jobs in pending) > 4 * processes:
                done, jobs = pending.pop(0)
                yield done, _whole(job.result() for job in jobs)
        for done, jobs in pending:
            yield done, _whole(job.result() for job in jobs)


def _whole(parts: Iterable[Tally]) -> Tally:
    tally = Tally()
    for part in parts:
        tally.merge(part)
    return tally


def _take(work: Work, tally: Tally, collector: Collector, inventory: Inventory) -> None:
    """Take in one file."""
    source, counts = work.source, inventory.counts
    for name, count in (("lines", tally.line), ("calls", tally.calls), ("cached", tally.cached),
                        ("other", tally.passed), ("bytes", tally.bytes)):  # fmt: skip
        counts[name] += count
    for why, trouble in tally.troubles.items():
        counted = f"{trouble.count:,} times: {why}" if trouble.count > 1 else why
        inventory.unread.append(Unread(source.shown, counted, trouble.line))
    if not tally.forms:
        _pass_over(source, "of no form of log that is read" if tally.bytes else "is empty", inventory)
        return
    counts["read"] += 1
    collector.logs.append(Log(source.shown, tally, work.shape is not Shape.DATABASE))
