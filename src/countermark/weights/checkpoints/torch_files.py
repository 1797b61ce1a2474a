"""Checkpoints of PyTorch: the zip archive of today, and the legacy file. Nothing is unpickled.

Source: ``torch/serialization.py``.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from math import prod
from typing import Any

from countermark.weights.checkpoints import archives
from countermark.weights.checkpoints.numbers import NUMBERS
from countermark.weights.checkpoints.storage import File, Flat, Strided, Unreadable, contiguous, span
from countermark.weights.checkpoints.tensors import (
    MAX_TENSORS,
    CheckpointError,
    Stored,
    TensorInfo,
    checked_name,
)
from countermark.weights.checkpoints.torch_values import Storage, Tensor, values

MAX_PICKLE = 32 << 20
MAX_DEPTH = 12
MAGIC = 0x1950A86A20F9469CFC6C
"""The first value of a legacy file."""
INNER = (
    "state_dict",
    "model_state_dict",
    "model_state",
    "module",
    "model",
    "network",
    "net",
    "params_ema",
    "params",
)
"""Where training scripts keep the weights, beside optimisers and the like."""
ASIDE = ("optim", "sched", "scaler", "loss")
"""How the others begin, or what is in their names."""
Place = Callable[[Storage], tuple[int, int]]
"""Offset and length in bytes of a storage."""


def from_archive(file: File) -> dict[str, Stored]:
    """The tensors of a zip archive.

    Raises:
        CheckpointError: it is none of PyTorch's, or broken.
    """
    members = archives.members(file)
    pickles = [name for name in members if name == "data.pkl" or name.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise CheckpointError(f"{file.path}: an archive without the data.pkl of PyTorch")
    folder = pickles[0].removesuffix("data.pkl")
    order = members.get(f"{folder}byteorder")
    if order and archives.content(file, order, 64) != b"little":
        raise CheckpointError(f"{file.path}: big-endian numbers are not read")
    data = archives.content(file, members[pickles[0]], MAX_PICKLE)

    def place(storage: Storage) -> tuple[int, int]:
        member = members.get(f"{folder}data/{storage.key}")
        if member is None or not member.is_stored:
            raise CheckpointError(f"{file.path}: the storage {storage.key[:40]!r} is missing or compressed")
        return member.offset, member.size

    where = f"{file.path}: {pickles[0]}"
    return tensors(file, values(io.BytesIO(data), where), place)


def from_legacy(file: File) -> dict[str, Stored]:
    """The tensors of a file of four pickles with the storages behind them.

    Raises:
        CheckpointError: it is none, or broken.
    """
    head = io.BytesIO(file.at(0, min(file.size, MAX_PICKLE)))
    where = str(file.path)
    if values(head, where) != MAGIC:
        raise CheckpointError(f"{file.path}: a pickle, but no checkpoint of PyTorch")
    values(head, where)
    values(head, where)
    content, keys = values(head, where), values(head, where)
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise CheckpointError(f"{file.path}: the list of storages is broken")
    places = _behind(file, head.tell(), keys, _storages(content))

    def place(storage: Storage) -> tuple[int, int]:
        if storage.key not in places:
            raise CheckpointError(f"{file.path}: the storage {storage.key[:40]!r} is missing")
        return places[storage.key]

    return tensors(file, content, place)


def _storages(content: Any) -> dict[str, Storage]:
    return {tensor.storage.key: tensor.storage for _, tensor in _below(content, "", 0, [0])}


def _behind(file: File, at: int, keys: list[str], known: dict[str, Storage]) -> dict[str, tuple[int, int]]:
    """Where the storages lie behind the pickles: each begins with its count of numbers."""
    places = {}
    for key in keys:
        elements = int.from_bytes(file.at(at, 8), "little")
        codec = NUMBERS.get(known[key].dtype) if key in known else None
        if codec is None:
            raise CheckpointError(f"{file.path}: nothing says what the storage {key[:40]!r} holds")
        places[key] = (at + 8, codec.size_of(elements))
        at += 8 + codec.size_of(elements)
        if at > file.size:
            raise CheckpointError(f"{file.path}: ends within its storages")
    return places


def tensors(file: File, content: Any, place: Place) -> dict[str, Stored]:
    """All tensors below a value; names are joined by points."""
    if isinstance(content, dict):
        rest = {name: one for name, one in content.items() if not any(part in str(name) for part in ASIDE)}
        inner = (content.get(name) for name in INNER)
        content = next((one for one in inner if isinstance(one, dict) and one), rest)
    stored: dict[str, Stored] = {}
    for name, tensor in _below(content, "", 0, [0]):
        stored[checked_name(name or "tensor")] = _stored(file, name, tensor, place)
        if len(stored) > MAX_TENSORS:
            raise CheckpointError(f"{file.path}: more than {MAX_TENSORS:,} tensors")
    return stored


def _below(value: Any, name: str, depth: int, seen: list[int]) -> Iterator[tuple[str, Tensor]]:
    """Tensors below a value; what is nested too deep, or too often, is a bomb."""
    seen[0] += 1
    if depth > MAX_DEPTH or seen[0] > 4 * MAX_TENSORS:
        raise CheckpointError(f"values are nested too deep below {name[:80]!r}")
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, dict | list | tuple):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            if isinstance(item, Tensor | dict | list | tuple):
                yield from _below(item, f"{name}.{key}" if name else str(key), depth + 1, seen)


def _stored(file: File, name: str, tensor: Tensor, place: Place) -> Stored:
    codec = NUMBERS.get(tensor.dtype)
    if codec is None:
        info = TensorInfo(name, tensor.shape, tensor.dtype or "?", 0)
        return Unreadable(info, file, 0, "its type of numbers is not read")
    offset, length = place(tensor.storage)
    info = TensorInfo(name, tensor.shape, tensor.dtype, codec.size_of(prod(tensor.shape)))
    needed = (tensor.offset + span(tensor.shape, tensor.strides)) * codec.bytes
    if needed > length:
        raise CheckpointError(f"{file.path}: {name[:120]} reaches beyond its storage")
    start = offset + tensor.offset * codec.bytes
    if contiguous(tensor.shape, tensor.strides):
        return Flat(info, file, start, codec)
    return Strided(info, file, start, codec, tensor.strides)
