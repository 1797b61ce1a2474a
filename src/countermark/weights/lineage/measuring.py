"""What two tensors have in common, measured on some of their rows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from countermark.weights.checkpoints.tensors import Block, Floats
from countermark.weights.lineage.grids import grid_steps
from countermark.weights.lineage.ranks import Rank, rank_of
from countermark.weights.lineage.scaling import rescaled

FLOATS = frozenset({"F64", "F32", "F16", "BF16"})
"""Formats whose every number stands alone."""
LEVELS = "few levels"
TINY = 1e-12
RESCALED_COSINE = 0.2
"""Least likeness at which factors are looked for."""


@dataclass(frozen=True, slots=True)
class Side:
    """Some rows of one of two tensors."""

    block: Block
    dtype: str


@dataclass(frozen=True, slots=True)
class Measure:
    """Two tensors beside each other."""

    numbers: int
    """How many were compared."""
    equal: float
    """Share of numbers that are the same in both."""
    cosine: float
    """Between both, after the mean of each row and column was taken away: 0 for strangers."""
    difference: float
    """Size of the difference, relative to the first."""
    rounding: float
    """Size of the difference that their formats explain, relative to the first."""
    within: float
    """Share of numbers whose difference is what rounding to the formats can do."""
    cleared: float
    """Share of numbers that are zero in the second and, beyond rounding, not in the first."""
    filled: float
    """The other way round."""
    coarser: str
    """``first`` or ``second`` has the coarser grid; ``""`` where both are alike."""
    grid: str
    """What the grid of the coarser one is: its format, or :data:`LEVELS` found among plain floats."""
    rank: Rank | None = None
    """Of the difference; none where it was not asked for, or there is none."""
    scaled: bool = False
    """Measured after rows and columns were multiplied."""


def measure(first: Side, second: Side) -> Measure:
    """Compare rows of two tensors, ``(rows, columns)`` each."""
    found = _measure(first, second)
    a, b = first.block.values, second.block.values
    if min(a.shape) < 2 or found.cosine < RESCALED_COSINE or found.difference <= 2 * found.rounding + TINY:
        return found
    moved = rescaled(np.where(b == 0, np.float32(0), a) if found.cleared else a, b)
    if moved is None:
        return found
    again = _measure(Side(Block(moved, first.block.steps), first.dtype), second)
    return replace(again, scaled=True, equal=found.equal)


def difference_rank(first: Side, second: Side) -> Rank | None:
    """The rank of the difference beyond what rounding its sum leaves; None where there is no difference."""
    (steps, _), (other, _) = (_steps(side) for side in (first, second))
    gap = second.block.values - first.block.values
    noise = float(np.sqrt(np.square(np.maximum(steps, other), dtype=np.float64).mean() / 12))
    return rank_of(gap, noise) if gap.any() else None


def _measure(first: Side, second: Side) -> Measure:
    a, b = first.block.values, second.block.values
    steps, grids = zip(*(_steps(side) for side in (first, second)), strict=True)
    allowed = _allowed(steps, grids)
    scale = max(float(np.sqrt(np.mean(np.square(a, dtype=np.float64)))), TINY)
    cleared = (b == 0) & (np.abs(a) > allowed)
    filled = (a == 0) & (np.abs(b) > allowed)
    kept = ~(cleared | filled)
    gap = np.where(kept, b - a, np.float32(0))
    count = max(int(kept.sum()), 1)
    size = float(np.sqrt(np.square(gap, dtype=np.float64).sum() / count))
    noise = float(np.sqrt(np.square(allowed[kept], dtype=np.float64).mean() / 3)) if kept.any() else 0.0
    is_plain = len(set(grids)) == 1 and grids[0] in FLOATS
    coarser = "" if is_plain else _coarser(steps)
    return Measure(
        numbers=a.size,
        equal=float(np.mean(a == b)),
        cosine=centred_cosine(np.where(kept, a, 0), np.where(kept, b, 0)),
        difference=size / scale,
        rounding=noise / scale,
        within=float(np.mean(np.abs(gap[kept]) <= allowed[kept] * 1.02 + 1e-7 * scale)) if count > 1 else 1.0,
        cleared=float(cleared.mean()),
        filled=float(filled.mean()),
        coarser=coarser,
        grid=grids[coarser == "second"] if coarser else "",
    )


def _coarser(steps: tuple[Floats, ...]) -> str:
    typical = [float(np.median(step)) for step in steps]
    if max(typical) <= 2 * min(typical):
        return ""
    return "first" if typical[0] > typical[1] else "second"


def _steps(side: Side) -> tuple[Floats, str]:
    """The grid that the numbers lie on, and what made it. Wide floats may hold narrow ones, or levels."""
    values, steps = side.block
    if side.dtype not in FLOATS:
        return steps, side.dtype
    found = grid_steps(values, steps)
    if found is None and (turned := grid_steps(values.T, steps.T)) is not None:
        found = turned.T
    if found is not None:
        return found, LEVELS
    if side.dtype in ("BF16", "F16"):
        return steps, side.dtype
    scale = np.exp2(np.floor(np.log2(np.maximum(np.abs(values), np.float32(1e-38)))))
    if not (values.view(np.uint32) & np.uint32(0xFFFF)).any():
        return (scale * np.float32(2**-7)).astype(np.float32), "BF16"
    with np.errstate(over="ignore"):
        half = values.astype(np.float16)
    if np.array_equal(half.astype(np.float32), values):
        return np.spacing(np.abs(half)).astype(np.float32), "F16"
    return (scale * np.float32(2**-23)).astype(np.float32), "F32"


def _allowed(steps: tuple[Floats, ...], grids: tuple[str, ...]) -> Floats:
    """The largest difference that rounding alone makes: half a step of each.

    Two files of the same plain numbers need no rounding to become each other, so there it is nothing.
    """
    if grids[0] == grids[1] and grids[0] in FLOATS:
        return np.zeros_like(steps[0])
    return ((steps[0] + steps[1]) * np.float32(0.5)).astype(np.float32)


def centred_cosine(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Cosine after the means of rows and columns were taken away."""
    one, two = _centred(a), _centred(b)
    norm = float(np.linalg.norm(one)) * float(np.linalg.norm(two))
    return float(np.vdot(one, two)) / norm if norm > TINY else 0.0


def _centred(x: NDArray[np.float32]) -> NDArray[np.float32]:
    if min(x.shape) < 4:
        return np.asarray(x - x.mean())
    return np.asarray(x - x.mean(axis=1, keepdims=True) - x.mean(axis=0, keepdims=True) + x.mean())
