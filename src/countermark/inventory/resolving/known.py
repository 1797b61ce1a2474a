"""What is known of an expression, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from countermark.inventory.reading.expressions import (
    Assignment,
    Binding,
    Call,
    Document,
    Entry,
    Env,
    Expression,
    Item,
    Module,
    Ref,
    Setting,
    Text,
    Unknown,
)
from countermark.inventory.usage import Place, State

LONGEST = 400
"""Of a text that is put together; no id and no address is so long."""
WORST = (State.OFF, State.STALE, State.CATALOGUE, State.FALLBACK, State.DOCUMENTED, State.TEST)
"""What a way may say of a value, the strongest first."""
Standing = tuple[State | None, str]
"""What a place says of a value, and why; None where the value is simply so."""
SO: Standing = (None, "")
NOTHING = ("None", "", "null", "undefined", "nil")
"""How languages write that there is no value."""


@dataclass(frozen=True, slots=True)
class At:
    """Where an expression stands."""

    path: str
    module: Module | None = None
    scope: tuple[str, ...] = ()
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """One value that an expression may have; or, without a text, that it is not known."""

    text: str
    place: Place
    known: bool = True
    expression: str = ""
    """How it is written, where it is not known."""
    state: State | None = None
    """What the way to it says of it; None where it is simply so."""
    way: tuple[Place, ...] = ()
    why: tuple[str, ...] = ()
    source: tuple[Document, Assignment | Entry] | None = None
    """The setting or variable that it came from: its neighbours tell the host."""

    def under(self, state: State | None, why: str = "") -> Known:
        """The same value, found on a way that says more of it."""
        if state is None:
            return self
        worst = min((s for s in (self.state, state) if s), key=WORST.index)
        return replace(self, state=worst, why=(*self.why, why) if why else self.why)


@dataclass(frozen=True, slots=True)
class Thing:
    """What a name stands for: an expression, where it stands, and what the way to it says."""

    expression: Expression
    at: At
    state: State | None = None
    why: str = ""
    binding: Binding | None = None
    entry: Entry | None = None
    """The entry of a file of settings that it is."""


def settled(found: Iterable[Known]) -> list[Known]:
    """Without what is not known, where something is."""
    found = list(found)
    known = [v for v in found if v.known]
    if any(v.state is None for v in known):
        return sorted(known, key=lambda v: v.state is not None)
    return sorted(found, key=lambda v: (v.state is not None, not v.known))


def joined(left: Known, right: Known) -> Known:
    """Two values, one behind the other."""
    place = left.place if left.text or not right.known else right.place
    if len(left.text) + len(right.text) > LONGEST:  # variables of variables can double without end
        return replace(left, text="", known=False, expression=(left.text or left.expression)[:LONGEST])
    if left.known and right.known:
        return replace(
            left,
            text=left.text + right.text,
            place=place,
            state=left.state or right.state,
            why=left.why + right.why,
            source=left.source or right.source,
        )
    before = left.text if left.known else left.expression
    behind = right.text if right.known else f"{{{right.expression}}}"
    return replace(left, text="", known=False, expression=(before + behind)[:LONGEST])


def unknown(expression: Expression, at: At) -> Known:
    """That an expression is not known, with how it is written."""
    match expression:
        case Env():
            shown = f"${{{expression.name}}}"
        case Setting() | Ref():
            shown = ".".join(expression.path)
        case Unknown():
            shown = expression.source
        case Item(of=Ref(path=path)):
            shown = ".".join(path) + "[…]"
        case Call(function=Ref(path=path)):
            shown = ".".join(path) + "()"
        case _:
            shown = type(expression).__name__.lower()
    return Known("", Place(at.path, getattr(expression, "line", 0)), known=False, expression=shown)


def is_nothing(value: Expression) -> bool:
    """Whether a value is none: ``None``, ``""``, an annotation alone."""
    if isinstance(value, Text):
        return not value.value
    return isinstance(value, Unknown) and value.source in NOTHING
