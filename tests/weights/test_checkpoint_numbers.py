"""Numbers of all widths, and the blocks of GGML, beside other people's decoders."""

from __future__ import annotations

import gguf
import numpy as np
import pytest
from gguf.quants import dequantize
from hypothesis import given
from hypothesis import strategies as st

from countermark.weights.checkpoints.ggml import TYPES, UNREAD
from countermark.weights.checkpoints.numbers import NUMBERS

BLOCKS = {number: codec for number, codec in TYPES.items() if codec.elements > 1}
FINITE = st.floats(width=32, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("number", BLOCKS, ids=lambda n: BLOCKS[n].name)
def test_blocks_of_any_bytes_decode_as_the_reference_does(number: int) -> None:
    codec = BLOCKS[number]
    raw = np.random.default_rng(number).integers(0, 256, (400, codec.bytes), dtype=np.uint8)
    with np.errstate(all="ignore"):
        wanted = dequantize(raw, gguf.GGMLQuantizationType(number))
    found = codec.decode(raw)
    usual = np.isfinite(wanted) & (np.abs(wanted) < 1e30)
    assert usual.mean() > 0.8
    assert np.array_equal(found.values[usual], wanted[usual])
    assert np.isfinite(found.values).all()
    assert found.steps.shape == found.values.shape
    assert (found.steps >= 0).all()


@pytest.mark.parametrize("number", [2, 3, 6, 7, 8], ids=lambda n: BLOCKS[n].name)
def test_what_a_quantiser_did_is_at_most_half_a_step(number: int) -> None:
    codec = BLOCKS[number]
    numbers = np.random.default_rng(1).normal(0, 0.02, (64, 256)).astype(np.float32)
    packed = gguf.quantize(numbers, gguf.GGMLQuantizationType(number))
    found = codec.decode(packed.reshape(-1, codec.bytes))
    away = np.abs(found.values.reshape(numbers.shape) - numbers)
    steps = found.steps.reshape(numbers.shape)
    assert np.mean(away <= steps * 0.51) > 0.95
    assert (away <= steps * 1.1).all()


def test_sizes_of_blocks_are_those_of_the_reference() -> None:
    known = {kind.value: sizes for kind, sizes in gguf.constants.GGML_QUANT_SIZES.items()}
    assert {n: (c.elements, c.bytes) for n, c in TYPES.items()}.items() <= known.items()
    assert {n: sizes for n, (_, *sizes) in UNREAD.items()} == {n: list(known[n]) for n in UNREAD}
    assert {n: gguf.GGMLQuantizationType(n).name for n in TYPES | UNREAD} == (
        {n: c.name for n, c in TYPES.items()} | {n: name for n, (name, *_) in UNREAD.items()}
    )


@given(st.lists(FINITE, min_size=1, max_size=20))
def test_bfloat16_is_the_upper_half_of_a_float(numbers: list[float]) -> None:
    bits = np.array(numbers, "<f4").view("<u4") & 0xFFFF0000
    raw = (bits >> 16).astype("<u2").view(np.uint8).reshape(-1, 2)
    found = NUMBERS["BF16"].decode(raw)
    assert np.array_equal(found.values.ravel().view(np.uint32), bits)
    assert (found.steps >= 0).all()


@pytest.mark.parametrize(
    ("name", "code", "value"),
    [
        ("F8_E4M3", 0x00, 0.0),
        ("F8_E4M3", 0x01, 2.0**-9),
        ("F8_E4M3", 0x38, 1.0),
        ("F8_E4M3", 0x7E, 448.0),
        ("F8_E4M3", 0xC0, -2.0),
        ("F8_E5M2", 0x3C, 1.0),
        ("F8_E5M2", 0x7B, 57344.0),
        ("F8_E5M2", 0x01, 2.0**-16),
    ],
)
def test_floats_of_eight_bits(name: str, code: int, value: float) -> None:
    assert NUMBERS[name].decode(np.array([[code]], np.uint8)).values.item() == value


def test_the_step_of_a_half_is_the_distance_to_the_next() -> None:
    raw = np.array([1.0, -1.0, 0.5, -1000.0], "<f2").view(np.uint8).reshape(-1, 2)
    assert NUMBERS["F16"].decode(raw).steps.ravel().tolist() == [2**-10, 2**-10, 2**-11, 0.5]
