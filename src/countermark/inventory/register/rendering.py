"""A draft as blocks, from which documents of any form are made, and as Markdown."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any, TypeAlias

from countermark.inventory.register.drafting import Deadline, Draft, Item, Note
from countermark.inventory.usage import Usage
from countermark.model import Source, Words

BLANK = Words(zh="【待填写】", en="[to be filled in]")
SOURCES = {
    Source.QUOTED: Words(zh="官方原文", en="official text"),
    Source.SECONDARY: Words(zh="二手资料", en="secondary sources"),
    Source.DRAFT: Words(zh="征求意见稿", en="public draft"),
    Source.INFERRED: Words(zh="推断", en="inferred"),
    Source.UNCONFIRMED: Words(zh="未经证实", en="unconfirmed"),
}
HEADINGS = {
    "found": Words(zh="缘由", en="Why"),
    "deadlines": Words(zh="期限", en="By when"),
    "fields": Words(zh="填报内容", en="What to fill in"),
    "models": Words(zh="在用模型（扫描所得）", en="Models in use, as scanned"),
    "attachments": Words(zh="附件", en="Attachments"),
    "notes": Words(zh="提示", en="To be known"),
}
COLUMNS = {
    "fields": (
        Words(zh="项目", en="Field"), Words(zh="内容", en="Content"), Words(zh="依据", en="Known from"),
    ),
    "models": (
        Words(zh="模型", en="Model"), Words(zh="提供者", en="Provider"), Words(zh="主机", en="Host"),
        Words(zh="途径", en="Route"), Words(zh="状态", en="State"), Words(zh="位置", en="Place"),
    ),
    "deadlines": (
        Words(zh="事项", en="Duty"), Words(zh="起算日", en="Begins"), Words(zh="最后一日", en="Last day"),
        Words(zh="剩余工作日", en="Working days left"), Words(zh="依据", en="Known from"),
    ),
}  # fmt: skip
DISCLAIMER = Words(
    zh="本草稿由公开资料和扫描结果生成，不构成法律意见；提交前请核对属地网信部门的最新要求。",
    en="Made from public material and from what was scanned. No legal advice: before you hand it in, compare "
    "it with what the CAC office of your province asks for.",
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A title; level 1 is the document's."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of text."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table with one row of headers."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; an item that has to be handed in has a box to tick."""

    items: tuple[str, ...]
    is_checklist: bool = False


Block: TypeAlias = Heading | Paragraph | Table | Bullets


def blocks(draft: Draft, lang: str = "zh") -> list[Block]:
    """The draft in the order in which it is read."""
    made: list[Block] = [Heading(1, draft.title.within(lang))]
    where = Words(zh=f"提交至：{draft.where.zh}", en=f"To be handed in at {draft.where.en}.")
    made.append(Paragraph(where.within(lang)))
    if draft.case.reason:
        made += [_heading("found", lang), Paragraph(draft.case.reason)]
    made += [
        _heading("deadlines", lang),
        _table("deadlines", [_deadline(d, lang) for d in draft.deadlines], lang),
    ]
    made += [_heading("fields", lang), _table("fields", [_field(f, lang) for f in draft.fields], lang)]
    if draft.case.usages:
        made += [
            _heading("models", lang),
            _table("models", [_usage(u, lang) for u in draft.case.usages], lang),
        ]
    if draft.attachments:
        items = tuple(_attachment(each, lang) for each in draft.attachments)
        made += [_heading("attachments", lang), Bullets(items, is_checklist=True)]
    notes = tuple(_note(each, lang) for each in draft.notes)
    return [*made, _heading("notes", lang), Bullets(notes), Paragraph(DISCLAIMER.within(lang))]


def _heading(name: str, lang: str) -> Heading:
    return Heading(2, HEADINGS[name].within(lang))


def _table(name: str, rows: list[tuple[str, ...]], lang: str) -> Table:
    return Table(tuple(each.within(lang) for each in COLUMNS[name]), tuple(rows))


def _known_from(clause: Words, source: Source, lang: str) -> str:
    said = SOURCES[source].within(lang)
    return f"{clause.zh}（{said}）" if lang == "zh" else f"{clause.en} ({said})"


def _field(item: Item, lang: str) -> tuple[str, ...]:
    known = _known_from(item.clause, item.source, lang)
    return item.label.within(lang), item.value or BLANK.within(lang), known


def _attachment(item: Item, lang: str) -> str:
    on_file = f": {item.value}" if item.value else ""
    return f"{item.label.within(lang)}{on_file} — {_known_from(item.clause, item.source, lang)}"


def _note(note: Note, lang: str) -> str:
    return f"{note.text.within(lang)} — {_known_from(note.clause, note.source, lang)}"


def _usage(usage: Usage, lang: str) -> tuple[str, ...]:
    blank = BLANK.within(lang)
    return (
        usage.model or usage.expression or blank,
        usage.provider or blank,
        usage.host or blank,
        str(usage.route),
        str(usage.state),
        str(usage.place),
    )


def _deadline(each: Deadline, lang: str) -> tuple[str, ...]:
    blank = BLANK.within(lang)
    known = _known_from(each.clause, each.source, lang)
    if each.since is None or each.last is None or each.left is None:
        return each.text.within(lang), blank, "—", "—", known
    day = each.last.day.isoformat()
    if not each.last.is_exact:
        years = "、".join(map(str, each.last.unknown))
        said = Words(
            zh=f"不早于 {day}（{years} 年节假日安排未知）",
            en=f"not before {day} (holidays of {years} not known)",
        )
        day = said.within(lang)
    return each.text.within(lang), each.since.isoformat(), day, str(each.left), known


def markdown(draft: Draft, lang: str = "zh") -> str:
    """The draft as Markdown; what others wrote cannot become markup."""
    return "\n\n".join(_block(block) for block in blocks(draft, lang)) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {_safe(text)}"
        case Paragraph(text):
            return _safe(text)
        case Bullets(items, is_checklist):
            box = "[ ] " if is_checklist else ""
            return "\n".join(f"- {box}{_safe(item)}" for item in items)
        case Table(header, rows):
            rule = tuple("---" for _ in header)
            return "\n".join(f"| {' | '.join(map(_safe, row))} |" for row in (header, rule, *rows))


def _safe(text: str) -> str:
    """On one line, and without what Markdown would take for its own."""
    plain = (c for c in " ".join(text.split()) if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return "".join(f"\\{c}" if c in "\\`*_|<>#[]" else c for c in plain)


def to_dict(draft: Draft, lang: str = "zh") -> dict[str, Any]:
    """The draft as JSON."""
    return {
        "title": draft.title.within(lang),
        "where": draft.where.within(lang),
        "kind": str(draft.case.kind),
        "occasion": str(draft.case.occasion),
        "product": draft.case.product,
        "reason": draft.case.reason,
        "late": draft.is_late,
        "fields": [_item(each, lang) for each in draft.fields],
        "attachments": [_item(each, lang) for each in draft.attachments],
        "models": [usage.to_dict() for usage in draft.case.usages],
        "deadlines": [
            {
                "duty": each.text.within(lang),
                "clause": each.clause.within(lang),
                "source": str(each.source),
                "working_days": each.working_days,
                "since": each.since.isoformat() if each.since else "",
                "last_day": each.last.day.isoformat() if each.last else "",
                "exact": each.last.is_exact if each.last else None,
                "left": each.left,
            }
            for each in draft.deadlines
        ],
        "notes": [
            {"text": each.text.within(lang), "clause": each.clause.within(lang), "source": str(each.source)}
            for each in draft.notes
        ],
    }


def _item(item: Item, lang: str) -> dict[str, str]:
    return {
        "label": item.label.within(lang),
        "value": item.value,
        "clause": item.clause.within(lang),
        "source": str(item.source),
    }
