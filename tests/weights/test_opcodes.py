"""What a pickle would import, told from its opcodes. Pickles are made here, and never loaded."""

from __future__ import annotations

import copyreg
import io
import os
import pickle
import struct
import subprocess
import tracemalloc
from collections import OrderedDict
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.weights.opcodes import MAX_MEMO, Stream, walk

SYSTEM = f"{os.system.__module__}.system"
END = b"."


def walked(data: bytes, max_globals: int = 1000) -> Stream:
    return walk(io.BytesIO(data), 0, max_globals)


def short(text: str) -> bytes:
    return b"\x8c" + bytes([len(text)]) + text.encode()


def names(data: bytes) -> list[str]:
    return list(walked(data).globals)


class Payload:
    """Pickles as a call of ``function``."""

    def __init__(self, function, *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (os.system, {SYSTEM}),
        (eval, {"builtins.eval", "__builtin__.eval"}),
        (exec, {"builtins.exec", "__builtin__.exec"}),
        (subprocess.Popen, {"subprocess.Popen", "commands.Popen"}),
        (getattr, {"builtins.getattr", "__builtin__.getattr"}),
    ],
)
def test_what_a_payload_calls_is_named_at_every_protocol(protocol: int, function, expected: set[str]) -> None:
    data = pickle.dumps({"weights": [1.5, b"x" * 300, Payload(function, "id")], "n": 10**40}, protocol)
    stream = walked(data)
    assert set(stream.globals) & expected
    assert stream.calls >= 1
    assert not stream.defect


@pytest.mark.parametrize("protocol", range(6))
def test_a_name_that_comes_back_through_the_memo_is_named(protocol: int) -> None:
    data = pickle.dumps([OrderedDict(a=1), OrderedDict(b=2), date(2026, 1, 1), date(2026, 1, 2)], protocol)
    found = [name for name in names(data) if not name.startswith(("_codecs.", "copy"))]
    assert found == ["collections.OrderedDict", "datetime.date"]


@pytest.mark.parametrize("protocol", [3, 4, 5])
@pytest.mark.parametrize(("code", "opcode"), [(7, "EXT1"), (700, "EXT2"), (70_000, "EXT4")])
def test_an_extension_code_is_an_import(protocol: int, code: int, opcode: str) -> None:
    copyreg.add_extension("datetime", "date", code)
    try:
        data = pickle.dumps(date(2026, 1, 1), protocol)
    finally:
        copyreg.remove_extension("datetime", "date", code)
    assert names(data) == [f"copyreg.extension.{code}"], opcode


NAMED = {
    "GLOBAL": b"cos\nsystem\n.",
    "GLOBAL with carriage returns": b"cos\r\nsystem\r\n.",
    "INST": b"(S'id'\nios\nsystem\n.",
    "OBJ": b"(cos\nsystem\nS'id'\no.",
    "SHORT_BINUNICODE": short("os") + short("system") + b"\x93.",
    "BINUNICODE": b"X\2\0\0\0osX\6\0\0\0system\x93.",
    "BINUNICODE8": b"\x8d\2\0\0\0\0\0\0\0os\x8d\6\0\0\0\0\0\0\0system\x93.",
    "UNICODE": b"Vos\nVsystem\n\x93.",
    "UNICODE with escapes": b"V\\u006fs\nV\\u0073ystem\n\x93.",
    "STRING": b"S'os'\nS\"system\"\n\x93.",
    "STRING with escapes": b"S'\\x6f\\163'\nS'\\x73ystem'\n\x93.",
    "SHORT_BINSTRING": b"U\2osU\6system\x93.",
    "BINSTRING": b"T\2\0\0\0osT\6\0\0\0system\x93.",
    "MEMOIZE": short("x") + b"\x94" + short("os") + b"\x940" + short("system") + b"\x940h\1h\2\x93.",
    "BINPUT": short("os") + b"q\xff0" + short("system") + b"q\xfe0h\xffh\xfe\x93.",
    "LONG_BINPUT": short("os") + b"r\1\2\3\0000j\1\2\3\0" + short("system") + b"\x93.",
    "PUT": short("os") + b"p7\n0g7\n" + short("system") + b"\x93.",
    "memo written again": short("nt") + b"q\0000" + short("os") + b"q\0000h\0" + short("system") + b"\x93.",
    "DUP and POP": short("os") + b"200" + short("os") + short("system") + b"N0\x93.",
    "POP_MARK": short("os") + short("system") + b"(NNK\x011\x93.",
    "an unfinished frame": b"\x80\4\x95\xff\0\0\0\0\0\0\0" + short("os") + short("system") + b"\x93.",
}


@pytest.mark.parametrize("data", NAMED.values(), ids=NAMED)
def test_every_way_to_write_a_name_is_read(data: bytes) -> None:
    assert names(data) == ["os.system"]
    assert not walked(data).defect


DECOYS = {
    "a tuple of two, dropped": b"\x860",
    "a tuple of three, dropped": b"N\x870",
    "a tuple to a mark, dropped": b"t0",
    "a list to a mark, dropped": b"l0",
    "a mark, dropped": b"1",
    "a set, dropped": b"\x91" + b"0",
}


@pytest.mark.parametrize("drop", DECOYS.values(), ids=DECOYS)
def test_a_decoy_on_the_stack_does_not_take_the_place_of_the_name(drop: bytes) -> None:
    mark = b"(" if drop[:1] in b"tl1\x91" else b""
    real, decoy = short("os") + short("system"), short("collections") + short("OrderedDict")
    assert names(real + mark + decoy + drop + b"\x93.") == ["os.system"]


@pytest.mark.parametrize(
    "data",
    [
        b"NN\x93.",
        b"\x93.",
        short("os") + b"N\x93.",
        b"(" + short("os") + short("system") + b"t\x93.",
        b"U\2osU\6systemcx\nf\n\x85R\x93.",
        b"h\7h\7\x93.",
    ],
)
def test_a_name_that_cannot_be_followed_is_not_left_out(data: bytes) -> None:
    assert any("?" in name for name in names(data))


def test_a_memo_with_gaps_and_appended_entries_is_not_guessed_at() -> None:
    gap = short("collections") + b"q\x050" + short("os") + b"\x940"
    assert names(gap + b"h\1" + short("system") + b"\x93.") == ["?.system"]


def test_the_memo_of_python_2_begins_at_one() -> None:
    assert names(b"U\2osq\1U\6systemq\2\x86q\3" + b"0h\1h\2\x93.") == ["os.system"]


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.integers(0, 5000).map(lambda n: "c" * n),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=12,
)
MODERN = PLAIN | st.binary() | st.frozensets(st.integers()) | st.binary().map(bytearray)


@settings(deadline=None, max_examples=100)
@given(PLAIN, st.integers(0, 5))
def test_plain_data_imports_nothing(value: object, protocol: int) -> None:
    data = pickle.dumps(value, protocol)
    file = io.BytesIO(data + b"rest")
    stream = walk(file, 0, 10)
    assert stream == Stream(0)
    assert file.tell() == len(data)


@settings(deadline=None, max_examples=60)
@given(MODERN)
def test_bytes_and_sets_import_nothing_at_protocol_5(value: object) -> None:
    assert walked(pickle.dumps(value, 5)) == Stream(0)


IDENTIFIER = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}(\.[a-z]{1,4})?", fullmatch=True)
FILLER = st.sampled_from(
    [b"N0", b"K\1\x850", b"(K\1K\2t0", b"]0", b"}0", short("decoy") + b"\x860", b"I1\n0"]
)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(IDENTIFIER, IDENTIFIER, st.integers(0, 4), FILLER), max_size=8))
def test_every_import_is_reported_however_it_is_written(imports: list[tuple[str, str, int, bytes]]) -> None:
    data = b"\x80\4"
    for module, name, form, filler in imports:
        first, second = module.encode(), name.encode()
        data += [
            b"c" + first + b"\n" + second + b"\n",
            b"(i" + first + b"\n" + second + b"\n",
            short(module) + short(name) + b"\x93",
            short(name) + b"q\xf00" + short(module) + b"h\xf0\x93",
            short(module) + short(name) + short("a") + short("b") + b"\x860\x93",
        ][form]
        data += filler
    assert set(names(data + END)) == {f"{module}.{name}" for module, name, _, _ in imports}


BROKEN = {
    "": "ends without STOP",
    "4e": "ends without STOP",
    "ff": "byte 0xff at 0 is no opcode",
    "4e4e00": "byte 0x00 at 2 is no opcode",
    "4a0102": "ends within an argument",
    "58ff": "ends within an argument",
    "58ffffffff41": "ends within an argument",
    "54ffffffff41": "a length is negative",
    "8bffffffff": "a length is negative",
    "8dffffffffffffffff": "ends within an argument",
    "8effffffffffffff7f": "ends within an argument",
    "96ffffffffffffffff2e": "ends within an argument",
    "636f73": "a line of it has no end",
    "636f730a73": "a line of it has no end",
    "67780a2e": "'x' is no place in the memo",
    "70": "a line of it has no end",
}


@pytest.mark.parametrize(("data", "defect"), BROKEN.items())
def test_what_is_broken_is_named(data: str, defect: str) -> None:
    assert walked(bytes.fromhex(data)).defect == defect


def test_a_payload_that_claims_a_gigabyte_takes_no_memory() -> None:
    tracemalloc.start()
    for opcode in (b"B", b"X", b"T", b"\x8e", b"\x96", b"\x8d", b"\x8b"):
        size = struct.pack("<Q" if opcode in b"\x8e\x96\x8d" else "<I", 1 << 30)
        assert walked(opcode + size + b"few bytes").defect == "ends within an argument"
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_a_long_text_of_protocol_0_is_passed_over() -> None:
    data = b"V" + b"x" * (3 << 20) + b"\n0cos\nsystem\n."
    assert names(data) == ["os.system"]
    assert names(b"c" + b"x" * (3 << 20) + b"\nsystem\n.") == ["?.system"]


def test_too_many_globals_are_a_defect() -> None:
    stream = walked(b"".join(b"cm\nf%d\n0" % i for i in range(50)) + END, max_globals=10)
    assert stream.defect == "more than 10 globals"
    assert len(stream.globals) == 11


def test_a_memo_without_end_stays_small_and_names_stay_honest() -> None:
    data = b"".join([short("collections"), b"\x94" * (MAX_MEMO + 10), short("os"), b"\x94", b"j"])
    data += struct.pack("<I", MAX_MEMO + 10) + short("system") + b"\x93."
    assert names(data) == ["?.system"]


def test_a_stack_without_end_stays_small() -> None:
    assert names(b"N" * 200_000 + short("os") + short("system") + b"\x93.") == ["os.system"]


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200), st.integers(0, 5))
def test_any_bytes_end_in_a_stream(data: bytes, protocol: int) -> None:
    payload = pickle.dumps([Payload(os.system, "id"), {"a": data}], protocol)
    at = len(data) % len(payload)
    for candidate in (data, payload[:at], payload[:at] + data + payload[at:]):
        stream = walked(candidate, max_globals=20)
        assert len(stream.globals) <= 21


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_that_ends_anywhere_has_a_defect(protocol: int) -> None:
    data = pickle.dumps([Payload(os.system, "id"), "text", 2**70, b"bytes", {1: 2.5}], protocol)
    assert all(walked(data[:end]).defect for end in range(len(data)))
    assert not walked(data).defect
