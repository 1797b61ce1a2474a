"""Look at two checkpoints: pair their tensors, read some rows of each, measure. No judgement is made here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from countermark.weights.checkpoints.storage import Checkpoint
from countermark.weights.checkpoints.tensors import Block, CheckpointError
from countermark.weights.lineage.alignment import Alignment, align
from countermark.weights.lineage.chains import align_chain
from countermark.weights.lineage.independence import chance
from countermark.weights.lineage.layering import layer_map
from countermark.weights.lineage.matching import Places
from countermark.weights.lineage.measuring import (
    RESCALED_COSINE,
    Measure,
    Side,
    difference_rank,
    measure,
)
from countermark.weights.lineage.mixtures import Mixture, mixture
from countermark.weights.lineage.naming import Key
from countermark.weights.lineage.pairing import Network, Pairing, paired, straighten
from countermark.weights.lineage.ranks import SIDE
from countermark.weights.lineage.thresholds import stranger_cosine
from countermark.weights.lineage.views import View

MAX_PAIRS = 4096
"""Most pairs that are measured; of more, an even choice."""
MAX_RANKS = 48
"""Most differences whose rank is taken."""
MAX_NUMBERS = 1 << 21
"""Most numbers of one tensor at once, which bounds the memory."""
UNSEEN = 1e-6
"""Difference of a tensor in which only digests show one: more than none."""
EXTENDABLE = frozenset({"embedding", "head", "positions"})


@dataclass(slots=True)
class Observed:
    """All that was measured."""

    pairing: Pairing
    measures: dict[Key, Measure] = field(default_factory=dict)
    whole: bool = True
    """Every number of every tensor of both was compared."""
    unread: list[str] = field(default_factory=list)
    """Why tensors were not compared."""
    extended: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Rows of an embedding in the first and the second, where they differ."""
    layers: tuple[int, int] = (0, 0)
    layers_moved: dict[int, int] | None = None
    """For each layer of the second the one of the first that it is like, where their numbers differ."""
    alignment: Alignment | None = None
    chance: float | None = None
    mixture: Mixture | None = None
    quantised: tuple[bool, bool] = (False, False)
    """Whether either is stored in blocks of few bits."""

    @property
    def matrices(self) -> dict[Key, Measure]:
        return {key: one for key, one in self.measures.items() if self.pairing.pairs[key][1].is_matrix}


def observe(
    first: Checkpoint, second: Checkpoint, also: Sequence[Checkpoint], seed: int, budget: int | None
) -> Observed:
    """Measure two checkpoints beside each other.

    Raises:
        CheckpointError: a file broke off while it was read.
    """
    ours, theirs = Network.of(first), Network.of(second)
    moved = layer_map(ours, theirs)
    pairing = paired(ours, theirs, moved)
    result = Observed(pairing, layers=(len(ours.layers), len(theirs.layers)), layers_moved=moved)
    _straighten(pairing, ours, theirs)
    _measure_all(result, seed, budget)
    strange = [key for key, one in result.matrices.items() if abs(one.cosine) < stranger_cosine(one.numbers)]
    if strange or _shapes_differ(pairing) or not result.matrices:
        result.alignment = _aligned(pairing, strange)
    if not result.whole and all(found.equal == 1 for found in result.measures.values()):
        _confirm(result, budget)
    result.chance = chance(pairing, seed)
    if also:
        result.mixture = mixture(theirs, [ours, *(Network.of(other) for other in also)])
    return result


def _straighten(pairing: Pairing, one: Network, two: Network) -> None:
    heads = [max(pair) for pair in zip(one.heads, two.heads, strict=True)]
    for key, (first, second) in pairing.pairs.items():
        if key.role in ("query", "key") and key.kind == "weight":
            straighten(first, second, heads[key.role == "key"])


def _shapes_differ(pairing: Pairing) -> bool:
    return any(
        first.shape != second.shape and key.role not in EXTENDABLE
        for key, (first, second) in pairing.pairs.items()
    )


def _aligned(pairing: Pairing, strange: list[Key]) -> Alignment:
    differing = [key for key, (first, second) in pairing.pairs.items() if first.shape != second.shape]
    layers = sorted({key.layer for key in [*strange, *differing] if key.layer >= 0 and not key.stem})
    if layers and any(key.role in ("gate", "up") for key in pairing.pairs):
        return align(pairing, layers)
    return align_chain(pairing)


def _confirm(result: Observed, budget: int | None) -> None:
    """Where the sample shows no difference, read all of both if that is not too much, and compare digests."""
    pairing = result.pairing
    size = sum(view.info.nbytes for views in pairing.pairs.values() for view in views)
    if result.unread or result.extended or pairing.only_first or pairing.only_second:
        return
    if budget is not None and size > budget:
        return
    result.whole = True
    for key, (first, second) in pairing.pairs.items():
        if first.info.dtype != second.info.dtype:
            result.whole = False
        elif first.checkpoint.digest(first.name) != second.checkpoint.digest(second.name):
            result.measures[key] = replace(
                result.measures[key], equal=_equal(first, second), difference=UNSEEN
            )


def _equal(first: View, second: View) -> float:
    """Share of equal numbers of two tensors of one type, all of them read."""
    rows, same = first.shape[0], 0
    each = max(1, MAX_NUMBERS // first.shape[1])
    for at in range(0, rows, each):
        part = np.arange(at, min(at + each, rows))
        same += int((first.rows(part).values == second.rows(part).values).sum())
    return same / max(first.info.elements, 1)


@dataclass(slots=True)
class Plan:
    """How much of each pair is read."""

    source: np.random.Generator
    share: int | None
    """Bytes for each tensor; None: as much as memory allows."""
    pairs: int
    done: int = 0
    ranks: int = 0

    def rows(self, views: tuple[View, View], count: int) -> Places:
        """Which of so many rows are read."""
        most = max(1, MAX_NUMBERS // views[0].shape[1])
        if self.share is not None:
            wide = max(view.info.nbytes / max(view.info.elements, 1) for view in views) * views[0].shape[1]
            most = max(8, min(most, int(self.share / max(wide, 1))))
        return self.some(count, most)

    def some(self, count: int, most: int) -> Places:
        """So many rows at most, by chance, in rising order."""
        return np.arange(count) if count <= most else np.sort(self.source.choice(count, most, replace=False))

    def wants_rank(self) -> bool:
        """Whether it is time for the rank of one more difference; they are spread over all pairs."""
        return self.ranks * self.pairs <= MAX_RANKS * self.done


def _measure_all(result: Observed, seed: int, budget: int | None) -> None:
    pairs = list(result.pairing.pairs.items())
    chosen = (
        [pairs[i] for i in np.unique(np.linspace(0, len(pairs) - 1, MAX_PAIRS).astype(int))] if pairs else []
    )
    result.whole = (
        len(chosen) == len(pairs) and not result.pairing.only_first and not result.pairing.only_second
    )
    share = None if budget is None else budget // max(2 * len(chosen), 1)
    plan = Plan(np.random.default_rng(seed), share, len(chosen))
    for key, views in chosen:
        try:
            _measure_one(result, key, views, plan)
        except CheckpointError as error:
            result.unread.append(str(error))
            result.whole = False
        plan.done += 1
        for view in views:
            view.release()


def _measure_one(result: Observed, key: Key, views: tuple[View, View], plan: Plan) -> None:
    (rows, columns), (other_rows, other_columns) = (view.shape for view in views)
    if columns != other_columns or (rows != other_rows and key.role not in EXTENDABLE):
        result.whole = False
        result.unread.append(f"{views[1].name}: {[*views[0].info.shape]} and {[*views[1].info.shape]}")
        return
    if rows != other_rows:
        result.extended[key.role] = (rows, other_rows)
        result.whole = False
    count = min(rows, other_rows)
    wanted = plan.rows(views, count)
    result.whole &= len(wanted) == count
    found = measure(*_sides(views, wanted))
    if not views[1].is_matrix and found.equal < 1:
        found = _without_offset(*_sides(views, wanted), found)
    if views[1].is_matrix and _may_be_low_rank(found) and plan.wants_rank():
        plan.ranks += 1
        wanted = wanted if len(wanted) >= min(count, SIDE) else plan.some(count, SIDE)
        found = replace(found, rank=difference_rank(*_sides(views, wanted)))
    result.measures[key] = found


def _may_be_low_rank(found: Measure) -> bool:
    """Whether it is worth the time: no stranger, and more than rounding apart."""
    return found.cosine > RESCALED_COSINE and found.difference > found.rounding


def _sides(views: tuple[View, View], rows: Places) -> tuple[Side, Side]:
    first, second = (Side(view.rows(rows), view.info.dtype) for view in views)
    return first, second


def _without_offset(first: Side, second: Side, found: Measure) -> Measure:
    """Norms of Gemma are stored as what they add to 1 in one format and with the 1 in the other."""
    gap = second.block.values - first.block.values
    offset = np.float32(np.round(np.median(gap)))
    if abs(offset) != 1 or np.abs(gap - offset).max() > 1e-2:
        return found
    moved = Side(Block(second.block.values - offset, second.block.steps), second.dtype)
    return measure(first, moved)
