"""Lists as tables of a PDF. Needs pdfplumber: ``pip install 'countermark[register]'``.

A PDF can ask a parser for any amount of time and memory. So it is read by a process of its own
(:mod:`.pdf_process`), which gives the tables as JSON, and is ended when it takes too long.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TypedDict

import orjson

from countermark.inventory.register.entries import RegisterError
from countermark.inventory.register.importing.grids import Grid, UnreadableError

PROCESS = "countermark.inventory.register.importing.pdf_process"
SECONDS = 900
"""Longest time for one file; the longest list has 200 pages, and a page takes less than a second."""


class Page(TypedDict):
    """What one page has."""

    number: int
    title: str
    """Text of the first page above its tables."""
    tables: list[list[list[str | None]]]
    trouble: str
    """Why it was not read; empty where it was."""


def read(data: bytes) -> tuple[list[Grid], list[tuple[str, str]]]:
    """Read the ruled tables of all pages.

    Returns:
        The tables, and the pages that gave none, each with the reason.

    Raises:
        UnreadableError: it is no PDF, is locked, or took too long.
        RegisterError: pdfplumber is not installed.
    """
    grids: list[Grid] = []
    unread: list[tuple[str, str]] = []
    for page in _pages_apart(data):
        place = f"page {page['number']}"
        if page["trouble"]:
            unread.append((place, page["trouble"]))
        for number, table in enumerate(page["tables"], 1):
            name = place if len(page["tables"]) == 1 else f"{place}, table {number}"
            grid = Grid(name, title=page["title"], is_continued=True)
            for line, cells in enumerate(table, 1):
                grid.add(line, list(cells))
            grids.append(grid)
    return grids, unread


def _pages_apart(data: bytes) -> list[Page]:
    """The pages, read by another process: ``-P`` keeps it from importing what lies in this folder."""
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, and a module of ours
            [sys.executable, "-P", "-m", PROCESS],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnreadableError(f"not read within {SECONDS} seconds; save the list as .xlsx or .csv") from None
    try:
        answer = orjson.loads(done.stdout)
    except orjson.JSONDecodeError:
        raise UnreadableError("the PDF parser gave up: out of memory or broken inside") from None
    if "missing" in answer:
        raise RegisterError("reading a PDF needs pdfplumber: pip install 'countermark[register]'")
    if "error" in answer:
        raise UnreadableError(answer["error"])
    pages: list[Page] = answer["pages"]
    return pages
