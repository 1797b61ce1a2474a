"""Packed weights appear as the tensor that they stand for: GPTQ, AWQ, bitsandbytes, scaled 8-bit floats."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from checkpoint_samples import Weights, saved
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countermark.weights.checkpoints import CheckpointError, open_checkpoint

OUT, IN, GROUP = 16, 64, 32
SOURCE = np.random.default_rng(5)
CODES = SOURCE.integers(0, 16, (IN, OUT)).astype(np.uint32)
ZEROS = SOURCE.integers(1, 16, (IN // GROUP, OUT)).astype(np.uint32)
SCALES = SOURCE.uniform(0.01, 0.1, (IN // GROUP, OUT)).astype(np.float16)
WANTED = (
    (CODES.astype(np.float32) - ZEROS.repeat(GROUP, axis=0)) * SCALES.astype(np.float32).repeat(GROUP, axis=0)
).T


def packed(codes: np.ndarray, order: list[int], bits: int = 4) -> np.ndarray:
    """Numbers along the last axis into 32-bit words."""
    words = codes.reshape(*codes.shape[:-1], -1, 32 // bits)[..., order]
    shifts = np.arange(32 // bits, dtype=np.uint32) * bits
    return (words << shifts).sum(axis=-1, dtype=np.uint32).view(np.int32)


PLAIN = list(range(8))


def gptq(lack: int) -> Weights:
    return {
        "l.qweight": packed(CODES.T, PLAIN).T.copy(),
        "l.qzeros": packed(ZEROS - lack, PLAIN),
        "l.scales": SCALES,
        "l.bias": np.zeros(OUT, np.float16),
    }


def read(tmp_path: Path, weights: Weights, config: dict[str, object] | None = None) -> np.ndarray:
    saved(tmp_path / "model.safetensors", weights)
    (tmp_path / "config.json").write_text(json.dumps(config or {}))
    with open_checkpoint(tmp_path) as found:
        assert "l.weight" in found.tensors
        assert not any(name.endswith(("qweight", "qzeros", "absmax", "SCB")) for name in found.tensors)
        whole = found.read("l.weight")
        some = found.sample("l.weight", [(3, 5), (15, 16)])
        assert np.array_equal(some.values, whole[[3, 4, 15]])
        assert (some.steps >= 0).all()
        assert len(found.digest("l.weight")) == 64
        return whole


def test_gptq_of_the_first_version_lacks_one_in_its_zeros(tmp_path: Path) -> None:
    assert np.allclose(read(tmp_path, gptq(1)), WANTED, atol=1e-6)


def test_gptq_of_the_second_version(tmp_path: Path) -> None:
    config = {"quantization_config": {"checkpoint_format": "gptq_v2"}}
    assert np.allclose(read(tmp_path, gptq(0), config), WANTED, atol=1e-6)


def test_gptq_in_order_of_activations(tmp_path: Path) -> None:
    index = np.arange(IN)[::-1] // GROUP
    wanted = (CODES.astype(np.float32) - ZEROS[index]) * SCALES.astype(np.float32)[index]
    weights = gptq(1) | {"l.g_idx": index.astype(np.int32)}
    assert np.allclose(read(tmp_path, weights), wanted.T, atol=1e-6)


def test_gptq_of_eight_bits(tmp_path: Path) -> None:
    codes = SOURCE.integers(0, 256, (IN, OUT)).astype(np.uint32)
    weights = {
        "l.qweight": packed(codes.T, PLAIN[:4], 8).T.copy(),
        "l.qzeros": packed(np.full((IN // GROUP, OUT), 127, np.uint32), PLAIN[:4], 8),
        "l.scales": SCALES,
    }
    wanted = (codes.astype(np.float32) - 128) * SCALES.astype(np.float32).repeat(GROUP, axis=0)
    assert np.allclose(read(tmp_path, weights), wanted.T, atol=1e-5)


def test_awq(tmp_path: Path) -> None:
    order = [0, 2, 4, 6, 1, 3, 5, 7]
    weights = {"l.qweight": packed(CODES, order), "l.qzeros": packed(ZEROS, order), "l.scales": SCALES}
    assert np.allclose(read(tmp_path, weights), WANTED, atol=1e-6)


TABLE = np.array(
    [-1, -0.7, -0.53, -0.39, -0.28, -0.18, -0.09, 0, 0.08, 0.16, 0.25, 0.34, 0.44, 0.56, 0.72, 1], np.float32
)


def levels(state: object = None) -> tuple[Weights, np.ndarray]:
    codes = SOURCE.integers(0, 16, OUT * IN).astype(np.uint8)
    scales = SOURCE.uniform(0.1, 1, OUT).astype(np.float32)
    said = {"blocksize": 64, "shape": [OUT, IN], "dtype": "float16"} if state is None else state
    weights = {
        "l.weight": (codes[::2] << 4 | codes[1::2]).reshape(-1, 1),
        "l.weight.absmax": scales,
        "l.weight.quant_map": TABLE,
        "l.weight.quant_state.bitsandbytes__nf4": np.frombuffer(json.dumps(said).encode(), np.uint8),
    }
    return weights, TABLE[codes].reshape(OUT, IN) * scales.repeat(64).reshape(OUT, IN)


def test_bitsandbytes_in_four_bits(tmp_path: Path) -> None:
    weights, wanted = levels()
    assert np.allclose(read(tmp_path, weights), wanted, atol=1e-7)


def test_bitsandbytes_with_scales_that_are_quantised_too(tmp_path: Path) -> None:
    weights, _ = levels()
    inner, outer = np.linspace(-1, 1, 256).astype(np.float32), np.array([0.5], np.float32)
    codes = SOURCE.integers(0, 256, OUT).astype(np.uint8)
    said = {"blocksize": 64, "shape": [OUT, IN], "nested_blocksize": 256, "nested_offset": 0.75}
    weights |= {
        "l.weight.absmax": codes,
        "l.weight.nested_absmax": outer,
        "l.weight.nested_quant_map": inner,
        "l.weight.quant_state.bitsandbytes__nf4": np.frombuffer(json.dumps(said).encode(), np.uint8),
    }
    pairs = np.stack([weights["l.weight"] >> 4, weights["l.weight"] & 15], 1).reshape(OUT, IN)
    wanted = TABLE[pairs] * (inner[codes] * 0.5 + 0.75)[:, None]
    assert np.allclose(read(tmp_path, weights), wanted, atol=1e-6)


def test_bitsandbytes_in_eight_bits(tmp_path: Path) -> None:
    whole = SOURCE.integers(-127, 128, (OUT, IN)).astype(np.int8)
    scales = SOURCE.uniform(0.1, 1, OUT).astype(np.float32)
    found = read(tmp_path, {"l.weight": whole, "l.SCB": scales})
    assert np.allclose(found, whole * scales[:, None] / 127, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "shape"),
    [("weight_scale", (1,)), ("weight_scale", (OUT, 1)), ("weight_scale_inv", (2, 4))],
)
def test_eight_bits_with_scales(tmp_path: Path, name: str, shape: tuple[int, ...]) -> None:
    whole = SOURCE.integers(-127, 128, (OUT, IN)).astype(np.int8)
    scales = SOURCE.uniform(0.1, 1, shape).astype(np.float32)
    tiles = scales if len(shape) == 1 else scales.repeat(OUT // shape[0], 0).repeat(IN // shape[1], 1)
    found = read(tmp_path, {"l.weight": whole, f"l.{name}": scales})
    assert np.allclose(found, whole * tiles, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"l.scales": SCALES[:1]}, "do not fit"),
        ({"l.scales": SCALES[:, :5]}, "bits are not read|do not fit"),
        ({"l.qweight": np.zeros((8, 0), np.int32)}, "no matrices"),
        ({"l.qweight": np.zeros(8, np.int32)}, "no matrices"),
        ({"l.qzeros": np.zeros((2, 2), np.float32)}, "do not fit"),
    ],
)
def test_parts_that_do_not_fit_are_refused(tmp_path: Path, change: Weights, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        read(tmp_path, gptq(1) | change)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ([], "no object"),
        ({"shape": [OUT, 1 << 40], "blocksize": 64}, "not what is stored"),
        ({"shape": "ab", "blocksize": 64}, "no shape"),
        ({"shape": [OUT, IN], "blocksize": 0}, "broken"),
        ({"shape": [OUT, IN], "blocksize": 1}, "scales"),
    ],
)
def test_states_that_do_not_fit_are_refused(tmp_path: Path, state: object, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        read(tmp_path, levels(state)[0])


def test_groups_that_do_not_exist_are_refused(tmp_path: Path) -> None:
    for wrong in (99, -1):
        with pytest.raises(CheckpointError, match="do not exist"):
            read(tmp_path, gptq(1) | {"l.g_idx": np.full(IN, wrong, np.int32)})


PARTS = (
    "weight", "qweight", "qzeros", "scales", "g_idx", "SCB", "weight_scale", "weight_scale_inv",
    "weight.absmax", "weight.quant_map", "weight.nested_absmax", "weight.nested_quant_map",
    "weight.quant_state.bitsandbytes__nf4",
)  # fmt: skip
SHAPES = st.lists(st.integers(0, 16), max_size=3).map(tuple)
TYPES = st.sampled_from([np.int32, np.uint8, np.int8, np.float16, np.float32])
STATES = st.fixed_dictionaries(
    {},
    optional={
        "shape": st.lists(st.integers(-1, 20)),
        "blocksize": st.integers(-1, 70),
        "nested_offset": st.none(),
    },
)


@given(st.dictionaries(st.sampled_from(PARTS), st.tuples(SHAPES, TYPES)), STATES, st.integers(0, 9))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
def test_any_parts_give_tensors_or_a_named_error(
    tmp_path: Path, parts: dict[str, tuple[tuple[int, ...], type]], state: dict[str, object], seed: int
) -> None:
    source = np.random.default_rng(seed)
    weights = {
        f"l.{name}": source.integers(0, 100, shape).astype(dtype) for name, (shape, dtype) in parts.items()
    }
    if "weight.quant_state.bitsandbytes__nf4" in parts:
        said = np.frombuffer(json.dumps(state).encode(), np.uint8)
        weights["l.weight.quant_state.bitsandbytes__nf4"] = said
    saved(tmp_path / "model.safetensors", weights)
    try:
        with open_checkpoint(tmp_path) as found:
            for name in found.tensors:
                assert found.read(name).shape == found.tensors[name].shape
    except CheckpointError:
        pass
