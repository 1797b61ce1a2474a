"""Variables and settings: what the files of a deployment set, and which of them override which."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
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
    Text,
)
from countermark.inventory.resolving.index import Index, Path
from countermark.inventory.resolving.known import SO, At, Known, Standing, settled, unknown
from countermark.inventory.resolving.roles import flat, snake
from countermark.inventory.usage import State

MAX_VALUES = 24
RANKS = {"dockerfile": 1, "env": 2, "shell": 3}
"""What overrides what: a higher number wins over a lower."""
FIRST = re.compile(r"[.-]")
"""What ends the first word of the name of a file."""
INTERPOLATED = frozenset(["compose", "env", "shell", "ci", "dockerfile", "kubernetes", "systemd"])
"""Formats that fill in variables themselves, before anything is started."""
COMPOSED = 4
"""Compose, Kubernetes, a unit of systemd: what the container really gets."""
Row = tuple[Document, Entry, State | None, str]
"""An entry, and how it stands."""
Given = list[tuple[Document, Assignment]]
Values = Callable[[Expression, At], list[Known]]


class Settings:
    """What variables and settings are."""

    def __init__(self, index: Index, values: Values) -> None:
        self.index = index
        self.values = values
        self._found: dict[tuple[str, ...], list[Row]] = {}
        self._contexts: dict[tuple[int, str], str] = {}
        self._setups: dict[Path, dict[Path, list[tuple[int, Document]]]] = {}
        """The files that give an entry, by the setups that they are of."""
        self._named: set[tuple[str, str]] | None = None
        """Folders with a file that a command names, and its ending."""

    def setting(self, setting: Setting, at: At) -> list[Known]:
        """A setting: what files give, and variables over that; else the default of the code."""
        found = self._of_files(setting)
        overridden = self._overriding(setting, at)
        if overridden:
            found = [*overridden, *(v.under(State.FALLBACK, "a variable overrides it") for v in found)]
        defaults = [
            (bound.value, At(module.path, module))
            for module, bound in self.index.defaults.get(tuple(map(snake, setting.path)), ())
        ]
        if setting.default is not None:
            defaults.append((setting.default, at))
        for value, where in defaults:
            state = State.FALLBACK if any(v.known and v.state is None for v in found) else None
            found += [v.under(state, "a setting overrides it") for v in self.values(value, where)]
        return settled(found) or [unknown(setting, at)]

    def _of_files(self, setting: Setting) -> list[Known]:
        """What configuration files give for a setting."""
        found: list[Known] = []
        for document, entry, state, why in self.entries(setting.path):
            if entry.value is setting:
                continue
            found += [
                replace(v, source=v.source or (document, entry)).under(state, why)
                for v in self.values(entry.value, At(document.path, None, (), document))
                if v.text or not v.known
            ]
        return found

    def _overriding(self, setting: Setting, at: At) -> list[Known]:
        """``LLM_MODEL`` overrides ``llm.model`` where libraries bind the environment to settings."""
        if not setting.path[1:]:
            return []  # one word is too little to be meant
        names = self.index.spellings.get("".join(map(flat, setting.path)), ())
        return [
            v for n in names for v in self.variable(Env(n, setting.line), at) if v.known and v.state is None
        ]

    def variable(self, env: Env, at: At) -> list[Known]:
        """A variable: what the tree sets it to, else the default; templates count where nothing else does."""
        ranked, templates = self._ranked(env, at)
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

    def _ranked(self, env: Env, at: At) -> tuple[list[tuple[int, Known]], list[Known]]:
        """What a variable is set to, each with its rank; and what templates would set it to."""
        ranked: list[tuple[int, Known]] = []
        templates: list[Known] = []
        for document, assignment in self._assigned(env.name, at):
            for value in self.values(assignment.value, At(document.path, None, (), document)):
                known = replace(value, source=(document, assignment))
                if value.known and not value.text:
                    continue  # `X=`: not set
                if assignment.off:
                    ranked.append((0, known.under(state_of_off(assignment.off), assignment.off)))
                elif assignment.template or is_template(document.path):
                    templates.append(known)
                else:
                    ranked.append((RANKS.get(document.format, COMPOSED), known))
        return ranked, templates

    def entries(self, path: Sequence[str]) -> list[Row]:
        """The entries of configuration files under a path, or under the end of one, and how each stands."""
        if not path:
            return []
        wanted = tuple(map(flat, path))
        if wanted not in self._found:
            self._found[wanted] = self._search(wanted)
        return self._found[wanted]

    def _search(self, wanted: tuple[str, ...]) -> list[Row]:
        found = [
            (d, e)
            for d, e in self.index.entries.get(wanted[-1], ())
            if areas.of(d.path) is None and (not e.off or "overwritten at" in e.off) and _ends(e.path, wanted)
        ]
        plain = [(d, e) for d, e in found if not is_template(d.path)]
        rows = [(d, e, *self.standing(d, e)) for d, e in (plain or found)[:MAX_VALUES]]
        return sorted(rows, key=lambda row: row[2] is not None)

    def standing(self, document: Document, entry: Entry) -> Standing:
        """Whether another file of settings overrides an entry: of production, or of a chart above."""
        if "overwritten at" in entry.off:
            return State.FALLBACK, entry.off
        if self._is_passed_over(document.path):
            return State.OFF, "a command names another file of the folder"
        twins = [twin for twin in self._variants(document, entry) if twin is not document]
        if areas.is_for_development(document.path) and twins:
            return State.OFF, "of another environment"
        if not areas.is_for_production(document.path):
            above = next((twin for twin in twins if areas.is_for_production(twin.path)), None)
            if above is not None:
                return State.FALLBACK, f"{above.path} overrides it"
        return self._of_chart(document, entry)

    def _variants(self, document: Document, entry: Entry) -> list[Document]:
        """The files of one setup that give the same entry, this one among them."""
        if entry.path[-1].startswith("["):
            return []
        known = self._setups.get(entry.path)
        if known is None:
            known = self._setups[entry.path] = defaultdict(list)
            for number, (other, same) in enumerate(self.index.paths[entry.path]):
                for setup in _setups(other.path) if not same.off else ():
                    known[setup].append((number, other))
        found = {number: other for setup in _setups(document.path) for number, other in known.get(setup, ())}
        return [found[number] for number in sorted(found)]

    def _is_passed_over(self, path: str) -> bool:
        """Whether commands name a file beside this one, and not this one: ``--config configs/prod.toml``."""
        folder, name = _folder(path), posixpath.basename(path)
        if not folder or name in self.index.words:
            return False
        if self._named is None:
            self._named = set()
            for each in self.index.documents:
                if posixpath.basename(each.path) in self.index.words:
                    endings = ("", posixpath.splitext(each.path)[1])
                    self._named |= {(_folder(each.path), ending) for ending in endings}
        return (folder, posixpath.splitext(path)[1]) in self._named

    def _of_chart(self, document: Document, entry: Entry) -> Standing:
        """The values of a sub-chart, below those of the chart that it is in."""
        parts = document.path.split("/")
        if "charts" not in parts[:-2] or not parts[-1].startswith("values"):
            return SO
        at = len(parts) - 2 - parts[:-1][::-1].index("charts") + 1
        above, name = "/".join([*parts[: at - 1], "values.yaml"]), parts[at]
        if not entry.path[-1].startswith("[") and self.index.placed.get((above, (name, *entry.path))):
            return State.FALLBACK, f"{above} overrides it"
        for switch in self.index.placed.get((above, (name, "enabled")), ()):
            if isinstance(switch.value, Text) and switch.value.value.lower() == "false":
                return State.OFF, f"{name}.enabled is false in {above}"
        return SO

    def _reaches(self, document: Document, assignment: Assignment, at: At) -> bool:
        """Whether a variable of a service is one of the code that is asked for.

        Told by the folder that the service is built from.
        """
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
            given = [
                e for p in (built, (*built, "context")) for e in self.index.placed.get((document.path, p), ())
            ]
            folder = next((e.value.value for e in given if isinstance(e.value, Text)), "")
            path = (
                posixpath.normpath(posixpath.join(posixpath.dirname(document.path), folder))
                if folder
                else "."
            )
            self._contexts[key] = "" if path.startswith(".") else f"{path}/"
        return self._contexts[key]

    def _assigned(self, name: str, at: At) -> Given:
        """Where a variable is given a value, the nearest ``.env`` only."""
        found = [(d, a) for d, a in self.index.variables.get(name.upper(), ()) if _counts(d, a, name)]
        if (
            at.document is not None and at.document.format in INTERPOLATED
        ):  # an interpolation: `X: ${X:-d}` does not set what it reads
            found = [
                (d, a)
                for d, a in found
                if (d is not at.document or d.format in ("shell", "env"))
                and RANKS.get(d.format, COMPOSED) < COMPOSED
            ]
        return _nearest([(d, a) for d, a in found if self._reaches(d, a, at)], at)[:MAX_VALUES]


def _counts(document: Document, assignment: Assignment, name: str) -> bool:
    """Whether an assignment gives a value: not one of tests, nor one that only hands the variable on."""
    value = assignment.value
    if isinstance(value, Env) and value.name == name and value.default is None:
        return False
    area = areas.of(document.path)
    return area is None or (area is State.DOCUMENTED and (assignment.template or is_template(document.path)))


def _nearest(found: Given, at: At) -> Given:
    """Of several ``.env`` files above a file the nearest, and every template."""
    above = [d for d, _ in found if d.format == "env" and at.path.startswith(_folder(d.path))]
    if not above:
        return found
    depth = max((len(_folder(d.path)) for d in above if not is_template(d.path)), default=0)
    return [
        (d, a) for d, a in found if d.format != "env" or is_template(d.path) or len(_folder(d.path)) == depth
    ]


def _ends(path: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether a path ends so, whatever places in lists are in it."""
    keys = [flat(part) for part in path if not part.startswith("[")]
    return len(keys) >= len(wanted) and tuple(keys[len(keys) - len(wanted) :]) == tuple(wanted)


def _setups(path: str) -> list[Path]:
    """What the files of one setup have in common: ``values.yaml`` and ``values-prod.yaml``.

    The folder and the first word of the name; or the name, in folders side by side.
    """
    folder, name = posixpath.split(path)
    return [("beside", folder, FIRST.split(name.lstrip("."))[0]), ("across", posixpath.dirname(folder), name)]


def state_of_off(why: str) -> State:
    """What a reason of being off comes to."""
    if "overwritten at line" in why:
        return State.STALE
    return State.FALLBACK if "overwritten at" in why else State.OFF


def _folder(path: str) -> str:
    folder = posixpath.dirname(path)
    return f"{folder}/" if folder else ""
