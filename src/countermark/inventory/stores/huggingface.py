"""The cache of the Hugging Face hub.

Source: "Manage the cache" of the documentation of ``huggingface_hub``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from countermark.inventory.stores.folders import Recorded, folder
from countermark.inventory.stores.stored import StoredModel
from countermark.inventory.stores.trees import Tree, shown
from countermark.inventory.usage import Unread

SNAPSHOT = re.compile(r"(?P<repository>(?:.*/)?models--[^/]+)/snapshots/(?P<revision>[^/]+)/(?P<file>.+)")
REF = re.compile(r"(?P<repository>(?:.*/)?models--[^/]+)/refs/(?P<name>.+)")
PARTIAL = re.compile(r"(?P<repository>(?:.*/)?models--[^/]+)/blobs/[^/]+\.incomplete")
WITHIN = re.compile(r"(?:.*/)?(?:models|datasets|spaces)--[^/]+/.*")
"""What belongs to a cache, and is nobody else's."""
MAX_REF = 200


def read(tree: Tree) -> Iterator[StoredModel]:
    """Every snapshot of a model."""
    snapshots: dict[tuple[str, str], dict[str, int]] = {}
    references: dict[tuple[str, str], list[str]] = {}
    for path, size in tree.sizes().items():
        if found := SNAPSHOT.fullmatch(path):
            snapshots.setdefault((found["repository"], found["revision"]), {})[found["file"]] = size
        elif found := REF.fullmatch(path):
            commit = tree.at(path, 0, MAX_REF).decode("utf-8", "replace").strip()
            references.setdefault((found["repository"], commit), []).append(found["name"])
        elif found := PARTIAL.fullmatch(path):
            tree.unread.append(Unread(shown(path), "a download that was not finished"))
    for (repository, revision), files in sorted(snapshots.items()):
        called = references.get((repository, revision), [])
        named = f"{revision} ({', '.join(called)})" if called else revision
        recorded = Recorded("huggingface", identifier(repository), named)
        stored = folder(tree, f"{repository}/snapshots/{revision}", files, recorded)
        if stored is not None:
            yield stored


def identifier(repository: str) -> str:
    """``models--Qwen--Qwen2.5-7B`` as the hub calls it."""
    return repository.rpartition("/")[2].removeprefix("models--").replace("--", "/", 1)
