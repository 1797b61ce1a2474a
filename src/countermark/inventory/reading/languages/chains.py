"""Chains of names and calls: ``a.b(…).c``."""

from __future__ import annotations

from countermark.inventory.reading.expressions import Call, Expression, Member, Ref


def last(function: Expression) -> str:
    """The last part of a called name."""
    return function.path[-1] if isinstance(function, Ref | Member) else ""


def receiver(function: Expression) -> Expression | None:
    """What a method is called on."""
    if type(function) is Ref:
        return Ref(function.path[:-1], function.line) if len(function.path) > 1 else None
    if type(function) is Member:
        of, path = function.of, function.path
        return Member(of, path[:-1], function.line) if len(path) > 1 else of
    return None


def attribute(of: Expression, name: str, line: int) -> Expression:
    """``of.name``."""
    if type(of) is Ref:
        return Ref((*of.path, name), of.line)
    if type(of) is Member:
        return Member(of.of, (*of.path, name), of.line)
    return Member(of, (name,), line)


def measured(value: Expression) -> Expression | None:
    """Of what this is the length: ``len(x)``, ``x.length``."""
    if type(value) is Call and last(value.function) == "len" and len(value.args) == 1:
        return value.args[0]
    if type(value) is Ref and len(value.path) > 1 and value.path[-1] in ("length", "Length", "size"):
        return Ref(value.path[:-1], value.line)
    return None
