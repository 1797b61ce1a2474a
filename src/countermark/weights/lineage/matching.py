"""Find the same units again where their order is another one: neurons, heads, channels, layers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countermark.weights.checkpoints.tensors import Floats

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Match:
    """For each unit of one matrix the most alike of another."""

    places: Places
    cosines: Floats
    """Of each with what was found for it."""

    @property
    def distinct(self) -> float:
        """Share of units that do not have to share what was found for them. Strangers crowd on a few."""
        return len(np.unique(self.places)) / max(len(self.places), 1)

    @property
    def typical(self) -> float:
        """The median cosine."""
        return float(np.median(self.cosines)) if len(self.cosines) else 0.0

    @property
    def moved(self) -> float:
        """Share of units that stand in another place."""
        return float(np.mean(self.places != np.arange(len(self.places)))) if len(self.places) else 0.0


def match(units: Floats, among: Iterable[Floats]) -> Match:
    """The most alike row of all parts of ``among`` for each row of ``units``, ``(rows, features)``."""
    wanted = normed(units)
    best = np.full(len(units), -np.inf, dtype=np.float32)
    places = np.zeros(len(units), dtype=np.int64)
    start = 0
    for rows in among:
        alike = wanted @ normed(rows).T
        found = alike.argmax(axis=1)
        value = alike[np.arange(len(units)), found]
        better = value > best
        best[better], places[better] = value[better], found[better] + start
        start += len(rows)
    return Match(places, best)


def normed(rows: Floats) -> Floats:
    """Rows of length one."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(length, 1e-30), dtype=np.float32)


def cosines(first: Floats, second: Floats) -> Floats:
    """Of each row with the row beside it."""
    return np.asarray(np.einsum("ij,ij->i", normed(first), normed(second)), dtype=np.float32)
