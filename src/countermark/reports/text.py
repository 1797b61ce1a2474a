"""The terminal report: by category, worst first, then what was not examined."""

from __future__ import annotations

import unicodedata
from collections import Counter

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from countermark.model import Modality, Report, Standing, Verdict, Words
from countermark.reports.outline import Chapter, Issue, Outline
from countermark.reports.words import BECAUSE, CATEGORIES, CAUSES, CHROME, MODALITIES, SOURCES, VERDICTS

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
SHOWN_ISSUES = 20


def show(report: Report, console: Console, lang: str) -> None:
    """Print the report to ``console``."""
    page = _Page(Outline(report), lang)
    if console.is_terminal:
        console.print(*page.parts(), sep="\n")
        return
    with console.capture() as capture:
        console.print(*page.parts(), sep="\n")
    console.file.write("\n".join(line.rstrip() for line in capture.get().split("\n")))


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
        lines: list[RenderableType] = [Text(CATEGORIES[chapter.category].within(self.lang), "bold underline")]
        groups: dict[tuple[str, ...], list[Issue]] = {}
        for issue in chapter.issues:
            groups.setdefault(tuple(rule.id for rule in issue.rules), []).append(issue)
        for issues in groups.values():
            lines += self.group(issues)
        return Group(*lines, Text())

    def group(self, issues: list[Issue]) -> list[RenderableType]:
        """The violations of the same rules, and how to repair them."""
        rules = Text("")
        for number, rule in enumerate(issues[0].rules):
            rules.append(" · " if number else "", "dim")
            rules.append(rule.id, "cyan")
            rules.append(f" {MODALITIES[rule.modality].within(self.lang)}", "dim")
        first = issues[0].rules[0]
        lines: list[RenderableType] = [
            _indented(Text(self.words(first.title)), 2),
            _indented(rules, 2),
            *(_indented(self.issue(issue), 4) for issue in issues[:SHOWN_ISSUES]),
        ]
        if len(issues) > SHOWN_ISSUES:
            lines.append(_indented(Text(f"… {len(issues) - SHOWN_ISSUES:,} more", "dim"), 4))
        return [*lines, _indented(Text(f"→ {self.words(first.remedy)}", "dim"), 4), Text()]

    def issue(self, issue: Issue) -> Text:
        finding = issue.finding
        style = "dim" if issue.accepted else "red" if issue.modality is Modality.SHALL else "yellow"
        line = Text.assemble(
            (SIGNS[Verdict.VIOLATES] + " ", style),
            (safe(finding.place), "bold"),
            f"  {self.words(finding.words)}",
        )
        if issue.accepted:
            line.append(f"  [{self.say('accepted')}]", "dim")
        return line

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
        for because, counts in self.outline.undetermined:
            line = Text("  ? ", "yellow")
            rules = "rules" if counts.total() > 1 else "rule"
            line.append(f"{counts.total()} {self.say(rules)}: ", "bold")
            line.append(BECAUSE[because].within(self.lang))
            spread = ", ".join(f"{CATEGORIES[c].within(self.lang)} {n}" for c, n in counts.most_common())
            lines += [line, Text(f"      {spread}", "dim")]
        if not gaps and not self.outline.undetermined:
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
            found = "found" if len(open_) > 1 else "found_one"
            line.append(f"{len(open_)} {self.say(found)}", "bold red")
            accepted = len(issues) - len(open_)
            line.append(f" + {accepted} {self.say('accepted')}" if accepted else "", "dim")
        elif self.outline.examined:
            line.append(self.say("nothing_found"), "bold green")
        else:
            line.append(self.say("nothing_examined"), "bold yellow")
        unsure = Counter(r.source for i in open_ for r in i.rules[:1])
        if unsure:
            line.append(
                "\n" + "; ".join(f"{n} {SOURCES[s].within(self.lang)}" for s, n in unsure.items()),
                "dim",
            )
        line.append(f"\n{self.say('disclaimer')}\n", "dim")
        return line


def _indented(text: Text, by: int) -> Padding:
    return Padding(text, (0, 0, 0, by), expand=False)
