"""The page on containers says what really happens."""

from __future__ import annotations

from pathlib import Path

import label_matrix
import pytest

from countermark import labels

CELLS = {
    line.split(" | ")[0].removeprefix("| "): line.strip("| \n").split(" | ")
    for line in label_matrix.PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ")
}


@pytest.mark.parametrize("name", [name for name in labels.CONTAINERS if name != "xmp"])
def test_a_row_says_what_happens(name: str, tmp_path: Path) -> None:
    found = label_matrix.row(name, tmp_path).cells()
    stated = CELLS[labels.CONTAINERS[name].title]
    missing = label_matrix.absent()
    if name in ("ooxml", "epub", "ofd") and not label_matrix.reads_archives():
        missing.append("exiftool")
    tools = [tool for tool in stated[-1].split(", ") if tool not in missing]
    assert found[:5] == stated[:5]
    assert found[6:8] == stated[6:8]
    assert found[-1].replace("—", "").split(", ") == ([tool for tool in tools if tool != "—"] or [""])
    ways = found[5].split(" / ")
    assert found[5] == stated[5] or (ways[0] == "copy" and stated[5].startswith("inserted"))
