"""SARIF 2.1.0, for code hosts and editors: violations fail, what is undetermined is open.

Source: OASIS SARIF 2.1.0.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from countermark import __version__
from countermark.model import Basis, Because, Finding, Location, Modality, Report, Rule, Verdict, digest_of
from countermark.reports.outline import Outline

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
HOME = "https://countermark.github.io/countermark/"
DECLARED = "countermark.yaml"
"""Where a finding stands that no file shows: code hosts refuse a result without a place."""
LEVELS = {Modality.SHALL: "error", Modality.SHOULD: "warning", Modality.MAY: "note"}
KINDS = {Verdict.VIOLATES: "fail", Verdict.UNDETERMINED: "open"}


def render(report: Report, lang: str) -> str:
    """The report as one SARIF run. What conforms and what does not apply is left out."""
    outline = Outline(report)
    told = [
        (report.findings[name], rules)
        for name, rules in outline.touched.items()
        if report.findings[name].verdict in KINDS
    ]
    rules = {rule.id: rule for _, touched in told for rule in touched}
    index = {name: number for number, name in enumerate(rules)}
    accepted = {id(issue.finding) for issue in outline.issues if issue.accepted}
    run = {
        "tool": {
            "driver": {
                "name": "Countermark",
                "semanticVersion": __version__,
                "version": __version__,
                "informationUri": HOME,
                "rules": [_rule(rule, lang) for rule in rules.values()],
            }
        },
        "automationDetails": {"id": f"countermark/{report.run}"},
        "invocations": [
            {
                "executionSuccessful": not any(a.because is Because.CRASHED for a in report.assessments),
                "toolExecutionNotifications": [
                    {
                        "level": "warning",
                        "descriptor": {"id": f"gap/{gap.cause}"},
                        "message": {"text": f"{gap.subject}: {gap.kind}: {gap.detail}"},
                    }
                    for gap in outline.gaps
                ],
            }
        ],
        "originalUriBaseIds": {"TARGET": {"description": {"text": "The folder of countermark.yaml."}}},
        "results": [
            _result(finding, touched, index, lang, accepted=id(finding) in accepted)
            for finding, touched in told
        ],
        "properties": {"asOf": report.as_of.isoformat(), "target": report.target},
    }
    return (
        json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)
        + "\n"
    )


def _rule(rule: Rule, lang: str) -> dict[str, Any]:
    described = {
        "id": rule.id,
        "name": rule.id.replace("-", "_").replace(".", "_"),
        "shortDescription": {"text": rule.title.within(lang)},
        "fullDescription": {"text": rule.requirement.within(lang)},
        "help": {"text": rule.remedy.within(lang)},
        "defaultConfiguration": {"level": LEVELS[rule.modality]},
        "properties": {
            "category": rule.category,
            "clause": f"{rule.clause.instrument.within(lang)} {rule.clause.article}",
            "jurisdiction": rule.clause.jurisdiction,
            "modality": rule.modality,
            "source": rule.source,
            "tags": [rule.category, rule.clause.jurisdiction],
        },
    }
    return described | ({"helpUri": rule.clause.url} if rule.clause.url else {})


def _result(
    finding: Finding, rules: list[Rule], index: dict[str, int], lang: str, *, accepted: bool
) -> dict[str, Any]:
    first = rules[0]
    violates = finding.verdict is Verdict.VIOLATES
    result: dict[str, Any] = {
        "ruleId": first.id,
        "ruleIndex": index[first.id],
        "kind": KINDS[finding.verdict],
        "level": LEVELS[first.modality] if violates else "none",
        "message": {"text": f"{finding.subject}: {finding.words.within(lang)}"},
        "partialFingerprints": {
            "countermark/v1": digest_of(f"{finding.check}\n{finding.subject}\n{finding.words.en}".encode())
        },
        "properties": {
            "rules": [rule.id for rule in rules],
            "evidence": list(finding.evidence),
            "basis": Basis(finding.basis),
        },
    }
    location = finding.location or Location(path=DECLARED)
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(location.path), "uriBaseId": "TARGET"}}
    if location.line:
        place["region"] = {"startLine": location.line}
    result["locations"] = [{"physicalLocation": place}]
    if accepted:
        result["suppressions"] = [{"kind": "external", "status": "accepted"}]
    return result
