"""Parts of a file that are only there when a value is true, and whole documents that are switched off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from countermark.inventory.reading.config.switches import DOWN, NO
from countermark.inventory.reading.expressions import Assignment, Command, Document, Entry

T = TypeVar("T", Entry, Assignment, Command)
FALSE = NO | DOWN | {"", "null", "{}", "[]"}
Values = Mapping[tuple[str, ...], str]
"""What settings are, in lower case, by their path."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Lines that are only there when a value is true."""

    first: int
    last: int
    path: tuple[str, ...]
    """Of the value in the settings."""
    holds: bool = True
    """False for lines that are there when it is false: behind ``else``, below ``if not``."""
    equals: str = ""
    """What the value must be, in lower case, where it is compared."""


@dataclass(slots=True)
class Conditional(Document):
    """A document of which parts depend on values that stand elsewhere."""

    conditions: list[Condition] = field(default_factory=list)


def conditional(document: Document, conditions: Iterable[Condition]) -> Document:
    """A document with the conditions that its lines have; the same where it has none."""
    found = list(conditions)
    if not found:
        return document
    return Conditional(
        document.path, document.format, document.entries, document.assignments, document.commands,
        document.reads, document.loose, document.trouble, found,
    )  # fmt: skip


def applied(document: Document, values: Values, where: str) -> Document:
    """Switch off the lines whose condition the values make false; ``where`` says where those stand."""
    spans: list[tuple[int, int, str]] = []
    for condition in document.conditions if isinstance(document, Conditional) else ():
        value = values.get(condition.path)
        true = value == condition.equals if condition.equals else value not in FALSE
        if value is not None and true != condition.holds:
            reason = f"{'.'.join(condition.path)}: {value or 'empty'} in {where}"
            spans.append((condition.first, condition.last, reason))
    if not spans:
        return document

    def why(each: Entry | Assignment | Command) -> str:
        return each.off or next((reason for first, last, reason in spans if first <= each.line <= last), "")

    return with_reasons(document, why)


def all_off(document: Document, reason: str) -> Document:
    """A document of which nothing has an effect."""
    return with_reasons(document, lambda each: each.off or reason)


def with_reasons(document: Document, why: Callable[[Entry | Assignment | Command], str]) -> Document:
    """A document with the reason of being off that a function gives for each thing in it."""
    return replace(
        document,
        entries=[_with(entry, why(entry)) for entry in document.entries],
        assignments=[_with(assignment, why(assignment)) for assignment in document.assignments],
        commands=[_with(command, why(command)) for command in document.commands],
    )


def _with(each: T, off: str) -> T:
    return each if each.off == off else replace(each, off=off)
