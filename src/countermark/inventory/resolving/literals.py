"""Literals: the strings in tables and lists, each with its key and what is around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from countermark.inventory.reading.expressions import (
    Call,
    Either,
    Env,
    Expression,
    Many,
    Table,
    Text,
)
from countermark.inventory.resolving.roles import Role, role, snake

MAX_KEYS = 8
"""Nobody nests tables deeper."""
MAX_DEPTH = 40
"""Of lists in lists, which have no keys."""


@dataclass(frozen=True, slots=True)
class Row:
    """A string in a literal."""

    text: Text
    key: str = ""
    """The key that it stands under."""
    path: tuple[str, ...] = ()
    table: Table | None = None
    """The innermost table that it is in."""
    around: Table | None = None
    """The table around that."""
    is_key: bool = False

    @property
    def names_a_model(self) -> bool:
        """Whether its key says that it is a model; ``models`` says only that it is one of them."""
        return role(self.key) is Role.MODEL and self.key != "models" and not self.is_key

    def below(self, key: str) -> Row:
        """A row one key further in."""
        return replace(self, key=key, path=(*self.path, key))


def texts(value: Expression, inside: Row | None = None, depth: int = 0) -> Iterator[Row]:
    """The strings in a literal, each with its key and its table."""
    here = inside or Row(Text("", 0))
    if len(here.path) > MAX_KEYS or depth > MAX_DEPTH:
        return
    if isinstance(value, Text):
        yield replace(here, text=value)
    elif isinstance(value, Table):
        inner = replace(here, table=value, around=here.table)
        for name, each in value.entries:
            if isinstance(name, Text):
                yield replace(inner, text=name, key="", is_key=True)
                yield from texts(each, inner.below(name.value), depth + 1)
    else:
        for each, row in _inner(value, here):
            yield from texts(each, row, depth + 1)


def _inner(value: Expression, here: Row) -> Iterator[tuple[Expression, Row]]:
    """What a literal that is no table holds."""
    match value:
        case Many(items=each) | Either(options=each):
            yield from ((one, here) for one in each)
        case Call():
            yield from ((one, here.below(name)) for name, one in value.kwargs)
            yield from ((one, here) for one in value.args if isinstance(one, Table | Many))
        case Env(default=default) if default is not None:
            yield default, here
        case _:
            return


def is_key(key: Expression) -> bool:
    """Whether a key of a table is one for access: then the table is used, not shown."""
    return isinstance(key, Text) and snake(key.value).endswith(
        ("api_key", "apikey", "secret_key", "access_key")
    )
