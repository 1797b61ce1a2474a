"""Commands as they are noted: those that start a container are what runs in it, with its image."""

from __future__ import annotations

from collections.abc import Sequence

from countermark.inventory.reading.expressions import Command, Document, Expression, Text
from countermark.inventory.reading.shell_containers import ENGINES, started


def start(document: Document, words: Sequence[Expression], line: int, scope: str, off: str = "") -> None:
    """Note a command of a file."""
    program = words[0].value.rpartition("/")[2] if isinstance(words[0], Text) else ""
    if program in ENGINES:
        started(document, words, line, off)
    else:
        document.commands.append(Command(tuple(words), line, scope, "", off))
