"""Usages out of calls: the model followed to its value, and the way to its host."""

from __future__ import annotations

import re

from countermark.inventory import areas, names
from countermark.inventory.reading.expressions import (
    Call,
    Context,
    Either,
    Env,
    Item,
    Join,
    Member,
    Ref,
    Setting,
)
from countermark.inventory.resolving.finds import Find, Finds, is_id
from countermark.inventory.resolving.known import SO, At, Standing
from countermark.inventory.resolving.roles import snake
from countermark.inventory.resolving.uses import Use
from countermark.inventory.resolving.vocabulary import FALLBACKS
from countermark.inventory.usage import Place, State

SIZES = re.compile(r"(?:tiny|base|small|medium|large(?:-v\d)?|turbo|distil-[\w.-]+)(?:\.en)?")
"""Sizes of Whisper, which its loaders take for ids."""


NOT_KNOWN = Ref | Env | Item | Setting | Join | Call | Either | Member
"""Expressions in the place of a model whose value may only be known when the program runs."""
OF_CONTEXTS: tuple[tuple[Context, Standing], ...] = (
    (Context.TEST, (State.TEST, "in a test")),
    (Context.DEAD, (State.STALE, "nothing runs this line")),
    (Context.OFF, (State.OFF, "below a switch that is off")),
)


class Calls:
    """Looks at every call."""

    def __init__(self, finds: Finds) -> None:
        self.finds = finds
        self.resolver = finds.resolver

    def use(self, use: Use) -> None:
        """A call that has a place for a model."""
        state, why = self._standing(use)
        if FALLBACKS.search(snake(use.name)):
            state = state or State.FALLBACK
        spot = Place(
            use.path, use.site.call.line, what=f"{f'{use.name}= of ' if use.name else ''}{use.function}"
        )
        for value in self.resolver.values(use.model, use.at):
            if not (_accepts(use, value.text) if value.known else _concerns(use, state)):
                continue
            if not use.strong and (value.place.path, value.place.line, value.text) in self.finds.taken:
                continue
            where = self.finds.calls.of(use, value)
            hint = f"{use.name} {use.function}"
            self.finds.add(Find(value, where, use.kind, state, (why,), (spot,), hint))

    def _standing(self, use: Use) -> Standing:
        """What the place of a call says of it."""
        area = areas.of(use.path)
        if area is not None:
            return area, f"in {use.path}"
        contexts = use.site.contexts
        for context, standing in OF_CONTEXTS:
            if context in contexts:
                return standing
        return self._guarded(use) or self._spared(use) or SO

    def _guarded(self, use: Use) -> Standing | None:
        """Whether a condition keeps a call from running."""
        at = At(use.at.path, use.at.module, use.site.scope)
        for guard in use.site.guards:
            if self.resolver.bindings.holds(guard, at) is False:
                state = State.CATALOGUE if guard.equals else State.OFF
                return state, "its condition does not hold with the settings as they are"
        return None

    def _spared(self, use: Use) -> Standing | None:
        """Whether a call answers only where another fails."""
        if id(use.site.call) in self.finds.spare_calls:
            return State.FALLBACK, "what another call falls back on"
        if Context.HANDLER in use.site.contexts:
            return State.FALLBACK, "in the handler of an error"
        return None


def _accepts(use: Use, text: str) -> bool:
    """Whether a text in the place of a model is one."""
    if names.parse(text) is not None:
        return True
    if use.is_loaded and "whisper" in use.function.lower() and SIZES.fullmatch(text):
        return True
    return use.name != "" and use.certain and is_id(text)


def _concerns(use: Use, state: State | None) -> bool:
    """Whether it is of concern that a model is not known."""
    written = isinstance(use.model, NOT_KNOWN)
    return written and use.strong and use.name != "" and state not in (State.TEST, State.STALE)
