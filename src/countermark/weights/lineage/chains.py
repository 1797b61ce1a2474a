"""Find the units of a plain chain of layers again: perceptrons and convolutions without names that we know.

The inputs of the first layer keep their order, so its units are found by their rows. They are the inputs of
the second, and so on. Networks that learned the same task have units alike too, but not one for one: several
crowd on the same unit, and deeper layers, whose inputs are already wrong, are less and less alike. So the
weakest layer decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from countermark.weights.lineage.alignment import Alignment, Pair, Stack, stacked
from countermark.weights.lineage.matching import Match, match
from countermark.weights.lineage.naming import Key
from countermark.weights.lineage.pairing import Pairing

NUMBER = re.compile(r"(\d+)")
MAX_NUMBERS = 1 << 24
"""The largest matrix that is followed; it is read whole."""
PROVED = 0.5
"""Least cosine times share of units that have a counterpart of their own, of the weakest layer."""


@dataclass(frozen=True, slots=True)
class Link:
    """One layer of the chain, in both networks."""

    key: Key
    views: Pair
    vectors: list[Pair]
    """What belongs to the same units: biases, the weights of norms."""


def align_chain(pairing: Pairing) -> Alignment:
    """Find the units of a chain again; nothing where the layers form none."""
    result = Alignment()
    links = _links(pairing)
    if len(links) < 2:
        return result
    before: Match | None = None
    matches: list[tuple[Link, Stack, Stack, Match]] = []
    for link in links[:-1]:
        both = _beside(link, before)
        if both is None:
            return result
        features = [_features(link, stack, number) for number, stack in enumerate(both)]
        before = match(features[1], [features[0]])
        matches.append((link, *both, before))
    both = _beside(links[-1], before)
    if both is None or both[0].shape != both[1].shape:
        return result
    result.proofs.append(min(found.typical * found.distinct for *_, found in matches))
    if result.proof >= PROVED:
        for link, first, second, found in matches:
            rows = first.shape[1], second.shape[1]
            result.note("neurons", rows, found, np.arange(rows[1]))
            result.record(link.key, link.views, first[:, found.places], second)
        result.record(links[-1].key, links[-1].views, *both)
    return result


def _links(pairing: Pairing) -> list[Link]:
    keys = sorted(pairing.pairs, key=lambda key: _natural(pairing.pairs[key][1].name))
    links: list[Link] = []
    for key in keys:
        views = pairing.pairs[key]
        if views[0].is_matrix and views[1].is_matrix:
            links.append(Link(key, views, []))
        elif links and all(v.shape == (w.shape[0], 1) for v, w in zip(views, links[-1].views, strict=True)):
            links[-1].vectors.append(views)
    return links


def _natural(name: str) -> list[tuple[int, str]]:
    """Names in the order of their numbers, with a layer's weight before its bias."""
    name = re.sub(r"\.weight$", ".0", name)
    return [(int(part), "") if part.isdigit() else (0, part) for part in NUMBER.split(name)]


def _beside(link: Link, before: Match | None) -> tuple[Stack, Stack] | None:
    """Both matrices with their columns in one order; nothing where this cannot follow what was before."""
    if max(view.shape[0] * view.shape[1] for view in link.views) > MAX_NUMBERS:
        return None
    first, second = (stacked(view, np.arange(view.shape[0])) for view in link.views)
    if before is None:
        return (first, second) if first.shape[2] == second.shape[2] else None
    each, left = divmod(second.shape[2], len(before.places))
    if left or not each or first.shape[2] < (int(before.places.max()) + 1) * each:
        return None
    columns = (before.places[:, None] * each + np.arange(each)).reshape(-1)
    return first[:, :, columns], second


def _features(link: Link, stack: Stack, number: int) -> np.ndarray:
    """What tells the units of a layer apart: their rows, and what else belongs to them."""
    rows = stack[0]
    size = float(np.linalg.norm(rows)) / np.sqrt(len(rows)) or 1.0
    extra = [stacked(views[number], np.arange(views[number].shape[0]))[0] for views in link.vectors]
    return np.concatenate([rows, *(part * (size / (np.linalg.norm(part) or 1.0)) for part in extra)], axis=1)
