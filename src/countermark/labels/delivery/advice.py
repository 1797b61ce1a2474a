"""What most likely lost a mark, and what keeps it: by the command, or by what the output says of itself."""

from __future__ import annotations

import re
import shlex
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from countermark.labels.delivery.marks import Look, Presence

AGAIN = "label again as the last step: countermark label write FILE --producer … --produce-id …"
SIGN_AGAIN = "label and sign as the last step: countermark label write FILE --key KEY.pem"
OF_MARK = {
    "signature": ("it stands in the label, and went or broke with it", SIGN_AGAIN),
    "binding": (
        "the content was changed, so that what binds the label to it no longer holds; that is what it is for",
        SIGN_AGAIN,
    ),
    "c2pa": (
        "a manifest holds for the bytes that were signed; a program that rewrites them breaks or drops it",
        "sign again as the last step, with the manifest of the original as ingredient",
    ),
    "explicit": (
        "cropped, scaled away, covered or cut off, or the step makes new content",
        "put the explicit label in after this step: countermark label write FILE --explicit",
    ),
}
"""Where the mark itself says more than the program."""
UNNAMED = "the step wrote the file anew without this metadata; which program it was cannot be told"


@dataclass(frozen=True, slots=True)
class Advice:
    """A likely cause and a remedy, in English."""

    cause: str
    keep: str
    """The flag or setting that keeps the mark, or what to do where none is known."""
    tool: str = ""
    verified: bool = False
    """Whether the remedy was tried on real files."""
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the table."""

    tool: str
    cause: str
    keep: str
    source: str
    verified: bool
    program: re.Pattern[str] | None
    command: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    trace: re.Pattern[str] | None
    before: frozenset[str]
    into: frozenset[str]

    def fits(self, command: str, before: Look, after: Look) -> bool:
        """Whether it speaks of this step."""
        if self.before and before.container not in self.before:
            return False
        if self.into and after.container not in self.into:
            return False
        if command:
            return self._fits_command(command)
        return bool(self.trace and self.trace.search(after.traces))

    def _fits_command(self, command: str) -> bool:
        if not self.program or not self.program.search(program_of(command)):
            return False
        if self.unless and self.unless.search(command):
            return False
        return not self.command or bool(self.command.search(command))


def advise(mark: str, command: str, before: Look, after: Look) -> Advice:
    """What to say of a mark that was there before a step and is not after it.

    Args:
        mark: its name.
        command: of the step; empty where it is not known.
        before: what went in.
        after: what came out.
    """
    if mark in OF_MARK:
        went = mark == "binding" and after.marks["label"].presence is Presence.ABSENT
        cause, keep = OF_MARK["signature" if went else mark]
        return Advice(cause, keep)
    for known in dict.fromkeys((command.removeprefix("url:"), "")):  # a script may call what leaves its trace
        for row in _rows():
            if row.fits(known, before, after):
                return Advice(row.cause, row.keep or AGAIN, row.tool, row.verified, row.source)
    return Advice(UNNAMED, AGAIN)


def program_of(command: str) -> str:
    """The name of the program that a command calls, without folder and extension, or its address."""
    if re.match(r"https?://", command):
        return command
    try:
        words = shlex.split(command)
    except ValueError:
        return ""
    name = re.split(r"[/\\]", words[0])[-1] if words else ""
    return name.removesuffix(".exe")


@cache
def _rows() -> tuple[_Row, ...]:
    text = files("countermark.labels.delivery").joinpath("advice.toml").read_text("utf-8")
    return tuple(_row(row) for row in tomllib.loads(text)["advice"])


def _row(row: dict[str, Any]) -> _Row:
    values: dict[str, Any] = {name: row[name] for name in ("tool", "cause", "keep", "source", "verified")}
    values |= {name: re.compile(row[name]) if name in row else None for name in PATTERNS}
    return _Row(before=frozenset(row.get("from", ())), into=frozenset(row.get("into", ())), **values)


PATTERNS = ("program", "command", "unless", "trace")
