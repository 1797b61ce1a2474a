"""What can be wrong with a label, a container or a request, and the errors that say so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LabelError(Exception):
    """A file, a container or a request that cannot be worked with; the message says what and where."""


class UnknownContainerError(LabelError):
    """A container that is not read."""


class ChangedError(LabelError):
    """Somebody else writes, or wrote, to the same file."""


class MissingPackageError(LabelError):
    """An optional package is needed; the message has the line that installs it."""


class TooLargeError(LabelError):
    """A limit was reached; the message names it."""


class Severity(StrEnum):
    """How much a defect weighs, worst first."""

    ERROR = "error"
    """The label is not what the standard describes."""
    WARNING = "warning"
    """Readable, but a careful reader may take it differently, or a soft requirement is missed."""
    NOTE = "note"
    """Worth knowing; nothing to repair."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong."""

    severity: Severity
    code: str
    """A stable name, such as ``missing-field``."""
    text: str
    """What is wrong, in English, ready to stand behind the place and a colon."""

    def __str__(self) -> str:
        """The text alone."""
        return self.text


def error(code: str, text: str) -> Defect:
    """A defect that breaks the standard."""
    return Defect(Severity.ERROR, code, text)


def warning(code: str, text: str) -> Defect:
    """A defect that a careful reader wants to know."""
    return Defect(Severity.WARNING, code, text)
