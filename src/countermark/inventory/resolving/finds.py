"""What has been found so far, and what has been seen on the way to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from countermark.inventory import areas, names
from countermark.inventory.reading.expressions import Call, Many, Ref
from countermark.inventory.resolving.arguments import Argument
from countermark.inventory.resolving.hosts import NOWHERE, Address, Hosts, by_prefix
from countermark.inventory.resolving.hosts_beside import Beside
from countermark.inventory.resolving.hosts_of_calls import HostsOfCalls
from countermark.inventory.resolving.index import Index
from countermark.inventory.resolving.known import WORST, At, Known
from countermark.inventory.resolving.roles import Role, hinted, snake
from countermark.inventory.resolving.uses import Use, Uses
from countermark.inventory.resolving.values import Resolver
from countermark.inventory.resolving.vocabulary import FALLBACKS
from countermark.inventory.usage import Kind, Place, State, Usage

ID = re.compile(r"[A-Za-z0-9][\w.:/@+-]{1,120}")
"""The shape of a model id."""
NO_ID = re.compile(
    r"true|false|none|null|auto|default|model|models|your[-_ ].*|xxx.*|<.*|https?:.*|\d+(?:\.\d+)*|"
    r".*\.(?:py|js|ts|json|ya?ml|txt|md|html|css|png|jpg|svg|env)|local|remote|string|str|text|chat|llm|openai|"
    r"azure|ollama|embedding|on|off|yes|no|custom|other",
    re.IGNORECASE,
)
"""Words and files that have the shape of an id."""
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
"""What a model does by the names around it, the most telling first."""


GIVEN_UP = (State.TEST, State.CI, State.OFFLINE, State.STALE, State.OFF)
"""Where a model that is not known is of no concern."""
MOST_PLACES = 8
MOST_IDS = 200
"""Ids in one string."""


@dataclass(frozen=True, slots=True)
class Find:
    """A model that something names, and what its surroundings say of it."""

    value: Known
    where: Address = NOWHERE
    kind: Kind = Kind.UNKNOWN
    state: State | None = None
    """What its place says of it; None where it is simply so."""
    why: tuple[str, ...] = ()
    spots: tuple[Place, ...] = ()
    """Places beside that of the value: where it is used."""
    hint: str = ""
    """The names around it, which may tell what the model does."""

    def usage(self, state: State) -> Usage:
        """The usage that it comes to, with what the name of the model says filled in."""
        value, where = self.value, self.where
        model = value.text if value.known else ""
        parsed = names.parse(model) if model else None
        places = (value.place, *(spot for spot in (*value.way, *self.spots) if spot != value.place))
        return Usage(
            model=model,
            state=state,
            places=tuple(dict.fromkeys(places))[:MOST_PLACES],
            provider=where.provider or (parsed.provider if parsed else ""),
            host=where.host,
            route=where.route,
            kind=parsed.kind if parsed and parsed.kind is not Kind.UNKNOWN else self._kind(),
            expression="" if value.known else value.expression,
            why=tuple(dict.fromkeys(why for why in (*value.why, *self.why, where.why) if why)),
        )

    def _kind(self) -> Kind:
        """What the model does by the way it is called, else by the names around it."""
        if self.kind is not Kind.UNKNOWN or not self.hint:
            return self.kind
        plain = snake(self.hint)
        return next((kind for kind, pattern in KINDS if pattern.search(plain)), Kind.UNKNOWN)


@dataclass
class Finds:
    """Usages, unmerged; and the values and settings that calls have led to."""

    index: Index
    found: list[Usage] = field(default_factory=list)
    taken: set[tuple[str, int, str]] = field(default_factory=set)
    """What calls have led to: file, line, text."""
    sources: set[tuple[str, int]] = field(default_factory=set)
    """Settings and variables that calls have led to."""
    certain: list[Use] = field(default_factory=list)
    """The calls that have to do with models by all appearance."""

    def __post_init__(self) -> None:
        self.resolver = Resolver(self.index)
        self.uses = Uses(self.resolver)
        self.hosts = Hosts(self.resolver)
        self.neighbours = Beside(self.hosts)
        self.calls = HostsOfCalls(self.uses, self.hosts, self.neighbours)
        self.spare_calls = frozenset(id(call) for call in self._spare_calls())
        """Calls that make what another call names as its fallback."""

    def _spare_calls(self) -> Iterator[Call]:
        for name, sites in self.index.calls_by_method.items():
            for module, site in sites if FALLBACKS.search(name) else ():
                for argument in self.uses.arguments.of(site.call, At(module.path, module, site.scope)):
                    yield from self._makers(argument)

    def _makers(self, argument: Argument) -> Iterator[Call]:
        """The calls that made what an argument lists."""
        value = argument.value
        for item in value.items if isinstance(value, Many) else (value,):
            if isinstance(item, Call):
                yield item
            elif isinstance(item, Ref):
                yield from (call for call, _ in self.uses.clients(item, argument.at))

    def add(self, find: Find) -> None:
        """Note a usage, and that its value has been seen."""
        value = find.value
        self.taken.add((value.place.path, value.place.line, value.text))
        if value.source is not None:
            self.sources.add((value.source[0].path, value.source[1].line))
        state = _strongest(find.state or _of_place(value.place), value.state)
        if value.known:
            self.found.append(find.usage(state or State.EFFECTIVE))
        elif state not in GIVEN_UP:
            self.found.append(find.usage(State.UNRESOLVED))

    def beside(self, model: str, where: Address) -> Address:
        """The address that stands beside a model, else that of its prefix."""
        return where if where.host else by_prefix(model) or NOWHERE


def _of_place(place: Place) -> State | None:
    """What the file says in which a value stands; documents that a call leads to are no mere documents."""
    own = areas.of(place.path) if place.path else None
    return None if own is State.DOCUMENTED else own


def _strongest(of_place: State | None, of_value: State | None) -> State | None:
    """Of what the place of a usage and the way to its value say, what counts."""
    if of_place in WORST and of_value in WORST:
        return min(of_place, of_value, key=WORST.index)
    return of_place or of_value


def names_a_model(text: str, name: str, key: Role) -> bool:
    """Whether the text of a setting is a model: by its grammar, or by the name of the setting."""
    if names.parse(text) is not None:
        return key in (Role.MODEL, Role.NONE)
    return key is Role.MODEL and hinted(name) and is_id(text) and has_marks(text)


def has_marks(text: str) -> bool:
    """Whether a text has what ids have and plain words have not."""
    return "-" in text or "/" in text or ":" in text


def is_id(text: str) -> bool:
    """Whether a text that no grammar knows has the shape of a model id."""
    return ID.fullmatch(text) is not None and NO_ID.fullmatch(text) is None and any(c.isalpha() for c in text)


def several(text: str) -> list[str]:
    """The ids of a list in one string: ``gpt-4o,gpt-4o-mini``."""
    if "," not in text and ";" not in text:
        return [text.strip()]
    parts = [part.strip() for part in re.split("[,;]", text) if part.strip()]
    return [part.lstrip("+-").partition("=")[0] for part in parts[:MOST_IDS]]
