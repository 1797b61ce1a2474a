"""What a tensor is for, whatever its format calls it: the layer, the role, weight or bias.

GGUF, Hugging Face, GPT-2, BERT and the original Llama files name the same matrices differently. Names that
match no pattern keep their own text, so that two files of one unknown kind still meet.

Source: the tensor names of ``llama.cpp`` and of the models in Hugging Face's ``transformers``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

LAYER = re.compile(r"(?:^|\.)(?:layers|layer|h|blocks|block|blk|resblocks)\.(\d+)\.")
WRAPPERS = re.compile(
    r"(?:^|(?<=\.))(?:_orig_mod|module|base_model|model|transformer|language_model|gpt_neox|base_layer"
    r"|bert|roberta|text_model|lm|llm)\."
)
"""Parts of a name that say how the network was wrapped, not what the tensor is."""
KIND = re.compile(r"\.(weight|bias)$|$")
ROLES = {
    "embedding": "embed_tokens|wte|tok_embeddings|token_embd|word_embeddings|embed_in"
    "|embeddings.word_embeddings",
    "positions": "wpe|position_embd|embeddings.position_embeddings|embed_positions",
    "head": "lm_head|output|embed_out|cls.predictions.decoder",
    "final-norm": "norm|ln_f|output_norm|final_layernorm|final_layer_norm",
    "query": "self_attn.q_proj|attention.wq|attn_q|attention.self.query|attn.q_proj",
    "key": "self_attn.k_proj|attention.wk|attn_k|attention.self.key|attn.k_proj",
    "value": "self_attn.v_proj|attention.wv|attn_v|attention.self.value|attn.v_proj",
    "query-key-value": "self_attn.qkv_proj|attn_qkv|attn.c_attn|attention.query_key_value"
    "|self_attention.query_key_value|attn.qkv",
    "attention-out": "self_attn.o_proj|attention.wo|attn_output|attn.c_proj|attention.output.dense"
    "|attention.dense|self_attention.dense|self_attn.out_proj|attn.out_proj|attn.proj",
    "gate": "mlp.gate_proj|feed_forward.w1|ffn_gate",
    "up": "mlp.up_proj|feed_forward.w3|ffn_up|mlp.c_fc|intermediate.dense|mlp.dense_h_to_4h|mlp.fc1|fc1"
    "|mlp.gate_up_proj",
    "down": "mlp.down_proj|feed_forward.w2|ffn_down|mlp.c_proj|output.dense|mlp.dense_4h_to_h|mlp.fc2|fc2",
    "attention-norm": "input_layernorm|attention_norm|attn_norm|ln_1",
    "feed-forward-norm": "post_attention_layernorm|ffn_norm|ln_2",
    "query-norm": "self_attn.q_norm|attn_q_norm",
    "key-norm": "self_attn.k_norm|attn_k_norm",
    "router": "mlp.gate|block_sparse_moe.gate|ffn_gate_inp",
}
ROLE_OF = {name: role for role, names in ROLES.items() for name in names.split("|")}


@dataclass(frozen=True, slots=True)
class Key:
    """What a tensor is for."""

    stem: str
    """What is left of the name before the layer: ``""`` for a language model, ``visual`` for its eyes."""
    layer: int
    """-1 outside of all layers."""
    role: str
    """One of :data:`ROLES`, or the tensor's own name where it is none of them."""
    kind: str
    """``weight``, ``bias`` or ``""``."""

    @property
    def is_known(self) -> bool:
        return self.role in ROLES

    def on(self, layer: int) -> Key:
        """The same tensor of another layer."""
        return Key(self.stem, layer, self.role, self.kind)


def key_of(name: str) -> Key:
    """What a name says that the tensor is for."""
    found = LAYER.search(name)
    stem, rest = (name[: found.start()], name[found.end() :]) if found else ("", name)
    kind = KIND.search(rest)
    plain = rest[: kind.start()] if kind else rest
    role = WRAPPERS.sub("", plain).removesuffix(".base_layer")
    role = ROLE_OF.get(role) or ROLE_OF.get(role.removeprefix("embeddings.")) or role
    layer = int(found[1]) if found and len(found[1]) < 6 else -1
    return Key(WRAPPERS.sub("", f"{stem}.").strip("."), layer, role, (kind and kind[1]) or "")


def keys_of(names: Iterable[str]) -> dict[Key, str]:
    """Each name by what it is for; where two are for the same, both by their own names."""
    listed = [(key_of(name), name) for name in names]
    often = Counter(key for key, _ in listed)
    return {key if often[key] == 1 else Key("", -1, name, ""): name for key, name in listed}
