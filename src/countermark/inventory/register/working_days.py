"""Working days of mainland China: weekends, public holidays, and the weekends that are worked in exchange.

``in 10 working days from DAY`` is counted from the day after: that the day itself does not count is our
reading of the usual rule for periods (inferred), not a sentence of the Provisions.

The State Council announces the holidays of a year in the autumn before. For a year that is not in
``holidays.toml`` only a day can be given that is certainly not too late.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from countermark.model import Source

FRIDAY = 5
"""As ``date.isoweekday`` counts."""
LAST_YEAR = 9_900
MOST = 1_000
"""Most working days that are counted; about four years."""
EXCHANGED = 2
"""Weekend days that may be worked before a deadline of a year that is not known: so many at most fell behind
the holidays that make up for them in the years that are."""


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A day that was counted to."""

    day: date
    is_exact: bool
    """False where the holidays of a year in between are not known: the day is then *not before*, and who acts
    by it acts in time."""
    unknown: tuple[int, ...] = ()
    """The years that are not known."""

    def __str__(self) -> str:
        if self.is_exact:
            return self.day.isoformat()
        years = ", ".join(map(str, self.unknown))
        return f"not before {self.day.isoformat()} (the holidays of {years} are not known)"


@dataclass(frozen=True, slots=True)
class Year:
    """The holidays of one year."""

    notice: str
    url: str
    source: Source
    holidays: frozenset[date]
    working: frozenset[date]
    """Saturdays and Sundays that are worked."""


@cache
def years() -> dict[int, Year]:
    """The years whose holidays are known."""
    text = files("countermark.inventory.register").joinpath("holidays.toml").read_text("utf-8")
    return {int(name): _year(value) for name, value in tomllib.loads(text).items()}


def _year(value: dict[str, object]) -> Year:
    ranges: list[list[str]] = value["holidays"]  # type: ignore[assignment]
    working: list[str] = value["working"]  # type: ignore[assignment]
    off = (
        date.fromisoformat(first) + timedelta(days=n)
        for first, last in ranges
        for n in range((date.fromisoformat(last) - date.fromisoformat(first)).days + 1)
    )
    return Year(
        notice=str(value["notice"]),
        url=str(value["url"]),
        source=Source(str(value["source"])),
        holidays=frozenset(off),
        working=frozenset(map(date.fromisoformat, working)),
    )


def is_working(day: date) -> bool:
    """Whether a day is worked; in a year that is not known, whether it is no Saturday or Sunday."""
    year = years().get(day.year)
    if year and day in year.working:
        return True
    return day.isoweekday() <= FRIDAY and not (year and day in year.holidays)


def add(day: date, count: int) -> Reckoned:
    """The last of ``count`` working days after ``day``.

    Raises:
        ValueError: ``count`` is not between 1 and :data:`MOST`, or ``day`` is at the end of the calendar.
    """
    if day.year > LAST_YEAR:
        raise ValueError(f"{day} is too far away to count from")
    if not 1 <= count <= MOST:
        raise ValueError(f"{count} working days cannot be counted: 1 to {MOST}")
    end = _count(day, count)
    unknown = _unknown(day, end)
    if unknown:
        end = max(_count(day, max(0, count - EXCHANGED)), day + timedelta(days=count))
    return Reckoned(end, not unknown, unknown)


def between(first: date, last: date) -> int:
    """The working days after ``first``, up to and with ``last``; negative where ``last`` is earlier."""
    if last < first:
        return -between(last, first)
    off = (day for year in years().values() for day in year.holidays if first < day <= last)
    on = (day for year in years().values() for day in year.working if first < day <= last)
    weekdays = _weekdays(last) - _weekdays(first)
    return weekdays - sum(day.isoweekday() <= FRIDAY for day in off) + sum(1 for _ in on)


def _weekdays(day: date) -> int:
    """Mondays to Fridays since the first day of the calendar, which was a Monday."""
    weeks, rest = divmod(day.toordinal(), 7)
    return weeks * FRIDAY + min(rest, FRIDAY)


def _count(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= is_working(day)
    return day


def _unknown(first: date, last: date) -> tuple[int, ...]:
    """The years of the counted days that are not known."""
    counted = range((first + timedelta(days=1)).year, last.year + 1)
    return tuple(year for year in counted if year not in years())
