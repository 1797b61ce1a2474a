"""Everything that was read, by the names under which it is looked for."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from countermark.inventory.reading.expressions import (
    Assignment,
    Binding,
    CallSite,
    Command,
    Document,
    Entry,
    Expression,
    Import,
    Many,
    Member,
    Module,
    Ref,
    Table,
    Text,
)
from countermark.inventory.resolving.known import At
from countermark.inventory.resolving.roles import Role, role, snake

MAX_CANDIDATES = 40
MAX_NESTED = 6
"""Tables within tables that are looked through for an environment."""
PROGRAM = re.compile(r"[\w./-]*?(\w+)\.(?:py|js|ts|mjs)|([\w.]+)")
PAIRS = frozenset(["--build-arg", "-e", "--env"])
"""Options whose value is a variable and what it is set to."""
SUFFIXES = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".vue", ".svelte", ".py")


class Index:
    """The tree as the resolver sees it."""

    def __init__(self, modules: Iterable[Module], documents: Iterable[Document]) -> None:
        self.modules: dict[str, Module] = {module.path: module for module in modules}
        self.documents: list[Document] = list(documents)
        self.bindings: dict[str, list[tuple[Module, Binding]]] = defaultdict(list)
        """By the last part of the name."""
        self.full: dict[tuple[str, tuple[str, ...]], list[Binding]] = defaultdict(list)
        """By file and whole name."""
        self.returns: dict[str, list[tuple[Module, Binding]]] = defaultdict(list)
        self.calls: dict[str, list[tuple[Module, CallSite]]] = defaultdict(list)
        """By the last part of what is called."""
        self.calls_by_method: dict[str, list[tuple[Module, CallSite]]] = defaultdict(list)
        """By the last part in snake_case, of calls in a chain too; only what speaks of fallbacks."""
        self.classes: dict[str, list[Module]] = defaultdict(list)
        self.derived: dict[str, list[tuple[Module, str]]] = defaultdict(list)
        """Classes by the one that they are derived from."""
        self.spellings: dict[str, set[str]] = defaultdict(set)
        """Variables by their letters alone, with the first word and without: ``Llm__Model``, ``APP_LLM_MODEL``."""
        self.variables: dict[str, list[tuple[Document, Assignment]]] = defaultdict(list)
        self.keyed: dict[str, list[tuple[Expression, At]]] = defaultdict(list)
        """Values of tables at the top of a file, by their key."""
        self.made: dict[str, list[tuple[Expression, At]]] = defaultdict(list)
        """What objects are made with, by the name of the field."""
        self.defaults: dict[tuple[str, ...], list[tuple[Module, Binding]]] = defaultdict(list)
        """Defaults of settings that code declares, by their path."""
        self.entries: dict[str, list[tuple[Document, Entry]]] = defaultdict(list)
        """By the last key, normalised."""
        self.commands: list[tuple[Document, Command]] = []
        self.parameters: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        """Names of the parameters of functions and classes, by the name that is called."""
        self.words: set[str] = set()
        """Names of files that command lines give."""
        self.references: set[str] = set()
        self.names: dict[str, list[str]] = defaultdict(list)
        """Files by the last part of the name under which code imports them."""
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
            self.bindings[binding.name[-1]].append((module, binding))
            self.full[module.path, binding.name].append(binding)
            self._environment(module, binding.value)
            if len(binding.name) == 1 and isinstance(binding.value, Table):
                for key, value in binding.value.entries:
                    if isinstance(key, Text) and role(key.value) is not Role.NONE:
                        self.keyed[key.value].append((value, At(module.path, module)))
            if binding.name[0] == "environ" and len(binding.name) > 1:
                document = Document(module.path, "process")
                given = Assignment(binding.name[-1], binding.value, binding.line, "process")
                self.variables[binding.name[-1].upper()].append((document, given))
            if binding.name[0] == "setting":
                self.defaults[tuple(snake(part) for part in binding.name[1:])].append((module, binding))
            if len(binding.name) > 1 and binding.field:
                if module not in self.classes[binding.name[-2]][-1:]:
                    self.classes[binding.name[-2]].append(module)
        for name, bases in module.bases.items():
            if module not in self.classes[name]:
                self.classes[name].append(module)
            for base in bases:
                self.derived[base.rpartition(".")[2]].append((module, name))
        for back in module.returns:
            if back.name:
                self.returns[back.name[-1]].append((module, back))
        for site in module.calls:
            function = site.call.function
            if isinstance(function, Ref | Member) and "fall" in function.path[-1].lower():
                self.calls_by_method[snake(function.path[-1])].append((module, site))
            if isinstance(function, Ref):
                self.calls[function.path[-1]].append((module, site))
                if function.path[-1][:1].isupper() and module.language == "go":
                    for name, value in site.call.kwargs:
                        self.made[name].append((value, At(module.path, module, site.scope)))
        for called, names in module.parameters.items():
            makes = called[-1] in ("__init__", "constructor") and len(called) > 1
            self.parameters[called[-2] if makes else called[-1]].append(names)
        self.references |= module.references
        stem, _ = posixpath.splitext(module.path)
        folder, _, last = stem.rpartition("/")
        self.names[last].append(module.path)
        if last in ("__init__", "index", "mod", "lib", "main"):
            self.names[folder.rpartition("/")[2]].append(module.path)

    def _environment(self, module: Module, value: Expression, depth: int = 0) -> None:
        """``env: {MODEL: "x"}`` in code that starts processes is what they are given."""
        if isinstance(value, Many) and depth < MAX_NESTED:
            for item in value.items:
                self._environment(module, item, depth + 1)
        if not isinstance(value, Table) or depth > MAX_NESTED:
            return
        for key, inner in value.entries:
            named = key.value.lower() if isinstance(key, Text) else ""
            if named in ("env", "environment", "env_production") and isinstance(inner, Table):
                document = Document(module.path, "process")
                for name, given in inner.entries:
                    if isinstance(name, Text) and name.value.isupper():
                        assignment = Assignment(name.value, given, name.line, "process")
                        self.variables[name.value].append((document, assignment))
            else:
                self._environment(module, inner, depth + 1)

    def _document(self, document: Document) -> None:
        for assignment in document.assignments:
            self.variables[assignment.name.upper()].append((document, assignment))
        for entry in document.entries:
            key = next((part for part in reversed(entry.path) if not part.startswith("[")), "")
            self.entries[snake(key).replace("_", "")].append((document, entry))
        for command in document.commands:
            self.commands.append((document, command))
            self._flags(document, command)

    def _flags(self, document: Document, command: Command) -> None:
        """Options of a command line are variables of the program that it starts."""
        program = next((name for word in command.words if (name := _program(word))), "")
        words = [*command.words, None]
        for word, after in pairwise(words):
            if isinstance(word, Text):
                self.words.add(posixpath.basename(word.value))
            if not isinstance(word, Text) or not word.value.startswith("-"):
                continue
            if word.value in PAIRS and isinstance(after, Text) and "=" in after.value:
                variable, _, said = after.value.partition("=")
                passed = Assignment(variable, Text(said, after.line), after.line, "build:", command.off)
                self.variables[variable.upper()].append((document, passed))
            flag, given, text = word.value.partition("=")
            value: Expression | None = Text(text, word.line) if given else after
            if (
                value is not None
                and program
                and not (isinstance(value, Text) and value.value.startswith("-"))
            ):
                name = f"{program} {flag}"
                line = getattr(value, "line", command.line) or command.line
                assignment = Assignment(name, value, line, command.scope, command.off)
                self.variables[name.upper()].append((document, assignment))

    def imported(self, module: Module, name: str) -> list[tuple[Module, tuple[str, ...]]]:
        """What an imported name is: the file, and the path within it; several where it is not certain."""
        found: list[tuple[Module, tuple[str, ...]]] = []
        for each in module.imports:
            if each.item == "*":
                found += [(m, (name,)) for m in self.sources(module, each)]
            elif each.name == name or (not each.item and each.name.split(".")[-1] == name):
                for source in self.sources(module, each):
                    found.append((source, (each.item,) if each.item and each.item != "default" else ()))
                if each.item and not found:  # `from app import config`: a module of a package
                    nested = Import(each.name, f"{each.module}.{each.item}".replace("..", "."), "", each.line)
                    found += [(source, ()) for source in self.sources(module, nested)]
        return found[:MAX_CANDIDATES]

    def sources(self, module: Module, each: Import) -> list[Module]:
        """The files that an import may mean."""
        if module.language == "python":
            return self._python(module, each)
        if each.module.startswith((".", "@/", "~/", "src/")):
            return self._relative(module, each.module)
        if module.language == "go":
            folder = each.module.rpartition("/")[2]
            return [
                m
                for m in self.modules.values()
                if m.language == "go" and posixpath.dirname(m.path).rpartition("/")[2] == folder
            ][:MAX_CANDIDATES]
        last = each.item or each.module.replace("::", ".").rpartition(".")[2]
        return [self.modules[path] for path in self.names.get(last, [])][:MAX_CANDIDATES]

    def _python(self, module: Module, each: Import) -> list[Module]:
        dots = len(each.module) - len(each.module.lstrip("."))
        parts = [part for part in each.module.lstrip(".").split(".") if part]
        if dots:
            here = module.path.split("/")[:-dots]
            wanted = [*here, *parts]
            exact = ["/".join(wanted) + ".py", "/".join([*wanted, "__init__"]) + ".py"]
            found = [self.modules[path] for path in exact if path in self.modules]
            if not found and each.item:
                path = "/".join([*wanted, each.item]) + ".py"
                found = [self.modules[path]] if path in self.modules else []
            return found
        if not parts:
            return []
        paths = [
            path
            for path in self.names.get(parts[-1], [])
            if posixpath.splitext(path)[0].removesuffix("/__init__").split("/")[-len(parts) :] == parts
        ]
        paths.sort(key=lambda path: -len(posixpath.commonprefix([path, module.path])))
        return [self.modules[path] for path in paths[:1]]

    def _relative(self, module: Module, wanted: str) -> list[Module]:
        if wanted.startswith("."):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(module.path), wanted))
        else:
            path = wanted.split("/", 1)[1] if "/" in wanted else wanted
        plain = posixpath.splitext(path)[0] if path.endswith(SUFFIXES) else path
        ends = {plain + s for s in SUFFIXES} | {f"{plain}/index{s}" for s in SUFFIXES}
        names = self.names.get(plain.rpartition("/")[2], [])
        exact = [self.modules[name] for name in names if name in ends]
        return exact or [
            self.modules[name] for name in names if not wanted.startswith(".") and name.endswith(tuple(ends))
        ]


def _program(word: Expression) -> str:
    """The script that a word of a command line names, without folder and suffix: ``app/serve.py`` → ``serve``."""
    if not isinstance(word, Text) or word.value.startswith("-"):
        return ""
    found = PROGRAM.fullmatch(word.value)
    if found is None or word.value in (
        "python",
        "python3",
        "node",
        "exec",
        "uv",
        "run",
        "poetry",
        "accelerate",
        "launch",
    ):
        return ""
    return found[1] or word.value.rpartition(".")[2]
