"""What several commands ask for, and how they end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from countermark.cli import CLEAN, FINDINGS, INCOMPLETE, USAGE

if TYPE_CHECKING:
    from rich.console import Console

    from countermark.model import Report
    from countermark.rules import Rulebooks
    from countermark.target import Target

Function = TypeVar("Function", bound=Callable[..., Any])
FORMATS = ("text", "json", "sarif", "html")
LANGUAGES = ("en", "zh")


class Failure(click.ClickException):
    """An error that the user can do something about."""

    def __init__(self, message: str, code: int = USAGE) -> None:
        from countermark.reports.text import safe

        super().__init__("\n".join(map(safe, message.splitlines())))  # a name in it may be hostile
        self.code = code


class Day(click.ParamType[date]):
    """A day, YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read it."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no day: write YYYY-MM-DD", param, ctx)


class Output(click.ParamType[tuple[str, Path | None]]):
    """``FORMAT`` or ``FORMAT=FILE``."""

    name = "FORMAT[=FILE]"
    forms: tuple[str, ...] = FORMATS

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Path | None]:
        """Read it."""
        if isinstance(value, tuple):
            return value
        form, _, file = str(value).partition("=")
        if form not in self.forms:
            self.fail(f"{form!r} is no format: {', '.join(self.forms)}", param, ctx)
        return form, Path(file) if file else None


def target_argument(function: Function) -> Function:
    """The folder or file of the target."""
    return click.argument("target", default=".", type=click.Path(path_type=Path))(function)


def output_options(function: Function) -> Function:
    """How the report comes out."""
    for option in (
        click.option(
            "--lang",
            type=click.Choice(LANGUAGES),
            default="en",
            show_default=True,
            help="Language of the report.",
        ),
        click.option(
            "-f",
            "--format",
            "outputs",
            type=Output(),
            multiple=True,
            help=f"{', '.join(FORMATS)}; with =FILE into a file, else to standard output. Repeatable. "
            "[default: text]",
        ),
    ):
        function = option(function)
    return function


def judging_options(function: Function) -> Function:
    """By which rules, on which day, and what is a failure."""
    for option in (
        click.option(
            "--strict",
            is_flag=True,
            help="Exit 3 when any rule in force is undetermined, for whatever reason.",
        ),
        click.option(
            "--fail-on",
            type=click.Choice(["shall", "should", "may", "never"]),
            default="shall",
            show_default=True,
            help="The weakest kind of rule whose violation makes the exit code 1.",
        ),
        click.option("--as-of", type=Day(), help="Judge as if it were this day. [default: today]"),
        click.option(
            "--rulebooks",
            type=click.Path(path_type=Path),
            multiple=True,
            help="A folder of rulebooks in place of the shipped ones. Repeatable; `shipped` names those.",
        ),
    ):
        function = option(function)
    return function


def load_target(path: Path) -> tuple[Path, Target]:
    """The target and its folder; every mistake at once, and exit code 2."""
    from countermark.target import TargetError, load

    try:
        target = load(path)
    except TargetError as error:
        raise Failure(str(error)) from None
    return (path if path.is_dir() else path.parent), target


def load_rulebooks(folders: tuple[Path, ...]) -> Rulebooks:
    """The rulebooks named, or the shipped ones; exit code 2 where they cannot be used."""
    from countermark import rules
    from countermark.checks import CHECKS

    try:
        books = rules.load(*(rules.SHIPPED if str(f) == "shipped" else f for f in folders))
    except rules.RulebookError as error:
        raise Failure(str(error)) from None
    for rule in books.rules.values():
        if rule.check and rule.check not in CHECKS:
            raise Failure(f"{rule.id}: no check is called {rule.check!r}; there are: {', '.join(CHECKS)}")
    return books


def console(*, stderr: bool = False, file: Any = None) -> Console:
    """A rich console. Without a terminal it is as wide as the text needs, and without colour."""
    from rich.console import Console

    stream = file or (sys.stderr if stderr else sys.stdout)
    made = Console(file=stream, highlight=False, emoji=False, markup=False)
    if not made.is_terminal:
        made = Console(file=stream, highlight=False, emoji=False, markup=False, width=160, no_color=True)
    return made


def write(report: Report, outputs: tuple[tuple[str, Path | None], ...], lang: str) -> None:
    """Write the report in every form that was asked for."""
    from countermark.reports import RENDERERS, text

    for form, file in outputs or (("text", None),):
        try:
            if form == "text" and file is None:
                text.show(report, console(), lang)
            elif form == "text" and file is not None:
                with file.open("w", encoding="utf-8") as stream:
                    text.show(report, console(file=stream), lang)
            elif file is not None:
                file.write_text(RENDERERS[form](report, lang), encoding="utf-8")
            else:
                click.echo(RENDERERS[form](report, lang), nl=False)
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            raise Failure(f"{file}: {error.strerror}; `countermark report` writes it again") from None


def check_outputs(outputs: tuple[tuple[str, Path | None], ...]) -> None:
    """Find out before a long audit, not behind it, that a report has no folder to go to."""
    for _, file in outputs:
        if file is not None and not file.parent.is_dir():
            raise Failure(f"{file}: there is no folder {file.parent}")


def exit_code(report: Report, fail_on: str, *, strict: bool) -> int:
    """What a stored judgement means to a pipeline. Violations come before what is missing."""
    from countermark.model import Modality, Standing, Verdict
    from countermark.reports.outline import Outline, may_pass

    if not may_pass(report, None if fail_on == "never" else Modality(fail_on)):
        return FINDINGS
    judged = report.of(Standing.IN_FORCE)
    open_ = [a for a in judged if a.incomplete or (strict and a.verdict is Verdict.UNDETERMINED)]
    return INCOMPLETE if open_ or report.gaps or not Outline(report).examined else CLEAN
