"""Notebooks: the code cells, and where each stands in the file.

Source: The Jupyter Notebook Format, 4.5.
"""

from __future__ import annotations

from countermark.inventory.reading.config import json_files
from countermark.inventory.reading.config.decoding import decode
from countermark.inventory.reading.config.trees import Mapping, Node, Scalar

MAX_CELLS = 5_000
NOT_PYTHON = (
    "%%bash",
    "%%sh",
    "%%html",
    "%%javascript",
    "%%js",
    "%%writefile",
    "%%latex",
    "%%markdown",
    "%%sql",
)
"""Cells that are no Python."""


def cells(data: bytes) -> list[tuple[str, int]]:
    """The source of each code cell and the line of the file on which it begins; none where it is no notebook.

    Magics of IPython (``%``, ``!``) become comments. Where the lines of a cell do not stand on lines of their
    own that follow each other, its later lines are only near to where they are counted.
    """
    text, _ = decode(data)
    root = json_files.parse(text).roots[:1]
    if not root or not isinstance(root[0], Mapping):
        return []
    found = list(root[0].mappings("cells"))
    for sheet in root[0].mappings("worksheets"):  # version 3
        found += sheet.mappings("cells")
    code = [cell for cell in found[:MAX_CELLS] if cell.text("cell_type") == "code"]
    return [made for cell in code if (made := _source(cell)) is not None]


def _source(cell: Mapping) -> tuple[str, int] | None:
    node = cell.get("source") or cell.get("input")
    if node is None:
        return None
    parts = _parts(node)
    text = "".join(part.value for part in parts)
    if not text.strip() or text.lstrip().startswith(NOT_PYTHON):
        return None
    return "\n".join(_plain(line) for line in text.split("\n")), parts[0].line


def _parts(node: Node) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    return [] if isinstance(node, Mapping) else [item for item in node.items if isinstance(item, Scalar)]


def _plain(line: str) -> str:
    """A line that Python reads: magics become comments."""
    bare = line.lstrip()
    if bare[:1] in ("%", "!", "?"):
        return f"{line[: len(line) - len(bare)]}pass  # {bare}"
    return line
