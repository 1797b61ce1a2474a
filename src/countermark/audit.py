"""The whole flow: collect, judge, audit.

The only two places that catch every exception are here: a collector that crashes leaves a gap, a
check that crashes leaves *undetermined*. Neither can look like a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from countermark import __version__, judgement, rules
from countermark.checks import CHECKS, Parameters
from countermark.collectors import COLLECTORS, Collector, Site, Task
from countermark.evidence import Run
from countermark.model import (
    Assessment,
    Because,
    Coverage,
    Evidence,
    Finding,
    Gap,
    GapCause,
    Record,
    Report,
    Rule,
    Standing,
    Suppression,
    Verdict,
    Words,
    canonical,
    digest_of,
)
from countermark.rules import Rulebooks, standing
from countermark.target import Target, load

T = TypeVar("T")
Progress = Callable[[int, int, Task], None]
"""Called after each task with how many are done, of how many, and the task."""


def audit_folder(root: Path, *, as_of: date | None = None) -> Report:
    """Audit the deployment in ``root`` by the shipped rulebooks; the evidence is kept below it.

    Raises:
        TargetError: ``countermark.yaml`` is missing or wrong.
        RunError: the evidence cannot be written.
    """
    target = load(root)
    run = Run.start(root, target)
    return audit(Site(root, target), run, rules.load(), as_of or date.today())  # noqa: DTZ011 - the user's day


def audit(
    site: Site,
    run: Run,
    rulebooks: Rulebooks,
    as_of: date,
    progress: Progress = lambda _done, _total, _task: None,
) -> Report:
    """Collect what the site shows, judge it, and seal the run."""
    planned = plan(site)
    run.plan(
        (task.key, task.missed(GapCause.INTERRUPTED, "the run was left before it came here"))
        for task in planned
    )
    tasks = [task for task in planned if task.key not in run.done]
    for done, (task, records) in enumerate(collect(site, tasks), 1):
        run.add(records, task.key)
        progress(done, len(tasks), task)
    report = judge(site.target, run.records(), rulebooks, as_of, run.id)
    run.seal(report)
    return report


def plan(site: Site, collectors: Sequence[Collector] = COLLECTORS) -> list[Task]:
    """Everything that an audit will look at, and what it already knows that it cannot."""
    tasks: list[Task] = []
    for collector in collectors:
        planned, trouble = _attempt(lambda collector=collector: collector.plan(site))  # type: ignore[misc]
        tasks += planned
        if trouble:
            lost = Task(collector.name, f"{collector.name}.plan", site.target.operator.name)
            tasks.append(lost.without(*trouble))
    return tasks


def collect(
    site: Site, tasks: Iterable[Task], collectors: Sequence[Collector] = COLLECTORS
) -> Iterator[tuple[Task, list[Record]]]:
    """Do the tasks, one by one."""
    by_name = {collector.name: collector for collector in collectors}
    for task in tasks:
        yield task, _observe(by_name[task.collector], task, site)


def _observe(collector: Collector, task: Task, site: Site) -> list[Record]:
    if task.gap:
        return [task.missed(*task.gap)]
    records, trouble = _attempt(lambda: collector.collect(task, site))
    if trouble:
        return [task.missed(*trouble)]
    return records or [task.missed(GapCause.CRASHED, "the collector returned nothing: please report this")]


def _attempt(job: Callable[[], Iterable[T]]) -> tuple[list[T], tuple[GapCause, str] | None]:
    """What a collector yields; or nothing, and why."""
    try:
        return list(job()), None
    except OSError as error:
        return [], (GapCause.UNREADABLE, f"{error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - one of the two places, see the module's docstring
        return [], (GapCause.CRASHED, f"{type(error).__name__}: {error}; please report this")


def judge(target: Target, records: Iterable[Record], rulebooks: Rulebooks, as_of: date, run: str) -> Report:
    """Judge recorded facts by every rule, as of a day. Rules not in force are judged too, apart."""
    sorted_ = judgement.Records.of(records)
    findings: dict[str, Finding] = {}
    verdicts: dict[str, Assessment] = {}
    alive = [s for s in target.suppressions if s.expires >= as_of]
    for rule in rulebooks.rules.values():
        if not rule.judged_by:
            verdicts[rule.id], concluded = _assess(rule, target, sorted_, as_of, alive)
            findings |= {finding.id: finding for finding in concluded}
    for rule in rulebooks.rules.values():
        if rule.judged_by:
            parts = [
                judgement.as_part(verdicts[i], rule, rulebooks.rules[i])
                for i in rule.judged_by
                if verdicts[i].standing is Standing.IN_FORCE
            ]
            whole = _assess_by_others(rule, target, parts, as_of)
            verdicts[rule.id] = judgement.accepted(whole, findings, alive)
    notices = _suppression_notices(target.suppressions, verdicts.values(), findings, as_of)
    notices += _idle_declarations(target, rulebooks)
    named = {i for finding in findings.values() for i in finding.evidence}
    pieces = [piece for kind in sorted_.evidence.values() for piece in kind]
    gaps = [gap for kind in sorted_.gaps.values() for gap in kind]
    return Report(
        run=run,
        tool=f"countermark {__version__}",
        operator=target.operator.name,
        target=digest_of(canonical(target.model_dump(mode="json"))),
        as_of=as_of,
        judged=datetime.now(UTC),
        rulebooks=dict(sorted(rulebooks.digests().items())),
        rules=dict(sorted(rulebooks.rules.items())),
        assessments=tuple(verdicts[i] for i in sorted(verdicts)),
        findings=dict(sorted(findings.items())),
        evidence=dict(sorted((piece.id, piece) for piece in pieces if piece.id in named)),
        gaps=dict(sorted((gap.id, gap) for gap in gaps)),
        coverage=_coverage(pieces, gaps),
        suppressions=target.suppressions,
        notices=notices,
    )


def _assess(
    rule: Rule,
    target: Target,
    records: judgement.Records,
    as_of: date,
    suppressions: Sequence[Suppression],
) -> tuple[Assessment, list[Finding]]:
    stands = standing(rule, as_of)
    bearing = judgement.bearing(rule, target)
    if bearing.verdict:
        return judgement.unjudged(rule, stands, bearing), []
    if rule.check is None:
        return judgement.unjudged(rule, stands, judgement.NOT_ASSESSED), []
    material = records.bearing_on(rule, bearing.services)
    try:
        concluded = [
            finding.model_copy(update={"check": rule.check})
            for finding in CHECKS[rule.check](material.evidence, Parameters(rule.parameters, as_of))
        ]
    except Exception as error:  # noqa: BLE001 - the other of the two places
        crash = Words(
            en=f"the check {rule.check} crashed ({type(error).__name__}: {error}): please report this",
            zh=f"检查 {rule.check} 运行出错（{type(error).__name__}: {error}）：请报告此问题",
        )
        crashed = judgement.Bearing(Verdict.UNDETERMINED, Because.CRASHED, crash)
        return judgement.unjudged(rule, stands, crashed), []
    findings = judgement.complete(concluded, rule, material)
    assessment = judgement.weigh(rule, stands, material, findings, suppressions, bearing.unsaid)
    return assessment, findings


def _assess_by_others(rule: Rule, target: Target, parts: Sequence[Assessment], as_of: date) -> Assessment:
    stands = standing(rule, as_of)
    bearing = judgement.bearing(rule, target)
    if bearing.verdict:
        return judgement.unjudged(rule, stands, bearing)
    if not parts:
        return judgement.unjudged(rule, stands, judgement.NOT_ASSESSED)
    return judgement.combine(rule, stands, parts)


def _coverage(pieces: Sequence[Evidence], gaps: Sequence[Gap]) -> tuple[Coverage, ...]:
    names = sorted({piece.collector for piece in pieces} | {gap.collector for gap in gaps})
    return tuple(
        Coverage(
            collector=name,
            evidence=sum(piece.collector == name for piece in pieces),
            gaps=sum(gap.collector == name for gap in gaps),
        )
        for name in names
    )


def _suppression_notices(
    suppressions: Sequence[Suppression],
    assessments: Iterable[Assessment],
    findings: dict[str, Finding],
    as_of: date,
) -> tuple[Finding, ...]:
    """A suppression that has expired, or that covers nothing, is itself a finding."""
    used = {
        (s.rule, s.path)
        for a in assessments
        if a.standing is Standing.IN_FORCE
        for s in suppressions
        if s.rule == a.rule
        and any(
            findings[i].verdict is Verdict.VIOLATES and judgement.covers(s, a.rule, findings[i])
            for i in a.findings
            if i in findings
        )
    }
    notices = []
    for s in suppressions:
        if s.expires < as_of:
            words = Words(
                en=f"the suppression of {s.rule} by {s.owner} expired on {s.expires}",
                zh=f"{s.owner} 对 {s.rule} 的豁免已于 {s.expires} 到期",
            )
        elif (s.rule, s.path) not in used:
            words = Words(
                en=f"the suppression of {s.rule} by {s.owner} covers no finding: remove it",
                zh=f"{s.owner} 对 {s.rule} 的豁免没有对应任何问题：请删除",
            )
        else:
            continue
        notices.append(
            Finding(
                verdict=Verdict.VIOLATES,
                subject=s.path,
                words=words,
                evidence=(),
                check="suppressions",
            )
        )
    return tuple(notices)


def _idle_declarations(target: Target, rulebooks: Rulebooks) -> tuple[Finding, ...]:
    """What the operator declares and no rule takes up: more likely a slip than meant."""
    places = {rule.clause.jurisdiction for rule in rulebooks.rules.values()}
    kinds = {kind for rule in rulebooks.rules.values() for kind in rule.evidence}
    ids = set(rulebooks.rules)
    idle = [
        *(
            (p, f"no rulebook speaks of {p}", f"没有关于 {p} 的规则库")
            for p in target.operator.jurisdictions
            if p not in places
        ),
        *(
            (
                a.document,
                f"no rule asks for a document on {a.topic!r}",
                f"没有规则要求主题为 {a.topic!r} 的文件",
            )
            for a in target.attestations
            if f"attestation.{a.topic}" not in kinds
        ),
        *(
            (s.path, f"no rule is called {s.rule}", f"没有名为 {s.rule} 的规则")
            for s in target.suppressions
            if s.rule not in ids
        ),
    ]
    return tuple(
        Finding(
            verdict=Verdict.UNDETERMINED,
            subject=subject,
            words=Words(en=en, zh=zh),
            evidence=(),
            check="declarations",
        )
        for subject, en, zh in idle
    )
