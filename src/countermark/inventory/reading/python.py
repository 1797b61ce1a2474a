"""Python, by its own parser: nothing is imported and nothing is run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from countermark.inventory.reading.expressions import (
    Binding,
    CallSite,
    Context,
    Expression,
    Guard,
    Item,
    Loose,
    Module,
    Text,
    Unknown,
)
from countermark.inventory.reading.python_declarations import (
    ENUMS,
    SETTINGS,
    annotated_field,
    defaults,
    env_prefix,
    imports,
    literals,
    option,
)
from countermark.inventory.reading.python_expressions import Converter, field_default
from countermark.inventory.reading.python_text import add_comments, add_strings, decode

MAX_BYTES = 4 << 20
MAX_DEPTH = 60
"""Of blocks within blocks; no person writes more."""


def read(path: str, data: bytes) -> Module:
    """What a file says; of one that does not parse the strings, and in ``trouble`` why."""
    module = Module(path, "python")
    if len(data) > MAX_BYTES:
        module.trouble = f"larger than {MAX_BYTES >> 20} MiB"
        return module
    text = decode(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the code that is read, such as odd escapes
            tree = ast.parse(text)
        _Reader(module).block(tree.body)
    except (SyntaxError, ValueError) as error:
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        message = error.msg if isinstance(error, SyntaxError) else str(error)
        module.trouble = f"no Python that this version reads: {message}{line}"
        add_strings(module, text)
    except (RecursionError, MemoryError):
        module.trouble = "nested too deep"
        add_strings(module, text)
    add_comments(module, text)
    return module


class _Reader:
    """Goes through the statements; expressions are the converter's."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.scope: tuple[str, ...] = ()
        self.contexts: frozenset[Context] = frozenset()
        self.guards: tuple[Guard, ...] = ()
        self.classes: list[str] = []
        self.depth = 0
        self.decorated = ""
        """The function whose decorators are being read."""
        self.convert = Converter(self, module.references)

    def expression(self, node: ast.expr | None) -> Expression:
        """Convert, and note the calls and loose strings in it; one that is nested too deep is passed over."""
        if node is None:
            return Unknown("None", 0)
        try:
            return self.convert(node)
        except RecursionError:
            self.module.trouble = f"nested too deep in line {node.lineno}"
            return Unknown("nested too deep", node.lineno)

    def call_seen(self, site: CallSite) -> None:
        """Note a call; one that declares an option of the command line gives its default a name."""
        self.module.calls.append(site)
        if (declared := option(site.call)) is not None:
            name, flag, default = declared
            owner = self.decorated or "arguments"
            self.bind((*self.scope, owner, name), default, site.call.line, field=True, alias=flag)

    def name_seen(self, name: str, value: Expression, line: int) -> None:
        """Note a name that an expression gives a value on the way."""
        self.bind((*self.scope, name), value, line)

    def loose_seen(self, text: Text, *contexts: Context) -> None:
        self.module.loose.append(Loose(text, self.scope, self.contexts | frozenset(contexts)))

    def bind(
        self, name: Sequence[str], value: Expression, line: int, *, field: bool = False, alias: str = ""
    ) -> None:
        """Note that a name is given a value."""
        within = self.scope if self.scope != tuple(name[:-1]) else ()
        self.module.bindings.append(
            Binding(tuple(name), value, line, self.contexts, alias, field, self.guards, within)
        )

    @contextmanager
    def within(
        self, *names: str, contexts: frozenset[Context] = frozenset(), guards: tuple[Guard, ...] = ()
    ) -> Iterator[None]:
        """Read what is inside of something."""
        before = self.scope, self.contexts, self.guards
        self.scope += names
        self.contexts |= contexts
        self.guards = (*self.guards, *guards)[-8:]
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise RecursionError
        try:
            yield
        finally:
            self.depth -= 1
            self.scope, self.contexts, self.guards = before

    def block(self, body: Sequence[ast.stmt]) -> None:
        """Read statements; what stands behind a ``return`` is dead."""
        before = self.contexts, self.guards
        for node in body:
            self.statement(node)
            if _ends(node):
                self.contexts |= {Context.DEAD}
            elif isinstance(node, ast.If) and not node.orelse and any(map(_ends, node.body)):
                guard = self.convert.guard(node.test)
                if guard is not None and guard.equals and not isinstance(node.test, ast.BoolOp):
                    self.guards = (*self.guards, _opposite(guard))[-8:]
        self.contexts, self.guards = before

    def statement(self, node: ast.stmt) -> None:  # noqa: C901, PLR0912 - one case for each statement
        """Read one statement."""
        match node:
            case ast.Assign():
                for target in node.targets:
                    self._assign(target, node.value, self.expression(node.value))
            case ast.AnnAssign():
                self._annotated(node)
            case ast.AugAssign():
                self.expression(node.value)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node)
            case ast.ClassDef():
                self._class(node)
            case ast.If():
                self._if(node)
            case ast.Try() | ast.TryStar():
                self._try(node)
            case ast.For() | ast.AsyncFor():
                each = Item(self.expression(node.iter), Unknown("each", node.lineno), node.lineno)
                self._bind_target(node.target, each)
                self.block(node.body)
                self.block(node.orelse)
            case ast.While():
                self.expression(node.test)
                self.block(node.body)
                self.block(node.orelse)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    value = self.expression(item.context_expr)
                    if item.optional_vars is not None:
                        self._bind_target(item.optional_vars, value)
                self.block(node.body)
            case ast.Match():
                self._match(node)
            case ast.Return():
                value = self.expression(node.value)
                self.module.returns.append(
                    Binding(self.scope, value, node.lineno, self.contexts, guards=self.guards)
                )
            case ast.Import() | ast.ImportFrom():
                self.module.imports += imports(node)
            case ast.Expr(value=ast.Constant()):
                pass  # a docstring
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.expression(child)

    def _bind_target(self, target: ast.expr, value: Expression) -> None:
        if (name := self._target(target)) is not None:
            self.bind(name, value, target.lineno)

    def _target(self, target: ast.expr) -> tuple[str, ...] | None:
        """The full name of what is assigned to."""
        match target:
            case ast.Name():
                return (*self.scope, target.id)
            case ast.Attribute(value=ast.Name(id="self" | "cls")) if self.classes:
                return (*self.scope[: self.scope.index(self.classes[-1]) + 1], target.attr)
            case ast.Attribute():
                path = self.convert.path(target)
                return (*self.scope, *path) if path else None
            case _:
                return None

    def _assign(self, target: ast.expr, node: ast.expr, value: Expression, alias: str = "") -> None:
        pair = isinstance(target, ast.Tuple | ast.List) and isinstance(node, ast.Tuple | ast.List)
        if pair and len(target.elts) == len(node.elts):  # type: ignore[attr-defined]
            for each, part in zip(target.elts, node.elts, strict=True):  # type: ignore[attr-defined]
                self._assign(each, part, self.convert.quietly(part))
            return
        if isinstance(target, ast.Subscript):
            self._assign_item(target, value)
            return
        name = self._target(target)
        if name is None:
            return
        own = self.scope[-1:] == tuple(self.classes[-1:]) and bool(self.classes)
        default, own_alias = field_default(node, self.convert)
        is_field = own or len(name) > 1
        self.bind(name, default or value, target.lineno, field=is_field, alias=own_alias or alias)

    def _assign_item(self, target: ast.Subscript, value: Expression) -> None:
        """``os.environ["X"] = …``, ``payload["model"] = …``."""
        owner = self.convert.path(target.value)
        key = target.slice.value if isinstance(target.slice, ast.Constant) else None
        if owner and isinstance(key, str):
            name = ("environ", key) if owner[-1] == "environ" else (*self.scope, *owner, key)
            self.bind(name, value, target.lineno, field=True)

    def _annotated(self, node: ast.AnnAssign) -> None:
        self._choices(node.annotation)
        declared = annotated_field(node.annotation)
        value = node.value or declared
        if value is not None:
            converted = self.expression(value)
            _, alias = field_default(declared, self.convert) if declared and node.value else (None, "")
            self._assign(node.target, value, converted, alias)
        elif self.classes and (name := self._target(node.target)) is not None:
            self.bind(name, Unknown("", node.lineno), node.lineno, field=True)

    def _choices(self, annotation: ast.expr) -> None:
        """The values of a ``Literal``."""
        for text in literals(annotation):
            self.loose_seen(text, Context.CHOICE)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.decorated = node.name
            self.expression(decorator)
            self.decorated = ""
            self.module.references.add(node.name)  # by whoever decorates it
        tested = node.name.startswith("test_") or any(
            "fixture" in self.convert.path(d.func if isinstance(d, ast.Call) else d)[-1:]
            for d in node.decorator_list
        )
        arguments = node.args
        plain = [*arguments.posonlyargs, *arguments.args]
        names = tuple(a.arg for a in [*plain, *arguments.kwonlyargs] if a.arg not in ("self", "cls"))
        self.module.parameters[(*self.scope, node.name)] = names
        context = frozenset([Context.TEST]) if tested else frozenset()
        with self.within(node.name, contexts=context):
            for argument, default in defaults(arguments):
                value, alias = field_default(default, self.convert)
                value = value or self.expression(default)
                self.bind((*self.scope, argument.arg), value, default.lineno, alias=alias)
            for argument in [*plain, *arguments.kwonlyargs]:
                if argument.annotation is not None:
                    self._choices(argument.annotation)
            self.block(node.body)

    def _class(self, node: ast.ClassDef) -> None:
        bases = tuple(".".join(self.convert.path(base)) for base in node.bases)
        self.module.bases[node.name] = tuple(filter(None, bases))
        last = {base.rsplit(".", 1)[-1] for base in bases}
        if last & SETTINGS:
            self.module.settings_classes[node.name] = env_prefix(node)
        context = {Context.CHOICE} if last & ENUMS else set()
        context |= {Context.TEST} if node.name.startswith("Test") or "TestCase" in last else set()
        self.classes.append(node.name)
        with self.within(node.name, contexts=frozenset(context)):
            for keyword in node.keywords:
                self.expression(keyword.value)
            self.block(node.body)
        self.classes.pop()

    def _if(self, node: ast.If) -> None:
        """A chain of ``elif`` is no nesting: a dispatcher has a hundred of them."""
        before = self.contexts, self.guards
        while True:
            self._branch(node)
            if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
                break
            node = node.orelse[0]
        self.block(node.orelse)
        self.contexts, self.guards = before

    def _branch(self, node: ast.If) -> None:
        """Read one branch; what is left holds for those behind it."""
        test = node.test
        self.expression(test)
        never = isinstance(test, ast.Constant) and not test.value
        main = isinstance(test, ast.Compare) and self.convert.path(test.left) == ("__name__",)
        guard = self.convert.guard(test)
        context = {Context.DEAD} if never else {Context.MAIN} if main else set()
        with self.within(contexts=frozenset(context), guards=(guard,) if guard else ()):
            self.block(node.body)
        if guard is not None and not isinstance(test, ast.BoolOp):
            self.guards = (*self.guards, _opposite(guard))[-8:]
        elif isinstance(test, ast.Constant) and test.value:
            self.contexts |= {Context.DEAD}

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        self.block(node.body)
        self.block(node.orelse)
        with self.within(contexts=frozenset([Context.HANDLER])):
            for handler in node.handlers:
                self.block(handler.body)
        self.block(node.finalbody)

    def _match(self, node: ast.Match) -> None:
        subject = self.expression(node.subject)
        taken: tuple[str, ...] = ()
        for case in node.cases:
            values = tuple(
                part.value.value
                for part in ast.walk(case.pattern)
                if isinstance(part, ast.MatchValue)
                and isinstance(part.value, ast.Constant)
                and isinstance(part.value.value, str)
            )
            for value in values:
                self.loose_seen(Text(value, case.pattern.lineno), Context.COMPARED)
            guard = Guard(subject, values) if values else Guard(subject, taken, holds=False)
            taken += values
            with self.within(guards=(guard,) if guard.equals else ()):
                self.block(case.body)


def _ends(node: ast.stmt) -> bool:
    """Whether nothing behind a statement in the same block runs."""
    return isinstance(node, ast.Return | ast.Raise | ast.Continue | ast.Break)


def _opposite(guard: Guard) -> Guard:
    return Guard(guard.test, guard.equals, not guard.holds)
