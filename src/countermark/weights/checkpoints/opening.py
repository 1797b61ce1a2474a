"""Find out what a path is, and open it: one file, the parts of one, or a folder."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath
from typing import Any

from countermark.weights.checkpoints import gguf, npz, packed, safetensors, torch_files
from countermark.weights.checkpoints.storage import Checkpoint, File
from countermark.weights.checkpoints.tensors import CheckpointError, Stored

MAX_FILES = 4096
MAX_JSON = 16 << 20
PART = re.compile(r"(.*)-(\d{5})-of-(\d{5})\.(safetensors|gguf|bin)")
INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
SINGLE = (
    "model.safetensors",
    "pytorch_model.bin",
    "adapter_model.safetensors",
    "diffusion_pytorch_model.safetensors",
    "consolidated.00.pth",
)
SUFFIXES = (".safetensors", ".gguf", ".bin", ".pt", ".pth", ".ckpt", ".npz")
ZIP, PICKLE = b"PK\x03\x04", b"\x80"


def opened(path: Path) -> Checkpoint:
    """Open a checkpoint.

    Raises:
        CheckpointError: it is none, it is broken, or parts of it are missing.
    """
    try:
        paths = _in_folder(path) if path.is_dir() else _parts(path)
    except OSError as error:
        raise CheckpointError(f"{path}: {error.strerror or error}") from None
    settings = _settings(paths[0].parent / "config.json")
    files: list[File] = []
    try:
        return _read(path, paths, files, settings)
    except CheckpointError:
        for file in files:
            file.close()
        raise


def _read(path: Path, paths: list[Path], files: list[File], settings: dict[str, Any]) -> Checkpoint:
    stored: dict[str, Stored] = {}
    form = ""
    for one in paths:
        files.append(File(one))
        form, found, said = _of_file(files[-1])
        if double := stored.keys() & found.keys():
            raise CheckpointError(f"{one}: {min(double)} is in another part too")
        stored |= found
        settings = {**said, **settings}
    stored, packing = packed.joined(stored, settings)
    if not stored:
        raise CheckpointError(f"{path}: holds no tensors")
    return Checkpoint(path, f"{packing} {form}".strip(), stored, files, settings)


def _of_file(file: File) -> tuple[str, dict[str, Stored], Mapping[str, Any]]:
    head = file.at(0, min(16, file.size))
    if head.startswith(gguf.MAGIC):
        return ("gguf", *gguf.read(file))
    if head.startswith(npz.MAGIC):
        return "numpy", npz.from_array(file), {}
    if head.startswith(ZIP):
        is_numpy = file.path.suffix == ".npz" or b".npy" in file.at(0, min(file.size, 256))
        read: Callable[[File], dict[str, Stored]] = npz.from_archive if is_numpy else torch_files.from_archive
        return "numpy" if is_numpy else "torch", read(file), {}
    if safetensors.is_safetensors(head, file.size):
        return ("safetensors", *safetensors.read(file))
    if head.startswith(PICKLE):
        return "torch", torch_files.from_legacy(file), {}
    raise CheckpointError(
        f"{file.path}: begins with {head[:8]!r}; read are safetensors, GGUF, PyTorch and NumPy files"
    )


def _in_folder(folder: Path) -> list[Path]:
    for name in INDEXES:
        if (folder / name).is_file():
            return _indexed(folder / name)
    for name in SINGLE:
        if (folder / name).is_file():
            return [folder / name]
    names = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
    for suffix in SUFFIXES:
        if fitting := [path for path in names if path.suffix == suffix]:
            parts = _parts(fitting[0])
            if set(fitting) <= set(parts):
                return parts
            shown = ", ".join(path.name for path in fitting[:4])
            raise CheckpointError(f"{folder}: holds several checkpoints, name one of them: {shown}")
    raise CheckpointError(f"{folder}: holds no checkpoint")


def _indexed(index: Path) -> list[Path]:
    """The files that an index names; only ever files of its own folder."""
    weights = _json(index).get("weight_map")
    if not isinstance(weights, dict) or not weights:
        raise CheckpointError(f"{index}: has no weight_map")
    names = list(dict.fromkeys(weights.values()))
    for name in names:
        if (
            not isinstance(name, str)
            or PurePath(name).name != name
            or name in ("", ".", "..")
            or "\\" in name
        ):
            raise CheckpointError(f"{index}: {str(name)[:80]!r} is no file of this folder")
    if len(names) > MAX_FILES:
        raise CheckpointError(f"{index}: names more than {MAX_FILES:,} files")
    return [index.parent / name for name in names]


def _parts(path: Path) -> list[Path]:
    """All parts of a file whose name says that it is one of several."""
    found = PART.fullmatch(path.name)
    if not found:
        return [path]
    stem, _, count, suffix = found.groups()
    if not 1 <= int(count) <= MAX_FILES:
        raise CheckpointError(f"{path}: a checkpoint of {int(count):,} parts is none")
    return [path.with_name(f"{stem}-{n:05}-of-{count}.{suffix}") for n in range(1, int(count) + 1)]


def _settings(path: Path) -> dict[str, Any]:
    try:
        return _json(path) if path.is_file() else {}
    except OSError:
        return {}


def _json(path: Path) -> dict[str, Any]:
    file = File(path)
    try:
        if file.size > MAX_JSON:
            raise CheckpointError(f"{path}: is larger than {MAX_JSON:,} bytes")
        value = json.loads(file.at(0, file.size))
    except (ValueError, RecursionError):
        raise CheckpointError(f"{path}: is no JSON") from None
    finally:
        file.close()
    if not isinstance(value, dict):
        raise CheckpointError(f"{path}: is no object")
    return value
