"""The terminal report: by category, worst first, then what was not examined."""

from __future__ import annotations

import unicodedata
from collections import Counter

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from countermark.model import Assessment, Modality, Report, Standing, Verdict, Words
from countermark.reports.outline import Chapter, Issue, Outline
from countermark.reports.words import CATEGORIES, CAUSES, CHROME, MODALITIES, SOURCES, VERDICTS

STYLES = {
    Verdict.VIOLATES: "bold red",
    Verdict.UNDETERMINED: "yellow",
    Verdict.CONFORMS: "green",
    Verdict.NOT_APPLICABLE: "dim",
}
SIGNS = {
    Verdict.VIOLATES: "✗",
    Verdict.UNDETERMINED: "?",
    Verdict.CONFORMS: "✓",
    Verdict.NOT_APPLICABLE: "–",
}
SHOWN_GAPS = 12
SHOWN_EVIDENCE = 3


def show(report: Report, console: Console, lang: str) -> None:
    """Print the report to ``console``."""
    page = _Page(Outline(report), lang)
    for part in page.parts():
        console.print(part)


def safe(text: str) -> str:
    """``text`` without what a terminal would obey: control and bidirectional characters are written out."""
    return "".join(
        c if unicodedata.category(c) not in ("Cc", "Cf", "Cs") else c.encode("unicode_escape").decode()
        for c in text
    )


class _Page:
    def __init__(self, outline: Outline, lang: str) -> None:
        self.outline = outline
        self.report = outline.report
        self.lang = lang

    def say(self, name: str) -> str:
        return CHROME[name].within(self.lang)

    def words(self, words: Words) -> str:
        return safe(words.within(self.lang))

    def parts(self) -> list[RenderableType]:
        parts: list[RenderableType] = [self.head(), self.summary()]
        parts += [self.chapter(chapter) for chapter in self.outline.chapters if chapter.issues]
        parts += [self.notices()] if self.report.notices else []
        parts += [self.not_examined(), self.packs(), self.tail()]
        return parts

    def head(self) -> RenderableType:
        line = Text()
        line.append(f"\n{self.say('title')}  ", "bold")
        line.append(safe(self.report.operator), "bold cyan")
        line.append(
            f"\n{self.say('as_of')} {self.report.as_of} · {self.say('run')} {self.report.run}",
            "dim",
        )
        return line

    def summary(self) -> RenderableType:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
        table.add_column("")
        table.add_column("")
        for verdict in (
            Verdict.VIOLATES,
            Verdict.UNDETERMINED,
            Verdict.CONFORMS,
            Verdict.NOT_APPLICABLE,
        ):
            table.add_column(VERDICTS[verdict].within(self.lang), justify="right")
        for chapter in self.outline.chapters:
            verdict = chapter.verdict
            row: list[RenderableType] = [
                Text(SIGNS[verdict], STYLES[verdict]),
                Text(CATEGORIES[chapter.category].within(self.lang), "bold"),
            ]
            for column in (
                Verdict.VIOLATES,
                Verdict.UNDETERMINED,
                Verdict.CONFORMS,
                Verdict.NOT_APPLICABLE,
            ):
                count = len(chapter.of(column))
                text = Text(str(count) if count else "·", STYLES[column] if count else "dim")
                if column is Verdict.CONFORMS and chapter.attested:
                    attested = sum(a.basis == "attested" for a in chapter.of(column))
                    text.append(f" ({attested} {self.say('attested')})" if attested else "", "dim")
                row.append(text)
            table.add_row(*row)
        return Padding(table, (1, 0, 1, 0))

    def chapter(self, chapter: Chapter) -> RenderableType:
        title = Text(f"{CATEGORIES[chapter.category].within(self.lang)}", "bold underline")
        return Group(title, *(self.issue(issue) for issue in chapter.issues), Text())

    def issue(self, issue: Issue) -> RenderableType:
        finding = issue.finding
        line = Text("  ")
        style = "dim" if issue.accepted else "red" if issue.modality is Modality.SHALL else "yellow"
        line.append(SIGNS[Verdict.VIOLATES] + " ", style)
        place = finding.location
        where = f"{place.path}:{place.line}" if place and place.line else finding.subject
        line.append(safe(where), "bold")
        line.append(f"  {self.words(finding.words)}")
        if issue.accepted:
            line.append(f"  [{self.say('accepted')}]", "dim")
        rules = Text("      ")
        for number, rule in enumerate(issue.rules):
            rules.append(", " if number else "")
            rules.append(rule.id, "cyan")
            rules.append(f" {MODALITIES[rule.modality].within(self.lang)}", "dim")
        first = issue.rules[0]
        remedy = Text(f"      → {self.words(first.remedy)}", "dim")
        return Group(line, rules, remedy)

    def notices(self) -> RenderableType:
        lines = [Text(self.say("notices"), "bold underline")]
        lines += [
            Text(f"  ✗ {safe(n.subject)}  {self.words(n.words)}", "yellow") for n in self.report.notices
        ]
        return Group(*lines, Text())

    def not_examined(self) -> RenderableType:
        lines = [Text(self.say("not_examined"), "bold underline")]
        gaps = self.outline.gaps
        for gap in gaps[:SHOWN_GAPS]:
            line = Text("  ? ", "yellow")
            line.append(safe(gap.subject), "bold")
            line.append(f"  {gap.kind}: {CAUSES[gap.cause].within(self.lang)}: {safe(gap.detail)}")
            lines.append(line)
        if len(gaps) > SHOWN_GAPS:
            lines.append(Text(f"  … {len(gaps) - SHOWN_GAPS} more: see -f json or -f html", "dim"))
        reasons: Counter[str] = Counter()
        for chapter in self.outline.chapters:
            for a in chapter.of(Verdict.UNDETERMINED):
                if not a.findings and not a.judged_by and not a.gaps:
                    reasons[
                        f"{CATEGORIES[chapter.category].within(self.lang)}: {_kind_of(a, self.lang)}"
                    ] += 1
        for reason, count in reasons.items():
            line = Text("  ? ", "yellow")
            line.append(
                f"{count} {self.say('rules') if count > 1 or self.lang == 'zh' else self.say('rule')}  ",
                "bold",
            )
            line.append(reason)
            lines.append(line)
        if not gaps and not reasons:
            lines.append(Text("  –", "dim"))
        return Group(*lines, Text())

    def packs(self) -> RenderableType:
        lines: list[RenderableType] = []
        for standing, name in ((Standing.COMING, "coming"), (Standing.ENDED, "ended")):
            packs = self.outline.packs(standing)
            if not packs:
                continue
            lines += [
                Text(self.say(name), "bold underline"),
                Text(f"  {self.say(name + '_note')}", "dim"),
            ]
            for assessments in packs.values():
                rules = [self.report.rules[a.rule] for a in assessments]
                counts = Counter(a.verdict for a in assessments)
                line = Text("  ")
                line.append(self.words(rules[0].clause.instrument), "bold")
                day = (
                    min(r.in_force for r in rules)
                    if name == "coming"
                    else max(r.until or r.in_force for r in rules)
                )
                line.append(f"  {self.say('from' if name == 'coming' else 'until')} {day}: ")
                line.append(
                    ", ".join(f"{counts[v]} {VERDICTS[v].within(self.lang)}" for v in Verdict if counts[v])
                )
                lines.append(line)
            lines.append(Text())
        return Group(*lines)

    def tail(self) -> RenderableType:
        issues = self.outline.issues
        open_ = [issue for issue in issues if not issue.accepted]
        line = Text()
        if open_:
            line.append(f"{len(open_)} {self.say('found')}", "bold red")
            accepted = len(issues) - len(open_)
            line.append(f" + {accepted} {self.say('accepted')}" if accepted else "", "dim")
        else:
            line.append(self.say("nothing_found"), "bold green")
        unsure = Counter(r.source for i in open_ for r in i.rules[:1])
        if unsure:
            line.append(
                "\n" + "; ".join(f"{n} {SOURCES[s].within(self.lang)}" for s, n in unsure.items()),
                "dim",
            )
        line.append(f"\n{self.say('disclaimer')}\n", "dim")
        return line


def _kind_of(assessment: Assessment, lang: str) -> str:
    """The reason without what differs from rule to rule, so that like ones are counted together."""
    return safe(assessment.reason.within(lang).split("`")[0].rstrip("： ")).removesuffix(" with topic")
