"""Stored images: what a container of them would see, and what is refused."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
from image_samples import CONFIG, PACKERS, digest, docker_save, oci_parts, tar, write, zstd

from countermark.inventory.images import Image, ImageError, is_image, open_image, open_images
from countermark.inventory.images.archives import Archive
from countermark.inventory.serving import served


def content(image: Image) -> dict[str, bytes]:
    return dict(image.files(lambda _path, _size: True))


def lines(image: Image) -> list[str]:
    return [f"{each.path}: {each.why}" for each in image.unread]


BASE = tar(("app/", None), ("app/main.py", "old"), ("app/gone.py", "x"), ("etc/os-release", "linux"))
TOP = tar(("app/main.py", "new"), ("app/.wh.gone.py", b""), ("./app/extra.py", "more"))
SEEN = {"app/main.py": b"new", "app/extra.py": b"more", "etc/os-release": b"linux"}


def test_docker_save(tmp_path: Path) -> None:
    path = docker_save(tmp_path / "shop.tar", BASE, TOP)
    assert is_image(path)
    image = open_image(path)
    assert image.names == ("shop/app:1",)
    assert image.config.environment["LLM_MODEL"] == "qwen-max"
    assert image.config.labels == {"maintainer": "shop"}
    assert image.config.folder == "/app"
    assert image.config.history == ("RUN pip install vllm",)
    assert image.config.platform == "linux/amd64"
    assert [each.model for each in served(image.config.words)] == ["Qwen/QwQ-32B"]
    assert content(image) == SEEN
    assert image.unread == []


@pytest.mark.parametrize("pack", [gzip.compress, zstd, bz2.compress, lzma.compress])
def test_a_whole_archive_that_is_packed(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    plain = docker_save(tmp_path / "plain.tar", BASE, TOP)
    path = tmp_path / "shop.tar.gz"
    path.write_bytes(pack(plain.read_bytes()))
    assert is_image(path)
    assert content(open_image(path)) == SEEN


@pytest.mark.parametrize("pack", PACKERS)
@pytest.mark.parametrize("kind", ["folder", "archive"])
def test_an_oci_layout(tmp_path: Path, pack: str, kind: str) -> None:
    parts = oci_parts(*map(PACKERS[pack], (BASE, TOP)), org_opencontainers_image_ref_name="shop:2")
    path = tmp_path / "oci"
    if kind == "folder":
        write(path, parts)
    else:
        path.write_bytes(tar(*parts.items()))
    assert is_image(path)
    image = open_image(path)
    assert image.names == ("shop:2",)
    assert image.config.words == ("vllm", "serve", "Qwen/QwQ-32B")
    assert content(image) == SEEN
    assert image.unread == []


def test_an_unpacked_docker_save(tmp_path: Path) -> None:
    folder = "a" * 64
    listed = [{"Config": "c.json", "RepoTags": None, "Layers": [f"{folder}/layer.tar"]}]
    parts = {"manifest.json": json.dumps(listed).encode(), "c.json": json.dumps(CONFIG).encode()}
    write(tmp_path, {**parts, f"{folder}/layer.tar": BASE})
    assert is_image(tmp_path)
    assert content(open_image(tmp_path))["app/main.py"] == b"old"


def test_equal_layers_are_links(tmp_path: Path) -> None:
    listed = [{"Config": "c.json", "RepoTags": [], "Layers": ["a/layer.tar", "b/layer.tar", "c/layer.tar"]}]
    link = ("b/layer.tar", "-> ../a/layer.tar")
    loop = [("c/layer.tar", "-> ../d/layer.tar"), ("d/layer.tar", "-> ../c/layer.tar")]
    path = tmp_path / "a.tar"
    path.write_bytes(
        tar(("a/layer.tar", BASE), link, *loop, ("c.json", "{}"), ("manifest.json", json.dumps(listed)))
    )
    image = open_image(path)
    assert content(image)["app/main.py"] == b"old"
    assert lines(image) == ["layer c/layer.tar: not read to its end: c/layer.tar is not there"]


def test_several_images_in_one_archive(tmp_path: Path) -> None:
    listed = [
        {"Config": "c.json", "RepoTags": ["a:1"], "Layers": ["a.tar"]},
        {"Config": "c.json", "RepoTags": ["b:1"], "Layers": ["a.tar", "b.tar"]},
    ]
    path = tmp_path / "all.tar"
    path.write_bytes(
        tar(
            ("a.tar", BASE),
            ("b.tar", TOP),
            ("c.json", json.dumps(CONFIG)),
            ("manifest.json", json.dumps(listed)),
        )
    )
    assert [image.names for image in open_images(path)] == [("a:1",), ("b:1",)]
    assert content(open_images(path)[1]) == SEEN
    assert lines(open_image(path)) == [": b:1, saved with it: not read"]


class TestLayers:
    """What upper layers do to lower ones."""

    @pytest.mark.parametrize(
        ("layers", "seen"),
        [
            ([[("a", "1")], [("a", "2")]], {"a": b"2"}),
            ([[("a", "1"), ("a", "2")]], {"a": b"2"}),
            ([[("d/a", "1"), ("d/b", "2")], [(".wh.d", b"")]], {}),
            ([[("d/a", "1")], [(".wh.d", b""), ("d/b", "2")]], {"d/b": b"2"}),
            ([[("d/a", "1"), ("d/e/c", "1")], [("d/.wh..wh..opq", b""), ("d/b", "2")]], {"d/b": b"2"}),
            ([[("d/a", "1")], [("d/.wh.a", b"")], [("d/a", "3")]], {"d/a": b"3"}),
            ([[("d/a", "1")], [("d", "now a file")]], {"d": b"now a file"}),
            ([[("d", "1")], [("d/", None), ("d/a", "2")]], {"d/a": b"2"}),
            ([[("d/a", "1")], [("d", "-> e"), ("e/x", "2")]], {"e/x": b"2"}),
            ([[("d/a", "1")], [("d/", None)]], {"d/a": b"1"}),
            ([[("dd/a", "1")], [(".wh.d", b"")]], {"dd/a": b"1"}),
            ([[("a", "1")], [(".wh.b", b"")], []], {"a": b"1"}),
        ],
    )
    def test_the_upper_one_decides(self, tmp_path: Path, layers: list[list], seen: dict[str, bytes]) -> None:
        path = docker_save(tmp_path / "a.tar", *(tar(*layer) for layer in layers))
        assert content(open_image(path)) == seen

    def test_links_within_the_image(self, tmp_path: Path) -> None:
        layer = tar(
            ("srv/conf/prod.yaml", "model: qwen-max"),
            ("app/config.yaml", "-> ../srv/conf/prod.yaml"),
            ("app/absolute.yaml", "-> /srv/conf/prod.yaml"),
            ("app/hard.yaml", "=> srv/conf/prod.yaml"),
            ("app/twice.yaml", "-> config.yaml"),
            ("app/above.yaml", "-> ../../../../srv/conf/prod.yaml"),
            ("current", "-> srv"),
            ("app/through.yaml", "-> /current/conf/prod.yaml"),
            ("app/folder.yaml", "-> /srv/conf"),
        )
        image = open_image(docker_save(tmp_path / "a.tar", layer))
        found = dict(image.files(lambda path, _size: path.endswith(".yaml")))
        assert set(found) == {
            *(f"app/{name}.yaml" for name in ("config", "absolute", "hard", "twice", "above", "through")),
            "srv/conf/prod.yaml",
        }
        assert set(found.values()) == {b"model: qwen-max"}
        assert image.unread == []

    def test_a_hub_cache_within_the_image(self, tmp_path: Path) -> None:
        layer = tar(
            ("root/hub/models--a--b/blobs/0f", '{"model_type": "qwen2"}'),
            ("root/hub/models--a--b/snapshots/c1/config.json", "-> ../../blobs/0f"),
        )
        image = open_image(docker_save(tmp_path / "a.tar", layer))
        assert dict(image.files(lambda path, _size: path.endswith("config.json"))) == {
            "root/hub/models--a--b/snapshots/c1/config.json": b'{"model_type": "qwen2"}'
        }

    def test_only_what_is_wanted_is_given(self, tmp_path: Path) -> None:
        image = open_image(
            docker_save(tmp_path / "a.tar", tar(("a.py", "1"), ("b.bin", "22"), ("c.py", "333")))
        )
        asked: list[tuple[str, int]] = []
        found = image.files(
            lambda path, size: not asked.append((path, size)) and path.endswith(".py") and size < 3
        )
        assert dict(found) == {"a.py": b"1"}
        assert ("b.bin", 2) in asked

    def test_plain_files_are_read_in_one_pass(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        opened: list[str] = []
        monkeypatch.setattr(
            Archive, "open", lambda self, name, own=Archive.open: opened.append(name) or own(self, name)
        )
        layer = tar(("a.py", "1"), ("__init__.py", ""), ("link.md", "-> a.py"))
        image = open_image(docker_save(tmp_path / "a.tar", layer, tar(("b.py", "2"))))
        opened.clear()
        assert len(dict(image.files(lambda path, _size: path.endswith(".py")))) == 3
        assert len(opened) == 2

    def test_heads_of_large_files(self, tmp_path: Path) -> None:
        image = open_image(
            docker_save(tmp_path / "a.tar", gzip.compress(tar(("m.gguf", b"GGUF" + b"\0" * 99_996))))
        )
        assert list(image.heads(lambda path, _size: path.endswith(".gguf"), 8)) == [
            ("m.gguf", 100_000, b"GGUF\0\0\0\0")
        ]
        assert dict(image.files(lambda _path, _size: True, most=1000)) == {}
        assert lines(image) == ["m.gguf: larger than 1,000 bytes: not read"]


class TestIndexes:
    """Which of several manifests is the image."""

    @staticmethod
    def multi(tmp_path: Path, *, missing: bool = False) -> Path:
        amd, arm = oci_parts(BASE), oci_parts(TOP, config={**CONFIG, "architecture": "arm64"})
        entries = []
        for parts, architecture in ((arm, "arm64"), (amd, "amd64")):
            entry = json.loads(parts["index.json"])["manifests"][0]
            entries.append({**entry, "platform": {"os": "linux", "architecture": architecture}})
        proof = {"digest": digest(b"?"), "annotations": {"vnd.docker.reference.type": "attestation-manifest"}}
        inner = json.dumps({"schemaVersion": 2, "manifests": [*entries, proof]}).encode()
        outer = {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest(inner)}
        outer["annotations"] = {"io.containerd.image.name": "docker.io/shop/app:3"}  # type: ignore[assignment]
        parts = {**arm, **amd, f"blobs/sha256/{digest(inner)[7:]}": inner}
        parts["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [outer]}).encode()
        if missing:
            del parts[f"blobs/sha256/{entries[1]['digest'][7:]}"]
        return write(tmp_path / "multi", parts)

    def test_one_platform_is_read_and_the_others_are_named(self, tmp_path: Path) -> None:
        image = open_image(self.multi(tmp_path))
        assert image.names == ("docker.io/shop/app:3",)
        assert image.config.platform == "linux/amd64"
        assert lines(image) == [": the image is also there for linux/arm64: not read"]

    def test_a_platform_that_was_not_saved(self, tmp_path: Path) -> None:
        image = open_image(self.multi(tmp_path, missing=True))
        assert image.config.platform == "linux/arm64"
        assert image.unread == []

    def test_an_index_that_holds_itself(self, tmp_path: Path) -> None:
        parts = oci_parts(BASE)
        entry = {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": "sha256:" + "0" * 64}
        inner = json.dumps({"manifests": [entry]}).encode()
        parts["blobs/sha256/" + "0" * 64] = inner
        parts["index.json"] = json.dumps({"manifests": [entry]}).encode()
        image = open_image(write(tmp_path / "x", parts))
        assert "altered or damaged" in lines(image)[0]

    def test_a_signature_is_no_image(self, tmp_path: Path) -> None:
        parts = oci_parts(b"{}", media="application/vnd.dev.cosign.simplesigning.v1+json")
        with pytest.raises(ImageError, match=r"no image|no stored image"):
            open_image(write(tmp_path / "x", parts))
