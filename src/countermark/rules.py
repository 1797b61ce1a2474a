"""Rulebooks: read, validate, date and compare them. A rulebook is data; nothing here knows a law.

A rulebook is a folder ``<instrument>/<edition>/`` with one ``edition.toml`` and one TOML file for
each rule, named after the rule's id.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from countermark.model import Rule, Standing, Value, Words, canonical, digest_of

SHIPPED = Path(__file__).parent / "rulebooks"
EDITION_FILE = "edition.toml"
MAX_BYTES = 1 << 20


class RulebookError(Exception):
    """A rulebook cannot be used; the message names file and field."""


class Edition(Value):
    """One edition of an instrument: what its rules have in common."""

    title: Words
    jurisdiction: str
    level: str
    issued: date
    in_force: date
    until: date | None = None
    url: str
    note: Words | None = None
    """What a reader must know of it: what was not read, what it replaces."""


@dataclass(frozen=True)
class Rulebooks:
    """All rules at hand, by id, with the editions that they come from."""

    rules: Mapping[str, Rule]
    editions: Mapping[str, Edition]

    def digests(self) -> dict[str, str]:
        """Edition → SHA-256 over the canonical JSON of its rules, in the order of their ids."""
        return {
            name: digest_of(
                canonical(
                    [
                        self.rules[i].model_dump(mode="json")
                        for i in sorted(self.rules)
                        if self.rules[i].clause.edition == name
                    ]
                )
            )
            for name in self.editions
        }

    def of(self, edition: str) -> dict[str, Rule]:
        """The rules of one edition."""
        return {i: rule for i, rule in self.rules.items() if rule.clause.edition == edition}


def load(*folders: Path) -> Rulebooks:
    """Read all rulebooks below ``folders``; the shipped ones where none is named.

    Raises:
        RulebookError: a file is not TOML, a field is wrong, two rules share an id, or a rule refers
            to one that does not exist.
    """
    rules: dict[str, Rule] = {}
    editions: dict[str, Edition] = {}
    for folder in folders or (SHIPPED,):
        found = sorted(folder.glob(f"**/{EDITION_FILE}"))
        if not found:
            raise RulebookError(f"{folder}: no rulebook here (no {EDITION_FILE} below it)")
        for file in found:
            name = f"{file.parent.parent.name}/{file.parent.name}"
            editions[name] = edition = _edition(file)
            for rule in _rules(file.parent, name, edition):
                if rule.id in rules:
                    raise RulebookError(
                        f"{file.parent}: the id {rule.id} is taken by {rules[rule.id].clause.edition}"
                    )
                rules[rule.id] = rule
    _refer(rules)
    return Rulebooks(rules, editions)


def _toml(file: Path) -> dict[str, Any]:
    try:
        data = file.read_bytes()
        if len(data) > MAX_BYTES:
            raise RulebookError(f"{file}: larger than {MAX_BYTES >> 20} MiB: not a rule")
        return tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulebookError(f"{file}: not TOML: {error}") from None
    except OSError as error:
        raise RulebookError(f"{file}: {error.strerror}") from None


def _invalid(file: Path, error: ValidationError) -> RulebookError:
    lines = (
        f"{file}: {'.'.join(map(str, d['loc'])) or 'rule'}: {d['msg'].removeprefix('Value error, ')}"
        for d in error.errors()
    )
    return RulebookError("\n".join(lines))


def _edition(file: Path) -> Edition:
    try:
        return Edition.model_validate(_toml(file))
    except ValidationError as error:
        raise _invalid(file, error) from None


def _rules(folder: Path, name: str, edition: Edition) -> Iterator[Rule]:
    for file in sorted(folder.glob("*.toml")):
        if file.name == EDITION_FILE:
            continue
        written = _toml(file)
        clause = {
            "instrument": edition.title.model_dump(),
            "edition": name,
            "article": written.pop("clause", ""),
            "jurisdiction": edition.jurisdiction,
            "level": edition.level,
            "url": edition.url,
        }
        if isinstance(written.get("evidence"), str):
            written["evidence"] = [written["evidence"]]
        dates = {"in_force": edition.in_force, "until": edition.until}
        try:
            rule = Rule.model_validate({**dates, **written, "clause": clause})
        except ValidationError as error:
            raise _invalid(file, error) from None
        if rule.id != file.stem:
            raise RulebookError(f"{file}: id: is {rule.id}; the file of a rule bears its id")
        yield rule


def _refer(rules: Mapping[str, Rule]) -> None:
    """Every id that a rule names exists, and no rule is judged by itself."""
    for rule in rules.values():
        named = [*rule.judged_by, *([rule.superseded_by] if rule.superseded_by else [])]
        for other in named:
            if other not in rules:
                raise RulebookError(f"{rule.id}: names {other}, which is in no rulebook")
        if any(rules[other].judged_by for other in rule.judged_by):
            raise RulebookError(f"{rule.id}: judged_by: names a rule that is itself judged by others")


def standing(rule: Rule, day: date) -> Standing:
    """Whether ``rule`` is in force on ``day``."""
    if day < rule.in_force:
        return Standing.COMING
    return Standing.ENDED if rule.until and day > rule.until else Standing.IN_FORCE


@dataclass(frozen=True)
class Change:
    """What became of a rule between two editions."""

    before: Rule | None
    after: Rule | None
    fields: tuple[tuple[str, Any, Any], ...] = ()
    """Field, before, after."""


COMPARED = (
    "title",
    "requirement",
    "modality",
    "in_force",
    "until",
    "source",
    "roles",
    "when",
    "check",
    "judged_by",
    "parameters",
)


def diff(before: Iterable[Rule], after: Iterable[Rule]) -> list[Change]:
    """Compare two editions: rules pair by id, or by ``superseded_by``."""
    left = {rule.id: rule for rule in before}
    right = {rule.id: rule for rule in after}
    changes: list[Change] = []
    for rule in left.values():
        heir = right.pop(rule.id, None) or (
            right.pop(rule.superseded_by, None) if rule.superseded_by else None
        )
        if heir is None:
            changes.append(Change(rule, None))
            continue
        old, new = rule.model_dump(mode="json"), heir.model_dump(mode="json")
        fields = tuple((f, old[f], new[f]) for f in COMPARED if old[f] != new[f])
        if fields:
            changes.append(Change(rule, heir, fields))
    return changes + [Change(None, rule) for rule in right.values()]
