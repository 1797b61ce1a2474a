"""The SQLite file of one-api or new-api itself, opened for reading only."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from countermark.inventory.logs.formats import COLUMNS
from countermark.inventory.logs.reading import Reading
from countermark.inventory.logs.tables import Rows

MAGIC = b"SQLite format 3\0"
TABLES = ("channels", "logs", "LiteLLM_SpendLogs")
MAX_SECONDS = 3_600.0
STEPS = 1_000_000
"""Instructions of the database between two looks at the clock."""
MAX_CELL = 16 << 20
FIRST = -(2**63)


def read(path: Path, reading: Reading) -> None:
    """Read the rows of those tables that tell of calls; ``line`` counts their ids."""
    tally = reading.tally
    tally.bytes += path.stat().st_size
    journal = path.with_name(f"{path.name}-wal")
    if journal.exists() and journal.stat().st_size:
        tally.trouble(f"changes in {journal.name} are not in the database yet, and were not read")
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as database:
            _guard(database)
            for table in _tables(database):
                _rows(database, table, reading)
    except (sqlite3.Error, OverflowError) as error:
        tally.trouble(f"the database was not read further: {error}")


def _guard(database: sqlite3.Connection) -> None:
    """What a hostile file may try: endless work, functions in its schema, text that is none."""
    end = time.monotonic() + MAX_SECONDS
    database.set_progress_handler(lambda: time.monotonic() > end, STEPS)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_CELL)
    for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON", "mmap_size = 0"):
        database.execute(f"PRAGMA {pragma}").close()


def _tables(database: sqlite3.Connection) -> Iterator[str]:
    """Those of interest that are tables, and no views, which may compute anything."""
    marks = ", ".join("?" * len(TABLES))
    query = f"SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ({marks}) ORDER BY name"  # noqa: S608
    yield from [str(name) for (name,) in database.execute(query, TABLES).fetchall()]


def _rows(database: sqlite3.Connection, table: str, reading: Reading) -> None:
    names = [row[1] for row in database.execute("SELECT * FROM pragma_table_info(?)", (table,)).fetchall()]
    kept = [name for name in names if name in COLUMNS]
    if not kept:
        return
    rows = Rows(["rowid", *kept], reading)
    columns = ", ".join(f'"{name}"' for name in kept)  # all from our own list
    query = f'SELECT rowid, {columns} FROM "{table}" WHERE rowid > ? ORDER BY rowid'  # noqa: S608
    try:
        _read(database, query, FIRST, rows)
    except sqlite3.OperationalError as error:
        if "decode" not in str(error):
            raise
        database.text_factory = lambda data: data.decode("utf-8", "replace")  # slower, and seldom needed
        _read(database, query, reading.tally.line or FIRST, rows)


def _read(database: sqlite3.Connection, query: str, after: int, rows: Rows) -> None:
    tally = rows.reading.tally
    for row in database.execute(query, (after,)):
        tally.line = row[0]
        rows.read(row)
