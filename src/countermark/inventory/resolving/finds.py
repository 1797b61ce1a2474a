"""What has been found so far, and what has been seen on the way to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from countermark.inventory import areas, names
from countermark.inventory.reading.expressions import Call, Many, Ref
from countermark.inventory.resolving.hosts import NOWHERE, Address, Hosts
from countermark.inventory.resolving.index import Index
from countermark.inventory.resolving.known import WORST, At, Known
from countermark.inventory.resolving.roles import snake
from countermark.inventory.resolving.uses import FALLBACKS, Use, Uses
from countermark.inventory.resolving.values import Resolver
from countermark.inventory.usage import Kind, Place, State, Usage

ID = re.compile(r"[A-Za-z0-9][\w.:/@+-]{1,120}")
NO_ID = re.compile(
    r"true|false|none|null|auto|default|model|models|your[-_ ].*|xxx.*|<.*|https?:.*|\d+(?:\.\d+)*|.*\.(?:py|js|ts|json|ya?ml|"
    r"txt|md|html|css|png|jpg|svg|env)|local|remote|string|str|text|chat|llm|openai|azure|ollama|embedding|on|off|yes|no|custom|other",
    re.IGNORECASE,
)
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
        self.hosts = Hosts(self.uses)
        self.spare_calls = frozenset(id(call) for call in self._spare_calls())
        """Calls that make what another call names as its fallback."""

    def _spare_calls(self) -> Iterator[Call]:
        for name, sites in self.index.calls_by_method.items():
            if not FALLBACKS.search(name):
                continue
            for module, site in sites:
                at = At(module.path, module, site.scope)
                for argument in self.uses.arguments(site.call, at):
                    for item in (
                        argument.value.items if isinstance(argument.value, Many) else (argument.value,)
                    ):
                        if isinstance(item, Call):
                            yield item
                        elif isinstance(item, Ref):
                            yield from (call for call, _ in self.uses.clients(item, argument.at))

    def add(
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

    def beside(self, model: str, where: Address) -> Address:
        """The address that stands beside a model, else that of its prefix."""
        return where if where.host else self.hosts.by_prefix(model) or NOWHERE


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


def several(text: str) -> list[str]:
    """The ids of a list in one string: ``gpt-4o,gpt-4o-mini``."""
    if "," not in text and ";" not in text:
        return [text.strip()]
    return [part.strip().lstrip("+-").partition("=")[0] for part in re.split("[,;]", text) if part.strip()][
        :200
    ]
