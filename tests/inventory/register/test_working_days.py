"""Working days of mainland China."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.register import working_days
from countermark.inventory.register.working_days import Reckoned, add, between, is_working, years
from countermark.model import Source

DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-11-20", 10, "2026-12-04"),  # a Friday, no holiday
        ("2026-11-21", 10, "2026-12-04"),  # a Saturday
        ("2026-09-28", 10, "2026-10-16"),  # the National Day week, and Saturday 10 October is worked
        ("2026-02-13", 1, "2026-02-14"),  # a Saturday that is worked
        ("2026-02-14", 1, "2026-02-24"),  # the Spring Festival
        ("2025-12-31", 1, "2026-01-04"),  # New Year, and Sunday 4 January is worked
        ("2024-04-30", 20, "2024-05-30"),  # Labour Day, and Saturday 11 May is worked
        ("2025-09-26", 20, "2025-10-30"),  # Sunday 28 September and Saturday 11 October are worked
    ],
)
def test_periods(start: str, count: int, end: str) -> None:
    reckoned = add(date.fromisoformat(start), count)
    assert reckoned == Reckoned(date.fromisoformat(end), is_exact=True)
    assert str(reckoned) == end
    assert between(date.fromisoformat(start), reckoned.day) == count


def test_the_calendar_is_sound() -> None:
    assert set(years()) == {2024, 2025, 2026}
    for number, year in years().items():
        assert (year.source, year.notice[:5]) == (Source.QUOTED, "国务院办公")
        assert year.url.startswith("https://")
        assert {day.year for day in year.holidays | year.working} == {number}
        assert all(day.isoweekday() > 5 for day in year.working), "only weekends are worked in exchange"
        assert not year.holidays & year.working
        statutory = {date(number, 1, 1), date(number, 5, 1), date(number, 10, 1), date(number, 10, 3)}
        assert statutory <= year.holidays
    assert [
        sum(is_working(date(y, 1, 1) + timedelta(n)) for n in range(365 + (y == 2024))) for y in years()
    ] == [
        251,
        248,
        248,
    ]


def test_a_year_that_is_not_known_gives_a_day_that_is_not_too_late() -> None:
    reckoned = add(date(2026, 12, 28), 10)
    assert (reckoned.is_exact, reckoned.unknown) == (False, (2027,))
    assert reckoned.day == date(2027, 1, 7)
    assert str(reckoned) == "not before 2027-01-07 (the holidays of 2027 are not known)"
    assert add(date(2026, 12, 28), 3).is_exact
    assert add(date(2026, 12, 31), 1).day == date(2027, 1, 1), (
        "a weekend may be worked: no later day is certain"
    )


def test_not_before_would_have_been_in_time_in_every_known_year(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = {
        (day, count): add(day, count).day
        for number in range(0, 1_030, 3)
        for count in (1, 2, 3, 5, 10, 20)
        for day in [date(2024, 1, 1) + timedelta(days=number)]
        if add(day, count).is_exact
    }
    monkeypatch.setattr(working_days, "years", dict)
    for (day, count), last in exact.items():
        bound = add(day, count)
        assert not bound.is_exact
        assert day < bound.day <= last


@pytest.mark.parametrize("count", [0, -1, 1_001])
def test_counts_out_of_bounds(count: int) -> None:
    with pytest.raises(ValueError, match="cannot be counted"):
        add(date(2026, 1, 1), count)
    with pytest.raises(ValueError, match="too far away"):
        add(date.max, 1)


@settings(deadline=None)
@given(DAYS, st.integers(1, 40))
def test_between_undoes_add(day: date, count: int) -> None:
    reckoned = add(day, count)
    if reckoned.is_exact:
        assert between(day, reckoned.day) == count == -between(reckoned.day, day)
        assert is_working(reckoned.day)


@settings(deadline=None)
@given(DAYS, DAYS, DAYS)
def test_working_days_add_up(one: date, two: date, three: date) -> None:
    assert between(one, two) + between(two, three) == between(one, three)
