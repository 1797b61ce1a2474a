"""The parts that a comparison is made of, each on its own."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest
from checkpoint_samples import network, saved
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from countermark.weights.checkpoints import Block
from countermark.weights.checkpoints.opening import opened
from countermark.weights.lineage import Relation, compare
from countermark.weights.lineage.grids import grid_steps
from countermark.weights.lineage.independence import chance
from countermark.weights.lineage.matching import match
from countermark.weights.lineage.measuring import Side, difference_rank, measure
from countermark.weights.lineage.naming import key_of, keys_of
from countermark.weights.lineage.pairing import Network, paired
from countermark.weights.lineage.ranks import rank_of
from countermark.weights.lineage.scaling import rescaled
from countermark.weights.lineage.views import interleaved, runs

SOURCE = np.random.default_rng(3)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("model.embed_tokens.weight", "token_embd.weight"),
        ("lm_head.weight", "output.weight"),
        ("model.norm.weight", "output_norm.weight"),
        ("model.layers.31.self_attn.q_proj.weight", "blk.31.attn_q.weight"),
        ("model.layers.3.self_attn.q_proj.bias", "blk.3.attn_q.bias"),
        ("model.layers.3.self_attn.o_proj.weight", "blk.3.attn_output.weight"),
        ("model.layers.3.mlp.gate_proj.weight", "blk.3.ffn_gate.weight"),
        ("model.layers.3.post_attention_layernorm.weight", "blk.3.ffn_norm.weight"),
        ("model.layers.3.self_attn.k_norm.weight", "blk.3.attn_k_norm.weight"),
        ("model.layers.3.mlp.down_proj.weight", "layers.3.feed_forward.w2.weight"),
        ("model.layers.3.self_attn.k_proj.weight", "layers.3.attention.wk.weight"),
        ("transformer.h.2.attn.c_attn.weight", "blk.2.attn_qkv.weight"),
        ("transformer.wte.weight", "token_embd.weight"),
        ("bert.encoder.layer.1.attention.self.query.weight", "encoder.layer.1.attention.self.query.weight"),
        ("bert.embeddings.word_embeddings.weight", "embeddings.word_embeddings.weight"),
        ("model.language_model.layers.1.mlp.up_proj.weight", "model.layers.1.mlp.up_proj.weight"),
        ("_orig_mod.module.model.layers.1.mlp.up_proj.weight", "model.layers.1.mlp.up_proj.weight"),
        ("base_model.model.model.layers.0.mlp.up_proj.base_layer.weight", "blk.0.ffn_up.weight"),
    ],
)
def test_names_of_one_tensor_meet(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


def test_other_towers_and_experts_stay_apart() -> None:
    names = [
        "model.layers.0.mlp.up_proj.weight",
        "visual.blocks.0.mlp.fc1.weight",
        "model.layers.0.mlp.experts.0.up_proj.weight",
        "model.layers.0.mlp.experts.1.up_proj.weight",
        "decoder.block.0.layer.0.SelfAttention.q.weight",
        "encoder.block.0.layer.0.SelfAttention.q.weight",
        "0.weight",
        "0.bias",
    ]
    assert len(keys_of(names)) == len(names)


@given(st.lists(st.text(max_size=40), unique=True))
def test_any_names_keep_one_key_each(names: list[str]) -> None:
    assert sorted(keys_of(names).values()) == sorted(names)


def test_the_order_of_llama_cpp_is_undone() -> None:
    rows, heads = 24, 3
    written = np.arange(rows).reshape(heads, 2, -1, 1).swapaxes(1, 2).reshape(rows)
    assert np.array_equal(written[interleaved(rows, heads)], np.arange(rows))


def test_runs_of_places() -> None:
    assert list(runs(np.array([3, 4, 5, 9, 2, 3]))) == [(3, 6), (9, 10), (2, 4)]
    assert list(runs(np.array([], dtype=np.int64))) == []


NORMAL = SOURCE.normal(0, 0.02, (64, 128)).astype(np.float32)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize(("bits", "group"), [(8, 128), (8, 32), (4, 32), (4, 64), (3, 32)])
def test_a_grid_is_found_with_its_step(bits: int, group: int, dtype: type) -> None:
    top = 2 ** (bits - 1) - 1
    groups = NORMAL.reshape(-1, group)
    scale = np.abs(groups).max(axis=1, keepdims=True) / top
    held = (np.round(groups / scale) * scale).reshape(NORMAL.shape).astype(dtype)
    values = held.astype(np.float32)
    spacing = np.spacing(np.abs(held)).astype(np.float32) if dtype is np.float16 else np.zeros_like(values)
    steps = grid_steps(values, spacing)
    assert steps is not None
    ratio = steps.reshape(-1, group)[:, :1] / scale
    assert np.mean((ratio > 0.9) & (ratio < 3.2)) > 0.95


@pytest.mark.parametrize("dtype", [np.float32, np.float16, "bf16"])
def test_plain_numbers_lie_on_no_grid(dtype: object) -> None:
    values = NORMAL
    if dtype == "bf16":
        values = (NORMAL.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)
    elif dtype is np.float16:
        values = NORMAL.astype(np.float16).astype(np.float32)
    assert grid_steps(values, np.spacing(np.abs(values.astype(np.float16))).astype(np.float32)) is None


@pytest.mark.parametrize("rank", [1, 8, 64])
def test_a_rank_is_counted_above_rounding(rank: int) -> None:
    low = SOURCE.normal(0, 0.01, (300, rank)) @ SOURCE.normal(0, 0.1, (rank, 400))
    noise = 1e-4
    found = rank_of((low + SOURCE.normal(0, noise, low.shape)).astype(np.float32), noise)
    assert found.directions == rank
    assert found.rest == pytest.approx(1, abs=0.1)


def test_noise_alone_has_no_rank_and_training_has_a_full_one() -> None:
    noise = SOURCE.normal(0, 1e-4, (300, 400)).astype(np.float32)
    assert rank_of(noise, 1e-4).directions == 0
    assert rank_of(noise, 1e-7).directions == 300


def test_factors_of_rows_and_columns_are_found() -> None:
    rows = np.exp(SOURCE.normal(0, 0.5, (64, 1)))
    columns = np.exp(SOURCE.normal(0, 0.5, 128))
    scaled = (NORMAL * rows * columns).astype(np.float32)
    found = rescaled(NORMAL, scaled)
    assert found is not None
    assert np.abs(found - scaled).max() < 1e-6
    assert rescaled(NORMAL, NORMAL + SOURCE.normal(0, 0.01, NORMAL.shape).astype(np.float32)) is None


@given(
    arrays.arrays(np.float32, (6, 40), elements=st.floats(-10, 10, width=32)),
    arrays.arrays(np.float32, (6, 40), elements=st.floats(-10, 10, width=32)),
    st.sampled_from(["F32", "F16", "BF16", "Q4_0"]),
)
@settings(max_examples=60, deadline=None)
def test_any_numbers_can_be_measured(a: np.ndarray, b: np.ndarray, dtype: str) -> None:
    sides = [Side(Block(x, np.zeros_like(x)), dtype) for x in (a, b)]
    found = measure(*sides)
    assert 0 <= found.equal <= 1
    assert -1.001 <= found.cosine <= 1.001
    assert np.isfinite([found.difference, found.rounding, found.within, found.cleared]).all()
    difference_rank(*sides)


def test_units_are_found_in_another_order_part_by_part() -> None:
    order = SOURCE.permutation(64)
    found = match(NORMAL[order], [NORMAL[:20], NORMAL[20:]])
    assert np.array_equal(found.places, order)
    assert found.distinct == 1
    assert found.typical == pytest.approx(1)


def test_the_p_value_is_small_for_relatives_and_even_for_strangers(tmp_path: Path) -> None:
    base = network(0)
    near = {name: w + SOURCE.normal(0, 0.2, w.shape).astype(np.float32) for name, w in base.items()}
    with opened(saved(tmp_path / "a.safetensors", base)) as one:
        first = Network.of(one)
        with opened(saved(tmp_path / "near.safetensors", near)) as two:
            assert chance(paired(first, Network.of(two)), 0) == pytest.approx(1 / 1000)
        values = []
        for seed in range(1, 21):
            with opened(saved(tmp_path / f"{seed}.safetensors", network(seed))) as two:
                values.append(chance(paired(first, Network.of(two)), 0))
    assert 0.25 < np.mean(values) < 0.75
    assert min(values) > 0.002


def perceptron(seed: int) -> dict[str, np.ndarray]:
    source = np.random.default_rng(seed)
    sizes = [(80, 50), (60, 80), (10, 60)]
    return {
        f"{2 * n}.{kind}": source.normal(0, 0.1, shape if kind == "weight" else shape[:1]).astype(np.float32)
        for n, shape in enumerate(sizes)
        for kind in ("weight", "bias")
    }


def test_a_plain_chain_in_another_order(tmp_path: Path) -> None:
    base = perceptron(0)
    one, two = SOURCE.permutation(80), SOURCE.permutation(60)
    moved = dict(base)
    moved["0.weight"], moved["0.bias"] = base["0.weight"][one], base["0.bias"][one]
    moved["2.weight"], moved["2.bias"] = base["2.weight"][two][:, one], base["2.bias"][two]
    moved["4.weight"] = base["4.weight"][:, two]
    files = [saved(tmp_path / f"{n}.safetensors", w) for n, w in enumerate((base, moved, perceptron(1)))]
    assert compare(*files[:2]).relation is Relation.PERMUTED
    assert compare(files[0], files[2]).relation is Relation.UNRELATED


def test_inputs_by_outputs_and_outputs_by_inputs_meet(tmp_path: Path) -> None:
    """GPT-2 stores its matrices turned; its GGUF does not."""
    source = np.random.default_rng(6)
    weights = {"wte.weight": source.normal(0, 0.1, (100, 32)).astype(np.float32)}
    for layer in range(2):
        for name, shape in (
            ("attn.c_attn", (32, 96)),
            ("attn.c_proj", (32, 32)),
            ("mlp.c_fc", (32, 128)),
            ("mlp.c_proj", (128, 32)),
        ):
            weights[f"h.{layer}.{name}.weight"] = source.normal(0, 0.1, shape).astype(np.float32)
    names = {
        "attn.c_attn": "attn_qkv",
        "attn.c_proj": "attn_output",
        "mlp.c_fc": "ffn_up",
        "mlp.c_proj": "ffn_down",
    }
    writer = gguf.GGUFWriter(tmp_path / "b.gguf", "gpt2")
    for name, w in weights.items():
        target = name.replace("wte", "token_embd").replace("h.", "blk.", 1)
        for ours, theirs in names.items():
            target = target.replace(ours, theirs)
        data = np.ascontiguousarray(w.T) if "blk" in target else w
        writer.add_tensor(target, gguf.quantize(data, gguf.GGMLQuantizationType.Q8_0), raw_dtype=8)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    found = compare(saved(tmp_path / "a.safetensors", weights), tmp_path / "b.gguf")
    assert found.relation is Relation.QUANTISED
    assert found.sampled.not_compared == 0


def test_gemma_stores_its_norms_with_and_without_the_one(tmp_path: Path) -> None:
    base = network(0)
    lacking = {name: w - 1 if "norm" in name else w for name, w in base.items()}
    first = saved(tmp_path / "a.safetensors", lacking)
    second = saved(tmp_path / "b.safetensors", base)
    assert compare(first, second).relation in (Relation.SAME, Relation.QUANTISED)
