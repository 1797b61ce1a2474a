"""Expressions of Python, as all languages have them."""

from __future__ import annotations

import ast
from typing import Protocol

from countermark.inventory.reading.expressions import (
    Call,
    CallSite,
    Context,
    Either,
    Env,
    Expression,
    Guard,
    Item,
    Join,
    Many,
    Member,
    Ref,
    Table,
    Text,
    Unknown,
)
from countermark.inventory.reading.python_idioms import ENV_OWNERS, PERCENT, Spoken, filled, meant

MAX_DEPTH = 120
SHOWN = 80
COMPARING = frozenset(["startswith", "endswith", "find", "index", "count", "__contains__"])
CHOOSING = frozenset(["choices", "options", "choice"])
FIELDS = frozenset(["Field", "field", "Input", "Option", "Argument", "Query", "Body", "Form", "attrib", "ib"])


class Reader(Protocol):
    """Who is told of the calls and strings, and knows where they stand."""

    scope: tuple[str, ...]
    contexts: frozenset[Context]
    guards: tuple[Guard, ...]

    def call_seen(self, site: CallSite) -> None: ...
    def loose_seen(self, text: Text, *contexts: Context) -> None: ...
    def name_seen(self, name: str, value: Expression, line: int) -> None: ...


class Converter:
    """From nodes of ``ast`` to expressions; tells its reader of each call on the way."""

    def __init__(self, reader: Reader, references: set[str]) -> None:
        self.reader = reader
        self.references = references
        self.depth = 0
        self.quiet = False

    def __call__(self, node: ast.expr) -> Expression:
        """Convert one node.

        Raises:
            RecursionError: it is nested deeper than anybody writes.
        """
        if self.depth >= MAX_DEPTH:
            raise RecursionError
        self.depth += 1
        try:
            return self._convert(node)
        finally:
            self.depth -= 1

    def quietly(self, node: ast.expr) -> Expression:
        """Convert again what was told already."""
        before, self.quiet = self.quiet, True
        try:
            return self(node)
        finally:
            self.quiet = before

    def path(self, node: ast.expr) -> tuple[str, ...]:
        """The names of a chain of attributes; empty where it is none."""
        names: list[str] = []
        while isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ()
        names.append(node.id)
        return tuple(reversed(names))

    def guard(self, test: ast.expr) -> Guard | None:
        """A condition that can be decided from values: a flag, or an equality with strings."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand) if not isinstance(operand, ast.BoolOp):
                inner = self.guard(operand)
                return Guard(inner.test, inner.equals, not inner.holds) if inner else None
            case ast.Compare(ops=[ast.Eq() | ast.NotEq() | ast.In() as op], comparators=[right]):
                values = _constants(right)
                if not values:
                    return None
                return Guard(self.quietly(test.left), values, not isinstance(op, ast.NotEq))
            case ast.Name() | ast.Attribute() | ast.Call():
                value = self.quietly(test)
                return Guard(value) if isinstance(value, Ref | Env) else None
            case ast.BoolOp(op=ast.And()):
                found = [guard for part in test.values if (guard := self.guard(part))]
                return found[0] if found else None
            case _:
                return None

    def _convert(self, node: ast.expr) -> Expression:  # noqa: C901, PLR0911, PLR0912 - one case each
        line = node.lineno
        match node:
            case ast.Constant():
                return Text(node.value, line) if isinstance(node.value, str) else _unknown(node)
            case ast.Name():
                self.references.add(node.id)
                return Ref((node.id,), line)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Call():
                return self._call(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.JoinedStr():
                parts = [self(p.value) if isinstance(p, ast.FormattedValue) else self(p) for p in node.values]
                return Join(tuple(parts), line)
            case ast.BinOp():
                return self._binary(node)
            case ast.BoolOp():
                options = tuple(self(value) for value in node.values)
                return Either(options, line) if isinstance(node.op, ast.Or) else options[-1]
            case ast.IfExp():
                return self._conditional(node)
            case ast.List() | ast.Tuple() | ast.Set():
                return Many(tuple(self(item) for item in node.elts), line)
            case ast.Dict():
                entries = [
                    (self(key) if key is not None else Text("**", line), self(value))
                    for key, value in zip(node.keys, node.values, strict=True)
                ]
                return Table(tuple(entries), line)
            case ast.Await() | ast.Starred():
                return self(node.value)
            case ast.NamedExpr():
                return self._named(node)
            case ast.Lambda():
                return self(node.body)
            case ast.Compare():
                return self._compare(node)
            case _:
                for child in ast.iter_child_nodes(node):
                    self._inside(child)
                return _unknown(node)

    def _named(self, node: ast.NamedExpr) -> Expression:
        """``(model := os.getenv("MODEL"))``."""
        value = self(node.value)
        if not self.quiet:
            self.reader.name_seen(node.target.id, value, node.lineno)
        return value

    def _inside(self, node: ast.AST) -> None:
        if isinstance(node, ast.expr):
            self(node)
        elif isinstance(node, ast.comprehension):
            self(node.iter)
            for test in node.ifs:
                self(test)

    def _attribute(self, node: ast.Attribute) -> Expression:
        self.references.add(node.attr)
        names = [node.attr]
        inner = node.value
        while isinstance(inner, ast.Attribute):
            self.references.add(inner.attr)
            names.append(inner.attr)
            inner = inner.value
        path = tuple(reversed(names))
        if isinstance(inner, ast.Name):
            self.references.add(inner.id)
            return Ref((inner.id, *path), node.lineno)
        return Member(self(inner), path, node.lineno)

    def _compare(self, node: ast.Compare) -> Expression:
        for part in [node.left, *node.comparators]:
            for value in _constants(part):
                self._loose(Text(value, part.lineno), Context.COMPARED)
            if not _constants(part):
                self(part)
        return _unknown(node)

    def _loose(self, text: Text, context: Context) -> None:
        if not self.quiet:
            self.reader.loose_seen(text, context)

    def _conditional(self, node: ast.IfExp) -> Expression:
        self(node.test)
        body, other = self(node.body), self(node.orelse)
        same = ast.dump(node.test) == ast.dump(node.body)
        if isinstance(node.test, ast.Constant):
            return body if node.test.value else other
        return Either((body, other), node.lineno, ordered=same)

    def _binary(self, node: ast.BinOp) -> Expression:
        if isinstance(node.op, ast.Add):
            return Join(tuple(self(part) for part in _summands(node)), node.lineno)
        left, right = self(node.left), self(node.right)
        if isinstance(node.op, ast.Div):
            return Join((left, Text("/", node.lineno), right), node.lineno)
        if isinstance(node.op, ast.Mod) and isinstance(left, Text):
            named = (
                {k.value: v for k, v in right.entries if isinstance(k, Text)}
                if isinstance(right, Table)
                else {}
            )
            return filled(PERCENT, left, right.items if isinstance(right, Many) else (right,), named)
        if isinstance(node.op, ast.BitOr):
            return Either((right, left), node.lineno, ordered=False)
        return _unknown(node)

    def _subscript(self, node: ast.Subscript) -> Expression:
        owner = self.path(node.value)
        key = self(node.slice)
        if owner[-1:] and owner[-1] in ENV_OWNERS and isinstance(key, Text):
            return Env(key.value, node.lineno)
        return Item(self(node.value), key, node.lineno)

    def _call(self, node: ast.Call) -> Expression:
        name = self.path(node.func)
        args = tuple(self(argument) for argument in node.args)
        kwargs = tuple((keyword.arg or "**", self(keyword.value)) for keyword in node.keywords)
        self._choices(kwargs)
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        last = name[-1] if name else node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if last == "getattr":
            self.references |= {a.value for a in args[1:2] if isinstance(a, Text)}
        value = meant(Spoken(name, last, owner, args, dict(kwargs), node.lineno, self))
        if value is not None:
            return value
        if last in COMPARING:
            self._compared(args)
        call = Call(self(node.func), node.lineno, args, kwargs)
        if not self.quiet:
            reader = self.reader
            reader.call_seen(CallSite(call, reader.scope, reader.contexts, reader.guards))
        return call

    def _choices(self, kwargs: tuple[tuple[str, Expression], ...]) -> None:
        for name, value in kwargs:
            if name in CHOOSING and isinstance(value, Many):
                for item in value.items:
                    if isinstance(item, Text):
                        self._loose(item, Context.CHOICE)

    def _compared(self, args: tuple[Expression, ...]) -> None:
        """Operands of ``startswith`` and its like."""
        for argument in args:
            for item in argument.items if isinstance(argument, Many) else (argument,):
                if isinstance(item, Text):
                    self._loose(item, Context.COMPARED)


def _summands(node: ast.BinOp) -> list[ast.expr]:
    """The parts of a sum from left to right: hundreds of them are no nesting."""
    parts = [node.right]
    left = node.left
    while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
        parts.append(left.right)
        left = left.left
    return [left, *reversed(parts)]


def _constants(node: ast.expr) -> tuple[str, ...]:
    """The strings of a constant, or of a literal collection of them."""
    items = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else [node]
    return tuple(i.value for i in items if isinstance(i, ast.Constant) and isinstance(i.value, str))


def _unknown(node: ast.expr) -> Unknown:
    return Unknown(ast.unparse(node)[:SHOWN] if _is_short(node) else type(node).__name__, node.lineno)


def _is_short(node: ast.expr) -> bool:
    """Whether it is quick to write out."""
    return (node.end_lineno or 0) == node.lineno and (node.end_col_offset or 0) - node.col_offset <= SHOWN


def field_default(node: ast.expr, convert: Converter) -> tuple[Expression | None, str]:
    """The default and the alias of ``Field(…)``, ``field(…)``, ``typer.Option(…)``; None where it is none."""
    if not isinstance(node, ast.Call) or convert.path(node.func)[-1:] == ():
        return None, ""
    if convert.path(node.func)[-1] not in FIELDS:
        return None, ""
    alias = ""
    default: ast.expr | None = node.args[0] if node.args else None
    for keyword in node.keywords:
        if keyword.arg == "default" or (keyword.arg == "default_factory" and default is None):
            default = keyword.value
        elif keyword.arg in ("env", "alias", "validation_alias", "envvar") and not alias:
            alias = next(iter(_strings(keyword.value)), "")
    if default is None or (isinstance(default, ast.Constant) and default.value is ...):
        return Unknown("no default", node.lineno), alias
    return convert.quietly(default), alias


def _strings(node: ast.expr) -> list[str]:
    return [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
