"""What is said of the security data of one label: four claims, kept apart, each with its verdict."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from countermark.labels.defects import Defect
from countermark.labels.security.forms import Form

CAUTION = "The key travels in the file: it proves that nothing was altered, never who made it."
CAUTION_ZH = "密钥随文件一起传递：它只能证明内容未被改动，不能证明由谁制作。"


class Verdict(StrEnum):
    """What became of one claim."""

    HOLDS = "holds"
    BROKEN = "broken"
    NOT_CLAIMED = "not-claimed"
    NOT_CHECKED = "not-checked"


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim, by its verdict and what that rests on."""

    verdict: Verdict
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SecurityReport:
    """What the security data of one side claim, and what of it holds."""

    form: Form
    label: Claim
    """That the label says what was signed."""
    content: Claim
    """That the file is, but for its label, the one that was signed."""
    perceptual: Claim
    """That the picture still looks as it did."""
    key: Claim
    """That the key is of somebody known."""
    owner: str = ""
    """Whose key it is, if it is known."""
    fingerprint: str = ""
    """SHA-256 of the SubjectPublicKeyInfo of the key under which something verifies."""
    defects: tuple[Defect, ...] = ()
    caution: str = CAUTION
    caution_zh: str = CAUTION_ZH

    def to_fact(self) -> dict[str, Any]:
        """As JSON, for evidence."""
        return asdict(self)


def holds(detail: str) -> Claim:
    """It was checked, and is so."""
    return Claim(Verdict.HOLDS, detail)


def broken(detail: str) -> Claim:
    """It was checked, and is not so."""
    return Claim(Verdict.BROKEN, detail)


def not_claimed(detail: str) -> Claim:
    """The security data say nothing of it."""
    return Claim(Verdict.NOT_CLAIMED, detail)


def not_checked(detail: str) -> Claim:
    """It is claimed, and what would be needed to check it is not there or not read."""
    return Claim(Verdict.NOT_CHECKED, detail)
