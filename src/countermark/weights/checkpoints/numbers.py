"""Numbers as they are stored one by one: floats of all widths, and integers.

Source: IEEE 754; the OCP 8-bit floating point specification for E4M3 and E5M2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from countermark.weights.checkpoints.tensors import Block, Bytes, Floats

Decoder = Callable[[Bytes], Block]
"""From ``(blocks, bytes)`` to values and steps of ``(blocks, elements)``."""


@dataclass(frozen=True, slots=True)
class Codec:
    """How numbers become bytes, in blocks of a fixed size."""

    name: str
    elements: int
    """Numbers in one block."""
    bytes: int
    """Bytes of one block."""
    decode: Decoder

    def size_of(self, elements: int) -> int:
        """Bytes that so many numbers take; whole blocks are filled."""
        return -(-elements // self.elements) * self.bytes


def plain(name: str, kind: str) -> Codec:
    """A type that NumPy knows."""
    dtype = np.dtype(kind)

    def decode(raw: Bytes) -> Block:
        stored = np.ascontiguousarray(raw).view(dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            values = stored.astype(np.float32)
            if dtype.kind == "f" and dtype.itemsize == 2:
                return Block(values, np.spacing(np.abs(stored)).astype(np.float32))
        step = 0.0 if dtype.kind == "f" else 1.0
        return Block(values, np.full_like(values, step))

    return Codec(name, 1, dtype.itemsize, decode)


def _bfloat16(raw: Bytes) -> Block:
    bits = np.ascontiguousarray(raw).view("<u2").astype(np.uint32) << 16
    values = bits.view(np.float32)
    scale = (bits & np.uint32(0x7F800000)).view(np.float32)
    return Block(values, np.where(np.isfinite(scale), scale * np.float32(2**-7), 0).astype(np.float32))


@cache
def _small_floats(exponent: int, mantissa: int, bias: int) -> tuple[Floats, Floats]:
    """All values of an 8-bit float, and the distances from each to the next."""
    code = np.arange(128)
    power, part = code >> mantissa, code & ((1 << mantissa) - 1)
    step = np.exp2(np.maximum(power, 1) - bias - mantissa)
    value = (part + np.where(power > 0, 1 << mantissa, 0)) * step
    if (exponent, mantissa) == (4, 3):
        value[127] = np.nan
    else:
        value[0x7C:] = [np.inf, np.nan, np.nan, np.nan]
    return np.concatenate([value, -value]).astype(np.float32), np.tile(step, 2).astype(np.float32)


def _small(exponent: int, mantissa: int, bias: int) -> Decoder:
    def decode(raw: Bytes) -> Block:
        values, steps = _small_floats(exponent, mantissa, bias)
        return Block(values[raw], steps[raw])

    return decode


NUMBERS: dict[str, Codec] = {
    codec.name: codec
    for codec in (
        plain("F64", "<f8"),
        plain("F32", "<f4"),
        plain("F16", "<f2"),
        Codec("BF16", 1, 2, _bfloat16),
        Codec("F8_E4M3", 1, 1, _small(4, 3, 7)),
        Codec("F8_E5M2", 1, 1, _small(5, 2, 15)),
        plain("I64", "<i8"),
        plain("I32", "<i4"),
        plain("I16", "<i2"),
        plain("I8", "<i1"),
        plain("U64", "<u8"),
        plain("U32", "<u4"),
        plain("U16", "<u2"),
        plain("U8", "<u1"),
        plain("BOOL", "<u1"),
    )
}


def numpy_type(codec: Codec) -> np.dtype[Any] | None:
    """The type of NumPy that has the same bytes, where there is one."""
    kinds = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "BOOL": "<u1"}
    kind = kinds.get(codec.name) or {"F": "", "I": "<i", "U": "<u"}[codec.name[0]]
    if codec.name.startswith("F8"):
        return np.dtype("<u1")
    return np.dtype(kind if kind[-1].isdigit() else f"{kind}{codec.bytes}") if kind else None
