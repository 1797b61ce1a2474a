"""Which layer of one network is which of the other, where layers were dropped or repeated."""

from __future__ import annotations

import numpy as np

from countermark.weights.lineage.matching import normed
from countermark.weights.lineage.naming import Key
from countermark.weights.lineage.pairing import MAX_LAYERS, Network
from countermark.weights.lineage.views import View

TELLING = ("down", "up", "attention-out", "query-key-value", "gate", "value")
"""Matrices by which layers are told apart; the first two that both have."""
ROWS, COLUMNS = 24, 512
ALIKE = 0.25
"""Least cosine of a layer with the one that it came from."""


def layer_map(first: Network, second: Network) -> dict[int, int] | None:
    """For each layer of the second the one of the first that it is most like.

    None where both have the same layers, or too few are alike to say so.
    """
    ours, theirs = first.layers, second.layers
    if ours == theirs or not ours or not theirs or max(len(ours), len(theirs)) > MAX_LAYERS:
        return None
    roles = [role for role in TELLING if _fits(first, second, role)][:2]
    if not roles:
        return None
    signs = [
        np.stack([_sign(network, layer, roles) for layer in layers])
        for network, layers in ((first, ours), (second, theirs))
    ]
    alike = normed(signs[1]) @ normed(signs[0]).T
    if np.median(alike.max(axis=1)) < ALIKE:
        return None
    return {layer: ours[place] for layer, place in zip(theirs, alike.argmax(axis=1).tolist(), strict=True)}


def _fits(first: Network, second: Network, role: str) -> bool:
    shapes = {
        view.shape if view else None
        for network in (first, second)
        for view in (_view(network, layer, role) for layer in network.layers)
    }
    return len(shapes) == 1 and None not in shapes


def _view(network: Network, layer: int, role: str) -> View | None:
    return network.views.get(Key("", layer, role, "weight"))


def _sign(network: Network, layer: int, roles: list[str]) -> np.ndarray:
    """A few numbers of a layer, centred."""
    parts = []
    for role in roles:
        view = network.views[Key("", layer, role, "weight")]
        rows = np.unique(np.linspace(0, view.shape[0] - 1, ROWS).astype(np.int64))
        values = view.rows(rows).values[:, np.linspace(0, view.shape[1] - 1, COLUMNS).astype(int)]
        parts.append((values - values.mean()).reshape(-1))
        view.release()
    return np.concatenate(parts)
