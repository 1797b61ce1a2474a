"""One file, read: its form, its entries and cancellations, and all that is wrong or was left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from countermark.inventory.register.entries import Cancellation, Defect, PublicEntry, RegisterError
from countermark.inventory.register.importing import (
    building,
    delimited,
    json_lists,
    pdf_tables,
    rows,
    sequences,
    shifts,
    spreadsheets,
    web_tables,
)
from countermark.inventory.register.importing.grids import MAX_BYTES, Grid, UnreadableError
from countermark.inventory.register.importing.rows import MONTH, Row
from countermark.inventory.usage import Unread

FORMS = ("xlsx", "csv", "html", "pdf", "json")
READERS: dict[str, Callable[[bytes], list[Grid]]] = {
    "xlsx": spreadsheets.read,
    "csv": delimited.read,
    "html": web_tables.read,
    "json": json_lists.read,
}
SUFFIXES = {".tsv": "csv", ".txt": "csv", ".htm": "html", ".xhtml": "html", ".xlsm": "xlsx"}
SHOWN = 200
"""Most characters of a row that was left out."""


@dataclass(slots=True)
class Reading:
    """What a file gave."""

    form: str
    entries: list[PublicEntry] = field(default_factory=list)
    cancellations: list[Cancellation] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    """Of all rows, and of the sequence."""
    unread: list[Unread] = field(default_factory=list)
    """Pages without a table, rows without a number."""

    @property
    def periods(self) -> tuple[str, ...]:
        """The months of its lists."""
        days = [each.noticed[:7] or each.day[:7] for each in self.cancellations]
        return tuple(sorted(({each.period for each in self.entries} | set(days)) - {""}))


def form_of(name: str, data: bytes) -> str:
    """The form of a file, by its first bytes, then by its name.

    Raises:
        RegisterError: it is none that is read here.
    """
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"%PDF-"):
        return "pdf"
    if start.startswith(b"PK\x03\x04"):
        return "xlsx"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise RegisterError(f"{name}: an old .xls workbook; save it as .xlsx or .csv")
    suffix = Path(name).suffix.lower()
    form = SUFFIXES.get(suffix, suffix.removeprefix("."))
    if start[:1] == b"<":
        return "html"
    if start[:1] in (b"{", b"[") and form != "csv":
        return "json"
    if form not in FORMS:
        raise RegisterError(f"{name}: no form that is read here; there are: {', '.join(FORMS)}")
    return form


def read(name: str, data: bytes, *, period: str = "") -> Reading:
    """Read a public list.

    Args:
        name: of the file; a month in it is the period where the list says none.
        data: its bytes.
        period: ``YYYY-MM`` of the list, where the file does not say it.

    Raises:
        RegisterError: the file cannot be read, or no list is in it.
    """
    if len(data) > MAX_BYTES:
        raise RegisterError(f"{name}: larger than {MAX_BYTES >> 20} MiB: not one of the public lists")
    reading = Reading(form_of(name, data))
    try:
        grids = _grids(data, reading)
    except UnreadableError as error:
        raise RegisterError(f"{name}: {error}") from None
    if not period and (found := MONTH.search(Path(name).stem)):
        period = f"{found[1]}-{int(found[2]):02}"
    for row in _repaired(grids, reading):
        _take(reading, row, period)
    reading.defects += sequences.in_order(reading.entries)
    if not reading.entries and not reading.cancellations:
        why = "".join(f"; {each.path}: {each.why}" for each in reading.unread[:3])
        raise RegisterError(
            f"{name}: no list was found in it: no row of headers such as 备案单位, 备案号{why}"
        )
    return reading


def _grids(data: bytes, reading: Reading) -> list[Grid]:
    if reading.form != "pdf":
        return READERS[reading.form](data)
    grids, unread = pdf_tables.read(data)
    reading.unread += [Unread(place, why) for place, why in unread]
    return grids


def _repaired(grids: list[Grid], reading: Reading) -> list[Row]:
    whole = list(rows.joined(rows.of(grids, reading.unread)))
    for row in whole:
        shifts.repair(row)
    shifts.find_fragments(whole)
    return list(chain.from_iterable(map(building.split, whole)))


def _take(reading: Reading, row: Row, period: str) -> None:
    if not row.number:
        if row.filled:
            text = " | ".join(row.filled)[:SHOWN]
            reading.unread.append(Unread(row.place, f"a row without a number: {text}"))
        reading.defects += row.defects
        return
    cancelled = building.cancellation(row)
    if not building.is_only_cancelled(row):
        reading.entries.append(building.entry(row, period))
    if cancelled:
        reading.cancellations.append(cancelled)
    reading.defects += row.defects
