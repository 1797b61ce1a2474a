"""A folder of one model, or loose model files: what their headers and the files beside them say."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from countermark.inventory import names
from countermark.inventory.claims import contradict
from countermark.inventory.stores.cards import READERS, Said, said
from countermark.inventory.stores.stored import StoredModel
from countermark.inventory.stores.trees import Tree, shown
from countermark.inventory.stores.weight_files import GENERIC, SHARD, Weights, hyphened, weigh
from countermark.inventory.usage import Conflict, Kind, Place, Unread

PARAMETERS = re.compile(r"(\d+(?:\.\d+)?)([BM])(?:-A\d+(?:\.\d+)?B)?", re.IGNORECASE)
OFF_BY = 1.7
"""Times by which the parameters may differ from what a name says; encoders and vocabularies add some."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a store says of a folder, which the folder itself does not."""

    store: str = "folder"
    name: str = ""
    revision: str = ""


def folder(tree: Tree, path: str, files: Mapping[str, int], recorded: Recorded) -> StoredModel | None:
    """The model of one folder; None where there is none.

    Args:
        tree: Where it lies.
        path: Of the folder.
        files: Paths below it, relative to it, with their sizes.
        recorded: What the store says.
    """
    told = said({name: size for name, size in files.items() if "/" not in name}, _reader(tree, path))
    for name, why in told.troubles:
        tree.unread.append(Unread(shown(posixpath.join(path, name)), why))
    weights = weigh(tree, path, files)
    if not weights.files and not (told.architecture or recorded.name):
        return None
    called = _called(tree.where(path))
    place = Place(shown(_place(path, files)), what=f"{recorded.store} store")
    named = _named(called, weights.names, told.loaded_from, place)
    name, conflicts = (recorded.name, ()) if recorded.name else named
    found = _stored(name, weights, place, told)
    return replace(
        found,
        store=recorded.store,
        names=_unlike(name, [posixpath.basename(path), called, *weights.names]),
        loaded_from=_unlike(name, told.loaded_from),
        revision=recorded.revision or told.revision,
        adapter=told.adapter,
        conflicts=conflicts + found.conflicts,
        where=tree.where(path),
    )


def file(tree: Tree, paths: list[str]) -> StoredModel:
    """A loose model file, with all its shards."""
    path = paths[0]
    weights = weigh(tree, "", {each: tree.sizes()[each] for each in paths})
    stem = SHARD.sub("", posixpath.splitext(posixpath.basename(path))[0])
    place = Place(shown(path), what=f"{weights.format} file")
    home = _called(posixpath.dirname(tree.where(path)))
    called = stem if not GENERIC.fullmatch(stem) else home if names.parse(home) or not weights.names else ""
    name, conflicts = _named(called, weights.names, [], place)
    found = _stored(name, weights, place, Said())
    return replace(
        found,
        names=_unlike(name, [stem, posixpath.basename(path), *weights.names]),
        adapter=weights.text("general.type") == "adapter",
        conflicts=conflicts + found.conflicts,
        where=tree.where(path),
    )


def _stored(name: str, weights: Weights, place: Place, told: Said) -> StoredModel:
    """What the headers and the files beside them say."""
    made_from = _unlike(name, [*told.bases, *weights.bases])
    return StoredModel(
        name=name,
        store="file",
        format=weights.format,
        place=place,
        bases=made_from,
        quantisation=told.quantisation or weights.quantisation,
        licence=told.licence or weights.text("general.license"),
        architecture=told.architecture or weights.text("general.architecture"),
        kind=_kind([name, *weights.names, *made_from, *told.loaded_from], told),
        bytes=weights.bytes,
        conflicts=() if told.quantisation else _size_conflict(name, weights, place),
    )


def _reader(tree: Tree, path: str) -> Callable[[str, int], bytes]:
    return lambda name, length: tree.at(posixpath.join(path, name), 0, length)


def _place(path: str, files: Mapping[str, int]) -> str:
    """The file that speaks for a folder."""
    first = next((name for name in READERS if name in files), "") or min(files, default="")
    return posixpath.join(path, first)


def _called(path: str) -> str:
    """What a path calls the model: its last part that is a name; the one before for ``…/checkpoint-500``."""
    parts = [part for part in path.split("/") if part][-2:]
    for part in reversed(parts):
        if not GENERIC.fullmatch(part) or names.parse(part) is not None:
            return part
    return ""


def _named(
    called: str, own: list[str], loaded_from: list[str], place: Place
) -> tuple[str, tuple[Conflict, ...]]:
    """The name of what lies in a place, and whether the two disagree: what lies there decides.

    Args:
        called: What the place is called.
        own: What the header calls it.
        loaded_from: What it was loaded from before it was saved there.
        place: For the conflict.
    """
    for each in (*own, *loaded_from):
        if called and contradict(called, hyphened(each)):
            return each, (Conflict(called, each, place),)
    if not called or names.parse(called) is None:
        known = next((each for each in own if names.parse(hyphened(each)) is not None), "")
        if known or not called:
            return known or next(iter([*loaded_from, *own]), ""), ()
    return called, ()


def _unlike(name: str, others: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in others if each and each != name))


def _size_conflict(name: str, weights: Weights, place: Place) -> tuple[Conflict, ...]:
    """Where a name says seven billion and the tensors hold one and a half."""
    parsed = names.parse(name)
    size = PARAMETERS.fullmatch(parsed.size) if parsed else None
    if size is None or not weights.parameters or (parsed and parsed.quantisation):
        return ()
    claimed = float(size[1]) * (1e9 if size[2].upper() == "B" else 1e6)
    if not claimed or 1 / OFF_BY < weights.parameters / claimed < OFF_BY:
        return ()
    return (Conflict(name, f"{_counted(weights.parameters)} parameters", place),)


def _counted(number: int) -> str:
    for unit, word in ((1e9, "billion"), (1e6, "million")):
        if number >= unit:
            return f"{number / unit:.3g} {word}"
    return f"{number:,}"


def _kind(called: Iterable[str], told: Said) -> Kind:
    if told.kind is Kind.EMBEDDING:
        return told.kind
    for name in called:
        parsed = names.parse(hyphened(name)) if name else None
        if parsed is not None and parsed.kind is not Kind.UNKNOWN:
            return parsed.kind
    return told.kind
