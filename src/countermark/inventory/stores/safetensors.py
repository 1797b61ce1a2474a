"""What the header of a safetensors file says: its notes, its types of numbers, and how many there are.

Source: the format description in the README of the safetensors project.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import orjson

from countermark.inventory.stores.headers import At, Cursor, HeaderError

MAX_HEADER = 32 << 20
"""Bytes; the format allows 100 MB, and a model of a hundred thousand tensors has 15."""
MAX_AXES = 16


@dataclass(frozen=True, slots=True)
class Header:
    """One file."""

    notes: dict[str, str]
    """``__metadata__``."""
    parameters: int
    types: frozenset[str]
    """``BF16``, ``I32``…"""


def read(at: At) -> Header:
    """The header of a file.

    Raises:
        HeaderError: it is none, or larger than what is read.
    """
    cursor = Cursor(at)
    length = cursor.count()
    if length > MAX_HEADER:
        raise HeaderError(f"a header of {length:,} bytes")
    try:
        told = orjson.loads(cursor.bytes(length))
    except orjson.JSONDecodeError:
        raise HeaderError("its header is no JSON") from None
    if not isinstance(told, dict):
        raise HeaderError("its header is no list of tensors")
    notes = told.pop("__metadata__", {})
    tensors = [each for each in told.values() if isinstance(each, dict)]
    return Header(
        notes={key: text for key, text in notes.items() if isinstance(text, str)}
        if isinstance(notes, dict)
        else {},
        parameters=sum(_elements(each.get("shape")) for each in tensors),
        types=frozenset(str(each.get("dtype"))[:20] for each in tensors),
    )


def _elements(shape: Any) -> int:
    if not isinstance(shape, list) or len(shape) > MAX_AXES:
        return 0
    return (
        prod(axis for axis in shape)
        if all(type(axis) is int and 0 <= axis < 1 << 48 for axis in shape)
        else 0
    )
