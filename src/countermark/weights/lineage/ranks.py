"""The rank of a difference: what a merged adapter leaves, and what full training does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from countermark.weights.checkpoints.tensors import Floats

SIDE = 384
"""Rows and columns of the part whose singular values are taken."""
MARGIN = 1.15
"""Over the largest singular value that noise of that size has."""


@dataclass(frozen=True, slots=True)
class Rank:
    """How many directions a difference has."""

    directions: int
    """Singular values that stand out of the rounding."""
    of: int
    """Singular values there are."""
    rest: float
    """Size of what the other directions leave, in units of the rounding; about 1 where that is all."""


def rank_of(difference: Floats, noise: float) -> Rank:
    """The rank of a difference ``(rows, columns)`` above rounding of the size ``noise``, on a part of it.

    Source: the edge of Marchenko and Pastur for the largest singular value of noise.
    """
    rows, columns = difference.shape
    part = difference[_spread(rows)][:, _spread(columns)].astype(np.float64)
    gram = part @ part.T if part.shape[0] < part.shape[1] else part.T @ part
    squares = np.maximum(np.linalg.eigvalsh(gram)[::-1], 0)
    values = np.sqrt(squares)
    if not values[0]:
        return Rank(0, len(values), 0.0)  # what differs is not in this part
    floor = max(noise, 1e-7 * float(values[0]) / np.sqrt(max(part.shape)))
    edge = MARGIN * floor * (np.sqrt(part.shape[0]) + np.sqrt(part.shape[1]))
    directions = int((values > edge).sum())
    left = max(min(part.shape) - directions, 1) * max(part.shape)
    rest = float(np.sqrt(squares[directions:].sum() / left)) / floor
    return Rank(directions, len(values), rest)


def _spread(count: int) -> np.ndarray:
    return np.linspace(0, count - 1, min(count, SIDE)).astype(int)
