"""Rows and columns that were multiplied: what one layer gains, the next gives back, and the function stays.

Some quantisers do it before they round, and so does who wants weights to look like others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from countermark.weights.checkpoints.tensors import Floats

PART = 256
"""Rows and columns that are looked at before the whole is."""
SPREAD = 0.02
"""Least spread of the factors for which they are taken as such."""
GAIN = 0.5
"""What must at most be left of the difference."""
ROUNDS = 6
Factors = NDArray[np.float64]


def rescaled(first: Floats, second: Floats) -> Floats | None:
    """The first with rows and columns multiplied so that it comes nearest to the second.

    None where that explains no more than half of the difference.
    """
    rows, columns = (np.linspace(0, n - 1, min(n, PART)).astype(int) for n in first.shape)
    if _nearest(first[rows][:, columns], second[rows][:, columns]) is None:
        return None
    return _nearest(first, second)


def _nearest(first: Floats, second: Floats) -> Floats | None:
    rows, columns = _start(first, second)
    for _ in range(ROUNDS):
        scaled = first * columns
        rows = _factors((scaled * second).sum(axis=1), np.square(scaled).sum(axis=1))[:, None]
        scaled = first * rows
        columns = _factors((scaled * second).sum(axis=0), np.square(scaled).sum(axis=0))
    spread = max(float(np.std(rows)) / abs(float(np.mean(rows)) or 1), float(np.std(columns)))
    moved = np.asarray(first * rows * columns, dtype=np.float32)
    before, now = float(np.linalg.norm(second - first)), float(np.linalg.norm(second - moved))
    return moved if spread > SPREAD and now < GAIN * before else None


def _start(first: Floats, second: Floats) -> tuple[Factors, Factors]:
    """Factors by the medians of the ratios, which a few odd numbers do not move."""
    fitting = (first != 0) & (second != 0) & ((first > 0) == (second > 0))
    ratio = np.full(first.shape, np.nan)
    ratio[fitting] = np.log(np.abs(second[fitting].astype(np.float64) / first[fitting]))
    rows = _median(ratio, 1)
    columns = _median(ratio - rows, 0)
    return np.exp(rows), np.exp(columns)


def _median(values: Factors, axis: int) -> Factors:
    """The median along an axis, 0 where there is nothing."""
    empty = np.isnan(values).all(axis=axis, keepdims=True)
    return np.asarray(np.nanmedian(np.where(empty, 0.0, values), axis=axis, keepdims=True))


def _factors(products: Factors, squares: Factors) -> Factors:
    return np.where(squares > 0, products / np.maximum(squares, 1e-30), 1.0)
