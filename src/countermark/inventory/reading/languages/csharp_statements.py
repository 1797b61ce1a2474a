"""C#: statements, and the kinds of nodes that are declarations or statements."""

from __future__ import annotations

from typing import ClassVar

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import Expression
from countermark.inventory.reading.languages.csharp_declarations import Declarations
from countermark.inventory.reading.languages.operators import Operators
from countermark.inventory.reading.languages.walking import DEAD, FALSE, HANDLED, Handler, Walker


class Statements(Declarations):
    """What stands on its own."""

    def switch(self, node: SgNode) -> Expression | None:
        """``switch (x) { case "a": … }``, ``x switch { "a" => … }``."""
        line, parts = self.line, self.parts(node)
        subject = self.value(parts[0])
        cases = (
            parts[1:] if node.kind() == "switch_expression" else [p for b in parts[1:] for p in self.parts(b)]
        )
        found = []
        for case in cases:
            inside = self.parts(case)
            labels = [part for part in inside if part.kind().endswith("_pattern")]
            bodies = [
                part for part in inside if not part.kind().endswith(("_pattern", "when_clause", "discard"))
            ]
            given = [value for label in labels for value in self.pattern(label)]
            found.append(self.case(subject, given, bodies))
        return self.one_of(found, line)

    def pattern(self, node: SgNode) -> list[Expression]:
        """The values of ``"a" or "b"``."""
        if node.kind() in ("or_pattern", "parenthesized_pattern"):
            return [value for part in self.parts(node) for value in self.pattern(part)]
        if node.kind() != "constant_pattern":
            return []
        constant = self.parts(node)[0]
        while constant.kind() == "binary_expression":  # the grammar takes `is "a" || b` for `is ("a" || b)`
            operands = self.parts(constant)
            self.visit(operands[-1])
            constant = operands[0]
        return [self.value(constant)]

    def caught(self, node: SgNode) -> None:
        """``catch (E e) {…}``."""
        before = self.contexts
        self.contexts = before | HANDLED
        for part in self.parts(node):
            if part.kind() == "block":
                self.visit(part)
        self.contexts = before

    def looped(self, node: SgNode) -> None:
        """``foreach (var m in models) {…}``."""
        line, left, right, body = self.line, node.field("left"), node.field("right"), node.field("body")
        if left is not None and right is not None:
            self.bind((*self.scope, left.text()), self.value(right), line)
        if body is not None:
            self.visit(body)

    def conditional(self, node: SgNode) -> None:
        """``#if false``: what is below it is not compiled."""
        before, parts = self.contexts, self.parts(node)
        off = bool(parts) and parts[0].text() in FALSE
        for part in parts[1:]:
            self.contexts = (
                before if part.kind() in ("preproc_else", "preproc_elif") or not off else before | DEAD
            )
            self.visit(part)
        self.contexts = before

    kinds: ClassVar[dict[str, Handler]] = {
        "compilation_unit": Walker.block,
        "declaration_list": Walker.block,
        "block": Walker.block,
        "global_statement": Walker.inner,
        "namespace_declaration": Walker.rest,
        "file_scoped_namespace_declaration": Walker.rest,
        "expression_statement": Declarations.statement,
        "using_directive": Declarations.imported,
        "class_declaration": Declarations.classed,
        "struct_declaration": Declarations.classed,
        "record_declaration": Declarations.classed,
        "interface_declaration": Declarations.classed,
        "enum_declaration": Declarations.classed,
        "field_declaration": Declarations.field,
        "variable_declaration": Declarations.variables,
        "property_declaration": Declarations.declared_property,
        "method_declaration": Declarations.method,
        "constructor_declaration": Declarations.method,
        "local_function_statement": Declarations.method,
        "lambda_expression": Declarations.function,
        "anonymous_method_expression": Declarations.function,
        "assignment_expression": Declarations.assignment,
        "if_statement": Declarations.branch,
        "switch_statement": switch,
        "switch_expression": switch,
        "catch_clause": caught,
        "foreach_statement": looped,
        "preproc_if": conditional,
        "preproc_else": Walker.block,
        "preproc_elif": Walker.block,
        "return_statement": Walker.returning,
        "throw_statement": Walker.ending,
        "throw_expression": Walker.ending,
        "break_statement": Walker.ending,
        "continue_statement": Walker.ending,
        "arrow_expression_clause": Walker.inner,
        "identifier": Walker.name,
        "this": Walker.name,
        "base": Walker.name,
        "integer_literal": Walker.literal,
        "real_literal": Walker.literal,
        "boolean_literal": Walker.literal,
        "null_literal": Walker.literal,
        "character_literal": Walker.literal,
        "binary_expression": Operators.binary,
        "prefix_unary_expression": Operators.unary,
        "postfix_unary_expression": Walker.inner,
        "conditional_expression": Operators.ternary,
        "parenthesized_expression": Walker.inner,
        "await_expression": Walker.inner,
        "cast_expression": Declarations.last_of,
        "as_expression": Operators.first,
        "argument": Walker.inner,
        "element_binding_expression": Walker.inner,
        "collection_element": Walker.inner,
        "expression_element": Walker.inner,
        "comment": Walker.skip,
        "modifier": Walker.skip,
        "predefined_type": Walker.skip,
        "nullable_type": Walker.skip,
        "array_type": Walker.skip,
        "implicit_type": Walker.skip,
        "type_parameter_list": Walker.skip,
        "type_argument_list": Walker.skip,
        "qualified_name": Walker.skip,
        "preproc_region": Walker.skip,
        "preproc_endregion": Walker.skip,
    }
