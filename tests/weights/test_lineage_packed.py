"""AWQ multiplies columns before it rounds, and lets norms and neighbours divide them again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from checkpoint_samples import HIDDEN, WIDTH, Weights, network, saved, tuned

from countermark.weights.lineage import Relation, compare

ORDER = [0, 2, 4, 6, 1, 3, 5, 7]


def words(codes: np.ndarray) -> np.ndarray:
    parts = codes.astype(np.uint32).reshape(*codes.shape[:-1], -1, 8)[..., ORDER]
    return (parts << np.arange(8, dtype=np.uint32) * 4).sum(axis=-1, dtype=np.uint32).view(np.int32)


def packed(stem: str, w: np.ndarray) -> Weights:
    """To the nearest of 16 levels, between the least and the largest of 32 inputs."""
    groups = w.T.reshape(-1, 32, len(w))
    scale = ((groups.max(axis=1) - groups.min(axis=1)) / 15).astype(np.float16)
    step = scale.astype(np.float32)
    zero = np.clip(np.round(-groups.min(axis=1) / step), 0, 15)
    codes = np.clip(np.round(groups / step[:, None]) + zero[:, None], 0, 15).reshape(w.T.shape)
    return {f"{stem}.qweight": words(codes), f"{stem}.qzeros": words(zero), f"{stem}.scales": scale}


def awq(weights: Weights) -> Weights:
    source = np.random.default_rng(1)
    done = {name: w.astype(np.float16) for name, w in weights.items() if "_proj" not in name}
    for layer in range(3):
        stem = f"model.layers.{layer}"
        one, two, three = (
            np.exp(source.normal(0, 0.3, size)).astype(np.float32) for size in (WIDTH, WIDTH, HIDDEN)
        )
        for name, factor in (("input_layernorm", one), ("post_attention_layernorm", two)):
            done[f"{stem}.{name}.weight"] = (weights[f"{stem}.{name}.weight"] / factor).astype(np.float16)
        scaled = {
            "self_attn.q_proj": one,
            "self_attn.k_proj": one,
            "self_attn.v_proj": one,
            "self_attn.o_proj": 1,
            "mlp.gate_proj": two,
            "mlp.up_proj": two / three[:, None],
            "mlp.down_proj": three,
        }
        for name, factor in scaled.items():
            done |= packed(f"{stem}.{name}", weights[f"{stem}.{name}.weight"] * factor)
    return done


def test_awq_of_it(tmp_path: Path) -> None:
    base = network(0)
    found = compare(saved(tmp_path / "a.safetensors", base), saved(tmp_path / "b.safetensors", awq(base)))
    assert (found.relation, found.derived) == (Relation.QUANTISED, "second")
    assert {step.name for step in found.steps} == {"quantised", "rescaled"}
    assert "AWQ-4" in found.steps[0].detail


def test_awq_of_what_was_trained_on(tmp_path: Path) -> None:
    base = network(0)
    second = saved(tmp_path / "b.safetensors", awq(tuned(base, 3, 0.2)))
    assert compare(saved(tmp_path / "a.safetensors", base), second).relation is Relation.FINE_TUNED
