"""``countermark register draft``."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from countermark.cli import CLEAN, FINDINGS
from countermark.cli.options import Day, Failure
from countermark.cli.register.list_command import KINDS
from countermark.cli.register.shared_options import Given, emit, folder_option, open_register, output_option

if TYPE_CHECKING:
    from rich.console import Console

    from countermark.inventory.register.ledger import Ledger
    from countermark.inventory.usage import Usage

LEDGER = "register.yaml"
TARGET = "countermark.yaml"
OCCASIONS = ("new", "change", "cancel")


@click.command("draft")
@click.option("--track", required=True, type=click.Choice(KINDS), help="What is filed.")
@click.option("--occasion", type=click.Choice(OCCASIONS), default="new", show_default=True, help="Why.")
@click.option("--product", default="", help="The product or service that it is for.")
@click.option("--entity", default="", help="Who files. [default: of the ledger, else of countermark.yaml]")
@click.option("--number", default="", help="The number that is changed or cancelled.")
@click.option("--upstream", default="", help="The number of the filed model that is called, or built upon.")
@click.option(
    "--since", type=Day(), help="When the service began, changed or ended: the period runs from it."
)
@click.option("--reason", default="", help="What was found, in your words.")
@click.option(
    "--scan",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The models in use: `countermark inventory scan -f json=FILE`.",
)
@click.option(
    "--ledger",
    type=click.Path(path_type=Path, exists=True),
    help=f"Your own filings. [default: {LEDGER}, where there is one]",
)
@click.option(
    "--target",
    type=click.Path(path_type=Path, exists=True),
    help=f"What is audited. [default: {TARGET}, where there is one]",
)
@click.option("--as-of", type=Day(), help="Count what is left from this day. [default: today]")
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Of the draft."
)
@folder_option
@output_option
@click.pass_context
def command(ctx: click.Context, /, folder: Path | None, outputs: Given, lang: str, **given: Any) -> None:
    """Draft what to file, as Markdown: what is known is filled in, the rest is 【待填写】.

    Periods are counted in working days of mainland China, with public holidays and working weekends of the
    years that are known; for others the day is one that is not too late. Each line says how it is known:
    from the official text, from secondary sources, inferred, or unconfirmed.

    The exit code is 1 where a period has ended, else 0.

    \b
    Examples:
      countermark register draft --track deep-synthesis --product 示例助手 --since 2026-11-20
      countermark register draft --track registration --upstream Beijing-WenXinYiYan-20230821 --scan scan.json
      countermark register draft --track filing --occasion cancel --number Beijing-Example-202404280016
    """
    from countermark.inventory.register import Kind, drafting, rendering

    ledger = _ledger(given["ledger"])
    case = drafting.Case(
        kind=Kind(given["track"]),
        occasion=drafting.Occasion(given["occasion"]),
        product=given["product"],
        entity=given["entity"] or _operator(given["target"], given["product"], ledger),
        number=given["number"],
        upstream=given["upstream"],
        since=given["since"],
        usages=drafting.answering(_usages(given["scan"])),
        reason=given["reason"],
    )
    today: date = given["as_of"] or datetime.now(tz=UTC).date()
    calls = case.upstream or any(filing.upstream for filing in ledger.filings)
    register = open_register(folder) if calls else None
    try:
        made = drafting.draft(case, ledger, today, register)
    except ValueError as error:
        raise Failure(f"--since: {error}") from None
    text = rendering.markdown(made, lang)

    def show(screen: Console) -> None:
        screen.file.write(text)

    emit(outputs, rendering.to_dict(made, lang), show)
    ctx.exit(FINDINGS if made.is_late else CLEAN)


def _ledger(path: Path | None) -> Ledger:
    from countermark.inventory.register import RegisterError
    from countermark.inventory.register.ledger import Ledger, load

    if path is None and not Path(LEDGER).is_file():
        return Ledger(version=1)
    try:
        return load(path or Path(LEDGER))
    except RegisterError as error:
        raise Failure(str(error)) from None


def _operator(path: Path | None, product: str, ledger: Ledger) -> str:
    """The operator of countermark.yaml, unless the ledger knows who has filed for the product."""
    from countermark.target import TargetError, load

    if any(filing.product == product for filing in ledger.filings):
        return ""
    if path is None and not Path(TARGET).is_file():
        return ""
    try:
        return load(path or Path(TARGET)).operator.name
    except TargetError as error:
        raise Failure(str(error)) from None


def _usages(path: Path | None) -> list[Usage]:
    from countermark.inventory import saving

    if path is None:
        return []
    try:
        return saving.from_json(path.read_bytes()).usages
    except saving.InventoryError as error:
        raise Failure(f"{path}: {error}") from None
    except OSError as error:
        raise Failure(f"{path}: {error.strerror or error}") from None
