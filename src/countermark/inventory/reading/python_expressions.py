"""Expressions of Python, as all languages have them."""

from __future__ import annotations

import ast
import re
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

MAX_DEPTH = 120
SHOWN = 80
ENV_READERS = frozenset(["getenv", "env", "get_env", "getEnv", "env_str", "get_env_var", "get_env_variable"])
ENV_OWNERS = frozenset(["env", "environ", "ENV"])
ENV_METHODS = frozenset(["get", "str", "string", "url", "setdefault", "pop", "__call__"])
UNWRAPPED = frozenset(["str", "Path", "PurePath", "SecretStr", "cast", "expanduser", "abspath", "HttpUrl"])
STRIPPED = frozenset(
    ["strip", "rstrip", "lstrip", "lower", "upper", "removesuffix", "get_secret_value", "as_posix", "encode"]
)
COMPARING = frozenset(["startswith", "endswith", "find", "index", "count", "__contains__"])
CHOOSING = frozenset(["choices", "options", "choice"])
FIELDS = frozenset(["Field", "field", "Input", "Option", "Argument", "Query", "Body", "Form", "attrib", "ib"])
PLACEHOLDER = re.compile(r"(\{[^{}]*\}|%[sdr]|%\(\w+\)s)")


class Reader(Protocol):
    """Who is told of the calls and strings, and knows where they stand."""

    scope: tuple[str, ...]
    contexts: frozenset[Context]
    guards: tuple[Guard, ...]
    module: object

    def call_seen(self, site: CallSite) -> None: ...
    def loose_seen(self, text: Text, *contexts: Context) -> None: ...


class Converter:
    """From nodes of ``ast`` to expressions; tells its reader of each call on the way."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.depth = 0
        self.quiet = False
        self.references: set[str] = reader.module.references  # type: ignore[attr-defined]

    def __call__(self, node: ast.expr) -> Expression:
        """Convert one node.

        Raises:
            RecursionError: it is nested deeper than anybody writes.
        """
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.depth = 0
            raise RecursionError
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
            case ast.UnaryOp(op=ast.Not()):
                inner = self.guard(test.operand)
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
            case ast.Await() | ast.Starred() | ast.NamedExpr():
                return self(node.value)
            case ast.Lambda():
                return self(node.body)
            case ast.Compare():
                return self._compare(node)
            case _:
                for child in ast.iter_child_nodes(node):
                    self._inside(child)
                return _unknown(node)

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
        left, right = self(node.left), self(node.right)
        if isinstance(node.op, ast.Add | ast.Div):
            middle = (Text("/", node.lineno),) if isinstance(node.op, ast.Div) else ()
            return Join((left, *middle, right), node.lineno)
        if isinstance(node.op, ast.Mod) and isinstance(left, Text):
            values = right.items if isinstance(right, Many) else (right,)
            return _filled(left, values, {}, node.lineno)
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
        special = self._special(node, name, args, dict(kwargs))
        if special is not None:
            return special
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

    def _special(  # noqa: C901, PLR0911 - one for each idiom
        self,
        node: ast.Call,
        name: tuple[str, ...],
        args: tuple[Expression, ...],
        kwargs: dict[str, Expression],
    ) -> Expression | None:
        """Calls that stand for a value: of a variable, an attribute, a table."""
        line = node.lineno
        last = name[-1] if name else node.func.attr if isinstance(node.func, ast.Attribute) else ""
        first = args[0] if args else None
        default = args[1] if len(args) > 1 else kwargs.get("default")
        if isinstance(first, Text) and _reads_environment(name):
            return Env(first.value, line, default)
        if last == "config" and isinstance(first, Text) and first.value.isupper():  # decouple
            return Env(first.value, line, default)
        if last == "getattr" and len(args) > 1 and isinstance(args[1], Text):
            self.references.add(args[1].value)
            owner = args[0]
            inner: Expression = Unknown("getattr", line)
            if isinstance(owner, Ref):
                inner = Ref((*owner.path, args[1].value), line)
            elif isinstance(owner, Call | Member):
                inner = Member(owner, (args[1].value,), line)
            return Either((inner, args[2]), line) if len(args) > 2 else inner  # noqa: PLR2004
        if (
            last == "get"
            and isinstance(node.func, ast.Attribute)
            and 1 <= len(args) <= 2
            and not node.keywords
        ):
            return Item(self(node.func.value), args[0], line, default)
        if last in UNWRAPPED and len(args) >= 1:
            return args[-1]
        if isinstance(node.func, ast.Attribute) and last in STRIPPED:
            return self(node.func.value)
        if last == "format" and isinstance(node.func, ast.Attribute):
            base = self(node.func.value)
            return _filled(base, args, kwargs, line) if isinstance(base, Text) else None
        if name == ("dict",) and not args:
            return Table(tuple((Text(key, line), value) for key, value in kwargs.items()), line)
        if last == "join" and isinstance(node.func, ast.Attribute) and isinstance(first, Many):
            between = self(node.func.value)
            spread = [part for item in first.items for part in (between, item)][1:]
            return Join(tuple(spread), line)
        if last in COMPARING:
            for argument in args:
                for item in argument.items if isinstance(argument, Many) else (argument,):
                    if isinstance(item, Text):
                        self._loose(item, Context.COMPARED)
        return None


def _reads_environment(name: tuple[str, ...]) -> bool:
    if not name:
        return False
    if name[-1] in ENV_READERS:
        return True
    return len(name) > 1 and name[-2] in ENV_OWNERS and name[-1] in ENV_METHODS


def _constants(node: ast.expr) -> tuple[str, ...]:
    """The strings of a constant, or of a literal collection of them."""
    items = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else [node]
    return tuple(i.value for i in items if isinstance(i, ast.Constant) and isinstance(i.value, str))


def _filled(pattern: Text, args: tuple[Expression, ...], kwargs: dict[str, Expression], line: int) -> Join:
    """A pattern with its values in their places."""
    parts: list[Expression] = []
    rest = iter(args)
    for piece in PLACEHOLDER.split(pattern.value):
        if PLACEHOLDER.fullmatch(piece):
            key = piece.strip("{}%()s").split(":")[0].split("!")[0]
            value = kwargs.get(key) or (args[int(key)] if key.isdigit() and int(key) < len(args) else None)
            parts.append(value or next(rest, Unknown(piece, line)))
        elif piece:
            parts.append(Text(piece, pattern.line))
    return Join(tuple(parts), line)


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
