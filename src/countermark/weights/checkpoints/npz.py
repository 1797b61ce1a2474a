"""NumPy's ``.npy`` and ``.npz``.

Source: NumPy's format description, NEP 1.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from countermark.weights.checkpoints import archives
from countermark.weights.checkpoints.numbers import NUMBERS, Codec, plain
from countermark.weights.checkpoints.storage import File, Flat, Strided
from countermark.weights.checkpoints.tensors import (
    Block,
    Bytes,
    CheckpointError,
    Stored,
    TensorInfo,
    checked_name,
    checked_shape,
)

MAGIC = b"\x93NUMPY"
MAX_HEADER = 1 << 16
MAX_UNPACKED = 1 << 30
"""The largest compressed array that is read; it is held in memory meanwhile."""
KINDS = {"f8": "F64", "f4": "F32", "f2": "F16", "i8": "I64", "i4": "I32", "i2": "I16", "i1": "I8"} | {
    "u8": "U64", "u4": "U32", "u2": "U16", "u1": "U8", "b1": "BOOL",
}  # fmt: skip


def from_array(file: File) -> dict[str, Stored]:
    """The one tensor of an ``.npy``."""
    return {"array": _stored(file, "array", file.at(0, min(file.size, MAX_HEADER)), (0, file.size))}


def from_archive(file: File) -> dict[str, Stored]:
    """The tensors of an ``.npz``.

    Raises:
        CheckpointError: it is broken, or holds objects.
    """
    stored: dict[str, Stored] = {}
    slot = Slot()
    for path, member in archives.members(file).items():
        name = checked_name(path.removesuffix(".npy"))
        head = archives.beginning(file, member, MAX_HEADER)
        if member.is_stored:
            stored[name] = _stored(file, name, head, (member.offset, member.size))
        else:
            codec, shape, turned, start = _header(file, name, head)
            info = TensorInfo(name, shape, codec.name, codec.size_of(prod(shape)))
            stored[name] = Packed(info, file, codec, member, (start, turned), slot)
    return stored


def _header(file: File, name: str, head: bytes) -> tuple[Codec, tuple[int, ...], bool, int]:
    """Codec, shape, whether the first axis runs fastest, and where the numbers begin."""
    width = 2 if head[6:7] == b"\1" else 4
    length = int.from_bytes(head[8 : 8 + width], "little")
    start = 8 + width + length
    if not head.startswith(MAGIC) or start > len(head):
        raise CheckpointError(f"{file.path}: {name} is no array")
    try:
        said = ast.literal_eval(head[8 + width : start].decode("latin-1").strip())
        kind, shape, turned = str(said["descr"]), said["shape"], said["fortran_order"] is True
    except (ValueError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError):
        raise CheckpointError(f"{file.path}: {name}: the header is broken") from None
    if kind[1:] not in KINDS or kind[0] not in "<>|=":
        raise CheckpointError(f"{file.path}: {name}: arrays of {kind[:40]!r} are not read")
    plainly = NUMBERS[KINDS[kind[1:]]]
    codec = plain(plainly.name, kind) if kind[0] == ">" else plainly
    return codec, checked_shape(name, shape), turned, start


def _stored(file: File, name: str, head: bytes, place: tuple[int, int]) -> Stored:
    codec, shape, turned, start = _header(file, name, head)
    info = TensorInfo(name, shape, codec.name, codec.size_of(prod(shape)))
    if start + info.nbytes > place[1]:
        raise CheckpointError(f"{file.path}: {name}: ends before its last number")
    if turned and len(shape) > 1:
        steps = np.cumprod([1, *shape[:-1]]).tolist()
        return Strided(info, file, place[0] + start, codec, tuple(steps))
    return Flat(info, file, place[0] + start, codec)


@dataclass(slots=True)
class Slot:
    """The one compressed array of an archive that is held unpacked."""

    name: str = ""
    raw: Any = None


@dataclass(frozen=True, slots=True)
class Packed:
    """A compressed array: unpacked when it is first asked for, and held."""

    info: TensorInfo
    file: File
    codec: Codec
    member: archives.Member
    layout: tuple[int, bool]
    """Where the numbers begin, and whether the first axis runs fastest."""
    slot: Slot

    def take(self, start: int, stop: int) -> Block:
        if self.slot.name != self.info.name:
            self.slot.raw, self.slot.name = self._unpacked(), self.info.name
        block = self.codec.decode(self.slot.raw[start:stop])
        return Block(*(part.reshape(-1) for part in block))

    def _unpacked(self) -> Bytes:
        first, turned = self.layout
        data = archives.content(self.file, self.member, MAX_UNPACKED)
        if first + self.info.nbytes > len(data):
            raise CheckpointError(f"{self.file.path}: {self.info.name}: ends before its last number")
        raw = np.frombuffer(data, np.uint8, self.info.nbytes, first)
        if turned:
            grid = raw.reshape(*self.info.shape[::-1], self.codec.bytes)
            axes = [*range(len(self.info.shape))[::-1], len(self.info.shape)]
            raw = np.ascontiguousarray(grid.transpose(axes))
        return raw.reshape(-1, self.codec.bytes)

    def parts(self) -> list[tuple[File, int, int]]:
        return [(self.file, self.member.offset, self.member.packed)]
