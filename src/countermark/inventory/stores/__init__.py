"""Models on disk: the caches of Hugging Face and ModelScope, the store of Ollama, folders and loose files.

Only headers and the small files beside the weights are read; nothing is ever unpickled.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path

from countermark.inventory.stores import huggingface, modelscope, ollama
from countermark.inventory.stores.cards import READERS
from countermark.inventory.stores.folders import Recorded, file, folder
from countermark.inventory.stores.matching import usages
from countermark.inventory.stores.stored import Stored, StoredModel
from countermark.inventory.stores.trees import DiskTree, HeldTree, Tree
from countermark.inventory.stores.weight_files import FORMATS, MIN_LOOSE, format_of, shards

MARKS = frozenset(["config.json", "model_index.json", "adapter_config.json"])
"""A folder that holds one of these is that of a model."""
BESIDE = frozenset([*(name.lower() for name in READERS), "readme.md", "modelcard.md", *modelscope.NOTES])
HEAD = 1 << 20
"""Bytes of a file that tell what it is."""


def scan(root: Path) -> Stored:
    """The models in a folder, or in one file.

    Raises:
        OSError: the root cannot be read.
    """
    root.stat()
    return read(DiskTree(root, lambda path: is_of_interest(path, 0)))


def is_of_interest(path: str, size: int) -> bool:
    """Whether a file of an image says something of a model: then :func:`scan_held` wants its first bytes."""
    name = posixpath.basename(path).lower()
    if name in BESIDE or posixpath.splitext(name)[1] in FORMATS:
        return True
    return "/manifests/" in f"/{path}" or "/refs/" in path or ollama.is_blob(path)


def scan_held(files: Mapping[str, tuple[int, bytes]]) -> Stored:
    """The models among files that are not on disk.

    Args:
        files: Path → size and first bytes: :data:`HEAD` of them, or all.
    """
    return read(HeldTree(files))


def read(tree: Tree) -> Stored:
    """The models of a tree: first those of the stores, then what lies outside them."""
    models = [*ollama.read(tree), *huggingface.read(tree)]
    kept: set[str] = set()
    for where, stored in modelscope.read(tree):
        kept.add(where)
        if stored is not None:
            models.append(stored)
    rest = {path: size for path, size in tree.sizes().items() if not _is_of_store(path, kept)}
    models += _outside(tree, rest)
    return Stored(models, list(dict.fromkeys(tree.unread)))


def _is_of_store(path: str, kept: set[str]) -> bool:
    if huggingface.WITHIN.fullmatch(path) or ollama.is_blob(path):
        return True
    return bool(kept) and any(where in kept for where in _above(path))


def _above(path: str) -> Iterator[str]:
    """The folders that a path is in, the nearest first."""
    while path:
        path = posixpath.dirname(path)
        yield path


def _outside(tree: Tree, rest: Mapping[str, int]) -> Iterator[StoredModel]:
    """Folders of models, then the files that are in none."""
    marked = {posixpath.dirname(path) for path in rest if posixpath.basename(path) in MARKS}
    pipelines = {posixpath.dirname(path) for path in rest if posixpath.basename(path) == "model_index.json"}
    homes = {each for each in marked if not any(above in pipelines for above in list(_above(each)))}
    grouped: dict[str, dict[str, int]] = {}
    loose: list[str] = []
    for path, size in rest.items():
        home = next((above for above in _above(path) if above in homes), None)
        if home is None:
            loose.append(path)
        else:
            grouped.setdefault(home, {})[path[len(home) + 1 if home else 0 :]] = size
    for home, files in sorted(grouped.items()):
        stored = folder(tree, home, files, Recorded())
        if stored is None:
            loose += [posixpath.join(home, name) for name in files]
        else:
            yield stored
    for paths in shards(path for path in loose if rest[path] >= MIN_LOOSE and format_of(tree, path)):
        yield file(tree, paths)


__all__ = ["HEAD", "Stored", "StoredModel", "is_of_interest", "scan", "scan_held", "usages"]
