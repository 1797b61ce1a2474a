"""GGUF: what the reference writes is read; what is broken is refused by name."""

from __future__ import annotations

import struct
from pathlib import Path

import gguf
import numpy as np
import pytest
from checkpoint_samples import as_gguf, network
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countermark.weights.checkpoints import CheckpointError, open_checkpoint


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def header(tensors: int, pairs: int, rest: bytes = b"", version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, pairs) + rest


def tensor(name: str, shape: list[int], kind: int, offset: int) -> bytes:
    return text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)


@pytest.mark.parametrize("kind", ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"])
def test_what_the_reference_writes_is_read(tmp_path: Path, kind: str) -> None:
    path = as_gguf(tmp_path / "model.gguf", network(0), kind)
    reference = {one.name: one for one in gguf.GGUFReader(path).tensors}
    with open_checkpoint(path) as found:
        assert found.format == "gguf"
        assert found.settings["llama.attention.head_count"] == 4
        assert list(found.tensors) == list(reference)
        for name, one in reference.items():
            wanted = gguf.dequantize(one.data, one.tensor_type)
            assert found.tensors[name].shape == wanted.shape
            assert np.array_equal(found.read(name), wanted)


def test_a_run_within_blocks_is_cut_out(tmp_path: Path) -> None:
    with open_checkpoint(as_gguf(tmp_path / "model.gguf", network(0), "Q8_0")) as found:
        name = "blk.0.ffn_up.weight"
        whole = found.read(name).reshape(-1)
        assert np.array_equal(found.take(name, 37, 101).values, whole[37:101])
        assert found.take(name, 5, 5).values.size == 0
        with pytest.raises(CheckpointError, match="has no numbers"):
            found.take(name, 0, len(whole) + 1)


def test_a_large_vocabulary_is_skipped(tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "model.gguf", "llama")
    writer.add_token_list([f"token{number}" for number in range(20_000)])
    writer.add_token_scores([0.5] * 20_000)
    writer.add_array("small", [1, 2, 3])
    writer.add_tensor("w", np.ones((2, 32), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with open_checkpoint(tmp_path / "model.gguf") as found:
        assert "tokenizer.ggml.tokens" not in found.settings
        assert found.settings["small"] == [1, 2, 3]
        assert found.read("w").tolist() == [[1.0] * 32] * 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"GGUF", "ends within"),
        (header(0, 0, version=1), "version 1"),
        (header(0, 0, version=0x03000000), "big-endian"),
        (header(1 << 40, 0), "too many"),
        (header(0, 1 << 60), "ends within|values"),
        (header(0, 1, text("k") + struct.pack("<I", 99)), "type 99"),
        (header(0, 1, text("k") + struct.pack("<IIQ", 9, 0, 1 << 62)), "ends within"),
        (header(0, 1, text("k") + struct.pack("<IIQ", 9, 8, 1 << 62)), "more than 4,000,000"),
        (header(0, 1, text("k") + struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * 9), "type 9"),
        (header(0, 1, struct.pack("<Q", 1 << 63)), "ends within"),
        (header(1, 0, text("w") + struct.pack("<I", 1 << 31)), "too many"),
        (header(1, 0, tensor("w", [1 << 40, 1 << 40], 0, 0)), "larger than any"),
        (header(1, 0, tensor("w", [32], 0, 1 << 62)), "leaves the file"),
        (header(1, 0, tensor("w", [31], 8, 0)), "no whole blocks"),
        (header(1, 0, tensor("", [32], 0, 0)), "no name"),
        (header(2, 0, tensor("w", [8], 0, 0) * 2) + bytes(200), "twice"),
        (header(2, 0, tensor("v", [8], 0, 0) + tensor("w", [8], 0, 16)) + bytes(200), "overlap"),
        (header(0, 1, text("general.alignment") + struct.pack("<II", 4, 0)), "alignment"),
    ],
)
def test_a_hostile_header_is_refused_by_name(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match=message):
        open_checkpoint(path)


def test_blocks_that_are_not_decoded_are_named_when_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(header(1, 0, tensor("w", [256], 16, 0)) + bytes(200))
    with open_checkpoint(path) as found:
        assert found.tensors["w"].dtype == "IQ2_XXS"
        with pytest.raises(CheckpointError, match="IQ2_XXS are not decoded"):
            found.read("w")


SAMPLE = header(1, 1, text("general.alignment") + struct.pack("<II", 4, 32) + tensor("w", [32, 2], 8, 0))


@given(st.binary(max_size=120), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
def test_any_bytes_give_tensors_or_a_named_error(
    tmp_path: Path, tail: bytes, changes: list[tuple[int, int]]
) -> None:
    changed = bytearray(SAMPLE + bytes(-len(SAMPLE) % 32) + bytes(68))
    for place, value in changes:
        changed[place % len(changed)] = value
    for data in (header(1, 1, tail), bytes(changed) + tail):
        path = tmp_path / "model.gguf"
        path.write_bytes(data)
        try:
            with open_checkpoint(path) as found:
                for name in found.tensors:
                    assert found.read(name).shape == found.tensors[name].shape
        except CheckpointError:
            pass
