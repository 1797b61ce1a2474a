"""The order in which every report tells the same story: worst first, then what was not examined."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from countermark.model import (
    Assessment,
    Basis,
    Because,
    Category,
    Evidence,
    Finding,
    Gap,
    Modality,
    Report,
    Rule,
    Standing,
    Verdict,
)

STRENGTH = tuple(Modality)


@dataclass(frozen=True)
class Issue:
    """One violation, and every rule in force that it touches."""

    finding: Finding
    rules: tuple[Rule, ...]
    """The rules that it was found under first, then the broader ones judged by them."""
    accepted: bool
    """A suppression covers it under each of them."""

    @property
    def modality(self) -> Modality:
        """That of the rule that binds most."""
        return min((rule.modality for rule in self.rules), key=STRENGTH.index)


@dataclass
class Chapter:
    """One category."""

    category: Category
    issues: list[Issue] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)

    def of(self, verdict: Verdict) -> list[Assessment]:
        """The assessments with one verdict."""
        return [a for a in self.assessments if a.verdict is verdict]

    @property
    def verdict(self) -> Verdict:
        """The worst of its rules; a category in which nothing was assessed is undetermined."""
        for verdict in Verdict:
            if self.of(verdict):
                return verdict
        return Verdict.UNDETERMINED

    @property
    def measured(self) -> int:
        """How many of its rules were judged on what we saw ourselves."""
        return sum(a.basis is Basis.MEASURED for a in self.assessments)

    @property
    def attested(self) -> int:
        """How many were judged on documents that the operator handed in."""
        return sum(a.basis is Basis.ATTESTED for a in self.assessments)


@dataclass(frozen=True)
class Outline:
    """A report, arranged."""

    report: Report

    @cached_property
    def touched(self) -> dict[str, list[Rule]]:
        """Finding → the rules in force that it touches, the direct ones first."""
        touched: dict[str, list[Rule]] = {}
        for assessment in sorted(self.report.of(Standing.IN_FORCE), key=lambda a: bool(a.judged_by)):
            for finding in assessment.findings:
                touched.setdefault(finding, []).append(self.report.rules[assessment.rule])
        return touched

    @cached_property
    def chapters(self) -> list[Chapter]:
        """The eight categories, the worst first."""
        chapters = {category: Chapter(category) for category in Category}
        suppressed: dict[str, int] = {}
        for assessment in self.report.of(Standing.IN_FORCE):
            chapters[self.report.rules[assessment.rule].category].assessments.append(assessment)
            for finding in assessment.suppressed:
                suppressed[finding] = suppressed.get(finding, 0) + 1
        for name, rules in self.touched.items():
            found = self.report.findings[name]
            if found.verdict is Verdict.VIOLATES:
                accepted = suppressed.get(name, 0) >= len(rules)
                chapters[rules[0].category].issues.append(Issue(found, tuple(rules), accepted))
        for chapter in chapters.values():
            chapter.issues.sort(
                key=lambda i: (
                    i.accepted,
                    STRENGTH.index(i.modality),
                    -len(i.rules),
                    i.finding.subject,
                )
            )
        return sorted(chapters.values(), key=self._badness)

    @staticmethod
    def _badness(chapter: Chapter) -> tuple[int, ...]:
        open_ = [issue for issue in chapter.issues if not issue.accepted]
        strict = sum(issue.modality is Modality.SHALL for issue in open_)
        return (
            list(Verdict).index(chapter.verdict),
            -strict,
            -len(open_),
            -len(chapter.of(Verdict.UNDETERMINED)),
            list(Category).index(chapter.category),
        )

    def count(self, verdict: Verdict) -> int:
        """Rules in force with a verdict."""
        return sum(len(chapter.of(verdict)) for chapter in self.chapters)

    @property
    def issues(self) -> list[Issue]:
        """All violations, the worst category first."""
        return [issue for chapter in self.chapters for issue in chapter.issues]

    @property
    def examined(self) -> bool:
        """Whether any rule in force was judged on anything at all."""
        return any(a.examined for a in self.report.of(Standing.IN_FORCE))

    @property
    def gaps(self) -> list[Gap]:
        """What could not be examined."""
        return sorted(self.report.gaps.values(), key=lambda gap: (gap.kind, gap.subject))

    def evidence(self, finding: Finding) -> list[Evidence]:
        """What a finding rests on."""
        return [self.report.evidence[i] for i in finding.evidence if i in self.report.evidence]

    @property
    def undetermined(self) -> list[tuple[Because, Counter[Category]]]:
        """Why rules in force could not be judged, the commonest reason first, by category."""
        reasons: dict[Because, Counter[Category]] = {}
        for chapter in self.chapters:
            for assessment in chapter.of(Verdict.UNDETERMINED):
                reasons.setdefault(assessment.because, Counter())[chapter.category] += 1
        return sorted(reasons.items(), key=lambda reason: -reason[1].total())

    def packs(self, standing: Standing) -> dict[str, list[Assessment]]:
        """Rules that are coming, or have ended, by edition; those that do not bind are left out."""
        packs: dict[str, list[Assessment]] = {}
        for assessment in self.report.of(standing):
            if assessment.verdict is not Verdict.NOT_APPLICABLE:
                edition = self.report.rules[assessment.rule].clause.edition
                packs.setdefault(edition, []).append(assessment)
        return packs


def may_pass(report: Report, fail_on: Modality | None) -> bool:
    """Whether no open violation binds at least as strongly as ``fail_on``."""
    if fail_on is None:
        return True
    open_ = [issue for issue in Outline(report).issues if not issue.accepted]
    faults = [notice for notice in report.notices if notice.verdict is Verdict.VIOLATES]
    return not faults and not any(
        STRENGTH.index(issue.modality) <= STRENGTH.index(fail_on) for issue in open_
    )
