"""Could two networks that know nothing of each other look this alike?

The neurons of a layer carry no labels: training gives as likely a network with the neurons in any other
order. If two networks are independent, putting the neurons of one in a random order leaves the likeness as
likely as it was. So the share of random orders that are as alike is a p-value, whatever the data and the
training were. It speaks of independence alone: a common initialisation is a dependence too.

Source: "Independence Tests for Language Models" (Zhu et al., 2025).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from countermark.weights.lineage.matching import normed
from countermark.weights.lineage.pairing import Pairing
from countermark.weights.lineage.views import View

ORDERS = 999
ROWS, COLUMNS, LAYERS = 192, 2048, 8
ROLES = ("gate", "up")
MIN_ROWS = 16


def chance(pairing: Pairing, seed: int) -> float | None:
    """The p-value against independence, at least 1/1000; None where no layer of neurons is in both."""
    likenesses = [one for views in _neurons(pairing) if (one := _likeness(*views)) is not None]
    if not likenesses:
        return None
    source = np.random.default_rng(seed)
    seen = sum(float(np.trace(one)) for one in likenesses)
    reached = sum(_shuffled(likenesses, source) >= seen for _ in range(ORDERS))
    return (1 + reached) / (1 + ORDERS)


def _shuffled(likenesses: list[NDArray[np.float32]], source: np.random.Generator) -> float:
    """The likeness when the neurons of the second are in a random order."""
    return sum(float(one[np.arange(len(one)), source.permutation(len(one))].sum()) for one in likenesses)


def _neurons(pairing: Pairing) -> list[tuple[View, View]]:
    """Matrices whose rows are neurons, one for each layer."""
    fitting = {
        key: views
        for key, views in pairing.pairs.items()
        if views[0].is_matrix and views[0].shape == views[1].shape and views[0].shape[0] >= MIN_ROWS
    }
    for role in ROLES:
        found = [views for key, views in fitting.items() if key.role == role and key.kind == "weight"]
        if found:
            return [found[i] for i in np.linspace(0, len(found) - 1, min(LAYERS, len(found))).astype(int)]
    inputs = {view.shape[1] for views in fitting.values() for view in views}
    inner = [
        views for key, views in fitting.items() if not key.is_known and _feeds(views[1].shape[0], inputs)
    ]
    return inner[:LAYERS]


def _feeds(rows: int, inputs: set[int]) -> bool:
    return any(columns % rows == 0 for columns in inputs)


def _likeness(first: View, second: View) -> NDArray[np.float32] | None:
    """Cosines of neurons of the one with neurons of the other: ``(rows, rows)``."""
    rows = np.unique(np.linspace(0, first.shape[0] - 1, ROWS).astype(np.int64))
    columns = np.unique(np.linspace(0, first.shape[1] - 1, COLUMNS).astype(np.int64))
    a, b = (view.rows(rows).values[:, columns] for view in (first, second))
    if not a.any() or not b.any():
        return None
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    return np.asarray(normed(a) @ normed(b).T, dtype=np.float32)
