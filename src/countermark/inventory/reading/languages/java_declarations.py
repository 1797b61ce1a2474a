"""Java: classes, fields, methods and what fills them."""

from __future__ import annotations

from typing import ClassVar

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import Call, Expression, Import, Ref, Unknown
from countermark.inventory.reading.languages import jvm_annotations
from countermark.inventory.reading.languages.jvm_annotations import Said
from countermark.inventory.reading.languages.operators import Operators
from countermark.inventory.reading.languages.walking import CHOSEN, CONSTRUCTOR, MAX_GUARDS, PLAIN, TESTED


class Declarations(Operators):
    """What gives names."""

    comments: ClassVar[tuple[str, ...]] = ("line_comment", "block_comment")
    hoisted: ClassVar[frozenset[str]] = frozenset(["line_comment", "block_comment"])
    prefix: str = ""
    """Of the keys that fill the fields of the class around."""

    def statement(self, node: SgNode) -> Expression | None:
        """An expression as a statement; as the body of a ``case`` it is the value."""
        value = None
        for child in node.named_children():
            value = self.visit(child) or value
        return value

    def converted(self, node: SgNode) -> Expression | None:
        """``(String) x``."""
        return self.visit(node.named_children()[-1])

    def said(self, node: SgNode) -> Said:
        """What the annotations of a declaration say."""
        first = next(iter(node.named_children()), None)
        while first is not None and first.kind() in self.comments:
            first = first.next()
        if first is None or first.kind() != "modifiers":
            return jvm_annotations.NOTHING
        return jvm_annotations.said(first.text(), self.line)

    def imported(self, node: SgNode) -> None:
        """``import a.b.C;``."""
        words = node.text().rstrip("; \n").split()
        module, item = words[-1].rpartition(".")[::2]
        self.module.imports.append(Import(item, module, item, self.line))

    def classed(self, node: SgNode) -> None:
        """A class, record, interface or enum."""
        name, body, given = node.field("name"), node.field("body"), node.field("parameters")
        if name is None:
            return
        said, called = self.said(node), name.text()
        before, guards = self.prefix, self.guards
        self._note_class(node, called, said)
        contexts = TESTED if said.tested or called.endswith(("Test", "Tests", "IT")) else PLAIN
        if said.guard is not None:
            self.guards = (*guards, said.guard)[-MAX_GUARDS:]
        chosen = CHOSEN if node.kind() == "enum_declaration" else PLAIN
        with self.within(called, contexts=contexts | chosen, owner=True):
            if given is not None:
                self._components(given)
            if body is not None:
                self.statements(body.named_children())
        self.prefix, self.guards = before, guards

    def _note_class(self, node: SgNode, name: str, said: Said) -> None:
        clauses = [node.field("superclass"), node.field("interfaces")]
        texts = [clause.text().partition(" ")[2] for clause in clauses if clause is not None]
        bases = [base.partition("<")[0].strip() for text in texts for base in text.split(",")]
        self.module.bases[name] = tuple(filter(None, bases))
        self.references.update(bases)
        if said.prefix is not None:
            self.prefix = f"{said.prefix}." if said.prefix else ""
            self.module.settings_classes[name] = said.prefix
        elif self.prefix:
            self.prefix += f"{name[:1].lower()}{name[1:]}.".replace("Properties.", ".")

    def _components(self, node: SgNode) -> None:
        """The components of a record: fields and parameters at once."""
        self._parameters(node, ())
        for each in self.parts(node):
            name = each.field("name")
            if name is not None:
                self._filled(name.text(), self.said(each), None, self.line)

    def _filled(self, name: str, said: Said, value: Expression | None, line: int) -> None:
        """A field, with what an annotation fills it with, or its initialiser."""
        given = said.value or value
        if given is not None or self.prefix:
            alias = f"{self.prefix}{name}" if self.prefix else ""
            self.bind((*self.scope, name), given or Unknown("", line), line, field=True, alias=alias)

    def field(self, node: SgNode) -> None:
        """A field of a class."""
        said, kind = self.said(node), node.field("type")
        for declarator in node.field_children("declarator"):
            line = declarator.range().start.line + 1
            name, given = declarator.field("name"), declarator.field("value")
            if name is None:
                continue
            self.own_fields.add((*self.scope, name.text()))
            value = self.value(given) if given is not None else None
            self._filled(name.text(), said, value, line)
            if value is None and said.value is None and kind is not None:
                self.instance((*self.scope, name.text()), kind.text(), line, field=True)

    def variable(self, node: SgNode) -> None:
        """``var x = f();``."""
        for declarator in node.field_children("declarator"):
            line = declarator.range().start.line + 1
            name, given = declarator.field("name"), declarator.field("value")
            if name is not None and given is not None:
                self.bind((*self.scope, name.text()), self.value(given), line)

    def resource(self, node: SgNode) -> None:
        """``try (var x = f())``."""
        name, given = node.field("name"), node.field("value")
        if name is not None and given is not None:
            self.bind((*self.scope, name.text()), self.value(given), self.line)

    def constant(self, node: SgNode) -> None:
        """``A("x")`` in an enum: the making of one, or its own name."""
        name, given, line = node.field("name"), node.field("arguments"), self.line
        if name is not None and given is not None:
            args = self.values(given.named_children())
            made = Call(Ref(self.scope[-1:], line), line, args)
            self.bind((*self.scope, name.text()), args[0] if len(args) == 1 else made, line, field=True)
            for value in args:
                self.choices(value)
        body = node.field("body")
        if body is not None:
            self.visit(body)

    def method(self, node: SgNode) -> None:
        """A method or constructor."""
        said, name, body = self.said(node), node.field("name"), node.field("body")
        if name is None:
            return
        called = name.text() if node.kind() == "method_declaration" else CONSTRUCTOR
        guards = self.guards
        if said.guard is not None:
            self.guards = (*guards, said.guard)[-MAX_GUARDS:]
        outer = self.contexts
        self.contexts = outer - CHOSEN
        with self.within(called, contexts=TESTED if said.tested else PLAIN):
            given = node.field("parameters")
            if given is not None:
                self._parameters(given, self.scope)
            if said.value is not None:
                self.returned(said.value, self.line)
            if body is not None:
                self.visit(body)
        self.guards, self.contexts = guards, outer

    def _parameters(self, node: SgNode, scope: tuple[str, ...]) -> None:
        names = []
        scope = scope or (*self.scope, CONSTRUCTOR)
        for each in node.named_children():
            name, kind = each.field("name"), each.field("type")
            if name is None:
                continue
            names.append(name.text())
            said = self.said(each)
            if said.value is not None:
                self.bind((*scope, name.text()), said.value, self.line)
            elif kind is not None:
                self.instance((*scope, name.text()), kind.text(), self.line)
        self.module.parameters[scope] = tuple(names)

    def function(self, node: SgNode) -> Expression | None:
        """``x -> f(x)``; what it gives, where it is an expression."""
        line, body = self.line, node.field("body")
        if body is None:
            return None
        with self.within(f"@{line}"):
            value = self.visit(body)
        return None if body.kind() == "block" else value
