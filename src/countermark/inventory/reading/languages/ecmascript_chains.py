"""JavaScript: chains of names, and the variables of the environment that they begin with."""

from __future__ import annotations

import re

from countermark.inventory.reading.expressions import Env, Expression, Member, Ref
from countermark.inventory.reading.languages import placeholders

CHAIN = re.compile(r"[\w$#]+(?:!?\??\.[\w$#]+)+!?")
MARKS = str.maketrans("", "", "?!#")
"""What may stand in a chain beside its names."""
ENV_ROOTS = frozenset(["process", "import", "Bun", "Deno"])


def chain_of(source: str) -> tuple[str, ...]:
    """The names of ``a?.b!.#c``."""
    return tuple(source.translate(MARKS).split("."))


def variable_of(path: tuple[str, ...], line: int) -> Expression:
    """A chain of names, or the variable of the environment that it begins with."""
    if "env" in path:
        at = path.index("env") + 1
        if at < len(path) and (at == 1 or path[0] in ENV_ROOTS or at == len(path) - 1):
            name, rest = path[at], path[at + 1 :]
            if path[0] in ENV_ROOTS or (not rest and placeholders.VARIABLE.fullmatch(name)):
                variable = Env(name, line)
                return Member(variable, rest, line) if rest else variable
    return Ref(path, line)
