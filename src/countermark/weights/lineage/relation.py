"""What is said of two checkpoints: how they are related, how sure that is, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Relation(StrEnum):
    """How the second checkpoint stands to the first. Where several hold, the one that changes most."""

    SAME = "same"
    """Every number that was compared is equal."""
    PERMUTED = "permuted"
    """The same function: neurons, heads or channels in another order, or rescaled."""
    QUANTISED = "quantised"
    """The same numbers, rounded to another format."""
    PRUNED = "pruned"
    """Numbers, units or layers were taken out, the rest is as it was."""
    LORA_MERGED = "lora-merged"
    """Changed along a few directions only, as a merged low-rank adapter does."""
    FINE_TUNED = "fine-tuned"
    """Trained on from the other, or both from one ancestor; the common start still shows."""
    MERGED = "merged"
    """A weighted mean of several that were given."""
    UNRELATED = "unrelated"
    """No more alike than networks that were trained independently: retrained, or distilled by outputs."""
    UNDETERMINED = "undetermined"
    """Too little could be compared, or the likeness lies between strangers and relatives."""


class Confidence(StrEnum):
    """How far the relation can be relied on."""

    HIGH = "high"
    """Many matrices agree, far from every threshold."""
    MODERATE = "moderate"
    """Few matrices, or another relation fits nearly as well; the summary says which."""
    LOW = "low"
    """Near a threshold."""


class Outcome(StrEnum):
    """How one tensor stands to its counterpart."""

    EQUAL = "equal"
    ROUNDED = "rounded"
    """Apart by no more than the rounding of their formats."""
    NEAR = "near"
    """Apart by little more than a coarse format's rounding: rounding with error feedback, or a light change.
    """
    CLEARED = "cleared"
    """Equal, or rounded, but for numbers that are zero in one of them only."""
    LOW_RANK = "low-rank"
    CHANGED = "changed"
    """Alike, and different in all directions."""
    WEAK = "weak"
    """Between relatives and strangers; of a vector: too short to tell."""
    STRANGER = "stranger"
    """No more alike than chance has it."""


RELATED = frozenset(
    {Outcome.EQUAL, Outcome.ROUNDED, Outcome.NEAR, Outcome.CLEARED, Outcome.LOW_RANK, Outcome.CHANGED}
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done on the way from one to the other."""

    name: str
    """``fine-tuned``, ``quantised``, ``pruned``, ``layers dropped``, ``vocabulary extended``…"""
    detail: str
    """The figures that it is seen by."""


@dataclass(frozen=True, slots=True)
class TensorEvidence:
    """One pair of tensors."""

    first: str
    second: str
    outcome: Outcome
    numbers: int
    """Compared."""
    equal: float
    """Share of equal numbers."""
    cosine: float
    """Centred; near 0 for strangers."""
    difference: float
    """Relative to the first."""
    aligned: bool = False
    """Measured after units were brought beside their counterparts."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """What was looked at."""

    tensors: int
    """Pairs that were compared."""
    not_compared: int
    """Tensors of either side without a counterpart of a fitting shape, or that cannot be read."""
    numbers: int
    bytes_read: int
    bytes_total: int
    """Of all checkpoints."""
    whole: bool
    """Every stored number of both was compared."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """The answer."""

    relation: Relation
    confidence: Confidence
    summary: str
    """One or two sentences for somebody who does not train networks."""
    derived: str
    """``first`` or ``second`` where the weights say which was made from the other; else ``""``."""
    steps: tuple[Step, ...]
    likeness: float
    """Median centred cosine of the matrices as they stand."""
    proof: float | None
    """The same after units were searched for their counterparts; None where that was not tried."""
    chance: float | None
    """Share of random orders of neurons that look as alike, at least 1 in 1000; None where none can tell."""
    weights: Mapping[str, float]
    """Share of each checkpoint in a merge, by path; empty where none is seen."""
    sampled: Sampled
    blind_spots: tuple[str, ...]
    """What these weights cannot show."""
    tensors: tuple[TensorEvidence, ...] = field(default=(), repr=False)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {"weights": dict(self.weights)}
