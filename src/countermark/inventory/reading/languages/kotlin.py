"""Kotlin: expressions, statements and the table of the language."""

from __future__ import annotations

import re
from typing import ClassVar

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import (
    Call,
    Either,
    Env,
    Expression,
    Item,
    Many,
    Ref,
    Text,
)
from countermark.inventory.reading.languages import idioms
from countermark.inventory.reading.languages.branching import Arm
from countermark.inventory.reading.languages.chains import attribute, last
from countermark.inventory.reading.languages.java import entry, made_of
from countermark.inventory.reading.languages.kotlin_declarations import Declarations
from countermark.inventory.reading.languages.literals import dedented, unescaped
from countermark.inventory.reading.languages.walking import ENDED, HANDLED, Condition, Handler, Walker

FAILING = frozenset(["error", "TODO"])
CHAIN = re.compile(r"\w+(?:(?:!!|\?)?\.\w+)+")


class Kotlin(Declarations):
    """One file of Kotlin."""

    idioms = idioms.SHARED | idioms.table(
        {
            made_of: "of valueOf",
            entry: "Pair",
            idioms.listed: "listOf mutableListOf setOf mutableSetOf arrayOf arrayListOf",
            idioms.tabled: "mapOf mutableMapOf hashMapOf linkedMapOf",
            idioms.unwrapped: "lazy requireNotNull checkNotNull ModelId ModelName OpenAIHost",
            idioms.stripped: "trimIndent trimMargin toList toSet toTypedArray orEmpty takeIf takeUnless",
            idioms.defaulted: "ifBlank ifEmpty",
        }
    )

    def string(self, node: SgNode) -> Expression:
        """``"a $b ${c}"``, also over lines."""
        source, line = node.text(), self.line
        raw = source.startswith('"""')
        if "$" not in source.replace("\\$", ""):
            return Text(dedented(source[3:-3]) if raw else unescaped(source[1:-1]), line)
        parts: list[Expression] = []
        for child in node.named_children():
            kind = child.kind()
            if kind == "string_content":
                text = child.text()
                parts.append(Text(text if raw else unescaped(text), line))
            elif kind == "interpolated_identifier":
                parts.append(self.name(child))
            elif kind == "interpolated_expression":
                parts.append(self.inner(child) or Text(child.text(), line))
        return self.join(parts, line)

    def navigation(self, node: SgNode) -> Expression:
        """``a.b``, ``a?.b``."""
        line, source = self.line, node.text()
        if CHAIN.fullmatch(source):
            chain = tuple(source.replace("?", "").replace("!", "").split("."))
            self.references.update(chain)
            return Ref(chain, line)
        of, *_, suffix = node.named_children()
        name = suffix.text().lstrip("?.: \n\t")
        self.references.add(name)
        return attribute(self.value(of), name, line)

    def called(self, node: SgNode) -> Expression:
        """``f(a, b = c) { … }``."""
        line = self.line
        callee, suffix = node.named_children()[0], node.named_children()[-1]
        function = self.value(callee)
        args: list[Expression] = []
        kwargs: list[tuple[str, Expression]] = []
        for part in suffix.named_children():
            kind = part.kind()
            if kind == "value_arguments":
                self._arguments(part, args, kwargs)
            elif kind == "annotated_lambda":
                value = self.function(part.named_children()[-1])
                kwargs += self.gave
                if value is not None and (last(function) in ("lazy", "ifBlank", "ifEmpty", "getOrElse")):
                    args.append(value)
        return self.call(function, line, tuple(args), tuple(kwargs))

    def _arguments(self, node: SgNode, args: list[Expression], kwargs: list[tuple[str, Expression]]) -> None:
        for argument in node.named_children():
            if argument.kind() != "value_argument":
                continue
            children = argument.children()
            if len(children) > 2 and children[1].kind() == "=":  # noqa: PLR2004 - name = value
                kwargs.append((children[0].text(), self.value(children[-1])))
            else:
                args.append(self.value(children[-1]))

    def function(self, node: SgNode) -> Expression | None:
        """``{ x -> f(x) }``; its value where it is one expression."""
        names = [part for part in self.parts(node) if part.kind() == "lambda_parameters"]
        bodies = [part for part in self.parts(node) if part.kind() == "statements"]
        parameter = (names[0].text().partition(":")[0].strip(),) if names else ()
        value = None
        with self.within(f"@{self.line}"), self.set_up(parameter):
            for body in bodies:
                value = self.visit(body)
        return None if value is ENDED else value

    def item(self, node: SgNode) -> Expression:
        """``a["b"]``; ``System.getenv()["X"]``."""
        line = self.line
        children = node.named_children()
        of, key = self.value(children[0]), self.inner(children[-1])
        if type(key) is Text and type(of) is Call and last(of.function) == "getenv":
            return Env(key.value, line)
        if type(key) is Text and type(of) is Ref and idioms.ENV_OWNER.fullmatch(of.path[-1]):
            return Env(key.value, line)
        return Item(of, key, line) if key is not None else of

    def elvis(self, node: SgNode) -> Expression:
        """``a ?: b``; what only throws is no value."""
        line, parts = self.line, self.parts(node)
        of, other = self.value(parts[0]), self.visit(parts[-1])
        ended = other is None or other is ENDED or (type(other) is Call and last(other.function) in FAILING)
        return of if other is None or ended else Either((of, other), line)

    def infix(self, node: SgNode) -> Expression | None:
        """``k to v``. The grammar takes ``object O {…}`` for one too."""
        line, parts = self.line, self.parts(node)
        if parts[0].kind() == "object_literal":
            with self.within(parts[1].text(), owner=True):
                self.rest(parts[-1])
            return None
        one, other = self.value(parts[0]), self.value(parts[-1])
        return Many((one, other), line) if parts[1].text() == "to" else None

    def checked(self, node: SgNode) -> Expression:
        """``a in b``, ``a is B``."""
        line, parts = self.line, self.parts(node)
        test, among = self.value(parts[0]), self.visit(parts[-1])
        for choice in among.items if type(among) is Many else ():
            self.compare(test, choice, line)
        return Condition("", line)

    def branch(self, node: SgNode) -> Expression | None:
        """``if … else if … else``."""
        arms: list[Arm] = []
        while True:
            parts = self.parts(node)
            arms.append((parts[0], parts[1:2]))
            inner = self.parts(parts[2]) if len(parts) > 2 else []  # noqa: PLR2004 - the else
            if len(inner) != 1 or inner[0].kind() != "if_expression":
                break
            node = inner[0]
        if inner:
            arms.append((None, inner))
        return self.branches(arms)

    def when(self, node: SgNode) -> Expression | None:
        """``when (x) { "a" -> … }``."""
        line, parts = self.line, self.parts(node)
        subject: Expression = Text("", line)
        if parts and parts[0].kind() == "when_subject":
            subject = self.inner(parts.pop(0)) or subject
        found = []
        for case in parts:
            inside = self.parts(case)
            labels = [self.inner(part) for part in inside if part.kind() == "when_condition"]
            bodies = [part for part in inside if part.kind() != "when_condition"]
            found.append(self.case(subject, [label for label in labels if label is not None], bodies))
        return self.one_of(found, line)

    def caught(self, node: SgNode) -> Expression | None:
        """``catch (e: E) {…}``."""
        before, value = self.contexts, None
        self.contexts = before | HANDLED
        for part in self.parts(node):
            if part.kind() == "statements":
                value = self.visit(part)
        self.contexts = before
        return value

    def tried(self, node: SgNode) -> Expression | None:
        """``try { a } catch (e: E) { b }``: the one, or the other."""
        line = self.line
        values = [self.visit(part) for part in self.parts(node)]
        options = tuple(value for value in values if value is not None and value is not ENDED)
        if len(options) > 1:
            return Either(options, line)
        return values[0] if values else None

    def jumped(self, node: SgNode) -> Expression | None:
        """``return x``, ``throw x``, ``break``."""
        line = self.line
        for child in self.parts(node):
            value = self.value(child)
            if node.children()[0].kind().startswith("return"):
                self.returned(value, line)
        return ENDED

    kinds: ClassVar[dict[str, Handler]] = {
        "source_file": Declarations.block,
        "statements": Declarations.block,
        "control_structure_body": Declarations.inner,
        "import_header": Declarations.imported,
        "package_header": Walker.skip,
        "class_declaration": Declarations.classed,
        "object_declaration": Declarations.classed,
        "companion_object": Declarations.companion,
        "enum_entry": Declarations.constant,
        "property_declaration": Declarations.declared,
        "function_declaration": Declarations.method,
        "secondary_constructor": Declarations.method,
        "assignment": Declarations.assignment,
        "lambda_literal": function,
        "anonymous_function": Declarations.method,
        "if_expression": branch,
        "when_expression": when,
        "try_expression": tried,
        "catch_block": caught,
        "jump_expression": jumped,
        "call_expression": called,
        "navigation_expression": navigation,
        "indexing_expression": item,
        "elvis_expression": elvis,
        "infix_expression": infix,
        "check_expression": checked,
        "simple_identifier": Declarations.name,
        "this_expression": Declarations.name,
        "super_expression": Declarations.name,
        "string_literal": string,
        "integer_literal": Declarations.literal,
        "real_literal": Declarations.literal,
        "boolean_literal": Declarations.literal,
        "null_literal": Declarations.literal,
        "null": Declarations.literal,
        "additive_expression": Declarations.binary,
        "equality_expression": Declarations.binary,
        "conjunction_expression": Declarations.binary,
        "disjunction_expression": Declarations.binary,
        "prefix_expression": Declarations.unary,
        "postfix_expression": Declarations.inner,
        "parenthesized_expression": Declarations.inner,
        "as_expression": Declarations.first,
        "line_comment": Walker.skip,
        "multiline_comment": Walker.skip,
        "modifiers": Walker.skip,
        "user_type": Walker.skip,
        "type_identifier": Walker.skip,
        "nullable_type": Walker.skip,
        "type_alias": Walker.skip,
        "callable_reference": Walker.skip,
    }
