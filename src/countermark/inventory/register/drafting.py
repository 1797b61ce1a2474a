"""The draft of what to file: fields with what is known, blanks for the rest, attachments, and by when.

What each track asks for is in ``tracks.toml``, each line with how it is known.

Source: Provisions on Algorithm Recommendation Art. 24 to 26; GenAI Interim Measures Art. 2 and 17.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from countermark.inventory import filing_numbers
from countermark.inventory.register import working_days
from countermark.inventory.register.entries import Kind
from countermark.inventory.register.ledger import Ledger, OwnFiling
from countermark.inventory.register.lookup import Register, Status
from countermark.inventory.register.names import folded
from countermark.inventory.register.working_days import Reckoned
from countermark.inventory.usage import State, Usage
from countermark.model import Source, Words
from countermark.target import FilingKind

ANSWERING = (State.EFFECTIVE, State.UNRESOLVED, State.FALLBACK)
"""States in which a model answers users, or may."""
TYPES = {Kind.SYNTHESIS: "生成合成类（深度合成）"}
DOUBTS = {
    Status.CANCELLED: Words(
        zh="所调用模型的编号已被注销：须先更换上游模型。",
        en="The number of the model that is called was cancelled: another model is needed first.",
    ),
    Status.UNKNOWN: Words(
        zh="所调用模型的编号不在已导入的清单中：请核对最新清单。",
        en="The number of the model that is called is on no imported list: compare it with the latest one.",
    ),
    Status.MALFORMED: Words(
        zh="所调用模型的编号格式有误，多半是笔误或者虚构。",
        en="The number of the model that is called is malformed, probably a typo or invented.",
    ),
}


class Occasion(StrEnum):
    """Why something is filed."""

    NEW = "new"
    """It runs, and is not filed."""
    CHANGE = "change"
    """It was filed, and is now another: model, version, entity, product."""
    CANCEL = "cancel"
    """It was filed, and no longer runs."""


TITLES = {
    Occasion.NEW: Words(zh="申请", en="application"),
    Occasion.CHANGE: Words(zh="变更", en="change"),
    Occasion.CANCEL: Words(zh="注销", en="cancellation"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be filed, as it was found when what runs was compared with what is registered."""

    kind: Kind
    occasion: Occasion
    product: str = ""
    entity: str = ""
    """Who files."""
    number: str = ""
    """Of the filing that is changed or cancelled."""
    upstream: str = ""
    """Number of the filed model that is called, or that the model is made from."""
    since: date | None = None
    """When the service began, changed or ended."""
    usages: tuple[Usage, ...] = ()
    """The models that are in use."""
    reason: str = ""
    """What was found, in words."""


@dataclass(frozen=True, slots=True)
class Item:
    """One field of the form, or one attachment."""

    label: Words
    value: str
    """What is known; empty where the operator has to say it."""
    clause: Words
    source: Source


@dataclass(frozen=True, slots=True)
class Deadline:
    """A period that runs."""

    text: Words
    clause: Words
    source: Source
    working_days: int
    since: date | None
    last: Reckoned | None
    """The last day; None where it is not known when the period began."""
    left: int | None
    """Working days that are left, negative where it has ended."""
    is_over: bool = False
    """Whether it has certainly ended."""


@dataclass(frozen=True, slots=True)
class Note:
    """What else is to be known."""

    text: Words
    clause: Words
    source: Source


@dataclass(slots=True)
class Draft:
    """A draft, before it is text."""

    title: Words
    where: Words
    """Where it is handed in."""
    case: Case
    fields: list[Item] = field(default_factory=list)
    attachments: list[Item] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def is_late(self) -> bool:
        """Whether a period has ended."""
        return any(each.is_over for each in self.deadlines)


@cache
def tracks() -> dict[str, Any]:
    """What each track asks for."""
    return tomllib.loads(files("countermark.inventory.register").joinpath("tracks.toml").read_text("utf-8"))


def draft(case: Case, ledger: Ledger, today: date, register: Register | None = None) -> Draft:
    """Draft what is to be filed.

    Args:
        case: what was found.
        ledger: the operator's own filings.
        today: the day from which it is counted what is left.
        register: the public lists, in which the number of a model that is called is looked up.

    Raises:
        ValueError: no period can be counted from ``case.since``.
    """
    own = _own(case, ledger)
    known = dict(_known(case, own, register))
    track, every = tracks()[case.kind.track], tracks()["every"]
    made = Draft(_title(track, case), Words(**track["where"]), case)
    made.fields = [_item(each, "label", known) for each in _of_use(every["field"], case)]
    made.notes = [_note(each) for each in _of_use(track.get("note", ()), case)]
    if case.occasion is not Occasion.CANCEL:
        made.fields += [_item(each, "label", known) for each in track["field"]]
        asked = [*track["attachment"], *every["attachment"]]
        made.attachments = [_item(each, "title", known) for each in asked]
        made.notes = [*_doubts(known["upstream_number"], register), *made.notes]
    made.deadlines = list(_deadlines(case, own, today))
    if case.kind.track is not FilingKind.ALGORITHM:
        made.notes.append(_note(tracks()["elsewhere"]))
    if any(folded(each.product) == folded(case.product) for each in ledger.internal):
        made.notes.insert(0, _note(tracks()["internal"]))
    made.notes += [_note(each) for each in every["note"]]
    return made


def _of_use(lines: Iterable[dict[str, Any]], case: Case) -> Iterator[dict[str, Any]]:
    return (each for each in lines if case.occasion in each.get("occasions", tuple(Occasion)))


def _title(track: dict[str, Any], case: Case) -> Words:
    title, occasion = Words(**track["title"]), TITLES[case.occasion]
    return Words(zh=f"{title.zh}{occasion.zh}（草稿）", en=f"{title.en}: {occasion.en} (draft)")


def _own(case: Case, ledger: Ledger) -> OwnFiling | None:
    """The operator's filing that the case is about: by number, else the one of the product on this track."""
    if case.number:
        return ledger.by_number(case.number)
    wanted = folded(case.product)
    fitting = [each for each in ledger.of(case.kind.track) if folded(each.product) == wanted]
    return fitting[-1] if wanted and fitting else None


def _known(case: Case, own: OwnFiling | None, register: Register | None) -> Iterator[tuple[str, str]]:
    """What can be filled in, by the names of ``tracks.toml``."""
    since = case.since.isoformat() if case.since else ""
    upstream = case.upstream or (own.upstream if own else "")
    ids = dict.fromkeys(usage.model for usage in answering(case.usages) if usage.model)
    yield "model_ids", "、".join(ids)
    yield "algorithm_type", TYPES.get(case.kind, "")
    yield "number", case.number or (own.number if own else "")
    yield "product", case.product or (own.product if own else "")
    yield "entity", case.entity or (own.entity if own else "")
    yield "upstream_number", upstream
    yield "upstream", _named(upstream, register)
    yield "since", since
    yield "change", "，".join(filter(None, (case.reason, since)))
    if own:
        yield from _filed(own)


def _filed(own: OwnFiling) -> Iterator[tuple[str, str]]:
    """What the operator's own filing says."""
    number = filing_numbers.parse(own.number)
    yield "region", number.parts.get("region", "") if number.shape.startswith("genai") else ""
    yield "filed_names", "、".join(dict.fromkeys(model.filed_as or model.name for model in own.models))
    yield "filed_models", "、".join(f"{m.name} {m.version}".strip() for m in own.models)
    yield "versions", "、".join(f"{m.name} {m.version}" for m in own.models if m.version)
    if own.assessment:
        yield "assessment", f"{own.assessment.path} (sha256:{own.assessment.sha256})"


def _named(number: str, register: Register | None) -> str:
    """A number of the lists with the name and the entity that stand beside it."""
    record = register.check(number).record if register and number else None
    return f"{record.entry.name}（{record.entry.entity}），{record.entry.number}" if record else number


def _doubts(number: str, register: Register | None) -> Iterator[Note]:
    """What is wrong with the number of the model that is called."""
    status = register.check(number).status if register and number else Status.LIVE
    if status is not Status.LIVE:
        yield Note(DOUBTS[status], Words(zh=number, en=number), Source.INFERRED)


def _item(each: dict[str, Any], label: str, known: dict[str, str]) -> Item:
    value = known.get(each.get("fill", ""), "")
    return Item(Words(**each[label]), value, _clause(each), Source(each["source"]))


def _note(each: dict[str, Any]) -> Note:
    return Note(Words(**each["text"]), _clause(each), Source(each["source"]))


def _clause(each: dict[str, Any]) -> Words:
    return Words(**tracks()["clauses"][each["clause"]])


def _deadlines(case: Case, own: OwnFiling | None, today: date) -> Iterator[Deadline]:
    since = case.since
    if since is None and own and case.occasion is Occasion.NEW:
        since = own.started
    for duty in tracks()["duty"]:
        if duty["occasion"] != case.occasion:
            continue
        last = working_days.add(since, duty["working_days"]) if since else None
        source = Source(duty["source"])
        yield Deadline(
            text=Words(**duty["text"]),
            clause=_clause(duty),
            source=source if case.kind.track is FilingKind.ALGORITHM else Source.INFERRED,
            working_days=duty["working_days"],
            since=since,
            last=last,
            left=working_days.between(today, last.day) if last else None,
            is_over=last is not None and last.is_exact and last.day < today,
        )


def answering(usages: Iterable[Usage]) -> tuple[Usage, ...]:
    """The usages that answer users, or may."""
    return tuple(usage for usage in usages if usage.state in ANSWERING)
