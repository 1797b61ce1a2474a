"""Go: what is declared and assigned, and the tags of structs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import Env, Expression, Import, Text, Unknown
from countermark.inventory.reading.languages.branching import flipped, guard_of
from countermark.inventory.reading.languages.literals import unescaped
from countermark.inventory.reading.languages.operators import Operators
from countermark.inventory.reading.languages.walking import CHOSEN, PLAIN, TESTED, Condition

TAG = re.compile(r'([\w-]+):"((?:[^"\\]|\\.)*)"')
FILLING = (
    "env",
    "envconfig",
    "mapstructure",
    "koanf",
    "yaml",
    "toml",
    "ini",
    "conf",
    "arg",
    "properties",
    "json",
)
"""Keys of tags that say what fills a field, the most telling first."""
DEFAULTS = ("envDefault", "env-default", "default")
DEFAULT = re.compile(r"(?:^|,)\s*default[=:]([^,]+)")
VARIABLE = re.compile(r"(?:^|,)\s*env[=:]([^,]+)")
VERSION = re.compile(r"v\d+")
TESTS = ("Test", "Benchmark", "Fuzz", "Example")
BASIC = frozenset(["string", "int", "int64", "float64", "bool", "byte", "rune", "uint"])


class String(Operators):
    """Strings."""

    def quoted(self, node: SgNode) -> Expression:
        """``"x"``."""
        return Text(unescaped(node.text()[1:-1]), self.line)


class Declarations(String):
    """What gives names."""

    hoisted: ClassVar[frozenset[str]] = frozenset(["comment", "labeled_statement"])
    receiver: str = ""
    """What the method around calls its receiver; it is known as ``this``."""
    found: Mapping[str, str] = MappingProxyType({})
    """Whether a variable was found → what was found of it: ``model, ok := os.LookupEnv("M")``."""
    prefix: str = ""
    """Of the keys of a struct within a struct."""

    def statement(self, node: SgNode) -> Expression | None:
        """An expression as a statement; ``panic`` ends a block."""
        for child in node.named_children():
            self.visit(child)
        return None

    def imported(self, node: SgNode) -> None:
        """``name "path"``."""
        named, path = node.field("name"), node.field("path")
        if path is None:
            return
        module = path.text()[1:-1]
        parts = module.split("/")
        known = parts[-2] if VERSION.fullmatch(parts[-1]) and len(parts) > 1 else parts[-1]
        name = named.text() if named is not None else known.removeprefix("go-").partition(".")[0]
        self.module.imports.append(Import("*" if name == "." else name, module, "", self.line))

    def constants(self, node: SgNode) -> None:
        """``const (A Model = "a"; B Model = "b")``: of a type of their own they are choices."""
        specs = [part for part in self.parts(node) if part.kind() == "const_spec"]
        types = [spec.field("type") for spec in specs]
        own = [kind for kind in types if kind is not None and kind.text() not in BASIC]
        before = self.contexts
        self.contexts |= CHOSEN if len(own) > 1 else PLAIN
        for spec in specs:
            self.visit_spec(spec)
        self.contexts = before

    def variables(self, node: SgNode) -> None:
        """``var x = "a"``."""
        self.visit_spec(node)

    def visit_spec(self, node: SgNode) -> None:
        """Names and values side by side."""
        line = node.range().start.line + 1
        given = node.field("value")
        if given is None:
            return
        names = [part.text() for part in node.field_children("name") if part.is_named()]
        values = self.values(self.parts(given))
        for name, value in zip(names, values, strict=False):
            if name != "_":
                self.bind((*self.scope, name), value, line)

    def declared_type(self, node: SgNode) -> None:
        """``type T struct {…}``."""
        name, kind = node.field("name"), node.field("type")
        if name is None or kind is None:
            return
        if kind.kind() == "struct_type":
            with self.within(name.text(), owner=True):
                self.fields(kind)
        elif kind.kind() == "type_identifier":
            self.module.bases[name.text()] = (kind.text(),)

    def fields(self, node: SgNode) -> None:
        """The fields of a struct: names, types and tags."""
        bases = []
        for body in self.parts(node):
            for field in self.parts(body):
                names = [part.text() for part in field.field_children("name")]
                kind, tag = field.field("type"), field.field("tag")
                line = field.range().start.line + 1
                if not names and kind is not None:
                    bases.append(kind.text())
                said = dict(TAG.findall(tag.text())) if tag is not None else {}
                self._field(names, kind, said, line)
        if bases:
            self.module.bases[self.scope[-1]] = tuple(bases)

    def _field(self, names: list[str], kind: SgNode | None, said: dict[str, str], line: int) -> None:
        alias, default, env = _filled(said)
        if env:
            self.module.settings_classes.setdefault(self.scope[0], "")
        if kind is not None and kind.kind() == "struct_type" and names:
            before = self.prefix
            self.prefix = f"{before}{alias or names[0]}."
            with self.within(names[0], owner=True):
                self.fields(kind)
            self.prefix = before
        elif default is not None or (alias and set(said) != {"json"}):
            value: Expression = Text(default, line) if default is not None else Unknown("", line)
            for name in names:
                self.bind(
                    (*self.scope, name), value, line, field=True, alias=alias if env else self.prefix + alias
                )
        elif kind is not None:
            for name in names:
                self.instance((*self.scope, name), kind.text(), line, field=True)

    def declared_function(self, node: SgNode) -> None:
        """``func F() {…}``."""
        name, parameters = node.field("name"), node.field("parameters")
        if name is not None:
            tested = (
                name.text().startswith(TESTS) and parameters is not None and "testing." in parameters.text()
            )
            self._function(node, name.text(), tested=tested)

    def method(self, node: SgNode) -> None:
        """``func (c *T) M() {…}``: in the scope of ``T``."""
        name, given = node.field("name"), node.field("receiver")
        if name is None or given is None:
            return
        words = given.text().strip("()").replace("*", " ").split()
        kind = words[-1].partition("[")[0] if words else ""
        before = self.receiver
        self.receiver = words[0] if len(words) > 1 else ""
        with self.within(kind, owner=True):
            self._function(node, name.text())
        self.receiver = before

    def function(self, node: SgNode) -> None:
        """``func() {…}``."""
        self._function(node, f"@{self.line}")

    def _function(self, node: SgNode, name: str, *, tested: bool = False) -> None:
        parameters, body = node.field("parameters"), node.field("body")
        with self.within(name, contexts=TESTED if tested else PLAIN):
            if parameters is not None:
                self._parameters(parameters)
            if body is not None:
                self.visit(body)

    def _parameters(self, node: SgNode) -> None:
        names: list[str] = []
        for each in node.named_children():
            *parts, kind = each.named_children() or [each]
            found = [part.text() for part in parts if part.kind() == "identifier"]
            for name in found:
                self.instance((*self.scope, name), kind.text(), self.line)
            names += found
        self.module.parameters[self.scope] = tuple(names)

    def assignment(self, node: SgNode) -> None:
        """``a, b := f()``, ``a.b = x``."""
        line, children = self.line, node.children()
        left, operator, right = children[0], children[1].kind(), children[-1]
        targets, values = self.parts(left), self.values(self.parts(right))
        if operator not in (":=", "="):
            return
        if len(targets) == 2 and len(values) == 1 and type(values[0]) is Env:  # noqa: PLR2004
            self.found = {**self.found, targets[1].text(): targets[0].text()}
        for target, value in zip(targets, values, strict=False):
            path = self.target(target)
            if path is not None and path != ("_",):
                self.assign(path, value, line)

    def target(self, node: SgNode) -> tuple[str, ...] | None:
        """The names of what is assigned to."""
        kind = node.kind()
        if kind == "identifier":
            name = node.text()
            return ("this" if name == self.receiver else name,)
        if kind in ("selector_expression", "index_expression"):
            of, *_, key = node.named_children()
            path = self.target(of)
            if path is None:
                return None
            if kind == "selector_expression":
                return (*path, key.text())
            value = self.value(key)
            return (*path, value.value) if type(value) is Text else None
        if kind in ("unary_expression", "parenthesized_expression"):
            return self.target(node.named_children()[-1])
        self.rest(node)
        return None

    def pointed(self, node: SgNode) -> Expression | None:
        """``&x``, ``*x``, ``!x``."""
        line, operator = self.line, node.children()[0].kind()
        value = self.inner(node)
        if operator in ("&", "*"):
            return value
        guard = guard_of(value) if operator == "!" else None
        return Condition("", line, flipped(guard)) if guard is not None else None

    def converted(self, node: SgNode) -> Expression | None:
        """``[]byte("x")``."""
        return self.visit(node.named_children()[-1])


def _filled(said: dict[str, str]) -> tuple[str, str | None, bool]:
    """The name that fills a field, its default, and whether the name is one of the environment."""
    default = next((said[key] for key in DEFAULTS if key in said), None)
    alias, env = "", False
    for key in FILLING:
        if key not in said:
            continue
        text = said[key]
        found = DEFAULT.search(text)
        default = found[1] if default is None and found else default
        named = VARIABLE.search(text)
        if not alias or (named and not env):
            alias = named[1] if named else "" if key in ("conf", "arg") else text.partition(",")[0].strip()
            env = key in ("env", "envconfig") or named is not None
    return ("" if alias == "-" else alias), default, env and bool(alias)
