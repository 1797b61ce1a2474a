"""Ruby: modules, classes, methods, assignments and statements."""

from __future__ import annotations

from typing import ClassVar

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import Expression, Import, Text
from countermark.inventory.reading.languages.branching import Arm
from countermark.inventory.reading.languages.operators import Operators
from countermark.inventory.reading.languages.walking import (
    CONSTRUCTOR,
    ENDED,
    HANDLED,
    PLAIN,
    TESTED,
    Handler,
    Walker,
)


class Statements(Operators):
    """What gives names, and what stands on its own."""

    joining: ClassVar[frozenset[str]] = frozenset(["+", "<<"])
    alternatives: ClassVar[frozenset[str]] = frozenset(["||", "or"])
    hoisted: ClassVar[frozenset[str]] = frozenset(["comment", "method", "heredoc_body"])

    def imported(self, node: SgNode, how: str, line: int) -> None:
        """``require "a"``, ``require_relative "b"``."""
        words = [part for part in self.parts(node) if part.kind() == "string"]
        if words:
            module = words[-1].text()[1:-1]
            relative = how == "require_relative"
            taken = Import("*", f"./{module}", "*", line) if relative else Import(module, module, "", line)
            self.module.imports.append(taken)

    def classed(self, node: SgNode) -> None:
        """``class A < B``, ``module A``."""
        name, body = node.field("name"), node.field("body")
        if name is None:
            return
        names = tuple(part for part in name.text().split("::") if part)
        given = node.field("superclass")
        base = given.text().lstrip("< ") if given is not None else ""
        self.module.bases[names[-1]] = tuple(filter(None, [base.partition("(")[0].replace("::", ".")]))
        self.references.update(filter(None, base.split("::")))
        tested = names[-1].endswith("Test") or base.endswith(("TestCase", "Test"))
        with self.within(*names, contexts=TESTED if tested else PLAIN, owner=True):
            if body is not None:
                self.visit(body)

    def method(self, node: SgNode) -> None:
        """``def f(a, b: "c")``; the last expression is what it gives."""
        name, given, body = node.field("name"), node.field("parameters"), node.field("body")
        if name is None:
            return
        line, called = self.line, name.text()
        with self.within(CONSTRUCTOR if called == "initialize" else called):
            names = []
            for each in self.parts(given) if given is not None else ():
                part, default = each.field("name"), each.field("value")
                names.append((part or each).text().lstrip("*&"))
                if default is not None:
                    self.bind((*self.scope, names[-1]), self.value(default), each.range().start.line + 1)
            self.module.parameters[self.scope] = tuple(names)
            value = self.visit(body) if body is not None else None
            if value is not None and value is not ENDED and called != "initialize":
                self.returned(value, getattr(value, "line", line))

    def function(self, node: SgNode) -> Expression | None:
        """``{ |x| … }``, ``do |x| … end``: what is assigned to ``x`` sets it up."""
        body, value = node.field("body"), None
        given = node.field("parameters")
        names = [part.text() for part in self.parts(given)] if given is not None else []
        with self.within(f"@{self.line}"), self.set_up((names[0],) if names else None):
            if body is not None:
                value = self.visit(body)
        return None if value is ENDED else value

    def lambda_(self, node: SgNode) -> Expression | None:
        """``->(x) { … }``."""
        body = node.field("body")
        return self.visit(body) if body is not None else None

    def assignment(self, node: SgNode) -> Expression | None:
        """``@a = x``, ``a.b = x``, ``a[:b] = x``, ``A, B = x, y``."""
        line, children = self.line, self.parts(node)
        target, given = children[0], children[-1]
        if target.kind() == "left_assignment_list":
            values = self.values(self.parts(given)) if given.kind() == "right_assignment_list" else ()
            for each, value in zip(self.parts(target), values, strict=False):
                path = self.target(each)
                if path:
                    self.assign(path, value, line)
            return None
        value = self.value(given)
        self._assigned(target, value, line)
        return value

    def _assigned(self, target: SgNode, value: Expression, line: int) -> None:
        path = self.target(target)
        if not path:
            return
        if path[0] == "ENV" and len(path) > 1:
            self.bind(("environ", path[1]), value, line, field=True)
        elif target.kind() == "constant":
            self.bind((*self.scope, *path), value, line, field=bool(self.owner))
        else:
            self.assign(path, value, line)

    def operated(self, node: SgNode) -> Expression | None:
        """``@a ||= x``."""
        line, children = self.line, node.children()
        value = self.value(children[-1])
        path = self.target(children[0])
        if path and children[1].kind() == "||=":
            if path[0] == "ENV" and len(path) > 1:
                self.bind(("environ", path[1]), value, line, field=True)
            else:
                self.fall_back(path, value, line)
        return value

    def target(self, node: SgNode) -> tuple[str, ...]:
        """The names of what is assigned to; none where there is no name."""
        kind = node.kind()
        if kind in ("identifier", "constant", "global_variable", "self"):
            return (node.text().lstrip("$"),)
        if kind in ("instance_variable", "class_variable"):
            return ("self", node.text().lstrip("@"))
        if kind == "scope_resolution":
            return tuple(part for part in node.text().split("::") if part)
        if kind == "call":
            of, name = node.field("receiver"), node.field("method")
            path = self.target(of) if of is not None else ()
            return (*path, name.text()) if name is not None and (path or of is None) else ()
        if kind == "element_reference":
            parts = self.parts(node)
            key = self.value(parts[1]) if len(parts) > 1 else None
            path = self.target(parts[0])
            return (*path, key.value) if path and type(key) is Text else ()
        self.rest(node)
        return ()

    def branch(self, node: SgNode) -> Expression | None:
        """``if … elsif … else … end``, ``unless``."""
        arms: list[Arm] = []
        unless = node.kind() == "unless"
        while True:
            test, then, other = node.field("condition"), node.field("consequence"), node.field("alternative")
            arms.append((test, [then] if then is not None else []))
            if other is None or other.kind() != "elsif":
                break
            node = other
        if other is not None:
            arms.append((None, [other]))
        return self.branches(arms, unless=unless)

    def modified(self, node: SgNode) -> Expression | None:
        """``x = y if z``."""
        body, test = node.field("body"), node.field("condition")
        if body is not None:
            self.branches([(test, [body])], unless=node.kind() == "unless_modifier")
        return None

    def switch(self, node: SgNode) -> Expression | None:
        """``case x when "a" then … end``."""
        line, subject = self.line, node.field("value")
        value, found = self.value(subject), []
        for case in self.parts(node):
            if case.kind() == "when":
                labels = [self.inner(part) for part in self.parts(case) if part.kind() == "pattern"]
                bodies = [part for part in self.parts(case) if part.kind() != "pattern"]
                found.append(self.case(value, [label for label in labels if label is not None], bodies))
            elif case.kind() == "else":
                found.append(self.case(value, [], [case]))
        return self.one_of(found, line)

    def caught(self, node: SgNode) -> None:
        """``rescue E => e``."""
        before = self.contexts
        self.contexts = before | HANDLED
        for part in self.parts(node):
            if part.kind() == "then":
                self.visit(part)
        self.contexts = before

    def body(self, node: SgNode) -> Expression | None:
        """The statements of a method or class; what is rescued is beside them."""
        nodes = node.named_children()
        plain = [part for part in nodes if part.kind() not in ("rescue", "ensure", "else")]
        value = self.statements(plain)
        for part in nodes:
            if part.kind() in ("rescue", "ensure", "else"):
                self.visit(part)
        return value

    def returning(self, node: SgNode) -> Expression | None:
        """``return x``."""
        line = self.line
        for child in self.parts(node):
            values = self.values(self.parts(child))
            if values:
                self.returned(values[0], line)
        return ENDED

    def heredoc(self, node: SgNode) -> Expression | None:
        """``<<~TEXT``: its body stands behind the statement."""
        root = node.parent()
        for _ in range(12):
            if root is None:
                return None
            following = root.next()
            if following is not None and following.kind() == "heredoc_body":
                return self.value(following)
            root = root.parent()
        return None

    kinds: ClassVar[dict[str, Handler]] = {
        "program": Walker.block,
        "body_statement": body,
        "block_body": Walker.block,
        "then": Walker.block,
        "else": Walker.block,
        "do": Walker.block,
        "begin": body,
        "ensure": Walker.block,
        "class": classed,
        "module": classed,
        "singleton_class": Walker.rest,
        "method": method,
        "singleton_method": method,
        "block": function,
        "do_block": function,
        "lambda": lambda_,
        "assignment": assignment,
        "operator_assignment": operated,
        "if": branch,
        "unless": branch,
        "if_modifier": modified,
        "unless_modifier": modified,
        "case": switch,
        "rescue": caught,
        "return": returning,
        "break": Walker.ending,
        "next": Walker.ending,
    }
