"""The flow as a whole: what is missing or broken never looks like a pass."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countermark import audit as engine
from countermark import judgement
from countermark.checks import CHECKS
from countermark.checks.conclusions import conforms
from countermark.collectors import Site, Task
from countermark.evidence import Run, runs
from countermark.model import (
    Because,
    Evidence,
    Finding,
    Gap,
    GapCause,
    Modality,
    Record,
    Report,
    Standing,
    Suppression,
    Verdict,
    Words,
)
from countermark.reports.outline import Outline
from countermark.rules import Rulebooks, load
from countermark.target import load as load_target

Audited = Callable[[], Report]
NOW = datetime(2026, 11, 23, tzinfo=UTC)
DAY = date(2026, 11, 23)
BOOKS = load()


def verdicts(report: Report) -> dict[str, Verdict]:
    return {a.rule: a.verdict for a in report.assessments}


def test_the_shop_has_no_violation(audited: Audited) -> None:
    report = audited()
    assert [i.finding.words.en for i in Outline(report).issues] == []
    found = verdicts(report)
    for rule in (
        "CN-GAI-DISCLOSE",
        "CN-GAI-17",
        "CN-45652-DIGEST",
        "CN-45654-FILES",
        "CN-MM-1",
        "CN-ANT-18.1",
    ):
        assert found[rule] is Verdict.CONFORMS, rule


@pytest.mark.parametrize(
    ("path", "content", "rule"),
    [
        ("public/index.html", "<p>ShopTalk", "CN-GAI-DISCLOSE"),
        ("public/index.html", "<p>ShopTalk Zhejiang-Shop-20260715S0197", "CN-ANT-18.1"),
        ("public/index.html", "<p>ShopTalk Zhejiang-Shop-20260715S0197", "EU-AIA-50.1"),
        ("config/limits.yaml", "daily_minutes_under_16: 61\n", "CN-MM-1"),
        ("data/rows.jsonl", '{"text": "changed", "source": "a"}\n', "CN-45652-DIGEST"),
        ("data/rows.jsonl", '{"text": 1, "text": 2, "source": "a"}\n', "CN-45652-5b"),
        ("models/shop.pkl", "cposix\nsystem\n(S'true'\ntR.", "CN-45654-FILES"),
    ],
)
def test_a_fault_is_found_on_real_bytes(
    shop: Path, audited: Audited, path: str, content: str, rule: str
) -> None:
    (shop / path).write_text(content)
    assert verdicts(audited())[rule] is Verdict.VIOLATES


def _nothing(path: Path) -> None:
    path.unlink()


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _binary(path: Path) -> None:
    path.write_bytes(os.urandom(4096))


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _huge(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(1 << 30)


def _link_out(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


def _link_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _socket(path: Path) -> None:
    path.unlink()
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(path.parent)  # the name of a socket may not be long
        server.bind(path.name)
        os.chdir(here)


NEEDS = {
    "public/index.html": ("CN-GAI-DISCLOSE", "CN-ANT-18.1"),
    "config/limits.yaml": ("CN-MM-1", "CN-MM-4", "CN-ANT-14.1"),
    "models/shop.pkl": ("CN-45654-FILES",),
    "data/rows.jsonl": ("CN-45652-DIGEST", "CN-45652-6.2a"),
    "data/SHA256SUMS": ("CN-45652-DIGEST",),
}


@pytest.mark.parametrize(
    "harm", [_nothing, _empty, _binary, _folder, _huge, _link_out, _link_loop, _pipe, _socket]
)
@pytest.mark.parametrize("path", NEEDS)
def test_a_bad_file_anywhere_is_never_a_pass(
    shop: Path, audited: Audited, path: str, harm: Callable[[Path], None]
) -> None:
    harm(shop / path)
    found = verdicts(audited())
    assert {rule: found[rule] for rule in NEEDS[path] if found[rule] is Verdict.CONFORMS} == {}


def test_nothing_outside_the_target_is_read(shop: Path, audited: Audited, tmp_path: Path) -> None:
    secret = tmp_path / "outside.html"
    secret.write_text("<p>secret words</p>")
    (shop / "public/index.html").unlink()
    (shop / "public/index.html").symlink_to(secret)
    report = audited()
    assert "secret" not in report.model_dump_json()
    assert any("leads out of the target" in gap.detail for gap in report.gaps.values())


def test_a_collector_that_crashes_leaves_a_gap(shop: Path) -> None:
    class Broken:
        name = "broken"

        def plan(self, site: Site) -> Iterator[Task]:
            yield Task("broken", "page", "index.html", "chat")

        def collect(self, task: Task, site: Site) -> Iterator[Record]:
            yield task.saw({"title": "half"})
            raise KeyError("oops")

    site = Site(shop, load_target(shop))
    ((_, records),) = engine.collect(site, engine.plan(site, [Broken()]), [Broken()])
    (gap,) = records
    assert isinstance(gap, Gap)
    assert gap.cause is GapCause.CRASHED
    assert "KeyError" in gap.detail


def test_a_check_that_crashes_is_undetermined(audited: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Iterator[Finding]:
        raise ZeroDivisionError("oops")

    monkeypatch.setitem(CHECKS, "registration.disclosed", broken)
    (assessment,) = (a for a in audited().assessments if a.rule == "CN-GAI-DISCLOSE")
    assert assessment.verdict is Verdict.UNDETERMINED
    assert assessment.because is Because.CRASHED
    assert assessment.incomplete
    assert "ZeroDivisionError" in assessment.reason.en


RULE = next(r for r in BOOKS.rules.values() if r.check and len(r.evidence) == 1)


def piece(number: int) -> Evidence:
    return Evidence(kind=RULE.evidence[0], subject=f"s{number}", fact={}, collector="c", collected=NOW)


def gap(number: int) -> Gap:
    kind = RULE.evidence[0]
    return Gap(
        kind=kind, subject=f"g{number}", cause=GapCause.MISSING, detail="", collector="c", collected=NOW
    )


def finding(verdict: Verdict, evidence: tuple[str, ...]) -> Finding:
    return Finding(verdict=verdict, subject="s", words=Words(en="w", zh="字"), evidence=evidence, check="x")


@given(
    pieces=st.integers(0, 4),
    gaps=st.integers(0, 2),
    said=st.lists(st.tuples(st.sampled_from(Verdict), st.integers(0, 6)), max_size=6),
)
def test_only_a_full_look_without_violation_conforms(
    pieces: int, gaps: int, said: list[tuple[Verdict, int]]
) -> None:
    """Whatever a check says, also of evidence that it was not given: absence is never a pass."""
    evidence = [piece(n) for n in range(pieces)]
    material = judgement.Material(evidence, [gap(n) for n in range(gaps)])
    findings = judgement.complete([finding(v, (piece(n).id,)) for v, n in said], RULE, material)
    assessment = judgement.weigh(RULE, Standing.IN_FORCE, material, findings, [])
    told = {n: [v for v, m in said if m == n] for n in range(pieces)}
    good = {Verdict.CONFORMS, Verdict.NOT_APPLICABLE}
    whole = all(vs and set(vs) <= good for vs in told.values())
    some = any(Verdict.CONFORMS in vs for vs in told.values())
    assert (assessment.verdict is Verdict.CONFORMS) == (not gaps and whole and some)
    if any(Verdict.VIOLATES in vs for vs in told.values()):
        assert assessment.verdict is Verdict.VIOLATES
    if gaps:
        assert assessment.verdict in (Verdict.VIOLATES, Verdict.UNDETERMINED)
        assert assessment.incomplete


def parts_of(modality: Modality, verdict: Verdict) -> Verdict:
    broad = next(r for r in BOOKS.rules.values() if r.judged_by and r.modality is Modality.SHALL)
    by = RULE.model_copy(update={"modality": modality})
    bearing = judgement.Bearing(verdict, Because.CONCLUDED)
    part = judgement.as_part(judgement.unjudged(by, Standing.IN_FORCE, bearing), broad, by)
    return judgement.combine(broad, Standing.IN_FORCE, [part]).verdict


def test_a_missed_recommendation_is_no_broken_duty() -> None:
    assert parts_of(Modality.SHALL, Verdict.VIOLATES) is Verdict.VIOLATES
    assert parts_of(Modality.SHOULD, Verdict.VIOLATES) is Verdict.UNDETERMINED
    assert parts_of(Modality.SHOULD, Verdict.CONFORMS) is Verdict.CONFORMS


def change(shop: Path, old: str, new: str) -> None:
    file = shop / "countermark.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_unsaid_is_undetermined_and_said_is_not_applicable(shop: Path, audited: Audited) -> None:
    change(shop, "    companion: true\n", "")
    assert verdicts(audited())["CN-ANT-18.1"] is Verdict.UNDETERMINED
    change(shop, "    open_to_minors: true\n", "    companion: false\n    open_to_minors: true\n")
    assert verdicts(audited())["CN-ANT-18.1"] is Verdict.NOT_APPLICABLE


def test_rules_of_other_places_and_roles_do_not_bind(shop: Path, audited: Audited) -> None:
    change(shop, "[CN, EU]", "[EU]")
    found = verdicts(audited())
    assert found["CN-GAI-17"] is Verdict.NOT_APPLICABLE
    assert found["EU-AIA-50.1"] is Verdict.CONFORMS
    assert found["US-CA-SB942-LATENT"] is Verdict.NOT_APPLICABLE


def test_one_finding_names_the_rules_of_all_jurisdictions(shop: Path, audited: Audited) -> None:
    (shop / "public/index.html").write_text("<p>ShopTalk Zhejiang-Shop-20260715S0197")
    (issue,) = (i for i in Outline(audited()).issues if i.finding.check == "impersonation.ai_disclosed")
    assert {"CN-ANT-18.1", "EU-AIA-50.1"} <= {rule.id for rule in issue.rules}


ATTESTATION = """\
attestations:
  - topic: complaint-procedure
    document: complaints.md
    sha256: "{digest}"
    signatory: A. Example
    signed: 2026-01-10
    expires: {expires}
"""


@pytest.mark.parametrize(
    ("expires", "tamper", "verdict"),
    [
        ("2027-01-10", False, Verdict.CONFORMS),
        ("2026-11-23", False, Verdict.CONFORMS),
        ("2026-11-22", False, Verdict.VIOLATES),
        ("2027-01-10", True, Verdict.VIOLATES),
    ],
)
def test_an_attestation_counts_apart_and_expires(
    shop: Path, audited: Audited, expires: str, tamper: bool, verdict: Verdict
) -> None:
    text = "call us\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    with (shop / "countermark.yaml").open("a") as stream:
        stream.write(ATTESTATION.format(digest=digest, expires=expires))
    (shop / "complaints.md").write_text(text + ("more\n" if tamper else ""))
    (assessment,) = (a for a in audited().assessments if a.rule == "CN-GAI-15")
    assert assessment.verdict is verdict
    assert assessment.basis == "attested"


def test_the_day_decides_what_is_in_force(audited: Audited, books: Rulebooks, shop: Path) -> None:
    report = audited()
    standing = {a.rule: a.standing for a in report.assessments}
    assert standing["CN-QL2026-P1.1"] is Standing.ENDED
    assert standing["EU-AIA-5-NCII"] is Standing.COMING
    run = Run.read(runs(shop)[-1].folder)
    earlier = engine.judge(run.target(), run.records(), books, date(2026, 7, 1), run.id)
    assert {a.rule for a in earlier.of(Standing.IN_FORCE)} > {"CN-QL2026-P1.1"}


def test_judging_again_gives_the_same(audited: Audited, books: Rulebooks, shop: Path) -> None:
    report = audited()
    run = Run.read(runs(shop)[-1].folder)
    again = engine.judge(run.target(), run.records(), books, report.as_of, run.id)
    assert again.model_copy(update={"judged": report.judged}) == report


def test_suppressions_stay_visible_and_old_or_idle_ones_are_findings(shop: Path, audited: Audited) -> None:
    (shop / "config/limits.yaml").write_text("daily_minutes_under_16: 90\n")
    with (shop / "countermark.yaml").open("a") as stream:
        stream.write(
            "suppressions:\n"
            "  - {rule: CN-MM-1, path: config/*, reason: r, owner: ann, expires: 2027-01-01}\n"
            "  - {rule: CN-MM-2, path: config/*, reason: r, owner: idle, expires: 2027-01-01}\n"
            "  - {rule: CN-MM-3, path: config/*, reason: r, owner: late, expires: 2026-11-22}\n"
        )
    report = audited()
    (issue,) = Outline(report).issues
    assert issue.accepted
    assert verdicts(report)["CN-MM-1"] is Verdict.VIOLATES
    assert sorted(n.words.en for n in report.notices) == [
        "the suppression of CN-MM-2 by idle covers no finding: remove it",
        "the suppression of CN-MM-3 by late expired on 2026-11-22",
    ]


def test_suppression_speaks_of_one_rule_and_path() -> None:
    accepted = Suppression(rule="CN-LAB-5", path="old/*.png", reason="r", owner="o", expires=DAY)
    found = finding(Verdict.VIOLATES, ("x",)).model_copy(update={"subject": "old/a.png"})
    assert judgement.covers(accepted, "CN-LAB-5", found)
    assert not judgement.covers(accepted, "EU-AIA-50.2", found)
    assert not judgement.covers(accepted, "CN-LAB-5", found.model_copy(update={"subject": "new/a.png"}))


def test_every_rule_is_assessed_once(audited: Audited) -> None:
    report = audited()
    assert sorted(a.rule for a in report.assessments) == sorted(BOOKS.rules)
    for assessment in report.assessments:
        assert set(assessment.findings) <= set(report.findings)
        assert set(assessment.gaps) <= set(report.gaps)


def test_findings_are_conclusions_of_checks_that_name_their_evidence(audited: Audited) -> None:
    report = audited()
    for found in report.findings.values():
        assert found.check in CHECKS
        assert found.evidence
        assert set(found.evidence) <= set(report.evidence)


def test_a_piece_of_evidence_concludes_once_in_a_check() -> None:
    evidence = [piece(1)]
    material = judgement.Material(evidence, [])
    twice = [conforms(evidence[0], "a", "一"), conforms(evidence[0], "a", "一")]
    assert len(judgement.complete(twice, RULE, material)) == 2


def append(shop: Path, text: str) -> None:
    with (shop / "countermark.yaml").open("a", encoding="utf-8") as stream:
        stream.write(text)


def test_a_service_of_which_nothing_is_said_keeps_a_rule_open(shop: Path, audited: Audited) -> None:
    change(shop, "filings:", "  - name: other\n    pages: [public/index.html]\nfilings:")
    (assessment,) = (a for a in audited().assessments if a.rule == "CN-ANT-18.1")
    assert assessment.verdict is Verdict.UNDETERMINED
    assert "not said whether it binds" in assessment.reason.en


def test_a_violation_that_rests_on_absence_waits_for_what_could_not_be_read(
    shop: Path, audited: Audited
) -> None:
    change(shop, "[public/index.html]", "[public/index.html, public/gone.html]")
    (shop / "public/index.html").write_text("<p>nothing")
    found = verdicts(audited())
    assert found["CN-GAI-DISCLOSE"] is Verdict.UNDETERMINED
    assert found["CN-ANT-18.1"] is Verdict.UNDETERMINED


def test_a_filing_of_another_service_covers_no_model(shop: Path, audited: Audited) -> None:
    change(shop, "filings:", "  - {name: other, companion: false, open_to_minors: false}\nfilings:")
    change(shop, "services: [chat], filing", "services: [chat, other], filing")
    issues = [i for i in Outline(audited()).issues if i.rules[0].id == "CN-GAI-17"]
    assert ["was filed for chat" in issue.finding.words.en for issue in issues] == [True]


def test_a_longer_number_does_not_show_a_shorter_one(shop: Path, audited: Audited) -> None:
    (shop / "public/index.html").write_text(
        "<p>您正在与人工智能对话</p><p>ShopTalk</p><p>Zhejiang-Shop-20260715S01971"
    )
    assert verdicts(audited())["CN-GAI-DISCLOSE"] is Verdict.VIOLATES
    (shop / "public/index.html").write_text(
        "<p>您正在与人工智能对话</p><p>Shop<b>Talk</b></p><p>Zhejiang-<i>Shop</i>-20260715S0197。"
    )
    assert verdicts(audited())["CN-GAI-DISCLOSE"] is Verdict.CONFORMS


@pytest.mark.parametrize("value", ["0", "-1", "unlimited", "true"])
def test_a_limit_that_may_mean_none_is_never_a_pass(shop: Path, audited: Audited, value: str) -> None:
    change_file = shop / "config/limits.yaml"
    names = ("daily_minutes_under_16", "spending_limit_per_day", "log_retention_days")
    lines = [line for line in change_file.read_text().splitlines() if not line.startswith(names)]
    change_file.write_text("\n".join([*lines, *(f"{name}: {value}" for name in names)]))
    found = verdicts(audited())
    for rule in ("CN-MM-1", "CN-MIN-44", "CN-CSL-LOGS"):
        assert found[rule] is not Verdict.CONFORMS


def test_a_linked_folder_and_one_called_like_ours_are_not_passed_over(shop: Path, audited: Audited) -> None:
    (shop / "elsewhere").mkdir()
    (shop / "data/linked").symlink_to(shop / "elsewhere")
    hidden = shop / "data/.countermark"
    hidden.mkdir()
    (hidden / "rows.jsonl").write_text('{"text": "x"}\n')
    report = audited()
    assert any(gap.subject == "data/linked" for gap in report.gaps.values())
    assert any(f.subject == "data/.countermark/rows.jsonl" for f in report.findings.values())


def test_a_suppression_of_a_broader_rule_counts_for_that_rule(shop: Path, audited: Audited) -> None:
    (shop / "data/rows.jsonl").write_text('{"text": "changed", "source": "a"}\n')
    append(
        shop,
        "suppressions:\n  - {rule: CN-ANT-11, path: data/*, reason: r, owner: o, expires: 2027-01-01}\n"
        "  - {rule: CN-NONE-1, path: data/*, reason: r, owner: o, expires: 2027-01-01}\n",
    )
    report = audited()
    (assessment,) = (a for a in report.assessments if a.rule == "CN-ANT-11")
    assert assessment.suppressed
    assert any("no rule is called CN-NONE-1" in notice.words.en for notice in report.notices)


def test_planning_that_crashes_is_a_gap_too(shop: Path) -> None:
    change(shop, "[public/index.html]", '["**foo"]')
    tasks = engine.plan(Site(shop, load_target(shop)))
    (lost,) = (task for task in tasks if task.kind == "pages.plan")
    assert lost.gap is not None
    assert "corpora" in {task.collector for task in tasks}


def test_an_empty_document_attests_nothing(shop: Path, audited: Audited) -> None:
    (shop / "complaints.md").write_bytes(b"")
    digest = hashlib.sha256(b"").hexdigest()
    append(shop, ATTESTATION.format(digest=digest, expires="2027-01-10"))
    assert verdicts(audited())["CN-GAI-15"] is Verdict.VIOLATES
