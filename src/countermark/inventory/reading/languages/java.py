"""Java: expressions, statements and the table of the language."""

from __future__ import annotations

import re
from typing import ClassVar

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import (
    Call,
    Expression,
    Item,
    Many,
    Ref,
    Text,
)
from countermark.inventory.reading.languages import idioms
from countermark.inventory.reading.languages.chains import attribute, last, receiver
from countermark.inventory.reading.languages.java_declarations import Declarations
from countermark.inventory.reading.languages.literals import dedented, unescaped
from countermark.inventory.reading.languages.walking import HANDLED, Handler, Walker

LISTS = frozenset(
    ["List", "Set", "Arrays", "Stream", "ImmutableList", "ImmutableSet", "EnumSet", "Sets", "Lists"]
)
TABLES = frozenset(["Map", "ImmutableMap"])
WRAPPERS = frozenset(["Optional", "String", "Mono", "Flux", "ModelName"])

GETTER = re.compile(r"get[A-Z]")


def made_of(walker: Walker, call: Call) -> Expression | None:
    """``List.of(a, b)``, ``Map.of(k, v)``, ``Optional.of(a)``."""
    name = last(receiver(call.function) or call.function)
    if name in LISTS:
        return idioms.listed(walker, call)
    if name in TABLES:
        return idioms.tabled(walker, call)
    return idioms.unwrapped(walker, call) if name in WRAPPERS else None


def entry(walker: Walker, call: Call) -> Expression | None:
    """``Map.entry(k, v)``, ``Pair.of(k, v)``."""
    return Many(call.args, call.line) if len(call.args) == 2 else None  # noqa: PLR2004


class Java(Declarations):
    """One file of Java."""

    idioms = idioms.SHARED | idioms.table(
        {
            made_of: "of copyOf valueOf",
            idioms.listed: "asList newArrayList newHashSet",
            idioms.tabled: "ofEntries",
            entry: "entry SimpleEntry",
        }
    )

    def string(self, node: SgNode) -> Expression:
        """``"x"``, or a block of text."""
        source = node.text()
        if source.startswith('"""'):
            return Text(unescaped(dedented(source[3:-3])), self.line)
        return Text(unescaped(source[1:-1]), self.line)

    def called(self, node: SgNode) -> Expression:
        """``a.f(b)``."""
        line = self.line
        of, name, given = node.field("object"), node.field("name"), node.field("arguments")
        called = name.text() if name is not None else ""
        self.references.add(called)
        function = Ref((called,), line) if of is None else attribute(self.value(of), called, line)
        if of is not None and GETTER.match(called) and given is not None and not given.named_children():
            return self._got(function, called, line)
        return self.call(function, line, self.values(given.named_children()) if given is not None else ())

    def _got(self, function: Expression, name: str, line: int) -> Expression:
        """``properties.getModel()``: the field, as getters are mostly made by tools."""
        of = receiver(function)
        field = f"{name[3:4].lower()}{name[4:]}"
        if of is None or (type(of) is Ref and of.path[-1][:1].isupper()):
            return self.call(function, line)
        self.references.add(field)
        return attribute(of, field, line)

    def made(self, node: SgNode) -> Expression:
        """``new T(a)``."""
        line = self.line
        kind, given = node.field("type"), node.field("arguments")
        path = tuple(kind.text().partition("<")[0].split(".")) if kind is not None else ("",)
        self.references.update(path)
        args = self.values(given.named_children()) if given is not None else ()
        made = self.call(Ref(path, line), line, args)
        body = node.named_children()[-1]
        if body.kind() == "class_body":
            self.visit(body)
        return made

    def array(self, node: SgNode) -> Expression:
        """``{"a", "b"}``."""
        line = self.line
        return Many(self.values(node.named_children()), line)

    def new_array(self, node: SgNode) -> Expression | None:
        """``new String[]{"a"}``."""
        return self.visit(node.named_children()[-1])

    def item(self, node: SgNode) -> Expression:
        """``a[0]``."""
        line = self.line
        of, *_, key = self.values(node.named_children())
        return Item(of, key, line)

    def assignment(self, node: SgNode) -> Expression:
        """``this.model = x``."""
        line, children = self.line, node.children()
        target, operator = children[0], children[1].kind()
        value = self.value(children[-1])
        path = tuple(target.text().split(".")) if target.kind() in ("identifier", "field_access") else ()
        if path and operator == "=" and all(part.isidentifier() for part in path):
            self.assign(path, value, line)
        else:
            self.rest(target)
        return value

    def switch(self, node: SgNode) -> Expression | None:
        """``switch (x) { case "a" -> … }``, as a statement or a value."""
        line = self.line
        subject, body = self.parts(node)[:2]
        value = self.value(subject)
        found = []
        for case in self.parts(body):
            parts = self.parts(case)
            labels = [part for part in parts if part.kind() == "switch_label"]
            given = self.values(part for label in labels for part in self.parts(label))
            found.append(self.case(value, given, [part for part in parts if part.kind() != "switch_label"]))
        return self.one_of(found, line)

    def caught(self, node: SgNode) -> None:
        """``catch (E e) {…}``."""
        before = self.contexts
        self.contexts = before | HANDLED
        self.rest(node)
        self.contexts = before

    def looped(self, node: SgNode) -> None:
        """``for (String m : models) {…}``."""
        line, name, given, body = self.line, node.field("name"), node.field("value"), node.field("body")
        if name is not None and given is not None:
            self.bind((*self.scope, name.text()), self.value(given), line)
        if body is not None:
            self.visit(body)

    def reference(self, node: SgNode) -> None:
        """``T::f``."""
        self.references.update(part.text() for part in node.named_children())

    kinds: ClassVar[dict[str, Handler]] = {
        "program": Declarations.block,
        "block": Declarations.block,
        "constructor_body": Declarations.block,
        "class_body": Declarations.block,
        "expression_statement": Declarations.statement,
        "import_declaration": Declarations.imported,
        "class_declaration": Declarations.classed,
        "record_declaration": Declarations.classed,
        "interface_declaration": Declarations.classed,
        "enum_declaration": Declarations.classed,
        "enum_constant": Declarations.constant,
        "field_declaration": Declarations.field,
        "constant_declaration": Declarations.field,
        "local_variable_declaration": Declarations.variable,
        "resource": Declarations.resource,
        "method_declaration": Declarations.method,
        "constructor_declaration": Declarations.method,
        "compact_constructor_declaration": Declarations.method,
        "lambda_expression": Declarations.function,
        "if_statement": Declarations.branch,
        "switch_expression": switch,
        "catch_clause": caught,
        "enhanced_for_statement": looped,
        "return_statement": Declarations.returning,
        "yield_statement": Declarations.inner,
        "throw_statement": Declarations.ending,
        "break_statement": Declarations.ending,
        "continue_statement": Declarations.ending,
        "assignment_expression": assignment,
        "method_invocation": called,
        "object_creation_expression": made,
        "field_access": Declarations.member,
        "array_access": item,
        "array_initializer": array,
        "array_creation_expression": new_array,
        "method_reference": reference,
        "identifier": Declarations.name,
        "this": Declarations.name,
        "super": Declarations.name,
        "string_literal": string,
        "character_literal": Declarations.literal,
        "decimal_integer_literal": Declarations.literal,
        "decimal_floating_point_literal": Declarations.literal,
        "true": Declarations.literal,
        "false": Declarations.literal,
        "null_literal": Declarations.literal,
        "binary_expression": Declarations.binary,
        "unary_expression": Declarations.unary,
        "ternary_expression": Declarations.ternary,
        "parenthesized_expression": Declarations.inner,
        "cast_expression": Declarations.converted,
        "line_comment": Walker.skip,
        "block_comment": Walker.skip,
        "package_declaration": Walker.skip,
        "modifiers": Walker.skip,
        "type_identifier": Walker.skip,
        "generic_type": Walker.skip,
        "scoped_type_identifier": Walker.skip,
        "array_type": Walker.skip,
        "integral_type": Walker.skip,
        "dimensions": Walker.skip,
        "annotation_type_declaration": Walker.skip,
        "class_literal": Walker.skip,
        "catch_formal_parameter": Walker.skip,
    }
