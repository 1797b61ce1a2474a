"""Every rulebook: every example of every rule, and the closed loop between rules and checks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from countermark import judgement, rules
from countermark.checks import CHECKS, Parameters
from countermark.model import Basis, Evidence, Example, Rule, Standing, Verdict

BOOKS = rules.load()
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}-{number}-{example.verdict}")
    for rule in BOOKS.rules.values()
    for number, example in enumerate(rule.example)
]


def evidence_of(rule: Rule, example: Example) -> list[Evidence]:
    entries = example.evidence or ({"kind": rule.evidence[0], "fact": example.facts},)
    return [
        Evidence.model_validate(
            {
                "subject": "example",
                "collector": "example",
                "collected": datetime(2026, 1, 1, tzinfo=UTC),
                "basis": Basis.ATTESTED if str(entry["kind"]).startswith("attestation.") else Basis.MEASURED,
                **entry,
            }
        )
        for entry in entries
    ]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_an_example_gets_its_verdict(rule: Rule, example: Example) -> None:
    material = judgement.Material(evidence_of(rule, example), [])
    parameters = Parameters(rule.parameters, example.as_of or date(2026, 6, 1))
    assert rule.check is not None
    concluded = list(CHECKS[rule.check](material.evidence, parameters))
    findings = judgement.complete(concluded, rule, material)
    assert len(findings) == len(concluded), "the check left a subject without a conclusion"
    assessment = judgement.weigh(rule, Standing.IN_FORCE, material, findings, [])
    assert assessment.verdict is example.verdict, [f.words.en for f in findings]


@pytest.mark.parametrize("rule", BOOKS.rules.values(), ids=lambda rule: rule.id)
def test_a_rule_gives_its_check_what_it_reads_and_nothing_else(rule: Rule) -> None:
    if rule.check is None:
        assert not rule.parameters
        return
    read: set[str] = set()
    for example in rule.example:
        parameters = Parameters(rule.parameters, date(2026, 6, 1))
        list(CHECKS[rule.check](evidence_of(rule, example), parameters))
        read |= parameters.read
    assert read == set(rule.parameters)


def test_every_check_is_used_by_a_rule_and_every_rule_uses_a_check_that_exists() -> None:
    used = {rule.check for rule in BOOKS.rules.values() if rule.check}
    assert used == set(CHECKS)


@pytest.mark.parametrize("rule", BOOKS.rules.values(), ids=lambda rule: rule.id)
def test_a_rule_is_written_in_both_languages(rule: Rule) -> None:
    texts = [rule.title, rule.requirement, rule.remedy, rule.clause.instrument]
    for words in texts + ([rule.limits] if rule.limits else []):
        assert words.en.strip()
        assert words.en.isascii() or not any("一" <= c <= "鿿" for c in words.en.replace("人工智能", "")[:10])
        assert any("一" <= c <= "鿿" for c in words.zh), words.zh
        for wrong in ("complies", "certified", "compliant with"):
            assert wrong not in words.en


def test_the_campaign_is_a_closed_pack_of_fourteen() -> None:
    campaign = BOOKS.of("cn-campaign/2026-04-30")
    assert len(campaign) == 14
    assert {rules.standing(r, date(2026, 7, 1)) for r in campaign.values()} == {Standing.IN_FORCE}
    assert {rules.standing(r, date(2026, 11, 23)) for r in campaign.values()} == {Standing.ENDED}


def test_no_rulebook_holds_anything_but_data() -> None:
    assert {p.suffix for p in Path(rules.SHIPPED).rglob("*") if p.is_file()} == {".toml"}


def test_the_examples_cover_all_verdicts() -> None:
    verdicts = {e.verdict for rule in BOOKS.rules.values() for e in rule.example}
    assert {Verdict.CONFORMS, Verdict.VIOLATES, Verdict.UNDETERMINED} <= verdicts
