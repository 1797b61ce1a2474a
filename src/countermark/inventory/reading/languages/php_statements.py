"""PHP: classes, functions, assignments and statements."""

from __future__ import annotations

import re
from typing import ClassVar

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import Expression, Import, Ref, Table, Text
from countermark.inventory.reading.languages.branching import Arm
from countermark.inventory.reading.languages.operators import Operators
from countermark.inventory.reading.languages.walking import (
    CHOSEN,
    CONSTRUCTOR,
    ENDED,
    HANDLED,
    PLAIN,
    TESTED,
    Handler,
    Walker,
)

CONFIG = re.compile(r"(?:^|/)config/([\w-]+)\.php$")
"""A file of Laravel of which the array is settings below its name."""
MAX_SETTINGS = 6


class Statements(Operators):
    """What gives names, and what stands on its own."""

    joining: ClassVar[frozenset[str]] = frozenset(["."])
    hoisted: ClassVar[frozenset[str]] = frozenset(["comment", "function_definition", "class_declaration"])

    def statement(self, node: SgNode) -> Expression | None:
        """An expression as a statement."""
        value = None
        for child in node.named_children():
            value = self.visit(child)
        return value if value is ENDED else None

    def last_of(self, node: SgNode) -> Expression | None:
        """What stands last: ``(string) $x``."""
        return self.visit(node.named_children()[-1])

    def imported(self, node: SgNode) -> None:
        """``use A\\B as C;``, ``use A\\{B, C}``."""
        line, prefix = self.line, ""
        for part in self.parts(node):
            if part.kind() == "namespace_name":
                prefix = f"{part.text()}\\"
        for clause in [node, *self.parts(node)]:
            for each in self.parts(clause) if clause.kind() != "namespace_use_clause" else ():
                if each.kind() == "namespace_use_clause":
                    words = each.text().removeprefix("function ").removeprefix("const ").split(" as ")
                    module = f"{prefix}{words[0].strip()}"
                    item = module.rpartition("\\")[2]
                    self.module.imports.append(
                        Import(words[-1].strip() if len(words) > 1 else item, module, item, line)
                    )

    def constant(self, node: SgNode) -> None:
        """``const X = "a";``."""
        parts, line = self.parts(node), self.line
        if len(parts) > 1:
            self.bind((*self.scope, parts[0].text()), self.value(parts[-1]), line, field=bool(self.owner))

    def classed(self, node: SgNode) -> None:
        """A class, trait, interface or enum."""
        name, body = node.field("name"), node.field("body")
        if name is None or body is None:
            return
        called = name.text()
        bases = tuple(
            each.text().rpartition("\\")[2]
            for part in self.parts(node)
            if part.kind() in ("base_clause", "class_interface_clause")
            for each in self.parts(part)
        )
        self.module.bases[called] = bases
        self.references.update(bases)
        tested = called.endswith("Test") or any(base.endswith("TestCase") for base in bases)
        chosen = CHOSEN if node.kind() == "enum_declaration" else PLAIN
        with self.within(called, contexts=chosen | (TESTED if tested else PLAIN), owner=True):
            self.statements(body.named_children())

    def case_constant(self, node: SgNode) -> None:
        """``case A = "a";`` of an enum."""
        name, value = node.field("name"), node.field("value")
        if name is not None and value is not None:
            self.bind((*self.scope, name.text()), self.value(value), self.line, field=True)

    def declared_property(self, node: SgNode) -> None:
        """``private string $model = "x";``."""
        kind = next((part.text() for part in self.parts(node) if part.kind().endswith("_type")), "")
        for part in self.parts(node):
            if part.kind() == "property_element":
                parts, line = self.parts(part), part.range().start.line + 1
                name = (*self.scope, parts[0].text().lstrip("$"))
                if len(parts) > 1:
                    self.bind(name, self.value(parts[-1]), line, field=True)
                else:
                    self.instance(name, kind, line, field=True)

    def method(self, node: SgNode) -> None:
        """A function or method."""
        name, given, body = node.field("name"), node.field("parameters"), node.field("body")
        called = name.text() if name is not None else f"@{self.line}"
        called = CONSTRUCTOR if called == "__construct" else called
        outer, line = self.contexts, self.line
        self.contexts = outer - CHOSEN
        with self.within(called):
            if given is not None:
                self._parameters(given)
            if body is not None:
                value = self.visit(body)
                if node.kind() == "arrow_function" and value is not None:
                    self.returned(value, line)
        self.contexts = outer

    def _parameters(self, node: SgNode) -> None:
        names = []
        for each in self.parts(node):
            named, default, line = (
                each.field("name"),
                each.field("default_value"),
                each.range().start.line + 1,
            )
            if named is None:
                continue
            name, kind = named.text().lstrip("$"), each.field("type")
            names.append(name)
            value = self.value(default) if default is not None else None
            if value is not None:
                self.bind((*self.scope, name), value, line)
            elif kind is not None:
                self.instance((*self.scope, name), kind.text(), line)
            if each.kind() == "property_promotion_parameter":
                self.bind((*self.owner, name), value or Ref((name,), line), line, field=True)
        self.module.parameters[self.scope] = tuple(names)

    def assignment(self, node: SgNode) -> Expression | None:
        """``$this->a = x``, ``$a["b"] = x``, ``$a ??= x``."""
        line, children = self.line, node.children()
        target, operator = children[0], children[-2].kind()
        if children[-1].kind() in ("anonymous_function", "arrow_function"):
            self.visit(children[-1])
            return None
        value = self.value(children[-1])
        path = self.target(target)
        if path and operator == "??=":
            self.fall_back(path, value, line)
        elif path and operator == "=":
            self.assign(path, value, line)
        return value

    def static(self, node: SgNode) -> None:
        """``static $a = x;``."""
        self.assignment(node)

    def target(self, node: SgNode) -> tuple[str, ...]:
        """The names of what is assigned to; none where there is no name."""
        kind = node.kind()
        if kind == "variable_name":
            return (node.text().lstrip("$"),)
        if kind in ("name", "relative_scope"):
            return (node.text(),)
        if kind in ("member_access_expression", "scoped_property_access_expression"):
            parts = node.named_children()
            path = self.target(parts[0])
            return (*path, parts[-1].text().lstrip("$")) if path else ()
        if kind == "subscript_expression":
            parts = self.parts(node)
            key = self.value(parts[1]) if len(parts) > 1 else None
            path = self.target(parts[0])
            return (*path, key.value) if path and type(key) is Text else ()
        self.rest(node)
        return ()

    def returning(self, node: SgNode) -> Expression | None:
        """``return x;``; at the end of a file of ``config`` it is settings."""
        line, parts = self.line, self.parts(node)
        for part in parts:
            value = self.value(part)
            self.returned(value, line)
            found = CONFIG.search(self.module.path)
            if found and not self.scope and type(value) is Table:
                self._settings(("setting", found[1]), value)
        return ENDED

    def _settings(self, name: tuple[str, ...], table: Table) -> None:
        for key, value in table.entries:
            if type(key) is not Text:
                continue
            if type(value) is Table and len(name) < MAX_SETTINGS:
                self._settings((*name, key.value), value)
            else:
                self.bind((*name, key.value), value, value.line, field=True)

    def branch(self, node: SgNode) -> Expression | None:
        """``if … elseif … else``."""
        arms: list[Arm] = []
        parts = self.parts(node)
        arms.append((parts[0], parts[1:2]))
        for part in parts[2:]:
            inside = self.parts(part)
            if part.kind() == "else_if_clause" and inside:
                arms.append((inside[0], inside[1:]))
            elif part.kind() == "else_clause":
                arms.append((None, inside))
        return self.branches(arms)

    def switch(self, node: SgNode) -> None:
        """``switch ($x) { case "a": … }``."""
        subject, body = self.parts(node)[:2]
        value = self.value(subject)
        for case in self.parts(body):
            parts = self.parts(case)
            labels = [self.value(parts.pop(0))] if case.kind() == "case_statement" and parts else []
            self.case(value, labels, parts)

    def matched(self, node: SgNode) -> Expression | None:
        """``match($x) { "a" => … }``."""
        line, (subject, body, *_) = self.line, self.parts(node)
        value, found = self.value(subject), []
        for arm in self.parts(body):
            parts = self.parts(arm)
            labels: tuple[Expression, ...] = ()
            if parts and parts[0].kind() == "match_condition_list":
                labels = self.values(self.parts(parts.pop(0)))
            found.append(self.case(value, labels, parts))
        return self.one_of(found, line)

    def caught(self, node: SgNode) -> None:
        """``catch (E $e) {…}``."""
        before = self.contexts
        self.contexts = before | HANDLED
        for part in self.parts(node):
            if part.kind() == "compound_statement":
                self.visit(part)
        self.contexts = before

    def looped(self, node: SgNode) -> None:
        """``foreach ($models as $m) {…}``."""
        line, parts = self.line, self.parts(node)
        value, target = self.value(parts[0]), parts[1] if len(parts) > 1 else parts[0]
        names = self.parts(target) if target.kind() == "pair" else [target]
        if names and names[-1].kind() == "variable_name":
            self.bind((*self.scope, names[-1].text().lstrip("$")), value, line)
        for part in parts[2:]:
            self.visit(part)

    kinds: ClassVar[dict[str, Handler]] = {
        "program": Walker.block,
        "compound_statement": Walker.block,
        "colon_block": Walker.block,
        "declaration_list": Walker.block,
        "expression_statement": statement,
        "namespace_definition": Walker.rest,
        "namespace_use_declaration": imported,
        "const_element": constant,
        "class_declaration": classed,
        "trait_declaration": classed,
        "interface_declaration": classed,
        "enum_declaration": classed,
        "enum_case": case_constant,
        "property_declaration": declared_property,
        "static_variable_declaration": static,
        "method_declaration": method,
        "function_definition": method,
        "anonymous_function": method,
        "arrow_function": method,
        "assignment_expression": assignment,
        "augmented_assignment_expression": assignment,
        "return_statement": returning,
        "throw_expression": Walker.ending,
        "break_statement": Walker.ending,
        "continue_statement": Walker.ending,
        "exit_statement": Walker.ending,
        "if_statement": branch,
        "switch_statement": switch,
        "match_expression": matched,
        "catch_clause": caught,
        "foreach_statement": looped,
        "integer": Walker.literal,
        "float": Walker.literal,
        "boolean": Walker.literal,
        "null": Walker.literal,
        "comment": Walker.skip,
        "php_tag": Walker.skip,
        "text": Walker.skip,
        "text_interpolation": Walker.skip,
        "primitive_type": Walker.skip,
        "named_type": Walker.skip,
        "optional_type": Walker.skip,
        "union_type": Walker.skip,
        "visibility_modifier": Walker.skip,
        "namespace_name": Walker.skip,
        "use_declaration": Walker.skip,
        "formal_parameters": Walker.skip,
    }
