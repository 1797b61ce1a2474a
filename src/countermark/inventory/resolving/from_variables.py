"""Usages out of variables that no call was followed to."""

from __future__ import annotations

import re
from dataclasses import replace

from countermark.inventory import areas
from countermark.inventory.reading.config import is_template
from countermark.inventory.reading.expressions import Assignment, Document, Text
from countermark.inventory.resolving.finds import Find, Finds, names_a_model, several
from countermark.inventory.resolving.hosts import Address
from countermark.inventory.resolving.known import At, Known, Standing
from countermark.inventory.resolving.roles import Role, role, snake
from countermark.inventory.resolving.settings import state_of_off
from countermark.inventory.resolving.vocabulary import FALLBACKS, LISTS
from countermark.inventory.usage import Route, State

SERVERS = re.compile(
    r"embedding|text-?generation|vllm|sglang|ollama|xinference|m3e|bge|rerank|infinity|localai|lmdeploy|triton|llama|"
    r"whisper|funasr|cosyvoice|tei\b|tgi\b",
    re.IGNORECASE,
)
"""Images of servers of models."""


class Variables:
    """Looks at every variable of a document."""

    def __init__(self, finds: Finds) -> None:
        self.finds = finds
        self.index = finds.index
        self._servers: dict[tuple[int, str], Address | None] = {}

    def document(self, document: Document) -> None:
        """Each variable that names a model."""
        area = areas.of(document.path)
        at = At(document.path, None, (), document)
        for assignment in document.assignments:
            key = role(assignment.name)
            if key is Role.HOST or (document.path, assignment.line) in self.finds.sources:
                continue
            for value in self.finds.resolver.values(assignment.value, at):
                for text in several(value.text) if value.known else ():
                    if names_a_model(text, assignment.name, key):
                        self._add(document, assignment, replace(value, text=text), area)

    def _add(self, document: Document, assignment: Assignment, value: Known, area: State | None) -> None:
        state, why = self._standing(document, assignment, area)
        origin = replace(value, source=(document, assignment))
        where = self._of_server(document, assignment) or self.finds.beside(
            value.text, self.finds.neighbours.of(origin)
        )
        self.finds.add(Find(origin, where, state=state, why=(why,), hint=assignment.name))

    def _standing(self, document: Document, assignment: Assignment, area: State | None) -> Standing:
        """What the place of a variable, and its name, say of it."""
        if assignment.off:
            return area or state_of_off(assignment.off), assignment.off
        if assignment.template or is_template(document.path):
            return self._of_template(assignment.name, document), "in a template"
        name = snake(assignment.name)
        if FALLBACKS.search(name):
            return area or State.FALLBACK, ""
        return area or (State.CATALOGUE if LISTS.search(name) else None), ""

    def _of_server(self, document: Document, assignment: Assignment) -> Address | None:
        """A variable of a service of Compose that is itself a server of models, by its image."""
        kind, _, service = assignment.scope.partition(":")
        if kind != "compose":
            return None
        key = (id(document), service)
        if key not in self._servers:
            self._read_services(document)
        return self._servers.get(key)

    def _read_services(self, document: Document) -> None:
        """The images and first ports of all services of a file."""
        images: dict[str, str] = {}
        ports: dict[str, str] = {}
        for entry in document.entries:
            if entry.path[:1] != ("services",) or not isinstance(entry.value, Text):
                continue
            service, inner = "".join(entry.path[1:2]), entry.path[2:]
            if inner == ("image",):
                images[service] = entry.value.value
            elif inner[:1] in (("ports",), ("expose",)) and not ports.get(service):
                ports[service] = entry.value.value.rpartition(":")[2].partition("/")[0]
        for scope in dict.fromkeys(assignment.scope for assignment in document.assignments):
            service = scope.partition(":")[2]
            image, port = images.get(service, ""), ports.get(service, "")
            host = f"{service}:{port}" if port else service
            where = Address(host, "", Route.SELF_HOSTED, f"served by {image}")
            self._servers[id(document), service] = where if SERVERS.search(image) else None

    def _of_template(self, name: str, document: Document) -> State | None:
        """A template counts where nothing else gives the value and something reads it."""
        is_given = any(
            other is not document and not given.template and not given.off and not is_template(other.path)
            for other, given in self.index.variables.get(name.upper(), ())
        )
        references = self.index.references
        is_read = name in references or name.lower() in references or name.upper() in self.index.reads
        return State.DOCUMENTED if is_given or not is_read else None
