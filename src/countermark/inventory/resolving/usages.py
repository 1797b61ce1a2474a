"""Usages out of a tree that was read: calls first, then settings, then whatever else names a model."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from countermark.inventory import areas, names
from countermark.inventory.reading.expressions import (
    Assignment,
    Binding,
    Call,
    Context,
    Document,
    Either,
    Entry,
    Env,
    Expression,
    Item,
    Join,
    Many,
    Setting,
    Table,
    Text,
)
from countermark.inventory.resolving.hosts import NOWHERE, Address, Hosts, address
from countermark.inventory.resolving.index import Index
from countermark.inventory.resolving.known import WORST, At, Known
from countermark.inventory.resolving.roles import Role, hinted, role, snake
from countermark.inventory.resolving.settings import is_template
from countermark.inventory.resolving.uses import FALLBACKS, LISTS, Use, Uses
from countermark.inventory.resolving.values import Resolver
from countermark.inventory.serving import Served, served
from countermark.inventory.usage import Conflict, Kind, Place, Route, State, Usage

ID = re.compile(r"[A-Za-z0-9][\w.:/@+-]{1,120}")
"""The shape of a model id that no grammar knows."""
NO_ID = re.compile(
    r"true|false|none|null|auto|default|model|models|your[-_ ].*|xxx.*|<.*|https?:.*|\d+(?:\.\d+)*|.*\.(?:py|js|ts|json|ya?ml|"
    r"txt|md|html|css|png|jpg|svg|env)|local|remote|string|str|text|chat|llm|openai|azure|ollama|embedding|on|off|yes|no|custom|other",
    re.IGNORECASE,
)
SEVERAL = 4
"""As many constants in one place are a catalogue."""
KINDS = (
    (Kind.EMBEDDING, re.compile(r"embed")),
    (Kind.RERANK, re.compile(r"rerank")),
    (Kind.MODERATION, re.compile(r"moderat|guard|safety")),
    (Kind.OCR, re.compile(r"ocr")),
    (Kind.SPEECH, re.compile(r"tts|asr|stt|speech|voice|transcri|whisper|audio")),
    (Kind.VIDEO, re.compile(r"video")),
    (Kind.IMAGE, re.compile(r"image_gen|text_to_image|t2i|dall|draw|paint|image_model|imagegen")),
    (Kind.VISION, re.compile(r"vision|vlm|multimodal|image")),
    (Kind.CHAT, re.compile(r"chat|llm|completion|gpt|agent|assistant")),
)


@dataclass
class Usages:
    """Goes through the index and collects usages."""

    index: Index
    found: list[Usage] = field(default_factory=list)
    taken: set[tuple[str, int, str]] = field(default_factory=set)
    """What calls have led to: file, line, text."""
    sources: set[tuple[str, int]] = field(default_factory=set)
    """Settings and variables that calls have led to."""

    def __post_init__(self) -> None:
        self.resolver = Resolver(self.index)
        self.uses = Uses(self.resolver)
        self.hosts = Hosts(self.uses)
        self.spare = frozenset(self._spare_names())
        """Names that stand below ``fallbacks`` somewhere."""

    def collect(self) -> list[Usage]:
        """All of them, unmerged."""
        weak: list[Use] = []
        for module in self.index.modules.values():
            for use in self.uses.of(module):
                if use.strong:
                    self._use(use)
                else:
                    weak.append(use)
        for use in weak:
            self._use(use)
        for document, command in self.index.commands:
            self._command(document, command.words, command.line, command.scope, command.image, command.off)
        for document in self.index.documents:
            self._document(document)
        for module in self.index.modules.values():
            for binding in module.bindings:
                self._binding(binding, At(module.path, module, binding.name[:-1]))
            self._loose(module.path, module.loose)
        return self.found

    def _spare_names(self) -> Iterator[str]:
        for module in self.index.modules.values():
            for site in module.calls:
                for name, value in site.call.kwargs:
                    if FALLBACKS.search(snake(name)):
                        yield from (row.text.value for row in _texts(value) if not row.is_key)
        for document in self.index.documents:
            for entry in document.entries:
                if any(FALLBACKS.search(snake(key)) for key in entry.path) and isinstance(entry.value, Text):
                    yield entry.value.value

    def _use(self, use: Use) -> None:
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
            if not use.strong and (value.place.path, value.place.line, value.text) in self.taken:
                continue
            where = self.hosts.of(use, value)
            spot = Place(path, site.call.line, what=f"{use.name + '= of ' if use.name else ''}{use.function}")
            self._add(
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
        if Context.HANDLER in contexts:
            return State.FALLBACK, "in the handler of an error"
        return None, ""

    def _accepted(self, text: str, use: Use) -> bool:
        if names.parse(text) is not None:
            return True
        if not use.strong or use.name == "":
            return False
        return is_id(text)

    def _add(
        self, value: Known, where: Address, kind: Kind, state: State | None, why: tuple[str, ...],
        *spots: Place, hint: str = "",
    ) -> None:  # fmt: skip
        """Note a usage, and that its value has been seen."""
        self.taken.add((value.place.path, value.place.line, value.text))
        if value.source is not None:
            self.sources.add((value.source[0].path, value.source[1].line))
        place = value.place
        own = areas.of(place.path) if place.path else None
        if state is None and own is not None and own is not State.DOCUMENTED:
            state = own
        strongest = state or value.state
        if state in WORST and value.state in WORST:
            strongest = min(state, value.state, key=WORST.index)
        final = strongest or (State.EFFECTIVE if value.known else State.UNRESOLVED)
        if not value.known:
            final = (
                strongest
                if strongest in (State.TEST, State.CI, State.OFFLINE, State.STALE, State.OFF)
                else State.UNRESOLVED
            )
            if final is not State.UNRESOLVED:
                return
        self.found.append(
            made(value.text, final, (place, *(s for s in (*value.way, *spots) if s != place)), where, kind,
                 (*value.why, *why, where.why), expression="" if value.known else value.expression, hint=hint)
        )  # fmt: skip

    def _command(
        self, document: Document, words: Sequence[Expression], line: int, scope: str, image: str, off: str
    ) -> None:
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
        for each in served(texts, image=image):
            if each.engine == "download" and (state is None):
                self._downloaded(each, document, line, scope)
                continue
            self._served(each, document, line, scope, state, off)

    def _downloaded(self, each: Served, document: Document, line: int, scope: str) -> None:
        """Fetched so that something else can serve it: known to be there, used where that says so."""
        value = Known(each.model, Place(document.path, line, what=scope))
        if names.parse(each.model) is not None and not any(u.model == each.model for u in self.found):
            where = Address("", "", Route.SELF_HOSTED, "fetched to be served here")
            self._add(value, where, each.kind, None, ("a command fetches it",), hint=scope)

    def _served(
        self, each: Served, document: Document, line: int, scope: str, state: State | None, off: str
    ) -> None:
        service = scope.partition(":")[2] or scope
        host = each.host or ""
        place = Place(document.path, line, what=f"{each.engine} {scope}".strip())
        where = Address(host, "", Route.SELF_HOSTED, f"served by {each.engine}")
        known = bool(each.model) and "${" not in each.model
        final = state or (State.EFFECTIVE if known else State.UNRESOLVED)
        if not each.model:
            return
        conflicts = ()
        if each.served_name and known and names.same(each.served_name, each.model) == "different":
            conflicts = (Conflict(each.served_name, each.model, place),)
        self.taken.add((document.path, line, each.model))
        usage = made(each.model if known else "", final, (place,), where, each.kind,
                     (off, where.why), expression="" if known else each.model, hint=scope)  # fmt: skip
        self.found.append(replace(usage, service=service, conflicts=conflicts))

    def _document(self, document: Document) -> None:
        area = areas.of(document.path)
        at = At(document.path, None, (), document)
        for assignment in document.assignments:
            self._assignment(document, assignment, at, area)
        lists = Counter(_parent(entry.path) for entry in document.entries)
        for entry in document.entries:
            self._entry(document, entry, at, area, lists)
        self._loose(document.path, document.loose)

    def _assignment(self, document: Document, assignment: Assignment, at: At, area: State | None) -> None:
        key = role(assignment.name)
        if key is Role.HOST or (document.path, assignment.line) in self.sources:
            return
        for value in self.resolver.values(assignment.value, at):
            if not value.known:
                continue
            for text in _several(value.text):
                if not self._setting_names_a_model(text, assignment.name, key):
                    continue
                state, why = area, ""
                if assignment.off:
                    state, why = area or State.OFF, assignment.off
                elif assignment.template or is_template(document.path):
                    state = self._of_template(assignment.name, document)
                    why = "in a template"
                elif FALLBACKS.search(snake(assignment.name)):
                    state = state or State.FALLBACK
                elif LISTS.search(snake(assignment.name)):
                    state = state or State.CATALOGUE
                origin = replace(value, text=text, source=(document, assignment))
                where = self.hosts.by_prefix(text) or self.hosts.beside(origin)
                self._add(origin, where, Kind.UNKNOWN, state, (why,) if why else (), hint=assignment.name)

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
        if not keys or (document.path, entry.line) in self.sources:
            return
        key = role(keys[-1])
        path = " ".join(keys)
        for value in self.resolver.values(entry.value, at):
            if not value.known:
                if key is Role.MODEL and hinted("_".join(keys)) and area is None and not entry.off:
                    where = self.hosts.entry_beside(document, entry)
                    if where is not NOWHERE and not is_template(document.path):
                        self._add(value, where, Kind.UNKNOWN, None, (), hint=path)
                continue
            for text in _several(value.text):
                if not self._setting_names_a_model(text, "_".join(keys), key):
                    continue
                state, why = self._entry_state(document, entry, area, lists, keys)
                origin = replace(value, text=text, source=value.source or (document, entry))
                where = self.hosts.by_prefix(text) or self.hosts.entry_beside(document, entry)
                self._add(origin, where, Kind.UNKNOWN, state, (why,) if why else (), hint=path)
        for part in keys:  # ids as keys: price lists, mappings
            if part != keys[-1] or key is Role.NONE:
                parsed = names.parse(part)
                if parsed is not None and (document.path, 0, part) not in self.taken:
                    self.taken.add((document.path, 0, part))
                    value = Known(part, Place(document.path, entry.line))
                    self._add(
                        value,
                        NOWHERE,
                        parsed.kind,
                        area or State.CATALOGUE,
                        ("the key of an entry",),
                        hint=path,
                    )

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
            return (State.STALE if "overwritten" in entry.off else State.OFF), entry.off
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
        if (listed and lists[_parent(entry.path)] > 1) or (listed and role(keys[-1]) is not Role.MODEL):
            return State.CATALOGUE, f"one of those below {keys[-1]}"
        if role(keys[-1]) is Role.NONE:
            return State.CATALOGUE, f"the value of {keys[-1]}"
        return None, ""

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

    def _binding(self, binding: Binding, at: At) -> None:
        """A constant, a field or a default that no call was followed to."""
        value = binding.value
        name = binding.name[-1]
        key = role(name)
        if key is Role.HOST:
            return
        area = areas.of(at.path)
        state, why = (area, f"in {at.path}") if area else (None, "")
        if Context.TEST in binding.contexts:
            state = State.TEST
        elif state is None:
            state, why = self.resolver.bindings.standing(binding, at)
        if Context.CHOICE in binding.contexts:
            state, why = state or State.CATALOGUE, "one of the values to choose from"
        match value:
            case Text() | Env() | Setting() | Join() | Either() | Item():
                self._value(binding, at, key, state, why)
            case Table() | Many() | Call():
                self._table(value, at, state, snake(name))
            case _:
                return

    def _value(self, binding: Binding, at: At, key: Role, state: State | None, why: str) -> None:
        name = binding.name[-1]
        held = self.resolver.bindings.filled(binding, at)
        for value in self.resolver.values(held, at):
            if (value.place.path, value.place.line, value.text) in self.taken or not value.known:
                continue
            for text in (
                _several(value.text) if key is Role.MODEL or LISTS.search(snake(name)) else [value.text]
            ):
                if not self._binding_names_a_model(text, name, key, binding):
                    continue
                final, reason = state, why
                if final is None:
                    final, reason = self._constant(binding, at, key)
                where = self.hosts.by_prefix(text) or self.hosts.beside(value)
                if not where.host:
                    where = self._neighbour(binding, at)
                shown = Place(at.path, binding.line, what=".".join(binding.name))
                self._add(replace(value, text=text), where, Kind.UNKNOWN, final, (reason,), shown, hint=name)

    def _binding_names_a_model(self, text: str, name: str, key: Role, binding: Binding) -> bool:
        if names.parse(text) is not None:
            return True
        if key is not Role.MODEL or not is_id(text) or not ("-" in text or "/" in text or ":" in text):
            return False
        return hinted(name) and (binding.field or name.isupper() or isinstance(binding.value, Env))

    def _constant(self, binding: Binding, at: At, key: Role) -> tuple[State | None, str]:
        """What a constant is that calls were not followed to."""
        name = binding.name[-1]
        if FALLBACKS.search(snake(name)):
            return State.FALLBACK, name
        if key is not Role.MODEL and not hinted(name):
            return State.CATALOGUE, f"a constant called {name}"
        siblings = [
            b for b in at.module.bindings
            if at.module and b.name[:-1] == binding.name[:-1] and isinstance(b.value, Text) and names.parse(b.value.value)
        ] if at.module else []  # fmt: skip
        if len(siblings) >= SEVERAL and role(name) is not Role.MODEL:
            return State.CATALOGUE, f"one of {len(siblings)} constants"
        local = at.module is not None and binding.name[:-1] in at.module.parameters
        if (
            local
            and name in at.module.parameters[binding.name[:-1]]
            and binding.name[-2] not in self.index.references
        ):
            return State.STALE, f"nothing calls {binding.name[-2]}"
        if (
            not binding.field
            and not local
            and isinstance(binding.value, Text)
            and name not in self.index.references
        ):
            return State.STALE, f"nothing refers to {name}"
        return None, ""

    def _neighbour(self, binding: Binding, at: At) -> Address:
        """A host beside a constant or a field, by the words that their names share."""
        if at.module is None:
            return NOWHERE
        from countermark.inventory.resolving.hosts import _shared, _speaks
        from countermark.inventory.resolving.roles import stem

        wanted = stem(binding.name[-1])
        best: list[tuple[int, str]] = []
        for other in at.module.bindings:
            if other.name[:-1] == binding.name[:-1] and role(other.name[-1]) is Role.HOST:
                shared = _shared(stem(other.name[-1]), wanted)
                for host in self.hosts.hosts(self.resolver.bindings.filled(other, at), at)[:1]:
                    if shared or _speaks(host):
                        best.append((-shared, host))
        return address(min(best)[1], "beside it") if best else NOWHERE

    def _table(self, value: Table | Many | Call, at: At, state: State | None, name: str) -> None:
        """Ids in a literal: one under ``model`` is set, many are a choice."""
        rows = [row for row in _texts(value) if self._is_named(row)]
        keyed = {
            r.text.value for r in rows if role(r.key) is Role.MODEL and r.key != "models" and not r.is_key
        }
        for row in rows:
            text = row.text
            if (at.path, text.line, text.value) in self.taken:
                continue
            final, why = state, ""
            if final is None:
                final, why = self._row_state(row, name, len(keyed))
            known = Known(text.value, Place(at.path, text.line, what=name))
            where = self.hosts.by_prefix(text.value) or self._table_host(row, at)
            self._add(known, where, Kind.UNKNOWN, final, (why,), hint=f"{name} {row.key}")

    def _row_state(self, row: Row, name: str, several: int) -> tuple[State | None, str]:
        words = {name, *(snake(key) for key in row.path)}
        if any(FALLBACKS.search(word) for word in words) or self._is_fallback(row.table):
            return State.FALLBACK, f"a fallback in {name}"
        set_here = role(row.key) is Role.MODEL and row.key != "models" and not row.is_key
        called = row.table is not None and any(
            isinstance(key, Text) and role(key.value) in (Role.HOST, Role.PROVIDER) or _is_key(key)
            for key, _ in row.table.entries
        )
        if set_here and (called or (several < SEVERAL and not any(LISTS.search(word) for word in words))):
            return None, ""
        return State.CATALOGUE, f"one of those in {name}"

    def _is_named(self, row: Row) -> bool:
        if names.parse(row.text.value) is not None:
            return True
        beside = row.table is not None and any(_is_key(key) or (isinstance(key, Text) and role(key.value) is Role.HOST)
                                               for key, _ in row.table.entries)  # fmt: skip
        return role(row.key) is Role.MODEL and beside and not row.is_key and is_id(row.text.value)

    def _is_fallback(self, table: Table | None) -> bool:
        """Whether the name under which a table offers its model is one that others fall back on."""
        for key, value in table.entries if table is not None else ():
            if (
                isinstance(key, Text)
                and key.value in ("model_name", "name", "alias")
                and isinstance(value, Text)
            ):
                return value.value in self.spare
        return False

    def _table_host(self, row: Row, at: At) -> Address:
        """The address in the same table, else in the one around it."""
        for table in (row.table, row.around):
            for key, value in table.entries if table is not None else ():
                if isinstance(key, Text) and role(key.value) is Role.HOST:
                    for host in self.hosts.hosts(value, at)[:1]:
                        return address(host, f"{key.value} beside it")
        return NOWHERE

    def _loose(self, path: str, loose: Iterable[object]) -> None:
        area = areas.of(path)
        for each in loose:
            text, contexts = each.text, each.contexts  # type: ignore[attr-defined]
            if (path, text.line, text.value) in self.taken or names.parse(text.value) is None:
                continue
            if Context.TEST in contexts:
                state, why = State.TEST, "in a test"
            elif Context.COMMENT in contexts:
                state, why = State.OFF, "commented out"
            else:
                state, why = State.CATALOGUE, "compared with, or one of the values to choose from"
            self._add(Known(text.value, Place(path, text.line)), NOWHERE, Kind.UNKNOWN, area or state, (why,))


def made(
    model: str, state: State, places: tuple[Place, ...], where: Address, kind: Kind, why: Iterable[str], *,
    expression: str = "", hint: str = "",
) -> Usage:  # fmt: skip
    """A usage with what its name says filled in."""
    parsed = names.parse(model) if model else None
    if parsed is not None and parsed.kind is not Kind.UNKNOWN:
        kind = parsed.kind
    elif kind is Kind.UNKNOWN and hint:
        plain = snake(hint)
        kind = next((k for k, pattern in KINDS if pattern.search(plain)), Kind.UNKNOWN)
    provider = where.provider or (parsed.provider if parsed else "")
    return Usage(
        model=model, state=state, places=tuple(dict.fromkeys(places))[:8], provider=provider, host=where.host,
        route=where.route, kind=kind, expression=expression, why=tuple(dict.fromkeys(w for w in why if w)),
    )  # fmt: skip


def is_id(text: str) -> bool:
    """Whether a text that no grammar knows has the shape of a model id."""
    return ID.fullmatch(text) is not None and NO_ID.fullmatch(text) is None and any(c.isalpha() for c in text)


def _several(text: str) -> list[str]:
    """The ids of a list in one string: ``gpt-4o,gpt-4o-mini``."""
    if "," not in text and ";" not in text:
        return [text.strip()]
    return [part.strip().lstrip("+-").partition("=")[0] for part in re.split("[,;]", text) if part.strip()][
        :200
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """A string in a literal."""

    text: Text
    key: str = ""
    """The key that it stands under."""
    path: tuple[str, ...] = ()
    table: Table | None = None
    """The innermost table that it is in, and the one around that."""
    around: Table | None = None
    is_key: bool = False


def _texts(value: Expression, inside: Row | None = None) -> Iterator[Row]:
    """The strings in a literal, each with its key and its table."""
    here = inside or Row(Text("", 0))
    if len(here.path) > 8:  # noqa: PLR2004 - nobody nests tables so
        return
    match value:
        case Text():
            yield replace(here, text=value)
        case Many():
            for item in value.items:
                yield from _texts(item, here)
        case Table():
            inner = replace(here, table=value, around=here.table)
            for name, each in value.entries:
                if isinstance(name, Text):
                    yield replace(inner, text=name, key="", is_key=True)
                    yield from _texts(each, replace(inner, key=name.value, path=(*here.path, name.value)))
        case Call():
            for name, each in value.kwargs:
                yield from _texts(each, replace(here, key=name, path=(*here.path, name)))
            for each in value.args:
                if isinstance(each, Table | Many):
                    yield from _texts(each, here)
        case Env() if value.default is not None:
            yield from _texts(value.default, here)
        case Either():
            for each in value.options:
                yield from _texts(each, here)
        case _:
            return


def _is_key(key: Expression) -> bool:
    """Whether a key of a table is one for access: then the table is used, not shown."""
    return isinstance(key, Text) and snake(key.value).endswith(
        ("api_key", "apikey", "secret_key", "access_key")
    )


def _parent(path: Sequence[str]) -> tuple[str, ...]:
    return tuple(path[:-1])


__all__ = ["Usages", "made"]
