"""What stands in the cells of a list: texts, numbers, days."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

EMPTY = frozenset(["", "-", "--", "—", "——", "/", "无", "N/A", "n/a", "null", "None"])
"""How a list says that there is nothing."""
DAY = re.compile(
    r"(?P<year>20\d\d)(?:[/\-.年](?P<month>\d{1,2})(?:[/\-.月](?P<day>\d{1,2})日?|月)?|"
    r"(?P<packed_month>[01]\d)(?P<packed_day>[0-3]\d))(?:\s+00:00(?::00)?)?(?!\d)"
)
SERIAL = re.compile(r"[345]\d{4}(?:\.\d+)?")
"""Days since 1899-12-30, as spreadsheets count: 1982 to 2064."""
EPOCH = date(1899, 12, 30)
HALF_WIDTH = {
    0x3000: " ",
    **{
        code: chr(code - 0xFEE0)
        for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
    },
}
"""Letters, digits and the space; all else is punctuation that Chinese text has."""
JOINED = re.compile(r"\s*\n\s*")


@dataclass(frozen=True, slots=True)
class Day:
    """What a cell says of a day."""

    iso: str
    """``YYYY-MM-DD``, or ``YYYY-MM`` where it says no more; empty where it is no day."""
    remark: str = ""
    """What stands beside it."""


def text(cell: str) -> str:
    """One line: words of Latin letters keep a space where a line was broken, all else is joined.

    Letters and digits become half-width; brackets and punctuation stay as they are.
    """
    lines = [part.strip() for part in JOINED.split(cell.replace("\r", "\n").strip())]
    joined = lines[0] if lines else ""
    for line in filter(None, lines[1:]):
        joined += (" " if _is_word(joined[-1:]) and _is_word(line[0]) else "") + line
    joined = " ".join(joined.translate(HALF_WIDTH).split())
    if joined.isprintable():
        return joined
    return "".join(c for c in joined if unicodedata.category(c) not in ("Cc", "Cf"))


def is_empty(value: str) -> bool:
    """Whether a list means nothing by it."""
    return value in EMPTY


def sequence(cell: str) -> int:
    """The number of a row; 0 where the cell holds none."""
    plain = unicodedata.normalize("NFKC", cell).strip().rstrip(".、").strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= len("999999") else 0


def day(cell: str) -> Day:
    """Read a day in any of the shapes of the lists; ``2026/5/1（补登）`` keeps its remark."""
    plain = unicodedata.normalize("NFKC", cell).strip()
    if SERIAL.fullmatch(plain):
        return Day((EPOCH + timedelta(days=int(plain.partition(".")[0]))).isoformat())
    compact = re.sub(r"\s*([/\-.年月日])\s*", r"\1", plain)
    found = DAY.search(compact)
    if not found:
        return Day("", plain)
    remark = (compact[: found.start()] + compact[found.end() :]).strip().strip("()").strip()
    year, month = int(found["year"]), int(found["month"] or found["packed_month"] or 0)
    number = found["day"] or found["packed_day"]
    try:
        whole = date(year, month, int(number or 1))
    except ValueError:
        return Day("", plain)
    return Day(whole.isoformat() if number else f"{whole:%Y-%m}", remark)


def _is_word(character: str) -> bool:
    return character.isascii() and character.isalnum()
