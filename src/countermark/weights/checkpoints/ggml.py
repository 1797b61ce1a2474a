"""The block formats of GGML, decoded. In a block, numbers share a scale and perhaps an offset.

Bytes are ``(blocks, bytes)``; a helper's axes are named beside it. A step is the distance between two
neighbouring levels of that block, so what rounding did is at most half of it, unless a level was clipped.

Source: the block structures of ``ggml-common.h``; the OCP microscaling formats for MXFP4.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from countermark.weights.checkpoints.numbers import NUMBERS, Codec
from countermark.weights.checkpoints.tensors import Block, Bytes, Floats

Codes: TypeAlias = NDArray[np.integer[Any]]
CURVE = np.array([-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113], dtype=np.float32)
"""The sixteen levels of IQ4: closer together near zero."""
E2M1 = np.array([0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12], dtype=np.float32)
"""Twice the values of a 4-bit float."""


def _half(raw: Bytes) -> Floats:
    """Pairs of bytes as 16-bit floats: ``(blocks, n)``. What is no number counts as zero."""
    with np.errstate(invalid="ignore"):
        values = np.ascontiguousarray(raw).view("<f2").astype(np.float32)
    return np.where(np.isfinite(values), values, np.float32(0))


def _pieces(raw: Bytes, bits: int, span: int) -> Bytes:
    """Numbers of some bits, the lowest first, in spans of bytes: ``(blocks, n)``.

    Of each span of bytes, first the lowest bits of all of them, then the next.
    """
    shifts = np.arange(0, 8, bits, dtype=np.uint8)[:, None]
    spans = raw.reshape(len(raw), -1, 1, span) >> shifts
    return (spans & np.uint8((1 << bits) - 1)).reshape(len(raw), -1)


def _spread(scales: Floats, elements: int) -> Floats:
    """One scale for each part, repeated for all of its elements."""
    return np.repeat(scales, elements // scales.shape[1], axis=1)


def _linear(codes: Codes, scales: Floats, offsets: Floats, zero: int = 0) -> Block:
    """Codes times scales plus offsets."""
    size = codes.shape[1]
    steps = _spread(scales, size)
    values = steps * (codes.astype(np.float32) - np.float32(zero)) + _spread(offsets, size)
    return Block(values, np.abs(steps))


def _fifth(raw: Bytes) -> Bytes:
    """Thirty-two high bits, one for each element."""
    return np.unpackbits(raw, axis=1, bitorder="little")


def _q4_0(raw: Bytes) -> Block:
    scale = _half(raw[:, :2])
    return _linear(_pieces(raw[:, 2:], 4, 16), scale, scale * 0, 8)


def _q4_1(raw: Bytes) -> Block:
    return _linear(_pieces(raw[:, 4:], 4, 16), _half(raw[:, :2]), _half(raw[:, 2:4]))


def _q5_0(raw: Bytes) -> Block:
    codes = _pieces(raw[:, 6:], 4, 16) | _fifth(raw[:, 2:6]) << 4
    scale = _half(raw[:, :2])
    return _linear(codes, scale, scale * 0, 16)


def _q5_1(raw: Bytes) -> Block:
    codes = _pieces(raw[:, 8:], 4, 16) | _fifth(raw[:, 4:8]) << 4
    return _linear(codes, _half(raw[:, :2]), _half(raw[:, 2:4]))


def _q8_0(raw: Bytes) -> Block:
    steps = _spread(_half(raw[:, :2]), 32)
    return Block(steps * np.ascontiguousarray(raw[:, 2:]).view(np.int8), np.abs(steps))


def _q2_k(raw: Bytes) -> Block:
    both = raw[:, :16]
    scales = _half(raw[:, 80:82]) * (both & 15)
    offsets = -_half(raw[:, 82:84]) * (both >> 4)
    return _linear(_pieces(raw[:, 16:80], 2, 32), scales, offsets)


def _q3_k(raw: Bytes) -> Block:
    low, packed = _pieces(raw[:, 32:96], 2, 32), raw[:, 96:108]
    high = _pieces(raw[:, :32], 1, 32)
    six = _pieces(packed[:, :8], 4, 8) | _pieces(packed[:, 8:], 2, 4) << 4
    scales = _half(raw[:, 108:110]) * (six.astype(np.float32) - 32)
    return _linear(low | high << 2, scales, scales * 0, 4)


def _scales_and_minima(raw: Bytes) -> tuple[Bytes, Bytes]:
    """Eight 6-bit scales and eight 6-bit minima out of twelve bytes."""
    first, second, third = raw[:, :4], raw[:, 4:8], raw[:, 8:12]
    scales = np.concatenate([first & 63, third & 15 | first >> 2 & 48], axis=1)
    minima = np.concatenate([second & 63, third >> 4 | second >> 2 & 48], axis=1)
    return scales, minima


def _q4_k(raw: Bytes) -> Block:
    scales, minima = _scales_and_minima(raw[:, 4:16])
    codes = _pieces(raw[:, 16:], 4, 32)
    return _linear(codes, _half(raw[:, :2]) * scales, -_half(raw[:, 2:4]) * minima)


def _q5_k(raw: Bytes) -> Block:
    scales, minima = _scales_and_minima(raw[:, 4:16])
    codes = _pieces(raw[:, 48:], 4, 32) | _pieces(raw[:, 16:48], 1, 32) << 4
    return _linear(codes, _half(raw[:, :2]) * scales, -_half(raw[:, 2:4]) * minima)


def _q6_k(raw: Bytes) -> Block:
    codes = _pieces(raw[:, :128], 4, 64) | _pieces(raw[:, 128:192], 2, 32) << 4
    scales = _half(raw[:, 208:210]) * np.ascontiguousarray(raw[:, 192:208]).view(np.int8)
    return _linear(codes, scales, scales * 0, 32)


def _on_curve(codes: Bytes, scales: Floats) -> Block:
    gaps = np.append(np.diff(CURVE), CURVE[-1] - CURVE[-2])
    spread = _spread(scales, codes.shape[1])
    return Block(spread * CURVE[codes], np.abs(spread) * gaps[codes].astype(np.float32))


def _iq4_nl(raw: Bytes) -> Block:
    return _on_curve(_pieces(raw[:, 2:], 4, 16), _half(raw[:, :2]))


def _iq4_xs(raw: Bytes) -> Block:
    pairs = raw[:, 4:8, None] >> np.array([0, 4], dtype=np.uint8)
    low = (pairs & 15).reshape(len(raw), 8)
    high = raw[:, 2:4, None] >> np.array([0, 2, 4, 6], dtype=np.uint8)
    six = low | (high & 3).reshape(len(raw), 8) << 4
    scales = _half(raw[:, :2]) * (six.astype(np.float32) - 32)
    return _on_curve(_pieces(raw[:, 8:], 4, 16), scales)


def _mxfp4(raw: Bytes) -> Block:
    power = raw[:, :1].astype(np.float32)
    scales = np.where(power < 253, np.exp2(power - 128), np.float32(0))  # 255 is no number; no weight is near
    codes = _pieces(raw[:, 1:], 4, 16)
    spread = _spread(scales, 32)
    return Block(spread * E2M1[codes], spread * np.maximum(np.abs(E2M1[codes]) / 3, 1).astype(np.float32))


TYPES: dict[int, Codec] = {
    number: Codec(name, elements, size, decode)
    for number, name, elements, size, decode in (
        (2, "Q4_0", 32, 18, _q4_0),
        (3, "Q4_1", 32, 20, _q4_1),
        (6, "Q5_0", 32, 22, _q5_0),
        (7, "Q5_1", 32, 24, _q5_1),
        (8, "Q8_0", 32, 34, _q8_0),
        (10, "Q2_K", 256, 84, _q2_k),
        (11, "Q3_K", 256, 110, _q3_k),
        (12, "Q4_K", 256, 144, _q4_k),
        (13, "Q5_K", 256, 176, _q5_k),
        (14, "Q6_K", 256, 210, _q6_k),
        (20, "IQ4_NL", 32, 18, _iq4_nl),
        (23, "IQ4_XS", 256, 136, _iq4_xs),
        (39, "MXFP4", 32, 17, _mxfp4),
    )
} | {
    number: NUMBERS[name]
    for number, name in {
        0: "F32", 1: "F16", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 30: "BF16",
    }.items()
}  # fmt: skip
"""By the numbers that GGUF gives them."""
UNREAD: dict[int, tuple[str, int, int]] = {
    9: ("Q8_1", 32, 40),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    29: ("IQ1_M", 256, 56),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
}
"""Types that need large tables, or that nobody stores: name, elements and bytes of a block."""
