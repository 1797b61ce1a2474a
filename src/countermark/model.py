"""The values that an audit is made of. Frozen, no I/O.

    Target ──collect──▶ Evidence | Gap ──check──▶ Finding ──▶ Assessment ──▶ Report

What an operator declares (the target) is in :mod:`countermark.target`; everything after it is here.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, Self

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

MAX_SAFE_INTEGER = 2**53 - 1
"""Larger integers lose digits in readers that keep all numbers as doubles (RFC 8785, RFC 7493)."""
Fact = dict[str, JsonValue]
"""What was seen, as JSON: counts, names, digests; never a sample of personal content."""


class Value(BaseModel):
    """A frozen value that admits no unknown field."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Category(StrEnum):
    """The eight categories, in the regulator's order."""

    REGISTRATION = "registration"
    LABELLING = "labelling"
    DATA_INTEGRITY = "data_integrity"
    MODEL_SECURITY = "model_security"
    IMPERSONATION = "impersonation"
    FALSEHOOD = "falsehood"
    VULGARITY_VIOLENCE = "vulgarity_violence"
    MINORS = "minors"


class Verdict(StrEnum):
    """The four verdicts, worst first. ``conforms`` means: no violation found in what was examined."""

    VIOLATES = "violates"
    UNDETERMINED = "undetermined"
    CONFORMS = "conforms"
    NOT_APPLICABLE = "not_applicable"


class Basis(StrEnum):
    """How we know: we looked, or the operator handed in a document."""

    MEASURED = "measured"
    ATTESTED = "attested"


class Modality(StrEnum):
    """How strongly the rule binds, strongest first."""

    SHALL = "shall"
    SHOULD = "should"
    MAY = "may"


class Source(StrEnum):
    """How the rule's text is known to us; printed with every finding."""

    QUOTED = "quoted"
    """The official text was read, or quoted word for word by what was read."""
    SECONDARY = "secondary"
    """Reported by law firms, the press or projects; not read in the original."""
    DRAFT = "draft"
    """Taken from a public draft; the final text may differ."""
    INFERRED = "inferred"
    """Concluded from other facts."""
    UNCONFIRMED = "unconfirmed"
    """Believed, and confirmed by nothing that was read."""


class Role(StrEnum):
    """Whom a rule binds."""

    GENERATION_PROVIDER = "generation-provider"
    PROPAGATION_PLATFORM = "propagation-platform"
    APP_STORE = "app-store"
    TECHNICAL_SUPPORTER = "technical-supporter"


class Trait(StrEnum):
    """What a service is, where a rule binds only such services."""

    COMPANION = "companion"
    OPEN_TO_MINORS = "open_to_minors"


class Words(Value):
    """One text in the languages of the reports."""

    en: str
    zh: str

    def within(self, lang: str) -> str:
        """The text in ``lang``; English for a language that we do not write."""
        return self.zh if lang == "zh" else self.en


class Location(Value):
    """A place in the target."""

    path: str
    """Relative to the folder of ``countermark.yaml``, with forward slashes."""
    line: int | None = Field(default=None, ge=1)


def canonical(value: Any) -> bytes:
    """Serialise JSON data so that equal data has equal bytes.

    The standard library's encoder writes the same bytes, ten times as fast, for what has no number
    with a fraction and no key beyond ASCII: nearly all that we hold. The rest goes the general way.

    Source: RFC 8785 (JSON Canonicalization Scheme).
    """
    if _is_simple(value):
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
        return text.encode()
    return rfc8785.dumps(value)


def _is_simple(value: Any) -> bool:
    if isinstance(value, str | None):  # bool is an int, and both are written alike
        return True
    if isinstance(value, dict):
        return all(key.isascii() and _is_simple(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_is_simple, value))
    return isinstance(value, int) and abs(value) <= MAX_SAFE_INTEGER


def digest_of(data: bytes) -> str:
    """SHA-256 of ``data`` as ``sha256:<hex>``."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class Addressed(Value):
    """A value whose name is the digest of its content."""

    @cached_property
    def id(self) -> str:
        """SHA-256 over the canonical JSON of the value."""
        return digest_of(self.to_bytes())

    def to_bytes(self) -> bytes:
        """The canonical JSON that the id is taken over."""
        return canonical(self.model_dump(mode="json"))


class Evidence(Addressed):
    """A fact about the target, who established it and when."""

    type: Literal["evidence"] = "evidence"
    kind: str
    """What sort of fact: the name that rules ask for, such as ``media.label``."""
    subject: str
    """What the fact is about: a path, a filing number, the name of a service."""
    service: str | None = None
    """The service that it belongs to, where it belongs to one."""
    fact: Fact
    basis: Basis = Basis.MEASURED
    collector: str
    collected: datetime
    digest: str | None = None
    """Of the bytes that were examined."""
    location: Location | None = None


class GapCause(StrEnum):
    """Why a fact could not be had."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    MALFORMED = "malformed"
    UNSUPPORTED = "unsupported"
    TOO_LARGE = "too_large"
    INTERRUPTED = "interrupted"
    CRASHED = "crashed"


class Gap(Addressed):
    """A fact that we could not get. A rule that needed it is undetermined, never met."""

    type: Literal["gap"] = "gap"
    kind: str
    subject: str
    service: str | None = None
    cause: GapCause
    detail: str
    """What went wrong and what to do, in English."""
    collector: str
    collected: datetime


Record = Evidence | Gap


class Clause(Value):
    """Where in which instrument a rule stands."""

    instrument: Words
    edition: str
    """``<instrument>/<edition>``, the folder of the rulebook."""
    article: str
    jurisdiction: str
    """ISO 3166: ``CN``, ``EU``, ``US-CA``."""
    level: str
    """law, regulation, rule, mandatory-standard, recommended-standard, guideline, notice, campaign."""
    url: str


class Example(Value):
    """Facts, and the verdict that the rule must reach on them."""

    verdict: Verdict
    note: str = ""
    facts: Fact | None = None
    """The fact of one piece of evidence of the rule's (first) kind."""
    evidence: tuple[dict[str, JsonValue], ...] = ()
    """Several pieces, each with ``kind``, ``fact`` and, where they matter, ``subject``, ``service``."""
    as_of: date | None = None
    """The day of judgement, where the verdict depends on it."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.facts is None) == (not self.evidence):
            raise ValueError("an example has either `facts` or `evidence`")
        return self


class Rule(Value):
    """One requirement, whole: its text, reason, check, remedy and examples."""

    id: str = Field(pattern=r"^[A-Z]{2}(-[A-Za-z0-9.]+)+$")
    """Never changes and is never reused."""
    title: Words
    requirement: Words
    """The duty in plain words, ours and not the instrument's."""
    category: Category
    clause: Clause
    modality: Modality
    in_force: date
    until: date | None = None
    """The last day, where the rule has ended."""
    superseded_by: str | None = None
    source: Source
    roles: tuple[Role, ...]
    when: tuple[Trait, ...] = ()
    """Binds only services with all of these traits."""
    check: str | None = None
    """``<category>.<function>`` in :mod:`countermark.checks`."""
    evidence: tuple[str, ...] = ()
    """The kinds that the check needs. Each piece of the first kind gets a conclusion."""
    judged_by: tuple[str, ...] = ()
    """Ids of the rules that together answer this one."""
    limits: Words | None = None
    """What the check cannot see."""
    remedy: Words
    parameters: dict[str, Any] = Field(default_factory=dict)
    example: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _one_way_of_judging(self) -> Self:
        if self.check and self.judged_by:
            raise ValueError("a rule has a `check` or is `judged_by` others, not both")
        if bool(self.check) != bool(self.evidence):
            raise ValueError("`check` and `evidence` go together")
        if self.check and not {e.verdict for e in self.example} >= {
            Verdict.CONFORMS,
            Verdict.VIOLATES,
        }:
            raise ValueError("needs at least one example that conforms and one that violates")
        return self


class Suppression(Value):
    """A violation that somebody has accepted, until a day."""

    rule: str
    """Id of the rule."""
    path: str
    """Glob over the subject of the finding: a path, or a name."""
    reason: str = Field(min_length=1)
    """Why it is acceptable until then."""
    owner: str = Field(min_length=1)
    """Who answers for it."""
    expires: date
    """The last day; afterwards the suppression is itself a finding."""


class Finding(Addressed):
    """One conclusion, and the evidence that it rests on."""

    verdict: Verdict
    subject: str
    words: Words
    """What is so about the subject: a predicate, without the subject."""
    evidence: tuple[str, ...]
    """Ids."""
    basis: Basis = Basis.MEASURED
    location: Location | None = None
    check: str = ""
    """Filled in by the engine."""

    @property
    def place(self) -> str:
        """The subject with its line; and where it was declared, if that is another file."""
        if self.location is None:
            return self.subject
        line = f":{self.location.line}" if self.location.line else ""
        if self.location.path == self.subject:
            return f"{self.subject}{line}"
        return f"{self.subject} ({self.location.path}{line})"


class Standing(StrEnum):
    """Where the day of judgement falls in the life of a rule."""

    IN_FORCE = "in_force"
    COMING = "coming"
    ENDED = "ended"


class Because(StrEnum):
    """Why an assessment has its verdict."""

    CONCLUDED = "concluded"
    """A check looked at the evidence; the findings say what it saw."""
    COMBINED = "combined"
    """Other rules answer it together."""
    NOT_BOUND = "not_bound"
    """It binds other places, roles or kinds of service."""
    NOT_DECLARED = "not_declared"
    """The operator has not said whether the service is of the kind that it binds."""
    NO_CHECK = "no_check"
    """No automatic check exists yet."""
    NO_DOCUMENT = "no_document"
    """It asks for an attestation, and none was handed in."""
    NOTHING_TO_EXAMINE = "nothing_to_examine"
    """The target declares nothing that it could be judged on."""
    GAPS = "gaps"
    """Nothing that it needs could be examined."""
    CRASHED = "crashed"
    """The check crashed."""


class Assessment(Value):
    """One rule, judged."""

    rule: str
    standing: Standing
    verdict: Verdict
    because: Because
    reason: Words
    basis: Basis | None = None
    """None where nothing was concluded."""
    findings: tuple[str, ...] = ()
    """Ids, the worst first."""
    suppressed: tuple[str, ...] = ()
    """Ids of the findings among them that a suppression covers."""
    gaps: tuple[str, ...] = ()
    judged_by: tuple[str, ...] = ()
    examined: int = 0
    """How many pieces of evidence a conclusion was reached on."""
    incomplete: bool = False
    """Something that should have been assessed could not be: a gap, a crash, nothing to look at."""


class Coverage(Value):
    """What one collector was to look at, and what came of it."""

    collector: str
    evidence: int = 0
    gaps: int = 0


class Report(Value):
    """Every rule, judged on one day, with the evidence that the findings name."""

    run: str
    tool: str
    operator: str
    target: str
    """Digest of the target as declared."""
    as_of: date
    judged: datetime
    rulebooks: dict[str, str]
    """Edition → digest of its rules as they stood."""
    rules: dict[str, Rule]
    assessments: tuple[Assessment, ...]
    findings: dict[str, Finding]
    evidence: dict[str, Evidence]
    """What the findings name."""
    gaps: dict[str, Gap]
    coverage: tuple[Coverage, ...]
    suppressions: tuple[Suppression, ...] = ()
    notices: tuple[Finding, ...] = ()
    """Findings about the audit itself: suppressions that have expired or match nothing."""

    def of(self, standing: Standing, category: Category | None = None) -> list[Assessment]:
        """The assessments of one standing, and of one category where given."""
        return [
            a
            for a in self.assessments
            if a.standing is standing and (category is None or self.rules[a.rule].category is category)
        ]
