"""What command lines give to programs: their options, and the variables that they set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from countermark.inventory.reading.expressions import Assignment, Command, Expression, Text
from countermark.inventory.resolving.vocabulary import RUNNERS

PROGRAM = re.compile(r"[\w./-]*?(\w+)\.(?:py|js|ts|mjs)|([\w.]+)")
"""A script with its folder and suffix, or the name of a module."""
PAIRS = frozenset(["--build-arg", "-e", "--env"])
"""Options whose value is a variable and what it is set to."""


def assignments(command: Command) -> Iterator[Assignment]:
    """The options of a command line, as variables of the program that it starts: ``serve --model``."""
    program = next((name for word in command.words if (name := _program(word))), "")
    for word, after in pairwise([*command.words, None]):
        if not isinstance(word, Text) or not word.value.startswith("-"):
            continue
        if word.value in PAIRS and isinstance(after, Text) and "=" in after.value:
            variable, _, said = after.value.partition("=")
            yield Assignment(variable, Text(said, after.line), after.line, "build:", command.off)
        flag, given, text = word.value.partition("=")
        value: Expression | None = Text(text, word.line) if given else after
        if program and value is not None and not _is_option(value):
            line = getattr(value, "line", command.line) or command.line
            yield Assignment(f"{program} {flag}", value, line, command.scope, command.off)


def _is_option(value: Expression) -> bool:
    return isinstance(value, Text) and value.value.startswith("-")


def _program(word: Expression) -> str:
    """The script that a word names, without folder and suffix: ``app/serve.py`` is ``serve``."""
    if not isinstance(word, Text) or word.value.startswith("-") or word.value in RUNNERS:
        return ""
    found = PROGRAM.fullmatch(word.value)
    if found is None:
        return ""
    return found[1] or word.value.rpartition(".")[2]
