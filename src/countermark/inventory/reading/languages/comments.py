"""Comments that quote something or look like code that was switched off."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ast_grep_py import Config, Rule, SgNode

from countermark.inventory.reading.expressions import Context, Loose, Module, Text

MAX_COMMENTS = 5_000
MAX_WIDTH = 400
QUOTED = re.compile(r"""(["'`])[^"'`\s][^"'`]{0,200}\1""")
CODE = re.compile(
    r"""[\w.$@>\[\]"'-]{1,80}\s*(?::=|\|\|=|\+=|=(?![=>]))\s*\S|["']?[\w-]{1,80}["']?:\s*\S+,$"""
    r"""|[\w.:$>-]{1,80}\(.*\)[;,{]?$|(?:import|export|use|require|return|const|let|var|val)\s.*[;"')]$"""
)
MARKS = re.compile(r"^\s*(?:/\*+!?|\*+/|///?!?|\*(?!/)|#+!?|=begin|=end|--)\s?|\s*\*+/\s*$")
WHERE = frozenset([Context.COMMENT])


def note(module: Module, root: SgNode, kinds: Sequence[str]) -> None:
    """Add the lines of comments that quote a string or look like code to what is loose in a module."""
    rules = [Rule(kind=kind) for kind in kinds]
    for node in root.find_all(Config(rule=Rule(any=rules)))[:MAX_COMMENTS]:
        text = node.text()
        start = node.range().start.line + 1
        for number, line in enumerate(text.split("\n"), start):
            said = _said(line[:MAX_WIDTH])
            if said:
                module.loose.append(Loose(Text(said, number), (), WHERE))


def _said(line: str) -> str:
    """A line of a comment without its marks; empty where it is mere prose."""
    quotes = '"' in line or "'" in line or "`" in line
    if not quotes and "=" not in line and ";" not in line and ")" not in line and "," not in line:
        return ""
    said = MARKS.sub("", MARKS.sub("", line)).strip()
    return said if (quotes and QUOTED.search(said)) or CODE.match(said) else ""
