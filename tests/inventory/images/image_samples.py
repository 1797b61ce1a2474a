"""Stored images as the tools of the field write them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import zstandard

LAYER = "application/vnd.oci.image.layer.v1.tar"
Entry = tuple[str, str | bytes | None] | tarfile.TarInfo
CONFIG: dict[str, Any] = {
    "architecture": "amd64",
    "os": "linux",
    "config": {
        "Env": ["PATH=/usr/bin", "LLM_MODEL=qwen-max"],
        "Entrypoint": ["vllm", "serve"],
        "Cmd": ["Qwen/QwQ-32B"],
        "WorkingDir": "/app",
        "Labels": {"maintainer": "shop"},
    },
    "history": [{"created_by": "RUN pip install vllm"}, {"empty_layer": True}],
    "rootfs": {"type": "layers", "diff_ids": []},
}


def tar(*entries: Entry, format: int = tarfile.PAX_FORMAT) -> bytes:  # noqa: A002 - as tarfile calls it
    """An archive: names and contents; None for a folder, ``-> x`` for a link, ``=> x`` for a hard one."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                archive.addfile(entry)
                continue
            name, content = entry
            info = tarfile.TarInfo(name)
            data = b""
            if content is None:
                info.type = tarfile.DIRTYPE
            elif isinstance(content, str) and content[:3] in ("-> ", "=> "):
                info.type = tarfile.SYMTYPE if content[0] == "-" else tarfile.LNKTYPE
                info.linkname = content[3:]
            else:
                data = content.encode() if isinstance(content, str) else content
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


def docker_save(
    path: Path, *layers: bytes, config: Any = CONFIG, tags: Iterable[str] = ("shop/app:1",)
) -> Path:
    """What ``docker save`` wrote before version 25."""
    text = json.dumps(config).encode()
    name = digest(text)[7:] + ".json"
    folders = [digest(layer)[7:] for layer in layers]
    listed = [
        {"Config": name, "RepoTags": list(tags), "Layers": [f"{folder}/layer.tar" for folder in folders]}
    ]
    parts: list[Entry] = []
    for folder, layer in zip(folders, layers, strict=True):
        parts += [(f"{folder}/", None), (f"{folder}/VERSION", "1.0"), (f"{folder}/layer.tar", layer)]
    path.write_bytes(tar((name, text), *parts, ("manifest.json", json.dumps(listed)), ("repositories", "{}")))
    return path


def oci_parts(
    *layers: bytes, config: Any = CONFIG, media: str = LAYER, **annotations: str
) -> dict[str, bytes]:
    """The files of an OCI layout with one image."""
    text = json.dumps(config).encode()
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": digest(text),
                "size": len(text),
            },
            "layers": [{"mediaType": media, "digest": digest(each), "size": len(each)} for each in layers],
        }
    ).encode()
    entry = {
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": digest(manifest),
        "size": len(manifest),
        "annotations": {key.replace("_", "."): value for key, value in annotations.items()},
    }
    blobs = {f"blobs/sha256/{digest(data)[7:]}": data for data in (text, manifest, *layers)}
    index = {"schemaVersion": 2, "manifests": [entry]}
    return {
        "oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
        "index.json": json.dumps(index).encode(),
        **blobs,
    }


def write(root: Path, parts: dict[str, bytes]) -> Path:
    for name, data in parts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data,
    "gzip": lambda data: gzip.compress(data, 1),
    "zstd": zstd,
    "two frames": lambda data: zstd(data[:700]) + zstd(data[700:]),
    "two members": lambda data: gzip.compress(data[:700]) + gzip.compress(data[700:]),
    "skippable": lambda data: b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd" + zstd(data),
}
