"""The store of Ollama: manifests by name, and blobs by digest.

Source: ``manifest`` and ``types/model`` of Ollama; media types ``application/vnd.ollama.image.*``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson

from countermark.inventory import names
from countermark.inventory.claims import contradict
from countermark.inventory.signatures import host_of
from countermark.inventory.stores import gguf
from countermark.inventory.stores.headers import HeaderError
from countermark.inventory.stores.stored import StoredModel
from countermark.inventory.stores.trees import Tree, shown
from countermark.inventory.stores.weight_files import Weights, file_type, hyphened, text_of
from countermark.inventory.usage import Conflict, Kind, Place, Unread

MANIFEST = re.compile(
    r"(?P<root>(?:.*/)?)manifests/(?P<host>[^/]+)/(?:(?P<namespace>[^/]+)/)?(?P<model>[^/]+)/(?P<tag>[^/]+)"
)
DIGEST = re.compile(r"sha256[:-](?P<hex>[0-9a-f]{64})")
BLOB = re.compile(r"(?:^|/)blobs/sha256[-:][0-9a-f]{64}$")
HOME, LIBRARY = "registry.ollama.ai", "library"
LAYER = "application/vnd.ollama.image."
MAX_JSON = 4 << 20
MAX_LICENCE = 4_096
LICENCES = (
    ("Apache-2.0", re.compile(r"Apache License\s+Version 2", re.IGNORECASE)),
    ("MIT", re.compile(r"\bMIT License", re.IGNORECASE)),
    ("Gemma", re.compile(r"Gemma Terms of Use", re.IGNORECASE)),
    ("Llama community", re.compile(r"LLAMA\s?[\d.]* COMMUNITY LICENSE", re.IGNORECASE)),
    ("Qwen", re.compile(r"(?:Qwen|Tongyi Qianwen) (?:RESEARCH )?LICENSE", re.IGNORECASE)),
)


def read(tree: Tree) -> Iterator[StoredModel]:
    """Every model that has a manifest."""
    roots = {path.rpartition("blobs/")[0] for path in tree.sizes() if BLOB.search(path)}
    for path in sorted(tree.sizes()):
        found = MANIFEST.fullmatch(path)
        if found is None or found["root"] not in roots:
            continue
        manifest = _json(tree, path)
        if isinstance(manifest.get("layers"), list):
            yield _Model(tree, path, found, manifest).stored()


def is_blob(path: str) -> bool:
    """Whether a file is a blob of a store: no loose model."""
    return BLOB.search(path) is not None


def called(host: str, namespace: str | None, model: str, tag: str) -> str:
    """The name as Ollama shows it: without the parts that go without saying."""
    name = f"{model}:{tag}"
    if namespace and namespace != LIBRARY:
        name = f"{namespace}/{name}"
    return name if host == HOME else f"{host}/{name}"


class _Model:
    """One manifest with what it refers to."""

    def __init__(self, tree: Tree, path: str, found: re.Match[str], manifest: dict[str, Any]) -> None:
        self.tree, self.path, self.root = tree, path, found["root"]
        self.name = called(found["host"], found["namespace"], found["model"], found["tag"])
        self.layers = {
            str(each.get("mediaType", "")).removeprefix(LAYER): each
            for each in reversed(manifest["layers"])
            if isinstance(each, dict)
        }
        config = manifest.get("config")
        digest = config.get("digest") if isinstance(config, dict) else ""
        self.config = _json(tree, blob) if (blob := self._blob(digest)) else {}

    def stored(self) -> StoredModel:
        place = Place(shown(self.path), what="ollama store")
        remote = host_of(text_of(self.config.get("remote_host")))
        weights = self._weights()
        header = weights.names
        told = [hyphened(each) for each in (*header, text_of(self.config.get("remote_model")))]
        conflict = next((each for each in told if each and contradict(self.name, each)), "")
        layer = self.layers.get("model", {})
        return StoredModel(
            name=self.name,
            store="ollama",
            format=weights.format or text_of(self.config.get("model_format")),
            place=place,
            names=tuple(dict.fromkeys([*header, *filter(None, [text_of(self.config.get("remote_model"))])])),
            bases=tuple(dict.fromkeys([*self._told(header), *weights.bases, *self._origin(layer)])),
            revision=text_of(layer.get("digest"))[:71],
            quantisation=text_of(self.config.get("file_type")) or file_type(weights.header),
            licence=self._licence() or weights.text("general.license"),
            architecture=text_of(self.config.get("model_family")),
            kind=self._kind(header),
            bytes=layer["size"] if type(layer.get("size")) is int else 0,
            adapter=False,
            remote=remote,
            conflicts=(Conflict(self.name, conflict, place),) if conflict else (),
            where=self.name,
        )

    def _weights(self) -> Weights:
        blob = self._blob(self.layers.get("model", {}).get("digest"))
        if not blob:
            if "model" in self.layers:
                self.tree.unread.append(Unread(shown(self.path), "its weights are not in the store"))
            return Weights()
        try:
            return Weights(
                "gguf", header=gguf.read(lambda offset, length: self.tree.at(blob, offset, length))
            )
        except HeaderError as error:
            self.tree.unread.append(Unread(shown(blob), f"its header was not read: {error}"))
            return Weights()

    def _blob(self, digest: Any) -> str:
        """The path of a blob; empty where there is none."""
        found = DIGEST.fullmatch(text_of(digest))
        if found is None:
            return ""
        options = (f"{self.root}blobs/sha256{sign}{found['hex']}" for sign in "-:")
        return next((path for path in options if path in self.tree.sizes()), "")

    def _told(self, header: list[str]) -> list[str]:
        """What the header calls it, where the name that it was given here says nothing."""
        return header[:1] if names.parse(self.name) is None else []

    def _origin(self, layer: dict[str, Any]) -> list[str]:
        """What it was made from with ``ollama create``, where that is a name and no path."""
        origin = text_of(layer.get("from"))
        return [origin] if origin and not origin.startswith(("/", ".", "~")) and "\\" not in origin else []

    def _licence(self) -> str:
        blob = self._blob(self.layers.get("license", {}).get("digest"))
        text = self.tree.at(blob, 0, MAX_LICENCE).decode("utf-8", "replace") if blob else ""
        first = next((line.strip() for line in text.splitlines() if line.strip()), "")
        return next((name for name, pattern in LICENCES if pattern.search(text)), first[:80])

    def _kind(self, header: list[str]) -> Kind:
        for name in (self.name, *map(hyphened, header)):
            parsed = names.parse(name)
            if parsed is not None and parsed.kind is not Kind.UNKNOWN:
                return parsed.kind
        return Kind.EMBEDDING if "bert" in text_of(self.config.get("model_family")) else Kind.UNKNOWN


def _json(tree: Tree, path: str) -> dict[str, Any]:
    data = tree.at(path, 0, MAX_JSON + 1)
    try:
        told = orjson.loads(data) if len(data) <= MAX_JSON else None
    except orjson.JSONDecodeError as error:
        tree.unread.append(Unread(shown(path), f"no JSON: {error}"))
        return {}
    return told if isinstance(told, dict) else {}
