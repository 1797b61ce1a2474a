"""Which tensor of one checkpoint stands beside which of the other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from countermark.weights.checkpoints.storage import Checkpoint
from countermark.weights.lineage.naming import Key, key_of, keys_of
from countermark.weights.lineage.views import View, interleaved

CONV1D = ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")
MAX_LAYERS = 4096


@dataclass(slots=True)
class Network:
    """One checkpoint with its tensors by what they are for."""

    checkpoint: Checkpoint
    views: dict[Key, View]

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> Network:
        """Give each tensor its purpose, and turn what is stored the other way round."""
        turned = _stores_inputs_first(checkpoint)
        views = {
            key: View(checkpoint, name, turned and name.removesuffix(".weight").endswith(CONV1D))
            for key, name in keys_of(checkpoint.tensors).items()
            if checkpoint.tensors[name].elements
        }
        return cls(checkpoint, views)

    @property
    def layers(self) -> list[int]:
        """The numbers of its layers, apart from those of other towers."""
        return sorted({key.layer for key in self.views if key.layer >= 0 and key.is_known and not key.stem})

    @property
    def heads(self) -> tuple[int, int]:
        """Heads of queries, and of keys and values; 0 where the settings do not say."""
        settings = self.checkpoint.settings
        text = settings.get("text_config")
        said = {**settings, **text} if isinstance(text, dict) else settings
        kind = settings.get("general.architecture", "")
        query = said.get("num_attention_heads") or said.get(f"{kind}.attention.head_count") or 0
        key = said.get("num_key_value_heads") or said.get(f"{kind}.attention.head_count_kv") or query
        return (query if isinstance(query, int) else 0), (key if isinstance(key, int) else 0)


@dataclass(slots=True)
class Pairing:
    """Tensors side by side, and those that stay alone."""

    pairs: dict[Key, tuple[View, View]] = field(default_factory=dict)
    """By the purpose in the second; shapes may differ."""
    only_first: list[str] = field(default_factory=list)
    only_second: list[str] = field(default_factory=list)


def paired(first: Network, second: Network, layers: dict[int, int] | None = None) -> Pairing:
    """Pair by purpose, then what is left by shape and order.

    Args:
        first: one network.
        second: the other.
        layers: for each layer of the second the one of the first beside it; by number where none is given.
    """
    result = Pairing()
    used = set()
    for key, view in second.views.items():
        place = key.layer if layers is None or key.layer < 0 or key.stem else layers.get(key.layer, -2)
        if other := first.views.get(key.on(place)):
            result.pairs[key] = (other, view)
            used.add(other.name)
    rest_first = [view for view in first.views.values() if view.name not in used]
    rest_second = {key: view for key, view in second.views.items() if key not in result.pairs}
    if not result.pairs or layers is None:
        _by_shape(rest_first, rest_second, result)
    paired_names = {view.name for view, _ in result.pairs.values()}
    result.only_first = [view.name for view in rest_first if view.name not in paired_names]
    result.only_second = [view.name for key, view in rest_second.items() if key not in result.pairs]
    return result


def _by_shape(first: list[View], second: dict[Key, View], result: Pairing) -> None:
    """Pair what is left where both have as many of one shape: the first with the first, and so on."""
    shapes: dict[tuple[int, ...], tuple[list[View], list[Key]]] = defaultdict(lambda: ([], []))
    for view in first:
        if not key_of(view.name).is_known:
            shapes[view.info.shape][0].append(view)
    for key, view in second.items():
        if not key.is_known:
            shapes[view.info.shape][1].append(key)
    for views, keys in shapes.values():
        if len(views) == len(keys):
            result.pairs |= {key: (view, second[key]) for view, key in zip(views, keys, strict=True)}


def _stores_inputs_first(checkpoint: Checkpoint) -> bool:
    """Whether its feed-forward matrices are GPT-2's, inputs by outputs."""
    for name, info in checkpoint.tensors.items():
        if name.endswith("mlp.c_fc.weight") and len(info.shape) == 2:
            return info.shape[0] < info.shape[1]
    return False


def straighten(first: View, second: View, heads: int) -> None:
    """Where only one of two query or key matrices is stored in llama.cpp's order, read it in the other's.

    Which is the case is not written anywhere, so the order that fits better on some rows is taken.
    """
    forms = first.checkpoint.format.endswith("gguf"), second.checkpoint.format.endswith("gguf")
    rows = second.shape[0]
    if forms[0] == forms[1] or first.shape != second.shape or not heads or rows % (2 * heads):
        return
    ours, other = (first, second) if forms[0] else (second, first)
    sample = np.arange(0, rows, max(1, rows // 64))
    plain = _agreement(ours, other, sample)
    ours.order = interleaved(rows, heads)
    if _agreement(ours, other, sample) <= plain:
        ours.order = None


def _agreement(one: View, other: View, sample: np.ndarray) -> float:
    a, b = one.rows(sample).values, other.rows(sample).values
    norm = float(np.linalg.norm(a)) * float(np.linalg.norm(b))
    return float(np.vdot(a, b)) / norm if norm else 0.0
