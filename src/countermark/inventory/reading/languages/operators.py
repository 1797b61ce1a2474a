"""Operators, which most languages write alike."""

from __future__ import annotations

import re
from typing import ClassVar

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import Either, Expression, Guard, Ref, Text, Unknown
from countermark.inventory.reading.languages.branching import Branches, flipped, guard_of
from countermark.inventory.reading.languages.chains import attribute
from countermark.inventory.reading.languages.walking import ENDED, SHOWN, Condition

EQUAL = {"==": True, "===": True, "eq": True, "!=": False, "!==": False, "<>": False}

OR = frozenset(["||", "or"])


class Operators(Branches):
    """The handlers of expressions that have an operator."""

    joining: ClassVar[frozenset[str]] = frozenset(["+"])
    """Operators that put strings together."""
    alternatives: ClassVar[frozenset[str]] = frozenset(["??"])
    """Operators that give the first of two that has a value."""

    chain: ClassVar[re.Pattern[str]] = re.compile(r"\w+(?:\.\w+)+")
    """Names joined by dots: one reference."""

    def member(self, node: SgNode) -> Expression:
        """``a.b``."""
        line, source = self.line, node.text()
        if self.chain.fullmatch(source):
            names = tuple(source.split("."))
            self.references.update(names)
            return Ref(names, line)
        of, *_, name = node.named_children()
        self.references.add(name.text())
        return attribute(self.value(of), name.text(), line)

    def first(self, node: SgNode) -> Expression | None:
        """``x as T``, ``x!``."""
        return self.visit(node.named_children()[0])

    def binary(self, node: SgNode) -> Expression | None:
        """``a + b``, ``a ?? b``, ``a === b``."""
        line, children = self.line, node.children()
        if len(children) != 3:  # noqa: PLR2004 - a comment in between
            children = [child for child in children if child.kind() not in self.comments]
        operator = children[1].kind()
        if operator in self.joining:
            return self.join(self._operands(node, operator), line)
        left, other = self.value(children[0]), self.visit(children[-1])
        if other is ENDED:  # a ?? throw e
            return left
        right = Unknown(children[-1].text()[:SHOWN], line) if other is None else other
        return self._combined(operator, left, right, line)

    def _combined(self, operator: str, left: Expression, right: Expression, line: int) -> Expression | None:
        """What two values come to: a choice, or a condition."""
        if operator in EQUAL:
            return self.compare(left, right, line, equal=EQUAL[operator])
        if operator in ("&&", "and"):
            guard = guard_of(left) or guard_of(right)
            return right if type(right) is Text else Condition("", line, guard)
        test = _either(left, right) if operator in OR else None
        if test is not None:
            return Condition("", line, test)
        return Either((left, right), line) if operator in self.alternatives else None

    def _operands(self, node: SgNode, operator: str) -> list[Expression]:
        """The parts of ``a + b + c``, which is a tree as deep as it is long."""
        nodes = []
        kind = node.kind()
        while node.kind() == kind:
            children = [child for child in node.children() if child.kind() not in self.comments]
            if children[1].kind() != operator:
                break
            nodes.append(children[-1])
            node = children[0]
        return [self.value(part) for part in (node, *reversed(nodes))]

    def unary(self, node: SgNode) -> Expression | None:
        """``!x``; what has another operator is not followed."""
        line, source = self.line, node.children()[0].kind()
        value = self.inner(node)
        guard = guard_of(value) if source in ("!", "not") else None
        if guard is not None:
            return Condition("", line, flipped(guard))
        return None if value is None or type(value) is Text else Unknown(node.text()[:SHOWN], line)

    def ternary(self, node: SgNode) -> Expression:
        """``a ? b : c``."""
        line, parts = self.line, self.parts(node)
        test, body, other = self.value(parts[0]), self.value(parts[1]), self.value(parts[-1])
        return self.choose(test, body, other, line)


def _either(left: Expression, right: Expression) -> Guard | None:
    """``a == null || a.isEmpty()``, ``a == "x" || a == "y"``: two conditions that are one."""
    if type(left) is not Condition or type(right) is not Condition:
        return None
    one, other = left.guard, right.guard
    if one is None or other is None or one.test != other.test or one.holds != other.holds:
        return None
    if not one.equals and not other.equals:
        return one
    return Guard(one.test, one.equals + other.equals) if one.holds and one.equals and other.equals else None
