"""Variables and settings: what the files of a deployment set, by the order in which they override one another."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import replace

from countermark.inventory import areas
from countermark.inventory.reading.config import is_template
from countermark.inventory.reading.expressions import (
    Assignment,
    Document,
    Entry,
    Env,
    Expression,
    Setting,
)
from countermark.inventory.resolving.index import Index
from countermark.inventory.resolving.known import At, Known, settled, unknown
from countermark.inventory.resolving.roles import snake
from countermark.inventory.usage import State

MAX_VALUES = 24
RANKS = {"dockerfile": 1, "env": 2, "shell": 3}
"""What overrides what: a higher number wins over a lower."""
COMPOSED = 4
"""Compose, Kubernetes, a unit of systemd: what the container really gets."""
Values = Callable[[Expression, At], list[Known]]


class Settings:
    """What variables and settings are."""

    def __init__(self, index: Index, values: Values) -> None:
        self.index = index
        self.values = values

    def setting(self, setting: Setting, at: At) -> list[Known]:
        found: list[Known] = []
        for document, entry in self.entries(setting.path):
            if entry.value is setting:
                continue
            where = At(document.path, None, (), document)
            found += [
                replace(v, source=v.source or (document, entry)) for v in self.values(entry.value, where)
            ]
        overridden = self._overriding(setting, at)
        if overridden:
            found = [*overridden, *(v.under(State.FALLBACK, "a variable overrides it") for v in found)]
        for module, bound in self.index.defaults.get(tuple(map(snake, setting.path)), ()):
            state = State.FALLBACK if any(v.known and v.state is None for v in found) else None
            where = At(module.path, module)
            found += [v.under(state, "a setting overrides it") for v in self.values(bound.value, where)]
        if setting.default is not None:
            state = State.FALLBACK if any(v.known and v.state is None for v in found) else None
            found += [v.under(state, "a setting overrides it") for v in self.values(setting.default, at)]
        return settled(found) or [unknown(setting, at)]

    def _overriding(self, setting: Setting, at: At) -> list[Known]:
        """``LLM_MODEL`` overrides ``llm.model`` where libraries bind the environment to settings."""
        if len(setting.path) < 2:  # noqa: PLR2004 - too little to be meant
            return []
        name = "_".join(map(snake, setting.path)).upper()
        names = [
            n
            for n in self.index.variables
            if n == name or (n.endswith(f"_{name}") and n.count("_") == name.count("_") + 1)
        ]
        return [
            v for n in names for v in self.variable(Env(n, setting.line), at) if v.known and v.state is None
        ]

    def variable(self, env: Env, at: At) -> list[Known]:
        """A variable: what the tree sets it to, else the default; templates count where nothing else does."""
        ranked: list[tuple[int, Known]] = []
        templates: list[Known] = []
        for document, assignment in self._assigned(env.name, at):
            where = At(document.path, None, (), document)
            for value in self.values(assignment.value, where):
                known = replace(value, source=(document, assignment))
                if value.known and not value.text:
                    continue  # `X=`: not set
                if assignment.off:
                    ranked.append((0, known.under(State.OFF, assignment.off)))
                elif assignment.template or is_template(document.path):
                    templates.append(known)
                else:
                    ranked.append((RANKS.get(document.format, COMPOSED), known))
        top = max((rank for rank, k in ranked if k.known and k.state is None), default=0)
        found = [
            k if rank == top or not k.known else k.under(State.FALLBACK, f"{env.name} is set elsewhere")
            for rank, k in ranked
            if k.known or rank == top
        ]
        default = self.values(env.default, at) if env.default is not None else []
        known = any(d.known and d.state is None and d.text for d in default)
        found += [
            d.under(State.FALLBACK if top else None, f"{env.name} overrides it")
            for d in default
            if d.text or not top
        ]
        over = bool(top) or known
        found += [t.under(State.DOCUMENTED if over else None, "a template") for t in templates]
        return settled(found) or [unknown(env, at)]

    def entries(self, path: Sequence[str]) -> list[tuple[Document, Entry]]:
        """The entries of configuration files under a path, or under the end of one."""
        if not path:
            return []
        wanted = [snake(part) for part in path]
        found = [
            (d, e)
            for d, e in self.index.entries.get(wanted[-1], ())
            if areas.of(d.path) is None and not e.off and _ends(e.path, wanted)
        ]
        plain = [(d, e) for d, e in found if not is_template(d.path)]
        return (plain or found)[:MAX_VALUES]

    def _assigned(self, name: str, at: At) -> list[tuple[Document, Assignment]]:
        """Where a variable is given a value, the nearest ``.env`` only."""
        found = [
            (d, a)
            for d, a in self.index.variables.get(name.upper(), ())
            if areas.of(d.path) in (None, State.DOCUMENTED)
            and not (areas.of(d.path) and not (a.template or is_template(d.path)))
            and not (isinstance(a.value, Env) and a.value.name == name and a.value.default is None)
        ]
        if at.document is not None:  # an interpolation: `X: ${X:-d}` does not set what it reads
            found = [(d, a) for d, a in found if d is not at.document or d.format in ("shell", "env")]
            found = [(d, a) for d, a in found if RANKS.get(d.format, COMPOSED) < COMPOSED]
        files = [(d, a) for d, a in found if d.format == "env"]
        above = [(d, a) for d, a in files if at.path.startswith(_folder(d.path))]
        if above:
            depth = (
                max(len(_folder(d.path)) for d, _ in above if not a_template(d))
                if any(not a_template(d) for d, _ in above)
                else 0
            )
            found = [
                (d, a)
                for d, a in found
                if d.format != "env" or (a_template(d) or len(_folder(d.path)) == depth)
            ]
        return found[:MAX_VALUES]


def a_template(document: Document) -> bool:
    """Whether a document is one to copy first."""
    return is_template(document.path)


def _ends(path: Sequence[str], wanted: Sequence[str]) -> bool:
    keys = [snake(part) for part in path if not part.startswith("[")]
    return len(keys) >= len(wanted) and keys[len(keys) - len(wanted) :] == list(wanted)


def _folder(path: str) -> str:
    folder = posixpath.dirname(path)
    return f"{folder}/" if folder else ""
