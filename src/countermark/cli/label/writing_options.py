"""What the commands that write share: where to, how, signed by whom, and what they say of each file."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from countermark.cli import CLEAN, FINDINGS, INCOMPLETE
from countermark.cli.label.many import trouble_of
from countermark.cli.options import Failure

if TYPE_CHECKING:
    from countermark.cli.label.table import Counts
    from countermark.labels import Options, Written
    from countermark.labels.batch import Done, Found, Search

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Writing:
    """How labelled files come to be, as the options say it."""

    to: Path | None
    in_place: bool
    fsync: bool
    key: Path | None
    key_id: str
    break_signature: bool

    @property
    def search(self) -> Search:
        """Which files are taken: no links of a folder, and no copies of an earlier run."""
        from countermark.labels.batch import Search

        return Search(to=str(self.to) if self.to else "")

    def options(self) -> Options:
        """The options of the library; exit code 2 where they contradict each other or the key is none."""
        from countermark.labels import LabelError, Options

        if self.to is not None and self.in_place:
            raise Failure("--to makes copies, --in-place makes none: choose one")
        signing = None
        if self.key is not None:
            from countermark.labels.security.trust import SigningKey

            try:
                signing = SigningKey.from_pem(self.key.read_bytes(), key_id=self.key_id)
            except (LabelError, OSError) as error:
                raise Failure(f"{self.key}: {trouble_of(error)}") from None
        return Options(
            in_place=self.in_place, fsync=self.fsync, break_signature=self.break_signature, key=signing
        )


def writing_options(function: Function) -> Function:
    """Where the labelled files go, and how they get there; all given on as ``writing``."""

    @functools.wraps(function)
    def gathered(*args: Any, **options: Any) -> Any:
        taken = {each.name: options.pop(each.name) for each in fields(Writing)}
        return function(*args, writing=Writing(**taken), **options)

    command: Any = gathered
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
            help="Folder for labelled copies, which is left out where it lies among FILES. Without it the "
            "files themselves are labelled.",
        ),
    ):
        command = option(command)
    return command  # type: ignore[no-any-return]


def code_of(counts: Counts) -> int:
    """Exit code of a command that writes: what was refused is a finding, what failed is missing."""
    outcomes = {outcome for _, outcome in counts}
    if "refused" in outcomes:
        return FINDINGS
    return INCOMPLETE if outcomes & {"failed", "unsupported"} else CLEAN


def attempt(found: Found, act: Callable[[Found], Done]) -> Done:
    """Do it, and say what became of it: nothing that is wrong with one file ends the run."""
    from countermark import labels

    if found.trouble:
        return told(found, "failed", found.trouble)
    try:
        return act(found)
    except (labels.LabelledError, labels.SignedError, labels.ConflictError) as error:
        return told(found, "refused", str(error))
    except labels.UnknownContainerError as error:
        return told(found, "unsupported", str(error))
    except (labels.LabelError, OSError) as error:
        return told(found, "failed", trouble_of(error))


def wrote(
    found: Found, written: Written, more: dict[str, Any] | None = None, *, outcome: str = "written"
) -> Done:
    """A file that was written, as a line."""
    value = {
        "outcome": outcome,
        "container": written.container,
        "to": str(written.path),
        "way": str(written.way),
        "place": written.label.place,
        "growth": written.growth,
    }
    return done(found, value | said(written.label.fields) | (more or {}))


def said(values: dict[str, str]) -> dict[str, Any]:
    """What a label says; what identifies a person is masked."""
    from countermark.labels.codes import masked

    return {"fields": {name: masked(text) for name, text in values.items()}}


def told(found: Found, outcome: str, reason: str) -> Done:
    """A file that was not written, as a line and a note."""
    return done(found, {"outcome": outcome, "container": "", "reason": reason}, reason)


def done(found: Found, value: dict[str, Any], *note: str) -> Done:
    """What became of a file, by its line, with a note where there is something to say."""
    from countermark.labels.batch import Done, line

    shown = (found.path, *note) if note else ()
    return Done(line(found, value), value["container"], value["outcome"], shown)
