"""From bytes to a tree, within limits that hold for any bytes."""

from __future__ import annotations

import re

from ast_grep_py import SgNode, SgRoot

MAX_BYTES = 2 << 20
MAX_LINE = 8_192
"""Characters. Finding a position in a longer line costs as much as the line is long."""
MAX_OPEN = 400
"""Brackets within brackets, and openings in a row: more of them are no program, and cost without end."""
