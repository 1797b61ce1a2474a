"""Usages out of strings that are bound to nothing, and of bodies of requests that are written as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from countermark.inventory import areas, names
from countermark.inventory.reading.expressions import (
    Call,
    CallSite,
    Context,
    Expression,
    Join,
    Loose,
    Module,
    Ref,
    Text,
)
from countermark.inventory.resolving.finds import Find, Finds, is_id
from countermark.inventory.resolving.known import At, Known, Standing
from countermark.inventory.resolving.uses import Use
from countermark.inventory.usage import Place, State

BODY = re.compile(r'\\*"model\\*"\s*:\s*\\*"([^"\\$%{]{2,120})\\*"')
"""The model in the body of a request that is written as text, its quotes escaped or not."""


class Literals:
    """Looks at every loose string."""

    def __init__(self, finds: Finds) -> None:
        self.finds = finds

    def bodies(self, module: Module) -> None:
        """``"{\"model\": \"x\"}"``: the body of a request that is written as text."""
        for value, scope, line in _written(module):
            for part in value.parts if isinstance(value, Join) else (value,):
                for found in BODY.finditer(part.value) if isinstance(part, Text) else ():
                    if names.parse(found[1]) is not None or is_id(found[1]):
                        known = Known(found[1], Place(module.path, part.line, what="body of a request"))
                        self._body(known, part, At(module.path, module, scope), line)

    def _body(self, known: Known, part: Expression, at: At, line: int) -> None:
        """A model in a body, which goes where a call in its place would go."""
        site = CallSite(Call(Ref(("body",), line), line), at.scope)
        where = self.finds.calls.of(Use(part, at, site, "model", "body"), known)
        self.finds.add(Find(known, where, state=areas.of(at.path)))

    def loose(self, path: str, loose: Iterable[Loose]) -> None:
        """Strings that are operands, elements, comments."""
        area = areas.of(path)
        for each in loose:
            text = each.text
            if (path, text.line, text.value) in self.finds.taken or names.parse(text.value) is None:
                continue
            state, why = _standing(each.contexts)
            self.finds.add(Find(Known(text.value, Place(path, text.line)), state=area or state, why=(why,)))


def _written(module: Module) -> Iterator[tuple[Expression, tuple[str, ...], int]]:
    """What is bound and what is passed, with its scope and line."""
    for binding in module.bindings:
        yield binding.value, binding.name[:-1], binding.line
    for site in module.calls:
        yield from ((argument, site.scope, site.call.line) for argument in site.call.args)


def _standing(contexts: frozenset[Context]) -> Standing:
    if Context.TEST in contexts:
        return State.TEST, "in a test"
    if Context.COMMENT in contexts:
        return State.OFF, "commented out"
    return State.CATALOGUE, "compared with, or one of the values to choose from"
