"""The example deployment: an audit finds what was planted in it, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from countermark import rules, target
from countermark.audit import audit
from countermark.collectors import Site
from countermark.evidence import Run
from countermark.model import Finding, Report, Standing, Verdict
from countermark.reports.outline import Outline

EXAMPLE = Path(__file__).parent.parent / "examples" / "lantern"
EXPECTED: dict[str, Any] = tomllib.loads((EXAMPLE / "expected.toml").read_text(encoding="utf-8"))

Seen = tuple[str, str, tuple[str, ...]]
"""A finding by its check, its subject and the rules that it touches."""


def build(folder: Path) -> Path:
    subprocess.run([sys.executable, EXAMPLE / "build.py", folder], check=True, capture_output=True)
    return folder


@dataclass
class Lantern:
    root: Path
    report: Report

    def violations(self, *standings: Standing) -> dict[str, list[str]]:
        """Finding → the rules of these standings that it touches."""
        touched: dict[str, list[str]] = {}
        for standing in standings:
            for assessment in self.report.of(standing):
                for name in assessment.findings:
                    if self.report.findings[name].verdict is Verdict.VIOLATES:
                        touched.setdefault(name, []).append(assessment.rule)
        return touched

    def seen(self, touched: dict[str, list[str]]) -> Counter[Seen]:
        return Counter(
            (self.report.findings[name].check, self.report.findings[name].subject, tuple(sorted(ids)))
            for name, ids in touched.items()
        )

    def about(self, subject: str, check: str | None) -> list[Finding]:
        return [f for f in self.report.findings.values() if f.subject == subject and check in (None, f.check)]


@pytest.fixture(scope="module")
def lantern(tmp_path_factory: pytest.TempPathFactory) -> Lantern:
    root = build(tmp_path_factory.mktemp("lantern"))
    declared = target.load(root)
    run = Run.start(root, declared)
    try:
        report = audit(Site(root, declared), run, rules.load(), EXPECTED["as_of"])
    finally:
        run.close()
    return Lantern(root, report)


def expected(name: str) -> Counter[Seen]:
    return Counter((e["check"], e["subject"], tuple(e["rules"])) for e in EXPECTED[name])


def test_finds_what_was_planted_and_nothing_else(lantern: Lantern) -> None:
    seen = lantern.seen(lantern.violations(Standing.IN_FORCE))
    assert seen - expected("must_find") == Counter(), "found, and not planted"
    assert expected("must_find") - seen == Counter(), "planted, and not found"


def test_rules_that_have_ended_or_are_coming_find_nothing_more(lantern: Lantern) -> None:
    assert set(lantern.violations(*Standing)) == set(lantern.violations(Standing.IN_FORCE))


def test_each_category_gets_its_verdict(lantern: Lantern) -> None:
    verdicts = {str(c.category): str(c.verdict) for c in Outline(lantern.report).chapters}
    assert verdicts == EXPECTED["categories"]


@pytest.mark.parametrize("entry", EXPECTED["must_not_find"], ids=lambda e: e["subject"])
def test_examines_what_only_looks_suspicious_and_lets_it_be(lantern: Lantern, entry: dict[str, str]) -> None:
    findings = lantern.about(entry["subject"], entry.get("check"))
    assert findings, "was not examined at all"
    wrong = [f.words.en for f in findings if f.verdict in (Verdict.VIOLATES, Verdict.UNDETERMINED)]
    assert not wrong, entry["why"]


def test_says_what_it_could_not_examine(lantern: Lantern) -> None:
    gaps = Counter((g.kind, g.subject, str(g.cause)) for g in lantern.report.gaps.values())
    assert gaps == Counter((g["kind"], g["subject"], g["cause"]) for g in EXPECTED["gap"])


def test_honours_suppressions_and_reports_those_that_have_expired(lantern: Lantern) -> None:
    accepted = {(i.finding.check, i.finding.subject) for i in Outline(lantern.report).issues if i.accepted}
    assert accepted == {(e["check"], e["subject"]) for e in EXPECTED["must_find"] if e.get("accepted")}
    notices = lantern.report.notices
    assert [n.subject for n in notices] == [n["subject"] for n in EXPECTED["notice"]]
    for notice, entry in zip(notices, EXPECTED["notice"], strict=True):
        assert entry["about"] in notice.words.en


@pytest.mark.parametrize(
    "entry",
    [e for e in EXPECTED["planted_for_later"] if "rule" in e],
    ids=lambda e: f"{e['category']}-{e['rule']}",
)
def test_admits_what_no_check_finds_yet(lantern: Lantern, entry: dict[str, str]) -> None:
    assessment = next(a for a in lantern.report.assessments if a.rule == entry["rule"])
    assert assessment.verdict is Verdict.UNDETERMINED, entry["fault"]


def test_nothing_is_left_without_a_plan() -> None:
    """Every category has a fault that is found, and one that is planted for later."""
    rulebooks = rules.load()
    found = {str(rulebooks.rules[i].category) for e in EXPECTED["must_find"] for i in e["rules"]}
    later = {e["category"] for e in EXPECTED["planted_for_later"]}
    assert found == later == set(EXPECTED["categories"])


def test_is_built_alike_every_time(lantern: Lantern, tmp_path: Path) -> None:
    again = build(tmp_path / "again")
    build(again)  # over what is there

    def tree(root: Path) -> dict[str, bytes]:
        paths = (p.relative_to(root) for p in root.rglob("*") if p.is_file())
        return {p.as_posix(): (root / p).read_bytes() for p in paths if p.parts[0] != ".countermark"}

    assert tree(again) == tree(lantern.root)


def test_is_small_and_git_ignores_what_is_made(lantern: Lantern) -> None:
    made = [p for p in lantern.root.iterdir() if p.name != ".countermark"]
    folders = {f"/{p.name}/" for p in made if p.is_dir()}
    ignored = (EXAMPLE / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert folders == {line for line in ignored if not line.startswith("#")}
    assert [p.name for p in made if p.is_file()] == ["countermark.yaml"]
    files = [f for p in made for f in p.rglob("*") if f.is_file()]
    assert sum(f.stat().st_size for f in files) < 200_000


def test_does_not_build_over_what_is_not_lantern(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "mine.py").write_text("print('mine')\n")
    with pytest.raises(subprocess.CalledProcessError):
        build(tmp_path)
    assert (tmp_path / "app" / "mine.py").exists()
