"""What a model file is, and every pickle in it."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countermark import weights
from countermark.weights.scanning import MAX_STREAMS

SYSTEM = f"{os.system.__module__}.system"
ARTIFACTS = Path(__file__).parents[2].parent / "shared/data/artifacts"


class Payload:
    """Pickles as a call of ``os.system``."""

    def __reduce__(self):
        return os.system, ("id",)


BAD = pickle.dumps({"weights": [0.5] * 20, "hook": Payload()})
GOOD = pickle.dumps({"weights": [0.5] * 20})


@pytest.fixture
def scan(tmp_path: Path):
    def of(data: bytes, name: str = "model.pt", unpacked: int = 1 << 24) -> weights.Scan:
        path = tmp_path / name
        path.write_bytes(data)
        return weights.scan(path, max_globals=100, max_unpacked_bytes=unpacked)

    return of


def archive(*members: tuple[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as written:
        for name, data in members:
            written.writestr(name, data)
    return out.getvalue()


def array(header: bytes | str, data: bytes = b"", version: int = 1) -> bytes:
    text = header if isinstance(header, bytes) else f"{header}\n".encode()
    size = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + size + text + data


def described(kind: object) -> str:
    return str({"descr": kind, "fortran_order": False, "shape": (2,)})


def safetensors(header: bytes, data: bytes = b"\0" * 8) -> bytes:
    return struct.pack("<Q", len(header)) + header + data


@pytest.mark.parametrize("name", ["model.pkl", "model.bin", "model.anything", "MODEL.PT"])
def test_a_pickle_is_known_by_its_content(scan, name: str) -> None:
    result = scan(BAD, name)
    assert (result.format, result.streams, result.globals) == ("pickle", 1, [SYSTEM])
    assert not result.defects
    assert result.places == [{"name": SYSTEM, "member": "", "offset": result.places[0]["offset"]}]
    assert scan(GOOD, name).globals == []


@pytest.mark.parametrize("protocol", range(6))
def test_every_pickle_of_a_file_is_walked(scan, protocol: int) -> None:
    good, bad = pickle.dumps([1, "two"], protocol), pickle.dumps(Payload(), protocol)
    result = scan(good + good + bad + b"\0\0raw tensors")
    assert (result.streams, result.globals, result.trailing_bytes) == (3, [SYSTEM], 13)
    assert result.places[0]["offset"] >= 2 * len(good)


def test_more_pickles_than_are_walked_is_a_defect(scan) -> None:
    result = scan(b"N." * MAX_STREAMS + BAD, "a.pkl")
    assert result.defects == [f"has more than {MAX_STREAMS:,} pickles; the rest was not read"]
    assert scan(b"N." * MAX_STREAMS, "a.pkl").defects == []


def test_what_a_broken_pickle_imports_is_still_named(scan) -> None:
    result = scan(BAD[:-4])
    assert result.globals == [SYSTEM]
    assert result.defects == ["the pickle at byte 0 ends within an argument"] or "STOP" in result.defects[0]


@pytest.mark.parametrize(
    "packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_pickles_in_an_archive_are_walked(scan, packing: int) -> None:
    members = [
        ("m/data.pkl", GOOD),
        ("m/data/0", b"\0" * 99),
        ("m/extra/x", BAD),
        ("m/z.PICKLE", b"ccode\nrun\n."),
    ]
    result = scan(archive(*members, packing=packing))
    assert (result.format, result.streams) == ("zip", 3)
    assert sorted(result.globals) == sorted([SYSTEM, "code.run"])
    assert [place["member"] for place in result.places] == ["m/extra/x", "m/z.PICKLE"]
    assert not result.defects


def test_two_members_of_one_name_are_both_walked(scan) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = archive(("data.pkl", GOOD), ("data.pkl", BAD))
    assert scan(data).globals == [SYSTEM]


def test_a_wrong_checksum_is_a_defect(scan) -> None:
    data = archive(("data.pkl", BAD), packing=zipfile.ZIP_STORED)
    bent = data.replace(b"weights", b"wAights")
    (defect,) = scan(bent).defects
    assert defect.startswith("data.pkl: Bad CRC-32")


@pytest.mark.parametrize("bit", [0x1, 0x20, 0x40])
def test_an_encrypted_or_patched_member_is_a_defect(scan, bit: int) -> None:
    data = bytearray(archive(("data.pkl", BAD)))
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(signature) + offset] |= bit
    (defect,) = scan(bytes(data)).defects
    assert defect.startswith("data.pkl: ")


def test_two_names_for_one_member_are_a_defect(scan) -> None:
    data = archive(("data.pkl", BAD)).replace(b"data.pkl", b"dota.pkl", 1)
    assert "differ" in scan(data).defects[0]


def test_a_member_that_unpacks_to_too_much_is_not_unpacked(scan) -> None:
    bomb = archive(("data.pkl", b"\x80\4" + b"N" * (64 << 20)))
    tracemalloc.start()
    result = scan(bomb, unpacked=1 << 20)
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()
    assert result.defects == ["data.pkl: unpacks to more than the limit"]


def test_the_limit_is_shared_by_all_members(scan) -> None:
    data = archive(*[(f"{i}.pkl", b"\x80\4" + b"N" * 40_000 + b".") for i in range(4)])
    assert len(scan(data, unpacked=100_000).defects) == 2


def test_an_archive_without_a_pickle_is_not_called_safe(scan) -> None:
    with pytest.raises(weights.UnknownFormatError, match="is an archive without a pickle"):
        scan(archive(("config.json", b"{}"), ("model.weights.h5", b"\x89HDF")))


@pytest.mark.parametrize("end", [4, 30, 60, -1, -10, -22])
def test_an_archive_that_breaks_off_has_a_defect(scan, end: int) -> None:
    (defect,) = scan(archive(("data.pkl", BAD))[:end]).defects
    assert defect.startswith("the archive does not open")


PLAIN_TYPES = ["<f4", "|b1", "<U12", "|S3", "<c16", "|V8", "<M8[ns]", ">i2", "float64"[:1] + "8", "?"]
OBJECT_TYPES = [
    "|O",
    "O",
    "object",
    "|O8",
    "<f4,O",
    [("a", "<f4"), ("b", "|O")],
    [("a", [("b", "<i4"), ("c", "|O", (2,))])],
    [(("title", "a"), "O")],
    ("|O", (2,)),
    "",
    None,
    7,
    [],
]


@pytest.mark.parametrize("kind", PLAIN_TYPES)
@pytest.mark.parametrize("version", [1, 2, 3])
def test_an_array_of_numbers_holds_no_pickle(scan, kind: str, version: int) -> None:
    result = scan(array(described(kind), BAD, version), "a.npy")
    assert (result.format, result.streams, result.globals) == ("numpy", 0, [])
    assert scan(array(described([("ORDER", kind), ("b", "<i4", (2,))])), "a.npy").streams == 0


@pytest.mark.parametrize("kind", [kind for kind in OBJECT_TYPES if kind != []])
def test_an_array_of_objects_is_a_pickle(scan, kind: object) -> None:
    for version in (1, 2, 3):
        assert scan(array(described(kind), BAD, version), "a.npy").globals == [SYSTEM]
    assert scan(archive(("a.npy", array(described(kind), BAD))), "a.npz").globals == [SYSTEM]


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '|\\x4f', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '|' 'O', 'fortran_order': False, 'shape': (2L,)}",
        "",
        "[",
        "((((" * 2000,
        "{'shape': (2,)}",
        b"\xff\xfe",
    ],
)
def test_an_array_whose_header_is_odd_is_walked(scan, header: bytes | str) -> None:
    assert scan(array(header, BAD), "a.npy").globals == [SYSTEM]


def test_an_array_of_python_2_is_read(scan) -> None:
    assert scan(array("{'descr': '<f4', 'shape': (2L, 30L)}"), "a.npy").streams == 0


def test_an_array_that_breaks_off_has_a_defect(scan) -> None:
    whole = array(described("|O"), BAD)
    for end in range(8, len(whole)):
        assert scan(whole[:end], "a.npy").defects


def test_tensor_files_hold_no_pickle(scan) -> None:
    header = json.dumps({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    for pad in range(200):
        result = scan(safetensors(header + b" " * pad), "model.safetensors")
        assert (result.format, result.streams) == ("safetensors", 0)
    assert scan(b"GGUF\3\0\0\0" + b"\0" * 40, "model.gguf") == weights.Scan("gguf")


def test_a_tensor_file_that_is_a_pickle_too_is_walked_as_one(scan) -> None:
    payload = b"cos\nsystem\n(S'id'\ntR."
    header = b'{"a": {"dtype": "F32", "data_offsets": [0, 8], "shape": [\n2]}}'
    filled = header.replace(b'"a"', b'"' + b"a" * (ord("V") - len(header) + 1) + b'"')
    assert len(filled) == ord("V")
    result = scan(safetensors(filled, payload), "model.pkl")
    assert (result.format, result.globals) == ("safetensors", ["os.system"])
    result = scan(b"GGUF\3\0\0\0\0" + payload, "model.gguf")
    assert (result.format, result.globals) == ("gguf", ["os.system"])


def test_raw_arrays_of_joblib_are_a_defect(scan) -> None:
    data = b"\x80\4cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81."
    (defect,) = scan(data + b"rest", "model.joblib").defects
    assert "holds raw arrays of joblib" in defect


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\0" * 100, b"\x89HDF\r\n\x1a\n", b"{}", b"\xff\xff\xff\xff{}"]
)
def test_an_unknown_format_is_named(scan, data: bytes) -> None:
    with pytest.raises(weights.UnknownFormatError, match="begins with"):
        scan(data, "model.onnx")


def test_a_name_of_a_pickle_without_one_is_a_defect(scan) -> None:
    assert scan(b"\0" * 100, "model.pkl").defects == ["holds no pickle, although its name says so"]
    assert scan(b"", "model.pkl").defects == ["holds no pickle, although its name says so"]


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        weights.scan(tmp_path / "none.pt", max_globals=1, max_unpacked_bytes=1)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_bytes_give_a_scan_or_the_named_error(scan, data: st.DataObject) -> None:
    whole = data.draw(
        st.sampled_from(
            [
                BAD,
                archive(("data.pkl", BAD), ("a.npy", array(described("O"), BAD))),
                archive(("data.pkl", BAD), packing=zipfile.ZIP_LZMA),
                archive(("data.pkl", BAD), packing=zipfile.ZIP_BZIP2),
                array(described("|O"), BAD),
                safetensors(b'{"a": {}}'),
                b"",
            ]
        )
    )
    bent = bytearray(whole)
    for _ in range(data.draw(st.integers(0, 6)) if bent else 0):
        bent[data.draw(st.integers(0, len(bent) - 1))] = data.draw(st.integers(0, 255))
    added = bytes(bent) + data.draw(st.binary(max_size=20))
    try:
        result = scan(added, data.draw(st.sampled_from(["a.pkl", "a.npz", "a"])))
    except weights.UnknownFormatError:
        return
    json.dumps(result.to_fact())


def verdicts() -> dict[str, list[str | weights.Scan]]:
    found: dict[str, list[str | weights.Scan]] = {}
    for entry in json.loads((ARTIFACTS / "manifest.json").read_text()):
        try:
            result: str | weights.Scan = weights.scan(
                ARTIFACTS / entry["file"], max_globals=10_000, max_unpacked_bytes=1 << 30
            )
        except weights.UnknownFormatError as error:
            result = str(error)
        found.setdefault(entry["label"], []).append(result)
    return found


@pytest.mark.skipif(not ARTIFACTS.is_dir(), reason="shared/data/artifacts, the labelled models, is not here")
def test_the_published_models_are_read_and_their_imports_named() -> None:
    malicious = verdicts()["malicious"]
    scans = [result for result in malicious if isinstance(result, weights.Scan)]
    assert sum(bool(result.globals) for result in scans) >= 148
    silent = [result for result in scans if not result.globals and not result.defects]
    assert len(silent) <= 7, "pickles within strings, which a second load would run"


@pytest.mark.parametrize(
    "second", [b")0cposix\nsystem\n(S'x'\ntR.", b"G\0\0\0\0\0\0\0\x000cposix\nsystem\n(S'x'\ntR."]
)
def test_a_second_pickle_is_walked_whatever_it_begins_with(tmp_path: Path, second: bytes) -> None:
    path = tmp_path / "two.pt"
    path.write_bytes(pickle.dumps({}) + second)
    assert "posix.system" in weights.scan(path, max_globals=100, max_unpacked_bytes=1 << 20).globals


def test_no_member_of_an_archive_hides_behind_a_clean_one(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("m/data.pkl", pickle.dumps({}, 2))
        archive.writestr("m/data/0", b"\0" * 16)
        archive.writestr("m/code/__torch__.py", "import os")
        archive.writestr("m/inner.bin", b"cposix\nsystem\n(S'x'\ntR.")
    found = weights.scan(path, max_globals=100, max_unpacked_bytes=1 << 20)
    assert "posix.system" in found.globals
    assert any("m/code/__torch__.py" in defect for defect in found.defects)
    assert not any("data/0" in defect for defect in found.defects)


@pytest.mark.parametrize("length", [2**31, 2**62, 2**63 - 1, 2**63, 2**64 - 1])
def test_a_length_beyond_every_file_is_a_defect(tmp_path: Path, length: int) -> None:
    path = tmp_path / "long.pkl"
    path.write_bytes(b"\x80\x04\x8e" + length.to_bytes(8, "little") + b"x.")
    assert weights.scan(path, max_globals=100, max_unpacked_bytes=1 << 20).defects
    with zipfile.ZipFile(tmp_path / "long.pt", "w") as archive:
        archive.write(path, "m/data.pkl")
    assert weights.scan(tmp_path / "long.pt", max_globals=100, max_unpacked_bytes=1 << 20).defects
