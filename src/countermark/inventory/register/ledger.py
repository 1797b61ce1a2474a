"""The operator's own filings: ``register.yaml``.

Every field is documented here: the JSON Schema is made from these descriptions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from countermark.inventory import filing_numbers
from countermark.inventory.register.entries import Kind, RegisterError
from countermark.target import FilingKind, strict_yaml
from countermark.target.declaration import Declared, TargetPath

FILE_NAME = "register.yaml"
SHAPES = {Kind.FILING: "genai-filing", Kind.REGISTRATION: "genai-registration"}


class LedgerError(RegisterError):
    """The ledger cannot be read: everything that is wrong, each with its line."""


class FiledModel(Declared):
    """A model as it was filed."""

    name: str = Field(min_length=1)
    """The model id exactly as the code uses it."""
    version: str = ""
    """The version, snapshot or checkpoint that the assessment was made of."""
    filed_as: str = ""
    """The name under which the list has it, where it is another."""


class Document(Declared):
    """A document on file."""

    path: TargetPath
    """Relative to the folder of the ledger."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of the document when it was handed in."""


class OwnFiling(Declared):
    """One filing or registration of the operator, or one that is under way."""

    kind: Kind
    """`filing` (备案), `registration` (登记), `algorithm-recommendation`, `deep-synthesis`, or `algorithm`
    where it does not matter which of the two."""
    number: str = ""
    """As published. Empty while the application is under way."""
    entity: str = Field(min_length=1)
    """The company or institution that filed, as in its licence."""
    product: str = Field(min_length=1)
    """The product or service that it is for."""
    service: str = ""
    """The name of the service in `countermark.yaml`, where there is one."""
    models: tuple[FiledModel, ...] = ()
    """The models, or for an algorithm filing the algorithms, that were filed."""
    upstream: str = ""
    """For a registration: the number of the filed model that is called."""
    started: date | None = None
    """When the service was first offered: periods run from it."""
    filed: date | None = None
    """When the application was handed in."""
    approved: date | None = None
    """When the number was published."""
    changed: tuple[date, ...] = ()
    """When changes were filed."""
    cancelled: date | None = None
    """When the filing was cancelled."""
    assessment: Document | None = None
    """The security or self-assessment that was handed in."""
    contact: str = ""
    """The function that answers for it, such as `compliance desk`: no person's data is needed here."""

    @property
    def is_live(self) -> bool:
        """Whether it has a number, and was not cancelled."""
        return bool(self.number) and self.cancelled is None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        shape = filing_numbers.parse(self.number).shape
        if self.number and shape and shape != SHAPES.get(self.kind, "algorithm"):
            raise ValueError(f"the number {self.number} is of another kind ({shape}) than `{self.kind}`")
        if self.upstream and self.kind is not Kind.REGISTRATION:
            raise ValueError("only a registration has an `upstream`")
        days = [day for day in (self.filed, self.approved, *self.changed, self.cancelled) if day]
        if days != sorted(days):
            raise ValueError("`filed`, `approved`, `changed` and `cancelled` are not in this order of time")
        return self


class InternalUse(Declared):
    """A declaration that something is used inside only, and needs no filing."""

    product: str = Field(min_length=1)
    """What is used."""
    models: tuple[str, ...] = ()
    """The model ids exactly as the code uses them. None: all of the product."""
    reason: str = Field(min_length=1)
    """Why no one outside can use it."""
    signatory: str = Field(min_length=1)
    """Who declares it, with function."""
    signed: date
    """When."""


class Ledger(Declared):
    """All filings of an operator."""

    version: Literal[1]
    """Version of this format."""
    filings: tuple[OwnFiling, ...] = ()
    """One entry for each number, and for each application that is under way."""
    internal: tuple[InternalUse, ...] = ()
    """What is used inside only."""

    @model_validator(mode="after")
    def _numbers_come_once(self) -> Self:
        counts = Counter(filing_numbers.key(filing.number) for filing in self.filings if filing.number)
        for filing in self.filings:
            if counts[filing_numbers.key(filing.number)] > 1:
                raise ValueError(f"two filings have the number {filing.number!r}")
        return self

    def of(self, track: FilingKind) -> Iterator[OwnFiling]:
        """The filings of one track."""
        return (filing for filing in self.filings if filing.kind.track is track)

    def by_number(self, number: str) -> OwnFiling | None:
        """The filing with this number."""
        key = filing_numbers.key(number)
        return next((f for f in self.filings if f.number and filing_numbers.key(f.number) == key), None)


def load(path: Path) -> Ledger:
    """Read a ledger from ``register.yaml``, or from the folder that holds it.

    Raises:
        LedgerError: with every mistake in the file.
    """
    if path.is_dir():
        path = path / FILE_NAME
    try:
        return strict_yaml.read(path, Ledger, ("filings", "internal"))
    except strict_yaml.DocumentError as error:
        raise LedgerError(str(error)) from None


def schema() -> dict[str, Any]:
    """The JSON Schema of ``register.yaml``."""
    return Ledger.model_json_schema()
