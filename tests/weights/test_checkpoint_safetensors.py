"""Safetensors: one file, parts with an index, and everything that can be wrong with a header."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checkpoint_samples import network, safetensors_bytes, saved
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countermark.weights.checkpoints import CheckpointError, open_checkpoint


def entry(shape: list[int], first: int, last: int, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [first, last]}


def test_every_tensor_reads_back(tmp_path: Path) -> None:
    weights = network(0)
    with open_checkpoint(saved(tmp_path / "model.safetensors", weights)) as found:
        assert found.format == "safetensors"
        assert set(found.tensors) == set(weights)
        for name, wanted in weights.items():
            assert found.tensors[name].shape == wanted.shape
            assert np.array_equal(found.read(name), wanted)


def test_a_sample_reads_only_its_rows(tmp_path: Path) -> None:
    weights = {"w": np.arange(400_000, dtype=np.float32).reshape(4000, 100)}
    with open_checkpoint(saved(tmp_path / "model.safetensors", weights)) as found:
        before = found.bytes_read
        block = found.sample("w", [(0, 2), (3999, 4000)])
        assert np.array_equal(block.values, weights["w"][[0, 1, 3999]])
        assert found.bytes_read - before == 3 * 400


def test_digests_differ_with_type_shape_and_numbers(tmp_path: Path) -> None:
    ones = np.ones((4, 2), np.float32)
    files = [ones, ones.reshape(2, 4), ones.astype(np.int32), ones * 2, ones.copy()]
    digests = []
    for number, array in enumerate(files):
        with open_checkpoint(saved(tmp_path / f"{number}.safetensors", {"w": array})) as found:
            digests.append(found.digest("w"))
    assert digests[0] == digests[4]
    assert len(set(digests)) == 4


def test_a_folder_with_an_index_is_one_checkpoint(tmp_path: Path) -> None:
    weights = network(1)
    names = sorted(weights)
    parts = {"one.safetensors": names[:10], "two.safetensors": names[10:]}
    for file, some in parts.items():
        saved(tmp_path / file, {name: weights[name] for name in some})
    index = {"weight_map": {name: file for file, some in parts.items() for name in some}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    (tmp_path / "config.json").write_text('{"num_attention_heads": 4}')
    with open_checkpoint(tmp_path) as found:
        assert set(found.tensors) == set(weights)
        assert found.settings["num_attention_heads"] == 4


def test_parts_are_found_by_their_names(tmp_path: Path) -> None:
    for number in (1, 2):
        saved(tmp_path / f"m-0000{number}-of-00002.safetensors", {f"w{number}": np.zeros((2, 2), np.float32)})
    with open_checkpoint(tmp_path / "m-00002-of-00002.safetensors") as found:
        assert set(found.tensors) == {"w1", "w2"}
    (tmp_path / "m-00001-of-00002.safetensors").unlink()
    with pytest.raises(CheckpointError, match="m-00001-of-00002"):
        open_checkpoint(tmp_path / "m-00002-of-00002.safetensors")


def test_a_link_of_a_cache_is_followed(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    saved(tmp_path / "blobs/abc", {"w": np.zeros((2, 2), np.float32)})
    (tmp_path / "model.safetensors").symlink_to("blobs/abc")
    with open_checkpoint(tmp_path) as found:
        assert list(found.tensors) == ["w"]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"[1]", "begins with"),
        (b"{ ", "no JSON"),
        (b'{"a":' * 100_000, "no JSON"),
        ({"w": 3}, "no object"),
        ({"w": entry([2], 0, 4)}, "do not make"),
        ({"w": entry([1], 4, 0)}, "leave the file"),
        ({"w": entry([1], -4, 0)}, "leave the file"),
        ({"w": entry([2**40, 2**40], 0, 4)}, "larger than any tensor"),
        ({"w": entry([-1, -1], 0, 4)}, "is no shape"),
        ({"w": entry([True], 0, 4)}, "is no shape"),
        ({"w": entry([1] * 9, 0, 4)}, "is no shape"),
        ({"w": entry([1000], 0, 4000)}, "leave the file"),
        ({"a": entry([2], 0, 8), "b": entry([2], 4, 12)}, "overlap"),
        ({"": entry([1], 0, 4)}, "no name"),
        ({"w": {"dtype": ["F32"], "shape": [1], "data_offsets": [0, 4]}}, "is no type"),
        ({}, "holds no tensors"),
    ],
)
def test_a_hostile_header_is_refused_by_name(tmp_path: Path, header: Any, message: str) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(safetensors_bytes(header, bytes(16)))
    with pytest.raises(CheckpointError, match=message):
        open_checkpoint(path)


def test_a_header_longer_than_any_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    with path.open("wb") as file:
        file.write((1 << 30).to_bytes(8, "little") + b"{")
        file.truncate(2 << 30)
    with pytest.raises(CheckpointError, match="larger than 16,777,216"):
        open_checkpoint(path)


def test_a_type_that_is_not_read_is_named_when_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(safetensors_bytes({"w": entry([4], 0, 2, "F4")}, bytes(2)))
    with open_checkpoint(path) as found, pytest.raises(CheckpointError, match="type F4"):
        found.read("w")


def test_a_file_that_shrinks_is_an_error_and_no_crash(tmp_path: Path) -> None:
    path = saved(tmp_path / "model.safetensors", {"w": np.zeros((1000, 100), np.float32)})
    with open_checkpoint(path) as found:
        os.truncate(path, 1000)
        with pytest.raises(CheckpointError, match="became shorter"):
            found.read("w")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.safetensors")
    (tmp_path / "loop.safetensors").symlink_to("loop.safetensors")
    for name in ("pipe.safetensors", "loop.safetensors", "nothing", "\0"):
        with pytest.raises(CheckpointError):
            open_checkpoint(tmp_path / name)


@pytest.mark.parametrize("name", ["../out.safetensors", "/etc/passwd", "", "..", 3, "a\\b"])
def test_an_index_names_files_of_its_folder_only(tmp_path: Path, name: Any) -> None:
    saved(tmp_path.parent / "out.safetensors", {"w": np.zeros((2, 2), np.float32)})
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"w": name}}))
    with pytest.raises(CheckpointError, match="no file of this folder"):
        open_checkpoint(tmp_path)


@given(st.binary(max_size=200), st.dictionaries(st.text(max_size=4), st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.just("F32"),
    lambda inner: st.lists(inner, max_size=4)
    | st.fixed_dictionaries({"dtype": st.just("F16"), "shape": inner, "data_offsets": inner}),
    max_leaves=8,
)))  # fmt: skip
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_any_bytes_give_tensors_or_a_named_error(tmp_path: Path, data: bytes, header: Any) -> None:
    for written in (data, safetensors_bytes(header, data), safetensors_bytes(data, data)):
        path = tmp_path / "model.safetensors"
        path.write_bytes(written)
        try:
            with open_checkpoint(path) as found:
                for name in found.tensors:
                    assert found.read(name).shape == found.tensors[name].shape
        except CheckpointError:
            pass
