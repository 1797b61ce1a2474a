"""Usages out of command lines: of servers of models, and of programs that are given a model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from countermark.inventory import areas, claims, names, signatures
from countermark.inventory.reading.expressions import Command, Document, Text
from countermark.inventory.resolving.finds import Find, Finds, is_id, names_a_model
from countermark.inventory.resolving.hosts import NOWHERE, Address, address
from countermark.inventory.resolving.known import At, Known
from countermark.inventory.resolving.roles import Role, role
from countermark.inventory.serving import Served, served
from countermark.inventory.usage import Conflict, Place, Route, State

BODY = re.compile(r'\\*"model\\*"\s*:\s*\\*"([^"\\]{2,120})')
"""The model in the body of a request, its quotes escaped or not."""
PROGRAMS = (".sh", ".py")
"""Endings of what a server does not serve, but runs."""


@dataclass(frozen=True, slots=True)
class Line:
    """A command line, as far as it is known."""

    document: Document
    command: Command
    texts: tuple[str, ...]
    """Its words; those that are not known as they are written."""
    area: State | None

    @property
    def state(self) -> State | None:
        """What its place says of it."""
        return self.area or (State.OFF if self.command.off else None)

    def place(self, what: str) -> Place:
        """Where it stands."""
        return Place(self.document.path, self.command.line, what=what)


class Commands:
    """Looks at every command."""

    def __init__(self, finds: Finds) -> None:
        self.finds = finds
        self.resolver = finds.resolver
        self._called: dict[int, set[str]] = {}

    def command(self, document: Document, command: Command) -> None:
        """A command line that something starts."""
        at = At(document.path, None, (), document)
        values = [self.resolver.values(word, at) for word in command.words]
        texts = tuple(known[0].text if known[0].known else known[0].expression for known in values)
        line = Line(document, command, texts, areas.of(document.path))
        started = [
            each for each in served(list(texts), image=command.image) if not each.model.endswith(PROGRAMS)
        ]
        if not started:
            self._options(line)
            self._body(line)
            return
        self._spares(line, (value for known in values for value in known[1:]))
        for each in started:
            if each.engine == "download" and line.state is None:
                self._downloaded(each, line)
            elif each.model:
                self._served(each, line)

    def _spares(self, line: Line, others: Iterator[Known]) -> None:
        """What a server would serve if a variable were not set: ``${MODEL:-x}``."""
        for value in others:
            if value.known and value.state is State.FALLBACK and names.parse(value.text):
                self.finds.add(Find(value, state=line.area, why=("the default of a command",)))

    def _options(self, line: Line) -> None:
        """``--model X`` of a program of one's own."""
        given = list(_flags(line.texts))
        addresses = (value for flag, value in given if role(flag) is Role.HOST)
        host = next((host for value in addresses if (host := signatures.host_of(value))), "")
        where = address(host, "in the command") if host else NOWHERE
        for flag, value in given:
            if role(flag) is Role.MODEL and names_a_model(value, flag, Role.MODEL):
                known = Known(value, line.place(f"--{flag} {line.command.scope}".strip()))
                beside = self.finds.beside(value, where)
                self.finds.add(Find(known, beside, state=line.state, why=(line.command.off,), hint=flag))

    def _body(self, line: Line) -> None:
        """``curl URL -d '{"model": "x"}'``."""
        texts = line.texts
        host = next((h for t in texts if t.startswith("http") and (h := signatures.host_of(t))), "")
        host = host or self._sole_host(line)
        for found in (found for text in texts for found in BODY.finditer(text)) if host else ():
            model = found[1]
            if "$" not in model and (names.parse(model) or is_id(model)):
                known = Known(model, line.place("body of a request"))
                where = address(host, "in the command")
                self.finds.add(Find(known, where, state=line.state, why=(line.command.off,)))

    def _sole_host(self, line: Line) -> str:
        """The only address that a script calls, where a body is written into a file first."""
        document = line.document
        if document.format != "shell" or line.texts[:1] != ("cat",):
            return ""
        if id(document) not in self._called:
            words = (
                word.value for each in document.commands for word in each.words if isinstance(word, Text)
            )
            self._called[id(document)] = {
                signatures.host_of(word) for word in words if word.startswith("http")
            }
        found = self._called[id(document)]
        return next(iter(found)) if len(found) == 1 else ""

    def _downloaded(self, each: Served, line: Line) -> None:
        """Fetched so that something else can serve it: known to be there, used where that says so."""
        if names.parse(each.model) is None or any(usage.model == each.model for usage in self.finds.found):
            return
        scope = line.command.scope
        where = Address("", "", Route.SELF_HOSTED, "fetched to be served here")
        value = Known(each.model, line.place(scope))
        self.finds.add(Find(value, where, each.kind, why=("a command fetches it",), hint=scope))

    def _served(self, each: Served, line: Line) -> None:
        """What a server answers with, and what it loads beside that."""
        scope = line.command.scope
        service = scope.partition(":")[2] or scope
        place = line.place(f"{each.engine} {scope}".strip())
        where = _address(each, service, scope)
        is_known = "${" not in each.model
        state = line.state or (State.EFFECTIVE if is_known else State.UNRESOLVED)
        self.finds.taken.add((line.document.path, line.command.line, each.model))
        for further in (each.draft, *(adapter for _, adapter in each.adapters)):
            if further and "${" not in further:
                beside = Find(Known(further, place), where, why=(line.command.off,), hint=scope)
                self.finds.found.append(replace(beside.usage(state), service=service))
        said = dict.fromkeys((each.served_name, service)) if is_known else ()
        conflicts = tuple(
            Conflict(name, each.model, place) for name in said if name and claims.contradict(name, each.model)
        )
        value = Known(each.model, place) if is_known else Known("", place, known=False, expression=each.model)
        usage = Find(value, where, each.kind, why=(line.command.off,), hint=scope).usage(state)
        self.finds.found.append(replace(usage, service=service, conflicts=conflicts))


def _address(each: Served, service: str, scope: str) -> Address:
    """Where a served model answers."""
    if each.remote:
        return address(each.remote, "a model of the cloud of its server")
    inner = f"{service}:{each.port}" if service and each.port and scope.startswith("compose:") else ""
    return Address(each.host or inner, "", Route.SELF_HOSTED, f"served by {each.engine}")


def _flags(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The options of a command line with their values."""
    for word, after in pairwise([*texts, "-"]):
        if word.startswith("-") and len(word) > 2:  # noqa: PLR2004 - a dash and a letter say nothing
            flag, given, value = word.lstrip("-").partition("=")
            if given or not after.startswith("-"):
                yield flag, value if given else after
