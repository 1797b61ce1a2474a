"""Usages out of what was counted in all the logs: one for each model, host and service."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from countermark.inventory.logs import times
from countermark.inventory.logs.records import one_api
from countermark.inventory.logs.resolving import (
    What,
    Where,
    address,
    differ,
    misnamed,
    parsed,
    shown,
    what,
    where,
)
from countermark.inventory.logs.tallies import Called, Channel, Entry, Tally
from countermark.inventory.logs.texts.one_api import GATE
from countermark.inventory.usage import Conflict, Kind, Place, State, Usage

MAX_ROWS = 50_000
MAX_PLACES, MAX_WHY = 100, 12
Key = tuple[str, str, str, str]


@dataclass(slots=True)
class Row:
    """What will be one usage."""

    where: Where
    what: What
    service: str
    entry: Entry
    places: dict[tuple[str, str], tuple[Log, Entry]] = field(default_factory=dict)
    """For each file and form, the lines."""
    why: dict[str, None] = field(default_factory=dict)
    conflicts: dict[tuple[str, str], Place] = field(default_factory=dict)


@dataclass(slots=True)
class Log:
    """One file that was read."""

    path: str
    tally: Tally
    lined: bool
    """Whether it has lines; else ``Tally.line`` counts the rows of its table."""

    def place(self, form: str, first: int, last: int) -> Place:
        """Where something stands in it."""
        if not self.lined:
            return Place(self.path, what=f"{form} log, rows {first} to {last}")
        return Place(self.path, first, last if last > first else 0, f"{form} log")


class Collector:
    """Takes in what was counted, log by log."""

    def __init__(self) -> None:
        self.logs: list[Log] = []
        self.rows: dict[Key, Row] = {}
        self.dropped = 0
        """Kinds of calls beyond ``MAX_ROWS``."""
        self.repeated = 0
        """Requests whose calls the same file tells of by themselves."""

    def usages(self) -> list[Usage]:
        """All of them. Channels may stand in another file than the calls that went through them."""
        channels = self._channels()
        for log in self.logs:
            folder = posixpath.dirname(log.path)
            told = any(called.form == one_api.NAME for called in log.tally.entries)
            for called, entry in log.tally.entries.items():
                if called.form == GATE and told:
                    self.repeated += entry.requests
                    continue
                channel = log.tally.channels.get(called.channel) or channels.get((folder, called.channel))
                self._add(log, called, entry, channel)
        found = [_usage(row) for row in self.rows.values()]
        for log in self.logs:
            for channel in log.tally.channels.values():
                found += _of_channel(log, channel)
        return found

    def _channels(self) -> dict[tuple[str, str], Channel]:
        """By folder and id."""
        return {
            (posixpath.dirname(log.path), channel.id): channel
            for log in self.logs
            for channel in log.tally.channels.values()
        }

    def _add(self, log: Log, called: Called, entry: Entry, channel: Channel | None) -> None:
        at = where(called, channel)
        which = what(called, at)
        service = shown(called.service)
        key = (which.model, which.expression, at.host, service)
        row = self.rows.get(key)
        if row is None:
            if len(self.rows) >= MAX_ROWS:
                self.dropped += 1
                return
            row = self.rows[key] = Row(at, which, service, Entry(entry.first_line, entry.last_line))
        row.entry.merge(entry)
        lines = Entry(entry.first_line, entry.last_line)
        row.places.setdefault((log.path, called.form), (log, lines))[1].merge(entry)
        row.why.update(dict.fromkeys(which.why))
        name = shown(channel.name if channel else called.provider if called.form == one_api.NAME else "")
        if name:
            row.why[f"through channel {shown(called.channel)} {name}".rstrip()] = None
        place = log.place(called.form, entry.first_line, entry.last_line)
        for says, value in _conflicts(called, which, at, name):
            row.conflicts.setdefault((says, value), place)


def _conflicts(called: Called, which: What, at: Where, channel: str) -> Iterator[tuple[str, str]]:
    sent, asked, answered = shown(called.sent), shown(called.asked), shown(called.answered)
    if asked and differ(asked, which.model, at):
        yield asked, which.model
    if sent and answered and parsed(answered) and differ(sent, answered, at):
        yield sent, answered
    if channel and misnamed(channel, which.model, at):
        yield channel, at.host


def _usage(row: Row) -> Usage:
    entry, at, which = row.entry, row.where, row.what
    state, reason = _state(entry, bool(which.model))
    counted = f"{entry.requests:,} call{'s' if entry.requests > 1 else ''}"
    counted += f", {entry.failed:,} failed" if entry.failed else ""
    why = [counted, reason, *list(row.why)[:MAX_WHY], f"host: {at.why}" if at.why else ""]
    if not entry.zoned:
        why.append("the log names no time zone")
    return Usage(
        model=which.model,
        state=state,
        places=_places(row),
        provider=at.provider or which.provider,
        host=at.host,
        route=at.route,
        kind=which.kind,
        service=row.service,
        expression=which.expression,
        why=tuple(text for text in why if text),
        conflicts=tuple(Conflict(*names, place) for names, place in row.conflicts.items()),
        requests=entry.requests,
        first=times.iso(entry.first if entry.last else 0.0, zoned=entry.zoned),
        last=times.iso(entry.last, zoned=entry.zoned),
    )


def _places(row: Row) -> tuple[Place, ...]:
    shown_ones = list(row.places.items())[:MAX_PLACES]
    return tuple(log.place(form, lines.first_line, lines.last_line) for (_, form), (log, lines) in shown_ones)


def _state(entry: Entry, named: bool) -> tuple[State, str]:
    if entry.failed == entry.requests:
        return State.STALE, "every call failed"
    if not named:
        return State.UNRESOLVED, "called; the log does not say which model"
    if entry.fallbacks == entry.requests - entry.failed:
        return State.FALLBACK, "the log says that it answered only where another had failed"
    return State.EFFECTIVE, "called, and it answered"


def _of_channel(log: Log, channel: Channel) -> Iterator[Usage]:
    """What a channel offers: nothing says that anybody calls it."""
    at = address(channel.host, "as the channel has it") if channel.host else Where()
    place = log.place("channels", channel.line, channel.line)
    sent = dict(channel.mapping)
    for asked in dict.fromkeys((*channel.models, *sent)):
        model, name = shown(sent.get(asked, asked)), shown(asked)
        known = parsed(model)
        state = State.CATALOGUE if channel.enabled else State.OFF
        why = ["a channel offers it" if channel.enabled else "the channel is switched off"]
        why += [f"asked for as {name}"] if model != name else []
        conflicts = [(name, model)] if model != name and differ(name, model, at) else []
        conflicts += [(shown(channel.name), at.host)] if misnamed(channel.name, model, at) else []
        yield Usage(
            model, state, (place,), at.provider or (known.provider if known else ""), at.host, at.route,
            known.kind if known else Kind.UNKNOWN, why=tuple(why),
            conflicts=tuple(Conflict(*names, place) for names in conflicts),
        )  # fmt: skip
