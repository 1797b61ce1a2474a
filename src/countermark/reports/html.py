"""The report as one HTML file: works offline, in two languages, and prints."""

from __future__ import annotations

import json
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from countermark.model import Modality, Report, Standing, Verdict, Words
from countermark.reports.outline import Outline
from countermark.reports.words import (
    BECAUSE,
    CATEGORIES,
    CAUSES,
    CHROME,
    MODALITIES,
    QUESTIONS,
    SOURCES,
    VERDICTS,
)

SIGNS = {
    Verdict.VIOLATES: "✗",
    Verdict.UNDETERMINED: "?",
    Verdict.CONFORMS: "✓",
    Verdict.NOT_APPLICABLE: "–",
}
MAX_FACT = 20_000
MAX_ISSUES = 500
"""Violations shown of one category; the JSON report has all of them."""


def render(report: Report, lang: str) -> str:
    """The report as HTML. ``lang`` is the language that it opens in; a button switches it."""
    environment = Environment(
        loader=PackageLoader("countermark.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    functions: dict[str, Any] = {"both": _both, "say": _say, "Verdict": Verdict}
    environment.globals.update(functions)
    environment.filters |= {"fact": _fact}
    outline = Outline(report)
    return environment.get_template("report.html").render(
        report=report,
        outline=outline,
        lang=lang,
        most=MAX_ISSUES,
        signs=SIGNS,
        verdicts=VERDICTS,
        categories=CATEGORIES,
        questions=QUESTIONS,
        causes=CAUSES,
        reasons=BECAUSE,
        sources=SOURCES,
        modalities=MODALITIES,
        shall=Modality.SHALL,
        coming=outline.packs(Standing.COMING),
        ended=outline.packs(Standing.ENDED),
        open_issues=[issue for issue in outline.issues if not issue.accepted],
        accepted_issues=[issue for issue in outline.issues if issue.accepted],
    )


def _both(words: Words) -> Markup:
    """Both languages; the style sheet shows one."""
    return Markup('<span lang="en">{}</span><span lang="zh">{}</span>').format(words.en, words.zh)


def _say(name: str) -> Markup:
    return _both(CHROME[name])


def _fact(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_FACT else f"{text[:MAX_FACT]} … ({len(text):,} characters)"
