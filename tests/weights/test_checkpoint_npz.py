"""NumPy's files: stored, compressed, of Fortran's order, big-endian, hostile."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countermark.weights.checkpoints import CheckpointError, open_checkpoint

ARRAYS = {
    "plain": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "fortran": np.asfortranarray(np.arange(12, dtype=np.float16).reshape(3, 4)),
    "big": np.arange(6, dtype=">f4").reshape(2, 3),
    "whole": np.arange(-3, 3, dtype=np.int8),
    "scalar": np.array(2.5),
}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_every_array_reads_back(tmp_path: Path, save) -> None:
    save(tmp_path / "model.npz", **ARRAYS)
    with open_checkpoint(tmp_path / "model.npz") as found:
        assert found.format == "numpy"
        for name, wanted in ARRAYS.items():
            assert np.array_equal(found.read(name), wanted.astype(np.float32)), name
            assert len(found.digest(name)) == 64
        assert found.take("plain", 5, 9).values.tolist() == [5, 6, 7, 8]


def test_a_single_array_is_read(tmp_path: Path) -> None:
    np.save(tmp_path / "w.npy", ARRAYS["plain"])
    with open_checkpoint(tmp_path / "w.npy") as found:
        assert np.array_equal(found.read("array"), ARRAYS["plain"])


def npz(path: Path, *members: tuple[str, bytes], packing: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", packing) as written:
        for name, data in members:
            written.writestr(name, data)
    return path


def npy(header: str, data: bytes = b"") -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text + data


def described(kind: str, shape: str) -> str:
    return f"{{'descr': {kind!r}, 'fortran_order': False, 'shape': {shape}}}"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (npy(described("|O", "(1,)"), bytes(8)), "arrays of '|O'"),
        (npy(described("<f4", "(4,)"), bytes(8)), "ends before"),
        (npy(described("<f4", "(-4,)"), bytes(8)), "no shape"),
        (npy(described("<f4", f"({1 << 43}, {1 << 43})"), bytes(8)), "larger than any"),
        (npy("__import__('os').abort()"), "header is broken"),
        (npy("(" * 60_000), "header is broken|no array"),
        (b"\x93NUMPY\1\0\xff\xff{", "no array"),
        (b"text", "no array"),
    ],
)
def test_a_hostile_array_is_refused_by_name(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        open_checkpoint(npz(tmp_path / "model.npz", ("w.npy", data)))


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    head = npy(described("<f4", f"({1 << 29},)"))
    path = tmp_path / "model.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written, written.open("w.npy", "w") as member:
        member.write(head)
        for _ in range(1100):
            member.write(bytes(1 << 20))
    assert path.stat().st_size < 2 << 20
    with open_checkpoint(path) as found, pytest.raises(CheckpointError, match="larger than 1,073,741,824"):
        found.read("w")


@given(st.binary(max_size=60), st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
def test_any_bytes_give_tensors_or_a_named_error(
    tmp_path: Path, data: bytes, changes: list[tuple[int, int]]
) -> None:
    path = tmp_path / "model.npz"
    for save in (np.savez, np.savez_compressed):
        stream = io.BytesIO()
        save(stream, **ARRAYS)
        changed = bytearray(stream.getvalue())
        for place, value in changes:
            changed[place % len(changed)] = value
        path.write_bytes(changed + data)
        try:
            with open_checkpoint(path) as found:
                for name in found.tensors:
                    assert found.read(name).shape == found.tensors[name].shape
        except CheckpointError:
            pass
