"""Lines and records of a log, each handed to whoever reads its kind. One file may hold several."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any

import orjson

from countermark.inventory.logs.formats import TEXTS, Formats, Plan, Wrapper
from countermark.inventory.logs.records.record import Record
from countermark.inventory.logs.tallies import CACHED, Entry, Tally
from countermark.inventory.logs.texts.line import Reader
from countermark.inventory.logs.times import moment

MAX_DEPTH = 4
"""A line in a record in a line in a record; nobody wraps deeper."""
TIMES = ("time", "timestamp", "@timestamp", "ts", "__REALTIME_TIMESTAMP")
SAMPLED = 8
"""In one block of so many, lines are tested before they are read; in the others only where that pays."""
DENSE = 0.6
"""The share of lines that speak of models above which it does not."""
NO_JSON = "lines that should be JSON are not: cut short, or damaged"
NO_FORM = "requests are written in a form that is not read"


class Reading:
    """Reads line after line, and counts in a tally."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.formats = Formats()
        self.blocks = 0
        self.is_dense = False
        self.texts: list[Reader] = [kind(tally) for kind in TEXTS]

    def block(self, block: bytes) -> None:
        """Read whole lines.

        What cannot speak of a model is not even looked at, unless most lines lately did speak of one.
        """
        tally = self.tally
        number, is_text = tally.line, False
        lines = block.split(b"\n")
        if not lines[-1]:
            lines.pop()
        count = len(lines)
        self.blocks += 1
        if self.blocks % SAMPLED == 1 or not self.is_dense:
            speaking = [(at, line) for at, line in enumerate(lines, number + 1) if _speaks(line)]
            self.is_dense = len(speaking) > DENSE * count
        else:
            speaking = list(enumerate(lines, number + 1))
        read, text = self.line, self.texts[0]
        for tally.line, line in speaking:
            if line[:1] == b"{" or not text.read(line):
                read(line)
                text = self.texts[0]
            else:
                is_text = True
        if is_text:
            self._seen(text.NAME)
        tally.line = number + count
        tally.passed += count - len(speaking)
        tally.bytes += len(block)

    def line(self, line: bytes, depth: int = 0) -> bool:
        """Read one line; False where it is of no kind that is known."""
        if line[:1] == b"{":
            record = self._loaded(line)
            return record is not None and self.record(record, depth)
        if line[:2] == b"20" and (at := line.find(b" F ", 20, 48)) > 0:  # as Kubernetes keeps them
            return self.line(line[at + 3 :], depth + 1) if depth < MAX_DEPTH else False
        for place, reader in enumerate(self.texts):
            if reader.read(line):
                if place:  # the next line probably is of the same kind
                    self.texts.insert(0, self.texts.pop(place))
                self._seen(reader.NAME)
                return True
        return self._within(line, depth)

    def _within(self, line: bytes, depth: int) -> bool:
        """A record behind something else, as syslog and Compose put it before."""
        at = line.find(b'{"')
        if at > 0 and (record := self._loaded(line[at:], strict=False)) is not None:
            return self.record(record, depth)
        if line[:2] == b"[{":
            records = self._loaded(line)
            return records is not None and self.record({"items": records}, depth)
        if b"POST " in line or b"CONNECT " in line:
            self.tally.trouble(NO_FORM)
        self.tally.passed += 1
        return False

    def _loaded(self, line: bytes, *, strict: bool = True) -> Any:
        try:
            return orjson.loads(line)
        except ValueError:
            pass
        try:
            return orjson.loads(_mended(line))
        except ValueError:
            if strict:
                self.tally.trouble(NO_JSON)
            return None

    def record(self, record: Record, depth: int = 0) -> bool:
        """Read one record; False where it is of no kind that is known."""
        plan = self.formats.of(record)
        if plan is None:
            self.tally.passed += 1
            return False
        if isinstance(plan, Plan):
            self.single(plan, record)
        elif isinstance(plan, Wrapper):
            return self._unwrapped(record, record[plan.field], depth)
        else:
            self._seen(plan.NAME)
            plan.read(record, self.tally)
        return True

    def single(self, plan: Plan, record: Any, whole: Callable[[Any], Record] | None = None) -> None:
        """Count one request: most of them mean what one before them meant.

        Args:
            plan: How it is read.
            record: A record, or a row.
            whole: Makes a record of a row; only rows that mean something new need it.
        """
        tally = self.tally
        key = None
        try:
            key = plan.key(record)
            entry, flags = plan.meanings[key]
        except (KeyError, TypeError, AttributeError):
            entry, flags = self._new(plan, key, whole(record) if whole else record)
        if entry is None:
            tally.cached += flags == CACHED
            tally.passed += flags != CACHED
            return
        raw = plan.when(record)
        if raw != plan.raw:
            plan.raw, plan.moment = raw, moment(raw)
        tally.calls += 1
        entry.add(tally.line, plan.moment if plan.moment[0] else tally.outer, flags)

    def _new(self, plan: Plan, key: Hashable, record: Record) -> tuple[Entry | None, int]:
        called, flags = plan.kind.meaning(record)
        meaning = self.tally.entry(called) if called else None, flags
        self._seen(plan.kind.NAME)
        with suppress(TypeError):  # a list or an object in the key: the next such record is looked at anew
            plan.keep(key, meaning)
        return meaning

    def _seen(self, form: str) -> None:
        forms = self.tally.forms
        forms[form] = forms.get(form, 0) + 1

    def _unwrapped(self, record: Record, inner: object, depth: int) -> bool:
        if depth >= MAX_DEPTH:
            return False
        tally = self.tally
        outer = tally.outer
        tally.outer = next((when for key in TIMES if (when := moment(record.get(key)))[0]), outer)
        found = False
        if isinstance(inner, str):
            found = self.line(inner.encode("utf-8", "replace").strip(), depth + 1)
        elif isinstance(inner, dict):
            found = self.record(inner, depth + 1)
        elif isinstance(inner, list):
            found = sum(self.record(each, depth + 1) for each in inner if isinstance(each, dict)) > 0
        tally.outer = outer
        return found


def _mended(line: bytes) -> bytes:
    """What nginx escapes as no JSON may be, and what is no UTF-8."""
    return line.replace(b"\\x", b"\\u00").replace(b"\0", b"").decode("utf-8", "replace").encode()


def _speaks(line: bytes) -> bool:
    """Whether a line may be of a model: every call is a POST, a tunnel or a session, or names its model."""
    find = line.find
    return find(b"POST") >= 0 or find(b"model") >= 0 or find(b"CONNECT") >= 0 or find(b"ealtime") >= 0
