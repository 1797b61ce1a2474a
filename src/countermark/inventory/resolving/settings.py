"""Variables and settings: what the files of a deployment set, by the order in which they override one another."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

from countermark.inventory import areas
from countermark.inventory.reading.config import is_template
from countermark.inventory.reading.expressions import (
    Assignment,
    Document,
    Entry,
    Env,
    Expression,
    Setting,
    Text,
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
        self._found: dict[tuple[str, ...], list[tuple[Document, Entry, State | None, str]]] = {}
        self._passed: dict[str, bool] = {}
        self._contexts: dict[tuple[int, str], str] = {}

    def setting(self, setting: Setting, at: At) -> list[Known]:
        found: list[Known] = []
        for document, entry, state, why in self.entries(setting.path):
            if entry.value is setting:
                continue
            where = At(document.path, None, (), document)
            found += [
                replace(v, source=v.source or (document, entry)).under(state, why)
                for v in self.values(entry.value, where)
                if v.text or not v.known
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
        names = self.index.spellings.get("".join(map(flat, setting.path)), ())
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
                    ranked.append((0, known.under(state_of_off(assignment.off), assignment.off)))
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
        is_given = any(d.known and d.state is None and d.text for d in default)
        found += [
            d.under(State.FALLBACK if top else None, f"{env.name} overrides it")
            for d in default
            if d.text or not top
        ]
        over = bool(top) or is_given
        found += [t.under(State.DOCUMENTED if over else None, "a template") for t in templates]
        return settled(found) or [unknown(env, at)]

    def entries(self, path: Sequence[str]) -> list[tuple[Document, Entry, State | None, str]]:
        """The entries of configuration files under a path, or under the end of one, and how each stands."""
        if not path:
            return []
        wanted = tuple(map(flat, path))
        if wanted not in self._found:
            self._found[wanted] = self._search(wanted)
        return self._found[wanted]

    def _search(self, wanted: tuple[str, ...]) -> list[tuple[Document, Entry, State | None, str]]:
        found = [
            (d, e)
            for d, e in self.index.entries.get(wanted[-1], ())
            if areas.of(d.path) is None and (not e.off or "overwritten at" in e.off) and _ends(e.path, wanted)
        ]
        plain = [(d, e) for d, e in found if not is_template(d.path)]
        rows = [(d, e, *self.standing(d, e)) for d, e in (plain or found)[:MAX_VALUES]]
        return sorted(rows, key=lambda row: row[2] is not None)

    def standing(self, document: Document, entry: Entry) -> tuple[State | None, str]:
        """Whether another file of settings overrides an entry: that of production, or that of a chart above."""
        if "overwritten at" in entry.off:
            return State.FALLBACK, entry.off
        if self._is_passed_over(document.path):
            return State.OFF, "a command names another file of the folder"
        twins = [
            d
            for d, e in self.index.entries.get(flat(entry.path[-1]), ())
            if d is not document and e.path == entry.path and not e.off and _is_variant(d.path, document.path)
        ]
        if areas.is_for_development(document.path) and twins:
            return State.OFF, "of another environment"
        if not areas.is_for_production(document.path):
            above = next((d for d in twins if areas.is_for_production(d.path)), None)
            if above is not None:
                return State.FALLBACK, f"{above.path} overrides it"
        return self._of_chart(document, entry)

    def _is_passed_over(self, path: str) -> bool:
        """Whether commands name a file beside this one, and not this one: ``--config configs/prod.toml``."""
        if path not in self._passed:
            folder, suffix = _folder(path), posixpath.splitext(path)[1]
            beside = {
                posixpath.basename(d.path)
                for d in self.index.documents
                if _folder(d.path) == folder and d.path.endswith(suffix) and d.path != path
            }
            named = self.index.words
            self._passed[path] = bool(folder and beside & named) and posixpath.basename(path) not in named
        return self._passed[path]

    def _of_chart(self, document: Document, entry: Entry) -> tuple[State | None, str]:
        """The values of a sub-chart, below those of the chart that it is in."""
        parts = document.path.split("/")
        if "charts" not in parts[:-2] or not parts[-1].startswith("values"):
            return None, ""
        at = len(parts) - 2 - parts[:-1][::-1].index("charts") + 1
        above, name = "/".join([*parts[: at - 1], "values.yaml"]), parts[at]
        for d, e in [
            *self.index.entries.get(flat(entry.path[-1]), ()),
            *self.index.entries.get("enabled", ()),
        ]:
            if d.path != above:
                continue
            if e.path == (name, "enabled") and isinstance(e.value, Text) and e.value.value.lower() == "false":
                return State.OFF, f"{name}.enabled is false in {above}"
            if e.path == (name, *entry.path):
                return State.FALLBACK, f"{above} overrides it"
        return None, ""

    def _reaches(self, document: Document, assignment: Assignment, at: At) -> bool:
        """Whether a variable of a service is one of the code that is asked for: by the folder it is built from."""
        kind, _, service = assignment.scope.partition(":")
        if kind != "compose" or at.module is None:
            return True
        folder = self._context(document, service)
        return not folder or at.path.startswith(folder)

    def _context(self, document: Document, service: str) -> str:
        """The folder that a service of Compose is built from; empty where that says nothing."""
        key = (id(document), service)
        if key not in self._contexts:
            built = ("services", service, "build")
            folder = next(
                (
                    e.value.value
                    for e in document.entries
                    if e.path in (built, (*built, "context")) and isinstance(e.value, Text)
                ),
                "",
            )
            path = (
                posixpath.normpath(posixpath.join(posixpath.dirname(document.path), folder))
                if folder
                else "."
            )
            self._contexts[key] = "" if path.startswith(".") else f"{path}/"
        return self._contexts[key]

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
        found = [(d, a) for d, a in found if self._reaches(d, a, at)]
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


def _ends(path: Sequence[str], wanted: Sequence[str]) -> bool:
    keys = [flat(part) for part in path if not part.startswith("[")]
    return len(keys) >= len(wanted) and tuple(keys[len(keys) - len(wanted) :]) == tuple(wanted)


@lru_cache(maxsize=65_536)
def flat(name: str) -> str:
    """A key as all spellings of it have it: ``baseUrl``, ``base-url``, ``BASE_URL``."""
    return snake(name).replace("_", "")


def _is_variant(one: str, other: str) -> bool:
    """Whether two files are of one setup: ``values.yaml`` and ``values-prod.yaml``."""
    first, second = posixpath.basename(one), posixpath.basename(other)
    same = re.split(r"[.-]", first.lstrip("."))[0] == re.split(r"[.-]", second.lstrip("."))[0]
    near = posixpath.dirname(one) == posixpath.dirname(other)
    return (same and near) or (
        first == second
        and posixpath.dirname(posixpath.dirname(one)) == posixpath.dirname(posixpath.dirname(other))
    )


def state_of_off(why: str) -> State:
    """What a reason of being off comes to."""
    if "overwritten at line" in why:
        return State.STALE
    return State.FALLBACK if "overwritten at" in why else State.OFF


def a_template(document: Document) -> bool:
    """Whether a document is one to copy first."""
    return is_template(document.path)


def _folder(path: str) -> str:
    folder = posixpath.dirname(path)
    return f"{folder}/" if folder else ""
