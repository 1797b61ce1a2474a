"""Tensors as they lie in files, and the checkpoint that holds them.

Bytes are read by offset and never mapped: a file that shrinks under a mapping ends the process, whereas a
short read is an error that can be told. Memory stays as small as what is asked for.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from countermark.weights.checkpoints.numbers import Codec, numpy_type
from countermark.weights.checkpoints.tensors import Block, Bytes, CheckpointError, Floats, Stored, TensorInfo

MAX_SPAN = 1 << 31
"""Most bytes of a tensor with unusual strides, which is read whole."""
MAX_READ = 1 << 34
"""Most bytes that :meth:`Checkpoint.read` makes of one tensor."""
PIECE = 1 << 22
FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""A pipe must not make us wait, and Windows must not take a byte for the end of a text."""


class File:
    """A regular file, open for reading by offset."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            CheckpointError: it cannot be opened, or is no regular file.
        """
        self.path = path
        try:
            self.descriptor = os.open(path, FLAGS)
        except (OSError, ValueError) as error:
            raise CheckpointError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
        found = os.fstat(self.descriptor)
        if not stat.S_ISREG(found.st_mode):
            self.close()
            raise CheckpointError(f"{path}: is no regular file")
        self.size = found.st_size
        self.bytes_read = 0

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def at(self, offset: int, length: int) -> bytes:
        """Exactly these bytes.

        Raises:
            CheckpointError: the file ends before.
        """
        if length < 0 or offset < 0 or offset + length > self.size:
            raise CheckpointError(f"{self.path}: ends before byte {offset + length:,}")
        try:
            data = _read(self.descriptor, length, offset)
            while len(data) < length:
                more = _read(self.descriptor, length - len(data), offset + len(data))
                if not more:
                    raise CheckpointError(f"{self.path}: became shorter while it was read")
                data += more
        except OSError as error:
            raise CheckpointError(f"{self.path}: {error.strerror or error}") from None
        self.bytes_read += length
        return data

    def bytes_at(self, offset: int, length: int) -> Bytes:
        return np.frombuffer(self.at(offset, length), dtype=np.uint8)


def _read(descriptor: int, length: int, offset: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(descriptor, length, offset)
    os.lseek(descriptor, offset, os.SEEK_SET)  # Windows
    return os.read(descriptor, length)


@dataclass(frozen=True, slots=True)
class Flat:
    """A tensor whose blocks lie one behind the other."""

    info: TensorInfo
    file: File
    offset: int
    codec: Codec

    def take(self, start: int, stop: int) -> Block:
        first, last = start // self.codec.elements, -(-stop // self.codec.elements)
        size = self.codec.bytes
        raw = self.file.bytes_at(self.offset + first * size, (last - first) * size)
        block = self.codec.decode(raw.reshape(-1, size))
        skip = start - first * self.codec.elements
        return Block(*(part.reshape(-1)[skip : skip + stop - start] for part in block))

    def parts(self) -> list[tuple[File, int, int]]:
        return [(self.file, self.offset, self.info.nbytes)]


@dataclass(slots=True)
class Strided:
    """A tensor whose rows do not lie one behind the other, as a transposed view does not. Read whole."""

    info: TensorInfo
    file: File
    offset: int
    codec: Codec
    strides: tuple[int, ...]
    """In numbers, none negative."""
    _held: Block | None = None

    def take(self, start: int, stop: int) -> Block:
        if self._held is None:
            self._held = self._whole()
        return Block(*(part[start:stop] for part in self._held))

    def _whole(self) -> Block:
        kind, shape = numpy_type(self.codec), self.info.shape
        if kind is None or not self.info.elements:
            raise CheckpointError(f"{self.info.name}: cannot be read with its strides")
        length = span(shape, self.strides) * kind.itemsize
        if max(length, self.info.elements * 8) > MAX_SPAN:
            raise CheckpointError(f"{self.info.name}: is too large to be read with its strides")
        data = self.file.bytes_at(self.offset, length).view(kind)
        steps = tuple(step * kind.itemsize for step in self.strides)
        rows = np.ascontiguousarray(np.lib.stride_tricks.as_strided(data, shape, steps))
        block = self.codec.decode(rows.reshape(-1, 1).view(np.uint8))
        return Block(*(part.reshape(-1) for part in block))

    def parts(self) -> list[tuple[File, int, int]]:
        return [(self.file, self.offset, span(self.info.shape, self.strides) * self.codec.bytes)]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A tensor that is there, and why its numbers are not read."""

    info: TensorInfo
    file: File
    offset: int
    reason: str

    def take(self, start: int, stop: int) -> Block:
        raise CheckpointError(f"{self.info.name}: {self.reason}")

    def parts(self) -> list[tuple[File, int, int]]:
        return [(self.file, self.offset, self.info.nbytes)]


def span(shape: Sequence[int], strides: Sequence[int]) -> int:
    """How many numbers lie between the first and the last of a tensor, both counted."""
    if not prod(shape):
        return 0
    return 1 + sum((length - 1) * step for length, step in zip(shape, strides, strict=True))


def contiguous(shape: Sequence[int], strides: Sequence[int]) -> bool:
    """Whether the last axis runs fastest, without gaps."""
    step = 1
    for length, stride in zip(reversed(shape), reversed(strides), strict=True):
        if length != 1 and stride != step:
            return False
        step *= length
    return True


@dataclass(slots=True)
class Checkpoint:
    """An open checkpoint: what is in it, and its numbers on demand. Close it, or use it with ``with``."""

    path: Path
    format: str
    """``safetensors``, ``gguf``, ``torch``, ``numpy``; with a prefix for packed weights: ``gptq``."""
    stored: dict[str, Stored]
    files: list[File]
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the file, or ``config.json`` beside it, says of the network."""

    @property
    def tensors(self) -> Mapping[str, TensorInfo]:
        """All tensors by name, in the order of the file."""
        return MappingProxyType({name: one.info for name, one in self.stored.items()})

    @property
    def nbytes(self) -> int:
        return sum(one.info.nbytes for one in self.stored.values())

    @property
    def bytes_read(self) -> int:
        """Bytes that were read of its files so far, headers among them."""
        return sum(file.bytes_read for file in self.files)

    def read(self, name: str) -> Floats:
        """A whole tensor, in its shape.

        Raises:
            KeyError: there is none of this name.
            CheckpointError: it is too large, or cannot be read.
        """
        info = self.stored[name].info
        if info.elements * 4 > MAX_READ:
            raise CheckpointError(f"{name}: is too large to be read whole; take a sample")
        return self.take(name, 0, info.elements).values.reshape(info.shape)

    def take(self, name: str, start: int, stop: int) -> Block:
        """A run of numbers with their steps; see :class:`Stored`."""
        info = self.stored[name].info
        if not 0 <= start <= stop <= info.elements:
            raise CheckpointError(f"{name}: has no numbers {start:,} to {stop:,}")
        if start == stop:
            return Block(np.zeros(0, np.float32), np.zeros(0, np.float32))
        return self.stored[name].take(start, stop)

    def sample(self, name: str, rows: Sequence[tuple[int, int]]) -> Block:
        """Some runs of rows, ``(from, to)`` each; values and steps are ``(rows, columns)``."""
        columns = self.stored[name].info.columns
        blocks = [self.take(name, first * columns, last * columns) for first, last in rows]
        values = np.concatenate([block.values for block in blocks])
        steps = np.concatenate([block.steps for block in blocks])
        return Block(values.reshape(-1, columns), steps.reshape(-1, columns))

    def digest(self, name: str) -> str:
        """SHA-256 over type, shape and all stored bytes of one tensor, in hexadecimal."""
        info = self.stored[name].info
        summed = hashlib.sha256(f"{info.dtype} {list(info.shape)}\n".encode())
        for data in self._stretches(name):
            summed.update(data)
        return summed.hexdigest()

    def _stretches(self, name: str) -> Iterator[bytes]:
        for file, offset, length in self.stored[name].parts():
            for at in range(offset, offset + length, PIECE):
                yield file.at(at, min(PIECE, offset + length - at))

    def close(self) -> None:
        for file in self.files:
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
