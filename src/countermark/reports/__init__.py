"""A report for each reader: terminal, JSON, SARIF, HTML."""

from __future__ import annotations

from collections.abc import Callable

from countermark.model import Report


def _json(report: Report, _lang: str) -> str:
    from countermark.reports import json_v1  # noqa: PLC0415 - each format brings its own imports

    return json_v1.render(report)


def _sarif(report: Report, lang: str) -> str:
    from countermark.reports import sarif  # noqa: PLC0415

    return sarif.render(report, lang)


def _html(report: Report, lang: str) -> str:
    from countermark.reports import html  # noqa: PLC0415

    return html.render(report, lang)


RENDERERS: dict[str, Callable[[Report, str], str]] = {"json": _json, "sarif": _sarif, "html": _html}
FORMATS = ("text", *RENDERERS)
LANGUAGES = ("en", "zh")
