"""From what lies in a folder or an archive to images: their configuration and their layers.

Source: OCI Image Layout, Image Index, Image Manifest and Image Configuration 1.1; Docker Image Specification
1.2 for what ``docker save`` writes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from countermark.inventory.images.archives import ImageError, Parts, shown
from countermark.inventory.images.layers import Layer
from countermark.inventory.usage import Unread

MAX_JSON = 16 << 20
MAX_NESTING = 4
MAX_IMAGES = 1_000
MAX_LAYERS = 512
DIGEST = re.compile(r"(?P<algorithm>[a-z0-9]+(?:[.+_-][a-z0-9]+)*):(?P<hex>[0-9a-f]{32,128})")
INDEXES = ("image.index", "manifest.list")
PLATFORMS = ("linux/amd64", "linux/arm64", "")
"""Those that are read where there are several, the first that is there."""
REFERENCE = "vnd.docker.reference.type"
"""The annotation of a manifest that is no image but says something of one."""
EMPTY = "the image lists no layers: there was nothing to read"
NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")


@dataclass(frozen=True, slots=True)
class Config:
    """How a container of the image starts."""

    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    folder: str = ""
    """In which it starts."""
    history: tuple[str, ...] = ()
    """The steps that made it, as far as they are recorded."""
    platform: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The command line."""
        return self.entrypoint + self.cmd


@dataclass(frozen=True, slots=True)
class Layout:
    """One image of a store."""

    names: tuple[str, ...]
    """Under which it was saved, such as ``registry.example/app:1.2``."""
    config: Config
    layers: tuple[Layer, ...]
    unread: tuple[Unread, ...]


def layouts(parts: Parts) -> list[Layout]:
    """The images of a store; several where ``docker save`` was given several.

    Raises:
        ImageError: there is none.
    """
    if parts.has("index.json"):  # newer `docker save` writes both; the index says more
        found = list(_Oci(parts).images())
        if found:
            return found
    if parts.has("manifest.json"):
        return list(_saved(parts))
    raise ImageError("holds neither an index.json nor a manifest.json: no stored image")


def _load(parts: Parts, name: str, digest: str = "") -> Any:
    with parts.open(name) as stream:
        data = stream.read(MAX_JSON + 1)
    if len(data) > MAX_JSON:
        raise ImageError(f"{shown(name)} is larger than {MAX_JSON >> 20} MiB")
    if digest.startswith("sha256:") and hashlib.sha256(data).hexdigest() != digest[7:]:
        raise ImageError(f"{shown(name)} is not what its digest says: it was altered or damaged")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise ImageError(f"{shown(name)} is no JSON: {error}") from None


def _saved(parts: Parts) -> Iterator[Layout]:
    """What ``docker save`` and ``podman save`` write: a list in ``manifest.json``."""
    listed = _load(parts, "manifest.json")
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed) or not listed:
        raise ImageError("manifest.json lists no image")
    for each in listed[:MAX_IMAGES]:
        unread: list[Unread] = []
        try:
            config = _config(_load(parts, _text(each.get("Config"))))
        except ImageError as error:
            unread.append(Unread("", f"the configuration of the image: {error}"))
            config = Config()
        layers = tuple(_layer(parts, name, name) for name in _texts(each.get("Layers"))[:MAX_LAYERS])
        unread += [] if layers else [Unread("", EMPTY)]
        yield Layout(_texts(each.get("RepoTags")), config, layers, tuple(unread))


class _Oci:
    """An OCI layout."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def images(self) -> Iterator[Layout]:
        index = _load(self.parts, "index.json")
        seen = 0
        for entry in _entries(index):
            if seen >= MAX_IMAGES:
                return
            found = self._image(entry, 0)
            if found is not None:
                seen += 1
                yield found

    def _image(self, entry: dict[str, Any], depth: int, skipped: tuple[str, ...] = ()) -> Layout | None:
        digest = _text(entry.get("digest"))
        annotations = _dict(entry.get("annotations"))
        if REFERENCE in annotations or depth > MAX_NESTING:
            return None
        names = tuple(dict.fromkeys(_text(annotations[name]) for name in NAMES if annotations.get(name)))[:1]
        try:
            manifest = _load(self.parts, blob(digest), digest)
        except ImageError as error:
            return Layout(names, Config(), (), (Unread("", str(error)),))
        if "manifests" in _dict(manifest) or any(kind in _text(entry.get("mediaType")) for kind in INDEXES):
            chosen, others = _chosen(_entries(manifest), self.parts)
            if chosen is None:
                return None
            chosen = {**chosen, "annotations": {**annotations, **_dict(chosen.get("annotations"))}}
            return self._image(chosen, depth + 1, others)
        return self._manifest(_dict(manifest), names, skipped)

    def _manifest(
        self, manifest: dict[str, Any], names: tuple[str, ...], skipped: tuple[str, ...]
    ) -> Layout | None:
        layers = [each for each in _list(manifest.get("layers")) if isinstance(each, dict)]
        told = _dict(manifest.get("config"))
        if not any(
            "tar" in _text(each.get("mediaType")) or "layer" in _text(each.get("mediaType"))
            for each in layers
        ):
            return None if layers else Layout(names, Config(), (), (Unread("", EMPTY),))  # else a signature
        unread = [Unread("", f"the image is also there for {one}: not read") for one in skipped]
        digest = _text(told.get("digest"))
        try:
            config = _config(_load(self.parts, blob(digest), digest))
        except ImageError as error:
            unread.append(Unread("", f"the configuration of the image: {error}"))
            config = Config()
        kept: list[Layer] = []
        for each in layers[:MAX_LAYERS]:
            digest = _text(each.get("digest"))
            if "encrypted" in _text(each.get("mediaType")):
                unread.append(Unread(f"layer {digest[:80]}", "encrypted: not read"))
                continue
            try:
                kept.append(_layer(self.parts, blob(digest), digest))
            except ImageError as error:
                unread.append(Unread(f"layer {digest[:80]}", str(error)))
        return Layout(names, config, tuple(kept), tuple(unread))


def _chosen(entries: list[dict[str, Any]], parts: Parts) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    """The image of one platform, and the platforms that are left."""
    images: dict[str, dict[str, Any]] = {}
    for entry in entries:
        told = _dict(entry.get("platform"))
        name = "/".join(filter(None, (_text(told.get(key)) for key in ("os", "architecture", "variant"))))
        if (
            REFERENCE not in _dict(entry.get("annotations"))
            and not name.startswith("unknown")
            and _has(parts, entry)
        ):
            images.setdefault(name, entry)
    if not images:
        return None, ()
    first = next((name for wish in PLATFORMS for name in images if name.startswith(wish)), next(iter(images)))
    return images[first], tuple(name or "another platform" for name in images if name != first)


def _has(parts: Parts, entry: dict[str, Any]) -> bool:
    """Whether it was saved: an index may name platforms that were never pulled."""
    try:
        return parts.has(blob(_text(entry.get("digest"))))
    except ImageError:
        return False


def blob(digest: str) -> str:
    """The name of the part with this digest.

    Raises:
        ImageError: it is no digest.
    """
    found = DIGEST.fullmatch(digest)
    if found is None:
        raise ImageError(f"{shown(digest)[:80]!r} is no digest")
    return f"blobs/{found['algorithm']}/{found['hex']}"


def _layer(parts: Parts, name: str, shown_as: str) -> Layer:
    return Layer(shown(shown_as)[:80], lambda: parts.open(name))


def _config(value: Any) -> Config:
    told = _dict(value)
    start = _dict(told.get("config"))
    pairs = (pair.partition("=") for pair in _texts(start.get("Env")))
    steps = (_text(_dict(step).get("created_by")) for step in _list(told.get("history")))
    platform = "/".join(filter(None, (_text(told.get(key)) for key in ("os", "architecture", "variant"))))
    return Config(
        entrypoint=_texts(start.get("Entrypoint")),
        cmd=_texts(start.get("Cmd")),
        environment={name: text for name, _, text in pairs},
        labels={name: _text(text) for name, text in _dict(start.get("Labels")).items()},
        folder=_text(start.get("WorkingDir")),
        history=tuple(step for step in steps if step),
        platform=platform,
    )


def _entries(index: Any) -> list[dict[str, Any]]:
    return [each for each in _list(_dict(index).get("manifests")) if isinstance(each, dict)]


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(each for each in _list(value) if isinstance(each, str))
