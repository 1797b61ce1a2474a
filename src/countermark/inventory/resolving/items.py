"""Entries of tables and lists, and of settings that were loaded into one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from countermark.inventory.reading.expressions import (
    Call,
    Expression,
    Item,
    Many,
    Ref,
    Table,
    Text,
    Unknown,
)
from countermark.inventory.resolving.known import At, Known, Thing
from countermark.inventory.usage import State

if TYPE_CHECKING:
    from countermark.inventory.resolving.following import Follower

EACH = "each"
"""How a reader writes the place in a list that a loop goes through."""


class Items:
    """Finds entries."""

    def __init__(self, follower: Follower) -> None:
        self.follower = follower
        self._tables: dict[int, tuple[Table, dict[str, list[tuple[int, Expression]]]]] = {}
        """Tables by their identity, each kept so that the identity stays its own."""

    def of(self, item: Item, at: At) -> list[Thing]:
        """An entry of a table; of settings that were loaded, where it is no table that stands there."""
        keys = [v for v in self.follower.values(item.key, at) if v.known and v.state is None]
        found: list[Thing] = []
        is_literal = False
        for owner in self.follower.owners(item.of, at):
            inner = self._in_literal(owner, item.key, keys)
            if inner is not None:
                is_literal = True
                found += inner
            elif isinstance(owner.expression, Many) and not keys:
                found += [Thing(each, owner.at) for each in owner.expression.items]
            elif isinstance(owner.expression, Call) and keys:
                found += self.follower.made(owner.expression, owner.at, (keys[0].text,))
        if not found and not is_literal:
            found = self._of_settings(item, at, keys)
        if item.default is not None:
            is_spare = any(thing.state is None for thing in found)
            why = "the default of a setting that is given" if is_spare else ""
            found.append(Thing(item.default, at, State.FALLBACK if is_spare else None, why))
        return found

    def entry(self, table: Table, *keys: str) -> list[Expression]:
        """The values under some keys of a table, which is read through once."""
        if id(table) not in self._tables:
            entries: dict[str, list[tuple[int, Expression]]] = {}
            for number, (name, value) in enumerate(table.entries):
                if isinstance(name, Text):
                    entries.setdefault(name.value, []).append((number, value))
            self._tables[id(table)] = (table, entries)
        known = self._tables[id(table)][1]
        found = {number: value for key in keys for number, value in known.get(key, ())}
        return [found[number] for number in sorted(found)]

    def _in_literal(self, owner: Thing, key: Expression, keys: Sequence[Known]) -> list[Thing] | None:
        """An entry of a literal; None where it is no table or list, or the key says nothing."""
        literal = owner.expression
        if isinstance(literal, Table):
            if keys:
                wanted = [known.text for known in keys]
                return [Thing(value, owner.at) for value in self.entry(literal, *wanted)]
            why = "one entry of a table"
            return [Thing(value, owner.at, State.CATALOGUE, why) for _, value in literal.entries]
        if not isinstance(literal, Many) or not isinstance(key, Unknown):
            return None
        if key.source.isdigit():
            position = int(key.source)
            return [Thing(each, owner.at) for each in literal.items[position : position + 1]]
        if key.source != EACH:
            return None
        later = [Thing(each, owner.at, State.FALLBACK, "a later one of a loop") for each in literal.items[1:]]
        return [*(Thing(each, owner.at) for each in literal.items[:1]), *later]

    def _of_settings(self, item: Item, at: At, keys: Sequence[Known]) -> list[Thing]:
        """An entry of what was loaded from files: by the keys that lead to it, else by its own."""
        found = self.follower.entries(self._path(item, at))
        if len(keys) != 1 or any(thing.state is None for thing in found):
            return found
        key = keys[0].text
        held = self.follower.index.keyed.get(key, ())
        found += [Thing(value, where) for value, where in held] if len(held) == 1 else []
        if not found and key.isupper():  # `app.config["X"]`, filled from a class or a module
            return self.follower.by_field(Ref(("config", key), item.line), at)
        return found

    def _path(self, item: Item, at: At) -> tuple[str, ...]:
        """The keys of ``config["a"]["b"]``."""
        keys: list[str] = []
        node: Expression = item
        while isinstance(node, Item):
            values = [value for value in self.follower.values(node.key, at) if value.known]
            if len(values) != 1:
                return ()
            keys.append(values[0].text)
            node = node.of
        return tuple(reversed(keys))
