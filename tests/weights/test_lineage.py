"""Two checkpoints, one answer: each relation on small networks, whatever the format."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from checkpoint_samples import HIDDEN, WIDTH, WORDS, Weights, as_gguf, network, saved, tuned

from countermark.weights import lineage
from countermark.weights.lineage import Confidence, Lineage, Outcome, Relation, compare

BASE = network(0)


def compared(folder: Path, second: Weights, first: Weights = BASE, also: tuple[Weights, ...] = ()) -> Lineage:
    others = [saved(folder / f"also{n}.safetensors", weights) for n, weights in enumerate(also)]
    return compare(
        saved(folder / "a.safetensors", first), saved(folder / "b.safetensors", second), also=others
    )


def steps(found: Lineage) -> set[str]:
    return {step.name for step in found.steps}


def test_the_same(tmp_path: Path) -> None:
    found = compared(tmp_path, BASE)
    assert (found.relation, found.confidence) == (Relation.SAME, Confidence.HIGH)
    assert found.sampled.whole
    assert found.likeness == pytest.approx(1)
    assert {one.outcome for one in found.tensors} == {Outcome.EQUAL}
    assert found.steps == ()


def test_strangers(tmp_path: Path) -> None:
    found = compared(tmp_path, network(1))
    assert (found.relation, found.confidence) == (Relation.UNRELATED, Confidence.HIGH)
    assert abs(found.likeness) < 0.02
    assert found.proof is not None
    assert found.proof < 0.2
    assert found.chance is not None
    assert found.chance > 0.01


def test_trained_on(tmp_path: Path) -> None:
    found = compared(tmp_path, tuned(BASE, 2))
    assert (found.relation, found.confidence) == (Relation.FINE_TUNED, Confidence.HIGH)
    assert found.chance == pytest.approx(1 / 1000)
    assert found.derived == ""


def test_a_single_changed_number_is_found_where_all_is_read(tmp_path: Path) -> None:
    changed = {name: w.copy() for name, w in BASE.items()}
    changed["model.layers.1.mlp.up_proj.weight"][50, 3] += 1
    found = compared(tmp_path, changed)
    assert found.relation is not Relation.SAME
    assert [one.second for one in found.tensors if one.outcome is not Outcome.EQUAL] == [
        "model.layers.1.mlp.up_proj.weight"
    ]


def test_a_small_budget_says_what_it_did_not_see(tmp_path: Path) -> None:
    numbers = np.random.default_rng(17).normal(0, 0.02, (4000, 64)).astype(np.float32)
    wide = {"model.layers.0.mlp.up_proj.weight": numbers}
    changed = {name: w.copy() for name, w in wide.items()}
    changed["model.layers.0.mlp.up_proj.weight"][1234, 5] = 7
    paths = [saved(tmp_path / f"{n}.safetensors", one) for n, one in enumerate((wide, changed))]
    little = compare(*paths, budget_bytes=20_000)
    assert little.relation is Relation.SAME
    assert not little.sampled.whole
    assert any("not read" in text for text in little.blind_spots)
    assert compare(*paths).relation is not Relation.SAME


@pytest.mark.parametrize("kind", ["F16", "BF16", "Q8_0", "Q5_1", "Q4_0"])
def test_a_gguf_of_it(tmp_path: Path, kind: str) -> None:
    first = saved(tmp_path / "a.safetensors", BASE)
    found = compare(first, as_gguf(tmp_path / "b.gguf", BASE, kind))
    assert (found.relation, found.confidence) == (Relation.QUANTISED, Confidence.HIGH)
    assert found.derived == "second"
    assert kind in found.steps[0].detail
    back = compare(tmp_path / "b.gguf", first)
    assert (back.relation, back.derived) == (Relation.QUANTISED, "first")


def test_a_gguf_without_loss_is_the_same(tmp_path: Path) -> None:
    first = saved(tmp_path / "a.safetensors", BASE)
    found = compare(first, as_gguf(tmp_path / "b.gguf", BASE, "F32"))
    assert found.relation is Relation.SAME
    assert found.sampled.not_compared == 0


def test_a_gguf_of_what_was_trained_on(tmp_path: Path) -> None:
    first = saved(tmp_path / "a.safetensors", BASE)
    found = compare(first, as_gguf(tmp_path / "b.gguf", tuned(BASE, 3, 0.2), "Q4_0"))
    assert found.relation is Relation.FINE_TUNED
    assert "quantised" in steps(found)


def test_strangers_stay_strangers_in_four_bits(tmp_path: Path) -> None:
    first = saved(tmp_path / "a.safetensors", BASE)
    found = compare(first, as_gguf(tmp_path / "b.gguf", network(9), "Q4_0"))
    assert found.relation is Relation.UNRELATED


def rounded(bits: int, group: int) -> Weights:
    top = 2 ** (bits - 1) - 1

    def one(w: np.ndarray) -> np.ndarray:
        groups = w.reshape(-1, group or w.shape[1])
        scale = np.abs(groups).max(axis=1, keepdims=True) / top
        return (np.round(groups / scale) * scale).reshape(w.shape).astype(np.float16)

    return {name: one(w) if "_proj" in name else w for name, w in BASE.items()}


@pytest.mark.parametrize(("bits", "group"), [(8, 0), (8, 32), (4, 32), (4, 0)])
def test_levels_held_as_floats(tmp_path: Path, bits: int, group: int) -> None:
    found = compared(tmp_path, rounded(bits, group))
    assert found.relation is Relation.QUANTISED
    assert "few levels" in found.steps[0].detail


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_small_numbers_cleared(tmp_path: Path, share: float) -> None:
    pruned = {
        name: np.where(np.abs(w) < np.quantile(np.abs(w), share), 0, w) if "_proj" in name else w
        for name, w in BASE.items()
    }
    found = compared(tmp_path, pruned)
    assert (found.relation, found.derived) == (Relation.PRUNED, "second")
    assert f"{share:.0%}" in found.steps[0].detail
    back = compared(tmp_path, BASE, pruned)
    assert (back.relation, back.derived) == (Relation.PRUNED, "first")


@pytest.mark.parametrize(("rank", "dtype"), [(4, np.float32), (16, np.float32), (4, np.float16)])
def test_a_merged_adapter(tmp_path: Path, rank: int, dtype: type) -> None:
    source = np.random.default_rng(4)
    changed = {name: w.astype(dtype) for name, w in BASE.items()}
    for name, w in BASE.items():
        if "q_proj" in name or "v_proj" in name or "up_proj" in name:
            factors = source.normal(0, 0.02, (len(w), rank)), source.normal(0, 0.3, (rank, w.shape[1]))
            changed[name] = (w + factors[0] @ factors[1]).astype(dtype)
    found = compared(tmp_path, changed)
    assert found.relation is Relation.LORA_MERGED
    assert f"{rank} directions" in next(step.detail for step in found.steps if step.name == "low-rank change")


def moved(weights: Weights) -> Weights:
    """Neurons and channels in another order."""
    source = np.random.default_rng(5)
    neurons, channels = source.permutation(HIDDEN), source.permutation(WIDTH)
    done = dict(weights)
    for name, w in weights.items():
        if "gate_proj" in name or "up_proj" in name:
            done[name] = w[neurons]
        elif "down_proj" in name:
            done[name] = w[:, neurons]
    return {
        name: w[channels] if w.ndim == 1 or "o_proj" in name or "down_proj" in name else w[:, channels]
        for name, w in done.items()
    }


def test_another_order_of_neurons_and_channels(tmp_path: Path) -> None:
    found = compared(tmp_path, moved(BASE))
    assert found.relation is Relation.PERMUTED
    assert found.proof == pytest.approx(1, abs=1e-3)
    assert "channels" in found.steps[-1].detail
    assert "neurons" in found.steps[-1].detail


def test_another_order_and_trained_on(tmp_path: Path) -> None:
    found = compared(tmp_path, moved(tuned(BASE, 6, 0.3)))
    assert found.relation is Relation.FINE_TUNED
    assert "permuted" in steps(found)


def test_rows_multiplied_and_columns_divided(tmp_path: Path) -> None:
    factor = np.exp(np.random.default_rng(7).normal(0, 0.5, HIDDEN)).astype(np.float32)
    scaled = dict(BASE)
    for name, w in BASE.items():
        if "up_proj" in name:
            scaled[name] = w * factor[:, None]
        elif "down_proj" in name:
            scaled[name] = w / factor
    found = compared(tmp_path, scaled)
    assert found.relation is Relation.PERMUTED
    assert steps(found) == {"rescaled"}


def test_fewer_neurons(tmp_path: Path) -> None:
    kept = np.sort(np.random.default_rng(8).permutation(HIDDEN)[:60])
    fewer = {
        name: w[kept]
        if "gate_proj" in name or "up_proj" in name
        else w[:, kept]
        if "down_proj" in name
        else w
        for name, w in BASE.items()
    }
    found = compared(tmp_path, fewer)
    assert (found.relation, found.derived) == (Relation.PRUNED, "second")
    assert steps(found) == {"units removed"}


def renumbered(weights: Weights, order: list[int]) -> Weights:
    done = {name: w for name, w in weights.items() if "layers" not in name}
    for now, before in enumerate(order):
        stem = f"model.layers.{before}."
        done |= {
            f"model.layers.{now}.{name.removeprefix(stem)}": w
            for name, w in weights.items()
            if name.startswith(stem)
        }
    return done


def test_fewer_layers(tmp_path: Path) -> None:
    found = compared(tmp_path, renumbered(BASE, [0, 2]))
    assert (found.relation, found.derived) == (Relation.PRUNED, "second")
    assert steps(found) == {"layers dropped"}
    assert "3 → 2" in found.steps[0].detail


def test_layers_repeated(tmp_path: Path) -> None:
    found = compared(tmp_path, renumbered(BASE, [0, 1, 1, 2]))
    assert found.relation is Relation.FINE_TUNED
    assert steps(found) == {"layers repeated"}


def test_more_words(tmp_path: Path) -> None:
    longer = {
        name: np.concatenate([w, w[:16]]) if len(w) == WORDS else w for name, w in tuned(BASE, 9).items()
    }
    found = compared(tmp_path, longer)
    assert found.relation is Relation.FINE_TUNED
    assert f"embedding {WORDS} → {WORDS + 16}" in found.steps[-1].detail


def test_a_layer_drawn_anew(tmp_path: Path) -> None:
    other = network(10)
    mixed = {name: other[name] if "layers.1." in name else w for name, w in tuned(BASE, 11).items()}
    found = compared(tmp_path, mixed)
    assert found.relation is Relation.FINE_TUNED
    assert steps(found) == {"fine-tuned", "re-initialised"}


def test_a_single_table_taken_over_is_not_enough(tmp_path: Path) -> None:
    taken = network(12) | {"lm_head.weight": BASE["lm_head.weight"]}
    found = compared(tmp_path, taken)
    assert found.relation is Relation.UNDETERMINED
    assert "inner states" in found.summary


ONE, TWO = tuned(BASE, 13, 0.2), tuned(BASE, 14, 0.2)


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_a_mean_of_two(tmp_path: Path, share: float) -> None:
    mean = {name: (1 - share) * w + np.float32(share) * TWO[name] for name, w in ONE.items()}
    found = compared(tmp_path, mean, ONE, (TWO,))
    assert found.relation is Relation.MERGED
    assert list(found.weights.values()) == pytest.approx([1 - share, share], abs=1e-3)


def test_changes_added_to_a_base(tmp_path: Path) -> None:
    summed = {name: w + 0.6 * (ONE[name] - w) + 0.7 * (TWO[name] - w) for name, w in BASE.items()}
    found = compared(tmp_path, summed, ONE, (TWO, BASE))
    assert found.relation is Relation.MERGED
    assert list(found.weights.values()) == pytest.approx([0.6, 0.7, -0.3], abs=1e-3)


def test_layers_of_two_put_together(tmp_path: Path) -> None:
    mixed = {name: TWO[name] if "layers.1." in name else w for name, w in ONE.items()}
    assert compared(tmp_path, mixed, ONE, (TWO,)).relation is Relation.MERGED


def test_a_child_of_the_first_is_no_merge_with_its_sibling(tmp_path: Path) -> None:
    assert compared(tmp_path, ONE, BASE, (TWO,)).relation is Relation.FINE_TUNED


def test_siblings_are_told_by_their_parent(tmp_path: Path) -> None:
    found = compared(tmp_path, ONE, TWO, (BASE,))
    assert found.relation is Relation.FINE_TUNED
    assert any("parent and child" in text for text in found.blind_spots)


def test_nothing_to_put_side_by_side(tmp_path: Path) -> None:
    found = compared(tmp_path, {"x": np.ones((8, 8), np.float32)})
    assert (found.relation, found.confidence) == (Relation.UNDETERMINED, Confidence.LOW)
    assert "fitting shape" in found.summary


def test_weights_without_numbers_to_compare(tmp_path: Path) -> None:
    zeros = {name: np.zeros_like(w) for name, w in BASE.items()}
    assert compared(tmp_path, zeros).relation in (Relation.UNDETERMINED, Relation.PRUNED)
    assert compared(tmp_path, zeros, zeros).relation is Relation.SAME
    odd = {name: np.full_like(w, np.nan) for name, w in BASE.items()}
    assert compared(tmp_path, odd) is not None


def test_the_same_seed_gives_the_same_answer(tmp_path: Path) -> None:
    one, two = (compared(tmp_path, tuned(BASE, 15)) for _ in range(2))
    assert dataclasses.asdict(one) == dataclasses.asdict(two)


def test_as_json(tmp_path: Path) -> None:
    value = json.loads(json.dumps(compared(tmp_path, tuned(BASE, 16)).to_dict()))
    assert value["relation"] == "fine-tuned"
    assert value["sampled"]["tensors"] == len(BASE)
    assert {one["outcome"] for one in value["tensors"]} <= set(Outcome)


def test_without_numpy_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "find_spec", lambda _: None)
    with pytest.raises(lineage.MissingPackageError, match=r"countermark\[lineage\]"):
        compare(tmp_path, tmp_path)


@pytest.mark.parametrize("dtype", ["<f4", "<f2", "u1"])
@pytest.mark.parametrize("seed", [0, 1])
def test_any_bytes_as_weights_give_an_answer(tmp_path: Path, dtype: str, seed: int) -> None:
    source = np.random.default_rng(seed)

    def noise(w: np.ndarray) -> np.ndarray:
        size = w.size * np.dtype(dtype).itemsize
        return source.integers(0, 256, size, dtype=np.uint8).view(dtype).reshape(w.shape)

    odd = {name: noise(w) for name, w in BASE.items()}
    for first, second in ((BASE, odd), (odd, BASE), (odd, odd)):
        found = compared(tmp_path, second, first)
        assert np.isfinite([found.likeness, *(one.difference for one in found.tensors)]).all()
    assert found.relation is Relation.SAME
