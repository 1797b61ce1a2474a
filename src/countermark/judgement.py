"""From findings to a verdict: whom a rule binds, what bears on it, and what follows.

Pure: the same target, records, rules and day give the same assessment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from countermark.model import (
    Assessment,
    Basis,
    Because,
    Evidence,
    Finding,
    Gap,
    Modality,
    Record,
    Rule,
    Standing,
    Suppression,
    Verdict,
    Words,
)
from countermark.target import Service, Target

WORST_FIRST = tuple(Verdict)
STRENGTH = tuple(Modality)
UNSAID = Words(en="", zh="")


@dataclass(frozen=True)
class Bearing:
    """Whether a rule binds the target, and for which services."""

    verdict: Verdict | None
    """None: it binds."""
    because: Because = Because.CONCLUDED
    reason: Words = UNSAID
    services: frozenset[str] | None = None
    """None: all of them, and what belongs to no service."""
    unsaid: tuple[str, ...] = ()
    """Services of which the operator has not said whether they are of the kind that it binds."""


def bearing(rule: Rule, target: Target) -> Bearing:
    """Whether ``rule`` binds ``target``, by place, role and kind of service."""
    operator = target.operator
    if rule.clause.jurisdiction not in operator.jurisdictions:
        return _outside(
            f"applies in {rule.clause.jurisdiction}; the services are offered in "
            f"{', '.join(operator.jurisdictions)}",
            f"适用于 {rule.clause.jurisdiction}；服务提供地为 {'、'.join(operator.jurisdictions)}",
        )
    if not set(rule.roles) & set(operator.roles):
        return _outside(
            f"binds {', '.join(rule.roles)}; the operator is {', '.join(operator.roles)}",
            f"约束对象为 {'、'.join(rule.roles)}；运营者申报为 {'、'.join(operator.roles)}",
        )
    if not rule.when:
        return Bearing(None)
    bound = frozenset(s.name for s in target.services if _all(rule, s) is True)
    unsaid = tuple(s.name for s in target.services if _all(rule, s) is None)
    if bound:
        return Bearing(None, services=bound, unsaid=unsaid)
    traits = " and ".join(rule.when)
    if unsaid:
        return Bearing(
            Verdict.UNDETERMINED,
            Because.NOT_DECLARED,
            Words(
                en=f"binds services that are {traits}; countermark.yaml does not say whether "
                f"{', '.join(unsaid)} is",
                zh=f"约束 {traits} 的服务；countermark.yaml 没有说明 {'、'.join(unsaid)} 是否属于此类",
            ),
        )
    return _outside(f"no service is declared as {traits}", f"没有服务申报为 {traits}")


def _outside(en: str, zh: str) -> Bearing:
    return Bearing(Verdict.NOT_APPLICABLE, Because.NOT_BOUND, Words(en=en, zh=zh))


def _all(rule: Rule, service: Service) -> bool | None:
    said = [service.trait(trait) for trait in rule.when]
    if False in said:
        return False
    return None if None in said else True


@dataclass(frozen=True)
class Material:
    """The records that a rule is judged on."""

    evidence: Sequence[Evidence]
    gaps: Sequence[Gap]

    def subjects(self, rule: Rule) -> list[Evidence]:
        """The pieces that need a conclusion: those of the rule's first kind."""
        return [piece for piece in self.evidence if piece.kind == rule.evidence[0]]


@dataclass
class Records:
    """All evidence and gaps, by kind."""

    evidence: dict[str, list[Evidence]] = field(default_factory=dict)
    gaps: dict[str, list[Gap]] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[Record]) -> Records:
        """Sort ``records``; a record that comes twice counts once."""
        sorted_ = cls()
        for record in {record.id: record for record in records}.values():
            if isinstance(record, Evidence):
                sorted_.evidence.setdefault(record.kind, []).append(record)
            else:
                sorted_.gaps.setdefault(record.kind, []).append(record)
        return sorted_

    def bearing_on(self, rule: Rule, services: frozenset[str] | None) -> Material:
        """What the rule asks for, of the services that it binds."""

        def within(record: Record) -> bool:
            return services is None or record.service is None or record.service in services

        return Material(
            [e for kind in rule.evidence for e in self.evidence.get(kind, ()) if within(e)],
            [g for kind in rule.evidence for g in self.gaps.get(kind, ()) if within(g)],
        )


def complete(findings: Iterable[Finding], rule: Rule, material: Material) -> list[Finding]:
    """The findings that rest on what was given, and *undetermined* for a subject without one."""
    given = {piece.id: piece for piece in material.evidence}
    blind = {gap.service for gap in material.gaps if gap.kind != rule.evidence[0]}
    sound = [
        _doubted(finding) if given[finding.evidence[0]].service in blind else finding
        for finding in findings
        if finding.evidence and given.keys() >= set(finding.evidence)
    ]
    concluded = {finding.evidence[0] for finding in sound}
    silent = [
        Finding(
            verdict=Verdict.UNDETERMINED,
            subject=piece.subject,
            words=Words(en="the check reached no conclusion", zh="检查没有得出结论"),
            evidence=(piece.id,),
            basis=piece.basis,
            location=piece.location,
            check=rule.check or "",
        )
        for piece in material.subjects(rule)
        if piece.id not in concluded
    ]
    return sorted(sound + silent, key=lambda f: (WORST_FIRST.index(f.verdict), f.subject, f.id))


def _doubted(finding: Finding) -> Finding:
    """A violation that rests on what was not found, where a part could not be looked at."""
    if finding.verdict is not Verdict.VIOLATES:
        return finding
    words = Words(
        en=f"{finding.words.en}; but a part of what may show it could not be examined",
        zh=f"{finding.words.zh}；但有一部分相关内容无法检查",
    )
    return finding.model_copy(update={"verdict": Verdict.UNDETERMINED, "words": words})


def weigh(
    rule: Rule,
    standing: Standing,
    material: Material,
    findings: Sequence[Finding],
    suppressions: Sequence[Suppression],
    unsaid: Sequence[str] = (),
) -> Assessment:
    """The verdict on a rule from the conclusions on its subjects. A gap is never a pass."""
    verdicts = [finding.verdict for finding in findings]
    counts = {verdict: verdicts.count(verdict) for verdict in Verdict}
    if counts[Verdict.VIOLATES]:
        verdict = Verdict.VIOLATES
    elif material.gaps or counts[Verdict.UNDETERMINED] or unsaid:
        verdict = Verdict.UNDETERMINED
    elif counts[Verdict.CONFORMS]:
        verdict = Verdict.CONFORMS
    elif findings:
        verdict = Verdict.NOT_APPLICABLE
    else:
        verdict = Verdict.UNDETERMINED
    attested = any(finding.basis is Basis.ATTESTED for finding in findings)
    because, reason = _reason(rule, counts, len(material.gaps), len(unsaid))
    return Assessment(
        rule=rule.id,
        standing=standing,
        verdict=verdict,
        because=because,
        reason=reason,
        basis=(Basis.ATTESTED if attested else Basis.MEASURED) if findings else None,
        findings=tuple(finding.id for finding in findings),
        suppressed=tuple(
            f.id
            for f in findings
            if f.verdict is Verdict.VIOLATES and any(covers(s, rule.id, f) for s in suppressions)
        ),
        gaps=tuple(gap.id for gap in material.gaps),
        examined=len(findings),
        incomplete=bool(material.gaps or counts[Verdict.UNDETERMINED]),
    )


def _reason(rule: Rule, counts: dict[Verdict, int], gaps: int, unsaid: int) -> tuple[Because, Words]:
    examined = sum(counts.values())
    if not examined and not gaps:
        return _nothing(rule.evidence[0])
    parts = [
        (counts[Verdict.VIOLATES], "with a violation", "有违规"),
        (counts[Verdict.UNDETERMINED], "undetermined", "无法判定"),
        (counts[Verdict.NOT_APPLICABLE], "not concerned", "不涉及"),
        (gaps, "could not be examined", "无法检查"),
        (unsaid, "services of which is not said whether it binds them", "服务未申报是否适用"),
    ]
    said = [(f"{n} {en}", f"{n} 项{zh}") for n, en, zh in parts if n]
    because = Because.CONCLUDED if examined else Because.GAPS
    if not said:
        return because, Words(
            en=f"no violation found in {examined} examined", zh=f"已检查 {examined} 项，未发现违规"
        )
    return because, Words(
        en=f"{examined} examined: {', '.join(en for en, _ in said)}",
        zh=f"已检查 {examined} 项：{'，'.join(zh for _, zh in said)}",
    )


def _nothing(kind: str) -> tuple[Because, Words]:
    topic = kind.removeprefix("attestation.")
    if topic != kind:
        return Because.NO_DOCUMENT, Words(
            en=f"asks for a document: hand one in under `attestations` with topic `{topic}`",
            zh=f"需要证明文件：请在 `attestations` 中提交主题为 `{topic}` 的文件",
        )
    return Because.NOTHING_TO_EXAMINE, Words(
        en=f"nothing to examine: the target declares nothing that yields {kind}",
        zh=f"没有可检查的对象：目标没有申报任何能产生 {kind} 的内容",
    )


def accepted(
    whole: Assessment, findings: Mapping[str, Finding], suppressions: Sequence[Suppression]
) -> Assessment:
    """The assessment of a broader rule, with the findings that a suppression accepts under its own id."""
    covered = [
        i
        for i in whole.findings
        if findings[i].verdict is Verdict.VIOLATES
        and any(covers(s, whole.rule, findings[i]) for s in suppressions)
    ]
    return whole.model_copy(update={"suppressed": tuple(dict.fromkeys((*whole.suppressed, *covered)))})


def covers(suppression: Suppression, rule: str, finding: Finding) -> bool:
    """Whether a suppression speaks of this finding under this rule."""
    return suppression.rule == rule and fnmatchcase(finding.subject, suppression.path)


def unjudged(rule: Rule, standing: Standing, bearing: Bearing) -> Assessment:
    """An assessment that no finding stands behind."""
    return Assessment(
        rule=rule.id,
        standing=standing,
        verdict=bearing.verdict or Verdict.UNDETERMINED,
        because=bearing.because,
        reason=bearing.reason,
        incomplete=bearing.because is Because.CRASHED,
    )


NOT_ASSESSED = Bearing(
    Verdict.UNDETERMINED,
    Because.NO_CHECK,
    Words(
        en="not assessed yet: no automatic check exists for this rule",
        zh="尚未评估：该条规则还没有自动检查",
    ),
)


def as_part(part: Assessment, of: Rule, by: Rule) -> Assessment:
    """An assessment as it counts towards a broader rule: a missed *should* is no broken *shall*."""
    if part.verdict is Verdict.VIOLATES and STRENGTH.index(by.modality) > STRENGTH.index(of.modality):
        return part.model_copy(
            update={"verdict": Verdict.UNDETERMINED, "findings": (), "suppressed": (), "basis": None}
        )
    return part


def combine(rule: Rule, standing: Standing, parts: Sequence[Assessment]) -> Assessment:
    """A broad rule, judged by the rules that together answer it: as bad as the worst of them."""
    verdict = min((part.verdict for part in parts), key=WORST_FIRST.index)
    named = [part.rule for part in parts if part.verdict is verdict]
    words = {
        Verdict.VIOLATES: ("violated", "违反"),
        Verdict.UNDETERMINED: ("undetermined", "无法判定"),
        Verdict.CONFORMS: ("no violation found", "未发现违规"),
        Verdict.NOT_APPLICABLE: ("not applicable", "不适用"),
    }[verdict]
    bases = {part.basis for part in parts if part.basis}
    return Assessment(
        rule=rule.id,
        standing=standing,
        verdict=verdict,
        because=Because.COMBINED,
        reason=Words(
            en=f"judged by {len(parts)} rules; {words[0]}: {', '.join(named)}",
            zh=f"依据 {len(parts)} 条规则判断；{words[1]}：{'、'.join(named)}",
        ),
        basis=Basis.ATTESTED if Basis.ATTESTED in bases else Basis.MEASURED if bases else None,
        findings=_union(part.findings for part in parts),
        suppressed=_union(part.suppressed for part in parts),
        gaps=_union(part.gaps for part in parts),
        judged_by=tuple(part.rule for part in parts),
        examined=sum(part.examined for part in parts),
        incomplete=any(part.incomplete for part in parts),
    )


def _union(ids: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(i for part in ids for i in part))
