"""Stores of models as the tools of the field lay them out, with small real headers."""

from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from safetensors.numpy import save

COMMIT = "c03e6d358207e414f1eee0bb1891e29f1db0e242"


def write(root: Path, files: dict[str, str | bytes | dict[str, Any]]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = json.dumps(content) if isinstance(content, dict) else content
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return root


def gguf_file(path: Path, *, name: str = "", base: str = "", **settings: Any) -> Path:
    """A file as the converter of llama.cpp writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(path, settings.pop("architecture", "qwen2"))
    if name:
        writer.add_name(name)
    if base:
        owner, _, own = base.partition("/")
        writer.add_base_model_count(1)
        writer.add_base_model_name(0, own.replace("-", " "))
        writer.add_base_model_organization(0, owner)
        writer.add_base_model_repo_url(0, f"https://huggingface.co/{base}")
    for key, value in settings.items():
        getattr(writer, f"add_{key}")(value)
    writer.add_token_list([f"token {number}" for number in range(300)])
    writer.add_array("tokenizer.ggml.scores", [0.5] * 300)
    writer.add_tensor("blk.0.weight", np.zeros((128, 256), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def safetensors_file(
    elements: int = 64, notes: dict[str, str] | None = None, dtype: Any = np.float16
) -> bytes:
    return save(
        {"a": np.zeros(elements // 2, dtype=dtype), "b": np.zeros((2, elements // 4), dtype=dtype)}, notes
    )


def hub_cache(root: Path, repository: str, files: dict[str, str | bytes | dict[str, Any]]) -> Path:
    """What ``huggingface_hub`` keeps of a repository: blobs, and links to them."""
    home = root / ("models--" + repository.replace("/", "--"))
    (home / "refs").mkdir(parents=True)
    (home / "refs/main").write_text(COMMIT)
    (home / "blobs").mkdir()
    for name, content in files.items():
        data = json.dumps(content) if isinstance(content, dict) else content
        data = data.encode() if isinstance(data, str) else data
        blob = home / "blobs" / hashlib.sha256(data).hexdigest()
        blob.write_bytes(data)
        link = home / "snapshots" / COMMIT / name
        link.parent.mkdir(parents=True, exist_ok=True)
        depth = len(link.relative_to(home).parts) - 1
        link.symlink_to(Path(*[".."] * depth, "blobs", blob.name))
    return root


def modelscope_cache(root: Path, repository: str, files: dict[str, str | bytes | dict[str, Any]]) -> Path:
    """What ``modelscope download`` keeps: the folder with masked dots, and a link with the name itself."""
    owner, _, name = repository.partition("/")
    home = root / owner / name.replace(".", "___")
    write(home, files)
    (home / ".mdl").write_bytes(pickle.dumps({"id": f"{owner}/{name.replace('.', '___')}"}))
    (home / ".msc").write_bytes(pickle.dumps([{"Path": "config.json", "Revision": "abc"}]))
    (home / ".mv").write_text("Revision:v1.0.1,CreatedAt:1721000000")
    (root / owner / name).symlink_to(home.name)
    return root


def ollama_store(
    root: Path,
    name: str,
    weights: Path | None,
    config: dict[str, Any] | None = None,
    licence: str = "",
    **layer: Any,
) -> Path:
    """What ``ollama pull`` and ``ollama create`` keep: ``name`` is ``host/namespace/model/tag``."""
    blobs = root / "blobs"
    blobs.mkdir(parents=True, exist_ok=True)

    def blob(data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        (blobs / f"sha256-{digest}").write_bytes(data)
        return f"sha256:{digest}"

    told = {"model_format": "gguf", "model_family": "qwen2", "model_type": "7.6B", "file_type": "Q4_K_M"}
    media = "application/vnd.ollama.image."
    layers: list[dict[str, Any]] = []
    if weights is not None:
        data = weights.read_bytes()
        layers.append({"mediaType": media + "model", "digest": blob(data), "size": len(data), **layer})
    if licence:
        layers.append(
            {"mediaType": media + "license", "digest": blob(licence.encode()), "size": len(licence)}
        )
    manifest = {"schemaVersion": 2, "layers": layers}
    manifest["config"] = {"digest": blob(json.dumps({**told, **(config or {})}).encode()), "size": 1}
    write(root, {f"manifests/{name}": manifest})
    return root
