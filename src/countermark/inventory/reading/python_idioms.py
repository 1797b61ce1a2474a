"""Calls of Python that stand for a value: of a variable, an attribute, a table, a string."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from countermark.inventory.reading.expressions import (
    Call,
    Either,
    Env,
    Expression,
    Item,
    Join,
    Many,
    Member,
    Ref,
    Table,
    Text,
    Unknown,
)

ENV_READERS = frozenset(["getenv", "env", "get_env", "getEnv", "env_str", "get_env_var", "get_env_variable"])
ENV_OWNERS = frozenset(["env", "environ", "ENV"])
ENV_METHODS = frozenset(["get", "str", "string", "url", "setdefault", "pop", "__call__"])
UNWRAPPED = frozenset(["str", "Path", "PurePath", "SecretStr", "cast", "expanduser", "abspath", "HttpUrl"])
STRIPPED = frozenset(
    ["strip", "rstrip", "lstrip", "lower", "upper", "removesuffix", "get_secret_value", "as_posix", "encode"]
)
BRACES = re.compile(r"\{([^{}:!]*)[^{}]*\}")
PERCENT = re.compile(r"%(?:\((\w+)\))?[sdr]")
MANY_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Spoken:
    """A call, its arguments converted."""

    name: tuple[str, ...]
    """The names of what is called; empty where it is no plain chain."""
    last: str
    owner: ast.expr | None
    """The object whose method it is."""
    args: tuple[Expression, ...]
    kwargs: dict[str, Expression]
    line: int
    convert: Callable[[ast.expr], Expression]

    @property
    def first(self) -> Expression | None:
        """The first argument."""
        return self.args[0] if self.args else None

    @property
    def default(self) -> Expression | None:
        """The second argument, or that by the name of ``default``."""
        return self.args[1] if len(self.args) > 1 else self.kwargs.get("default")


def meant(call: Spoken) -> Expression | None:
    """What a call stands for; None where it is only a call."""
    return next((found for idiom in IDIOMS if (found := idiom(call)) is not None), None)


def _variable(call: Spoken) -> Expression | None:
    """``os.getenv("X", d)``, ``environ.get("X")``, ``env.str("X")``; ``config("X")`` of decouple."""
    if not isinstance(call.first, Text):
        return None
    from_owner = len(call.name) > 1 and call.name[-2] in ENV_OWNERS and call.last in ENV_METHODS
    from_reader = bool(call.name) and call.last in ENV_READERS
    from_decouple = call.last == "config" and call.first.value.isupper()
    if from_owner or from_reader or from_decouple:
        return Env(call.first.value, call.line, call.default)
    return None


def _attribute(call: Spoken) -> Expression | None:
    """``getattr(settings, "model", d)``."""
    if call.last != "getattr" or len(call.args) <= 1 or not isinstance(call.args[1], Text):
        return None
    owner, name = call.args[0], call.args[1].value
    inner: Expression = Unknown("getattr", call.line)
    if isinstance(owner, Ref):
        inner = Ref((*owner.path, name), call.line)
    elif isinstance(owner, Call | Member):
        inner = Member(owner, (name,), call.line)
    rest = call.args[2:]
    return Either((inner, rest[0]), call.line) if rest else inner


def _entry(call: Spoken) -> Expression | None:
    """``MODELS.get(name, d)``."""
    if call.last == "get" and call.owner is not None and len(call.args) in (1, 2) and not call.kwargs:
        return Item(call.convert(call.owner), call.args[0], call.line, call.default)
    return None


def _same(call: Spoken) -> Expression | None:
    """What only dresses a value: ``str(x)``, ``x.strip()``."""
    if call.last in UNWRAPPED and call.args:
        return call.args[-1]
    return call.convert(call.owner) if call.owner is not None and call.last in STRIPPED else None


def _format(call: Spoken) -> Expression | None:
    """``"{}-{}".format(a, b)``."""
    base = call.convert(call.owner) if call.last == "format" and call.owner is not None else None
    return filled(BRACES, base, call.args, call.kwargs) if isinstance(base, Text) else None


def _table(call: Spoken) -> Expression | None:
    """``dict(a=1)``."""
    if call.name != ("dict",) or call.args:
        return None
    return Table(tuple((Text(key, call.line), value) for key, value in call.kwargs.items()), call.line)


def _joined(call: Spoken) -> Expression | None:
    """``"/".join([a, b])``."""
    if call.last != "join" or call.owner is None or not isinstance(call.first, Many):
        return None
    between = call.convert(call.owner)
    return Join(tuple(part for item in call.first.items for part in (between, item))[1:], call.line)


IDIOMS = (_variable, _attribute, _entry, _same, _format, _table, _joined)


def filled(
    holes: re.Pattern[str], pattern: Text, args: Sequence[Expression], kwargs: dict[str, Expression]
) -> Join:
    """A pattern with its values in their places."""
    parts: list[Expression] = []
    rest = iter(args)
    end = 0
    for hole in holes.finditer(pattern.value):
        if between := pattern.value[end : hole.start()]:
            parts.append(Text(between, pattern.line))
        parts.append(_value(hole, args, kwargs) or next(rest, Unknown(hole[0], pattern.line)))
        end = hole.end()
    if pattern.value[end:]:
        parts.append(Text(pattern.value[end:], pattern.line))
    return Join(tuple(parts), pattern.line)


def _value(
    hole: re.Match[str], args: Sequence[Expression], kwargs: dict[str, Expression]
) -> Expression | None:
    """What a hole names; None where it takes the next."""
    key = hole[1] or ""
    if key.isdecimal() and len(key) < MANY_DIGITS:
        return args[int(key)] if int(key) < len(args) else Unknown(hole[0], 0)
    return kwargs.get(key, Unknown(hole[0], 0)) if key else None
