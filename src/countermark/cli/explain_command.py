"""``countermark explain``."""

from __future__ import annotations

import difflib
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from countermark.cli.options import LANGUAGES, Failure, console, load_rulebooks

if TYPE_CHECKING:
    from countermark.model import Example, Rule

SHOWN = 400
STANDINGS = {"in_force": "in force today", "coming": "not in force yet", "ended": "no longer in force"}


@click.command("explain")
@click.argument("rule_id", metavar="ID")
@click.option(
    "--rulebooks",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Folders in place of the shipped rulebooks.",
)
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)
def command(rule_id: str, rulebooks: tuple[Path, ...], lang: str) -> None:
    """One rule in plain words: what it asks, how sure we are, how it is checked, how to repair it.

    \b
      countermark explain CN-LAB-5
    """
    from rich.text import Text

    from countermark.reports.words import MODALITIES, SOURCES
    from countermark.rules import standing

    books = load_rulebooks(rulebooks)
    rule = books.rules.get(rule_id) or books.rules.get(rule_id.upper())
    if rule is None:
        close = difflib.get_close_matches(rule_id.upper(), books.rules, n=3, cutoff=0.4)
        hint = f"did you mean {', '.join(close)}?" if close else "`countermark rules list` shows all of them"
        raise Failure(f"no rule is called {rule_id!r}; {hint}")
    screen = console()

    def part(title: str, text: str) -> None:
        screen.print(Text(title, "bold"))
        screen.print(Text(text), soft_wrap=not screen.is_terminal)
        screen.print()

    clause = rule.clause
    screen.print(Text.assemble((rule.id, "bold cyan"), "  ", (rule.title.within(lang), "bold")))
    ended = f" until {rule.until}" if rule.until else ""
    screen.print(
        Text(
            f"{clause.instrument.within(lang)} {clause.article} · {clause.jurisdiction} · {clause.level} · "
            f"{MODALITIES[rule.modality].within(lang)} · from {rule.in_force}{ended} "
            f"({STANDINGS[standing(rule, date.today())]}) · {rule.category}",  # noqa: DTZ011 - the user's day
            "dim",
        )
    )
    screen.print()
    part("What it asks", rule.requirement.within(lang))
    part(
        "Whom it binds",
        ", ".join(rule.roles) + (f"; services that are {' and '.join(rule.when)}" if rule.when else ""),
    )
    note = books.editions[clause.edition].note
    part(
        "How sure we are of the text",
        f"{SOURCES[rule.source].within(lang).capitalize()}."
        + (f" {note.within(lang)}" if note else "")
        + (f"\n{clause.url}" if clause.url else ""),
    )
    part("How it is checked", _checked(rule))
    if rule.limits:
        part("What the check cannot see", rule.limits.within(lang))
    part("How to repair it", rule.remedy.within(lang))
    for example in {example.verdict: example for example in reversed(rule.example)}.values():
        part(f"Example: {example.verdict}", _example(example))


def _checked(rule: Rule) -> str:
    if rule.judged_by:
        return f"It is as bad as the worst of: {', '.join(rule.judged_by)}."
    if rule.check is None:
        return "Not yet: no automatic check exists, so an audit says undetermined."
    from countermark.checks import CHECKS

    doc = (CHECKS[rule.check].__doc__ or "").strip().splitlines()[0]
    given = ", ".join(f"{name} = {_short(value)}" for name, value in rule.parameters.items())
    return f"{rule.check} on {', '.join(rule.evidence)}: {doc}" + (f"\n{given}" if given else "")


def _example(example: Example) -> str:
    facts = example.facts if example.facts is not None else [dict(e) for e in example.evidence]
    return (f"{example.note}\n" if example.note else "") + _short(facts)


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} …"
