"""What is counted while a log is read: for each way in which a model was called, how often and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from countermark.inventory.logs.times import NEVER, Moment

MAX_KEYS = 20_000
"""More different calls of one file are counted together: a log is not to fill the memory."""
MAX_FIELD = 2_000
FAILED, FALLBACK, CACHED = 1, 2, 4
"""What may be said of a call, the last where no model was called after all; plain numbers are quick."""
TOO_MANY = (
    f"more than {MAX_KEYS:,} different models, hosts and services: those of further lines are not told apart"
)
ODD = "a field that names a model or a host holds something else"


class Called(NamedTuple):
    """How a model was called, in the words of the log."""

    form: str
    """Of which form the log is."""
    sent: str = ""
    """The model as it was sent to the provider."""
    asked: str = ""
    """The model as the caller asked for it, where that is another name."""
    answered: str = ""
    """The model that the answer names."""
    addresses: tuple[str, ...] = ()
    """Where it went, what is nearest to the provider first."""
    provider: str = ""
    """What the log calls the provider."""
    service: str = ""
    request: str = ""
    """The operation, or method and path: ``POST /v1/chat/completions``."""
    channel: str = ""
    """The channel of one-api that it went through."""


@dataclass(slots=True)
class Entry:
    """How often something was called, and when."""

    first_line: int
    last_line: int
    requests: int = 0
    failed: int = 0
    fallbacks: int = 0
    """Calls that succeeded where another had failed before."""
    first: float = float("inf")
    last: float = 0.0
    zoned: bool = True

    def add(self, line: int, moment: Moment, flags: int) -> None:
        """Count one call."""
        self.requests += 1
        self.last_line = line
        if flags & FAILED:
            self.failed += 1
        elif flags:
            self.fallbacks += 1
        seconds, zoned = moment
        if seconds:
            if seconds < self.first:  # noqa: PLR1730 - calling min costs more than all the rest
                self.first = seconds
            if seconds > self.last:  # noqa: PLR1730
                self.last = seconds
            if not zoned:
                self.zoned = False

    def merge(self, other: Entry) -> None:
        """Take in what was counted later in the same file, or in another."""
        self.requests += other.requests
        self.failed += other.failed
        self.fallbacks += other.fallbacks
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)
        self.zoned = self.zoned and other.zoned
        self.first_line = min(self.first_line, other.first_line)
        self.last_line = max(self.last_line, other.last_line)


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of one-api: the provider that some models are passed on to."""

    id: str
    name: str
    host: str
    models: tuple[str, ...]
    mapping: tuple[tuple[str, str], ...]
    """Model asked for, model sent instead."""
    enabled: bool
    line: int


@dataclass(slots=True)
class Trouble:
    """Lines that were not read, for one reason."""

    count: int
    line: int
    """The first of them."""


@dataclass(slots=True)
class Tally:
    """All that was counted in a file, or in a part of one."""

    line: int = 0
    """The line that is being read; at the end, how many there were."""
    bytes: int = 0
    calls: int = 0
    passed: int = 0
    """Lines that have nothing to do with models."""
    cached: int = 0
    """Calls that a cache answered: no model was reached."""
    forms: dict[str, int] = field(default_factory=dict)
    """How many lines or records were of each form, whatever they say."""
    entries: dict[Called, Entry] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    troubles: dict[str, Trouble] = field(default_factory=dict)
    outer: Moment = NEVER
    """When what is being read was collected, if it has no time of its own."""

    def call(self, called: Called, moment: Moment, flags: int = 0) -> None:
        """Count a call in the line that is being read."""
        self.calls += 1
        self.entry(called).add(self.line, moment if moment[0] else self.outer, flags)

    def entry(self, called: Called) -> Entry:
        """Where calls of this kind are counted."""
        try:
            found = self.entries.get(called)
        except TypeError:  # a list or an object stands where a name belongs
            found = None
        return found or self._new(called)

    def _new(self, called: Called) -> Entry:
        parts = (*called[:4], *called.addresses, *called[5:])
        if any(type(part) is not str or len(part) > MAX_FIELD for part in parts):
            self.trouble(ODD)
            texts = [_text(part) for part in called]
            called = Called._make(texts)._replace(addresses=tuple(_text(each) for each in called.addresses))
        called = self._room(called)
        return self.entries.setdefault(called, Entry(self.line, self.line))

    def _room(self, called: Called) -> Called:
        """The same, or where what is too much is counted."""
        if called in self.entries or len(self.entries) < MAX_KEYS:
            return called
        self.trouble(TOO_MANY)
        return Called(called.form)

    def trouble(self, what: str, line: int = 0) -> None:
        """Note that the line being read, or another, could not be read."""
        found = self.troubles.get(what)
        if found is None:
            self.troubles[what] = Trouble(1, line or self.line)
        else:
            found.count += 1

    def merge(self, later: Tally) -> None:
        """Take in the next part of the same file: its lines come after those of this one."""
        for called, entry in later.entries.items():
            entry.first_line += self.line
            entry.last_line += self.line
            self.entries.setdefault(self._room(called), Entry(entry.first_line, entry.last_line)).merge(entry)
        for what, trouble in later.troubles.items():
            self.troubles.setdefault(what, Trouble(0, trouble.line + self.line)).count += trouble.count
        self.channels.update(later.channels)
        for form, count in later.forms.items():
            self.forms[form] = self.forms.get(form, 0) + count
        for name in ("line", "bytes", "calls", "passed", "cached"):
            setattr(self, name, getattr(self, name) + getattr(later, name))


def weight(key: object) -> int:
    """About how many characters a key holds: one that is long is not worth remembering."""
    if isinstance(key, (str, bytes)):
        return len(key)
    return sum(map(weight, key)) if isinstance(key, tuple) else 1


def _text(part: object) -> str:
    return part if isinstance(part, str) and len(part) <= MAX_FIELD else ""
