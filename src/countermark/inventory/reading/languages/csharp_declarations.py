"""C#: classes, properties, methods and statements."""

from __future__ import annotations

from typing import ClassVar

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import Expression, Import, Text, Unknown
from countermark.inventory.reading.languages.operators import Operators
from countermark.inventory.reading.languages.walking import (
    CHOSEN,
    CONSTRUCTOR,
    PLAIN,
    TESTED,
)

SECTIONS = frozenset(
    ["Section", "SectionName", "Position", "ConfigSection", "ConfigurationSection", "ConfigSectionName"]
)
"""Names of the constant in which an options class says where it is filled from."""
TESTING = ("Fact", "Theory", "Test", "TestMethod", "TestCase", "SetUp")


class Declarations(Operators):
    """What gives names, and what stands on its own."""

    hoisted: ClassVar[frozenset[str]] = frozenset(["comment", "local_function_statement"])
    prefix: str = ""
    """Of the keys that fill the class around."""
    expected: str = ""
    """The type of what is declared, which ``new(…)`` makes."""

    def statement(self, node: SgNode) -> Expression | None:
        """An expression as a statement."""
        for child in node.named_children():
            self.visit(child)
        return None

    def last_of(self, node: SgNode) -> Expression | None:
        """What stands last: ``(string)x``, ``new[] {…}``."""
        return self.visit(node.named_children()[-1])

    def imported(self, node: SgNode) -> None:
        """``using A = B.C;``."""
        words = node.text().rstrip("; \n").replace("=", " = ").split()
        module = words[-1]
        if "=" in words:
            self.module.imports.append(Import(words[words.index("=") - 1], module, "", self.line))
        else:
            self.module.imports.append(Import("*", module, "*", self.line))

    def classed(self, node: SgNode) -> None:
        """A class, struct, record, interface or enum."""
        name, body = node.field("name"), node.field("body")
        if name is None:
            return
        before, called = self.prefix, name.text()
        self.prefix = ""
        given: SgNode | None = None
        self.module.bases[called] = ()
        for part in self.parts(node):
            if part.kind() == "base_list":
                bases = tuple(each.text().partition("<")[0].partition("(")[0] for each in self.parts(part))
                self.module.bases[called] = bases
                self.references.update(bases)
            elif part.kind() == "parameter_list":
                given = part
        chosen = CHOSEN if node.kind() == "enum_declaration" else PLAIN
        tested = TESTED if called.endswith(("Test", "Tests")) else PLAIN
        with self.within(called, contexts=chosen | tested, owner=True):
            if given is not None:
                self._components(given)
            if body is not None:
                self.statements(body.named_children())
        self.prefix = before

    def _components(self, node: SgNode) -> None:
        """The parameters of a record or of the class itself."""
        outer = self.scope
        with self.within(CONSTRUCTOR):
            defaults = self._parameters(node)
        for name, value, line in defaults:
            self.bind((*outer, name), value, line, field=True)

    def _parameters(self, node: SgNode) -> list[tuple[str, Expression, int]]:
        names, found = [], []
        for each in self.parts(node):
            name, kind, line = each.field("name"), each.field("type"), each.range().start.line + 1
            if name is None:
                continue
            names.append(name.text())
            children = each.children()
            if len(children) > 1 and children[-2].kind() == "=":
                value = self.value(children[-1])
                self.bind((*self.scope, name.text()), value, line)
                found.append((name.text(), value, line))
            elif kind is not None:
                self.instance((*self.scope, name.text()), kind.text(), line)
        self.module.parameters[self.scope] = tuple(names)
        return found

    def field(self, node: SgNode) -> None:
        """A field."""
        for part in self.parts(node):
            if part.kind() == "variable_declaration":
                self._variables(part, field=True)
            elif part.kind() == "attribute_list":
                self.visit(part)

    def variables(self, node: SgNode) -> None:
        """``var x = f();``."""
        self._variables(node, field=False)

    def _variables(self, node: SgNode, *, field: bool) -> None:
        before, kind = self.expected, node.field("type")
        self.expected = kind.text() if kind is not None else ""
        for declarator in self.parts(node):
            if declarator.kind() != "variable_declarator":
                continue
            children, line = declarator.children(), declarator.range().start.line + 1
            name = children[0].text()
            if field:
                self.own_fields.add((*self.scope, name))
            if len(children) > 2 and children[-2].kind() == "=":  # noqa: PLR2004 - name = value
                value = self.value(children[-1])
                self.bind((*self.scope, name), value, line, field=field)
                if field and self.owner and name in SECTIONS and type(value) is Text:
                    self.prefix = f"{value.value.replace(':', '.')}."
                    self.module.settings_classes[self.owner[-1]] = value.value.replace(":", ".")
            elif field and kind is not None:
                self.instance((*self.scope, name), kind.text(), line, field=True)
        self.expected = before

    def declared_property(self, node: SgNode) -> None:
        """``public string Model { get; set; } = "x";``, ``=> "x"``."""
        name, given, line = node.field("name"), node.field("value"), self.line
        accessors, kind = node.field("accessors"), node.field("type")
        if name is None:
            return
        self.own_fields.add((*self.scope, name.text()))
        alias = f"{self.prefix}{name.text()}" if self.prefix else ""
        before, self.expected = self.expected, kind.text() if kind is not None else ""
        if given is not None:
            value = self.inner(given) if given.kind() == "arrow_expression_clause" else self.value(given)
            self.bind((*self.scope, name.text()), value or Unknown("", line), line, field=True, alias=alias)
        elif alias:
            self.bind((*self.scope, name.text()), Unknown("", line), line, field=True, alias=alias)
        elif kind is not None:
            self.instance((*self.scope, name.text()), kind.text(), line, field=True)
        self.expected = before
        if accessors is not None and given is None:
            with self.within(name.text()):
                self.visit(accessors)

    def method(self, node: SgNode) -> None:
        """A method, constructor or local function."""
        name, body, given = node.field("name"), node.field("body"), node.field("parameters")
        if name is None:
            return
        attributes = [part.text() for part in self.parts(node) if part.kind() == "attribute_list"]
        tested = any(text.strip("[ ").startswith(TESTING) for text in attributes)
        called = CONSTRUCTOR if node.kind() == "constructor_declaration" else name.text()
        with self.within(called, contexts=TESTED if tested else PLAIN):
            if given is not None:
                self._parameters(given)
            for part in self.parts(node):
                if part.kind() == "constructor_initializer":
                    self.visit(part)
            if body is not None:
                self._body(body)

    def _body(self, body: SgNode) -> None:
        line, value = self.line, self.visit(body)
        if body.kind() == "arrow_expression_clause" and value is not None:
            self.returned(value, line)

    def function(self, node: SgNode) -> Expression | None:
        """``x => f(x)``; its value, where it is an expression."""
        line, body, given = self.line, node.field("body"), node.field("parameters")
        if body is None:
            return None
        names = given.text().strip("()").split(",")[0].split() if given is not None else []
        with self.within(f"@{line}"), self.set_up((names[-1],) if names else None):
            value = self.visit(body)
        return None if body.kind() == "block" else value

    def assignment(self, node: SgNode) -> Expression | None:
        """``this.a = x``, ``a["b"] = x``, ``a ??= x``."""
        line, children = self.line, node.children()
        target, operator = children[0], children[1].kind()
        value = self.value(children[-1])
        path = self.target(target)
        if path and operator == "??=":
            self.fall_back(path, value, line)
        elif path and operator == "=":
            self.assign(path, value, line)
        return value

    def target(self, node: SgNode) -> tuple[str, ...]:
        """The names of what is assigned to; none where there is no name."""
        kind = node.kind()
        if kind in ("identifier", "this"):
            return (node.text(),)
        if kind == "member_access_expression":
            children = node.children()
            path = self.target(children[0])
            return (*path, children[-1].text()) if path else ()
        if kind == "element_access_expression":
            of, *_, keys = node.named_children()
            key, path = self.inner(keys), self.target(of)
            return (*path, key.value) if path and type(key) is Text else ()
        self.rest(node)
        return ()
