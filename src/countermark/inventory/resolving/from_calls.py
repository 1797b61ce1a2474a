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
from countermark.inventory.resolving.finds import Finds, is_id
from countermark.inventory.resolving.known import At
from countermark.inventory.resolving.roles import snake
from countermark.inventory.resolving.uses import FALLBACKS, Use
from countermark.inventory.usage import Place, State

SIZES = re.compile(r"(?:tiny|base|small|medium|large(?:-v\d)?|turbo|distil-[\w.-]+)(?:\.en)?")
"""Sizes of Whisper, which its loaders take for ids."""


class Calls:
    """Looks at every call."""

    def __init__(self, finds: Finds) -> None:
        self.finds = finds
        self.index = finds.index
        self.resolver = finds.resolver
        self.hosts = finds.hosts

    def use(self, use: Use) -> None:
        path = use.at.module.path if use.at.module else use.at.path
        site = use.site
        state, why = self._site_state(use)
        name = snake(use.name)
        if FALLBACKS.search(name):
            state = state or State.FALLBACK
        for value in self.resolver.values(use.model, use.at):
            if value.known and not self._accepted(value.text, use):
                continue
            if not value.known and (not use.strong or use.name == "" or state in (State.TEST, State.STALE)):
                continue
            if not value.known and not isinstance(
                use.model, Ref | Env | Item | Setting | Join | Call | Either | Member
            ):
                continue
            if not use.strong and (value.place.path, value.place.line, value.text) in self.finds.taken:
                continue
            where = self.hosts.of(use, value)
            spot = Place(path, site.call.line, what=f"{use.name + '= of ' if use.name else ''}{use.function}")
            self.finds.add(
                value, where, use.kind, state, (why,) if why else (), spot, hint=f"{use.name} {use.function}"
            )

    def _site_state(self, use: Use) -> tuple[State | None, str]:
        path = use.at.module.path if use.at.module else use.at.path
        area = areas.of(path)
        if area is not None:
            return area, f"in {path}"
        contexts = use.site.contexts
        if Context.TEST in contexts:
            return State.TEST, "in a test"
        if Context.DEAD in contexts:
            return State.STALE, "nothing runs this line"
        if Context.OFF in contexts:
            return State.OFF, "below a switch that is off"
        at = At(use.at.path, use.at.module, use.site.scope)
        for guard in use.site.guards:
            if self.resolver.bindings.holds(guard, at) is False:
                state = State.CATALOGUE if guard.equals else State.OFF
                return state, "its condition does not hold with the settings as they are"
        if id(use.site.call) in self.finds.spare_calls:
            return State.FALLBACK, "what another call falls back on"
        if Context.HANDLER in contexts:
            return State.FALLBACK, "in the handler of an error"
        return None, ""

    def _accepted(self, text: str, use: Use) -> bool:
        if names.parse(text) is not None:
            return True
        if use.is_loaded and "whisper" in use.function.lower() and SIZES.fullmatch(text):
            return True
        return use.name != "" and use.certain and is_id(text)
