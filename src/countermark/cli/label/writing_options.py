"""What the commands that write share: where to, how, and signed by whom."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from countermark.cli import CLEAN, FINDINGS, INCOMPLETE
from countermark.cli.options import Failure

if TYPE_CHECKING:
    from collections import Counter

    from countermark.labels import Options

Function = TypeVar("Function", bound=Callable[..., Any])


def writing_options(function: Function) -> Function:
    """Where the labelled files go, and how they get there."""
    for option in (
        click.option(
            "--break-signature",
            is_flag=True,
            help="Write although a C2PA manifest or a signature of the file becomes invalid.",
        ),
        click.option(
            "--key",
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            help="PEM file of the key (SM2, ECDSA P-256 or Ed25519) that signs the label and, where the "
            "container allows it, the content.",
        ),
        click.option("--key-id", default="", help="The name of the key in your trust store."),
        click.option("--fsync", is_flag=True, help="Ask the disk to have each file before going on."),
        click.option(
            "--in-place",
            is_flag=True,
            help="Change the files themselves where their format allows it, under a journal. Faster; "
            "hard links see the change.",
        ),
        click.option(
            "--to",
            type=click.Path(path_type=Path, file_okay=False),
            help="Folder for labelled copies. Without it the files themselves are labelled.",
        ),
    ):
        function = option(function)
    return function


def options_of(
    *, to: Path | None, in_place: bool, fsync: bool, key: Path | None, key_id: str, break_signature: bool
) -> Options:
    """The options of the library; exit code 2 where they contradict each other or the key is none."""
    from countermark.labels import LabelError, Options

    if to is not None and in_place:
        raise Failure("--to makes copies, --in-place makes none: choose one")
    signing = None
    if key is not None:
        from countermark.labels.security.trust import SigningKey

        try:
            signing = SigningKey.from_pem(key.read_bytes(), key_id=key_id)
        except (LabelError, OSError) as error:
            raise Failure(f"{key}: {error}") from None
    return Options(in_place=in_place, fsync=fsync, break_signature=break_signature, key=signing)


def code_of(counts: Counter[tuple[str, str]]) -> int:
    """Exit code of a command that writes: what was refused is a finding, what failed is missing."""
    outcomes = {outcome for _, outcome in counts}
    if "refused" in outcomes:
        return FINDINGS
    return INCOMPLETE if outcomes & {"failed", "unsupported"} else CLEAN
