"""The weight files of a model: which they are, and what their headers say."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from countermark.inventory.stores import gguf, onnx, safetensors
from countermark.inventory.stores.headers import At, HeaderError
from countermark.inventory.stores.trees import Tree, shown
from countermark.inventory.usage import Unread

FORMATS = {
    ".safetensors": "safetensors", ".gguf": "gguf", ".onnx": "onnx", ".bin": "torch", ".pt": "torch",
    ".pth": "torch", ".ckpt": "torch", ".h5": "keras", ".keras": "keras", ".tflite": "tflite",
    ".engine": "tensorrt", ".plan": "tensorrt", ".mnn": "mnn", ".rknn": "rknn", ".om": "ascend",
    ".pdiparams": "paddle", ".pdparams": "paddle", ".ggml": "ggml", ".llamafile": "llamafile",
}  # fmt: skip
"""By the ending of a file."""
MAGICS = {
    "torch": (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"lmgg", b"ggml", b"tjgg", b"fmgg"),
    "keras": (b"\x89HDF\r\n\x1a\n", b"PK\x03\x04"),
}
"""How such files begin, where the ending alone says little."""
NOT_MODELS = re.compile(
    r"(?:optimizer|scheduler|rng_state|scaler|training_args|train_state|random_states|zero_|mmproj|vocab|merges|"
    r".*_optim_states|.*_model_states|events\.|tokenizer|global_step).*",
    re.IGNORECASE,
)
"""Files that lie beside weights: the state of a training, projectors, vocabularies."""
SHARD = re.compile(r"[-_.]?0*(?P<number>\d+)-of-0*(?P<of>\d+)$|-split-[a-z]{2}$", re.IGNORECASE)
GENERIC = re.compile(
    r"(?:pytorch_|tf_|flax_|adapter_|diffusion_pytorch_|consolidated[._]?|open_clip_|ggml[-_])?"
    r"(?:model|models|weights?|checkpoints?|ckpt|out|outputs?|results?|exp|runs?|train|tmp|final|best|last|latest|main|snapshots?|merged|lora|"
    r"adapter|export|saved_model|data|hub|default|base|sft|dpo|onnx|fp16|int8|quantized|inference|\d+)?"
    r"(?:[-_.](?:q\d\w*|f16|f32|fp16|int8|\d+|best|final|last|quantized|merged|optimized|model))*",
    re.IGNORECASE,
)
"""Names of folders and files that name no model."""
ADDRESS = re.compile(r"://[^/]+/([\w.-]+/[\w.-]+)$")
MAX_BASES = 20
GUESSED = 1024
"""The bit of a file type that says that it was guessed."""
MAX_HEADERS = 500
"""Files of one model whose headers are read."""
MIN_LOOSE = 64 << 10
"""Bytes of the smallest model that lies alone."""
PLAIN_TYPES = frozenset(["F64", "F32", "F16", "BF16"])


@dataclass(slots=True)
class Weights:
    """The weight files of one model, and what their headers say together."""

    format: str = ""
    files: list[str] = field(default_factory=list)
    bytes: int = 0
    header: dict[str, Any] = field(default_factory=dict)
    types: list[str] = field(default_factory=list)
    """Of each GGUF, what most of its tensors are."""
    parameters: int = 0
    """Counted in all files; 0 where not all were read, or numbers are packed."""

    def text(self, key: str) -> str:
        """A text of the header."""
        return text_of(self.header.get(key))

    @property
    def names(self) -> list[str]:
        """What the header calls the model."""
        keys = ("general.name", "modelspec.title", "ss_output_name", "model_name", "name")
        return [text for key in keys if (text := self.text(key)) and not GENERIC.fullmatch(text)]

    @property
    def bases(self) -> list[str]:
        """What the header says that it was made from."""
        found: list[str] = []
        count = self.header.get("general.base_model.count", 0)
        for number in range(min(count, MAX_BASES) if type(count) is int else 0):
            key = f"general.base_model.{number}"
            address = ADDRESS.search(self.text(f"{key}.repo_url"))
            owner, name = self.text(f"{key}.organization"), self.text(f"{key}.name")
            found.append(address[1] if address else f"{owner}/{name}" if owner and name else name)
        found += [self.text(key) for key in ("ss_base_model_version", "ss_sd_model_name", "base_model")]
        return [text for text in found if text]

    @property
    def quantisation(self) -> str:
        """Several where several files are."""
        return ", ".join(sorted(set(filter(None, self.types))))


def format_of(tree: Tree, path: str) -> str:
    """The format of a weight file; empty where it is none."""
    name = posixpath.basename(path)
    form = FORMATS.get(posixpath.splitext(name)[1].lower(), "")
    if not form or NOT_MODELS.fullmatch(name):
        return ""
    magics = MAGICS.get(form)
    return form if magics is None or tree.at(path, 0, 8).startswith(magics) else ""


def weigh(tree: Tree, path: str, files: Mapping[str, int]) -> Weights:
    """The weights of a folder: those of the format that has most bytes."""
    by_format: dict[str, list[str]] = {}
    for name in sorted(files):
        form = format_of(tree, posixpath.join(path, name))
        if form:
            by_format.setdefault(form, []).append(name)
    if not by_format:
        return Weights()
    form = max(by_format, key=lambda each: sum(files[name] for name in by_format[each]))
    found = Weights(form, by_format[form], sum(files[name] for name in by_format[form]))
    _read_headers(tree, path, files, found)
    return found


def _read_headers(tree: Tree, path: str, files: Mapping[str, int], weights: Weights) -> None:
    counts: list[int] = []
    for name in weights.files[:MAX_HEADERS]:
        full = posixpath.join(path, name)
        try:
            if weights.format == "safetensors":
                header = safetensors.read(_at(tree, full))
                counts.append(header.parameters if header.types <= PLAIN_TYPES else 0)
                weights.header = header.notes | weights.header
            elif weights.format == "gguf":
                pairs = gguf.read(_at(tree, full))
                weights.types.append(file_type(pairs))
                weights.header = pairs | weights.header
            elif weights.format == "onnx":
                weights.header = onnx.read(_at(tree, full), files[name]) | weights.header
        except HeaderError as error:
            tree.unread.append(Unread(shown(full), f"its header was not read: {error}"))
            counts.append(0)
    weights.parameters = sum(counts) if counts and all(counts) and _is_whole(weights.files) else 0


def _at(tree: Tree, path: str) -> At:
    return lambda offset, length: tree.at(path, offset, length)


def _is_whole(paths: list[str]) -> bool:
    """Whether no shard is missing."""
    shards = [SHARD.search(posixpath.splitext(path)[0]) for path in paths]
    wanted = next((int(found["of"]) for found in shards if found and found["of"]), 1)
    return len(paths) >= wanted


def file_type(header: Mapping[str, Any]) -> str:
    """What most tensors of a GGUF are."""
    value = header.get("general.file_type")
    return gguf.FILE_TYPES.get(value & ~GUESSED, f"type {value}") if type(value) is int else ""


def hyphened(name: str) -> str:
    """``Qwen2.5 7B Instruct`` as names are written elsewhere."""
    return "-".join(name.split())


def text_of(value: Any) -> str:
    """A text, cut to what a name needs; empty for anything else."""
    return value.strip()[:300] if isinstance(value, str) else ""


def shards(paths: Iterable[str]) -> Iterator[list[str]]:
    """Files that are one model together."""
    groups: dict[str, list[str]] = {}
    for path in sorted(paths):
        stem, ending = posixpath.splitext(path)
        groups.setdefault(SHARD.sub("", stem) + ending, []).append(path)
    return iter(groups.values())
