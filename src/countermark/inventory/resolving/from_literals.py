"""Usages out of constants, fields, tables and loose strings that no call was followed to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from countermark.inventory import areas, names
from countermark.inventory.reading.config import is_template
from countermark.inventory.reading.expressions import (
    Binding,
    Call,
    CallSite,
    Context,
    Either,
    Env,
    Item,
    Join,
    Many,
    Module,
    Ref,
    Setting,
    Table,
    Text,
)
from countermark.inventory.resolving.finds import Finds, is_id, several
from countermark.inventory.resolving.hosts import NOWHERE, Address, address, shared, speaks
from countermark.inventory.resolving.known import At, Known
from countermark.inventory.resolving.literals import Row, is_key, texts
from countermark.inventory.resolving.roles import Role, hinted, role, snake, stem
from countermark.inventory.resolving.settings import flat
from countermark.inventory.resolving.uses import FALLBACKS, LISTS, Use
from countermark.inventory.usage import Kind, Place, State

DEFAULTS = re.compile(r"default|setting|config|conf$|option|preset")
"""Names of tables whose values a file of settings overrides."""
BODY = re.compile(r'\\*"model\\*"\s*:\s*\\*"([^"\\$%{]{2,120})\\*"')
"""The model in the body of a request that is written as text, its quotes escaped or not."""
SEVERAL = 4
"""As many constants in one place are a catalogue."""


class Literals:
    """Looks at every binding and loose string."""

    def __init__(self, finds: Finds) -> None:
        self.finds = finds
        self.index = finds.index
        self.resolver = finds.resolver
        self.hosts = finds.hosts
        self.spare = frozenset(self._spare_names())
        """Names that stand below ``fallbacks`` somewhere."""

    def binding(self, binding: Binding, at: At) -> None:
        """A constant, a field or a default that no call was followed to."""
        value = binding.value
        name = binding.name[-1]
        key = role(name)
        if key is Role.HOST:
            return
        area = areas.of(at.path)
        state, why = (area, f"in {at.path}") if area else (None, "")
        if Context.TEST in binding.contexts:
            state = State.TEST
        elif state is None:
            state, why = self.resolver.bindings.standing(binding, at)
        if Context.CHOICE in binding.contexts:
            state, why = state or State.CATALOGUE, "one of the values to choose from"
        match value:
            case Text() | Env() | Setting() | Join() | Either() | Item():
                self._value(binding, at, key, state, why)
            case Table() | Many() | Call():
                self._table(value, at, state, snake(name))
            case _:
                return

    def _value(self, binding: Binding, at: At, key: Role, state: State | None, why: str) -> None:
        name = binding.name[-1]
        held = self.resolver.bindings.filled(binding, at)
        for value in self.resolver.values(held, at):
            if (value.place.path, value.place.line, value.text) in self.finds.taken or not value.known:
                continue
            for text in (
                several(value.text) if key is Role.MODEL or LISTS.search(snake(name)) else [value.text]
            ):
                if not self._binding_names_a_model(text, name, key, binding):
                    continue
                final, reason = state, why
                if final is None:
                    final, reason = self._constant(binding, at, key)
                where = self.finds.beside(text, self.hosts.beside(value))
                if not where.host:
                    where = self._neighbour(binding, at)
                shown = Place(at.path, binding.line, what=".".join(binding.name))
                self.finds.add(
                    replace(value, text=text), where, Kind.UNKNOWN, final, (reason,), shown, hint=name
                )

    def _binding_names_a_model(self, text: str, name: str, key: Role, binding: Binding) -> bool:
        if names.parse(text) is not None:
            return True
        if key is not Role.MODEL or not is_id(text) or not ("-" in text or "/" in text or ":" in text):
            return False
        return hinted(name) and (binding.field or name.isupper() or isinstance(binding.value, Env))

    def _constant(self, binding: Binding, at: At, key: Role) -> tuple[State | None, str]:
        """What a constant is that calls were not followed to."""
        name = binding.name[-1]
        if FALLBACKS.search(snake(name)):
            return State.FALLBACK, name
        alone = self._beside(binding, at) < SEVERAL and name in self.index.references
        if key is not Role.MODEL and not hinted(name) and not alone:
            return State.CATALOGUE, f"a constant called {name}"
        siblings = [
            b for b in at.module.bindings
            if at.module and b.name[:-1] == binding.name[:-1] and isinstance(b.value, Text) and names.parse(b.value.value)
        ] if at.module else []  # fmt: skip
        if len(siblings) >= SEVERAL and role(name) is not Role.MODEL:
            return State.CATALOGUE, f"one of {len(siblings)} constants"
        parameters = at.module.parameters.get(binding.name[:-1]) if at.module is not None else None
        local = parameters is not None
        if parameters and name in parameters and binding.name[-2] not in self.index.references:
            return State.STALE, f"nothing calls {binding.name[-2]}"
        if (
            not binding.field
            and not local
            and isinstance(binding.value, Text)
            and name not in self.index.references
        ):
            return State.STALE, f"nothing refers to {name}"
        return None, ""

    @staticmethod
    def _beside(binding: Binding, at: At) -> int:
        """How many constants of the same place hold ids."""
        return sum(
            other.name[:-1] == binding.name[:-1]
            and isinstance(other.value, Text)
            and names.parse(other.value.value) is not None
            for other in (at.module.bindings if at.module else ())
        )

    def _neighbour(self, binding: Binding, at: At) -> Address:
        """A host beside a constant or a field, by the words that their names share."""
        if at.module is None:
            return NOWHERE

        wanted = stem(binding.name[-1])
        best: list[tuple[int, str]] = []
        for other in at.module.bindings:
            if other.name[:-1] == binding.name[:-1] and role(other.name[-1]) is Role.HOST:
                common = shared(stem(other.name[-1]), wanted)
                for host in self.hosts.hosts(self.resolver.bindings.filled(other, at), at)[:1]:
                    if common or speaks(host):
                        best.append((-common, host))
        return address(min(best)[1], "beside it") if best else NOWHERE

    def _table(self, value: Table | Many | Call, at: At, state: State | None, name: str) -> None:
        """Ids in a literal: one under ``model`` is set, many are a choice."""
        rows = [row for row in texts(value) if self._is_named(row)]
        keyed = {
            r.text.value for r in rows if role(r.key) is Role.MODEL and r.key != "models" and not r.is_key
        }
        for row in rows:
            text = row.text
            if (at.path, text.line, text.value) in self.finds.taken:
                continue
            final, why = state, ""
            if final is None:
                final, why = self._row_state(row, name, len(keyed))
            known = Known(text.value, Place(at.path, text.line, what=name))
            where = self.finds.beside(text.value, self._table_host(row, at))
            self.finds.add(known, where, Kind.UNKNOWN, final, (why,), hint=f"{name} {row.key}")

    def _row_state(self, row: Row, name: str, several: int) -> tuple[State | None, str]:
        words = {name, *(snake(key) for key in row.path)}
        if (
            any(FALLBACKS.search(word) for word in words)
            or self._is_fallback(row.table)
            or self._is_fallback(row.around)
        ):
            return State.FALLBACK, f"a fallback in {name}"
        set_here = role(row.key) is Role.MODEL and row.key != "models" and not row.is_key
        called = row.table is not None and any(
            isinstance(key, Text) and role(key.value) in (Role.HOST, Role.PROVIDER) or is_key(key)
            for key, _ in row.table.entries
        )
        if set_here and DEFAULTS.search(name) and self._is_overridden(row.key):
            return State.FALLBACK, f"a configuration file gives {row.key}"
        if set_here and (called or (several < SEVERAL and not any(LISTS.search(word) for word in words))):
            return None, ""
        return State.CATALOGUE, f"one of those in {name}"

    def _is_overridden(self, key: str) -> bool:
        """Whether a configuration file of the tree gives the same setting."""
        return any(
            e.path[-1] == key and not e.off and areas.of(d.path) is None and not is_template(d.path)
            for d, e in self.index.entries.get(flat(key), ())
        )

    def _is_named(self, row: Row) -> bool:
        if names.parse(row.text.value) is not None:
            return True
        beside = row.table is not None and any(is_key(key) or (isinstance(key, Text) and role(key.value) is Role.HOST)
                                               for key, _ in row.table.entries)  # fmt: skip
        return role(row.key) is Role.MODEL and beside and not row.is_key and is_id(row.text.value)

    def _is_fallback(self, table: Table | None) -> bool:
        """Whether the name under which a table offers its model is one that others fall back on."""
        for key, value in table.entries if table is not None else ():
            if (
                isinstance(key, Text)
                and key.value in ("model_name", "name", "alias")
                and isinstance(value, Text)
            ):
                return value.value in self.spare
        return False

    def _table_host(self, row: Row, at: At) -> Address:
        """The address in the same table, else in the one around it."""
        for table in (row.table, row.around):
            for key, value in table.entries if table is not None else ():
                if isinstance(key, Text) and role(key.value) is Role.HOST:
                    for host in self.hosts.hosts(value, at)[:1]:
                        return address(host, f"{key.value} beside it")
        return NOWHERE

    def bodies(self, module: Module) -> None:
        """``"{\"model\": \"x\"}"``: the body of a request that is written as text."""
        written = [(b.value, b.name[:-1], b.line) for b in module.bindings]
        written += [(a, s.scope, s.call.line) for s in module.calls for a in s.call.args]
        for value, scope, line in written:
            for part in value.parts if isinstance(value, Join) else (value,):
                if not isinstance(part, Text) or "model" not in part.value:
                    continue
                for found in BODY.finditer(part.value):
                    if names.parse(found[1]) is None and not is_id(found[1]):
                        continue
                    site = CallSite(Call(Ref(("body",), line), line), scope)
                    use = Use(
                        part, At(module.path, module, scope), site, "model", "body", (), None, Kind.UNKNOWN
                    )
                    known = Known(found[1], Place(module.path, part.line, what="body of a request"))
                    self.finds.add(known, self.hosts.of(use, known), Kind.UNKNOWN, areas.of(module.path), ())

    def loose(self, path: str, loose: Iterable[object]) -> None:
        area = areas.of(path)
        for each in loose:
            text, contexts = each.text, each.contexts  # type: ignore[attr-defined]
            if (path, text.line, text.value) in self.finds.taken or names.parse(text.value) is None:
                continue
            if Context.TEST in contexts:
                state, why = State.TEST, "in a test"
            elif Context.COMMENT in contexts:
                state, why = State.OFF, "commented out"
            else:
                state, why = State.CATALOGUE, "compared with, or one of the values to choose from"
            self.finds.add(
                Known(text.value, Place(path, text.line)), NOWHERE, Kind.UNKNOWN, area or state, (why,)
            )

    def _spare_names(self) -> Iterator[str]:
        for module in self.index.modules.values():
            for site in module.calls:
                for name, value in site.call.kwargs:
                    if FALLBACKS.search(snake(name)):
                        yield from (row.text.value for row in texts(value) if not row.is_key)
        for document in self.index.documents:
            for entry in document.entries:
                if any(FALLBACKS.search(snake(key)) for key in entry.path) and isinstance(entry.value, Text):
                    yield entry.value.value
