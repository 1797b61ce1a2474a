"""The cache of ModelScope, and folders that it downloaded to. Its notes are pickles, which are never loaded.

Source: ``modelscope/hub/utils/caching.py`` for ``.mdl``, ``.msc`` and ``.mv``; the pickle opcodes of Python's
standard library for the two that hold text.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from countermark.inventory.stores.folders import Recorded, folder
from countermark.inventory.stores.stored import StoredModel
from countermark.inventory.stores.trees import Tree

NOTES = (".mdl", ".msc", ".mv")
MAX_NOTE = 64 << 10
TEXT = re.compile(rb"\x8c(?P<short>.)|X(?P<long>....)", re.DOTALL)
"""The opcodes SHORT_BINUNICODE and BINUNICODE with the length of what follows."""
VERSION = re.compile(r"Revision:(?P<revision>[^,\s]{1,100})")
MASK = "___"
"""What stands for a dot in the names of folders."""


def read(tree: Tree) -> Iterator[tuple[str, StoredModel | None]]:
    """The folders that ModelScope keeps, and the model in each."""
    folders: dict[str, dict[str, int]] = {}
    for path in tree.sizes():
        where, name = posixpath.split(path)
        if name in NOTES:
            folders.setdefault(where, {})
    for path, size in tree.sizes().items():
        where = posixpath.dirname(path)
        while where and where not in folders:
            where = posixpath.dirname(where)
        if where in folders:
            folders[where][path[len(where) + 1 if where else 0 :]] = size
    for where, files in sorted(folders.items()):
        name = _identifier(tree, where)
        recorded = Recorded("modelscope", name, _revision(tree, where))
        yield where, folder(tree, where, files, recorded)


def _identifier(tree: Tree, where: str) -> str:
    """As the note says, else by the last two folders."""
    texts = list(_texts(tree.at(posixpath.join(where, ".mdl"), 0, MAX_NOTE)))
    if "id" in texts[:-1] and "/" in (found := texts[texts.index("id") + 1]):
        return found.replace(MASK, ".")
    return "/".join(where.split("/")[-2:]).replace(MASK, ".") if where.count("/") else ""


def _texts(note: bytes) -> Iterator[str]:
    """The texts of a pickle, by their opcodes: nothing is executed."""
    at = 0
    while found := TEXT.search(note, at):
        raw = found["short"] or found["long"]
        length = int.from_bytes(raw, "little")
        text = note[found.end() : found.end() + length]
        if len(text) < length:
            at = found.start() + 1
            continue
        yield text.decode("utf-8", "replace")
        at = found.end() + length


def _revision(tree: Tree, where: str) -> str:
    text = tree.at(posixpath.join(where, ".mv"), 0, MAX_NOTE).decode("utf-8", "replace")
    found = VERSION.search(text)
    return found["revision"] if found else text.strip()[:100]
