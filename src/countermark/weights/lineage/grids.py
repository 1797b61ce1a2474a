"""Floats that hold no more than the levels of a few bits: quantised weights stored as plain numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from countermark.weights.checkpoints.tensors import Floats

GROUPS = (32, 64, 128, 0)
"""Numbers that may share a scale; 0: a whole row. A row of several scales looks finer than it is."""
MAX_LEVELS = 256
MIN_NUMBERS, MIN_TELLING = 8, 3
"""Fewer numbers in a group, or fewer of them other than zero, show no grid."""
LOOKED_AT = 64
"""Groups that are looked at before all are."""
PASSED = 0.95
SYMMETRIC, RANGES = (127, 128, 7, 8), (255, 15)
"""Highest levels of 8 and 4 bits: of the largest number, and of the range."""


def grid_steps(values: Floats, spacing: Floats) -> Floats | None:
    """The distance between levels beside each value, or None where the numbers lie on no coarse grid.

    A group is on a grid where its numbers other than zero repeat a few values, or are whole multiples of one
    step up to the rounding of the type that stores them.

    Args:
        values: ``(rows, columns)``.
        spacing: the rounding of that type at each value; 0 where it is finer than can matter.
    """
    rows, columns = values.shape
    if min(rows, columns) < 2:
        return None  # norms lie so close to 1 that 16-bit floats are evenly spaced there
    for group in GROUPS:
        size = group or columns
        if columns % size or size < MIN_NUMBERS or (not group and columns in GROUPS):
            continue
        grouped, rounding = values.reshape(-1, size), spacing.reshape(-1, size)
        some = np.linspace(0, len(grouped) - 1, min(LOOKED_AT, len(grouped))).astype(int)
        if np.mean(np.isfinite(_steps(grouped[some], rounding[some]))) < PASSED:
            continue
        steps = _steps(grouped, rounding)
        return np.repeat(np.where(np.isfinite(steps), steps, 0).astype(np.float32), size).reshape(
            rows, columns
        )
    return None


def _steps(groups: Floats, rounding: Floats) -> NDArray[np.float64]:
    """The step of each group, infinite where it has none, 0 where all its numbers are one."""
    ordered = np.sort(groups.astype(np.float64), axis=1)
    gaps = np.diff(ordered, axis=1)
    gaps = np.where(gaps > 1e-9 * np.abs(ordered[:, 1:]) + 1e-30, gaps, np.inf)
    levels = 1 + np.isfinite(gaps).sum(axis=1)
    numbers = (groups != 0).sum(axis=1)
    result = np.full(len(groups), np.inf)
    repeats = (levels <= MAX_LEVELS) & (levels <= np.maximum(numbers, 2) / 2) & (levels > 1)
    result[repeats] = _typical(gaps[repeats])
    open_ = ~repeats & (numbers >= MIN_TELLING) & (levels > 1)
    coarse = rounding.max(axis=1).astype(np.float64)
    for step, zero in _candidates(ordered, gaps):
        fits = open_ & _is_lattice(ordered, step, zero, coarse)
        result[fits] = step[fits]
        open_ &= ~fits
    result[levels == 1] = 0.0
    return result


def _candidates(
    ordered: NDArray[np.float64], gaps: NDArray[np.float64]
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Steps that a group may have, and where its lattice begins.

    The usual quantisers divide the largest number, or the range, by the highest level; for others the
    smallest gap is one step, or two, or three.
    """
    largest = np.maximum(-ordered[:, 0], ordered[:, -1])
    for level in SYMMETRIC:
        yield largest / level, np.zeros(len(ordered))
    for level in RANGES:
        yield (ordered[:, -1] - ordered[:, 0]) / level, ordered[:, 0]
    smallest = gaps.min(axis=1, initial=np.inf)
    for divisor in (1, 2, 3):
        yield np.where(np.isfinite(smallest), smallest, 0) / divisor, ordered[:, 0]


def _typical(gaps: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median distance of neighbouring levels of each group."""
    if not len(gaps):
        return np.zeros(0)
    ordered = np.sort(gaps, axis=1)
    count = np.isfinite(ordered).sum(axis=1)
    return np.asarray(ordered[np.arange(len(ordered)), np.maximum(count - 1, 0) // 2])


def _is_lattice(
    ordered: NDArray[np.float64],
    step: NDArray[np.float64],
    zero: NDArray[np.float64],
    rounding: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Whether all numbers of a group are whole multiples of the step, up to rounding."""
    with np.errstate(invalid="ignore", divide="ignore"):
        place = (ordered - zero[:, None]) / step[:, None]
        slack = np.minimum(0.04 + 1.5 * rounding / step, 0.2)[:, None]
        off = np.abs(place - np.round(place))
        inside, near = np.abs(place) < MAX_LEVELS, off <= slack
        return np.asarray(inside.all(axis=1) & near.all(axis=1))
