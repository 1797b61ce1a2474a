"""Fuzz the codec of one container: whatever a file holds, a label is written well or refused by name.

    python tools/fuzz_labels.py png --seconds 120 --findings /tmp/findings

Guided by coverage where atheris is installed (``pip install atheris``; no part of the project), else by
random changes alone; the first line of the output says which. Files that break a promise go into the
folder of findings, one for each place in the code; the tool goes on and exits with 1 in the end.

What must hold for every file:

1. ``labels.read`` gives a Reading or a LabelError, in bounded time and memory.
2. Where it reads, ``labels.write`` gives a LabelError or a file of the same container that reads back as
   one label with the fields written; so does ``labels.update`` of that file.
3. What other programs decode before (see ``tests/labels/label_content.py``) they decode after, unchanged.
4. The content that a signature covers is the same before an update and after it.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import inspect
import io
import json
import os
import pkgutil
import random
import re
import resource
import struct
import sys
import time
import traceback
import zipfile
import zlib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

TESTS = Path(__file__).parents[1] / "tests/labels"
SLOW_S = 2.0
"""Most processor time that reading one file may take."""
MEMORY = 4 << 30
"""Address space of the process, in bytes; what needs more is a finding."""
MAX_SEED = 256 << 10
AFRESH = 0.3
"""How often a change begins with a made file again: most of what the engine collects does not read."""
SHORT = 64
"""Files shorter than this are no seeds."""
RARE = 8
"""Slow decoders look at one of so many files."""
SLOW_DECODERS = frozenset({"mp4", "matroska", "avi", "flv", "mp3", "flac", "ogg", "aac", "pdf", "heif"})
ZIPS = frozenset({"ooxml", "epub", "ofd"})
NUMBERS = (0, 1, 2, 3, 4, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, (1 << 63) - 1)


class BrokenPromiseError(Exception):
    """A codec did what it must not."""


def _modules() -> tuple[ModuleType, ModuleType]:
    """The package, with every codec loaded, and what other programs decode."""
    labels = importlib.import_module("countermark.labels")
    containers = importlib.import_module("countermark.labels.containers")
    for module in pkgutil.iter_modules(containers.__path__):
        importlib.import_module(f"{containers.__name__}.{module.name}")
    return labels, importlib.import_module("countermark.labels.splicing")


@dataclass
class Fuzzer:
    """One container, and what became of its files so far."""

    container: str
    findings: Path
    labels: Any
    splicing: Any
    decode: Any
    name: str
    outcomes: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    until: float = 0.0

    def one(self, data: bytes) -> None:
        """Examine one file; what it breaks is kept."""
        if self.until and time.monotonic() > self.until:
            self.finish()
        self.outcomes["executions"] += 1
        try:
            self.outcomes[self.examine(bytes(data))] += 1
        except Exception as trouble:  # noqa: BLE001 - finding these is what this is for
            self.keep(trouble, data)

    def examine(self, data: bytes) -> str:
        """What became of one file."""
        started = time.process_time()
        try:
            reading = self.labels.read(data, name=self.name)
        except self.labels.LabelError:
            reading = None
        if (took := time.process_time() - started) > SLOW_S:
            raise BrokenPromiseError(f"reading took {took:.1f} s")
        if reading is None or reading.container != self.container:
            return "not read" if reading is None else "another container"
        try:
            fields = self._fields(reading)
            written = self.labels.write(data, fields, options=self._options())
        except self.labels.ReadBackError as trouble:
            return self._note(re.sub("[0-9]+", "n", str(trouble))[:80], data)
        except self.labels.LabelError:
            return "not written"
        self._compare(reading, data, written.data, "writing")
        try:
            updated = self.labels.update(written.data, "平台 <&>", "p-'1'", options=self._options())
        except self.labels.LabelError:
            return self._note("written, but then not updated", data)
        self._compare(reading, written.data, updated.data, "updating")
        self._same_content(reading.container, written.data, updated.data)
        return "written"

    def _fields(self, reading: Any) -> Any:
        """A label that may be written: of the same provider, where one is named already."""
        held = reading.label.fields if reading.label else {}
        producer, number = held.get("ContentProducer", "厂商 <&>"), held.get("ProduceID", 'n-"1"')
        return self.labels.Fields("1", producer, number, "r", "传播", "\\n]]>")

    def _options(self) -> Any:
        return self.labels.Options(break_signature=True, name=self.name)

    def _compare(self, reading: Any, before: bytes, after: bytes, doing: str) -> None:
        again = self.labels.read(after, name=self.name)
        if again.container != reading.container:
            raise BrokenPromiseError(f"{doing} turned {reading.container} into {again.container}")
        decode = self.decode.get(reading.container)
        if not decode or (reading.container in SLOW_DECODERS and zlib.crc32(before) % RARE):
            return
        seen = decode(before)
        if seen is None:
            return
        self.outcomes["decoded"] += 1
        if decode(after) != seen:
            raise BrokenPromiseError(f"{doing} changed what a {reading.container} decodes to")

    def _same_content(self, container: str, before: bytes, after: bytes) -> None:
        carrier = getattr(self.labels.CONTAINERS[container].codec, "carrier", None)
        if carrier is None:
            return
        found = []
        for data in (before, after):
            source, limits = (
                importlib.import_module("countermark.labels.source").opened(data),
                self.labels.Limits(),
            )
            try:
                edits = carrier(source, limits)
            except self.labels.LabelError as trouble:
                found.append(str(trouble))
            else:
                found.append(self.splicing.digest(source, edits, hashlib.sha256()))
        if found[0] != found[1]:
            raise BrokenPromiseError(f"the content without the label differs after an update of {container}")

    def _note(self, said: str, data: bytes) -> str:
        """Refused only when it was read back: no damage, but the codec did not see it coming."""
        if said not in self.outcomes:
            digest = hashlib.sha256(said.encode()).hexdigest()[:8]
            (self.findings / f"note-{self.container}-{digest}").write_bytes(data)
        return said

    def keep(self, trouble: Exception, data: bytes) -> None:
        """Store the first file that leads to each place."""
        frames = traceback.extract_tb(trouble.__traceback__)
        frame = next((f for f in reversed(frames) if "countermark" in f.filename), frames[-1])
        said = str(trouble) if isinstance(trouble, BrokenPromiseError) else ""
        place = f"{type(trouble).__name__} {said} {Path(frame.filename).name}:{frame.lineno}"
        self.places[place] += 1
        if self.places[place] > 1:
            return
        digest = hashlib.sha256(place.encode()).hexdigest()[:8]
        file = self.findings / f"{self.container}-{digest}"
        file.write_bytes(data)
        Path(f"{file}.txt").write_text("".join(traceback.format_exception(trouble)), encoding="utf-8")
        print(f"finding: {place} -> {file}", flush=True)

    def finish(self) -> None:
        """Say what was done, and end the process, whoever runs it."""
        print(json.dumps({self.container: self.outcomes, "findings": self.places}, ensure_ascii=False))
        sys.stdout.flush()
        os._exit(bool(self.places))


def seeds(container: str, labels: Any, name: str) -> list[bytes]:
    """The made files of the tests, and labelled and updated versions of them."""
    module = importlib.import_module(f"test_{MODULES.get(container, container)}")
    with TemporaryDirectory() as folder:
        arguments = [Path(folder)] if inspect.signature(module.samples).parameters else []
        made = [*module.samples(*arguments).values()]
    for value in vars(module).values():
        values = value.values() if isinstance(value, dict) else [value]
        made += [v for v in values if isinstance(v, bytes) and len(v) > SHORT]
    made = [data for data in dict.fromkeys(made) if len(data) <= MAX_SEED]
    more = []
    options = labels.Options(break_signature=True, name=name)
    for data in made:
        with suppress(labels.LabelError):
            written = labels.write(data, labels.Fields.generated("厂商", "n-1"), options=options).data
            more += [written, labels.update(written, "平台", "p-1", options=options).data]
    return [*made, *more]


MODULES = {"html": "html_page", "json": "json_text"}


@dataclass
class Mutator:
    """Changes files, so that checksums stay right and packed members are reached."""

    container: str
    pool: list[bytes]

    def __call__(self, data: bytes, rng: random.Random, change: Any = None) -> bytes:
        """One changed file; ``change`` is the engine's own way to change bytes."""
        change = change or self.random
        if self.container in ZIPS and rng.random() < 0.9:  # noqa: PLR2004 - the archive itself, now and then
            return self._in_member(data, rng, change)
        data = change(data, rng)
        return _with_checksums(data) if self.container == "png" and rng.random() < 0.9 else data  # noqa: PLR2004

    def random(self, data: bytes, rng: random.Random) -> bytes:
        """A few random changes, without an engine."""
        out = bytearray(data)
        for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
            at, length = rng.randrange(len(out) + 1), rng.choice((1, 1, 2, 4, 8, 16, 64, 400))
            other = rng.choice(self.pool) or b"\0"
            start = rng.randrange(len(other))
            number = rng.choice(NUMBERS).to_bytes(8, rng.choice(("big", "little")))
            width = rng.choice((1, 2, 4, 8))
            new = rng.choice(
                (
                    b"",
                    rng.randbytes(length),
                    number[-width:] if number[0] == 0 else number[:width],
                    other[start : start + length],
                    bytes(out[at : at + length]) * 2,
                )
            )
            out[at : at + rng.choice((0, len(new), len(new), length))] = new
        return bytes(out[: rng.randrange(len(out) + 1)] if rng.random() < 0.03 else out)  # noqa: PLR2004

    def _in_member(self, data: bytes, rng: random.Random, change: Any) -> bytes:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                parts = [(info, archive.read(info)) for info in archive.infolist()]
        except (
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            ValueError,
            RuntimeError,
            NotImplementedError,
            EOFError,
        ):
            return bytes(change(data, rng))
        if not parts:
            return bytes(change(data, rng))
        which = rng.randrange(len(parts))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for number, (info, body) in enumerate(parts):
                archive.writestr(info, change(body, rng) if number == which else body, info.compress_type)
        return out.getvalue()


def _with_checksums(data: bytes) -> bytes:
    """A PNG whose chunks have the right checksums, as far as its lengths lead."""
    out, at = bytearray(data), 8
    while at + 12 <= len(out):
        end = at + 8 + struct.unpack_from(">I", out, at)[0]
        if end + 4 > len(out):
            break
        struct.pack_into(">I", out, end, zlib.crc32(out[at + 4 : end]))
        at = end + 4
    return bytes(out)


def _randomly(fuzzer: Fuzzer, mutate: Mutator, seed: int) -> None:
    rng = random.Random(seed)
    while True:
        fuzzer.one(mutate(rng.choice(mutate.pool), rng))


def _guided(atheris: Any, fuzzer: Fuzzer, mutate: Mutator, corpus: Path) -> None:
    for number, data in enumerate(mutate.pool):
        (corpus / f"seed-{number}").write_bytes(data)
    longest = max(2 * max(map(len, mutate.pool)), 4096)

    def by_engine(body: bytes, _rng: random.Random) -> bytes:
        return bytes(atheris.Mutate(bytes(body), max(len(body) * 2, SHORT)))

    def change(data: bytes, max_size: int, seed: int) -> bytes:
        rng = random.Random(seed)
        own = None if rng.random() < AFRESH else by_engine
        data = rng.choice(mutate.pool) if rng.random() < AFRESH else bytes(data)
        return mutate(data, rng, own)[:max_size]

    line = [sys.argv[0], f"-max_len={longest}", "-timeout=60", "-rss_limit_mb=3000", "-verbosity=0"]
    atheris.Setup(
        [*line, f"-artifact_prefix={fuzzer.findings}/", str(corpus)], fuzzer.one, custom_mutator=change
    )
    atheris.Fuzz()


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("container")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--findings", type=Path, default=Path("findings"))
    parser.add_argument("--seed", type=int, default=0, help="of the random changes")
    parser.add_argument("--replay", type=Path, help="examine one file and say what happens")
    chosen = parser.parse_args()
    sys.path.insert(0, str(TESTS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        atheris = None
        print("atheris is not installed: random changes, not guided by coverage")
        labels, splicing = _modules()
    else:
        print("guided by coverage: atheris")
        with atheris.instrument_imports(include=["countermark"]):
            labels, splicing = _modules()
    decode = importlib.import_module("label_content").CONTENT
    name = f"a.{min(labels.CONTAINERS[chosen.container].extensions)}"
    chosen.findings.mkdir(parents=True, exist_ok=True)
    fuzzer = Fuzzer(chosen.container, chosen.findings, labels, splicing, decode, name)
    if chosen.replay:
        print(fuzzer.examine(chosen.replay.read_bytes()))
        return
    mutate = Mutator(chosen.container, seeds(chosen.container, labels, name))
    fuzzer.until = time.monotonic() + chosen.seconds
    for data in mutate.pool:
        fuzzer.one(data)
    with TemporaryDirectory() as corpus:
        if atheris:
            _guided(atheris, fuzzer, mutate, Path(corpus))
        _randomly(fuzzer, mutate, chosen.seed)


if __name__ == "__main__":
    main()
