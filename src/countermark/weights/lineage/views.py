"""A tensor as a matrix of outputs by inputs, whatever the format made of it, read by rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod

import numpy as np
from numpy.typing import NDArray

from countermark.weights.checkpoints.storage import Checkpoint
from countermark.weights.checkpoints.tensors import Block, CheckpointError, Floats, TensorInfo

Rows = NDArray[np.int64]
ABSURD = np.float32(1e15)
"""Squares of larger numbers, summed, leave the range of a float."""
MAX_TURNED = 1 << 28
"""Most numbers of a matrix that is stored inputs by outputs; it is read whole."""


@dataclass(slots=True)
class View:
    """One tensor of one checkpoint as ``(rows, columns)``."""

    checkpoint: Checkpoint
    name: str
    turned: bool = False
    """Stored inputs by outputs, as GPT-2 has it."""
    order: Rows | None = None
    """For each row where it is stored; none: as it stands."""
    _held: Block | None = field(default=None, repr=False)

    @property
    def info(self) -> TensorInfo:
        return self.checkpoint.tensors[self.name]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns. The experts of a layer stand one below the other; a vector is one column."""
        shape = self.info.shape
        if len(shape) == 2 and self.turned:
            return shape[1], shape[0]
        if len(shape) == 3 and shape[-1] > 16:
            return shape[0] * shape[1], shape[2]
        return (shape[0] if shape else 1), prod(shape[1:])

    @property
    def is_matrix(self) -> bool:
        return len(self.info.shape) > 1 and min(self.shape) > 1

    def rows(self, wanted: Rows) -> Block:
        """These rows, which are in rising order: values and steps, each ``(rows, columns)``.

        Raises:
            CheckpointError: they cannot be read.
        """
        if self.turned:
            return Block(*(part[:, wanted].T for part in self._whole()))
        columns = self.shape[1]
        places = wanted if self.order is None else self.order[wanted]
        blocks = [
            self.checkpoint.take(self.name, first * columns, last * columns) for first, last in runs(places)
        ]
        if not blocks:
            return Block(np.zeros((0, columns), np.float32), np.zeros((0, columns), np.float32))
        parts = zip(*blocks, strict=True)
        return Block(*(_sane(np.concatenate(part).reshape(-1, columns)) for part in parts))

    def _whole(self) -> Block:
        if self._held is None:
            info = self.info
            if info.elements > MAX_TURNED:
                raise CheckpointError(f"{self.name}: is too large to be read against its order")
            block = self.checkpoint.take(self.name, 0, info.elements)
            self._held = Block(*(_sane(part.reshape(info.shape)) for part in block))
        return self._held

    def release(self) -> None:
        """Forget what was read."""
        self._held = None


def _sane(numbers: Floats) -> Floats:
    """The same with zeros for what is no number, or none that a weight can be."""
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(numbers) < ABSURD, numbers, np.float32(0))


def runs(places: Rows) -> Iterator[tuple[int, int]]:
    """Neighbouring places as ``(from, to)``, in the order in which they come."""
    if not len(places):
        return
    breaks = np.flatnonzero(np.diff(places) != 1) + 1
    for piece in np.split(places, breaks):
        yield int(piece[0]), int(piece[-1]) + 1


def interleaved(rows: int, heads: int) -> Rows:
    """Where llama.cpp stores each row of a query or key matrix: the halves of a head take turns."""
    size = rows // heads
    place = np.arange(rows)
    head, inner = place // size, place % size
    return head * size + inner % (size // 2) * 2 + inner // (size // 2)
