"""The JSON report, version 1. Frozen: fields may be added, none is renamed, removed or changes its type.

``schemas/report-v1.schema.json`` is made from these classes, and a test holds it to them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from countermark.model import (
    Basis,
    Because,
    Category,
    Coverage,
    GapCause,
    Location,
    Modality,
    Report,
    Rule,
    Source,
    Standing,
    Suppression,
    Verdict,
    Words,
)
from countermark.reports.outline import Outline


class _V1(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class CategoryV1(_V1):
    """One category, over the rules in force."""

    category: Category
    verdict: Verdict
    violates: int
    undetermined: int
    conforms: int
    not_applicable: int
    measured: int
    """Rules judged on what was measured."""
    attested: int
    """Rules judged on documents that the operator handed in."""


class SummaryV1(_V1):
    """The whole on one glance."""

    violations: int
    """Findings, not rules; without the accepted ones."""
    accepted: int
    """Violations that a suppression covers."""
    gaps: int
    categories: list[CategoryV1]
    """The worst first."""


class RuleV1(_V1):
    """A rule as it stood."""

    id: str
    title: Words
    requirement: Words
    category: Category
    instrument: Words
    edition: str
    clause: str
    jurisdiction: str
    level: str
    url: str
    modality: Modality
    source: Source
    """How the text is known to us."""
    in_force: date
    until: date | None
    limits: Words | None
    remedy: Words


class AssessmentV1(_V1):
    """One rule, judged."""

    rule: str
    standing: Standing
    verdict: Verdict
    because: Because
    """Why it has its verdict, for programs."""
    basis: Basis | None
    reason: Words
    findings: list[str]
    suppressed: list[str]
    gaps: list[str]
    judged_by: list[str]
    examined: int
    incomplete: bool


class FindingV1(_V1):
    """One conclusion."""

    id: str
    verdict: Verdict
    check: str
    subject: str
    location: Location | None
    words: Words
    basis: Basis
    evidence: list[str]
    rules: list[str]
    """Every rule in force that it touches."""


class EvidenceV1(_V1):
    """A fact that a finding rests on."""

    id: str
    kind: str
    subject: str
    service: str | None
    fact: dict[str, JsonValue]
    basis: Basis
    collector: str
    collected: datetime
    digest: str | None
    location: Location | None


class GapV1(_V1):
    """A fact that could not be had."""

    id: str
    kind: str
    subject: str
    service: str | None
    cause: GapCause
    detail: str
    collector: str


class ReportV1(_V1):
    """An audit report of Countermark, format version 1."""

    schema_: Literal["countermark-report/1"] = Field("countermark-report/1", alias="schema")
    run: str
    tool: str
    operator: str
    target: str
    """SHA-256 over the canonical JSON of the target as declared."""
    as_of: date
    judged: datetime
    rulebooks: dict[str, str]
    """Edition → SHA-256 of its rules."""
    summary: SummaryV1
    rules: list[RuleV1]
    assessments: list[AssessmentV1]
    findings: list[FindingV1]
    evidence: list[EvidenceV1]
    gaps: list[GapV1]
    coverage: list[Coverage]
    suppressions: list[Suppression]
    notices: list[FindingV1]


def render(report: Report) -> str:
    """The report as indented JSON."""
    return of(report).model_dump_json(indent=2, by_alias=True) + "\n"


def of(report: Report) -> ReportV1:
    """The report in the shape of version 1."""
    outline = Outline(report)
    issues = outline.issues
    return ReportV1(
        schema="countermark-report/1",
        run=report.run,
        tool=report.tool,
        operator=report.operator,
        target=report.target,
        as_of=report.as_of,
        judged=report.judged,
        rulebooks=report.rulebooks,
        summary=SummaryV1(
            violations=sum(not issue.accepted for issue in issues),
            accepted=sum(issue.accepted for issue in issues),
            gaps=len(report.gaps),
            categories=[
                CategoryV1(
                    category=chapter.category,
                    verdict=chapter.verdict,
                    violates=len(chapter.of(Verdict.VIOLATES)),
                    undetermined=len(chapter.of(Verdict.UNDETERMINED)),
                    conforms=len(chapter.of(Verdict.CONFORMS)),
                    not_applicable=len(chapter.of(Verdict.NOT_APPLICABLE)),
                    measured=chapter.measured,
                    attested=chapter.attested,
                )
                for chapter in outline.chapters
            ],
        ),
        rules=[_rule(rule) for rule in report.rules.values()],
        assessments=[AssessmentV1.model_validate(a.model_dump()) for a in report.assessments],
        findings=[
            FindingV1.model_validate(
                {
                    **f.model_dump(),
                    "id": name,
                    "rules": [rule.id for rule in outline.touched.get(name, ())],
                }
            )
            for name, f in report.findings.items()
        ],
        evidence=[
            EvidenceV1.model_validate({**e.model_dump(exclude={"type"}), "id": name})
            for name, e in report.evidence.items()
        ],
        gaps=[
            GapV1.model_validate({**gap.model_dump(exclude={"type", "collected"}), "id": name})
            for name, gap in report.gaps.items()
        ],
        coverage=list(report.coverage),
        suppressions=list(report.suppressions),
        notices=[
            FindingV1.model_validate({**n.model_dump(), "id": n.id, "rules": []}) for n in report.notices
        ],
    )


def _rule(rule: Rule) -> RuleV1:
    clause = rule.clause
    return RuleV1(
        id=rule.id,
        title=rule.title,
        requirement=rule.requirement,
        category=rule.category,
        instrument=clause.instrument,
        edition=clause.edition,
        clause=clause.article,
        jurisdiction=clause.jurisdiction,
        level=clause.level,
        url=clause.url,
        modality=rule.modality,
        source=rule.source,
        in_force=rule.in_force,
        until=rule.until,
        limits=rule.limits,
        remedy=rule.remedy,
    )
