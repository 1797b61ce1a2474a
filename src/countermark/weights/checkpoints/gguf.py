"""GGUF: key-values, the list of tensors, then their blocks.

Source: ``gguf.md`` of the GGML project, versions 2 and 3, little-endian.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import Any

from countermark.weights.checkpoints.ggml import TYPES, UNREAD
from countermark.weights.checkpoints.storage import File, Flat, Unreadable
from countermark.weights.checkpoints.tensors import (
    MAX_TENSORS,
    CheckpointError,
    Stored,
    TensorInfo,
    checked_name,
    checked_shape,
)

MAGIC = b"GGUF"
SCALARS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
TEXT, ARRAY = 8, 9
MAX_ITEMS = 4_000_000
"""Most values of a header; a large vocabulary with its merges has some 700 000."""
MAX_KEPT = 4096
"""Longest text or array that is kept; the others are the vocabulary."""
WINDOW = 1 << 20


class Cursor:
    """Reads a header from front to back, a window at a time."""

    def __init__(self, file: File) -> None:
        self.file, self.at, self.items = file, len(MAGIC), 0
        self._window, self._start = b"", 0

    def bytes(self, length: int) -> bytes:
        inside = self.at - self._start
        if not 0 <= inside <= len(self._window) - length:
            available = self.file.size - self.at
            if length > available:
                raise CheckpointError(f"{self.file.path}: ends within its header")
            self._window, self._start = self.file.at(self.at, min(max(WINDOW, length), available)), self.at
            inside = 0
        self.at += length
        return self._window[inside : inside + length]

    def number(self, kind: str) -> Any:
        return struct.unpack(kind, self.bytes(struct.calcsize(kind)))[0]

    def skip(self, length: int) -> None:
        if length > self.file.size - self.at:
            raise CheckpointError(f"{self.file.path}: ends within its header")
        self.at += length

    def text(self) -> str | None:
        """A text; None where it is too long to be kept."""
        length = self.number("<Q")
        if length > MAX_KEPT:
            self.skip(length)
            return None
        return self.bytes(length).decode("utf-8", "replace")

    def count(self, more: int) -> None:
        self.items += more
        if self.items > MAX_ITEMS:
            raise CheckpointError(f"{self.file.path}: a header of more than {MAX_ITEMS:,} values")


def read(file: File) -> tuple[dict[str, Stored], dict[str, Any]]:
    """The tensors of one file, and its key-values without the vocabulary.

    Raises:
        CheckpointError: the header is broken, or tensors overlap or leave the file.
    """
    cursor = Cursor(file)
    version = cursor.number("<I")
    if version not in (2, 3):
        hint = " (big-endian?)" if version > 0xFFFF else ""
        raise CheckpointError(f"{file.path}: GGUF version {version} is not read{hint}")
    tensors, pairs = cursor.number("<Q"), cursor.number("<Q")
    if tensors > MAX_TENSORS:
        raise CheckpointError(f"{file.path}: {tensors:,} tensors are too many")
    settings = {}
    for _ in range(pairs):
        cursor.count(1)
        key = cursor.text()
        value = _value(cursor, cursor.number("<I"), 0)
        if key is not None and value is not None:
            settings[key] = value
    entries = [_entry(cursor) for _ in range(tensors)]
    return _placed(file, cursor.at, entries, settings), settings


def _value(cursor: Cursor, kind: int, depth: int) -> Any:
    """A value; None for what is too long to be kept."""
    if kind in SCALARS:
        return cursor.number(SCALARS[kind])
    if kind == TEXT:
        return cursor.text()
    if kind != ARRAY or depth > 3:
        raise CheckpointError(f"{cursor.file.path}: a value of type {kind} is not known")
    inner, length = cursor.number("<I"), cursor.number("<Q")
    if inner in SCALARS and length > MAX_KEPT:
        cursor.skip(length * struct.calcsize(SCALARS[inner]))
        return None
    cursor.count(length)
    if length > MAX_KEPT:
        for _ in range(length):
            _value(cursor, inner, depth + 1)
        return None
    return [_value(cursor, inner, depth + 1) for _ in range(length)]


def _entry(cursor: Cursor) -> tuple[str, tuple[int, ...], int, int]:
    """Name, shape, number of the type, offset."""
    name = checked_name(cursor.text())
    axes = cursor.number("<I")
    if axes > 8:
        raise CheckpointError(f"{cursor.file.path}: {name}: {axes:,} axes are too many")
    shape = [cursor.number("<Q") for _ in range(axes)]
    return name, checked_shape(name, shape[::-1]), cursor.number("<I"), cursor.number("<Q")


def _placed(
    file: File, at: int, entries: list[tuple[str, tuple[int, ...], int, int]], settings: dict[str, Any]
) -> dict[str, Stored]:
    alignment = settings.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 1 <= alignment <= 1 << 20:
        raise CheckpointError(f"{file.path}: an alignment of {str(alignment)[:40]} is none")
    start = -(-at // alignment) * alignment
    stored: dict[str, Stored] = {}
    for name, shape, kind, offset in entries:
        if name in stored:
            raise CheckpointError(f"{file.path}: {name} is there twice")
        stored[name] = _tensor(file, (name, shape, kind), start + offset)
    runs = sorted((o, o + n, name) for name, one in stored.items() for _, o, n in one.parts())
    for (_, end, one), (begin, _, other) in pairwise(runs):
        if begin < end:
            raise CheckpointError(f"{file.path}: {one} and {other} overlap")
    return stored


def _tensor(file: File, entry: tuple[str, tuple[int, ...], int], at: int) -> Stored:
    name, shape, kind = entry
    codec = TYPES.get(kind)
    title, elements, size = (
        (codec.name, codec.elements, codec.bytes) if codec else UNREAD.get(kind, (f"type {kind}", 1, 0))
    )
    info = TensorInfo(name, shape, title, 0)
    if shape and shape[-1] % elements:
        raise CheckpointError(f"{file.path}: {name}: rows of {shape[-1]:,} are no whole blocks of {title}")
    info = TensorInfo(name, shape, title, info.elements // elements * size)
    if at + info.nbytes > file.size:
        raise CheckpointError(f"{file.path}: {name} leaves the file")
    if codec is None:
        return Unreadable(info, file, at, f"blocks of {title} are not decoded")
    return Flat(info, file, at, codec)
