"""Everything that was read, by the names under which it is looked for."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable

from countermark.inventory.reading.expressions import (
    Assignment,
    Binding,
    CallSite,
    Command,
    Document,
    Entry,
    Env,
    Expression,
    Many,
    Member,
    Module,
    Ref,
    Table,
    Text,
)
from countermark.inventory.resolving import options
from countermark.inventory.resolving.imports import Imports
from countermark.inventory.resolving.known import At
from countermark.inventory.resolving.roles import Role, flat, role, snake

MAX_NESTED = 6
"""Tables within tables that are looked through for an environment."""
ENVIRONMENTS = ("env", "environment", "env_production")
"""Keys of a table whose entries are the variables of a process."""
MAKERS = ("__init__", "constructor")
"""Functions that are called by the name of their class."""
Path = tuple[str, ...]


class Index:
    """The tree as the resolver sees it."""

    def __init__(self, modules: Iterable[Module], documents: Iterable[Document]) -> None:
        self.modules: dict[str, Module] = {module.path: module for module in modules}
        self.documents: list[Document] = list(documents)
        self.imports = Imports(self.modules)
        self.bindings: dict[str, list[tuple[Module, Binding]]] = defaultdict(list)
        """By the last part of the name."""
        self.full: dict[tuple[str, Path], list[Binding]] = defaultdict(list)
        """By file and whole name."""
        self.within: dict[tuple[str, str, str], list[Binding]] = defaultdict(list)
        """By file, any part of the name, and the last part."""
        self.siblings: dict[tuple[str, Path], list[Binding]] = defaultdict(list)
        """By file and the whole name without its last part."""
        self.reads: set[str] = set()
        """Variables that bindings are read from, in upper case."""
        self.returns: dict[str, list[tuple[Module, Binding]]] = defaultdict(list)
        self.calls: dict[str, list[tuple[Module, CallSite]]] = defaultdict(list)
        """By the last part of what is called."""
        self.calls_by_method: dict[str, list[tuple[Module, CallSite]]] = defaultdict(list)
        """By the last part in snake_case, of calls in a chain too; only what speaks of fallbacks."""
        self.classes: dict[str, list[Module]] = defaultdict(list)
        self.derived: dict[str, list[tuple[Module, str]]] = defaultdict(list)
        """Classes by the one that they are derived from."""
        self.keyed: dict[str, list[tuple[Expression, At]]] = defaultdict(list)
        """Values of tables at the top of a file, by their key."""
        self.made: dict[str, list[tuple[Expression, At]]] = defaultdict(list)
        """What objects are made with, by the name of the field."""
        self.defaults: dict[Path, list[tuple[Module, Binding]]] = defaultdict(list)
        """Defaults of settings that code declares, by their path."""
        self.parameters: dict[str, list[Path]] = defaultdict(list)
        """Names of the parameters of functions and classes, by the name that is called."""
        self.references: set[str] = set()
        self.variables: dict[str, list[tuple[Document, Assignment]]] = defaultdict(list)
        self.spellings: dict[str, set[str]] = defaultdict(set)
        """Variables by their letters alone, with the first word and without.

        ``Llm__Model``, ``APP_LLM_MODEL``.
        """
        self.entries: dict[str, list[tuple[Document, Entry]]] = defaultdict(list)
        """By the last key, normalised."""
        self.paths: dict[Path, list[tuple[Document, Entry]]] = defaultdict(list)
        """By the whole path."""
        self.placed: dict[tuple[str, Path], list[Entry]] = defaultdict(list)
        """By file and the whole path."""
        self.commands: list[tuple[Document, Command]] = []
        self.words: set[str] = set()
        """Names of files that command lines give."""
        for module in self.modules.values():
            self._module(module)
        for document in self.documents:
            self._document(document)
        for name in self.variables:
            plain = snake(name)
            self.spellings[plain.replace("_", "")].add(name)
            self.spellings[plain.partition("_")[2].replace("_", "")].add(name)

    def _module(self, module: Module) -> None:
        for binding in module.bindings:
            self._binding(module, binding)
            self._kinds_of_binding(module, binding)
        self._classes(module)
        for back in module.returns:
            if back.name:
                self.returns[back.name[-1]].append((module, back))
        for site in module.calls:
            self._call(module, site)
        for called, names in module.parameters.items():
            makes = called[-1] in MAKERS and len(called) > 1
            self.parameters[called[-2] if makes else called[-1]].append(names)
        self.references |= module.references

    def _binding(self, module: Module, binding: Binding) -> None:
        """A binding by all of its names."""
        name = binding.name
        self.bindings[name[-1]].append((module, binding))
        self.full[module.path, name].append(binding)
        self.siblings[module.path, name[:-1]].append(binding)
        for part in dict.fromkeys(name):
            self.within[module.path, part, name[-1]].append(binding)

    def _kinds_of_binding(self, module: Module, binding: Binding) -> None:
        """What a binding is beside a name that has a value: a variable, a table of settings, a field."""
        name, value = binding.name, binding.value
        self._environment(module, value)
        if isinstance(value, Env):
            self.reads.add(value.name.upper())
        if len(name) == 1 and isinstance(value, Table):
            for key, each in value.entries:
                if isinstance(key, Text) and role(key.value) is not Role.NONE:
                    self.keyed[key.value].append((each, At(module.path, module)))
        if name[0] == "environ" and len(name) > 1:
            self._process(module, name[-1], value, binding.line)
        if name[0] == "setting":
            self.defaults[tuple(snake(part) for part in name[1:])].append((module, binding))
        if len(name) > 1 and binding.field:
            self._class(name[-2], module)

    def _classes(self, module: Module) -> None:
        for name, bases in module.bases.items():
            self._class(name, module)
            for base in bases:
                self.derived[base.rpartition(".")[2]].append((module, name))

    def _class(self, name: str, module: Module) -> None:
        known = self.classes[name]
        if not known or known[-1] is not module:  # files come one after the other
            known.append(module)

    def _call(self, module: Module, site: CallSite) -> None:
        function = site.call.function
        if not isinstance(function, Ref | Member):
            return
        name = function.path[-1]
        if "fall" in name.lower():
            self.calls_by_method[snake(name)].append((module, site))
        if isinstance(function, Member):
            return
        self.calls[name].append((module, site))
        if name[:1].isupper() and module.language == "go":
            for field, value in site.call.kwargs:
                self.made[field].append((value, At(module.path, module, site.scope)))

    def _environment(self, module: Module, value: Expression, depth: int = 0) -> None:
        """``env: {MODEL: "x"}`` in code that starts processes is what they are given."""
        if isinstance(value, Many) and depth < MAX_NESTED:
            for item in value.items:
                self._environment(module, item, depth + 1)
        if not isinstance(value, Table) or depth > MAX_NESTED:
            return
        for key, inner in value.entries:
            if isinstance(key, Text) and key.value.lower() in ENVIRONMENTS and isinstance(inner, Table):
                for name, given in inner.entries:
                    if isinstance(name, Text) and name.value.isupper():
                        self._process(module, name.value, given, name.line)
            else:
                self._environment(module, inner, depth + 1)

    def _process(self, module: Module, name: str, value: Expression, line: int) -> None:
        """A variable that code gives to a process."""
        given = Assignment(name, value, line, "process")
        self.variables[name.upper()].append((Document(module.path, "process"), given))

    def _document(self, document: Document) -> None:
        for assignment in document.assignments:
            self.variables[assignment.name.upper()].append((document, assignment))
        for entry in document.entries:
            self.entries[flat(last_key(entry.path))].append((document, entry))
            self.paths[entry.path].append((document, entry))
            self.placed[document.path, entry.path].append(entry)
        for command in document.commands:
            self.commands.append((document, command))
            self.words |= {posixpath.basename(word.value) for word in command.words if isinstance(word, Text)}
            for passed in options.assignments(command):
                self.variables[passed.name.upper()].append((document, passed))


def last_key(path: Path) -> str:
    """The last key of a path that is no place in a list."""
    return next((part for part in reversed(path) if not part.startswith("[")), "")
