"""Undo what leaves a network's function alone: another order of neurons, heads and channels, and rescaling.

Units are found again by one matrix, and the match is put to the proof on another that played no part in
finding it: neurons by the rows of the gate, proved on the rows of the up and the columns of the down
projection. Between strangers the proof is near zero, however good the best matches look. Where a network
became narrower, the units that are left are found among those of the wider one.

Source: the idea of proving a match on a second matrix is from "Independence Tests for Language Models"
(Zhu et al., 2025); matching channel by channel from "Git Re-Basin" (Ainsworth et al., 2023).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from countermark.weights.checkpoints.tensors import Block
from countermark.weights.lineage.matching import Match, Places, cosines, match
from countermark.weights.lineage.measuring import Measure, Side, difference_rank, measure
from countermark.weights.lineage.naming import Key
from countermark.weights.lineage.pairing import Pairing
from countermark.weights.lineage.views import View

Stack = NDArray[np.float32]
"""Values and steps: ``(2, rows, columns)``."""
Pair = tuple[View, View]
MAX_NUMBERS = 1 << 29
"""The largest matrix in which units are looked for, a part at a time."""
PART = 1 << 22
"""Numbers of a part."""
MAX_WORDS, MAX_FEATURES = 1024, 1024
"""Rows of an embedding that tell its channels apart, and columns that tell other units apart."""
MAX_UNITS = 256
LAYERS = 3
"""Layers that are looked at."""
SURE = 0.5
"""Share of channels or units that must have found a place of their own, and the cosine that they must reach.
"""
PROVED = 0.25
"""Least cosine on the matrix that took no part in finding."""


@dataclass(slots=True)
class Alignment:
    """What became of the units of the second network."""

    proofs: list[float] = field(default_factory=list)
    """Median cosine on a matrix that took no part in finding, for each that was looked at."""
    moved: dict[str, float] = field(default_factory=dict)
    """Share of units in another place, by what they are: ``neurons``, ``channels``, ``attention rows``."""
    measures: dict[Key, Measure] = field(default_factory=dict)
    """Tensors beside each other when their units are."""
    narrowed: dict[str, tuple[int, int]] = field(default_factory=dict)
    """What one has fewer of: how many in the first and in the second."""
    looked: set[int] = field(default_factory=set)
    """Layers that were looked at."""

    @property
    def proof(self) -> float:
        return float(np.median(self.proofs)) if self.proofs else 0.0

    def note(self, what: str, rows: tuple[int, int], found: Match, units: Places) -> None:
        """Remember where units were found."""
        if rows[0] != rows[1]:
            self.narrowed[what] = rows
        else:
            self.moved[what] = max(self.moved.get(what, 0.0), float(np.mean(found.places != units)))

    def record(self, key: Key, views: Pair, first: Stack, second: Stack) -> None:
        """Measure two matrices whose units are beside each other."""
        one, two = (
            Side(Block(*np.ascontiguousarray(stack)), view.info.dtype)
            for stack, view in zip((first, second), views, strict=True)
        )
        self.measures[key] = replace(measure(one, two), rank=difference_rank(one, two))


def align(pairing: Pairing, layers: list[int]) -> Alignment:
    """Find the units of a transformer again."""
    result = Alignment()
    channels = _channels(pairing, result)
    chosen = [layers[i] for i in np.linspace(0, len(layers) - 1, min(LAYERS, len(layers))).astype(int)]
    for layer in dict.fromkeys(chosen):
        result.looked.add(layer)
        _neurons(pairing, layer, channels, result)
        for role in ("query", "key", "value", "query-key-value", "attention-out"):
            _attention(pairing, Key("", layer, role, "weight"), channels, result)
    return result


def some_of(count: int, most: int) -> Places:
    """Some places out of so many, evenly."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)


def stacked(view: View, rows: Places) -> Stack:
    """These rows, in any order and with repeats."""
    distinct, back = np.unique(rows, return_inverse=True)
    return np.stack(view.rows(distinct))[:, back]


def _channels(pairing: Pairing, result: Alignment) -> Match | None:
    """Channels of the residual stream, told apart by what the words of the vocabulary have in them."""
    key = Key("", -1, "embedding", "weight")
    views = pairing.pairs.get(key)
    if views is None:
        return None
    rows = some_of(min(views[0].shape[0], views[1].shape[0]), MAX_WORDS)
    first, second = (stacked(view, rows).transpose(0, 2, 1) for view in views)
    if first.shape == second.shape and np.median(cosines(first[0], second[0])) > SURE:
        return None
    found = match(second[0], [first[0]])
    if found.distinct < SURE or found.typical < SURE:
        return None
    result.note("channels", (first.shape[1], second.shape[1]), found, np.arange(second.shape[1]))
    result.record(key, views, first[:, found.places], second)
    for role in ("head", "positions"):
        key = Key("", -1, role, "weight")
        if (views := pairing.pairs.get(key)) and _is_readable(views, found):
            rows = some_of(min(view.shape[0] for view in views), MAX_WORDS)
            result.record(key, views, *_rows(views, rows, rows, found))
    return found


def _neurons(pairing: Pairing, layer: int, channels: Match | None, result: Alignment) -> None:
    """Find neurons by their gates, prove the match by what they take up and pass down."""
    keys = {role: Key("", layer, role, "weight") for role in ("gate", "up", "down")}
    pairs = {role: pairing.pairs[key] for role, key in keys.items() if key in pairing.pairs}
    finding = pairs.get("gate") or pairs.get("up")
    if finding is None or not _is_readable(finding, channels):
        return
    units = some_of(finding[1].shape[0], MAX_UNITS)
    found = _find_rows(finding, units, channels)
    beside = {}
    for role, views in pairs.items():
        if role == "down":
            beside[role] = _columns(views, found.places, units, channels)
        elif _is_readable(views, channels):
            beside[role] = _rows(views, found.places, units, channels)
    finder = "gate" if "gate" in pairs else "up"
    proofs = [
        float(np.median(cosines(one[0], two[0]))) for role, (one, two) in beside.items() if role != finder
    ]
    result.proofs += proofs
    if not proofs or min(proofs) < PROVED or found.distinct < SURE:
        return
    result.note("neurons", (finding[0].shape[0], finding[1].shape[0]), found, units)
    for role, (one, two) in beside.items():
        result.record(keys[role], pairs[role], one, two)


def _attention(pairing: Pairing, key: Key, channels: Match | None, result: Alignment) -> None:
    """Find the rows of heads by themselves; of what leads out of them, the columns."""
    views = pairing.pairs.get(key)
    axis = int(key.role == "attention-out")
    if views is None or not (_is_small(views) if axis else _is_readable(views, channels)):
        return
    counts = views[0].shape[axis], views[1].shape[axis]
    units = some_of(counts[1], MAX_UNITS)
    find, read = (_find_columns, _columns) if axis else (_find_rows, _rows)
    found = find(views, units, channels)
    if found.distinct < SURE or found.typical < SURE:
        return
    result.note("attention rows", counts, found, units)
    result.record(key, views, *read(views, found.places, units, channels))


def _find_rows(views: Pair, units: Places, channels: Match | None) -> Match:
    """The counterparts of some rows of the second among all rows of the first, read a part at a time."""
    columns = some_of(views[1].shape[1], MAX_FEATURES)
    beside = columns if channels is None else channels.places[columns]
    wanted = stacked(views[1], units)[0][:, columns]
    rows, each = views[0].shape[0], max(1, PART // views[0].shape[1])
    parts = (np.arange(at, min(at + each, rows)) for at in range(0, rows, each))
    return match(wanted, (views[0].rows(part).values[:, beside] for part in parts))


def _find_columns(views: Pair, units: Places, channels: Match | None) -> Match:
    first, second = _columns(views, np.arange(views[0].shape[1]), units, channels)
    return match(second[0], [first[0]])


def _is_small(views: Pair) -> bool:
    return views[0].shape[0] * views[0].shape[1] <= MAX_NUMBERS


def _is_readable(views: Pair, channels: Match | None) -> bool:
    """Whether both are small enough, and their columns can be brought beside each other."""
    if not _is_small(views):
        return False
    if channels is None:
        return views[0].shape[1] == views[1].shape[1]
    return views[1].shape[1] == len(channels.places) and int(channels.places.max()) < views[0].shape[1]


def _rows(views: Pair, places: Places, units: Places, channels: Match | None) -> tuple[Stack, Stack]:
    """Rows of both with the same columns."""
    first, second = stacked(views[0], places), stacked(views[1], units)
    return (first if channels is None else first[:, :, channels.places]), second


def _columns(views: Pair, places: Places, units: Places, channels: Match | None) -> tuple[Stack, Stack]:
    """Columns of both as rows, over some of the channels."""
    some = some_of(views[1].shape[0], MAX_FEATURES // 2)
    beside = some if channels is None else channels.places[some]
    first, second = stacked(views[0], beside), stacked(views[1], some)
    return first[:, :, places].transpose(0, 2, 1), second[:, :, units].transpose(0, 2, 1)
