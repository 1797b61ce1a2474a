"""Provider codes: what ContentProducer and ContentPropagator hold where they do not hold a name.

27 characters of `0-9A-Z`:

    position   1-2   3             4        5-22             23-27
               00    1 or 2        1        subject number   service
               form  organisation  binding  unified social   00000: none; else 1 generation or 2 propagation,
                     or person              credit code      and four characters that the provider chooses

The layout comes from four public texts that agree [S]; 16 codes from real files decode without exception
[V]. For a person the subject number is that of the identity card. It must not be shown or stored; `masked`
stars it.

Source: TC260-PG-20252A [S]; GB 32100-2015 for the credit code's check digit, which 24 real ones pass [V].
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from countermark.labels.defects import Defect, LabelError, Severity

Role = Literal["generation", "propagation"]

LENGTH, LENGTH_WITHOUT_SERVICE, SUBJECT_LENGTH = 27, 22, 18
FORM, ORGANISATION, PERSON, BINDING = "00", "1", "2", "1"
UNASSIGNED = "00000"
ROLES: dict[str, Role] = {"1": "generation", "2": "propagation"}
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Of the credit code: no I, O, S, V and Z. Source: GB 32100-2015."""
WEIGHTS = tuple(pow(3, place, 31) for place in range(SUBJECT_LENGTH - 1))
CODE = re.compile(rf"[0-9A-Z]{{{LENGTH_WITHOUT_SERVICE}}}(?:[0-9A-Z]{{{LENGTH - LENGTH_WITHOUT_SERVICE}}})?")
MEANT_AS_CODE = re.compile(r"00[0-9][0-9A-Za-z]{15,37}")
"""A word that starts as codes do and is about as long; nobody is called that."""


@dataclass(frozen=True, slots=True)
class ProviderCode:
    """The parts of a provider code. A person's number shows neither in ``repr`` nor in ``str``."""

    version: str
    """Two characters, `00` so far."""
    subject_type: str
    """`1` an organisation, `2` a person."""
    binding: str
    """What the subject number is: `1` the credit code, or for a person the number of the identity card."""
    subject: str = field(repr=False)
    """18 characters."""
    extension: str
    """Five characters, or none in the form of 22 characters."""

    @property
    def text(self) -> str:
        """The code itself, unmasked."""
        return self.version + self.subject_type + self.binding + self.subject + self.extension

    def __str__(self) -> str:
        return masked(self.text)

    @property
    def is_individual(self) -> bool:
        """Whether it stands for a person, whose number is not to be shown."""
        return self.subject_type == PERSON

    @property
    def role(self) -> Role | None:
        """What the service extension says; nothing where none is assigned."""
        return None if self.extension == UNASSIGNED else ROLES.get(self.extension[:1])

    @property
    def credit_code(self) -> str | None:
        """The unified social credit code of an organisation."""
        return self.subject if self.subject_type == ORGANISATION and self.binding == BINDING else None


def check_digit(first: str) -> str:
    """The 18th character of a unified social credit code, from the 17 before it.

    Raises:
        LabelError: ``first`` is not 17 characters of its alphabet.

    Source: GB 32100-2015.
    """
    if len(first) != len(WEIGHTS) or not set(first) <= set(ALPHABET):
        raise LabelError(f"a credit code has {len(WEIGHTS)} characters of {ALPHABET} before its check digit")
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(first, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def looks_like_code(text: str) -> bool:
    """Whether a text is meant as a code, well formed or not; a provider may also give its name."""
    return MEANT_AS_CODE.fullmatch(text) is not None


def parse(code: str) -> ProviderCode:
    """Take a code apart, without judging its parts: `defects` does.

    Raises:
        LabelError: it does not have 27 characters of `0-9A-Z`, or 22 in the form without a service.
    """
    if not CODE.fullmatch(code):
        raise LabelError(
            f"is no provider code: {LENGTH} characters of 0-9 and A-Z, or {LENGTH_WITHOUT_SERVICE}"
        )
    return ProviderCode(code[:2], code[2], code[3], code[4:22], code[22:])


def compose(credit_code: str, role: Role | None = None, service: str = "0000") -> str:
    """The code of an organisation for one of its services.

    Args:
        credit_code: the unified social credit code, 18 characters.
        role: what the service does; without, no service is assigned (`00000`).
        service: four characters of `0-9A-Z` that the provider chooses for a model or an application.

    Raises:
        LabelError: the credit code has a wrong check digit, or the service is not of this form.
    """
    if credit_code[17:] != check_digit(credit_code[:17]):
        raise LabelError("the credit code has not 18 characters, or a wrong check digit")
    if not re.fullmatch(r"[0-9A-Z]{4}", service) or (role is None and service != "0000"):
        raise LabelError("a service has four characters of 0-9 and A-Z, and a role")
    digit = next((digit for digit, name in ROLES.items() if name == role), "0")
    return FORM + ORGANISATION + BINDING + credit_code + digit + service


@lru_cache(maxsize=4096)
def defects(text: str, wanted: Role | None = None) -> tuple[Defect, ...]:
    """What is wrong with a code in the field of a producer (generation) or propagator (propagation).

    A name is no code and has no defect. Texts of defects never hold a person's number.
    """
    if not looks_like_code(text):
        return ()
    if not re.fullmatch(r"[0-9A-Z]+", text):
        return (_error("provider-code-alphabet", "the provider code has lower-case letters"),)
    if len(text) not in (LENGTH, LENGTH_WITHOUT_SERVICE):
        return (
            _error("provider-code-length", f"the provider code has {len(text)} characters, not {LENGTH}"),
        )
    code = parse(text)
    found = [*_subject_defects(code), *_service_defects(code, wanted)]
    if code.version != FORM:
        found.append(_warning("provider-code-form", f"the provider code has the form {code.version}, not 00"))
    return tuple(found)


def masked(text: str) -> str:
    """``text`` with a person's identity number starred: positions 5 to 22, as far as there are any."""
    if text[2:3] != PERSON or not looks_like_code(text):
        return text
    return text[:4] + "*" * len(text[4:22]) + text[22:]


def _subject_defects(code: ProviderCode) -> list[Defect]:
    if code.subject_type not in (ORGANISATION, PERSON) or code.binding != BINDING:
        kind = f"subject type {code.subject_type} with binding {code.binding}"
        return [_warning("provider-code-subject", f"the provider code has {kind}, which is not known")]
    if code.is_individual:
        note = "the provider code holds the identity number of a person: do not show or store it"
        return [Defect(Severity.NOTE, "provider-code-person", note)]
    first, last = code.subject[:17], code.subject[17:]
    if not set(code.subject) <= set(ALPHABET) or check_digit(first) != last:
        return [
            _error(
                "provider-code-check-digit", "the credit code in the provider code has a wrong check digit"
            )
        ]
    return []


def _service_defects(code: ProviderCode, wanted: Role | None) -> list[Defect]:
    if not code.extension:
        text = "the provider code has 22 characters: the service extension, 00000 for none, is missing"
        return [_warning("provider-code-without-service", text)]
    if code.role is None and code.extension != UNASSIGNED:
        text = f"the service extension starts with {code.extension[0]}, not with 1 or 2"
        return [_warning("provider-code-role", text)]
    if wanted and code.role and code.role != wanted:
        text = f"the provider code is one for {code.role} and stands where one for {wanted} is expected"
        # The first write copies the producer into the propagator's fields [S].
        severity = Severity.WARNING if wanted == "generation" else Severity.NOTE
        return [Defect(severity, "provider-code-other-role", text)]
    return []


def _error(code: str, text: str) -> Defect:
    return Defect(Severity.ERROR, code, text)


def _warning(code: str, text: str) -> Defect:
    return Defect(Severity.WARNING, code, text)
