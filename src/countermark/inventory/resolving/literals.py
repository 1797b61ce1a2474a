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
from countermark.inventory.resolving.roles import snake


@dataclass(frozen=True, slots=True)
class Row:
    """A string in a literal."""

    text: Text
    key: str = ""
    """The key that it stands under."""
    path: tuple[str, ...] = ()
    table: Table | None = None
    """The innermost table that it is in, and the one around that."""
    around: Table | None = None
    is_key: bool = False


def texts(value: Expression, inside: Row | None = None) -> Iterator[Row]:
    """The strings in a literal, each with its key and its table."""
    here = inside or Row(Text("", 0))
    if len(here.path) > 8:  # noqa: PLR2004 - nobody nests tables so
        return
    match value:
        case Text():
            yield replace(here, text=value)
        case Many():
            for item in value.items:
                yield from texts(item, here)
        case Table():
            inner = replace(here, table=value, around=here.table)
            for name, each in value.entries:
                if isinstance(name, Text):
                    yield replace(inner, text=name, key="", is_key=True)
                    yield from texts(each, replace(inner, key=name.value, path=(*here.path, name.value)))
        case Call():
            for argument, each in value.kwargs:
                yield from texts(each, replace(here, key=argument, path=(*here.path, argument)))
            for each in value.args:
                if isinstance(each, Table | Many):
                    yield from texts(each, here)
        case Env() if value.default is not None:
            yield from texts(value.default, here)
        case Either():
            for each in value.options:
                yield from texts(each, here)
        case _:
            return


def is_key(key: Expression) -> bool:
    """Whether a key of a table is one for access: then the table is used, not shown."""
    return isinstance(key, Text) and snake(key.value).endswith(
        ("api_key", "apikey", "secret_key", "access_key")
    )
