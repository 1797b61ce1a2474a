"""What a checkpoint is made of, as values: tensors, their blocks, and what is wrong with a file."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from countermark.weights.checkpoints.storage import File

Floats: TypeAlias = "NDArray[np.float32]"
Bytes: TypeAlias = "NDArray[np.uint8]"
MAX_AXES = 8
MAX_ELEMENTS = 1 << 44
"""Most numbers in one tensor; a thousand times those of the largest that are known."""
MAX_TENSORS = 1_000_000


class CheckpointError(Exception):
    """A file that is no checkpoint, or one that is broken, hostile or of a kind that is not read."""


class MissingPackageError(CheckpointError):
    """Weights cannot be read here without NumPy, which is part of an extra."""


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """What a file says of one tensor."""

    name: str
    shape: tuple[int, ...]
    """In the order of PyTorch: rows are outputs. GGUF's reversed order is turned round."""
    dtype: str
    """As the format calls it: ``F16``, ``BF16``, ``Q4_K``, ``GPTQ-4``."""
    nbytes: int
    """As stored, with scales and the like."""

    @property
    def elements(self) -> int:
        return prod(self.shape)

    @property
    def columns(self) -> int:
        """Numbers in one row, where a row is an output: all axes but the first."""
        return prod(self.shape[1:])


class Block(NamedTuple):
    """A run of numbers of one tensor."""

    values: Floats
    steps: Floats
    """Beside each value the distance to the next that its format could have held there."""


class Stored(Protocol):
    """One tensor as it lies in a file."""

    @property
    def info(self) -> TensorInfo: ...

    def take(self, start: int, stop: int) -> Block:
        """The numbers from ``start`` to ``stop``, counted through all axes, the last one fastest.

        Raises:
            CheckpointError: they cannot be read.
        """

    def parts(self) -> list[tuple[File, int, int]]:
        """File, offset and length of each stretch of bytes that it is stored in."""


def checked_shape(name: str, shape: object) -> tuple[int, ...]:
    """A shape out of a file.

    Raises:
        CheckpointError: it is no shape, or one of absurd size.
    """
    if not isinstance(shape, list | tuple) or len(shape) > MAX_AXES:
        raise CheckpointError(f"{name}: {str(shape)[:80]!r} is no shape")
    if not all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= MAX_ELEMENTS for n in shape):
        raise CheckpointError(f"{name}: {str(shape)[:80]} is no shape")
    result = tuple(shape)
    if prod(result) > MAX_ELEMENTS:
        raise CheckpointError(f"{name}: {result} is larger than any tensor")
    return result


def checked_name(name: object) -> str:
    """A name out of a file.

    Raises:
        CheckpointError: it is no text, or too long for a name.
    """
    if not isinstance(name, str) or not name or len(name) > 1024:
        raise CheckpointError(f"{str(name)[:80]!r} is no name of a tensor")
    return name
