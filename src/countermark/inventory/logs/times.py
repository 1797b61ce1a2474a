"""When a call was made, in the many ways in which logs write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

Moment = tuple[float, bool]
"""Seconds since 1970, and whether the log says in which zone; without a zone it is read as UTC."""
NEVER: Moment = (0.0, True)
EARLIEST, LATEST = 946_684_800.0, 4_102_444_800.0
"""2000 to 2100: anything else is a number that is no time."""
MONTHS = {
    name: number
    for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)  # noqa: SIM905
}
LONGEST = 40
LONGEST_MINUTE = 61
SECONDS = 10
"""Digits of a time in seconds; a date has fewer."""
SCALES = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9))
"""Below which number a time is one of seconds, milliseconds, microseconds, nanoseconds."""


def moment(value: object) -> Moment:
    """The time that a value of a record stands for; ``NEVER`` where it is none."""
    if isinstance(value, str):
        return _written(value)
    if isinstance(value, (int, float)):
        return number(value)
    return NEVER


def number(value: float) -> Moment:
    """Seconds, milliseconds, microseconds or nanoseconds since 1970: which, the size says."""
    if EARLIEST < value < LATEST:
        return value, True
    for limit, scale in SCALES:
        if value < limit:
            seconds = value / scale
            return (seconds, True) if EARLIEST < seconds < LATEST else NEVER
    return NEVER


def _written(text: str) -> Moment:
    if text[-1:] == "Z" and text[10:11] == "T" and (start := _utc_minute(text[:17])):
        try:
            seconds = float(text[17:-1])
        except ValueError:
            return NEVER
        return (start + seconds, True) if 0 <= seconds < LONGEST_MINUTE else NEVER
    if text[2:3] == "/" and len(text) == 26:  # noqa: PLR2004 - 21/Mar/2025:04:28:03 +0000
        return common(text)
    if len(text) > LONGEST:
        return NEVER
    if len(text) >= SECONDS and text[:SECONDS].isdecimal():
        return _digits(text)
    return _iso(text)


def _iso(text: str) -> Moment:
    if text[4:5] == "/":  # 2026/01/15 - 09:01:12
        text = text.replace("/", "-", 2).replace(" - ", " ")
    try:
        found = datetime.fromisoformat(text)
        zoned = found.tzinfo is not None
        seconds = (found if zoned else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return _digits(text)
    return (seconds, zoned) if EARLIEST < seconds < LATEST else NEVER


@lru_cache(4096)
def _utc_minute(text: str) -> float:
    """The seconds at which ``2025-01-15T09:01:`` begins; 0 where that is none."""
    if text[16:] != ":":
        return 0.0
    seconds, _ = _iso(text[:16] + "Z")
    return seconds


def _digits(text: str) -> Moment:
    try:
        return number(float(text))
    except ValueError:
        return NEVER


def common(text: str) -> Moment:
    """The time of the Common Log Format, ``21/Mar/2025:04:28:03 +0000``."""
    start = _common_minute(text[:17], text[21:])
    seconds = text[18:20]
    return (start + int(seconds), True) if start and seconds.isdecimal() else NEVER


@lru_cache(4096)
def _common_minute(text: str, zone: str) -> float:
    """Logs go minute by minute: most lines find theirs here."""
    try:
        offset = timezone(timedelta(hours=int(zone[:3]), minutes=int(zone[:1] + zone[3:])))
        start = datetime(
            int(text[7:11]),
            MONTHS[text[3:6]],
            int(text[:2]),
            int(text[12:14]),
            int(text[15:17]),
            tzinfo=offset,
        ).timestamp()
    except (ValueError, KeyError, OverflowError):
        return 0.0
    return start if EARLIEST < start < LATEST else 0.0


def iso(seconds: float, *, zoned: bool) -> str:
    """ISO 8601, to the second; with a Z where the zone is known."""
    if not seconds:
        return ""
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}Z" if zoned else text
