"""Where the register is, and how its commands print."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import click

from countermark.cli.options import Failure, Output, console

if TYPE_CHECKING:
    from rich.console import Console

    from countermark.inventory.register import Register

Function = TypeVar("Function", bound=Callable[..., Any])
Given: TypeAlias = tuple[tuple[str, Path | None], ...]


class RegisterOutput(Output):
    """``text`` or ``json``, with ``=FILE`` where it goes into one."""

    forms = ("text", "json")


def folder_option(function: Function) -> Function:
    """The folder of the register."""
    return click.option(
        "--register",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="COUNTERMARK_REGISTER",
        show_envvar=True,
        help="Folder of the register. [default: .countermark/register, else the sample that is shipped]",
    )(function)


def output_option(function: Function) -> Function:
    """How the answer comes out."""
    return click.option(
        "-f",
        "--format",
        "outputs",
        type=RegisterOutput(),
        multiple=True,
        help="text or json; with =FILE into a file, else to standard output. Repeatable. [default: text]",
    )(function)


def open_register(folder: Path | None) -> Register:
    """The register of the folder; without one the default, else the sample, and standard error says so."""
    from countermark.inventory.register import DEFAULT_FOLDER, Register, RegisterError

    try:
        if folder is not None:
            return Register.open(folder)
        if Path(DEFAULT_FOLDER).is_dir():
            return Register.open(Path(DEFAULT_FOLDER))
        register = Register.sample()
    except RegisterError as error:
        raise Failure(str(error)) from None
    click.echo(
        f"no register here: only a sample of {len(register)} rows is looked at; "
        "`countermark register import` reads the public lists",
        err=True,
    )
    return register


def emit(outputs: Given, value: dict[str, Any], show: Callable[[Console], None]) -> None:
    """Write the answer in each form that was asked for."""
    for form, file in outputs or (("text", None),):
        if form == "json":
            _write(json.dumps(value, ensure_ascii=False, indent=2) + "\n", file)
        else:
            screen = console()
            if file is None:
                show(screen)
                continue
            screen = console(file=_Collected())
            show(screen)
            _write("".join(screen.file.parts), file)  # type: ignore[attr-defined]


class _Collected:
    """A stream that keeps what is written to it."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def write(self, text: str) -> int:
        self.parts.append(text)
        return len(text)

    def flush(self) -> None:
        """There is nothing to wait for."""


def _write(text: str, file: Path | None) -> None:
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure(f"{file}: {error.strerror or error}") from None
