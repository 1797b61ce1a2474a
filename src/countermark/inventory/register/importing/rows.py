"""From tables to rows that know their columns: headers, titles, and rows that were split."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from countermark.inventory import filing_numbers
from countermark.inventory.register.entries import Defect, Kind
from countermark.inventory.register.importing import cells, headers
from countermark.inventory.register.importing.grids import Cell, Grid, Line
from countermark.inventory.register.importing.headers import Field, Header
from countermark.inventory.register.names import ORGANISATION
from countermark.inventory.usage import Unread

MONTH = re.compile(r"(20\d\d)\s*(?:年|[-./])\s*(0?[1-9]|1[0-2])(?!\d)(?:\s*月)?")
BATCH = re.compile(r"第[一二三四五六七八九十百\d]+批")
COMPACT = (Field.NUMBER, Field.SEQUENCE)
"""Columns in which a line break never stands for a space."""
TITLE_CELLS = 2
"""Most cells that a title above a table fills."""


@dataclass(slots=True)
class Section:
    """Where a row stands: what the table and its titles say."""

    title: str = ""
    period: str = ""
    noticed: str = ""
    kind: Kind | None = None
    is_cancellation: bool = False

    def take(self, text: str) -> None:
        """Learn from a title."""
        text = " ".join(text.split())
        if not text:
            return
        self.title = text
        if found := MONTH.search(text):
            self.period = f"{found[1]}-{int(found[2]):02}"
        self.is_cancellation = "注销" in text
        if "深度合成" in text:
            self.kind = Kind.SYNTHESIS
        elif "算法" in text:
            self.kind = Kind.RECOMMENDATION
        elif "登记" in text and "备案" not in text:
            self.kind = Kind.REGISTRATION


@dataclass(slots=True)
class Row:
    """One row of a list, before it is an entry."""

    header: Header
    texts: list[str]
    """By column of the header."""
    place: str
    section: Section
    opens: bool = False
    """Whether it is the first of its page or table."""
    defects: list[Defect] = field(default_factory=list)

    def get(self, wanted: Field) -> str:
        """The text of a field; empty where the list has no such column, or nothing in it."""
        column = self.header.index(wanted)
        text = self.texts[column] if column is not None else ""
        return "" if cells.is_empty(text) else text

    def put(self, wanted: Field, text: str) -> None:
        """Change the text of a field that the list has."""
        column = self.header.index(wanted)
        if column is not None:
            self.texts[column] = text

    def find(self, code: str, text: str, original: str = "", *, repaired: bool = False) -> None:
        """Note a defect."""
        self.defects.append(Defect(code, self.place, text, original, repaired))

    @property
    def number(self) -> str:
        """The number, tidied."""
        return filing_numbers.tidied(self.get(Field.NUMBER))

    @property
    def is_numbered(self) -> bool:
        """Whether a number in order stands in its column."""
        return is_number(self.number)

    @property
    def filled(self) -> list[str]:
        """All that stands in it."""
        return [text for text in self.texts if text and not cells.is_empty(text)]


def is_number(text: str) -> bool:
    """Whether it has the shape of a published number, with a check digit that fits."""
    read = filing_numbers.parse(text)
    return bool(read.shape) and not read.defect


def of(grids: Iterable[Grid], left_out: list[Unread]) -> Iterator[Row]:
    """The rows below the headers. A table without one goes on under the header before it, if it may.

    Args:
        grids: the tables of a file.
        left_out: learns which tables hold numbers, and have no header that is known.
    """
    header: Header | None = None
    section = Section()
    for grid in grids:
        if not grid.is_continued:
            header, section = None, Section()
        section = _begun(grid, section)
        opens, lost = True, 0
        for line in grid.lines:
            if found := headers.of(line.cells):
                header = found.after(header)
                section = _headed(section, found)
            elif title := _title(line.cells):
                section = Section(noticed=section.noticed, period=section.period, kind=section.kind)
                section.take(title)
            elif header and _fits(line, header, grid):
                yield _row(line, header, section, grid, opens=opens)
                opens = False
            else:
                lost += any(cell and filing_numbers.FIND.search(cell) for cell in line.cells)
        if lost:
            why = f"{lost} row{'s' if lost > 1 else ''} with a number under no header that is known"
            left_out.append(Unread(grid.place or "the list", why))


def _begun(grid: Grid, before: Section) -> Section:
    section = Section(before.title, before.period, before.noticed, before.kind, before.is_cancellation)
    section.take(grid.title)
    section.period = grid.period or section.period
    section.noticed = grid.noticed or section.noticed
    return section


def _headed(section: Section, header: Header) -> Section:
    kind = header.kind or section.kind
    cancels = section.is_cancellation or Field.CANCELLED in header.fields
    return Section(section.title, section.period, section.noticed, kind, cancels)


def _title(row: tuple[Cell, ...]) -> str:
    """The title that a row is: one or two cells that speak of a list or name its batch."""
    filled = [text for cell in row if cell and (text := cells.text(cell))]
    if not filled or len(filled) > TITLE_CELLS or len(row) <= TITLE_CELLS:
        return ""
    joined = " ".join(filled)
    speaks = any(word in joined for word in ("信息", "清单", "公告", "名单")) and MONTH.search(joined)
    return joined if speaks or BATCH.search(joined) else ""


def _fits(line: Line, header: Header, grid: Grid) -> bool:
    """Whether a row can stand under the header. In a PDF, other tables have other widths."""
    wider = len(line.cells) - len(header.fields)
    return abs(wider) <= 1 if grid.is_continued else wider <= 1


def _row(line: Line, header: Header, section: Section, grid: Grid, *, opens: bool) -> Row:
    width = max(len(header.fields), len(line.cells))
    texts = []
    for column in range(width):
        cell = line.cells[column] if column < len(line.cells) else ""
        known = header.fields[column] if column < len(header.fields) else None
        texts.append(_compact(cell or "") if known in COMPACT else cells.text(cell or ""))
    return Row(header, texts, grid.where(line.number), section, opens)


def _compact(cell: str) -> str:
    """Without spaces and line breaks, but for those between two whole numbers."""
    several = filing_numbers.FIND.findall(unicodedata.normalize("NFKC", cell))
    return " ".join(several) if len(several) > 1 else filing_numbers.tidied(cell)


def joined(rows: Iterable[Row]) -> Iterator[Row]:
    """Put rows together that were split over lines or pages, where it is certain what belongs together.

    What is left of a row and belongs to none for certain is noted as ``stray`` at the row before it.
    """
    before: Row | None = None
    for row in rows:
        if before is None or not _is_fragment(row, before):
            if before is not None:
                yield before
            before = row
        elif _completes(before, row):
            _append(before, row)
        else:
            text = "a fragment stands alone below this row; it was left out"
            before.defects.append(Defect("stray", row.place, text, " | ".join(row.filled)))
    if before is not None:
        yield before


def _is_fragment(row: Row, before: Row) -> bool:
    """Whether a row is no row of its own: no sequence number where the list has them, no whole number."""
    if row.header is not before.header and row.header.fields != before.header.fields:
        return False
    if not row.is_numbered:
        return not row.get(Field.SEQUENCE) and 2 * len(row.filled) <= len(row.header.fields)
    return not before.number and not row.get(Field.SEQUENCE) and bool(before.get(Field.SEQUENCE))


def _completes(before: Row, row: Row) -> bool:
    """Whether a fragment certainly ends the row before it."""
    if row.number:
        return is_number(before.number + row.number)
    entity, end = before.get(Field.ENTITY), row.get(Field.ENTITY)
    if end:
        return not ORGANISATION.search(entity) and ORGANISATION.search(entity + end) is not None
    if not before.number or not row.opens:
        return False
    use, rest = before.get(Field.USE), row.get(Field.USE)
    return not use.endswith("。") if rest else True


def _append(before: Row, row: Row) -> None:
    """Join two rows column by column."""
    for column, text in enumerate(row.texts):
        if column < len(before.texts) and text:
            before.texts[column] = cells.text(f"{before.texts[column]}\n{text}")
    before.put(Field.NUMBER, filing_numbers.tidied(before.get(Field.NUMBER)))
    over = "pages" if row.opens else "rows"
    before.find("split", f"was split over {over}; put together again", " | ".join(row.filled), repaired=True)
