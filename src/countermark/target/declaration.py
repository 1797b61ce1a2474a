"""What an operator declares: the nouns of ``countermark.yaml``.

Every field is documented here, and nowhere else: the JSON Schema and the reference page are made
from these descriptions.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, StrictBool, model_validator

from countermark.model import MAX_SAFE_INTEGER, Role, Suppression, Trait


def _inside(path: str) -> str:
    """Refuse a path that leaves the folder of the target."""
    pure = PurePosixPath(path)
    if not path or pure.is_absolute() or ".." in pure.parts or "\\" in path or path[1:2] == ":":
        raise ValueError("a path is relative to the folder of countermark.yaml, and stays inside it")
    return path


TargetPath = Annotated[str, AfterValidator(_inside)]
Pattern = Annotated[str, AfterValidator(_inside)]


class Declared(BaseModel):
    """Something that the operator declares. Strict: an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    _line: int | None = PrivateAttr(default=None)

    @property
    def line(self) -> int | None:
        """Where it stands in ``countermark.yaml``, counted from 1; None where it was not read from one."""
        return self._line

    def stands_at(self, line: int) -> None:
        """Remember the line; the reader of the file calls this."""
        self._line = line

    def __eq__(self, other: object) -> bool:
        """The same declaration, wherever it stands."""
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]  # lists and mappings are in it


class Operator(Declared):
    """Who answers for the deployment."""

    name: str = Field(min_length=1)
    """The name under which the operator files."""
    roles: tuple[Role, ...] = Field(min_length=1)
    """What the operator is in the sense of the rules; rules for other roles do not apply."""
    jurisdictions: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z]{2,3})?$")], ...] = Field(
        min_length=1
    )
    """Where the services are offered: `CN`, `EU`, `US-CA`. Rules of other places do not apply."""


class Settings(Declared):
    """Where a service keeps the settings that rules set numbers for."""

    file: TargetPath
    """A YAML, JSON or TOML file that the service really reads."""
    keys: dict[str, str] = Field(default_factory=dict)
    """Our name of a setting → its dotted path in the file, where they differ. The names:
    `daily_minutes_under_16`, `daily_minutes_16_17`, `break_reminder_minutes`, `curfew_start`,
    `curfew_end`, `continuous_use_reminder_minutes`, `minor_reminder_minutes`,
    `spending_limit_per_payment`, `spending_limit_per_day`, `virtual_relative_for_minors`,
    `guardian_consent_under_age`, `log_retention_days`."""


class Service(Declared):
    """One thing that users can use."""

    name: str = Field(min_length=1)
    """The name that other entries refer to."""
    pages: tuple[Pattern, ...] = ()
    """Its public pages, as saved HTML: home page, product page, app store text."""
    companion: StrictBool | None = None
    """Whether it simulates a person in sustained emotional interaction. Unsaid is undetermined."""
    open_to_minors: StrictBool | None = None
    """Whether people under 18 may use it. Unsaid is undetermined."""
    settings: Settings | None = None
    """Where its settings stand: those of the minors' mode, reminders, retention."""

    def trait(self, trait: Trait) -> bool | None:
        """Whether the service has ``trait``; None where the operator has not said."""
        return self.companion if trait is Trait.COMPANION else self.open_to_minors


class FilingKind(StrEnum):
    """The three tracks of registration in mainland China."""

    FILING = "filing"
    """Generative-AI service filing (备案): an own or materially changed model."""
    REGISTRATION = "registration"
    """Application registration (登记): calls a model that somebody else has filed."""
    ALGORITHM = "algorithm"
    """Algorithm filing (算法备案)."""


class Filing(Declared):
    """A filing or registration that the operator says it has."""

    kind: FilingKind
    """Which track."""
    number: str = Field(min_length=1)
    """As it was published, such as `Beijing-Example-202404280016`."""
    name: str = Field(min_length=1)
    """The model (or algorithm) name that was filed, as the public must see it."""
    service: str
    """The service that it is for."""
    filed: date | None = None
    """When it was filed."""
    upstream: str | None = None
    """For a registration: the number of the filed model that is called."""


class Model(Declared):
    """A model that the deployment runs or calls."""

    name: str = Field(min_length=1)
    """The model id exactly as the code uses it."""
    services: tuple[str, ...] = ()
    """The services that it answers for. None: internal use only."""
    filing: str | None = None
    """The number of the filing that covers it."""
    provider: str | None = None
    """Who provides it, where it is called over an API."""
    files: tuple[Pattern, ...] = ()
    """Its files, where the deployment has them."""


class Inventory(Declared):
    """Where to look for the models that really run, and what they are compared with."""

    scan: StrictBool = True
    """Whether the folder of countermark.yaml is searched for the models that it uses."""
    paths: tuple[TargetPath, ...] = (".",)
    """The folders of source and configuration, container images and gateway logs to search."""
    ledger: TargetPath | None = None
    """Your own filings with the models that were filed, as `countermark register` reads them. Without one,
    `filings` and `models` of this file are compared."""
    lists: TargetPath | None = None
    """The regulator's lists as `countermark register import` keeps them. Without it no number is known."""


class Corpus(Declared):
    """Data that trains, tunes or feeds a model."""

    name: str = Field(min_length=1)
    """What the corpus is called."""
    path: TargetPath
    """Its folder, or its only file."""
    manifest: TargetPath | None = None
    """Digests of its files: `sha256sum` lines, or JSON `{"files": [{"path", "sha256"}]}`."""
    use: Literal["pre-training", "fine-tuning", "preference", "retrieval", "evaluation"]
    """What it is used for."""


class OutputSample(Declared):
    """Files as users get them."""

    files: tuple[Pattern, ...] = Field(min_length=1)
    """Generated files, taken at the end of the delivery pipeline."""
    service: str
    """The service that generated them."""
    generated: StrictBool = True
    """False for files that no model had a part in (they need no label)."""


class Endpoint(Declared):
    """A live endpoint that an audit may talk to. Nothing else is ever contacted."""

    url: str = Field(pattern=r"^https?://")
    """Base URL."""
    service: str
    """The service behind it."""
    key_env: str | None = None
    """The environment variable that holds the key. Keys are never written into this file."""


class TranscriptSet(Declared):
    """Conversations, one JSON object in a line, each with `messages`."""

    files: tuple[Pattern, ...] = Field(min_length=1)
    """JSONL files."""
    service: str
    """The service that was talked to."""


class Policy(Declared):
    """A published text: service agreement, labelling notice, complaint procedure."""

    topic: str
    """What it is about, such as `service-agreement`."""
    file: TargetPath
    """The text."""


class Attestation(Declared):
    """A document that the operator hands in for a duty that no program can measure."""

    topic: str
    """The duty: `countermark explain ID` names the topic that a rule asks for."""
    document: TargetPath
    """The document itself."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Its SHA-256 when it was signed: a later change is found."""
    signatory: str = Field(min_length=1)
    """Who signed, with function."""
    signed: date
    """When."""
    expires: date
    """Until when it is good; an expired attestation is a finding."""

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> Self:
        if self.expires < self.signed:
            raise ValueError("`expires` is before `signed`")
        return self


class Limits(Declared):
    """Bounds on what an audit takes in; what is larger becomes a gap and is said."""

    page_bytes: int = Field(default=8 << 20, gt=0, le=MAX_SAFE_INTEGER)
    """Largest page or settings file that is read."""
    metadata_bytes: int = Field(default=16 << 20, gt=0, le=MAX_SAFE_INTEGER)
    """Most metadata that is read from one media file."""
    explicit_files: int = Field(default=200, gt=0, le=MAX_SAFE_INTEGER)
    """Most generated files of each medium in which an explicit label is looked for, spread evenly."""
    archive_bytes: int = Field(default=64 << 30, gt=0, le=MAX_SAFE_INTEGER)
    """Most bytes that are unpacked from one model archive."""
    line_bytes: int = Field(default=32 << 20, gt=0, le=MAX_SAFE_INTEGER)
    """Longest line of a corpus or transcript that is parsed."""
    globals: int = Field(default=10_000, gt=0, le=MAX_SAFE_INTEGER)
    """Most globals that are recorded of one model file."""


class Target(Declared):
    """A deployment, as its operator declares it."""

    version: Literal[1]
    """Version of this format."""
    operator: Operator
    services: tuple[Service, ...] = Field(min_length=1)
    filings: tuple[Filing, ...] = ()
    models: tuple[Model, ...] = ()
    inventory: Inventory = Inventory()
    corpora: tuple[Corpus, ...] = ()
    outputs: tuple[OutputSample, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    transcripts: tuple[TranscriptSet, ...] = ()
    policies: tuple[Policy, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        services = [service.name for service in self.services]
        for name in services:
            if services.count(name) > 1:
                raise ValueError(f"two services are called {name!r}")
        used = {
            *(filing.service for filing in self.filings),
            *(name for model in self.models for name in model.services),
            *(sample.service for sample in self.outputs),
            *(endpoint.service for endpoint in self.endpoints),
            *(transcript.service for transcript in self.transcripts),
        }
        for name in sorted(used - set(services)):
            raise ValueError(f"no service is called {name!r}; declared: {', '.join(services)}")
        numbers = {filing.number for filing in self.filings}
        for model in self.models:
            if model.filing and model.filing not in numbers:
                raise ValueError(
                    f"model {model.name!r} names the filing {model.filing!r}, which is not under `filings`"
                )
        return self
