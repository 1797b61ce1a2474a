"""Kotlin: classes, properties, functions and what fills them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import Call, Expression, Import, Ref, Text, Unknown
from countermark.inventory.reading.languages import jvm_annotations
from countermark.inventory.reading.languages.jvm_annotations import Said
from countermark.inventory.reading.languages.operators import Operators
from countermark.inventory.reading.languages.walking import CHOSEN, CONSTRUCTOR, MAX_GUARDS, PLAIN, TESTED


class Declarations(Operators):
    """What gives names."""

    comments: ClassVar[tuple[str, ...]] = ("line_comment", "multiline_comment")
    hoisted: ClassVar[frozenset[str]] = frozenset(
        ["line_comment", "multiline_comment", "function_declaration"]
    )
    prefix: str = ""
    """Of the keys that fill the fields of the class around."""

    def said(self, node: SgNode) -> Said:
        """What the annotations of a declaration say."""
        for child in node.named_children()[:2]:
            if child.kind() == "modifiers":
                return jvm_annotations.said(child.text(), self.line)
        return jvm_annotations.NOTHING

    def imported(self, node: SgNode) -> None:
        """``import a.b.C as D``."""
        words = [*node.text().split(), ""]
        module, item = words[1].rpartition(".")[::2]
        name = words[3] if len(words) > 3 and words[2] == "as" else item  # noqa: PLR2004 - import m as n
        self.module.imports.append(Import(name, module, item, self.line))

    def classed(self, node: SgNode) -> None:
        """A class, an interface, an enum or an object."""
        parts, said, line = self.parts(node), self.said(node), self.line
        called = next((part.text() for part in parts if part.kind() == "type_identifier"), f"@{line}")
        before, guards, outer = self.prefix, self.guards, self.contexts
        self._note_class(parts, called, said)
        enum = any(part.kind() == "enum_class_body" for part in parts)
        self.contexts |= CHOSEN if enum else PLAIN
        self.contexts |= TESTED if said.tested or called.endswith(("Test", "Tests", "Spec")) else PLAIN
        if said.guard is not None:
            self.guards = (*guards, said.guard)[-MAX_GUARDS:]
        with self.within(called, owner=True):
            for part in parts:
                if part.kind() == "primary_constructor":
                    self._components(part)
                elif part.kind() in ("class_body", "enum_class_body"):
                    self.statements(part.named_children())
        self.prefix, self.guards, self.contexts = before, guards, outer

    def _note_class(self, parts: Sequence[SgNode], name: str, said: Said) -> None:
        bases = [
            part.text().partition("(")[0].partition("<")[0]
            for part in parts
            if part.kind() == "delegation_specifier"
        ]
        self.module.bases[name] = tuple(bases)
        self.references.update(bases)
        if said.prefix is not None:
            self.prefix = f"{said.prefix}." if said.prefix else ""
            self.module.settings_classes[name] = said.prefix
        elif self.prefix:
            self.prefix += f"{name[:1].lower()}{name[1:]}."

    def companion(self, node: SgNode) -> None:
        """``companion object``: what is in it belongs to the class."""
        for part in self.parts(node):
            if part.kind() == "class_body":
                self.statements(part.named_children())

    def _components(self, node: SgNode) -> None:
        """The parameters of the class itself; those with ``val`` or ``var`` are fields."""
        names = []
        for each in self.parts(node):
            children = each.children()
            name = next((part.text() for part in children if part.kind() == "simple_identifier"), "")
            names.append(name)
            line = each.range().start.line + 1
            said = self.said(each)
            default = self.value(children[-1]) if any(part.kind() == "=" for part in children) else None
            kind = next(
                (part.text() for part in children if part.kind() in ("user_type", "nullable_type")), ""
            )
            given = said.value or default
            if any(part.kind() == "binding_pattern_kind" for part in children):
                self._filled(name, given, kind, line)
            if given is not None:
                self.bind((*self.scope, CONSTRUCTOR, name), given, line)
        self.module.parameters[(*self.scope, CONSTRUCTOR)] = tuple(names)

    def _filled(self, name: str, value: Expression | None, kind: str, line: int) -> None:
        self.own_fields.add((*self.scope, name))
        alias = f"{self.prefix}{name}" if self.prefix else ""
        if value is not None or alias:
            self.bind((*self.scope, name), value or Unknown("", line), line, field=True, alias=alias)
        else:
            self.instance((*self.scope, name), kind, line, field=True)

    def declared(self, node: SgNode) -> None:
        """``val x: T = f()``, ``by lazy { f() }``, ``get() = f()``."""
        line, said, field = self.line, self.said(node), bool(self.owner) and self.scope == self.owner
        names: list[SgNode] = []
        value: Expression | None = said.value
        for part in self.parts(node):
            kind = part.kind()
            if kind in ("variable_declaration", "multi_variable_declaration"):
                names = self.parts(part) if kind.startswith("multi") else [part]
            elif kind in ("property_delegate", "getter"):
                value = value or self.inner(part)
            elif kind not in ("modifiers", "binding_pattern_kind", "setter", "type_constraints"):
                value = self.value(part) if value is None else value
        if not names:
            return
        name, _, kind = names[0].text().partition(":")
        name = name.strip()
        if field:
            self._filled(name, value, kind.strip(), line)
        elif value is not None and len(names) == 1:
            self.bind((*self.scope, name), value, line)

    def constant(self, node: SgNode) -> None:
        """``A("x")`` in an enum."""
        line, parts = self.line, self.parts(node)
        name = next((part.text() for part in parts if part.kind() == "simple_identifier"), "")
        for part in parts:
            if part.kind() == "value_arguments":
                args = tuple(self.value(each.children()[-1]) for each in self.parts(part) if each.children())
                made = Call(Ref(self.scope[-1:], line), line, args)
                self.bind((*self.scope, name), args[0] if len(args) == 1 else made, line, field=True)
                for value in args:
                    self.choices(value)

    def method(self, node: SgNode) -> None:
        """A function."""
        line, said, parts, outer = self.line, self.said(node), self.parts(node), self.contexts
        name = next(
            (part.text().strip("`") for part in parts if part.kind() == "simple_identifier"), f"@{line}"
        )
        if node.kind() == "secondary_constructor":
            name = CONSTRUCTOR
        self.contexts = outer - CHOSEN
        guards = self.guards
        if said.guard is not None:
            self.guards = (*guards, said.guard)[-MAX_GUARDS:]
        with self.within(name, contexts=TESTED if said.tested else PLAIN):
            if said.value is not None:
                self.returned(said.value, line)
            for part in parts:
                if part.kind() == "function_value_parameters":
                    self._parameters(part)
                elif part.kind() == "function_body":
                    self._body(part)
                elif part.kind() == "statements":
                    self.visit(part)
        self.contexts, self.guards = outer, guards

    def _body(self, node: SgNode) -> None:
        line, children = self.line, node.children()
        if children and children[0].kind() == "=":
            self.returned(self.value(children[-1]), line)
        else:
            for child in node.named_children():
                self.visit(child)

    def _parameters(self, node: SgNode) -> None:
        names: list[str] = []
        children = node.children()
        for at, child in enumerate(children):
            if child.kind() != "parameter":
                continue
            name, _, kind = child.text().partition(":")
            names.append(name.strip())
            line = child.range().start.line + 1
            said = jvm_annotations.NOTHING
            if at and children[at - 1].kind() == "parameter_modifiers":
                said = jvm_annotations.said(children[at - 1].text(), line)
            default: Expression | None = said.value
            if at + 2 < len(children) and children[at + 1].kind() == "=":
                default = self.value(children[at + 2])
            if default is not None:
                self.bind((*self.scope, names[-1]), default, line)
            else:
                self.instance((*self.scope, names[-1]), kind.strip(), line)
        self.module.parameters[self.scope] = tuple(names)

    def assignment(self, node: SgNode) -> None:
        """``a.b = x``, ``a["b"] = x``."""
        line, children = self.line, node.children()
        target, operator, value = children[0], children[1].kind(), self.value(children[-1])
        path: list[str] = []
        for part in self.parts(target):
            if part.kind() == "indexing_suffix":
                key = self.inner(part)
                path += [key.value] if type(key) is Text else []
            elif part.kind() in ("simple_identifier", "navigation_suffix", "this_expression"):
                path.append(part.text().lstrip("?."))
            else:
                inner = self.value(part)
                path += inner.path if type(inner) is Ref else ()
        if path[:1] == ["this"] and self.setting_up == () and len(path) > 1:
            path = path[1:]  # of what is set up, not of the class around
        if path and operator == "=":
            self.assign(tuple(path), value, line)
