"""The cells of notebooks, and where they stand."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.reading.config import notebook


def test_cells_with_their_lines() -> None:
    document = {
        "cells": [
            {"cell_type": "markdown", "source": ["# gpt-4"]},
            {"cell_type": "code", "source": ["%pip install openai\n", "model = 'gpt-4o'\n", "!ls"]},
            {"cell_type": "code", "source": "x = 1\ny = 2"},
            {"cell_type": "code", "source": ["%%bash\n", "ls"]},
            {"cell_type": "code", "source": []},
        ],
        "nbformat": 4,
    }
    text = json.dumps(document, indent=1)
    lines = text.split("\n")
    cells = notebook.cells(text.encode())
    assert [source for source, _ in cells] == [
        "pass  # %pip install openai\nmodel = 'gpt-4o'\npass  # !ls",
        "x = 1\ny = 2",
    ]
    assert "%pip install" in lines[cells[0][1] - 1]
    assert "model = 'gpt-4o'" in lines[cells[0][1]]
    assert "x = 1" in lines[cells[1][1] - 1]


def test_the_third_version_of_the_format() -> None:
    data = b'{"worksheets": [{"cells": [\n{"cell_type": "code", "input": ["a = 1"]}]}]}'
    assert notebook.cells(data) == [("a = 1", 2)]


@given(st.binary(max_size=100) | st.text(st.sampled_from('{}[]":,cellsoure_tyd\n')).map(str.encode))
@settings(deadline=None, max_examples=200)
def test_any_bytes_give_cells(data: bytes) -> None:
    assert all(line > 0 for _, line in notebook.cells(data))
