"""Lists as Excel workbooks, .xlsx. Needs openpyxl: ``pip install 'countermark[register]'``."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError

from countermark.inventory.register.entries import RegisterError
from countermark.inventory.register.importing.grids import MAX_COLUMNS, MAX_ROWS, Cell, Grid, UnreadableError

MAX_UNPACKED = 256 << 20
"""Most bytes that the parts of a workbook may claim to unpack to."""
MAX_MERGED = 100_000
"""Most cells that merged ranges may cover."""
TROUBLES = (
    zipfile.BadZipFile, zlib.error, ParseError, ValueError, TypeError, KeyError, IndexError, AttributeError,
    OSError, EOFError, NotImplementedError, OverflowError, RecursionError, AssertionError,
)  # fmt: skip
"""What openpyxl raises over a broken workbook: it has few errors of its own."""


def read(data: bytes) -> list[Grid]:
    """Read all sheets; merged cells say in each row what they say in the first.

    Raises:
        UnreadableError: it is no workbook, or beyond a limit.
        RegisterError: openpyxl is not installed.
    """
    openpyxl = _openpyxl()
    _check_size(data)
    try:
        with warnings.catch_warnings(action="ignore"):  # of what it does not know of Excel
            book = openpyxl.load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
        return [_grid(sheet) for sheet in book.worksheets]
    except UnreadableError:
        raise
    except TROUBLES as error:
        raise UnreadableError(f"not a workbook that can be read: {error or type(error).__name__}") from None


def _openpyxl() -> Any:
    try:
        import openpyxl  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra
    except ImportError:
        raise RegisterError("reading .xlsx needs openpyxl: pip install 'countermark[register]'") from None
    return openpyxl


def _check_size(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except TROUBLES as error:
        raise UnreadableError(f"not an .xlsx workbook: {error or type(error).__name__}") from None
    if unpacked > MAX_UNPACKED:
        raise UnreadableError(f"unpacks to {unpacked:,} bytes, more than any of the public lists")


def _grid(sheet: Any) -> Grid:
    if sheet.max_row > MAX_ROWS:
        raise UnreadableError(
            f"sheet {sheet.title!r} has {sheet.max_row:,} rows: not one of the public lists"
        )
    named = "" if sheet.title.isascii() else sheet.title  # Sheet1 is no title
    grid = Grid(place=f"sheet {sheet.title}", title=named)
    covered = dict(_covered(sheet))
    rows = sheet.iter_rows(max_col=min(sheet.max_column, MAX_COLUMNS), values_only=True)
    for number, row in enumerate(rows, 1):
        cells: list[Cell] = [
            covered.get((number, column)) if value is None else _text(value)
            for column, value in enumerate(row, 1)
        ]
        grid.add(number, cells)
    return grid


def _covered(sheet: Any) -> Iterator[tuple[tuple[int, int], str]]:
    """The text of each cell that a merged range of one column covers. Ranges over columns are titles."""
    budget = MAX_MERGED
    for merged in sheet.merged_cells.ranges:
        if merged.min_col != merged.max_col:
            continue
        budget -= merged.max_row - merged.min_row
        if budget < 0:
            raise UnreadableError(f"merged ranges cover more than {MAX_MERGED:,} cells")
        value = sheet.cell(merged.min_row, merged.min_col).value
        for row in range(merged.min_row + 1, merged.max_row + 1):
            yield (row, merged.min_col), "" if value is None else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
