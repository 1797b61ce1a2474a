"""``countermark rules``."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from countermark.cli.options import LANGUAGES, Day, Failure, console, load_rulebooks

if TYPE_CHECKING:
    from countermark.model import Rule

books_option = click.option(
    "--rulebooks",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Folders in place of the shipped rulebooks.",
)
SHOWN = 160
lang_option = click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)


@click.group("rules")
def command() -> None:
    """Look at the rulebooks."""


@command.command("list")
@books_option
@lang_option
@click.option("--category", help="Only this category.")
@click.option("--jurisdiction", help="Only this place: CN, EU, US-CA.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_rules(
    rulebooks: tuple[Path, ...],
    lang: str,
    category: str | None,
    jurisdiction: str | None,
    as_json: bool,
) -> None:
    """List all rules, in force or not."""
    chosen = [
        rule
        for rule in load_rulebooks(rulebooks).rules.values()
        if category in (None, rule.category) and jurisdiction in (None, rule.clause.jurisdiction)
    ]
    if not chosen:
        raise Failure("no rule matches; `countermark rules list` shows all of them")
    _print(chosen, lang, as_json=as_json)


@command.command("show")
@click.argument("rule_id")
@books_option
@lang_option
@click.pass_context
def show_rule(ctx: click.Context, rule_id: str, rulebooks: tuple[Path, ...], lang: str) -> None:
    """Show one rule: the same as `countermark explain`."""
    from countermark.cli.explain_command import command as explain

    ctx.invoke(explain, rule_id=rule_id, rulebooks=rulebooks, lang=lang)


@command.command("diff")
@click.argument("before")
@click.argument("after")
@books_option
@lang_option
def diff_editions(before: str, after: str, rulebooks: tuple[Path, ...], lang: str) -> None:
    """What changes from edition BEFORE to edition AFTER.

    \b
      countermark rules diff cn-tc260-003/2024-02-29 cn-gbt45654/2025
    """
    from countermark.rules import diff

    books = load_rulebooks(rulebooks)
    for name in (before, after):
        if name not in books.editions:
            raise Failure(f"no edition is called {name!r}; there are: {', '.join(books.editions)}")
    changes = diff(books.of(before).values(), books.of(after).values())
    screen = console()
    for change in changes:
        if change.before is None and change.after is not None:
            screen.print(f"+ {change.after.id}  {change.after.title.within(lang)}", style="green")
        elif change.after is None and change.before is not None:
            screen.print(f"- {change.before.id}  {change.before.title.within(lang)}", style="red")
        elif change.before is not None and change.after is not None:
            names = (
                change.before.id
                if change.before.id == change.after.id
                else f"{change.before.id} → {change.after.id}"
            )
            screen.print(f"~ {names}  {change.after.title.within(lang)}", style="yellow")
            for field, old, new in change.fields:
                screen.print(f"    {field}: {_short(old, lang)} → {_short(new, lang)}")
    if not changes:
        screen.print("the two editions ask the same")


@command.command("as-of")
@click.argument("day", type=Day())
@books_option
@lang_option
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def as_of(day: date, rulebooks: tuple[Path, ...], lang: str, as_json: bool) -> None:
    """List the rules in force on DAY, and what has changed most recently and comes next."""
    from countermark.model import Standing
    from countermark.rules import standing

    books = load_rulebooks(rulebooks)
    rules = list(books.rules.values())
    _print([rule for rule in rules if standing(rule, day) is Standing.IN_FORCE], lang, as_json=as_json)
    if as_json:
        return
    screen = console()
    coming = sorted({(r.in_force, r.clause.edition) for r in rules if r.in_force > day})
    ended = sorted({(r.until, r.clause.edition) for r in rules if r.until and r.until < day}, reverse=True)
    screen.print("\nnext:  " + ("; ".join(f"{d} {e}" for d, e in coming) or "nothing known"))
    screen.print("ended: " + ("; ".join(f"{d} {e}" for d, e in ended) or "nothing"))


def _print(rules: list[Rule], lang: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([rule.model_dump(mode="json") for rule in rules], ensure_ascii=False, indent=2))
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("rule", "", "category", "from", "until", "source", "title"):
        table.add_column(name, no_wrap=name != "title")
    for rule in rules:
        table.add_row(
            rule.id,
            rule.modality,
            rule.category,
            str(rule.in_force),
            str(rule.until or ""),
            rule.source,
            rule.title.within(lang),
        )
    screen = console()
    screen.print(table)
    screen.print(f"\n{len(rules)} rules")


def _short(value: object, lang: str) -> str:
    if isinstance(value, dict) and set(value) == {"en", "zh"}:
        value = value[lang]
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} …"
