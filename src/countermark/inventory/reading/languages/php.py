"""PHP: expressions, statements and the table of the language."""

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
    Table,
    Text,
    Unknown,
)
from countermark.inventory.reading.languages import idioms, placeholders
from countermark.inventory.reading.languages.chains import attribute, last
from countermark.inventory.reading.languages.literals import unescaped
from countermark.inventory.reading.languages.php_statements import Statements
from countermark.inventory.reading.languages.walking import TESTED, Handler, Walker

VARIABLES = frozenset(["_ENV", "_SERVER"])
PAGE = re.compile(r"\?>.*?(?:<\?(?:php|=)?|\Z)", re.DOTALL)
TESTING = frozenset(["it", "test", "describe", "beforeEach"])


def defined(walker: Walker, call: Call) -> Expression | None:
    """``define("X", "y")``."""
    if len(call.args) > 1 and type(call.args[0]) is Text:
        walker.bind((call.args[0].value,), call.args[1], call.line)
    return None


def configured(walker: Walker, call: Call) -> Expression | None:
    """``config("services.openai.model", d)``."""
    if type(call.function) is Ref and call.args and type(call.args[0]) is Text:
        default = call.args[1] if len(call.args) > 1 else None
        return placeholders.setting(call.args[0].value, call.line, default)
    return None


def put_variable(walker: Walker, call: Call) -> Expression | None:
    """``putenv("X=y")``."""
    if call.args and type(call.args[0]) is Text and "=" in call.args[0].value:
        name, _, value = call.args[0].value.partition("=")
        walker.bind(("environ", name), Text(value, call.line), call.line, field=True)
    return None


def _page(found: re.Match[str]) -> str:
    return ";" + "\n" * found[0].count("\n")


class Php(Statements):
    """One file of PHP."""

    idioms = idioms.SHARED | idioms.table(
        {
            defined: "define",
            configured: "config",
            put_variable: "putenv",
            idioms.unwrapped: "collect strval trim rtrim ltrim strtolower value app_path base_path",
            idioms.formatted: "sprintf vsprintf",
            idioms.joined: "implode join",
            idioms.emptied: "empty isset is_null blank filled",
        }
    )

    @staticmethod
    def prepared(text: str) -> str:
        """The code between ``<?php`` and ``?>``; the page around it as so many empty lines."""
        start = text.find("<?")
        if start < 0:
            return "\n" * text.count("\n")
        head = "\n" * text.count("\n", 0, start)
        return head + PAGE.sub(_page, text[start:])

    def variable(self, node: SgNode) -> Expression:
        """``$x``."""
        name = node.text().lstrip("$")
        self.references.add(name)
        return Ref((name,), self.line)

    def string(self, node: SgNode) -> Expression:
        """``'x'``: only quotes and backslashes are escaped."""
        source = node.text()[1:-1]
        return Text(source.replace("\\'", "'").replace("\\\\", "\\"), self.line)

    def encapsed(self, node: SgNode) -> Expression:
        """``"a $b {$c->d}"``, also as a heredoc."""
        line, source = self.line, node.text()
        if "$" not in source and source[:1] == '"':
            return Text(unescaped(source[1:-1]), line)
        parts: list[Expression] = []
        for child in node.named_children():
            kind = child.kind()
            if kind in ("string_content", "escape_sequence", "nowdoc_string"):
                text = child.text()
                parts.append(Text(text if kind == "nowdoc_string" else unescaped(text), line))
            elif kind in ("heredoc_body", "nowdoc_body"):
                return self.encapsed(child)
            elif kind not in ("heredoc_start", "heredoc_end"):
                parts.append(self.value(child))
        return parts[0] if len(parts) == 1 else self.join(parts, line)

    def member(self, node: SgNode) -> Expression:
        """``$a->b``, ``A::$b``, ``A::B``."""
        line, parts = self.line, node.named_children()
        name = parts[-1].text().lstrip("$")
        self.references.add(name)
        of = self.value(parts[0])
        return of if name in ("class", "value") else attribute(of, name, line)

    def class_name(self, node: SgNode) -> Expression:
        """``Foo``, ``A\\B``, ``self``: a name is known by its last part."""
        name = node.text().rpartition("\\")[2]
        self.references.add(name)
        return Ref((name,), self.line)

    def item(self, node: SgNode) -> Expression:
        """``$a["b"]``, ``$_ENV["X"]``."""
        line, parts = self.line, self.parts(node)
        of = self.value(parts[0])
        key = self.value(parts[1]) if len(parts) > 1 else Unknown("", line)
        if type(key) is Text and type(of) is Ref and of.path[-1] in VARIABLES:
            return Env(key.value, line)
        return Item(of, key, line)

    def array(self, node: SgNode) -> Expression:
        """``["a" => b, "c"]``."""
        line = self.line
        items: list[Expression] = []
        entries: list[tuple[Expression, Expression]] = []
        for child in self.parts(node):
            parts = self.parts(child)
            values = [self.value(part) for part in parts]
            if len(values) > 1:
                entries.append((values[0], values[-1]))
            else:
                items += values
        if entries:
            entries += [(Unknown("", line), item) for item in items]
            return Table(tuple(entries), line)
        return Many(tuple(items), line)

    def _arguments(
        self, node: SgNode | None
    ) -> tuple[tuple[Expression, ...], tuple[tuple[str, Expression], ...]]:
        args: list[Expression] = []
        kwargs: list[tuple[str, Expression]] = []
        for argument in node.named_children() if node is not None else ():
            if argument.kind() != "argument":
                continue
            children = argument.children()
            value = self.value(children[-1])
            if len(children) > 2 and children[1].kind() == ":":  # noqa: PLR2004 - name: value
                kwargs.append((children[0].text(), value))
            else:
                args.append(value)
        return tuple(args), tuple(kwargs)

    def called(self, node: SgNode) -> Expression:
        """``f($a)``, ``$a->f(b: $c)``, ``A::f()``, ``new A()``."""
        line = self.line
        parts = self.parts(node)
        given = parts[-1] if parts[-1].kind() == "arguments" else None
        named = parts[:-1] if given is not None else parts
        if not named:
            return Unknown("", line)
        function = self.value(named[0])
        if len(named) > 1:
            name = named[-1].text().lstrip("$")
            self.references.add(name)
            function = attribute(function, name, line)
        before = self.contexts
        if len(named) == 1 and last(function) in TESTING:
            self.contexts |= TESTED
        args, kwargs = self._arguments(given)
        value = self.call(function, line, args, kwargs)
        self.contexts = before
        return value

    def made(self, node: SgNode) -> Expression | None:
        """``new A($b)``, ``new class {…}``."""
        parts = self.parts(node)
        if parts and parts[0].kind() == "anonymous_class":
            self.rest(parts[0])
            return None
        return self.called(node)

    def conditional(self, node: SgNode) -> Expression:
        """``$a ?: $b``, ``$a ? $b : $c``."""
        line, parts = self.line, self.parts(node)
        if len(parts) == 2:  # noqa: PLR2004 - the short form
            return Either((self.value(parts[0]), self.value(parts[1])), line)
        return self.ternary(node)

    kinds: ClassVar[dict[str, Handler]] = Statements.kinds | {
        "variable_name": variable,
        "string": string,
        "encapsed_string": encapsed,
        "heredoc": encapsed,
        "nowdoc": encapsed,
        "member_access_expression": member,
        "nullsafe_member_access_expression": member,
        "scoped_property_access_expression": member,
        "class_constant_access_expression": member,
        "name": class_name,
        "qualified_name": class_name,
        "relative_scope": class_name,
        "subscript_expression": item,
        "array_creation_expression": array,
        "function_call_expression": called,
        "member_call_expression": called,
        "nullsafe_member_call_expression": called,
        "scoped_call_expression": called,
        "object_creation_expression": made,
        "binary_expression": Statements.binary,
        "unary_op_expression": Statements.unary,
        "conditional_expression": conditional,
        "parenthesized_expression": Walker.inner,
        "error_suppression_expression": Walker.inner,
        "cast_expression": Statements.last_of,
        "argument": Walker.inner,
        "variadic_unpacking": Walker.inner,
    }
