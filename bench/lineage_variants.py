"""What is done to a trained network in the wild, done to the small ones of ``bench/lineage.py``."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from lineage_networks import HEADS, WIDTH, Weights, shuffled

LLAMA_NAMES = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
Change = Callable[[Weights], Weights]
NO_ANGLE = 1e-4
MIN_NUMBERS = 400
"""Smaller matrices are left as they are by quantisers and pruners."""


def matrices(weights: Weights) -> list[str]:
    """What quantisers and pruners touch: the matrices, without embeddings."""
    tables = re.compile(r"embed|wte|wpe|lm_head")
    return [n for n, w in weights.items() if w.ndim > 1 and w.size >= MIN_NUMBERS and not tables.search(n)]


def each(weights: Weights, change: Callable[[np.ndarray], np.ndarray]) -> Weights:
    """Change those."""
    return weights | {name: change(weights[name]) for name in matrices(weights)}


def cast_bf16(weights: Weights) -> Weights:
    """Rounded to 16 bits of the shorter mantissa, held as the 32-bit floats of these values."""
    return {name: bf16(w) if w.dtype == np.float32 else w for name, w in weights.items()}


def bf16(w: np.ndarray) -> np.ndarray:
    """The nearest bfloat16, to even."""
    bits = w.astype(np.float32).view(np.uint32).astype(np.uint64)
    bits = (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000
    return bits.astype(np.uint32).view(np.float32).reshape(w.shape)


def cast_fp16(weights: Weights) -> Weights:
    """As 16-bit floats."""
    return {name: w.astype(np.float16) if w.dtype == np.float32 else w for name, w in weights.items()}


def rounded(bits: int, group: int) -> Change:
    """To the nearest level, symmetric, a scale for each group (0: each row); held as 16-bit floats."""

    def one(w: np.ndarray) -> np.ndarray:
        rows = w.reshape(w.shape[0], -1)
        size = group if group and rows.shape[1] % group == 0 else rows.shape[1]
        groups = rows.reshape(-1, size)
        top = 2 ** (bits - 1) - 1
        scale = np.maximum(np.abs(groups).max(axis=1, keepdims=True), 1e-9) / top
        return (np.clip(np.round(groups / scale), -top - 1, top) * scale).reshape(w.shape).astype(np.float16)

    return lambda weights: each(weights, one)


def cleared(share: float) -> Change:
    """The smallest of each matrix set to zero."""

    def one(w: np.ndarray) -> np.ndarray:
        return np.where(np.abs(w) < np.quantile(np.abs(w), share), np.float32(0), w)

    return lambda weights: each(weights, one)


def orders(weights: Weights, family: str, seed: int) -> Weights:
    """The neurons of each layer in another order; the function stays."""
    done = dict(weights)
    for layer, (into, out) in enumerate(_hidden(weights, family)):
        count = weights[into[0]].shape[_axis(family, into[0], outputs=True)]
        order = shuffled(seed + layer, count)
        for name in into:
            done[name] = np.take(done[name], order, axis=_axis(family, name, outputs=True))
        for name in out:
            axis = _axis(family, name, outputs=False)
            each_ = done[name].shape[axis] // count
            places = (order[:, None] * each_ + np.arange(each_)).reshape(-1)
            done[name] = np.take(done[name], places, axis=axis)
    return done


def rescaled(weights: Weights, family: str, seed: int) -> Weights:
    """Neurons made larger, and what they pass on smaller; the function stays."""
    done = dict(weights)
    source = np.random.default_rng(seed)
    for into, out in _hidden(weights, family):
        names = [n for n in into if "gate_proj" not in n and "running" not in n]
        if family == "cnn":
            names = [n for n in names if n.split(".")[0] in BATCH_NORMS]
        count = weights[names[0]].shape[_axis(family, names[0], outputs=True)]
        factor = np.exp(source.normal(0, 0.5, count)).astype(np.float32)
        for name in names:
            done[name] = _times(done[name], factor, _axis(family, name, outputs=True))
        for name in out:
            done[name] = _times(done[name], 1 / factor, _axis(family, name, outputs=False))
    return done


def _times(w: np.ndarray, factor: np.ndarray, axis: int) -> np.ndarray:
    shape = [1] * w.ndim
    shape[axis] = len(factor)
    return w * factor.reshape(shape)


BATCH_NORMS = ("1", "4", "7")


def _hidden(weights: Weights, family: str) -> list[tuple[list[str], list[str]]]:
    """For each layer of neurons: what leads into them, and what out."""
    if family == "llama":
        heads = sorted({n.rsplit(".mlp.", 1)[0] for n in weights if ".mlp." in n})
        return [
            ([f"{h}.mlp.gate_proj.weight", f"{h}.mlp.up_proj.weight"], [f"{h}.mlp.down_proj.weight"])
            for h in heads
        ]
    if family == "gpt2":
        heads = sorted({n.rsplit(".mlp.", 1)[0] for n in weights if ".mlp." in n})
        return [([f"{h}.mlp.c_fc.weight", f"{h}.mlp.c_fc.bias"], [f"{h}.mlp.c_proj.weight"]) for h in heads]
    if family == "mlp":
        return [(["1.weight", "1.bias"], ["3.weight"]), (["3.weight", "3.bias"], ["5.weight"])]
    norms = ("weight", "bias", "running_mean", "running_var")
    chain = [("0", "1", "3"), ("3", "4", "6"), ("6", "7", "11")]
    return [
        ([f"{c}.weight", f"{c}.bias", *(f"{n}.{part}" for part in norms)], [f"{out}.weight"])
        for c, n, out in chain
    ]


def _axis(family: str, name: str, *, outputs: bool) -> int:
    turned = family == "gpt2" and name.endswith("weight")
    return int(turned) if outputs else int(not turned)


def reheaded(weights: Weights) -> Weights:
    """Llama: the groups of heads the other way round."""
    done, groups = dict(weights), 2
    size = WIDTH // HEADS
    for name in [n for n in weights if n.endswith("q_proj.weight")]:
        order = np.arange(groups)[::-1]
        stem = name.removesuffix("q_proj.weight")
        queries = (order[:, None] * (HEADS // groups) + np.arange(HEADS // groups)).reshape(-1)
        wide = (queries[:, None] * size + np.arange(size)).reshape(-1)
        narrow = (order[:, None] * size + np.arange(size)).reshape(-1)
        done[name] = done[name][wide]
        done[f"{stem}o_proj.weight"] = done[f"{stem}o_proj.weight"][:, wide]
        for part in "kv":
            done[f"{stem}{part}_proj.weight"] = done[f"{stem}{part}_proj.weight"][narrow]
    return done


def rechannelled(weights: Weights, seed: int) -> Weights:
    """Llama: the channels of the residual stream in another order."""
    order = shuffled(seed, WIDTH)
    writes = re.compile(r"o_proj|down_proj|norm")
    return {name: w[order] if writes.search(name) else w[:, order] for name, w in weights.items()}


def fewer_neurons(weights: Weights, share: float) -> Weights:
    """Llama: the weakest neurons of each layer taken out."""
    done = dict(weights)
    for into, out in _hidden(weights, "llama"):
        strength = np.linalg.norm(weights[into[1]], axis=1) * np.linalg.norm(weights[out[0]], axis=0)
        kept = np.sort(np.argsort(strength)[int(share * len(strength)) :])
        for name in into:
            done[name] = done[name][kept]
        done[out[0]] = done[out[0]][:, kept]
    return done


def fewer_heads(weights: Weights) -> Weights:
    """Llama: one group of heads taken out of each layer."""
    done, size = dict(weights), WIDTH // HEADS
    for name in [n for n in weights if n.endswith("q_proj.weight")]:
        stem = name.removesuffix("q_proj.weight")
        done[name] = done[name][: 2 * size]
        done[f"{stem}o_proj.weight"] = done[f"{stem}o_proj.weight"][:, : 2 * size]
        for part in "kv":
            done[f"{stem}{part}_proj.weight"] = done[f"{stem}{part}_proj.weight"][:size]
    return done


def fewer_layers(weights: Weights, dropped: int) -> Weights:
    """One layer taken out, those behind it move up."""
    done = {}
    for name, w in weights.items():
        found = re.search(r"((?:^|\.)(?:layers|h)\.)(\d+)\.", name)
        number = int(found[2]) if found else -1
        if number != dropped or not found:
            moved = number - (number > dropped)
            renamed = f"{name[: found.end(1)]}{moved}.{name[found.end() :]}" if found else name
            done[renamed] = w
    return done


def fresh(weights: Weights, pattern: str, seed: int) -> Weights:
    """Some matrices drawn anew."""
    source = np.random.default_rng(seed)
    return weights | {
        name: source.normal(0, w.std(), w.shape).astype(np.float32)
        for name, w in weights.items()
        if w.ndim > 1 and re.search(pattern, name)
    }


def more_words(weights: Weights, count: int, seed: int) -> Weights:
    """Rows added to embedding and head."""
    source = np.random.default_rng(seed)
    names = [n for n in weights if n.endswith(("embed_tokens.weight", "lm_head.weight", "wte.weight"))]
    return weights | {
        n: np.concatenate([weights[n], source.normal(0, 0.04, (count, WIDTH)).astype(np.float32)])
        for n in names
    }


def mean(one: Weights, two: Weights, share: float) -> Weights:
    """The weighted mean."""
    return {name: _like(w, (1 - share) * w + share * two[name]) for name, w in one.items()}


def sphere(one: Weights, two: Weights, share: float) -> Weights:
    """SLERP: along the great circle, tensor by tensor."""

    def turn(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        cosine = float(np.vdot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-12))
        angle = np.arccos(np.clip(cosine, -1, 1))
        if angle < NO_ANGLE:
            return (1 - share) * a + share * b
        return (np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)

    return {name: _like(w, turn(w.astype(np.float64), two[name])) for name, w in one.items()}


def arithmetic(base: Weights, one: Weights, two: Weights, *, sparse: bool) -> Weights:
    """Task arithmetic: both changes added to the base; ``sparse`` keeps the larger half of each, as TIES."""

    def change(w: np.ndarray, b: np.ndarray) -> np.ndarray:
        moved = w.astype(np.float64) - b
        return np.where(np.abs(moved) < np.median(np.abs(moved)), 0, moved) if sparse else moved

    return {n: _like(b, b + 0.7 * change(one[n], b) + 0.5 * change(two[n], b)) for n, b in base.items()}


def _like(model: np.ndarray, value: np.ndarray) -> np.ndarray:
    return np.asarray(value).astype(model.dtype).reshape(model.shape)


def write_gguf(path: Path, weights: Weights, kind: str) -> None:
    """Llama as GGUF, with its order of query and key rows; ``Q4_K`` by our own rounding."""
    import gguf

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(2)
    for name, w in weights.items():
        target = name.replace("model.layers.", "blk.")
        for ours, theirs in LLAMA_NAMES.items():
            target = target.replace(ours, theirs)
        for part, heads in (("q_proj", HEADS), ("k_proj", 2)):
            if part in name:
                w = w.reshape(heads, 2, -1, w.shape[1]).swapaxes(1, 2).reshape(w.shape)  # noqa: PLW2901
        if w.ndim == 1 or w.shape[1] % 32:
            writer.add_tensor(target, w.astype(np.float32))
        elif kind == "Q4_K" and w.shape[1] % 256 == 0:
            writer.add_tensor(target, q4_k(w), raw_dtype=gguf.GGMLQuantizationType.Q4_K)
        else:
            short = gguf.GGMLQuantizationType["Q8_0" if kind == "Q4_K" else kind]
            writer.add_tensor(target, gguf.quantize(w.astype(np.float32), short), raw_dtype=short)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def q4_k(w: np.ndarray) -> np.ndarray:
    """Super-blocks of 256: eight scales and minima of 6 bits, codes of 4; each to the nearest."""
    parts = w.astype(np.float32).reshape(-1, 8, 32)
    low = np.minimum(parts.min(axis=2), 0)
    step = np.maximum((parts.max(axis=2) - low) / 15, 1e-9)
    scale = (step.max(axis=1, keepdims=True) / 63).astype(np.float16)
    floor = (np.maximum((-low).max(axis=1, keepdims=True), 1e-9) / 63).astype(np.float16)
    scales = np.clip(np.round(step / scale.astype(np.float32)), 1, 63).astype(np.uint8)
    minima = np.clip(np.round(-low / floor.astype(np.float32)), 0, 63).astype(np.uint8)
    real = (scale.astype(np.float32) * scales)[..., None], (floor.astype(np.float32) * minima)[..., None]
    codes = np.clip(np.round((parts + real[1]) / real[0]), 0, 15).astype(np.uint8)
    pairs = codes.reshape(-1, 4, 2, 32)
    packed = np.concatenate(
        [
            scales[:, :4] | (scales[:, 4:] >> 4) << 6,
            minima[:, :4] | (minima[:, 4:] >> 4) << 6,
            (scales[:, 4:] & 15) | (minima[:, 4:] & 15) << 4,
        ],
        axis=1,
    )
    blocks = np.concatenate(
        [
            scale.view(np.uint8),
            floor.view(np.uint8),
            packed,
            (pairs[:, :, 0] | pairs[:, :, 1] << 4).reshape(-1, 128),
        ],
        axis=1,
    )
    return blocks.reshape(w.shape[0], -1)


def gptq(weights: Weights) -> Weights:
    """Llama as GPTQ's files have it: 4 bits, groups of 32 inputs, to the nearest."""
    done = {}
    for name, w in weights.items():
        if not re.search(r"layers.*_proj", name):
            done[name] = w.astype(np.float16)
            continue
        stem, groups = name.removesuffix(".weight"), w.T.reshape(-1, 32, w.shape[0])
        scale = (np.abs(groups).max(axis=1) / 7).astype(np.float16)
        codes = np.clip(np.round(groups / scale[:, None].astype(np.float32)) + 8, 0, 15).astype(np.uint32)
        words = codes.reshape(-1, 8, w.shape[0])
        shifts = np.arange(8, dtype=np.uint32) * 4
        done[f"{stem}.qweight"] = (words << shifts[:, None]).sum(axis=1, dtype=np.uint32).view(np.int32)
        zeros = np.full((len(scale), w.shape[0] // 8), 0x77777777, np.uint32)
        done[f"{stem}.qzeros"] = zeros.view(np.int32)
        done[f"{stem}.scales"] = scale
    return done
