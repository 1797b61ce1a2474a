"""Headers of model files: real ones, and any bytes at all."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save
from store_samples import gguf_file, write

from countermark.inventory.stores import gguf, onnx, safetensors, scan
from countermark.inventory.stores.cards import front_matter, said
from countermark.inventory.stores.headers import HeaderError
from countermark.inventory.stores.modelscope import _texts


def at(data: bytes) -> Callable[[int, int], bytes]:
    return lambda offset, length: data[offset : offset + length]


def message(*fields: tuple[int, bytes | int]) -> bytes:
    """A message of Protocol Buffers."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            out += varint(number << 3 | 2) + varint(len(value)) + value
    return out


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


KEYS = ("architectures", "model_type", "_name_or_path", "quantization_config", "bits", "quant_method",
        "shape",
        "base_model_name_or_path", "__metadata__", "dtype")  # fmt: skip
JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=8,
)
NAMES = ("config.json", "adapter_config.json", "README.md", "quantize_config.json")
LOOSE = ("config.json", ".mdl", ".mv", "README.md", "a.gguf", "b.safetensors", "c.onnx")


class TestGguf:
    """Against what the field's own writer writes."""

    def test_the_pairs_of_a_header(self, tmp_path: Path) -> None:
        path = gguf_file(
            tmp_path / "a.gguf", name="Qwen2.5 7B", base="Qwen/Qwen2.5-7B", file_type=15, quantized_by="x"
        )
        found = gguf.read(at(path.read_bytes()))
        assert found["general.name"] == "Qwen2.5 7B"
        assert found["general.base_model.0.repo_url"] == "https://huggingface.co/Qwen/Qwen2.5-7B"
        assert found["general.file_type"] == 15
        assert len(found["tokenizer.ggml.tokens"]) == 64
        assert "tokenizer.ggml.scores" not in found
        assert "" not in found

    def test_what_stands_before_the_end_is_kept(self, tmp_path: Path) -> None:
        data = gguf_file(tmp_path / "a.gguf", name="Qwen2.5 7B").read_bytes()
        found = gguf.read(at(data[:300]))
        assert (found["general.name"], found[""]) == ("Qwen2.5 7B", "incomplete")

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"GGUF",
            b"GGML" + b"\0" * 100,
            b"GGUF" + struct.pack("<I", 9) + b"\0" * 100,
            b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 60),
            b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1 << 63),
            b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"k" + struct.pack("<IIQ", 9, 8, 1 << 62),
            b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"k" + struct.pack("<IIQ", 9, 4, 1 << 62),
            b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"k" + struct.pack("<IIQ", 9, 9, 1) * 50,
            b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"k" + struct.pack("<I", 77),
        ],
    )
    def test_broken_headers(self, data: bytes) -> None:
        with pytest.raises(HeaderError):
            gguf.read(at(data))

    @given(st.binary(max_size=400))
    def test_any_bytes(self, data: bytes) -> None:
        for head in (b"", b"GGUF" + struct.pack("<IQQ", 3, 0, 5), b"GGUF" + struct.pack("<III", 1, 0, 5)):
            with contextlib.suppress(HeaderError):
                assert isinstance(gguf.read(at(head + data)), dict)


class TestSafetensors:
    """The same for safetensors."""

    def test_a_header(self) -> None:
        data = save({"a": np.zeros((3, 4), np.float32), "b": np.zeros(5, np.int8)}, {"format": "pt"})
        assert safetensors.read(at(data)) == safetensors.Header(
            {"format": "pt"}, 17, frozenset(["F32", "I8"])
        )

    @pytest.mark.parametrize(
        "data",
        [b"", b"\xff" * 8, struct.pack("<Q", 1 << 40), struct.pack("<Q", 2) + b"[]",
         struct.pack("<Q", 5) + b"{",
         struct.pack("<Q", 90_000) + b"[" * 90_000],
    )  # fmt: skip
    def test_broken_headers(self, data: bytes) -> None:
        with pytest.raises(HeaderError):
            safetensors.read(at(data))

    @given(st.binary(max_size=200))
    def test_any_bytes(self, data: bytes) -> None:
        with contextlib.suppress(HeaderError):
            safetensors.read(at(data))

    @given(JSON)
    def test_any_json(self, told: object) -> None:
        text = json.dumps(told).encode()
        with contextlib.suppress(HeaderError):
            safetensors.read(at(struct.pack("<Q", len(text)) + text))


class TestOnnx:
    """The same for ONNX."""

    def test_notes_behind_the_graph(self) -> None:
        data = message(
            (1, 8), (2, b"pytorch"), (3, b"2.4"), (7, b"\0" * 500_000),
            (14, message((1, b"model_name"), (2, b"bge-small-zh"))),
            (14, message((1, b"author"), (2, b"shop"))),
        )  # fmt: skip
        expected = {
            "producer": "pytorch",
            "producer_version": "2.4",
            "model_name": "bge-small-zh",
            "author": "shop",
        }
        assert onnx.read(at(data), len(data)) == expected

    @pytest.mark.skipif(importlib.util.find_spec("rapidocr") is None, reason="needs the models of rapidocr")
    def test_real_models(self) -> None:
        spec = importlib.util.find_spec("rapidocr")
        assert spec is not None
        assert spec.origin is not None
        for path in sorted((Path(spec.origin).parent / "models").glob("*.onnx")):
            data = path.read_bytes()
            assert "producer" in onnx.read(at(data), len(data))

    @pytest.mark.parametrize(
        "data",
        [b"", message((2, b"x")), b"\x3a\xff\xff\xff\xff\x0f", b"\xff" * 20, b"\x08" * 300, b"\x0b\x0c",
         message((7, b"")) + b"\x80"],
    )  # fmt: skip
    def test_broken_files(self, data: bytes) -> None:
        with pytest.raises(HeaderError):
            onnx.read(at(data), len(data))

    @given(st.binary(max_size=300))
    def test_any_bytes(self, data: bytes) -> None:
        with contextlib.suppress(HeaderError):
            assert isinstance(onnx.read(at(data), len(data)), dict)


class TestCards:
    """The small files beside the weights."""

    @pytest.mark.parametrize(
        ("front", "bases", "licence"),
        [
            ("base_model: Qwen/Qwen2.5-7B\nlicense: mit", ["Qwen/Qwen2.5-7B"], "mit"),
            ("base_model:\n  - a/b\n  - c/d\nlicense: other\nlicense_name: qwen", ["a/b", "c/d"], "qwen"),
            ("license: other", [], "other"),
            ("license: [mit, apache-2.0]", [], "mit"),
            ("base_model: 7\nlicense: {a: b}", [], ""),
            ("- a\n- b", [], ""),
            ("", [], ""),
        ],
    )
    def test_model_cards(self, front: str, bases: list[str], licence: str) -> None:
        card = f"---\n{front}\n---\n# Model".encode()
        found = said({"README.md": len(card)}, lambda _name, length: card[:length])
        assert (found.bases, found.licence, found.troubles) == (bases, licence, [])

    @pytest.mark.parametrize(
        "front",
        ["a: [" * 5_000, "a: &a [x]\nb: *a", "a: b: c", "\t- x", "a: !!python/object/apply:os.system [ls]",
         "d: 2001-99-99"],
    )  # fmt: skip
    def test_cards_that_are_not_read(self, front: str) -> None:
        card = f"---\n{front}\n---\n".encode()
        found = said({"README.md": len(card)}, lambda _name, length: card[:length])
        assert found.bases == []
        assert [name for name, _ in found.troubles] == ["README.md"]

    def test_where_there_is_no_front_matter(self) -> None:
        assert front_matter(b"# Model\n---\nbase_model: x\n---\n") is None
        assert front_matter(b"---\nbase_model: x") is None
        assert front_matter(b"\xef\xbb\xbf---\r\na: b\r\n---\r\n") == "a: b\n"

    @given(
        st.binary(max_size=200),
        st.sampled_from(NAMES),
    )
    def test_any_bytes(self, data: bytes, name: str) -> None:
        for content in (data, b"---\n" + data + b"\n---\n", b'{"architectures": [' + data):
            found = said({name: len(content)}, lambda _name, length, content=content: content[:length])
            assert isinstance(found.names, list)

    @given(st.dictionaries(st.sampled_from(KEYS), JSON))
    def test_any_json(self, told: dict) -> None:
        data = json.dumps(told).encode()
        for name in ("config.json", "adapter_config.json", "quantize_config.json", "configuration.json"):
            assert said({name: 1}, lambda _name, length: data[:length]).troubles == []

    @given(st.binary(max_size=200))
    def test_any_bytes_as_a_note_of_modelscope(self, data: bytes) -> None:
        assert all(isinstance(text, str) for text in _texts(data))


class TestDisks:
    """What a disk may hold beside models."""

    def test_links(self, tmp_path: Path) -> None:
        root = write(tmp_path / "root", {"a/Qwen2-7B/config.json": {"model_type": "qwen2"}})
        (tmp_path / "outside.gguf").write_bytes(b"GGUF")
        (root / "out.gguf").symlink_to(tmp_path / "outside.gguf")
        (root / "loop.safetensors").symlink_to("loop.safetensors")
        (root / "unimportant").symlink_to("nothing")
        (root / "disk").symlink_to(tmp_path)
        (root / "a/again").symlink_to("..")
        (root / "nowhere.gguf").symlink_to("missing.gguf")
        found = scan(root)
        assert [each.name for each in found.models] == ["Qwen2-7B"]
        assert sorted((each.path, each.why) for each in found.unread) == [
            ("disk", "a link that leads out of the folder: not followed"),
            ("loop.safetensors", "a link that leads nowhere, or in a circle"),
            ("nowhere.gguf", "a link that leads nowhere, or in a circle"),
            ("out.gguf", "a link that leads out of the folder: not followed"),
        ]

    def test_broken_files_are_said(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            {
                "Qwen2-7B/config.json": "{",
                "Qwen2-7B/model.safetensors": b"\xff" * 100,
                "x.gguf": b"GGUF" + b"\0" * 70_000,
                "manifests/h/l/m/t": "{",
                "blobs/sha256-" + "0" * 64: b"",
            },
        )
        found = scan(tmp_path)
        assert sorted(each.path for each in found.unread) == [
            "Qwen2-7B/config.json",
            "Qwen2-7B/model.safetensors",
            "manifests/h/l/m/t",
            "x.gguf",
        ]
        assert [each.name for each in found.models] == ["Qwen2-7B", "x"]

    def test_a_root_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(OSError, match="No such file"):
            scan(tmp_path / "nothing")

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
    @given(
        st.binary(max_size=200),
        st.sampled_from(LOOSE),
    )
    def test_any_bytes_in_a_folder(self, tmp_path: Path, data: bytes, name: str) -> None:
        write(tmp_path, {"d/.mv": "", "d/config.json": {"model_type": "x"}, f"d/{name}": data})
        assert isinstance(scan(tmp_path).models, list)
        (tmp_path / "d" / name).unlink()
