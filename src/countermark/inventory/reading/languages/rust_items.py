"""Rust: what is declared, and the attributes before it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import Call, Context, Expression, Import, Ref, Text, Unknown
from countermark.inventory.reading.languages.literals import unescaped
from countermark.inventory.reading.languages.operators import Operators
from countermark.inventory.reading.languages.walking import (
    CHOSEN,
    DEAD,
    ENDED,
    MAX_DEPTH,
    PLAIN,
    TESTED,
    Handler,
    Walker,
)

STRING = r'"((?:[^"\\]|\\.)*)"'
DEFAULT = re.compile(rf"\bdefault(?:_value(?:_t)?|_str)?\s*=\s*{STRING}")
CALLED = re.compile(rf"\b(?:serde|builder|educe)\([^\])]*\bdefault\s*=\s*{STRING}")
VARIABLE = re.compile(rf"\b(?:env|from)\s*=\s*{STRING}")
ALONE = re.compile(r"\b(?:arg|clap|structopt)\([^)]*\benv\b(?!\s*=)")
RENAMED = re.compile(rf"\b(?:rename|serialize|name|to_string)\s*=\s*{STRING}")
TEST = re.compile(r"#\[\s*(?:\w+::)*(?:test|rstest|test_case|bench)\b|cfg\(\s*(?:all\(\s*)?test\b")
NEVER = re.compile(r"cfg\(\s*any\(\s*\)\s*\)")
VALUES = ("_declaration", "_item")
"""Endings of the kinds of nodes that are no expression."""


class Items(Operators):
    """What gives names."""

    comments: ClassVar[tuple[str, ...]] = ("line_comment", "block_comment")
    attributes: str = ""
    """Those that stand before what is read next."""
    offset: int

    def visit(self, node: SgNode) -> Expression | None:
        """Read a node; in a macro that is read by itself, lines count from where it stands."""
        if not self.offset:
            return super().visit(node)
        handler = self.kinds.get(node.kind(), Walker.rest)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            return self.too_deep(node)
        self.line = node.range().start.line + 1 + self.offset
        value = handler(self, node)
        self.depth -= 1
        return value

    def items(self, nodes: Iterable[SgNode]) -> Expression | None:
        """Items or statements; the value is that of an expression at the end."""
        before, ended = self.contexts, False
        value: Expression | None = None
        for node in nodes:
            kind = node.kind()
            if kind == "attribute_item":
                self.attributes += node.text()
                continue
            if kind in self.comments:
                continue
            value = self.visit(node)
            ended = ended or value is ENDED
            value = None if kind.endswith(VALUES) else value
            self.attributes = ""
            self.contexts = before | DEAD if ended else before
        self.contexts = before
        return ENDED if ended else value

    def listed_items(self, node: SgNode) -> Expression | None:
        """The items of a file, a module or an ``impl``."""
        return self.items(node.named_children())

    def standing(self) -> frozenset[Context]:
        """What the attributes make of what is read next."""
        said, self.attributes = self.attributes, ""
        if not said:
            return PLAIN
        return TESTED if TEST.search(said) else DEAD if NEVER.search(said) else PLAIN

    def imported(self, node: SgNode) -> None:
        """``use a::{b, c as d};``."""
        words = node.field("argument")
        if words is not None:
            self._import(words, "", 0)

    def _import(self, node: SgNode, prefix: str, depth: int) -> None:
        kind, source, line = node.kind(), node.text(), self.line
        if kind == "use_list" or depth > 8:  # noqa: PLR2004 - lists within lists
            for part in self.parts(node) if kind == "use_list" else ():
                self._import(part, prefix, depth + 1)
        elif kind == "scoped_use_list":
            path, inner = node.field("path"), node.field("list")
            if inner is not None:
                self._import(inner, _joined(prefix, path.text() if path is not None else ""), depth + 1)
        elif kind == "use_wildcard":
            self.module.imports.append(
                Import("*", _joined(prefix, source.removesuffix("*").rstrip(":")), "*", line)
            )
        else:
            taken, _, name = source.partition(" as ")
            module, _, item = _joined(prefix, taken.strip()).rpartition("::")
            if item == "self":
                module, _, item = module.rpartition("::")
            self.module.imports.append(
                Import(name.strip() or item, module or item, item if module else "", line)
            )

    def constant(self, node: SgNode) -> None:
        """``const X: &str = "a";``."""
        line, name, value = self.line, node.field("name"), node.field("value")
        contexts = self.standing()
        if name is None or value is None:
            return
        before = self.contexts
        self.contexts |= contexts
        self.bind((*self.scope, name.text()), self.value(value), line, field=bool(self.owner))
        self.contexts = before

    def struct(self, node: SgNode) -> None:
        """A struct: its fields, with what their attributes say."""
        name, body = node.field("name"), node.field("body")
        self.attributes = ""
        if name is None or body is None:
            return
        said = ""
        with self.within(name.text(), owner=True):
            for part in self.parts(body):
                if part.kind() == "attribute_item":
                    said += part.text()
                elif part.kind() == "field_declaration":
                    self._declared(part, said)
                    said = ""

    def _declared(self, node: SgNode, said: str) -> None:
        name, kind, line = node.field("name"), node.field("type"), node.range().start.line + 1
        if name is None:
            return
        value: Expression | None = None
        called, default = CALLED.search(said), DEFAULT.search(said)
        if called:
            value = Call(Ref(tuple(called[1].split("::")), line), line)
            self.references.update(called[1].split("::"))
        elif default:
            value = Text(unescaped(default[1]), line)
        variable = VARIABLE.search(said)
        alias = variable[1] if variable else name.text().upper() if ALONE.search(said) else ""
        if alias:
            self.module.settings_classes.setdefault(self.scope[-1], "")
        if value is not None or alias:
            value = value or Unknown("", line)
            self.bind((*self.scope, name.text()), value, line, field=True, alias=alias)
        elif kind is not None:
            self.instance((*self.scope, name.text()), kind.text(), line, field=True)

    def enum(self, node: SgNode) -> None:
        """An enum: the names that its variants are written by."""
        name, body = node.field("name"), node.field("body")
        self.attributes = said = ""
        if name is None or body is None:
            return
        with self.within(name.text(), contexts=CHOSEN, owner=True):
            for part in self.parts(body):
                if part.kind() == "attribute_item":
                    said += part.text()
                    continue
                variant, written = part.field("name"), RENAMED.search(said)
                if written and variant is not None:
                    line = part.range().start.line + 1
                    self.bind(
                        (*self.scope, variant.text()), Text(unescaped(written[1]), line), line, field=True
                    )
                said = ""

    def implemented(self, node: SgNode) -> None:
        """``impl T for S {…}``: in the scope of ``S``."""
        kind, trait, body = node.field("type"), node.field("trait"), node.field("body")
        contexts = self.standing()
        if kind is None or body is None:
            return
        name = kind.text().partition("<")[0].rpartition("::")[2]
        if trait is not None:
            self.module.bases[name] = (*self.module.bases.get(name, ()), trait.text().partition("<")[0])
        with self.within(name, contexts=contexts, owner=True):
            self.items(body.named_children())

    def trait(self, node: SgNode) -> None:
        """``trait T {…}``: its constants and the functions that it gives."""
        name, body = node.field("name"), node.field("body")
        self.attributes = ""
        if name is not None and body is not None:
            with self.within(name.text(), owner=True):
                self.items(body.named_children())

    def module_item(self, node: SgNode) -> None:
        """``mod m {…}``."""
        name, body, contexts = node.field("name"), node.field("body"), self.standing()
        if name is not None and body is not None:
            with self.within(name.text(), contexts=contexts):
                self.items(body.named_children())

    def function(self, node: SgNode) -> None:
        """``fn f(a: A) -> B {…}``."""
        name, given, body = node.field("name"), node.field("parameters"), node.field("body")
        contexts = self.standing()
        if name is None:
            return
        with self.within(name.text(), contexts=contexts):
            names = []
            for each in self.parts(given) if given is not None else ():
                pattern, kind = each.field("pattern"), each.field("type")
                if pattern is not None and kind is not None:
                    names.append(pattern.text().removeprefix("mut "))
                    self.instance(
                        (*self.scope, names[-1]),
                        kind.text().removeprefix("&").removeprefix("mut "),
                        self.line,
                    )
            self.module.parameters[self.scope] = tuple(names)
            if body is not None:
                line, value = body.range().end.line + 1 + self.offset, self.visit(body)
                if value is not None and value is not ENDED:
                    self.returned(value, getattr(value, "line", line))

    kinds: ClassVar[dict[str, Handler]] = {
        "source_file": listed_items,
        "declaration_list": listed_items,
        "use_declaration": imported,
        "const_item": constant,
        "static_item": constant,
        "struct_item": struct,
        "enum_item": enum,
        "impl_item": implemented,
        "trait_item": trait,
        "mod_item": module_item,
        "function_item": function,
        "identifier": Walker.name,
        "self": Walker.name,
        "integer_literal": Walker.literal,
        "float_literal": Walker.literal,
        "boolean_literal": Walker.literal,
        "char_literal": Walker.literal,
        "line_comment": Walker.skip,
        "block_comment": Walker.skip,
        "attribute_item": Walker.skip,
        "inner_attribute_item": Walker.skip,
        "visibility_modifier": Walker.skip,
        "type_arguments": Walker.skip,
        "type_identifier": Walker.skip,
        "macro_definition": Walker.skip,
        "function_signature_item": Walker.skip,
        "type_item": Walker.skip,
        "extern_crate_declaration": Walker.skip,
    }


def _joined(prefix: str, path: str) -> str:
    return f"{prefix}::{path}" if prefix and path else prefix or path
