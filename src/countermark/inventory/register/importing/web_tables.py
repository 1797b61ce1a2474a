"""Lists as tables of an HTML page, such as a saved notice."""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from countermark import markup
from countermark.inventory import pages
from countermark.inventory.register.importing.decoding import text_of
from countermark.inventory.register.importing.grids import MAX_COLUMNS, Cell, Grid, UnreadableError

MAX_TABLES = 500
MAX_SPAN = 5_000
"""Most rows that one cell may cover."""
MAX_CELLS = 2_000_000
"""Most cells of a page, spanned ones counted as often as they stand."""
LINE_BREAKS = ("br", "p", "div", "li")


def read(data: bytes) -> list[Grid]:
    """Read all tables of a page; a cell that spans rows says in each what it says in the first.

    Raises:
        UnreadableError: it is no text, or has more tables or cells than a page of this world.
    """
    source = text_of(data)
    tree = LexborHTMLParser(source[: _depth_end(source)])
    title = tree.css_first("title")
    heading = " ".join(title.text().split())[:200] if title else ""
    tables = tree.css("table")
    if len(tables) > MAX_TABLES:
        raise UnreadableError(f"the page has {len(tables):,} tables")
    rows = _rows(tree)
    budget = [MAX_CELLS]
    return [
        _grid(number, heading, rows.get(table.mem_id, []), budget) for number, table in enumerate(tables, 1)
    ]


def _depth_end(source: str) -> int:
    """Where more elements are open than a page of this world has; the parser is not sent deeper."""
    tags = ((tag[3].lower(), bool(tag[2]), tag.start()) for tag in pages.TAG.finditer(source) if tag[3])
    end = markup.too_deep(tags)
    return len(source) if end is None else end


def _rows(tree: LexborHTMLParser) -> dict[int, list[LexborNode]]:
    """The rows of each table: those whose nearest table it is."""
    found: dict[int, list[LexborNode]] = {}
    for row in tree.css("tr"):
        above = row.parent
        while above is not None and above.tag != "table":
            above = above.parent
        if above is not None:
            found.setdefault(above.mem_id, []).append(row)
    return found


def _grid(number: int, heading: str, rows: list[LexborNode], budget: list[int]) -> Grid:
    grid = Grid(place=f"table {number}", title=heading)
    spanning: dict[int, tuple[int, str]] = {}
    for line, row in enumerate(rows, 1):
        cells: list[Cell] = []
        for text, columns, height in _cells(row):
            _fill(cells, spanning)
            for offset in range(columns):
                if height > 1:
                    spanning[len(cells)] = (height - 1, "" if offset else text)
                cells.append(None if offset else text)
        _fill(cells, spanning)
        budget[0] -= len(cells)
        if budget[0] < 0:
            raise UnreadableError(f"the tables of the page have more than {MAX_CELLS:,} cells")
        grid.add(line, cells)
    return grid


def _fill(cells: list[Cell], spanning: dict[int, tuple[int, str]]) -> None:
    """Go on with the cells of rows above that reach into this one."""
    while len(cells) in spanning:
        left, text = spanning.pop(len(cells))
        if left > 1:
            spanning[len(cells)] = (left - 1, text)
        cells.append(text)
        if len(cells) > MAX_COLUMNS:
            return


def _cells(row: LexborNode) -> Iterator[tuple[str, int, int]]:
    """Text, columns and rows of each cell."""
    for cell in row.iter():
        if cell.tag in ("td", "th"):
            columns = _span(cell, "colspan", MAX_COLUMNS)
            yield _text(cell), columns, _span(cell, "rowspan", MAX_SPAN)


def _span(cell: LexborNode, name: str, most: int) -> int:
    value = (cell.attributes.get(name) or "1").strip()
    return max(1, min(int(value[:6]), most)) if value.isascii() and value.isdigit() else 1


def _text(cell: LexborNode) -> str:
    """The text with the line breaks that are shown."""
    for inner in cell.css("style, script"):
        inner.decompose()
    return cell.text(separator="\n", strip=True) if cell.css_first("br, p, div") else cell.text(strip=True)
