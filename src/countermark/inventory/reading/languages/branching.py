"""Branches: what stands below a condition, and what a condition chooses between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import (
    Context,
    Either,
    Env,
    Expression,
    Guard,
    Item,
    Ref,
    Setting,
    Text,
    Unknown,
)
from countermark.inventory.reading.languages.chains import last
from countermark.inventory.reading.languages.walking import (
    COMPARED,
    DEAD,
    ENDED,
    FALSE,
    HANDLED,
    MAX_GUARDS,
    PLAIN,
    Condition,
    Walker,
)

ERRORS = frozenset(["err", "error"])

Arm: TypeAlias = tuple[SgNode | None, Sequence[SgNode]]
"""A condition, None for an ``else``, and what stands below it."""


class Branches(Walker):
    """Reads what depends on a condition."""

    def branch(self, node: SgNode) -> Expression | None:
        """``if … else if … else``, where the next ``if`` is itself the alternative, as in Java and C#."""
        arms: list[Arm] = []
        while True:
            test, then = node.field("condition"), node.field("consequence")
            other = node.field("alternative")
            arms.append((test, [then] if then is not None else []))
            if other is None or other.kind() != "if_statement":
                break
            node = other
        if other is not None:
            arms.append((None, [other]))
        return self.branches(arms)

    def branches(self, arms: Sequence[Arm], *, unless: bool = False) -> Expression | None:
        """``if``, ``else if``, ``else``; what they come to where they have values."""
        before, contexts, line = self.guards, self.contexts, self.line
        outer, options, tests = before, [], []
        ended = bool(arms) and arms[-1][0] is None
        for test, bodies in arms:
            condition = self.visit(test) if test is not None else None
            tests.append(condition)
            guard = guard_of(condition)
            guard = flipped(guard) if unless and guard else guard
            start = len(self.module.bindings)
            self.guards = (*outer, guard)[-MAX_GUARDS:] if guard else outer
            self.contexts = contexts | _standing(condition, guard)
            for body in bodies:
                value = self.visit(body)
                ended = ended and value is ENDED
                if value is not None and value is not ENDED:
                    options.append(value)
            if guard is not None:
                self._put_behind(guard, start, before)
                outer = (*outer, flipped(guard))[-MAX_GUARDS:]
        self.guards, self.contexts = before, contexts
        if ended:
            return ENDED
        if len(options) == len(arms) == 2 and tests[0] is not None:  # noqa: PLR2004 - an if and its else
            return self.choose(tests[0], options[0], options[1], line)
        return Either(tuple(options), line, ordered=False) if len(options) > 1 else None

    def case(
        self, subject: Expression, labels: Sequence[Expression], bodies: Sequence[SgNode]
    ) -> Expression | None:
        """One ``case`` of a ``switch``, with what it comes to where it has a value."""
        texts = [label for label in labels if type(label) is Text]
        for text in texts:
            self.loose(text, COMPARED)
        before = self.guards
        if texts:
            self.guards = (*before, Guard(subject, tuple(text.value for text in texts)))[-MAX_GUARDS:]
        value = self.statements(bodies)
        self.guards = before
        return value

    def choose(self, test: Expression, body: Expression, other: Expression, line: int) -> Expression:
        """One of two: in order, where the test asks whether the one has a value."""
        guard = guard_of(test)
        if guard is not None and not guard.equals:
            first, second = (body, other) if guard.holds else (other, body)
            if guard.test == first:
                return Either((first, second), line)
        return Either((body, other), line, ordered=False)

    def one_of(self, values: Sequence[Expression | None], line: int) -> Expression | None:
        """What a ``switch`` comes to, which the files do not decide."""
        options = tuple(value for value in values if value is not None and value is not ENDED)
        return Either(options, line, ordered=False) if len(options) > 1 else None

    def _put_behind(self, guard: Guard, start: int, guards: tuple[Guard, ...]) -> None:
        """``if x == "" { x = "d" }``: not a second value, but what stands behind the first."""
        if guard.holds or guard.equals or type(guard.test) is not Ref:
            return
        name = self.full(guard.test.path)
        bindings = self.module.bindings
        for at in range(start, len(bindings)):
            default = bindings[at]
            if default.name == name:
                if self._behind(name, default.value, default.line, start):
                    del bindings[at]
                else:
                    value = Either((guard.test, default.value), default.line)
                    bindings[at] = replace(default, value=value, guards=guards)
                return


def guard_of(condition: Expression | None) -> Guard | None:
    """A condition that can be decided from values."""
    if type(condition) is Condition:
        return condition.guard
    return Guard(condition) if isinstance(condition, Ref | Env | Setting | Item) else None


def flipped(guard: Guard) -> Guard:
    """What holds in the ``else``."""
    return Guard(guard.test, guard.equals, not guard.holds)


def _standing(condition: Expression | None, guard: Guard | None) -> frozenset[Context]:
    """What a condition makes of the code below it."""
    if type(condition) is Unknown and condition.source in FALSE:
        return DEAD
    if guard and guard.holds and not guard.equals and last(guard.test) in ERRORS:
        return HANDLED
    return PLAIN
