"""Is a checkpoint a weighted mean of others? Asked of three or more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countermark.weights.lineage.pairing import Network, paired
from countermark.weights.lineage.views import View

MATRICES, NUMBERS = 24, 1 << 17
MIN_NUMBERS = 1024
LEAST = 0.08
"""Least weight of a part. A relative that learned the same has little weight in what it is no part of."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """What the best weighted mean is."""

    weights: NDArray[np.float64]
    """Of each part, ``(matrices, parts)``; in each matrix they add up to 1."""
    explained: float
    """Median share of the squared distance from the first that the mean explains, where there is one."""

    @property
    def typical(self) -> NDArray[np.float64]:
        """The median weight of each part."""
        return np.asarray(np.median(self.weights, axis=0))

    @property
    def often(self) -> NDArray[np.float64]:
        """In what share of the matrices each part has a weight worth the name."""
        return np.asarray((self.weights > LEAST).mean(axis=0))


def mixture(target: Network, parts: Sequence[Network]) -> Mixture | None:
    """The weighted mean of ``parts`` that is nearest to ``target``, matrix by matrix, with a sum of 1.

    None where no matrix is in all of them.
    """
    weights, explained = [], []
    for views in _shared(target, parts):
        goal, *given = (_numbers(view) for view in views)
        origin = given[0]
        basis = np.stack([one - origin for one in given[1:]], axis=1)
        away = goal - origin
        size = float(away @ away)
        if not size:
            weights.append([1.0, *(0.0 for _ in given[1:])])  # taken from the first as it is
        if not size or not np.linalg.norm(basis, axis=0).all():
            continue
        factors, *_ = np.linalg.lstsq(basis, away, rcond=None)
        rest = away - basis @ factors
        weights.append([1 - float(factors.sum()), *factors.tolist()])
        explained.append(1 - float(rest @ rest) / size)
    if not explained:
        return None
    return Mixture(np.array(weights), float(np.median(explained)))


def _shared(target: Network, parts: Sequence[Network]) -> list[tuple[View, ...]]:
    pairings = [paired(part, target).pairs for part in parts]
    keys = [
        key
        for key, view in target.views.items()
        if view.is_matrix
        and view.info.elements >= MIN_NUMBERS
        and all(key in pairs and pairs[key][0].shape == view.shape for pairs in pairings)
    ]
    chosen = [keys[i] for i in np.unique(np.linspace(0, len(keys) - 1, MATRICES).astype(int))] if keys else []
    return [(target.views[key], *(pairs[key][0] for pairs in pairings)) for key in chosen]


def _numbers(view: View) -> NDArray[np.float64]:
    count = max(1, min(view.shape[0], NUMBERS // view.shape[1]))
    rows = np.unique(np.linspace(0, view.shape[0] - 1, count).astype(np.int64))
    values = view.rows(rows).values.reshape(-1).astype(np.float64)
    view.release()
    return values
