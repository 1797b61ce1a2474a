"""Look at a file as a whole: is there a label, is it in order, and does what it claims hold?

What is not found is *absent*, and says nothing of how the content was made: metadata get lost on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from countermark.labels import codes, grammar, journal, numbers
from countermark.labels.containers import CONTAINERS
from countermark.labels.defects import Defect, LabelError, Severity, UnknownContainerError, error, warning
from countermark.labels.grammar import Label
from countermark.labels.reading import PROVIDERS, Reading, read
from countermark.labels.source import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from countermark.labels.security import SecurityReport
    from countermark.labels.security.trust import TrustStore

SIDES = (("producer", "ReservedCode1"), ("propagator", "ReservedCode2"))


class Outcome(StrEnum):
    """What became of one file."""

    LABELLED = "labelled"
    """One label, readable, without an error. A place that the guides do not name is only a warning."""
    DEFECTIVE = "defective"
    """A label is there, and something is wrong with it."""
    ABSENT = "absent"
    """No label was found. That does not say that the content was not generated."""
    UNSUPPORTED = "unsupported"
    """Of a kind that labels are not read from."""
    UNREADABLE = "unreadable"
    """The file could not be looked at: broken, beyond a limit, or not to be opened."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found in one file, and what is to be said of it."""

    outcome: Outcome
    reading: Reading | None = None
    defects: tuple[Defect, ...] = ()
    """Of the label's text, of its values, and of the file."""
    security: dict[str, SecurityReport] | None = None
    """``producer`` and ``propagator``, where the label claims something for them."""
    reason: str = ""
    """Why the file could not be looked at."""

    @property
    def label(self) -> Label | None:
        """The label that counts."""
        return self.reading.label if self.reading else None

    def to_fact(self) -> dict[str, Any]:
        """What was found, as JSON for evidence. What identifies a person is masked."""
        fact = self.reading.to_fact() if self.reading else {}
        return fact | {"security": {side: r.to_fact() for side, r in (self.security or {}).items()}}

    def to_dict(self) -> dict[str, Any]:
        """As JSON. What identifies a person is masked."""
        value: dict[str, Any] = {"outcome": str(self.outcome)}
        if self.reading:
            value |= self.reading.to_fact()
        value["findings"] = [
            {"severity": str(defect.severity), "code": defect.code, "text": defect.text}
            for defect in self.defects
        ]
        if self.security:
            value["security"] = {side: report.to_fact() for side, report in self.security.items()}
        if self.reason:
            value["reason"] = self.reason
        return value


def verify(
    thing: Path | str | bytes,
    *,
    trust: TrustStore | None = None,
    limits: Limits = DEFAULT_LIMITS,
    name: str = "",
) -> Verification:
    """Verify the implicit label of a file. Never raises for what is wrong with the file.

    Args:
        thing: a path, or the bytes themselves.
        trust: the keys whose owner is known; without them a signature proves that nothing was altered,
            and not by whom.
        limits: bounds on what is taken in.
        name: a file name for bytes that have none.
    """
    try:
        if not isinstance(thing, bytes) and journal.pending(thing):
            return Verification(Outcome.UNREADABLE, reason=journal.PENDING.format(Path(thing).name))
        reading = read(thing, limits=limits, name=name)
        return examine(thing, reading, trust=trust, limits=limits)
    except UnknownContainerError as trouble:
        return Verification(Outcome.UNSUPPORTED, reason=str(trouble))
    except LabelError as trouble:
        return Verification(Outcome.UNREADABLE, reason=str(trouble))
    except OSError as trouble:
        return Verification(Outcome.UNREADABLE, reason=trouble.strerror or str(trouble))


def examine(
    thing: Path | str | bytes,
    reading: Reading,
    *,
    trust: TrustStore | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Verification:
    """Like :func:`verify`, of a file that was read already.

    Raises:
        OSError: a signature asks for the content, and it cannot be read.
    """
    if not reading.labels:
        return Verification(Outcome.ABSENT, reading, reading.defects)
    defects = [*reading.defects]
    container = CONTAINERS[reading.container]
    for label in reading.labels:
        defects += _of(label, ours=container.source == "own")
    security = _security(thing, reading, trust, limits)
    for side, report in (security or {}).items():
        defects += _of_security(side, report)
    broken = any(defect.severity is Severity.ERROR for defect in defects)
    return Verification(Outcome.DEFECTIVE if broken else Outcome.LABELLED, reading, tuple(defects), security)


def _of(label: Label, *, ours: bool) -> list[Defect]:
    found = [*label.defects, *grammar.examine(label.fields)]
    if not label.normative and not ours:
        found.append(warning("variant-place", "stands where the practice guides do not put it"))
    found += [
        Defect(defect.severity, defect.code, f"{name}: {defect.text}")
        for name in ("ProduceID", "PropagateID")
        if (defect := numbers.placeholder(label.fields.get(name, "")))
    ]
    for name, role in PROVIDERS:
        value = label.fields.get(name, "")
        if value and codes.looks_like_code(value):
            found += [
                Defect(defect.severity, defect.code, f"{name}: {defect.text}")
                for defect in codes.defects(value, role)
            ]
    return [Defect(defect.severity, defect.code, f"{label.place}: {defect.text}") for defect in found]


def _security(
    thing: Path | str | bytes, reading: Reading, trust: TrustStore | None, limits: Limits
) -> dict[str, SecurityReport] | None:
    label = reading.label
    if label is None or not any(label.fields.get(name) for _, name in SIDES):
        return None
    from countermark.labels import security  # noqa: PLC0415 - few labels are signed, and it loads cryptography

    content = content_of(thing, reading.container, limits)
    phash = _phash_of(thing, reading.container)
    return {
        side: security.verify(
            label.fields,
            side,  # type: ignore[arg-type]
            content=content,
            phash=phash,
            trust=trust,
        )
        for side, name in SIDES
        if label.fields.get(name)
    }


def content_of(thing: Path | str | bytes, container: str, limits: Limits) -> Callable[[str], str] | None:
    """What digests the content without the carrier of its label; None where that is not defined."""
    from countermark.labels import security, splicing  # noqa: PLC0415 - see above
    from countermark.labels.source import opened  # noqa: PLC0415

    carrier = getattr(CONTAINERS[container].codec, "carrier", None)
    if carrier is None:
        return None

    def digest(algorithm: str) -> str:
        with opened(thing) as source:
            return splicing.digest(source, carrier(source, limits), security.hasher(algorithm))

    return digest


def _phash_of(thing: Path | str | bytes, container: str) -> Callable[[], str | None] | None:
    if container not in PICTURES:
        return None

    def digest() -> str | None:
        from countermark.labels import perceptual  # noqa: PLC0415 - needs Pillow

        return perceptual.phash(thing)

    return digest


PICTURES = frozenset({"jpeg", "png", "webp", "gif", "tiff", "bmp", "heif"})


def _of_security(side: str, report: SecurityReport) -> list[Defect]:
    found = [Defect(d.severity, d.code, f"security data of the {side}: {d.text}") for d in report.defects]
    for what, outcome in (
        ("label", report.label),
        ("content", report.content),
        ("picture", report.perceptual),
    ):
        if str(outcome.verdict) == "broken":
            text = f"the {side}'s signature over the {what} does not hold: {outcome.detail}"
            found.append(error(f"{what}-altered", text))
    return found
