"""Usages out of tables and lists in code that no call was followed to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from countermark.inventory import areas, names
from countermark.inventory.reading.config import is_template
from countermark.inventory.reading.expressions import Call, Expression, Many, Table, Text
from countermark.inventory.resolving.finds import Find, Finds, is_id
from countermark.inventory.resolving.hosts import NOWHERE, Address, address
from countermark.inventory.resolving.known import At, Known, Standing
from countermark.inventory.resolving.literals import Row, is_key, texts
from countermark.inventory.resolving.roles import Role, flat, role, snake
from countermark.inventory.resolving.vocabulary import FALLBACKS, LISTS
from countermark.inventory.usage import Place, State

DEFAULTS = re.compile(r"default|setting|config|conf$|option|preset")
"""Names of tables whose values a file of settings overrides."""
SEVERAL = 4
"""As many constants in one place are a catalogue."""
OFFERED_AS = ("model_name", "name", "alias")
"""Keys under which a table gives the name by which its model is asked for."""


class Facts:
    """What the keys of one table say; it is read through once."""

    def __init__(self, table: Table, spare: frozenset[str]) -> None:
        self.table = table
        keys = [key for key, _ in table.entries]
        self.hosts = [
            (k.value, v) for k, v in table.entries if isinstance(k, Text) and role(k.value) is Role.HOST
        ]
        """Addresses, by their keys."""
        self.is_called = bool(self.hosts) or any(map(is_key, keys))
        """Whether an address or a key for access says that the model in it is used."""
        self.has_provider = any(isinstance(key, Text) and role(key.value) is Role.PROVIDER for key in keys)
        offered = (v for k, v in table.entries if isinstance(k, Text) and k.value in OFFERED_AS)
        name = next((value.value for value in offered if isinstance(value, Text)), None)
        self.is_spare = name in spare
        """Whether the name under which it offers its model is one that others fall back on."""


class Tables:
    """Looks at every table and list."""

    def __init__(self, finds: Finds) -> None:
        self.finds = finds
        self.index = finds.index
        self.spare = frozenset(self._spare_names())
        """Names that stand below ``fallbacks`` somewhere."""
        self._facts: dict[int, Facts] = {}
        self._overridden: dict[str, bool] = {}

    def table(self, value: Table | Many | Call, at: At, state: State | None, name: str) -> None:
        """Ids in a literal: one under ``model`` is set, many are a choice."""
        rows = [row for row in texts(value) if self._is_named(row)]
        count = len({row.text.value for row in rows if row.names_a_model})
        for row in rows:
            text = row.text
            if (at.path, text.line, text.value) in self.finds.taken:
                continue
            final, why = (state, "") if state is not None else self._standing(row, name, count)
            known = Known(text.value, Place(at.path, text.line, what=name))
            where = self.finds.beside(text.value, self._host(row, at))
            self.finds.add(Find(known, where, state=final, why=(why,), hint=f"{name} {row.key}"))

    def _facts_of(self, table: Table) -> Facts:
        if id(table) not in self._facts:
            self._facts[id(table)] = Facts(table, self.spare)
        return self._facts[id(table)]

    def _standing(self, row: Row, name: str, count: int) -> Standing:
        """What the keys around a model in a literal say of it."""
        around = [self._facts_of(table) for table in (row.table, row.around) if table is not None]
        words = {name, *map(snake, row.path)}
        if any(map(FALLBACKS.search, words)) or any(facts.is_spare for facts in around):
            return State.FALLBACK, f"a fallback in {name}"
        if row.names_a_model and DEFAULTS.search(name) and self._is_overridden(row.key):
            return State.FALLBACK, f"a configuration file gives {row.key}"
        own = self._facts_of(row.table) if row.table is not None else None
        is_called = own is not None and (own.is_called or own.has_provider)
        is_set = is_called or (count < SEVERAL and not any(map(LISTS.search, words)))
        return (None, "") if row.names_a_model and is_set else (State.CATALOGUE, f"one of those in {name}")

    def _is_overridden(self, key: str) -> bool:
        """Whether a configuration file of the tree gives the same setting."""
        if key not in self._overridden:
            self._overridden[key] = any(
                e.path[-1] == key and not e.off and areas.of(d.path) is None and not is_template(d.path)
                for d, e in self.index.entries.get(flat(key), ())
            )
        return self._overridden[key]

    def _is_named(self, row: Row) -> bool:
        """Whether a string in a literal is a model: by its grammar, or by what stands beside it."""
        if names.parse(row.text.value) is not None:
            return True
        if row.is_key or row.table is None or role(row.key) is not Role.MODEL or not is_id(row.text.value):
            return False
        return self._facts_of(row.table).is_called

    def _host(self, row: Row, at: At) -> Address:
        """The address in the same table, else in the one around it."""
        tables = (table for table in (row.table, row.around) if table is not None)
        found = (
            address(host, f"{key} beside it")
            for table in tables
            for key, value in self._facts_of(table).hosts
            for host in self.finds.hosts.of(value, at)[:1]
        )
        return next(found, NOWHERE)

    def _spare_names(self) -> Iterator[str]:
        """The texts in what is called ``fallbacks``, in calls and in files of settings."""
        for module in self.index.modules.values():
            given = (pair for site in module.calls for pair in site.call.kwargs)
            yield from _listed(value for name, value in given if FALLBACKS.search(snake(name)))
        for document in self.index.documents:
            for entry in document.entries:
                if isinstance(entry.value, Text) and any(FALLBACKS.search(snake(key)) for key in entry.path):
                    yield entry.value.value


def _listed(values: Iterator[Expression]) -> Iterator[str]:
    return (row.text.value for value in values for row in texts(value) if not row.is_key)
