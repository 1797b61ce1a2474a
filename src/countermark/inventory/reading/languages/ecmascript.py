"""JavaScript, TypeScript and JSX: modules and classes, and the table of what stands for what."""

from __future__ import annotations

from typing import ClassVar

from ast_grep_py import Config, SgNode

from countermark.inventory.reading.expressions import Call, Env, Expression, Import, Table, Text
from countermark.inventory.reading.languages import idioms, placeholders
from countermark.inventory.reading.languages.ecmascript_expressions import FUNCTIONS
from countermark.inventory.reading.languages.ecmascript_statements import CLASSES, Statements
from countermark.inventory.reading.languages.literals import unescaped
from countermark.inventory.reading.languages.walking import CHOSEN, Handler, Walker

ENV_MODULES = ("$env/", "astro:env")
"""Modules of frameworks of which the names are environment variables."""

QUOTES = ("'", '"')
UNION: Config = {"rule": {"kind": "literal_type", "inside": {"kind": "union_type"}}}


def registered(walker: Walker, call: Call) -> Expression | None:
    """``registerAs("openai", () => ({model: …}))``: settings below a name."""
    if len(call.args) == 2 and type(call.args[0]) is Text and type(call.args[1]) is Table:  # noqa: PLR2004
        for key, value in call.args[1].entries:
            if type(key) is Text:
                walker.bind(("setting", call.args[0].value, key.value), value, value.line, field=True)
    return None


class EcmaScript(Statements):
    """One file of JavaScript or TypeScript."""

    idioms = idioms.SHARED | idioms.table(
        {
            idioms.unwrapped: "String values keys ref shallowRef readonly",
            idioms.listed: "Set",
            idioms.tabled: "Map",
            idioms.set_variable: "stubEnv",
            registered: "registerAs",
        }
    )

    def program(self, node: SgNode) -> None:
        """The whole file; the types of TypeScript are looked through for what may be chosen."""
        self.statements(node.named_children())
        if self.module.language == "javascript":
            return
        for literal in node.find_all(UNION):
            text = literal.text()
            if text[:1] in QUOTES:
                choice = Text(unescaped(text[1:-1]), literal.range().start.line + 1)
                self.loose(choice, CHOSEN)

    def imported(self, node: SgNode) -> None:
        """``import a, { b as c } from "m"``."""
        line, source = self.line, node.field("source")
        if source is None:
            return
        module = source.text()[1:-1]
        for clause in self.parts(node):
            if clause.kind() == "import_clause":
                for part in self.parts(clause):
                    self._import(part, module, line)
            elif clause.kind() == "string" and len(self.parts(node)) == 1:
                self.module.imports.append(Import("", module, "", line))

    def _import(self, node: SgNode, module: str, line: int) -> None:
        kind = node.kind()
        if kind == "identifier":
            self.module.imports.append(Import(node.text(), module, "default", line))
        elif kind == "namespace_import":
            self.module.imports.append(Import(self.parts(node)[-1].text(), module, "", line))
        elif kind == "named_imports":
            for names in filter(None, map(self.parts, self.parts(node))):
                item, name = names[0].text(), names[-1].text()
                self.module.imports.append(Import(name, module, item, line))
                if module.startswith(ENV_MODULES) and placeholders.VARIABLE.fullmatch(item):
                    self.bind((name,), Env(item, line), line)

    def exported(self, node: SgNode) -> None:
        """``export …``."""
        line, source, value = self.line, node.field("source"), node.field("value")
        if source is not None:
            module = source.text()[1:-1]
            clauses = [part for part in self.parts(node) if part.kind() == "export_clause"]
            if not clauses:
                self.module.imports.append(Import("*", module, "*", line))
            for names in filter(
                None, map(self.parts, [each for clause in clauses for each in self.parts(clause)])
            ):
                self.module.imports.append(Import(names[-1].text(), module, names[0].text(), line))
        elif value is not None and value.kind() not in FUNCTIONS and value.kind() not in CLASSES:
            self.bind(("default",), self.value(value), line)
        elif value is not None and value.kind() in FUNCTIONS:
            self.function(value, "default")
        else:
            self.rest(node)

    def declared_function(self, node: SgNode) -> None:
        """``function f() {…}``, and methods."""
        name = node.field("name")
        self.function(node, name.text().lstrip("#") if name is not None else "")

    kinds: ClassVar[dict[str, Handler]] = {
        "program": program,
        "statement_block": Statements.block,
        "expression_statement": Statements.statement,
        "import_statement": imported,
        "export_statement": exported,
        "variable_declarator": Statements.declarator,
        "function_declaration": declared_function,
        "generator_function_declaration": declared_function,
        "generator_function": declared_function,
        "function_expression": declared_function,
        "method_definition": declared_function,
        "arrow_function": Statements.function,
        "class_declaration": Statements.classed,
        "abstract_class_declaration": Statements.classed,
        "class": Statements.classed,
        "public_field_definition": Statements.field,
        "field_definition": Statements.field,
        "enum_declaration": Statements.enumerated,
        "internal_module": Statements.namespace,
        "if_statement": Statements.branch,
        "switch_statement": Statements.switch,
        "catch_clause": Statements.caught,
        "for_in_statement": Statements.looped,
        "return_statement": Statements.returning,
        "throw_statement": Statements.ending,
        "break_statement": Statements.ending,
        "continue_statement": Statements.ending,
        "assignment_expression": Statements.assignment,
        "augmented_assignment_expression": Statements.assignment,
        "identifier": Statements.name,
        "this": Statements.name,
        "super": Statements.name,
        "import": Statements.name,
        "string": Statements.string,
        "template_string": Statements.template,
        "number": Statements.literal,
        "true": Statements.literal,
        "false": Statements.literal,
        "null": Statements.literal,
        "undefined": Statements.literal,
        "member_expression": Statements.member,
        "subscript_expression": Statements.subscript,
        "array": Statements.array,
        "object": Statements.object,
        "call_expression": Statements.called,
        "new_expression": Statements.called,
        "binary_expression": Statements.binary,
        "unary_expression": Statements.unary,
        "ternary_expression": Statements.ternary,
        "parenthesized_expression": Statements.inner,
        "await_expression": Statements.inner,
        "spread_element": Statements.inner,
        "as_expression": Statements.first,
        "satisfies_expression": Statements.first,
        "non_null_expression": Statements.first,
        "type_assertion": Statements.inner,
        "jsx_expression": Statements.inner,
        "jsx_opening_element": Statements.element,
        "jsx_self_closing_element": Statements.element,
        "jsx_closing_element": Walker.skip,
        "jsx_text": Walker.skip,
        "comment": Walker.skip,
        "type_annotation": Walker.skip,
        "type_arguments": Walker.skip,
        "type_parameters": Walker.skip,
        "interface_declaration": Walker.skip,
        "type_alias_declaration": Walker.skip,
        "ambient_declaration": Walker.skip,
        "function_signature": Walker.skip,
        "method_signature": Walker.skip,
        "abstract_method_signature": Walker.skip,
        "regex": Walker.skip,
        "hash_bang_line": Walker.skip,
    }
