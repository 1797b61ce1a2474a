"""Small checkpoints for the tests, written here."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from safetensors.numpy import save_file

Weights = dict[str, np.ndarray]
WIDTH, HIDDEN, WORDS, HEADS = 64, 96, 160, 4
ARCHIVE = (
    "c-p0vyKmD_6vnTe)CmUC2aiI5@+gm#M;beA+)!wX1s0N#XoHZVERmbIv4x3yoSX8HDpi73Vnjj+F(76ZMi~1KFmz#o0f_-IF|l*6O^xlS4bZ"
    "EcShnu>ouBP<j%U<Z9HC?qwXGi1hcu^Zn2Y*IO~YDd;f|%qDO3)vWp)Wry2KMf6Khzn)XXXdW(nAIiJEGed%9USFvP0ZCT^KZ3!7GxuQ>W#%"
    "d~10tT&prQ&|*wh^Nz~gll9wT3v@OPr@sft>IhVMIN{kL-u4LQHqgcb)f}Gbr*&mvno<!YJ3%VHLfzNu=7c^YFn0G#ire8@;9BD?&!6v1doSZ"
    "!$sJQAytI#66aFRnOYNi41!>6q?O&gLf+5Z>t+_9&q%5)hCMVRy8?SvW(D>=F{tT&4E;qo;BLfl(DO4mBVo9Z15^@MW2<mTWhm=mPj&>uU=fa"
    "%$g4nxX3fK~5Xp6N$)`B(nu~CPSTY!fs3k*h_@s9@<yoG_aHa@pcXI=VLw+~xM&0*2>u$-xInVDr@f#lYJT73!6k()Q>LNSz1-oiMR%Ke588w"
    "l7`})KBPoktTvuP3aBhD|P%)IT~)o^7|cbeptC^AcGNuXZuetdpJA!uywHGrf)UcYOkqFH9WaaV6(Mb1S^^RHHZlmblMgYPU!!EOoAi>7>lxd"
    "&LcX-O&a#Q)^oSeA*grBjBL%U=)DTI9B5NTJD4SB_*A`QkPJJlEwZ@;6O>B$i3MCb3513kh_E%mNa}NMx^2()&yElUdq>9Z2_vNd-mjX(L^mL"
    "Tl7BF<bsht3Tesb2{uPD)Oc6JpM8or`fePpUlqhKZWFQ_M9S5ZYz7aocQfcDHc9{vuWDomK5D+!l&?CN%~)m98WW^zpCHveE)+;{L_H$18C}w"
    "NjmVMMrUlrtSNHlA3=nyB#q}qNi0Z(!uZ&zkQc`UVN{Z&LVmn3O3p+<9Lp9c<;!P}hth;2?NTxn*5?e4qn<YM=yxot4i2FHkn$RfHXC43li&~"
    ";2$?($nzT)>s84VZ^oD%;VyJxpMdiWnOoimnV<<8^qS{~=hPBi2h*pSdgFO`1K8tF_s5V&nVQpVmM4O9hgSFco(!L02H+g5lk{S#r=1_-XpHV"
    "sP{6=fUF8E45a(u*k$M@Vut8;GGPweo{y{}#u=V^F%zqj`nKq45<"
)
"""What PyTorch 2.13 saves of :data:`TORCH`, with other things beside it, compressed."""
LEGACY = (
    "c-n1}NpI6Y6vxL)7ED^gPFcgAu!L+)<5MX@Ri$Ay7hjO&Izwz^*?IQ32&724G@^V44jlOy`6yiZ2uK`wV<&;2jQnQoH{<{RH*aPvf6@HkUw40"
    "1-hY3!Q6J0Ce=69IfK<&gA!HbZJaj_eI$%-kg#k#oz+A%_-{ah877O~G9f17V)G*0E4w)5upI8ja2-K>X!({A+5r-U=O$EQafJ2_DrYbbTU;q"
    "WGCdu4Wh{W9H%<6j%2WbRy)huGtu76<Oz~!JgJd7N-ZYA9FW6g@#e&YFki?bjOBkQ20p>NeJq(Wh24;bXKU$k96wE3GXsX^Xc$2EGV(d%~fZf"
    "8r^H(O9h8J%GQMOu2n;n-_Rs6y2VXjG-r1dbm$SPq{#9IFv)FQYz-SpO-)YEY^fu*PBCfD>juW#0Gf7|JdJxpRmoDMhop;5fO=(P?dUdvMAvQ"
    "W^bE3xD|#&QR$P&K|kK;v9$b23#;DQE=GE)ZLZax#(uwxFlp$s!ZTAmBenYWKvf-Tr;4O9)@fC@8J3p>mH^SoHzdG)SE51i3SoH+!6+oDA4U}"
    "xRV*&<xn-Cma+zLZ%O?bp8i7p{$KUYUc1q0>+LQ)n5jQR^;#`ctaEr|KqE=778{0+3r#AC3-nf8pcS>0R)Nc_%B8G=P+46jS(|Q?sWf{hy%PD"
    "ijkmFTj1R^b;~T~l;|B)WA*75^!D#Hv6$-QQ4=?xKV*"
)
"""The same in the form before 1.6."""
TORCH: Weights = {
    "a.weight": np.arange(12, dtype=np.float32).reshape(3, 4),
    "a.bias": np.array([1.5, -2.0], np.float32),
    "t": np.arange(12, dtype=np.float32).reshape(3, 4).T,
    "half": np.array([[0.5]], np.float32),
    "n": np.array(7, np.float32),
}
"""An integer, a bfloat16 vector, and a transposed view of another tensor are among them."""


def torch_file(path: Path, packed: str) -> Path:
    path.write_bytes(zlib.decompress(base64.b85decode(packed)))
    return path


def network(seed: int, layers: int = 3) -> Weights:
    """The shape of a Llama, with random numbers."""
    source = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return source.normal(0, 0.05, shape).astype(np.float32)

    weights = {"model.embed_tokens.weight": draw(WORDS, WIDTH), "lm_head.weight": draw(WORDS, WIDTH)}
    weights["model.norm.weight"] = 1 + draw(WIDTH)
    for layer in range(layers):
        stem = f"model.layers.{layer}"
        for name in ("input_layernorm", "post_attention_layernorm"):
            weights[f"{stem}.{name}.weight"] = 1 + draw(WIDTH)
        for part, rows in (("q", WIDTH), ("k", WIDTH // 2), ("v", WIDTH // 2), ("o", WIDTH)):
            weights[f"{stem}.self_attn.{part}_proj.weight"] = draw(rows, WIDTH)
        weights[f"{stem}.mlp.gate_proj.weight"] = draw(HIDDEN, WIDTH)
        weights[f"{stem}.mlp.up_proj.weight"] = draw(HIDDEN, WIDTH)
        weights[f"{stem}.mlp.down_proj.weight"] = draw(WIDTH, HIDDEN)
    return weights


def saved(path: Path, weights: Weights) -> Path:
    save_file({name: np.ascontiguousarray(w) for name, w in weights.items()}, path)
    return path


def tuned(weights: Weights, seed: int, size: float = 0.1) -> Weights:
    """Every tensor moved a little in a direction of its own, as training does."""
    source = np.random.default_rng(seed)
    return {
        name: (w + size * w.std() * source.normal(0, 1, w.shape)).astype(w.dtype)
        for name, w in weights.items()
    }


GGUF_NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "model.layers.": "blk.",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def as_gguf(path: Path, weights: Weights, kind: str) -> Path:
    """As llama.cpp's converter writes it: its names, its order of query and key rows."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS // 2)
    short = gguf.GGMLQuantizationType[kind]
    for name, given in weights.items():
        target, w = name, given
        for ours, theirs in GGUF_NAMES.items():
            target = target.replace(ours, theirs)
        for part, heads in (("q_proj", HEADS), ("k_proj", HEADS // 2)):
            if part in name:
                w = w.reshape(heads, 2, -1, w.shape[1]).swapaxes(1, 2).reshape(w.shape)
        if w.ndim == 1:
            writer.add_tensor(target, w)
        else:
            writer.add_tensor(target, gguf.quantize(w, short), raw_dtype=short)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def safetensors_bytes(header: Any, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data
