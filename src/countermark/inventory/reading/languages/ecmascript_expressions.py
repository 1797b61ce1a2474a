"""JavaScript, TypeScript and JSX: what has a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import (
    Call,
    Either,
    Env,
    Expression,
    Item,
    Many,
    Member,
    Ref,
    Table,
    Text,
    Unknown,
)
from countermark.inventory.reading.languages.chains import attribute, last
from countermark.inventory.reading.languages.ecmascript_chains import CHAIN, chain_of, variable_of
from countermark.inventory.reading.languages.literals import unescaped
from countermark.inventory.reading.languages.operators import Operators
from countermark.inventory.reading.languages.walking import CHOSEN, CONSTRUCTOR, HANDLED, TESTED

FUNCTIONS = frozenset(
    [
        "arrow_function",
        "function_expression",
        "function_declaration",
        "generator_function",
        "method_definition",
    ]
)
TESTING = frozenset(
    ["describe", "it", "test", "suite", "bench", "beforeEach", "beforeAll", "afterEach", "afterAll"]
)
STATES = frozenset(["useState", "createSignal", "useLocalStorage", "useStorage", "useAtom"])
MODIFIERS = frozenset(["accessibility_modifier", "override_modifier", "readonly"])
NESTED = 8
"""Links of a chain such as ``z.string().min(1).default("x")`` that are looked along."""


class Expressions(Operators):
    """What has a value."""

    alternatives: ClassVar[frozenset[str]] = frozenset(["||", "??"])

    def string(self, node: SgNode) -> Expression:
        """``"x"``, ``'x'``."""
        return Text(unescaped(node.text()[1:-1]), self.line)

    def template(self, node: SgNode) -> Expression:
        """```a${b}```."""
        source, line = node.text(), self.line
        if "${" not in source:
            return Text(unescaped(source[1:-1]), line)
        parts: list[Expression] = []
        for child in node.named_children():
            kind = child.kind()
            if kind == "template_substitution":
                parts.append(self.inner(child) or Unknown(child.text()[:80], line))
            else:
                parts.append(Text(unescaped(child.text()), line))
        return self.join(parts, line)

    def member(self, node: SgNode) -> Expression:
        """``a.b.c``; variables of the environment among them."""
        source, line = node.text(), self.line
        if CHAIN.fullmatch(source):
            path = chain_of(source)
            self.references.update(path)
            return variable_of(path, line)
        of, *_, name = node.named_children()
        return self.attribute(self.value(of), name.text(), line)

    def attribute(self, of: Expression, name: str, line: int) -> Expression:
        """``of.name``."""
        self.references.add(name)
        found = attribute(of, name, line)
        return variable_of(found.path, line) if type(found) is Ref else found

    def subscript(self, node: SgNode) -> Expression:
        """``a["b"]``."""
        line = self.line
        of, *_, key = self.values(self.parts(node))
        if type(key) is Text and type(of) is Ref and of.path[-1] == "env":
            return Env(key.value, line)
        return Item(of, key, line)

    def array(self, node: SgNode) -> Expression:
        """``[a, b]``."""
        line = self.line
        return Many(self.values(node.named_children()), line)

    def object(self, node: SgNode) -> Expression:
        """``{a: b, c, ...d}``."""
        line = self.line
        entries: list[tuple[Expression, Expression]] = []
        for child in node.named_children():
            self.entry(child, entries)
        return Table(tuple(entries), line)

    def entry(self, node: SgNode, entries: list[tuple[Expression, Expression]]) -> None:
        """One entry of an object."""
        kind = node.kind()
        line = node.range().start.line + 1 if self.wide else self.line
        if kind == "pair":
            first, *_, second = node.named_children()
            key = self.key(first, line)
            if second.kind() in FUNCTIONS:
                self.function(second, key.value if type(key) is Text else "")
                return
            value = self.visit(second)
            if value is not None:
                entries.append((key, self._defined(key, value, line)))
            elif second.kind() not in self.comments:
                entries.append((key, Unknown(second.text()[:80], line)))
        elif kind == "shorthand_property_identifier":
            name = node.text()
            self.references.add(name)
            entries.append((Text(name, line), Ref((name,), line)))
        elif kind == "spread_element":
            entries.append((Text("**", line), self.inner(node) or Unknown("...", line)))
        else:
            self.visit(node)

    def key(self, node: SgNode, line: int) -> Expression:
        """The key of an entry."""
        if node.kind() == "computed_property_name":
            return self.inner(node) or Unknown("", line)
        source = node.text()
        return Text(unescaped(source[1:-1]) if source[:1] in ("'", '"') else source, line)

    def _defined(self, key: Expression, value: Expression, line: int) -> Expression:
        """A value of a schema is its default: ``M: z.string().default("x")``, ``{default: "x", env: "M"}``.

        The variable is the key itself, where it is written in capitals.
        """
        if type(key) is not Text:
            return value
        default, alias = _schema(value)
        if default is None:
            return value
        if alias or key.value.isupper():
            self.bind((*self.scope, key.value), default, line, field=True, alias=alias or key.value)
        return default

    def called(self, node: SgNode) -> Expression:
        """``f(a, {b: c})``, ``new F(a)``, ``tag`x```."""
        line = self.line
        parts = node.named_children()
        function = self._callee(parts[0])
        if len(parts) < 2:  # noqa: PLR2004 - new F, without arguments
            return self.call(function, line)
        name = function.path[0] if type(function) is Ref else ""
        before, given = self.contexts, parts[-1]
        if name in TESTING:
            self.contexts = before | TESTED
        elif type(function) is Member and last(function) == "catch":
            self.contexts = before | HANDLED
        nodes = [given] if given.kind() == "template_string" else given.named_children()
        value = self.call(function, line, self.values(nodes))
        self.contexts = before
        return value

    def _callee(self, node: SgNode) -> Expression:
        """What is called: ``Deno.env.get`` is a method of the environment, and no variable of it."""
        if node.kind() != "member_expression":
            return self.value(node)
        line, source = self.line, node.text()
        if not CHAIN.fullmatch(source):
            of, *_, name = node.named_children()
            return self.attribute(self.value(of), name.text(), line)
        path = chain_of(source)
        self.references.update(path)
        return attribute(variable_of(path[:-1], line), path[-1], line)

    def function(self, node: SgNode, name: str = "") -> Expression | None:
        """A function; what it gives, where it is an expression."""
        line = self.line
        body = node.field("body")
        parameters = node.field("parameters") or node.field("parameter")
        called = CONSTRUCTOR if name == "constructor" else name or f"@{line}"
        with self.within(called, owner=not self.owner and name[:1].isupper()):
            if parameters is not None:
                self._parameters(parameters)
            if body is None:
                return None
            value = self.visit(body)
            if body.kind() == "statement_block":
                return None
            if value is not None:
                self.returned(value, line)
            return value

    def _parameters(self, node: SgNode) -> None:
        nodes = [node] if node.kind() == "identifier" else self.parts(node)
        names = [self.parameter(each) for each in nodes]
        self.module.parameters[self.scope] = tuple(name for name in names if name != "this")

    def parameter(self, node: SgNode) -> str:
        """A parameter: its name, its default bound."""
        line, default = self.line, node.field("value") or node.field("right")
        pattern = node.field("pattern") or node.field("left") or node
        value = None if default is None else self.value(default)
        if pattern.kind() in ("object_pattern", "array_pattern"):
            self.destructure(pattern, None if type(value) is Table and not value.entries else value)
            return "{}"
        name, kind = pattern.text(), node.field("type")
        if value is not None:
            self.bind((*self.scope, name), value, line)
        elif kind is not None:
            self.instance((*self.scope, name), kind.text().lstrip(": "), line)
        first = next(iter(node.children()), None)
        if self.scope[-1] == CONSTRUCTOR and first is not None and first.kind() in MODIFIERS:
            given = Ref((name,), line) if value is None else value
            self.bind((*self.owner, name), given, line, field=True)
        return name.lstrip(".")

    def destructure(self, pattern: SgNode, source: Expression | None) -> None:
        """``{a, b: c, d = "x"}``, ``[a, b]``: each name is given its part of the source."""
        if pattern.kind() == "array_pattern":
            self._unpack(self.parts(pattern), source)
            return
        for child in self.parts(pattern):
            kind, line = child.kind(), child.range().start.line + 1
            if kind == "shorthand_property_identifier_pattern":
                self._take(child.text(), child.text(), source, None, line)
            elif kind == "object_assignment_pattern":
                left, right = self.parts(child)[:2]
                self._take(left.text(), left.text(), source, self.value(right), line)
            elif kind == "pair_pattern":
                key, *_, target = self.parts(child)
                default = None
                if target.kind() == "assignment_pattern":
                    target, right = self.parts(target)[:2]
                    default = self.value(right)
                if target.kind() == "identifier":
                    self._take(target.text(), key.text(), source, default, line)
                else:
                    part = None if source is None else self.attribute(source, key.text(), line)
                    self.destructure(target, part)

    def _take(
        self, name: str, key: str, source: Expression | None, default: Expression | None, line: int
    ) -> None:
        value = default
        if source is not None:
            held = dict(_entries(source)).get(key) if type(source) is Table else None
            part = held or self.attribute(source, key, line)
            value = part if default is None else Either((part, default), line)
        if value is not None:
            self.bind((*self.scope, name), value, line)

    def _unpack(self, targets: Iterable[SgNode], source: Expression | None) -> None:
        of = source.items if type(source) is Many else ()
        if type(source) is Call and last(source.function) in STATES:
            of = source.args[-1:]
        for number, target in enumerate(targets):
            default = target.field("right")
            name = (target.field("left") or target).text()
            value = of[number] if number < len(of) else None if default is None else self.value(default)
            if value is not None and name.isidentifier():
                self.bind((*self.scope, name), value, self.line)

    def element(self, node: SgNode) -> Expression:
        """``<Chat model="x"/>``: a call with its attributes."""
        line, name = self.line, node.field("name")
        kwargs: list[tuple[str, Expression]] = []
        for child in node.named_children():
            if child.kind() == "jsx_attribute":
                key, *rest = self.parts(child)
                value = self.value(rest[0]) if rest else Unknown("true", line)
                kwargs.append((key.text(), value))
            elif child.kind() == "jsx_expression":
                self.visit(child)
        called = name.text() if name is not None else ""
        if not kwargs:
            return Unknown(f"<{called}>", line)
        if called == "option":
            for _, value in kwargs:
                if type(value) is Text:
                    self.loose(value, CHOSEN)
        self.references.add(called)
        return self.call(Ref(tuple(called.split(".")), line), line, (), tuple(kwargs))


def _schema(value: Expression) -> tuple[Expression | None, str]:
    """The default and the variable of an entry of a schema."""
    table: Expression | None = value
    for _ in range(NESTED):
        if type(table) is not Call:
            break
        if last(table.function) in ("default", "catch", "prefault") and table.args:
            return table.args[0], ""
        if table.args and type(table.args[-1]) is Table:
            table = table.args[-1]
            break
        table = table.function.of if type(table.function) is Member else None
    if type(table) is not Table:
        return None, ""
    entries = dict(_entries(table))
    alias = entries.get("env")
    if type(value) is Table and alias is None:
        return None, ""
    return entries.get("default"), alias.value if type(alias) is Text else ""


def _entries(table: Table) -> Iterator[tuple[str, Expression]]:
    return ((key.value, value) for key, value in table.entries if type(key) is Text)
