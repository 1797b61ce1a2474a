"""From a tree to the entries and assignments of a document, with what the file itself switches off."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from countermark.inventory.reading.config import switches
from countermark.inventory.reading.config.placeholders import value as placeholder
from countermark.inventory.reading.config.remarks import COMMENTED_OUT
from countermark.inventory.reading.config.trees import MAX_DEPTH, Mapping, Node, Scalar, Sequence
from countermark.inventory.reading.expressions import Assignment, Document, Entry, Expression

MAX_ENTRIES = 60_000
"""Of one file; aliases can name the same list a billion times."""
ENVIRONMENTS = frozenset(
    [
        "env", "envs", "environment", "environments", "envvars", "envvariables", "environmentvariables",
        "environment_variables", "env_vars", "env_variables", "extraenv", "extraenvs", "extraenvvars",
        "extra_env", "containerenv", "app_settings", "appsettings", "remoteenv", "additionalenv", "globalenv",
        "extraenvironment", "environ", "podenv",
    ]
)  # fmt: skip
"""Keys, in lower case, below which the keys are environment variables."""
CHANNEL_OFF = ("2", "3")
"""The status of a channel of one-api that a person, or an error, has switched off."""
NAME = re.compile(r"[A-Z][A-Z0-9_]*|[A-Za-z_]\w*_\w+")
"""What an environment variable is called, where lower-case keys may be something else."""
PAIR = re.compile(r"([A-Za-z_][A-Za-z0-9_.]*)=(.*)", re.DOTALL)
Convert = Callable[[str, int], Expression]
"""From a text and its line to what it stands for."""


@dataclass
class Writer:
    """Writes trees into a document."""

    document: Document
    convert: Convert = placeholder
    scope: str = ""
    """Of assignments."""
    skip: Callable[[tuple[str, ...]], bool] | None = None
    """Paths that are read elsewhere, and give no entries."""
    without: set[int] = field(default_factory=set)
    """Scalars by their identity that are files themselves."""
    twice: bool = False
    """A key may stand twice, as in the branches of a template."""

    def add(self, node: Node, path: tuple[str, ...] = (), off: str = "") -> None:
        """Every value of a tree."""
        if len(self.document.entries) >= MAX_ENTRIES:
            self.document.trouble = (
                self.document.trouble or f"more than {MAX_ENTRIES:,} values: the rest was not read"
            )
        elif len(path) > 2 * MAX_DEPTH or (self.skip is not None and self.skip(path)):
            return
        elif isinstance(node, Scalar):
            if id(node) not in self.without:
                self.entry(path, node, off)
        elif isinstance(node, Mapping):
            self._mapping(node, path, off)
        elif not self._environment_list(node, path, off):
            for number, item in enumerate(node.items):
                self.add(item, (*path, f"[{number}]"), off)

    def add_remark(self, node: Node, path: tuple[str, ...]) -> None:
        """A tree that is commented out. Elements of a list are not counted with those that stand."""
        if isinstance(node, Mapping) or not isinstance(node, Sequence):
            self._remark(node, path)
            return
        for item in node.items:
            self._remark(item, (*path, f"[#{item.line}]"))

    def _remark(self, node: Node, path: tuple[str, ...]) -> None:
        keys = [part for part in path if part[:1] != "["]
        pair = variable(node) if keys and keys[-1].lower() in ENVIRONMENTS else None
        if pair is None and isinstance(node, Scalar):
            found = PAIR.fullmatch(node.value)
            pair = (found[1], Scalar(found[2], node.line)) if found and found[1].isupper() else None
        if pair is not None:
            self.assign(pair[0], pair[1], COMMENTED_OUT)
        else:
            self.add(node, path, COMMENTED_OUT)

    def entry(self, path: tuple[str, ...], node: Scalar, off: str = "") -> None:
        """One value."""
        self.document.entries.append(Entry(path, self.convert(node.value, node.line), node.line, off))

    def _mapping(self, node: Mapping, path: tuple[str, ...], off: str) -> None:
        reason, prefixes = ("", []) if off else switched(node)
        last = {} if self.twice else {key: number for number, (key, _, _) in enumerate(node.items)}
        variables = bool(path) and self._of_variables(path)
        for number, (key, line, value) in enumerate(node.items):
            why = off or ("" if _is_switch(key, value) else reason or switches.below(prefixes, key))
            if not why and last.get(key, number) != number:
                why = f"overwritten at line {node.items[last[key]][1]}"
            if variables and isinstance(value, Scalar) and self._names_variable(path, key):
                self.assign(key, value, why, line)
            self.add(value, (*path, key), why)

    @staticmethod
    def _names_variable(path: tuple[str, ...], key: str) -> bool:
        """Whether a key is a variable's name; below ``vars`` only one in upper case is."""
        below = path[-1].lower() if path else ""
        return NAME.fullmatch(key) is not None and (key.isupper() or below != "vars")

    def _of_variables(self, path: tuple[str, ...]) -> bool:
        """Whether the keys below a path are environment variables."""
        last = path[-1].lower()
        if last in ENVIRONMENTS or last == "vars":
            return True
        return last == "variables" and (
            self.document.format == "ci" or any(part.lower() in ENVIRONMENTS for part in path[:-1])
        )

    def assign(self, name: str, value: Scalar, off: str = "", line: int = 0) -> None:
        """An environment variable."""
        self.document.assignments.append(
            Assignment(name, self.convert(value.value, value.line), value.line or line, self.scope, off)
        )

    def _environment_list(self, node: Sequence, path: tuple[str, ...], off: str) -> bool:
        """``- name: X`` with ``value: y``, or ``- X=y``: whether a list was one of variables."""
        keys = [part for part in path if part[:1] != "["]
        if not keys or keys[-1].lower() not in ENVIRONMENTS:
            return False
        pairs = [variable(item) for item in node.items]
        for pair in pairs:
            if pair is not None:
                self.assign(pair[0], pair[1], off)
        return any(pair is not None for pair in pairs)


def variable(node: Node) -> tuple[str, Scalar] | None:
    """The environment variable that an element of a list sets."""
    if isinstance(node, Scalar):
        found = PAIR.fullmatch(node.value)
        return (found[1], Scalar(found[2], node.line, quoted=node.quoted)) if found else None
    if isinstance(node, Mapping):
        name = node.text("name") or node.text("key") or node.text("Name")
        value = node.get("value") or node.get("Value")
        if name and isinstance(value, Scalar):
            return name, value
    return None


def switched(node: Mapping) -> tuple[str, list[tuple[str, str]]]:
    """Why all of a mapping is off, and which prefixes of keys are, with the reason."""
    if node.text("status") in CHANNEL_OFF and all(node.get(key) is not None for key in ("type", "models")):
        return f"status: {node.text('status')} beside it", []
    prefixes = []
    for key, _, value in node.items:
        if not isinstance(value, Scalar) or len(value.value) > switches.MAX_VALUE:
            continue
        if switches.says_off(key, value.value):
            return f"{key}: {value.value} beside it", []
        if prefix := switches.prefix_off(key, value.value):
            prefixes.append((prefix, f"{key}: {value.value} beside it"))
    return "", prefixes


def _is_switch(key: str, value: Node) -> bool:
    return isinstance(value, Scalar) and switches.says_off(key, value.value)
