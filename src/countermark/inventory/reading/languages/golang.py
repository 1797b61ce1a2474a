"""Go: expressions, statements and the table of the language."""

from __future__ import annotations

import re
from typing import ClassVar

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import (
    Call,
    Expression,
    Item,
    Many,
    Member,
    Ref,
    Table,
    Text,
    Unknown,
)
from countermark.inventory.reading.languages import idioms
from countermark.inventory.reading.languages.branching import Arm
from countermark.inventory.reading.languages.chains import last, receiver
from countermark.inventory.reading.languages.golang_declarations import Declarations, String
from countermark.inventory.reading.languages.walking import ENDED, Handler, Walker

CHAIN = re.compile(r"\w+(?:\.\w+)+")


def pointed(walker: Walker, call: Call) -> Expression | None:
    """``aws.String("x")``, ``flag.String("model", "x", "…")``, ``AppConfig.String("a.b")``."""
    args, of = call.args, receiver(call.function)
    if len(args) == 1:
        named = of is not None and type(args[0]) is Text and idioms.holds_settings(last(of))
        return idioms.configured(walker, call) if named else args[0]
    if len(args) in (3, 4) and type(args[0]) is Text:
        walker.record(call)
        return args[-2]
    return None


def pointed_at(walker: Walker, call: Call) -> Expression | None:
    """``flag.StringVar(&model, "model", "x", "…")``: the variable has a default."""
    args = call.args
    if len(args) in (4, 5) and type(args[0]) is Ref:
        walker.assign(args[0].path, args[-2], call.line)
    return None


class Go(Declarations):
    """One file of Go."""

    idioms = idioms.SHARED | idioms.table(
        {
            pointed: "String StringP",
            pointed_at: "StringVar StringVarP",
            idioms.unwrapped: "Ptr ToPtr StringPtr StrPtr Pointer PtrTo Of F ptr strPtr stringPtr toPtr"
            " NewOpt string StringValue Opt SecretString ExpandEnv",
            idioms.set_default: "SetDefault BindEnv",
            idioms.first_of: "Or Coalesce",
            idioms.formatted: "Sprintf Sprint",
        }
    )

    def selector(self, node: SgNode) -> Expression:
        """``a.b``."""
        line, source = self.line, node.text()
        if CHAIN.fullmatch(source):
            chain = source.split(".")
            self.references.update(chain)
            if chain[0] == self.receiver:
                chain[0] = "this"
            return Ref(tuple(chain), line)
        names: list[str] = []
        while node.kind() == "selector_expression":
            node, *_, name = node.named_children()
            names.append(name.text())
        path = tuple(reversed(names))
        self.references.update(path)
        if node.kind() == "identifier":
            first = node.text()
            self.references.add(first)
            return Ref(("this" if first == self.receiver else first, *path), line)
        of = self.value(node)
        if type(of) is Ref:
            return Ref((*of.path, *path), line)
        return Member(of.of, (*of.path, *path), line) if type(of) is Member else Member(of, path, line)

    def identifier(self, node: SgNode) -> Expression:
        """A name that is read."""
        name = node.text()
        self.references.add(name)
        name = self.found.get(name, name)
        return Ref(("this" if name == self.receiver else name,), self.line)

    def index(self, node: SgNode) -> Expression:
        """``a["b"]``."""
        line = self.line
        of, *_, key = self.values(node.named_children())
        return Item(of, key, line)

    def called(self, node: SgNode) -> Expression:
        """``f(a, b)``."""
        line = self.line
        function, *_, given = node.named_children()
        return self.call(self.value(function), line, self.values(given.named_children()))

    def composite(self, node: SgNode) -> Expression:
        """``T{Model: "x"}``, ``[]string{"x"}``, ``map[string]string{"k": "v"}``."""
        line = self.line
        kind, body = node.named_children()[0], node.named_children()[-1]
        name = kind.kind()
        if name == "map_type":
            return self.literal_value(body)
        if name in ("slice_type", "array_type", "implicit_length_array_type"):
            return Many(self.values(body.named_children()), line)
        args: list[Expression] = []
        kwargs: list[tuple[str, Expression]] = []
        for child in body.named_children():
            if child.kind() == "keyed_element":
                key, *_, value = child.named_children()
                kwargs.append((key.text(), self.value(value)))
            else:
                args += self.values([child])
        path = tuple(kind.text().partition("[")[0].split("."))
        self.references.update(path)
        return self.call(Ref(path, line), line, tuple(args), tuple(kwargs))

    def literal_value(self, node: SgNode) -> Expression:
        """``{"k": v}``, ``{a, b}`` within another literal."""
        line = self.line
        entries: list[tuple[Expression, Expression]] = []
        items: list[Expression] = []
        for child in node.named_children():
            if child.kind() == "keyed_element":
                key, *_, value = child.named_children()
                entries.append((self._key(key), self.value(value)))
            else:
                items += self.values([child])
        return Many(tuple(items), line) if items else Table(tuple(entries), line)

    def _key(self, node: SgNode) -> Expression:
        key = self.value(node)
        plain = type(key) is Ref and len(key.path) == 1
        return (
            Text(key.path[0], key.line) if type(key) is Ref and plain and key.path[0][:1].isupper() else key
        )

    def branch(self, node: SgNode) -> Expression | None:
        """``if a := f(); a != "" {…} else if …``."""
        arms: list[Arm] = []
        while True:
            start, test = node.field("initializer"), node.field("condition")
            if start is not None:
                self.visit(start)
            then, other = node.field("consequence"), node.field("alternative")
            arms.append((test, [then] if then is not None else []))
            if other is None:
                break
            if other.kind() != "if_statement":
                arms.append((None, [other]))
                break
            node = other
        return self.branches(arms)

    def switch(self, node: SgNode) -> None:
        """``switch x { case "a": … }``."""
        start, subject = node.field("initializer"), node.field("value")
        if start is not None:
            self.visit(start)
        value = self.value(subject) if subject is not None else Unknown("true", self.line)
        for case in self.parts(node):
            if case.kind() in ("expression_case", "default_case"):
                given = case.field("value")
                labels = self.values(given.named_children()) if given is not None else ()
                self.case(value, labels, self.parts(case)[1 if given is not None else 0 :])

    def ranged(self, node: SgNode) -> None:
        """``for _, m := range models``."""
        line, left, right = self.line, node.field("left"), node.field("right")
        if right is None:
            return
        value = self.value(right)
        names = [part.text() for part in self.parts(left)] if left is not None else []
        if len(names) == 2 and names[1] != "_":  # noqa: PLR2004 - the index, and the element
            self.bind((*self.scope, names[1]), value, line)

    def returning(self, node: SgNode) -> Expression | None:
        """``return x, nil``: the first is what is of interest."""
        line = self.line
        for child in self.parts(node):
            values = self.values(self.parts(child))
            if values:
                self.returned(values[0], line)
        return ENDED

    def raw(self, node: SgNode) -> Expression:
        """A string between backquotes."""
        return Text(node.text()[1:-1], self.line)

    kinds: ClassVar[dict[str, Handler]] = {
        "source_file": Declarations.block,
        "statement_list": Declarations.block,
        "block": Declarations.inner,
        "expression_statement": Declarations.statement,
        "import_spec": Declarations.imported,
        "const_declaration": Declarations.constants,
        "var_spec": Declarations.variables,
        "type_spec": Declarations.declared_type,
        "type_alias": Walker.skip,
        "function_declaration": Declarations.declared_function,
        "method_declaration": Declarations.method,
        "func_literal": Declarations.function,
        "short_var_declaration": Declarations.assignment,
        "assignment_statement": Declarations.assignment,
        "if_statement": branch,
        "expression_switch_statement": switch,
        "range_clause": ranged,
        "return_statement": returning,
        "break_statement": Declarations.ending,
        "continue_statement": Declarations.ending,
        "goto_statement": Declarations.ending,
        "identifier": identifier,
        "selector_expression": selector,
        "index_expression": index,
        "call_expression": called,
        "composite_literal": composite,
        "literal_value": literal_value,
        "literal_element": Declarations.inner,
        "expression_list": Declarations.inner,
        "interpreted_string_literal": String.quoted,
        "raw_string_literal": raw,
        "int_literal": Declarations.literal,
        "float_literal": Declarations.literal,
        "rune_literal": Declarations.literal,
        "true": Declarations.literal,
        "false": Declarations.literal,
        "nil": Declarations.literal,
        "binary_expression": Declarations.binary,
        "unary_expression": Declarations.pointed,
        "parenthesized_expression": Declarations.inner,
        "type_assertion_expression": Declarations.first,
        "type_conversion_expression": Declarations.converted,
        "comment": Walker.skip,
        "package_clause": Walker.skip,
        "type_identifier": Walker.skip,
        "qualified_type": Walker.skip,
        "pointer_type": Walker.skip,
        "slice_type": Walker.skip,
        "map_type": Walker.skip,
        "type_arguments": Walker.skip,
    }
