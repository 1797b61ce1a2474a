"""Images that are broken or made to do harm: a value, a named error, or a line in what was not read."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from image_samples import CONFIG, digest, docker_save, oci_parts, tar, write, zstd

from countermark.inventory.images import Image, ImageError, is_image, open_image, unpacking
from countermark.inventory.images.tars import Tar, TarError, Type
from countermark.inventory.images.unpacking import PackError, unpacked


def content(image: Image) -> dict[str, bytes]:
    return dict(image.files(lambda _path, _size: True))


def lines(image: Image) -> list[str]:
    return [f"{each.path}: {each.why}" for each in image.unread]


def test_paths_that_leave_the_image(tmp_path: Path) -> None:
    layer = tar(("../../etc/passwd", "x"), ("a/../../b", "x"), ("/abs.py", "1"), ("ok.py", "2"))
    image = open_image(docker_save(tmp_path / "a.tar", layer))
    assert content(image) == {"abs.py": b"1", "ok.py": b"2"}
    assert lines(image) == [
        "../../etc/passwd: a path that leaves the image: refused",
        "a/../../b: a path that leaves the image: refused",
    ]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.tar"]


def test_links_that_lead_nowhere(tmp_path: Path) -> None:
    layer = tar(
        ("a.py", "-> b.py"),
        ("b.py", "-> a.py"),
        ("self.py", "-> self.py"),
        ("host.py", "-> /proc/self/environ"),
        ("d", "-> d/d"),
        ("deep.py", "-> d/x.py"),
        ("hard.py", "=> ../../../etc/shadow"),
        ("unwanted", "-> nowhere"),
    )
    image = open_image(docker_save(tmp_path / "a.tar", layer))
    assert dict(image.files(lambda path, _size: path.endswith(".py"))) == {}
    assert [line.partition(":")[0] for line in lines(image)] == [
        "a.py", "b.py", "self.py", "host.py", "deep.py", "hard.py",
    ]  # fmt: skip
    assert "in a circle" in lines(image)[0]


def test_other_entries_are_no_files(tmp_path: Path) -> None:
    entries = []
    for kind in (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE, b"Z"):
        info = tarfile.TarInfo(f"dev/{kind!r}")
        info.type = kind
        entries.append(info)
    image = open_image(docker_save(tmp_path / "a.tar", tar(*entries, ("a.py", "1"))))
    assert content(image) == {"a.py": b"1", "dev/b'7'": b""}


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack) -> None:
    monkeypatch.setattr(unpacking, "ALLOWED", 1 << 20)
    bomb = pack(tar(("early.py", "1"), ("zeros.bin", b"\0" * (64 << 20)), ("late.py", "2")))
    assert len(bomb) < 128 << 10
    image = open_image(docker_save(tmp_path / "a.tar", bomb, tar(("fine.py", "3"))))
    assert dict(image.files(lambda path, _size: path.endswith(".py"))) == {"fine.py": b"3", "early.py": b"1"}
    (line,) = lines(image)
    assert line.startswith("layer ")
    assert "refused" in line


def test_a_bomb_around_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "ALLOWED", 1 << 20)
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(docker_save(tmp_path / "b", tar(("z", b"\0" * (64 << 20)))).read_bytes()))
    with pytest.raises(ImageError, match="refused"):
        open_image(path)


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9, 0.999])
def test_a_layer_that_is_cut_short(tmp_path: Path, cut: float) -> None:
    layer = gzip.compress(
        tar(("a.py", os.urandom(5000)), ("b.py", os.urandom(5000)), ("c.py", os.urandom(5000)))
    )
    image = open_image(docker_save(tmp_path / "a.tar", layer[: int(len(layer) * cut)]))
    assert set(content(image)) <= {"a.py", "b.py", "c.py"}
    assert lines(image)
    assert "not read to its end" in lines(image)[0]


def test_a_plain_layer_that_is_cut_short(tmp_path: Path) -> None:
    layer = tar(("a.py", "x" * 5000), ("b.py", "y" * 5000))
    image = open_image(docker_save(tmp_path / "a.tar", layer[:7000]))
    assert set(content(image)) == {"a.py"}
    assert "ends within an entry" in lines(image)[0]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([("manifest.json", "{")], "is no JSON"),
        ([("manifest.json", "[]")], "lists no image"),
        ([("manifest.json", "{}")], "lists no image"),
        ([("manifest.json", '[{"Config": 7}, 3]')], "lists no image"),
        ([("manifest.json", "[" * 100_000)], "is no JSON"),
        ([("index.json", "[" * 100_000)], "is no JSON"),
        ([("index.json", "{}"), ("blobs/", None)], "neither"),
        ([("other.json", "{}")], "neither"),
    ],
)
def test_manifests_that_are_none(tmp_path: Path, parts: list, message: str) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(tar(*parts))
    with pytest.raises(ImageError, match=message):
        open_image(path)


@pytest.mark.parametrize("listed", ["Config", "Layers"])
@pytest.mark.parametrize(
    "value", [None, 7, "../../../etc/passwd", ["../../etc/passwd", 3, None], {"a": "b"}, []]
)
def test_manifests_with_other_values(tmp_path: Path, listed: str, value: object) -> None:
    good = {"Config": "c.json", "Layers": ["a.tar"], "RepoTags": ["a:1"]}
    parts = {"manifest.json": json.dumps([{**good, listed: value}]).encode(), "c.json": b"{}"}
    image = open_image(write(tmp_path / "x", parts))
    assert content(image) == {}
    assert image.unread


def test_a_folder_with_links_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("{}")
    parts = oci_parts(tar(("a.py", "1")))
    root = write(tmp_path / "x", parts)
    name = next(
        name for name, data in parts.items() if name.startswith("blobs/") and data.startswith(b'{"arch')
    )
    (root / name).unlink()
    (root / name).symlink_to(tmp_path / "secret")
    image = open_image(root)
    assert content(image) == {"a.py": b"1"}
    assert "leads out of the image: refused" in lines(image)[0]


def test_what_is_not_what_its_digest_says(tmp_path: Path) -> None:
    parts = oci_parts(tar(("a.py", "1")))
    name = next(name for name, data in parts.items() if data.startswith(b'{"arch'))
    parts[name] = json.dumps({**CONFIG, "config": {"Env": ["LLM_MODEL=other"]}}).encode()
    image = open_image(write(tmp_path / "x", parts))
    assert image.config.environment == {}
    assert "altered or damaged" in lines(image)[0]


def test_layers_that_are_missing_or_encrypted(tmp_path: Path) -> None:
    layer = tar(("a.py", "1"))
    parts = oci_parts(layer, media="application/vnd.oci.image.layer.v1.tar+encrypted")
    assert lines(open_image(write(tmp_path / "x", parts))) == [f"layer {digest(layer)}: encrypted: not read"]
    parts = oci_parts(layer)
    del parts[f"blobs/sha256/{digest(layer)[7:]}"]
    image = open_image(write(tmp_path / "y", parts))
    assert content(image) == {}
    assert "is not there" in lines(image)[0]


@pytest.mark.parametrize("name", ["notes.txt", "manifest.tar", "nothing"])
def test_what_is_no_image(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name != "nothing":
        path.write_bytes(
            b"hello" if name.endswith("txt") else tar(("src/main.py", "x"), ("manifest.json", "[]"))
        )
    assert not is_image(path)
    assert not is_image(tmp_path)
    with pytest.raises(ImageError):
        open_image(path)


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=150).filter(
    lambda name: name.strip(".") and not name.endswith(" ")
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.lists(NAMES, min_size=1, max_size=4), st.binary(max_size=2000)), max_size=8),
    st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
)
def test_archives_read_as_the_standard_library_reads_them(files: list, format: int) -> None:  # noqa: A002
    data = tar(*(("/".join(path), each) for path, each in files), format=format)
    stream = Tar(io.BytesIO(data))
    ours = [(member.path, stream.read(1 << 20)) for member in stream if member.type is Type.FILE]
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        theirs = [(m.name, archive.extractfile(m).read()) for m in archive if m.isfile()]  # type: ignore[union-attr]
    assert ours == theirs


def test_sizes_beyond_octal_and_sparse_files() -> None:
    info = tarfile.TarInfo("big")
    info.size = 9 << 30
    header = info.tobuf(tarfile.GNU_FORMAT)
    assert next(iter(Tar(io.BytesIO(header)))).size == 9 << 30
    sparse = tarfile.TarInfo("sparse")
    sparse.type = tarfile.GNUTYPE_SPARSE
    assert [each.type for each in Tar(io.BytesIO(sparse.tobuf(tarfile.GNU_FORMAT)))] == [Type.OTHER]


@given(st.binary(max_size=3000))
def test_any_bytes_as_an_archive(data: bytes) -> None:
    with contextlib.suppress(TarError):
        assert all(member.path is not None for member in Tar(io.BytesIO(data)))


@given(
    st.binary(max_size=600),
    st.sampled_from([b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"BZh9", b"\xfd7zXZ\0", b""]),
)
def test_any_bytes_as_packed(data: bytes, head: bytes) -> None:
    with contextlib.suppress(PackError), unpacked(io.BytesIO(head + data)) as stream:
        assert isinstance(stream.read(), bytes)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_image(tmp_path: Path, data: st.DataObject) -> None:
    layer = gzip.compress(tar(("a.py", "1"), ("l.py", "-> a.py"), (".wh.b", b""), mtime_free()))
    whole = bytearray(docker_save(tmp_path / "a.tar", layer, tar(("b.py", "2"))).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.tar"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    is_image(path)
    with contextlib.suppress(ImageError):
        image = open_image(path)
        assert all(isinstance(each, bytes) for each in content(image).values())


def mtime_free() -> tarfile.TarInfo:
    """A folder, of the epoch."""
    info = tarfile.TarInfo("d")
    info.type = tarfile.DIRTYPE
    return info
