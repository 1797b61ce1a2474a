"""Each format on a report with something of everything in it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from rich.console import Console
from sarif_pydantic import Sarif
from selectolax.lexbor import LexborHTMLParser

from countermark.model import GapCause, Report, Verdict, Words
from countermark.reports import RENDERERS, json_v1, text
from countermark.reports.outline import Outline
from countermark.reports.words import BECAUSE, CATEGORIES, CAUSES, CHROME, MODALITIES, SOURCES, VERDICTS
from countermark.schemas import schema

EVIL = "<script>alert(1)<script>\"'&.html"


@pytest.fixture
def report(shop: Path, audited: Callable[[], Report]) -> Report:
    (shop / "public/index.html").unlink()
    (shop / "public" / EVIL).write_text("<p>您正在与人工智能对话 &lt;img src=x onerror=alert(1)&gt;")
    (shop / "config/limits.yaml").write_text("# settings\ndaily_minutes_under_16: 90\n")
    file = shop / "countermark.yaml"
    file.write_text(
        file.read_text()
        .replace("[public/index.html]", '["public/*.html"]')
        .replace("[models/*.pkl]", "[models/*.pkl, gone.html]")
        + "suppressions:\n"
        + "  - {rule: CN-MM-1, path: config/*, reason: r, owner: o, expires: 2027-01-01}\n"
        + "  - {rule: CN-MM-2, path: config/*, reason: r, owner: o, expires: 2027-01-01}\n"
    )
    (shop / "data/rows.jsonl").write_text('{"text": 1, "text": 2, "source": "<b>x</b>"}\n')
    return audited()


def test_json_is_what_its_schema_says(report: Report) -> None:
    value = json.loads(json_v1.render(report))
    jsonschema.Draft202012Validator(schema("report")).validate(value)
    assert value["schema"] == "countermark-report/1"
    assert value["summary"]["violations"] == len([i for i in Outline(report).issues if not i.accepted])
    assert value["summary"]["accepted"] == 1
    known = {finding["id"] for finding in value["findings"]}
    for assessment in value["assessments"]:
        assert set(assessment["findings"]) <= known
    evidence = {piece["id"] for piece in value["evidence"]}
    assert all(set(finding["evidence"]) <= evidence for finding in value["findings"])
    worst = [category["verdict"] for category in value["summary"]["categories"]]
    assert worst == sorted(worst, key=list(Verdict).index)


def sarif(report: Report) -> Any:
    value = json.loads(RENDERERS["sarif"](report, "en"))
    Sarif.model_validate(value)
    return value["runs"][0]


def test_sarif_has_a_place_for_each_violation_in_a_file(report: Report) -> None:
    run = sarif(report)
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert (result["kind"] == "fail") == (result["level"] != "none")
    by_rule = {r["ruleId"]: r for r in run["results"] if r["kind"] == "fail"}
    place = by_rule["CN-MM-1"]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "config/limits.yaml", "uriBaseId": "TARGET"}
    assert place["region"] == {"startLine": 2}
    assert by_rule["CN-MM-1"]["level"] == "warning"
    assert by_rule["CN-MM-1"]["suppressions"]
    assert by_rule["CN-45652-5b"]["level"] == "error"
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert any("gone.html" in note["message"]["text"] for note in notes)


def test_sarif_fingerprints_outlive_a_run(report: Report, audited: Callable[[], Report]) -> None:
    def prints(of: Report) -> list[str]:
        return sorted(r["partialFingerprints"]["countermark/v1"] for r in sarif(of)["results"])

    assert prints(report) == prints(audited())


def test_html_is_one_file_that_fetches_nothing_and_runs_no_foreign_script(report: Report) -> None:
    page = RENDERERS["html"](report, "en")
    tree = LexborHTMLParser(page)
    assert len(tree.css("script")) == 1
    assert EVIL in tree.body.text()  # type: ignore[union-attr]
    assert not tree.css("b")[0].text().startswith("<")
    for node in tree.css("[src], link, iframe, object, embed, img"):
        pytest.fail(f"loads something: {node.html}")
    assert all(a.attributes["href"].startswith(("#", "https://")) for a in tree.css("a[href]"))  # type: ignore[union-attr]
    assert "default-src 'none'" in page
    ids = [node.attributes["id"] for node in tree.css("[id]")]
    assert len(ids) == len(set(ids))
    anchors = {a.attributes["href"][1:] for a in tree.css("a[href^='#']")}  # type: ignore[index]
    assert anchors <= set(ids)


def test_html_shows_the_worst_first_and_each_finding_with_evidence_rule_and_repair(report: Report) -> None:
    tree = LexborHTMLParser(RENDERERS["html"](report, "en"))
    tiles = [node.attributes["class"] for node in tree.css(".tiles li")]
    assert tiles == sorted(tiles, key=[*map(str, Verdict)].index)  # type: ignore[arg-type]
    issues = tree.css("details.issue")
    assert len(issues) == len(Outline(report).issues) > 2
    for issue in issues:
        assert issue.css(".remedy")
        assert issue.css(".evidence")
        assert issue.css(".ruletext")
    assert tree.css("#not-examined .subject")


def test_html_has_everything_in_both_languages(report: Report) -> None:
    tree = LexborHTMLParser(RENDERERS["html"](report, "zh"))
    assert tree.css_first("html").attributes["data-lang"] == "zh"  # type: ignore[union-attr]
    assert len(tree.css('span[lang="en"]')) == len(tree.css('span[lang="zh"]')) > 100


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [40, 80, 200])
def test_text_tells_the_same_at_any_width(report: Report, lang: str, width: int) -> None:
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, emoji=False, markup=False)
    text.show(report, console, lang)
    said = "".join(out.getvalue().split())
    for words in (CHROME["not_examined"], CHROME["notices"], CHROME["ended"], CHROME["accepted"]):
        assert "".join(words.within(lang).split()) in said
    assert "CN-MM-1" in said
    assert all(line == line.rstrip() for line in out.getvalue().split("\n"))


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\u202e", "\u200b", "\ud800", "\r", "\n"])
def test_text_obeys_no_content(character: str) -> None:
    assert text.safe(f"a{character}b") == f"a{character.encode('unicode_escape').decode()}b"


def test_every_word_of_the_reports_is_in_both_languages() -> None:
    catalogues: list[dict[Any, Words]] = [
        CATEGORIES, VERDICTS, MODALITIES, SOURCES, CAUSES, CHROME, BECAUSE,
    ]  # fmt: skip
    for words in (w for catalogue in catalogues for w in catalogue.values()):
        assert words.en
        assert words.zh != words.en
    assert set(CAUSES) == set(GapCause)
