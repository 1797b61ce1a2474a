"""The lines of a YAML document, one after the other, with the comments between them.

Source: YAML 1.2.2 chapter 6.
"""

from __future__ import annotations

import re

from countermark.inventory.reading.config.trees import Node, Remark
from countermark.inventory.reading.config.yaml_scalars import OddError

COMMENTED = re.compile(r"#+\s*(?:- )?(?:[\w.\"'/-]+\s*[:=]|- \S)")
"""A comment that may be a setting."""
END = -1
MAX_ODD = 300
"""Lines that are not understood; a file with more is no YAML."""


class Lines:
    """One document: the lines of a file from ``at`` to ``end``."""

    def __init__(self, lines: list[str], at: int, end: int, *, lenient: bool = False) -> None:
        self.lines = lines
        self.at = at
        self.end = end
        self.lenient = lenient
        self.content = ""
        """The line at ``at`` without its indentation, after :meth:`peek`."""
        self.anchors: dict[str, Node] = {}
        self.open: list[tuple[int, str]] = []
        """The keys around the line that is read, with their indentation."""
        self.depth = 0
        self.remarks: list[Remark] = []
        self.skipped = 0
        """How many lines were not understood."""
        self.first_odd = 0

    def odd(self, what: str) -> None:
        """Pass over a line that is not understood.

        Raises:
            OddError: the reading is not lenient, or has passed over too many.
        """
        if not self.lenient or self.skipped >= MAX_ODD:
            raise OddError(f"{what}, in line {self.at + 1}")
        self.skipped += 1
        self.first_odd = self.first_odd or self.at + 1
        self.at += 1

    def peek(self) -> int:
        """The indentation of the next line that says something; -1 at the end."""
        while self.at < self.end:
            line = self.lines[self.at]
            content = line.lstrip(" ")
            if content and content[0] == "\t":
                content = content.lstrip(" \t")
                if content and content[0] != "#":
                    self._tab()
                    continue
            if content and content[0] != "#" and content != "\r":
                self.content = content
                return len(line) - len(content)
            if content and content[0] == "#" and COMMENTED.match(content):
                self._remark(content, len(line) - len(content))
            self.at += 1
        return END

    def is_item(self) -> bool:
        """Whether the line that :meth:`peek` found begins an element of a list."""
        return self.content[0] == "-" and (len(self.content) == 1 or self.content[1] in " \t")

    def _tab(self) -> None:
        if self.lenient:
            self.lines[self.at] = self.lines[self.at].expandtabs(4)
        else:
            self.odd("a tab in the indentation")

    def _remark(self, content: str, column: int) -> None:
        mark = column
        text = content.lstrip("#")
        inner = text.lstrip(" \t")
        if column == 0 and text.startswith("  "):
            column = len(text) - len(inner)
        listed = inner.startswith("- ")
        parents = []
        for indent, key in self.open:
            if indent < column or (listed and indent == column and key[0] != "["):
                parents.append(key)
            else:
                break
        self.remarks.append(Remark(self.at + 1, text, tuple(parents), mark))
