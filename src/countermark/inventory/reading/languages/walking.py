"""One walk over the tree of a source file, and the noting of what is said on the way.

A language is a subclass of :class:`Walker` with a table from kinds of nodes to methods. A kind that the
table does not name is gone through: what is in it is read, and it has no value itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeAlias

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import (
    Binding,
    Call,
    CallSite,
    Context,
    Either,
    Expression,
    Guard,
    Join,
    Loose,
    Module,
    Ref,
    Text,
    Unknown,
)
from countermark.inventory.reading.languages.chains import last, measured

MAX_DEPTH = 150
"""Of nodes within nodes that are read; some forty blocks, more than any person writes."""
MAX_GUARDS = 8
MAX_NAME = 12
"""Parts of a name: what is nested deeper is known by its last ones."""
NEAR = 200
"""Bindings that are looked back for the one that a default belongs to."""
SHOWN = 80
PLAIN: frozenset[Context] = frozenset()
TESTED = frozenset([Context.TEST])
DEAD = frozenset([Context.DEAD])
HANDLED = frozenset([Context.HANDLER])
COMPARED = frozenset([Context.COMPARED])
CHOSEN = frozenset([Context.CHOICE])
FALSE = frozenset(["false", "False", "0", "FALSE"])
NOTHING = frozenset(["null", "undefined", "nil", "None", "NULL"])
OWN = frozenset(["this", "self", "static"])

CONSTRUCTOR = "__init__"
"""What constructors are known as, whatever a language calls them."""
SETTINGS_TYPE = re.compile(r"(?!I?Configuration)[\w.]*(?:Config|Setting|Propert|Option|Opts|Props|Params)\w*")
OPTIONS = re.compile(r"^(?:IOptions\w*|Provider|ObjectProvider|Arc|Rc|Box|Lazy)<(.*)>\??$")
"""What is around the type of settings where they are handed in."""

Handler: TypeAlias = Callable[[Any, SgNode], Expression | None]
Path: TypeAlias = tuple[str, ...]
Named: TypeAlias = tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class Condition(Unknown):
    """Something true or false; its guard, where it can be decided from values."""

    guard: Guard | None = None


ENDED = Unknown("", 0)
"""The value of a statement behind which nothing runs."""


class Walker:
    """Goes through one file."""

    kinds: ClassVar[dict[str, Handler]] = {}
    comments: ClassVar[tuple[str, ...]] = ("comment",)
    """The kinds of nodes that are comments."""
    idioms: ClassVar[Mapping[str, Callable[[Any, Call], Expression | None]]] = {}
    """Last part of a called name → what the call stands for; None where it is a call like others."""
    hoisted: ClassVar[frozenset[str]] = frozenset()
    """Declarations that hold even behind a ``return``."""

    @staticmethod
    def prepared(text: str) -> str:
        """The text that the grammar is given: as long in lines, without what it does not know."""
        return text

    def __init__(self, module: Module) -> None:
        self.module = module
        self.scope: Path = ()
        self.owner: Path = ()
        """The scope of the class around, which ``this`` means."""
        self.contexts = PLAIN
        self.guards: tuple[Guard, ...] = ()
        self.setting_up: Path | None = None
        """What a function that sets something up calls it: ``("o",)`` in ``AddX(o => o.Model = "x")``."""
        self.given: list[tuple[str, Expression]] = []
        """What it has been given so far."""
        self.gave: list[tuple[str, Expression]] = []
        """What the function before gave."""
        self.line = 1
        """Of the node that is visited. It moves on with the nodes in it: keep it before going on."""
        self.wide = True
        """Whether what is around spans lines; else all in it is on one, and asking is saved."""
        self.depth = 0
        self.references = module.references
        self.own_fields: set[Path] = set()
        """The fields of classes, in languages in which ``this`` may be left out."""
        self.parameter_types: dict[str, Path] = {}
        """Parameters that are settings → their type: what is set on them is set for the type."""

    def visit(self, node: SgNode) -> Expression | None:
        """Read a node. None where it has no value, or none that is followed."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            return self.too_deep(node)
        handler = self.kinds.get(node.kind(), Walker.rest)
        if self.wide:
            span = node.range()
            self.line = span.start.line + 1
            self.wide = span.end.line >= self.line
            value = handler(self, node)
            self.wide = True
        else:
            value = handler(self, node)
        self.depth -= 1
        return value

    def too_deep(self, node: SgNode) -> Expression | None:
        """Leave a node that is nested deeper than anybody writes, and say so."""
        self.depth -= 1
        if not self.module.trouble:
            self.module.trouble = f"nested too deep in line {node.range().start.line + 1}"
        return None

    def value(self, node: SgNode | None) -> Expression:
        """Read a node of which the value is wanted."""
        if node is None:
            return Unknown("", self.line)
        line = self.line
        value = self.visit(node)
        return Unknown(node.text()[:SHOWN], line) if value is None else value

    def values(self, nodes: Iterable[SgNode]) -> tuple[Expression, ...]:
        """Read the elements of a list; comments between them are none."""
        found = []
        for node in nodes:
            value = self.visit(node)
            if value is None:
                if node.kind() in self.comments:
                    continue
                value = Unknown(node.text()[:SHOWN], self.line)
            found.append(value)
        return tuple(found)

    def parts(self, node: SgNode) -> list[SgNode]:
        """The named nodes in a node, without comments."""
        return [child for child in node.named_children() if child.kind() not in self.comments]

    def rest(self, node: SgNode) -> Expression | None:
        """Go through a kind that has no method of its own."""
        for child in node.named_children():
            value = self.visit(child)
            if type(value) is Text:
                self.loose(value)
        return None

    def skip(self, node: SgNode) -> Expression | None:
        """Do not go into a node: a type, a comment."""
        return None

    def inner(self, node: SgNode) -> Expression | None:
        """What a pair of brackets, an ``await`` or the like is around."""
        value = None
        for child in node.named_children():
            value = self.visit(child) or value
        return value

    def literal(self, node: SgNode) -> Expression:
        """A number, a truth value, nothing."""
        return Unknown(node.text()[:SHOWN], self.line)

    def name(self, node: SgNode) -> Expression:
        """A name that is read."""
        name = node.text()
        self.references.add(name)
        return Ref((name,), self.line)

    def block(self, node: SgNode) -> Expression | None:
        """Statements one after the other; behind a ``return`` they are dead. The last gives the value."""
        return self.statements(node.named_children())

    def statements(self, nodes: Iterable[SgNode]) -> Expression | None:
        """Read statements."""
        before, ended = self.contexts, False
        value: Expression | None = None
        for node in nodes:
            if ended:
                hoisted = node.kind() in self.hoisted
                self.contexts = before if hoisted else before | DEAD
            value = self.visit(node)
            ended = value is ENDED or ended
        self.contexts = before
        return ENDED if ended else value

    def ending(self, node: SgNode) -> Expression | None:
        """``break``, ``continue``, ``throw``."""
        self.rest(node)
        return ENDED

    def returning(self, node: SgNode) -> Expression | None:
        """``return x``."""
        line = self.line
        for child in self.parts(node):
            self.returned(self.value(child), line)
        return ENDED

    def returned(self, value: Expression, line: int) -> None:
        """Note what the function around gives back."""
        self.module.returns.append(Binding(self.scope, value, line, self.contexts, guards=self.guards))

    @contextmanager
    def within(
        self, *names: str, contexts: frozenset[Context] = PLAIN, owner: bool = False
    ) -> Iterator[None]:
        """Read what is inside of a function or class."""
        before = self.scope, self.owner, self.contexts, self.parameter_types
        self.parameter_types = {**self.parameter_types}
        self.scope = (*self.scope, *names)[-MAX_NAME:]
        if owner:
            self.owner = self.scope
        if contexts:
            self.contexts |= contexts
        yield
        self.scope, self.owner, self.contexts, self.parameter_types = before

    @contextmanager
    def set_up(self, parameter: Path | None) -> Iterator[None]:
        """Read a function that sets its parameter up; what it gives it is in ``gave`` afterwards."""
        before = self.setting_up, self.given
        self.setting_up, self.given = parameter, []
        yield
        self.gave = self.given
        self.setting_up, self.given = before

    def full(self, path: Path) -> Path:
        """The name of something that is assigned to, from the outermost."""
        first = path[0]
        if first in OWN and self.owner:
            return self.owner + path[1:]
        if self.owner and (*self.owner, first) in self.own_fields:
            return self.owner + path
        if first in self.parameter_types and len(path) > 1:
            return self.parameter_types[first] + path[1:]
        return self.scope + path

    def bind(self, name: Path, value: Expression, line: int, *, field: bool = False, alias: str = "") -> None:
        """Note that a name is given a value."""
        within = () if self.scope == name[:-1] else self.scope
        self.module.bindings.append(
            Binding(name, value, line, self.contexts, alias, field, self.guards, within),
        )

    def assign(self, path: Path, value: Expression, line: int) -> None:
        """``a.b = value``."""
        if self.setting_up is not None and path[:-1] == self.setting_up:
            self.given.append((path[-1], value))
        name = self.full(path)
        self.bind(name, value, line, field=len(path) > 1 or name != self.scope + path)

    def fall_back(self, path: Path, value: Expression, line: int) -> None:
        """Note what a name is given where it has no value: ``a ??= value``."""
        name = self.full(path)
        if not self._behind(name, value, line, len(self.module.bindings)):
            self.bind(name, Either((Ref(path, line), value), line), line, field=len(path) > 1)

    def _behind(self, name: Path, default: Expression, line: int, end: int) -> bool:
        """Put a default behind the value that a name was given shortly before, if it was."""
        bindings = self.module.bindings
        for at in range(end - 1, max(-1, end - NEAR), -1):
            earlier = bindings[at]
            if earlier.name == name:
                nothing = type(earlier.value) is Unknown and earlier.value.source in NOTHING
                value = default if nothing else Either((earlier.value, default), line)
                bindings[at] = replace(earlier, value=value)
                return True
        return False

    def instance(self, name: Path, kind: str, line: int, *, field: bool = False) -> None:
        """Note that a parameter or field is of a type that holds settings, as if it were made here."""
        kind = OPTIONS.sub(r"\1", kind).partition("<")[0].partition("[")[0].strip("*&? ")
        if SETTINGS_TYPE.fullmatch(kind):
            path = tuple(kind.split("."))
            self.references.update(path)
            self.bind(name, Call(Ref(path, line), line), line, field=field)
            if not field:
                self.parameter_types[name[-1]] = path[-1:]

    def loose(self, text: Text, contexts: frozenset[Context] = PLAIN) -> None:
        """Note a string that belongs to nothing."""
        if text.value:
            self.module.loose.append(Loose(text, self.scope, self.contexts | contexts))

    def choices(self, value: Expression) -> None:
        """Note the strings of a list as what may be chosen."""
        for item in getattr(value, "items", (value,)):
            if type(item) is Text:
                self.loose(item, CHOSEN)

    def call(
        self, function: Expression, line: int, args: tuple[Expression, ...] = (), kwargs: Named = ()
    ) -> Expression:
        """Note a call, if it is not a way to write a value."""
        call = Call(function, line, args, kwargs)
        idiom = self.idioms.get(last(function)) or self.idioms[""]
        value = idiom(self, call)
        if value is not None:
            return value
        self.record(call)
        return call

    def record(self, call: Call) -> None:
        """Note a call."""
        self.module.calls.append(CallSite(call, self.scope, self.contexts, self.guards))

    def compare(self, left: Expression, right: Expression, line: int, *, equal: bool = True) -> Condition:
        """``left == right``."""
        for side, other in ((left, right), (right, left)):
            if type(side) is Text:
                self.loose(side, COMPARED)
                test = Guard(other, (side.value,), equal) if side.value else Guard(other, (), not equal)
                return Condition("", line, test)
            if type(side) is Unknown and side.source in NOTHING:
                return Condition("", line, Guard(other, (), not equal))
            if type(side) is Unknown and side.source == "0" and (of := measured(other)) is not None:
                return Condition("", line, Guard(of, (), not equal))
        return Condition("", line)

    def join(self, parts: Sequence[Expression], line: int) -> Expression:
        """Strings put together, where they are strings."""
        spread: list[Expression] = []
        for part in parts:
            spread.extend(part.parts if type(part) is Join else (part,))
        return Join(tuple(spread), line)
