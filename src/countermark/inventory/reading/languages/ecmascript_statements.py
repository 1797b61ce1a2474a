"""JavaScript and TypeScript: statements, classes, imports and the table of the language."""

from __future__ import annotations

from typing import ClassVar

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import (
    Call,
    Expression,
    Import,
    Many,
    Ref,
    Table,
    Text,
)
from countermark.inventory.reading.languages.branching import Arm
from countermark.inventory.reading.languages.ecmascript_chains import CHAIN, chain_of
from countermark.inventory.reading.languages.ecmascript_expressions import FUNCTIONS, Expressions
from countermark.inventory.reading.languages.walking import CHOSEN, HANDLED

CLASSES = frozenset(["class", "class_declaration", "abstract_class_declaration"])
EXPORTS = (("module", "exports"), ("exports",))
ENV_MODULES = ("$env/", "astro:env")
"""Modules of frameworks of which the names are environment variables."""


class Statements(Expressions):
    """What stands on its own."""

    hoisted: ClassVar[frozenset[str]] = frozenset(
        ["function_declaration", "generator_function_declaration", "comment", "class_declaration"]
    )

    def statement(self, node: SgNode) -> Expression | None:
        """An expression as a statement: its value goes nowhere."""
        for child in node.named_children():
            self.visit(child)
        return None

    def declarator(self, node: SgNode) -> None:
        """``const x = …``."""
        line, target, given = self.line, node.field("name"), node.field("value")
        if given is None or target is None:
            return
        kind, name = given.kind(), target.text()
        if kind in FUNCTIONS:
            self.function(given, name)
        elif kind in CLASSES:
            self.classed(given, name)
        else:
            value = self.value(given)
            if _required(value):
                self._import_required(target, value, line)
            elif target.kind() == "identifier":
                self.bind((*self.scope, name), value, line)
                self._listed(given, value)
            else:
                self.destructure(target, value)

    def _listed(self, given: SgNode, value: Expression) -> None:
        """``["a", "b"] as const``: what may be chosen."""
        if type(value) is Many and given.kind() == "as_expression" and given.text().endswith("const"):
            self.choices(value)

    def _import_required(self, target: SgNode, value: Expression, line: int) -> None:
        module = _required(value)
        if target.kind() == "identifier":
            self.module.imports.append(Import(target.text(), module, "", line))
            return
        for child in self.parts(target):
            names = [part.text() for part in self.parts(child)] or [child.text()]
            self.module.imports.append(Import(names[-1], module, names[0], line))

    def assignment(self, node: SgNode) -> Expression | None:
        """``a.b = x``, ``a ??= x``."""
        line, children = self.line, node.children()
        target, given = children[0], children[-1]
        if given.kind() in FUNCTIONS:
            self._method(given, target.text())
            return None
        value = self.value(given)
        operator = children[-2].kind()
        if target.kind() in ("object_pattern", "array_pattern"):
            self.destructure(target, value)
            return value
        path = self.target(target)
        if path is None:
            return value
        if operator in ("||=", "??=") and not _is_variable(path):
            self.fall_back(path, value, line)
        elif operator in ("=", "||=", "??="):
            self._exported(path, value, line)
        return value

    def _method(self, node: SgNode, target: str) -> None:
        """``Bot.prototype.ask = function () {…}``: a method, written as before there were classes."""
        owner, prototype, name = target.rpartition(".prototype.")
        if prototype:
            with self.within(*owner.split("."), owner=True):
                self.function(node, name)
        else:
            self.function(node, target.rpartition(".")[2])

    def target(self, node: SgNode) -> tuple[str, ...] | None:
        """The names of what is assigned to."""
        kind = node.kind()
        if kind == "identifier":
            return (node.text(),)
        if kind == "member_expression" and CHAIN.fullmatch(source := node.text()):
            return chain_of(source)
        if kind == "subscript_expression":
            of, *_, key = self.parts(node)
            path, value = self.target(of), self.value(key)
            return (*path, value.value) if path and type(value) is Text else None
        self.rest(node)
        return None

    def _exported(self, path: tuple[str, ...], value: Expression, line: int) -> None:
        """An assignment; of the environment and of the exports known by name."""
        if _is_variable(path):
            self.bind(("environ", path[2]), value, line, field=True)
            return
        for prefix in EXPORTS:
            if path[: len(prefix)] == prefix:
                name = path[len(prefix) :] or ("default",)
                self.bind(name, value, line)
                if name == ("default",) and type(value) is Table:
                    self._members(value)
                return
        self.assign(path, value, line)

    def _members(self, exported: Table) -> None:
        for key, value in exported.entries:
            if type(key) is Text and not (type(value) is Ref and value.path == (key.value,)):
                self.bind((key.value,), value, value.line)

    def classed(self, node: SgNode, name: str = "") -> None:
        """A class."""
        named, body, line = node.field("name"), node.field("body"), self.line
        name = named.text() if named is not None else name or f"@{line}"
        for part in self.parts(node):
            if part.kind() == "class_heritage":
                self.module.bases[name] = self._bases(part)
            elif part.kind() == "decorator":
                self.visit(part)
        with self.within(name, owner=True):
            for part in self.parts(body) if body is not None else ():
                self.visit(part)

    def _bases(self, node: SgNode) -> tuple[str, ...]:
        clauses = [part for part in self.parts(node) if part.kind().endswith("_clause")] or [node]
        names = [part.text() for clause in clauses for part in self.parts(clause)]
        self.references.update(name for name in names if name.isidentifier())
        return tuple(name.partition("<")[0] for name in names if not name.startswith("<"))

    def field(self, node: SgNode) -> None:
        """A field of a class."""
        line, given = self.line, node.field("value")
        name = node.field("name") or node.field("property")
        for part in node.named_children():
            if part.kind() == "decorator":
                self.visit(part)
        if given is None or name is None:
            return
        key = name.text().lstrip("#").strip("'\"")
        if given.kind() in FUNCTIONS:
            self.function(given, key)
        else:
            self.bind((*self.owner, key), self.value(given), line, field=True)

    def enumerated(self, node: SgNode) -> None:
        """``enum E { A = "a" }``."""
        name, body = node.field("name"), node.field("body")
        if name is None or body is None:
            return
        with self.within(name.text(), contexts=CHOSEN, owner=True):
            for part in self.parts(body):
                if part.kind() == "enum_assignment":
                    key, *_, value = self.parts(part)
                    self.bind(
                        (*self.scope, key.text().strip("'\"")), self.value(value), self.line, field=True
                    )

    def branch(self, node: SgNode) -> Expression | None:
        """``if … else if … else``."""
        arms: list[Arm] = []
        while True:
            parts = self.parts(node)
            arms.append((parts[0], parts[1:2]))
            if len(parts) < 3:  # noqa: PLR2004 - no else
                break
            other = self.parts(parts[2])
            if not other or other[0].kind() != "if_statement":
                arms.append((None, other))
                break
            node = other[0]
        return self.branches(arms)

    def switch(self, node: SgNode) -> None:
        """``switch (x) { case "a": … }``."""
        subject, body = self.parts(node)[:2]
        value = self.value(subject)
        for case in self.parts(body):
            parts = self.parts(case)
            labels = []
            if case.kind() == "switch_case":
                label = self.value(parts.pop(0))
                labels = [label] if type(label) is Text else []
            self.case(value, labels, parts)

    def caught(self, node: SgNode) -> None:
        """``catch (e) {…}``."""
        before = self.contexts
        self.contexts = before | HANDLED
        self.rest(node)
        self.contexts = before

    def looped(self, node: SgNode) -> None:
        """``for (const m of MODELS) {…}``: the variable is one of them."""
        line, left, right = self.line, node.field("left"), node.field("right")
        if left is not None and right is not None:
            value = self.value(right)
            if left.kind() == "identifier":
                self.bind((*self.scope, left.text()), value, line)
            else:
                self.destructure(left, None)
        body = node.field("body")
        if body is not None:
            self.visit(body)

    def namespace(self, node: SgNode) -> None:
        """``namespace N {…}``."""
        name, *rest = self.parts(node)
        with self.within(name.text()):
            for part in rest:
                self.visit(part)


def _is_variable(path: tuple[str, ...]) -> bool:
    """Whether it is ``process.env.X``."""
    return len(path) == 3 and path[1] == "env"  # noqa: PLR2004


def _required(value: Expression) -> str:
    """The module of ``require("m")`` or ``import("m")``; empty where it is none."""
    if type(value) is not Call or not value.args or type(value.args[0]) is not Text:
        return ""
    called = type(value.function) is Ref and value.function.path in (("require",), ("import",))
    return value.args[0].value if called else ""
