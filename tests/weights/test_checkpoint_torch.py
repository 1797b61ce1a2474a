"""PyTorch's files are read without unpickling: real ones, hostile ones, any bytes."""

from __future__ import annotations

import collections
import io
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from checkpoint_samples import ARCHIVE, LEGACY, TORCH, torch_file
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countermark.weights.checkpoints import CheckpointError, open_checkpoint
from countermark.weights.checkpoints.torch_values import values


@pytest.mark.parametrize("packed", [ARCHIVE, LEGACY], ids=["archive", "legacy"])
def test_what_torch_saves_is_read(tmp_path: Path, packed: str) -> None:
    with open_checkpoint(torch_file(tmp_path / "model.pt", packed)) as found:
        assert found.format == "torch"
        assert set(found.tensors) == set(TORCH)
        assert found.tensors["a.bias"].dtype == "BF16"
        for name, wanted in TORCH.items():
            assert found.tensors[name].shape == wanted.shape
            assert np.array_equal(found.read(name), wanted)


class Payload:
    """Pickles as a call of ``os.system``."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


def archive(
    tmp_path: Path, data: bytes, storage: bytes = bytes(64), packing: int = zipfile.ZIP_STORED
) -> Path:
    path = tmp_path / "model.pt"
    with zipfile.ZipFile(path, "w", packing) as written:
        written.writestr("archive/data.pkl", data)
        written.writestr("archive/byteorder", b"little")
        written.writestr("archive/data/0", storage)
    return path


def test_a_payload_is_named_and_does_not_run(tmp_path: Path) -> None:
    proof = tmp_path / "ran"
    data = pickle.dumps({"w": Payload(f"touch {proof}")})
    with pytest.raises(CheckpointError, match="system"):
        open_checkpoint(archive(tmp_path, data))
    (tmp_path / "legacy.bin").write_bytes(data)
    with pytest.raises(CheckpointError, match="system"):
        open_checkpoint(tmp_path / "legacy.bin")
    assert not proof.exists()


def tensor_pickle(*arguments: object) -> bytes:
    """``{"w": _rebuild_tensor_v2(storage, …)}``, put together from opcodes."""
    head = b"\x80\x02}X\x01\0\0\0wctorch._utils\n_rebuild_tensor_v2\n("
    storage = b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x10tQ"
    rest = b"".join(pickle.dumps(one, 2)[2:-1] for one in arguments)
    return head + storage + rest + b"tRs."


GRADIENT = False
GOOD = tensor_pickle(0, (4, 2), (2, 1), GRADIENT, collections.OrderedDict())


def test_a_tensor_of_opcodes_is_read(tmp_path: Path) -> None:
    numbers = np.arange(16, dtype="<f4")
    with open_checkpoint(archive(tmp_path, GOOD, numbers.tobytes())) as found:
        assert found.read("w").tolist() == numbers[:8].reshape(4, 2).tolist()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (tensor_pickle(0, (400, 2), (2, 1)), "reaches beyond"),
        (tensor_pickle(15, (4, 2), (2, 1)), "reaches beyond"),
        (tensor_pickle(0, (4, 2), (1 << 40, 1)), "reaches beyond"),
        (tensor_pickle(0, (4, 2), (-1, 1)), "no shape"),
        (tensor_pickle(-1, (4, 2), (2, 1)), "without a storage"),
        (tensor_pickle(0, (4, 2), (1,)), "other strides"),
        (tensor_pickle(0, (1 << 43, 1 << 43), (0, 0)), "larger than any"),
        (b"\x80\x02.", "holds no tensors"),
        (b"\x80\x02", "broken"),
        (b"\x80\x02(((((l", "broken"),
        (b"\x80\x02" + b"]q\0h\0a" * 3 + b".", "holds no tensors|broken|too deep"),
        (b"\x80\x02" + b"(" * 2_000_000, "more than 1,048,576"),
        (b"\x80\x02cbuiltins\neval\n.", "builtins.eval"),
    ],
)
def test_a_hostile_pickle_is_refused_by_name(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        open_checkpoint(archive(tmp_path, data))


def test_lists_within_lists_a_billion_times_end(tmp_path: Path) -> None:
    data = b"\x80\x02]" + b"".join(b"q%c(" % n + b"h%c" % n * 10 + b"l" for n in range(40)) + b"."
    with pytest.raises(CheckpointError):
        open_checkpoint(archive(tmp_path, data))


def test_strides_of_nothing_do_not_fill_the_memory(tmp_path: Path) -> None:
    path = archive(tmp_path, tensor_pickle(0, (1 << 20, 1 << 20), (0, 0)))
    with open_checkpoint(path) as found, pytest.raises(CheckpointError, match="too large"):
        found.take("w", 0, 1)


def test_compressed_and_missing_storages_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="missing or compressed"):
        open_checkpoint(archive(tmp_path, GOOD, packing=zipfile.ZIP_DEFLATED))
    with pytest.raises(CheckpointError, match="missing or compressed"):
        open_checkpoint(archive(tmp_path, GOOD.replace(b"X\x01\0\0\x000", b"X\x01\0\0\x001")))


def test_big_endian_numbers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    with zipfile.ZipFile(path, "w") as written:
        written.writestr("archive/data.pkl", GOOD)
        written.writestr("archive/byteorder", b"big")
    with pytest.raises(CheckpointError, match="big-endian"):
        open_checkpoint(path)


@given(
    st.binary(max_size=80),
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=4),
    st.integers(0, 3000),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_any_bytes_give_tensors_or_a_named_error(
    tmp_path: Path, data: bytes, changes: list[tuple[int, int]], end: int
) -> None:
    path = tmp_path / "model.pt"
    written = [archive(tmp_path, b"\x80\x02" + data).read_bytes(), b"\x80\x02" + data]
    for packed in (ARCHIVE, LEGACY):
        changed = bytearray(torch_file(path, packed).read_bytes())
        for place, value in changes:
            changed[place % len(changed)] = value
        written += [bytes(changed), bytes(changed[:end])]
    for one in written:
        path.write_bytes(one)
        try:
            with open_checkpoint(path) as found:
                for name in found.tensors:
                    assert found.read(name).shape == found.tensors[name].shape
        except CheckpointError:
            pass


def test_a_stream_is_left_behind_its_pickle() -> None:
    stream = io.BytesIO(pickle.dumps([1], 2) + pickle.dumps({"a": 2}, 2))
    assert values(stream, "x") == [1]
    assert values(stream, "x") == {"a": 2}
