"""A reconciliation in the terminal: what needs an act, with the duty, the day and the next step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console

from countermark.inventory.reconciliation import Position, Weight
from countermark.inventory.usage import Route
from countermark.reports.text import safe

KNOWN = {
    "en": {
        "quoted": "quoted",
        "secondary": "secondary source",
        "inferred": "our conclusion",
        "draft": "draft",
        "unconfirmed": "unconfirmed",
    },
    "zh": {
        "quoted": "原文",
        "secondary": "二手材料",
        "inferred": "推断",
        "draft": "征求意见稿",
        "unconfirmed": "未证实",
    },
}
"""How a duty is known."""
WORDS = {
    "en": {
        "due": "by",
        "not_before": "not before",
        "duty": "duty",
        "next": "next",
        "draft": "draft",
        "none": "Nothing that runs and nothing that is filed was found: there is nothing to reconcile.",
        "wrong": "to act on",
        "open": "to find out",
        "fine": "in order",
    },
    "zh": {
        "due": "期限",
        "not_before": "不早于",
        "duty": "义务",
        "next": "下一步",
        "draft": "草案",
        "none": "没有发现在运行的模型，也没有申报的备案：无可比对。",
        "wrong": "需要处理",
        "open": "需要查明",
        "fine": "正常",
    },
}
STYLES = {Weight.WRONG: "red", Weight.OPEN: "yellow", Weight.FINE: "green"}
SIGNS = {Weight.WRONG: "✗", Weight.OPEN: "?", Weight.FINE: "✓"}


def show(positions: Sequence[Position], screen: Console, lang: str = "en") -> None:
    """Print it. Names may come from hostile files: nothing in them is obeyed."""
    words = WORDS[lang]
    if not positions:
        screen.print(str(words["none"]))
        return
    for group in _grouped(positions):
        standing = group[0].standing
        style = STYLES[standing.weight]
        sign = SIGNS[standing.weight]
        screen.print(f"{sign} {standing.title.within(lang)}", style=style, highlight=False)
        for position in group:
            _one(position, words, screen)
        if standing.weight is not Weight.FINE:
            known = KNOWN[lang][str(standing.source)]
            screen.print(f"    {words['duty']}: {standing.duty.within(lang)} ({standing.clause}; {known})",
                         highlight=False, soft_wrap=True)  # fmt: skip
            screen.print(
                f"    {words['next']}: {standing.next.within(lang)}", highlight=False, soft_wrap=True
            )
            if standing.draft:
                screen.print(
                    f"    {words['draft']}: {draft_command(group[0])}", highlight=False, soft_wrap=True
                )
        screen.print()
    counts = Counter(position.standing.weight for position in positions)
    screen.print(" · ".join(f"{counts[w]} {words[str(w)]}" for w in Weight if counts[w]), highlight=False)


def draft_command(position: Position) -> str:
    """The command that drafts what a position asks for."""
    wanted = position.standing.draft
    own = position.usage is not None and position.usage.route is Route.SELF_HOSTED
    tracks = {"by_route": "filing" if own else "registration", "filing": "filing"}
    track = tracks.get(wanted) or (str(position.filing.kind) if position.filing else "filing")
    occasion = f" --occasion {wanted}" if wanted in ("change", "cancel") else ""
    number = f" --number '{safe(position.number)}'" if occasion and position.number else ""
    since = f" --since {position.since}" if position.since else ""
    return f"countermark register draft --track {track}{occasion}{number}{since}"


def _one(position: Position, words: Mapping[str, object], screen: Console) -> None:
    usage = position.usage
    parts = [safe(position.subject)]
    if position.number and position.number != position.subject:
        parts.append(safe(position.number))
    if usage is not None:
        parts += [safe(usage.host)] if usage.host else []
        parts.append(safe(str(usage.place)))
    if position.due is not None:
        parts.append(f"{words['due'] if position.due.is_exact else words['not_before']} {position.due.day}")
    screen.print("  " + "  ".join(parts), highlight=False, soft_wrap=True)
    for detail in position.details:
        screen.print(f"      {safe(detail)}", style="dim", highlight=False, soft_wrap=True)


def _grouped(positions: Sequence[Position]) -> Iterable[list[Position]]:
    groups: dict[str, list[Position]] = {}
    for position in positions:
        groups.setdefault(position.state, []).append(position)
    return groups.values()
