"""Usages out of configuration: variables, entries, command lines that no call was followed to."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from countermark.inventory import areas, claims, names, signatures
from countermark.inventory.reading.config import is_template
from countermark.inventory.reading.expressions import (
    Assignment,
    Command,
    Document,
    Entry,
    Env,
    Expression,
    Text,
)
from countermark.inventory.resolving.finds import Finds, is_id, made, several
from countermark.inventory.resolving.hosts import NOWHERE, Address, address
from countermark.inventory.resolving.known import At, Known
from countermark.inventory.resolving.roles import Role, hinted, role, snake
from countermark.inventory.resolving.settings import flat, state_of_off
from countermark.inventory.resolving.uses import FALLBACKS, LISTS
from countermark.inventory.serving import Served, served
from countermark.inventory.usage import Conflict, Kind, Place, Route, State

SHOWN = frozenset(
    """max_tokens context_length context_window context_size max_context price pricing input_price output_price tags
    label display_name description owned_by capabilities features icon tooltip max_input_tokens deprecated
    is_tools is_vision supports_vision""".split()  # noqa: SIM905 - read as a list
)
"""What stands beside a model in a list to choose from."""
BODY = re.compile(r'\\*"model\\*"\s*:\s*\\*"([^"\\]{2,120})')
"""The model in the body of a request, its quotes escaped or not."""
SERVERS = re.compile(
    r"embedding|text-?generation|vllm|sglang|ollama|xinference|m3e|bge|rerank|infinity|localai|lmdeploy|triton|llama|"
    r"whisper|funasr|cosyvoice|tei\b|tgi\b",
    re.IGNORECASE,
)
"""Images of servers of models."""
NAMED = frozenset(["compose", "kubernetes", "helm"])
"""Formats whose keys are names that somebody gave."""
TITLES = frozenset(
    ["name", "title", "label", "display_name", "description", "alias", "nickname", "desc", "remark", "text"]
)
"""What a person reads: the value that stands beside it decides."""
LISTED = re.compile(
    r"(?:model|provider|factor|catalog|pric|llms?|registry|options)[\w-]*\.\w+$", re.IGNORECASE
)
"""Files of such lists; in other files a list of models is what is configured."""


class Documents:
    """Looks at every variable, entry and command."""

    def __init__(self, finds: Finds) -> None:
        self.finds = finds
        self.index = finds.index
        self.resolver = finds.resolver
        self.hosts = finds.hosts
        self.settings = finds.resolver.settings
        self._keys: dict[tuple[int, tuple[str, ...]], set[str]] = {}

    def command(self, document: Document, command: Command) -> None:
        """A command line that something starts."""
        words, line, scope, image, off = (
            command.words,
            command.line,
            command.scope,
            command.image,
            command.off,
        )
        at = At(document.path, None, (), document)
        texts: list[str] = []
        expressions: dict[str, Known] = {}
        for word in words:
            values = self.resolver.values(word, at)
            best = values[0]
            texts.append(best.text if best.known else best.expression)
            if best.known:
                expressions[best.text] = best
        area = areas.of(document.path)
        state = area or (State.OFF if off else None)
        started = [each for each in served(texts, image=image) if not each.model.endswith((".sh", ".py"))]
        self._spares(words, at, area, known=bool(started))
        if not started:
            self._options(document, command, texts, area)
            self._body(document, command, texts, area)
        for each in started:
            if each.engine == "download" and (state is None):
                self._downloaded(each, document, line, scope)
                continue
            self._served(each, document, line, scope, state, off)

    def _spares(self, words: Sequence[Expression], at: At, area: State | None, *, known: bool) -> None:
        """What a server would serve if a variable were not set: ``${MODEL:-x}``."""
        for word in words if known else ():
            for value in self.resolver.values(word, at)[1:]:
                if value.known and value.state is State.FALLBACK and names.parse(value.text):
                    self.finds.add(value, NOWHERE, Kind.UNKNOWN, area, ("the default of a command",))

    def _options(
        self, document: Document, command: Command, texts: Sequence[str], area: State | None
    ) -> None:
        """``--model X`` of a program of one's own."""
        host = next((v for flag, v in _flags(texts) if role(flag) is Role.HOST and signatures.host_of(v)), "")
        for flag, value in _flags(texts):
            if role(flag) is not Role.MODEL or not self._setting_names_a_model(value, flag, Role.MODEL):
                continue
            known = Known(value, Place(document.path, command.line, what=f"--{flag} {command.scope}".strip()))
            state = area or (State.OFF if command.off else None)
            where = address(signatures.host_of(host), "in the command") if host else NOWHERE
            self.finds.add(
                known, self.finds.beside(value, where), Kind.UNKNOWN, state, (command.off,), hint=flag
            )

    def _body(self, document: Document, command: Command, texts: Sequence[str], area: State | None) -> None:
        """``curl URL -d '{"model": "x"}'``."""
        host = next((h for t in texts if t.startswith("http") and (h := signatures.host_of(t))), "")
        host = host or self._sole_host(document, texts)
        for text in texts:
            for found in BODY.finditer(text) if host else ():
                model = found[1]
                if "$" in model or not (names.parse(model) or is_id(model)):
                    continue
                known = Known(model, Place(document.path, command.line, what="body of a request"))
                state = area or (State.OFF if command.off else None)
                self.finds.add(known, address(host, "in the command"), Kind.UNKNOWN, state, (command.off,))

    def _sole_host(self, document: Document, texts: Sequence[str]) -> str:
        """The only address that a script calls, where a body is written into a file first."""
        if document.format != "shell" or texts[:1] != ["cat"]:
            return ""
        words = [w.value for c in document.commands for w in c.words if isinstance(w, Text)]
        found = {signatures.host_of(word) for word in words if word.startswith("http")}
        return found.pop() if len(found) == 1 else ""

    def _mapped(self, document: Document, entry: Entry, text: str, where: Address) -> None:
        """``model_mapping``: what is asked for, and what is called in its place."""
        try:
            mapping = json.loads(text)
        except (ValueError, RecursionError):
            return
        for asked, called in mapping.items() if isinstance(mapping, dict) else ():
            if isinstance(called, str) and is_id(called):
                place = Place(document.path, entry.line, what=f"in place of {asked}")
                usage = made(called, State.OFF if entry.off else State.EFFECTIVE, (place,), where, Kind.UNKNOWN,
                             (entry.off, "a model mapping"))  # fmt: skip
                self.finds.found.append(replace(usage, conflicts=(Conflict(asked, called, place),)))

    def _downloaded(self, each: Served, document: Document, line: int, scope: str) -> None:
        """Fetched so that something else can serve it: known to be there, used where that says so."""
        value = Known(each.model, Place(document.path, line, what=scope))
        if names.parse(each.model) is not None and not any(u.model == each.model for u in self.finds.found):
            where = Address("", "", Route.SELF_HOSTED, "fetched to be served here")
            self.finds.add(value, where, each.kind, None, ("a command fetches it",), hint=scope)

    def _served(
        self, each: Served, document: Document, line: int, scope: str, state: State | None, off: str
    ) -> None:
        service = scope.partition(":")[2] or scope
        host = each.host or (
            f"{service}:{each.port}" if service and each.port and scope.startswith("compose:") else ""
        )
        place = Place(document.path, line, what=f"{each.engine} {scope}".strip())
        where = Address(host, "", Route.SELF_HOSTED, f"served by {each.engine}")
        if each.remote:
            where = address(each.remote, "a model of the cloud of its server")
        known = bool(each.model) and "${" not in each.model
        final = state or (State.EFFECTIVE if known else State.UNRESOLVED)
        if not each.model:
            return
        conflicts = tuple(
            Conflict(said, each.model, place)
            for said in dict.fromkeys((each.served_name, service))
            if known and said and claims.contradict(said, each.model)
        )
        self.finds.taken.add((document.path, line, each.model))
        for further in (each.draft, *(adapter for _, adapter in each.adapters)):
            if further and "${" not in further:
                beside = made(further, final, (place,), where, Kind.UNKNOWN, (off, where.why), hint=scope)
                self.finds.found.append(replace(beside, service=service))
        usage = made(each.model if known else "", final, (place,), where, each.kind,
                     (off, where.why), expression="" if known else each.model, hint=scope)  # fmt: skip
        self.finds.found.append(replace(usage, service=service, conflicts=conflicts))

    def document(self, document: Document) -> None:
        area = areas.of(document.path)
        at = At(document.path, None, (), document)
        for assignment in document.assignments:
            self._assignment(document, assignment, at, area)
        lists = Counter(entry.path[:-1] for entry in document.entries)
        for entry in document.entries:
            self._entry(document, entry, at, area, lists)

    def _assignment(self, document: Document, assignment: Assignment, at: At, area: State | None) -> None:
        key = role(assignment.name)
        if key is Role.HOST or (document.path, assignment.line) in self.finds.sources:
            return
        for value in self.resolver.values(assignment.value, at):
            if not value.known:
                continue
            for text in several(value.text):
                if not self._setting_names_a_model(text, assignment.name, key):
                    continue
                state, why = area, ""
                if assignment.off:
                    state, why = area or state_of_off(assignment.off), assignment.off
                elif assignment.template or is_template(document.path):
                    state = self._of_template(assignment.name, document)
                    why = "in a template"
                elif FALLBACKS.search(snake(assignment.name)):
                    state = state or State.FALLBACK
                elif LISTS.search(snake(assignment.name)):
                    state = state or State.CATALOGUE
                origin = replace(value, text=text, source=(document, assignment))
                served = self._of_server(document, assignment)
                where = served or self.finds.beside(text, self.hosts.beside(origin))
                self.finds.add(
                    origin, where, Kind.UNKNOWN, state, (why,) if why else (), hint=assignment.name
                )

    def _of_server(self, document: Document, assignment: Assignment) -> Address | None:
        """A variable of a service of Compose that is itself a server of models, by its image."""
        kind, _, service = assignment.scope.partition(":")
        if kind != "compose":
            return None
        image = port = ""
        for entry in document.entries:
            if entry.path[:2] == ("services", service) and isinstance(entry.value, Text):
                if entry.path[2:] == ("image",):
                    image = entry.value.value
                elif entry.path[2:3] in (("ports",), ("expose",)) and not port:
                    port = entry.value.value.rpartition(":")[2].partition("/")[0]
        if not SERVERS.search(image):
            return None
        return Address(f"{service}:{port}" if port else service, "", Route.SELF_HOSTED, f"served by {image}")

    def _of_template(self, name: str, document: Document) -> State | None:
        """A template counts where nothing else gives the value and something reads it."""
        others = [
            a for d, a in self.index.variables.get(name.upper(), ())
            if d is not document and not a.template and not a.off and not is_template(d.path)
        ]  # fmt: skip
        if others:
            return State.DOCUMENTED
        return None if self._is_read(name) else State.DOCUMENTED

    def _is_read(self, name: str) -> bool:
        if name in self.index.references or name.lower() in self.index.references:
            return True
        return any(
            isinstance(b.value, Env) and b.value.name.upper() == name.upper()
            for found in self.index.bindings.values()
            for _, b in found
        )

    def _entry(
        self, document: Document, entry: Entry, at: At, area: State | None, lists: Counter[tuple[str, ...]]
    ) -> None:
        keys = [part for part in entry.path if not part.startswith("[")]
        if not keys or (document.path, entry.line) in self.finds.sources:
            return
        if keys[-1] == "value" and (named := self._pair(document, entry)):
            keys[-1] = named
        if len(keys) > 1 and keys[-1] in ("name", "id") and role(keys[-2]) is Role.MODEL:
            keys.pop()  # `model: {name: x}`
        key = role(keys[-1])
        if snake(keys[-1]) in TITLES and any(
            role(k) is Role.MODEL for k in self._beside(document, entry.path[:-1])
        ):
            return
        path = " ".join(keys)
        for value in self.resolver.values(entry.value, at):
            if not value.known:
                if key is Role.MODEL and hinted("_".join(keys)) and area is None and not entry.off:
                    where = self.hosts.entry_beside(document, entry)
                    if where is not NOWHERE and not is_template(document.path):
                        self.finds.add(value, where, Kind.UNKNOWN, None, (), hint=path)
                continue
            if snake(keys[-1]) == "model_mapping":
                self._mapped(document, entry, value.text, self.hosts.entry_beside(document, entry))
                continue
            for text in several(value.text):
                if not self._setting_names_a_model(text, "_".join(keys), key):
                    continue
                state, why = self._entry_state(document, entry, area, lists, keys)
                origin = replace(value, text=text, source=value.source or (document, entry))
                where = self.finds.beside(text, self.hosts.entry_beside(document, entry))
                self.finds.add(origin, where, Kind.UNKNOWN, state, (why,) if why else (), hint=path)
        for part in keys if document.format not in NAMED else ():  # ids as keys: price lists, mappings
            if part != keys[-1] or key is Role.NONE:
                parsed = names.parse(part)
                known = any(c.isdigit() or c in "-:/" for c in part)
                if parsed is not None and known and (document.path, 0, part) not in self.finds.taken:
                    self.finds.taken.add((document.path, 0, part))
                    value = Known(part, Place(document.path, entry.line))
                    self.finds.add(
                        value,
                        NOWHERE,
                        parsed.kind,
                        area or State.CATALOGUE,
                        ("the key of an entry",),
                        hint=path,
                    )

    @staticmethod
    def _pair(document: Document, entry: Entry) -> str:
        """The name in ``- name: pretrained_model`` above ``value: x``."""
        beside = (*entry.path[:-1], "name")
        near = (e for e in document.entries if e.path == beside and isinstance(e.value, Text))
        return next((e.value.value for e in near if isinstance(e.value, Text)), "")

    def _entry_state(
        self,
        document: Document,
        entry: Entry,
        area: State | None,
        lists: Counter[tuple[str, ...]],
        keys: list[str],
    ) -> tuple[State | None, str]:
        if area is not None:
            return area, f"in {document.path}"
        if entry.off:
            return state_of_off(entry.off), entry.off
        state, why = self.settings.standing(document, entry)
        if state is not None:
            return state, why
        if is_template(document.path):
            twin = self._twin(document, entry)
            return (
                (State.DOCUMENTED, "a template whose copy is there")
                if twin
                else (None, "as the template sets it")
            )
        if any(FALLBACKS.search(snake(k)) for k in keys):
            return State.FALLBACK, f"below {keys[-1]}"
        if any(LISTS.search(snake(k)) for k in keys):
            return State.CATALOGUE, f"below {'.'.join(keys)}"
        listed = entry.path[-1].startswith("[")
        if (listed and lists[entry.path[:-1]] > 1) or (listed and role(keys[-1]) is not Role.MODEL):
            return State.CATALOGUE, f"one of those below {keys[-1]}"
        if self._is_shown(document, entry):
            return State.CATALOGUE, f"one of several with what is shown of each, in {'.'.join(keys[:-1])}"
        if role(keys[-1]) is Role.NONE and not self._is_called(document, entry):
            return State.CATALOGUE, f"the value of {keys[-1]}"
        return None, ""

    def _is_shown(self, document: Document, entry: Entry) -> bool:
        """Whether an entry is one of a list that says what there is to choose from, not what is used."""
        element = next((n for n in range(len(entry.path) - 1, -1, -1) if entry.path[n].startswith("[")), None)
        if (
            element is None
            or not LISTED.search(document.path)
            or entry.path[element] == "[0]"
            and not self._has(document, (*entry.path[:element], "[1]"))
        ):
            return False
        beside = self._beside(document, entry.path[: element + 1])
        if any(
            role(key) in (Role.HOST, Role.PROVIDER) or snake(key).endswith(("api_key", "apikey"))
            for key in beside
        ):
            return False
        return bool(beside & SHOWN)

    def _is_called(self, document: Document, entry: Entry) -> bool:
        """Whether an address or a key for access stands beside an entry: then it is used, whatever it is called."""
        beside = self._beside(document, entry.path[:-1])
        return any(role(key) is Role.HOST or flat(key) in ("apikey", "appid", "secretkey") for key in beside)

    def _has(self, document: Document, path: tuple[str, ...]) -> bool:
        return any(e.path[: len(path)] == path for e in document.entries)

    def _beside(self, document: Document, path: tuple[str, ...]) -> set[str]:
        """The keys below a path, at any depth."""
        key = (id(document), path)
        if key not in self._keys:
            self._keys[key] = {
                snake(part)
                for e in document.entries
                if e.path[: len(path)] == path
                for part in e.path[len(path) :]
            }
        return self._keys[key]

    def _twin(self, document: Document, entry: Entry) -> bool:
        """Whether a file that is no template gives the same setting."""
        key = snake(next(part for part in reversed(entry.path) if not part.startswith("[")))
        return any(
            d is not document
            and e.path == entry.path
            and not is_template(d.path)
            and areas.of(d.path) is None
            for d, e in self.index.entries.get(key, ())
        )

    def _setting_names_a_model(self, text: str, name: str, key: Role) -> bool:
        if names.parse(text) is not None:
            return key in (Role.MODEL, Role.NONE)
        return (
            key is Role.MODEL and hinted(name) and is_id(text) and ("-" in text or "/" in text or ":" in text)
        )


def _flags(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The options of a command line with their values."""
    for word, after in pairwise([*texts, "-"]):
        if word.startswith("-") and len(word) > 2:  # noqa: PLR2004 - a dash and a letter say nothing
            flag, given, value = word.lstrip("-").partition("=")
            if given or not after.startswith("-"):
                yield flag, value if given else after
