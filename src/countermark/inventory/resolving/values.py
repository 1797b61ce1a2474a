"""Values: what an expression is when the deployment starts as its files stand."""

from __future__ import annotations

from dataclasses import replace

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
    Setting,
    Table,
    Text,
)
from countermark.inventory.resolving.budget import Budget, Key
from countermark.inventory.resolving.constants import model_of
from countermark.inventory.resolving.following import Follower
from countermark.inventory.resolving.index import Index
from countermark.inventory.resolving.known import At, Known, Thing, joined, settled, unknown
from countermark.inventory.resolving.settings import MAX_VALUES, Settings
from countermark.inventory.resolving.vocabulary import ITSELF
from countermark.inventory.usage import Place, State

LITELLM = "os.environ/"
"""With which LiteLLM marks a string as the name of a variable."""
LONGEST_WAY = 4
MOST_OPTIONS, MOST_JOINED = 4, 16
"""Values of each part of a string, and strings that are made of them."""


class Resolver:
    """Answers what expressions are, from the whole tree."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.budget = Budget()
        self._kept: dict[Key, tuple[Expression, list[Known]]] = {}
        """Answers, each with its expression: an id is only of one as long as that lives."""
        self.settings = Settings(index, self.values)
        self.follower = Follower(index, self.settings, self.values, self.budget)
        self.things = self.follower.things
        self.bindings = self.follower.bindings

    def values(self, expression: Expression, at: At) -> list[Known]:
        """What it may be: what is simply so first. Never empty: what is not known is said."""
        if isinstance(expression, Text):
            return self._text(expression, at)
        key = (id(expression), at.path, at.scope)
        kept = self._kept.get(key)
        if kept is not None:
            return kept[1]
        before, self.budget.cut = self.budget.cut, False
        with self.budget.step(key) as room:
            found = self._values(expression, at) if room else []
        unique = list({(k.text, k.known, k.state, k.place, k.expression): k for k in found}.values())
        answer = unique[:MAX_VALUES] or [unknown(expression, at)]
        if not self.budget.cut:
            self._kept[key] = (expression, answer)
        self.budget.cut |= before
        return answer

    def _text(self, text: Text, at: At) -> list[Known]:
        if text.value.startswith(LITELLM):
            return self.settings.variable(Env(text.value.removeprefix(LITELLM), text.line), at)
        return [Known(text.value, Place(at.path, text.line))]

    def _values(self, expression: Expression, at: At) -> list[Known]:
        found: list[Known] = []
        match expression:
            case Env():
                found = self.settings.variable(expression, at)
            case Setting():
                found = self.settings.setting(expression, at)
            case Join():
                found = self._join(expression, at)
            case Either():
                found = self._either(expression, at)
            case Ref() | Item() | Member() | Call():
                found = self._followed(expression, at)
        return found

    def _followed(self, expression: Ref | Item | Member | Call, at: At) -> list[Known]:
        """The values of what a name stands for."""
        if isinstance(expression, Ref) and (model := self._constant(expression)):
            return [Known(model, Place(at.path, expression.line), why=("a constant of a library",))]
        here = Place(at.path, expression.line)
        found: list[Known] = []
        for thing in self._opened(self.things(expression, at)):
            if isinstance(thing.expression, Call | Table | Many):
                continue
            for value in self.values(thing.expression, thing.at):
                known = value.under(thing.state, thing.why)
                if thing.entry is not None and thing.at.document is not None and known.source is None:
                    known = replace(known, source=(thing.at.document, thing.entry))
                found.append(replace(known, way=(*known.way, here)[:LONGEST_WAY]))
        return settled(found)

    def _opened(self, things: list[Thing]) -> list[Thing]:
        """With each call replaced by what it gives back, where that is known."""
        found: list[Thing] = []
        for thing in things:
            inner = self.things(thing.expression, thing.at) if isinstance(thing.expression, Call) else []
            known = [t for t in inner if t.expression is not thing.expression]
            found += [replace(t, state=t.state or thing.state) for t in known] or [thing]
        return found

    def _constant(self, ref: Ref) -> str:
        """The id behind a constant that the tree itself does not define."""
        path = ref.path
        if not path[1:]:
            return ""
        last = path[-2] if path[-1] in ITSELF and path[2:] else path[-1]
        return "" if last in self.index.bindings else model_of(last)

    def _join(self, join: Join, at: At) -> list[Known]:
        """Every way in which the parts go together, as long as they are few."""
        built = [Known("", Place(at.path, join.line))]
        for part in join.parts:
            options = self.values(part, at)[:MOST_OPTIONS]
            built = [joined(one, option) for one in built for option in options][:MOST_JOINED]
        return built

    def _either(self, either: Either, at: At) -> list[Known]:
        """The first that has a value is taken; the rest are what it falls back on."""
        found: list[Known] = []
        for option in either.options:
            values = self.values(option, at)
            taken = any(v.known and v.text and v.state is None for v in found) and either.ordered
            found += [
                v.under(State.FALLBACK, "only where another has no value") if taken else v for v in values
            ]
        return settled([v for v in found if not v.known or v.text])
