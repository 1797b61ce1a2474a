"""Is one checkpoint made from another? Answered from the weights alone, on samples, without a GPU.

Needs NumPy: ``pip install 'countermark[lineage]'``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from countermark.weights.checkpoints.tensors import CheckpointError, MissingPackageError
from countermark.weights.lineage.relation import (
    Confidence,
    Lineage,
    Outcome,
    Relation,
    Sampled,
    Step,
    TensorEvidence,
)

__all__ = [
    "DEFAULT_BUDGET",
    "CheckpointError",
    "Confidence",
    "Lineage",
    "MissingPackageError",
    "Outcome",
    "Relation",
    "Sampled",
    "Step",
    "TensorEvidence",
    "compare",
]
DEFAULT_BUDGET = 2 << 30
"""Bytes that are read of both checkpoints together, about: a hundred rows of each matrix of a 70B network."""


def compare(
    a: str | os.PathLike[str],
    b: str | os.PathLike[str],
    *,
    also: Sequence[str | os.PathLike[str]] = (),
    seed: int = 0,
    budget_bytes: int | None = DEFAULT_BUDGET,
) -> Lineage:
    """How checkpoint ``b`` stands to checkpoint ``a``.

    Args:
        a: a file or folder; see :func:`countermark.weights.checkpoints.open_checkpoint`.
        b: likewise.
        also: further checkpoints that ``b`` may be a merge of, or that may be an ancestor of both.
        seed: of the choice of rows, and of the random orders. The same seed gives the same answer.
        budget_bytes: about how much is read; None reads everything up to four million numbers of a tensor.

    Raises:
        MissingPackageError: NumPy is not installed.
        CheckpointError: one of them cannot be read.
    """
    if find_spec("numpy") is None:
        raise MissingPackageError("comparing weights needs NumPy: pip install 'countermark[lineage]'")
    from countermark.weights.lineage.comparing import compared  # noqa: PLC0415 - needs the extra

    return compared(Path(a), Path(b), [Path(one) for one in also], seed, budget_bytes)
