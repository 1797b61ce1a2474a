"""Safetensors: a JSON header, then the numbers.

Source: the format description of Hugging Face's ``safetensors``.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from countermark.weights.checkpoints.numbers import NUMBERS
from countermark.weights.checkpoints.storage import File, Flat, Unreadable
from countermark.weights.checkpoints.tensors import (
    MAX_TENSORS,
    CheckpointError,
    Stored,
    TensorInfo,
    checked_name,
    checked_shape,
)

MAX_HEADER = 16 << 20
"""The largest header that is read: some 130 000 tensors. As JSON it may take twenty times that."""


def is_safetensors(head: bytes, size: int) -> bool:
    """Whether a file of this size that begins so is one."""
    return head[8:9] == b"{" and 2 <= int.from_bytes(head[:8], "little") <= size - 8


def read(file: File) -> tuple[dict[str, Stored], dict[str, str]]:
    """The tensors of one file, and its metadata.

    Raises:
        CheckpointError: the header is broken, or offsets overlap or leave the file.
    """
    length = int.from_bytes(file.at(0, 8), "little")
    if length > MAX_HEADER:
        raise CheckpointError(f"{file.path}: a header of {length:,} bytes is larger than {MAX_HEADER:,}")
    header = _parsed(file, file.at(8, length))
    metadata = header.pop("__metadata__", None)
    if len(header) > MAX_TENSORS:
        raise CheckpointError(f"{file.path}: more than {MAX_TENSORS:,} tensors")
    start, stored, runs = 8 + length, {}, []
    for name, entry in header.items():
        tensor, first, last = _tensor(file, start, checked_name(name), entry)
        stored[name] = tensor
        runs.append((first, last, name))
    for (_, end, one), (begin, _, other) in pairwise(sorted(runs)):
        if begin < end:
            raise CheckpointError(f"{file.path}: {one} and {other} overlap")
    said = metadata.items() if isinstance(metadata, dict) else ()
    return stored, {key: value for key, value in said if isinstance(value, str)}


def _parsed(file: File, text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        raise CheckpointError(f"{file.path}: the header is no JSON") from None
    if not isinstance(header, dict):
        raise CheckpointError(f"{file.path}: the header is no object")
    return header


def _tensor(file: File, start: int, name: str, entry: Any) -> tuple[Stored, int, int]:
    if not isinstance(entry, dict):
        raise CheckpointError(f"{file.path}: {name}: the entry is no object")
    shape, dtype = checked_shape(name, entry.get("shape")), entry.get("dtype")
    match entry.get("data_offsets"):
        case [int(first), int(last)] if 0 <= first <= last <= file.size - start:
            pass
        case offsets:
            raise CheckpointError(f"{file.path}: {name}: offsets {str(offsets)[:60]} leave the file")
    if not isinstance(dtype, str) or len(dtype) > 32:
        raise CheckpointError(f"{file.path}: {name}: {str(dtype)[:40]!r} is no type")
    info = TensorInfo(name, shape, dtype, last - first)
    codec = NUMBERS.get(dtype)
    if codec is None:
        return Unreadable(info, file, start + first, f"numbers of type {dtype} are not read"), first, last
    if codec.size_of(info.elements) != last - first:
        raise CheckpointError(
            f"{file.path}: {name}: {last - first:,} bytes do not make {list(shape)} {dtype}"
        )
    return Flat(info, file, start + first, codec), first, last
