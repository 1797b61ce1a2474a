"""Checkpoints of any format, read tensor by tensor and row by row, without loading or running anything.

Reading numbers needs NumPy: ``pip install 'countermark[lineage]'``.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from countermark.weights.checkpoints.tensors import (
    Block,
    CheckpointError,
    MissingPackageError,
    TensorInfo,
)

if TYPE_CHECKING:
    from countermark.weights.checkpoints.storage import Checkpoint

__all__ = ["Block", "CheckpointError", "MissingPackageError", "TensorInfo", "open_checkpoint"]


def open_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Open a file, a file in parts, or a folder: safetensors, GGUF, PyTorch (archive and legacy), NumPy.

    Packed weights of GPTQ, AWQ and bitsandbytes, and 8-bit floats with scales, appear as the one tensor that
    they stand for. Only headers are read; numbers are read when they are asked for.

    Raises:
        MissingPackageError: NumPy is not installed.
        CheckpointError: it is no checkpoint, or one that is broken, hostile, incomplete or of a kind that is
            not read.
    """
    if find_spec("numpy") is None:
        raise MissingPackageError("reading weights needs NumPy: pip install 'countermark[lineage]'")
    from countermark.weights.checkpoints.opening import opened  # noqa: PLC0415 - needs the extra

    return opened(Path(path))
