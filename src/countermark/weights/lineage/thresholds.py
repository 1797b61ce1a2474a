"""The figures that decide, and what they were set by: ``bench/lineage.py``, on the half that tunes."""

from __future__ import annotations

import math

STRANGER_COSINE, STRANGER_DEVIATIONS = 0.1, 3.5
"""Below the first, or the second over the root of its numbers, a matrix is as alike as chance has it."""
RELATED_COSINE = 0.25
"""From it a matrix has kept something of a common start. Between both nothing is said."""
SAME_SHARE = 0.5
"""Share of the matrices that must be related for the whole to be."""
PART_SHARE = 0.25
"""From this share on the whole is related in part, where the other matrices are strangers."""
STRANGER_SHARE = 0.8
"""Share of the matrices that must be strangers for the whole to be one."""
PROOF = 0.5
"""Least likeness after units were brought beside their counterparts."""
PROOF_STRANGER = 0.35
"""Strangers stay below it: 0.27 for perceptrons of one task, near 0 for transformers."""
WITHIN_BLOCKS, WITHIN_FLOATS = 0.95, 0.999
"""Share of numbers within half a step; block formats clip a few."""
EXCESS = 1.4
"""Largest difference in units of the rounding for a tensor that was only rounded."""
NEAR_EXCESS = 2.5
"""Likewise with error feedback, as GPTQ has it."""
COARSE = 1e-2
"""Rounding relative to the numbers, from which a format is coarse: 6 bits and fewer."""
CLEARED = 0.01
"""Share of numbers that are zero in one only, from which a tensor was pruned."""
LOW_RANK_SHARE, LOW_RANK_REST = 0.5, 1.1
"""Most directions of all that there are, and most that may be left, in units of the rounding: merged adapters
leave up to 1.0, light training that was quantised 1.19 and more, all other training far more."""
VECTORS_SHARE = 0.25
"""Most vectors that a merged adapter changes, of the number of matrices that it changes."""
LORA_SHARE = 0.8
"""Share of the changed matrices that must be of low rank."""
EXPLAINED = 0.9
"""Least share of the distance that a weighted mean must explain."""
PART_OFTEN = 0.2
"""Least share of the matrices in which a part of a merge must have weight."""
MANY = 8
"""Matrices from which on one is sure."""


def stranger_cosine(numbers: int) -> float:
    """Least cosine that independent matrices of so many numbers do not reach."""
    return max(STRANGER_COSINE, STRANGER_DEVIATIONS / math.sqrt(max(numbers, 1)))
