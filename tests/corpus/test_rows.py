"""Rows of JSONL files: every line is a row, a defect, or blank, and nothing of it is lost."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countermark.corpus import Defect, Group, RowCount, read_rows

GOOD = b'{"text": "\xe4\xb8\x80", "source": "a"}'


@pytest.fixture
def read(tmp_path: Path):
    def of(data: bytes, max_line_bytes: int = 1000) -> RowCount:
        path = tmp_path / "rows.jsonl"
        path.write_bytes(data)
        return read_rows(path, max_line_bytes=max_line_bytes)

    return of


def test_a_clean_file(read) -> None:
    data = GOOD + b"\n" + GOOD.replace(b'"a"', b'"b"') + b'\n{"text": "two"}\n'
    assert read(data).to_fact() == {
        "rows": 3,
        "defective_lines": 0,
        "defects": [],
        "duplicate_rows": 1,
        "largest_groups": [{"copies": 2, "first_line": 1}],
        "rows_with_source": 2,
        "sources": 2,
    }
    assert read(data).sha256 == hashlib.sha256(data).hexdigest()


ONE_DEFECT = {
    "a key twice": (b'{"a": 1, "a": 2}', "a key stands in it twice", True),
    "a key twice, deep in it": (b'{"a": [{"b": 1, "b": 1}]}', "a key stands in it twice", True),
    "a lone surrogate": (b'{"a": "\\ud800"}', "has a lone surrogate", True),
    "a lone surrogate in a key": (b'{"\\uDFFF": 1}', "has a lone surrogate", True),
    "NaN": (b'{"a": NaN}', "NaN is no JSON", False),
    "Infinity": (b'{"a": [-Infinity]}', "-Infinity is no JSON", False),
    "not UTF-8": (b'{"a": "\xff"}', "is not UTF-8", False),
    "GB 18030": ('{"a": "中文"}'.encode("gb18030"), "is not UTF-8", False),
    "a surrogate in UTF-8": (b'{"a": "\xed\xa0\x80"}', "is not UTF-8", False),
    "not JSON": (b"{'a': 1}", "is not JSON", False),
    "two in a line": (b'{"a": 1}{"a": 2}', "is not JSON", False),
    "cut off": (b'{"a": "b', "is not JSON", False),
    "a control character": (b'{"a": "\x01"}', "is not JSON", False),
    "NUL bytes": (b"\0\0\0", "is not JSON", False),
    "too many digits": (b'{"a": ' + b"9" * 5000 + b"}", "is not JSON", False),
    "no object": (b"[1, 2]", "is no object", False),
    "null": (b"null", "is no object", False),
    "too long": (b'{"a": "' + b"x" * 9000 + b'"}', "longer than 8,000 bytes", False),
    "nested too deep": (b'{"a":' * 1300 + b"1" + b"}" * 1300, "is nested too deep", False),
}


@pytest.mark.parametrize(("line", "defect", "is_row"), ONE_DEFECT.values(), ids=ONE_DEFECT)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_one_defect_is_found_and_the_lines_around_it_are_rows(
    read,
    line: bytes,
    defect: str,
    is_row: bool,
    end: bytes,
) -> None:
    found = read(end.join([GOOD, b"", line, b'{"after": 1}', b""]), 8000)
    assert found.defects == (Defect(3, defect),)
    assert found.defective_lines == 1
    assert found.rows == 2 + is_row
    assert found.duplicate_rows == 0


def test_a_defect_at_the_very_end_without_a_newline_is_found(read) -> None:
    for line, defect, is_row in ONE_DEFECT.values():
        found = read(GOOD + b"\n" + line, 8000)
        assert (found.defects, found.rows) == ((Defect(2, defect),), 1 + is_row)


def test_a_byte_order_mark_is_a_defect_of_the_first_row(read) -> None:
    found = read(b"\xef\xbb\xbf" + GOOD)
    assert (found.rows, found.defects) == (1, (Defect(1, "begins with a byte-order mark"),))
    assert read(GOOD + b"\n\xef\xbb\xbf" + GOOD).defects == (Defect(2, "is not JSON"),)
    assert read(b"\xef\xbb\xbf").defects == (Defect(1, "begins with a byte-order mark, is not JSON"),)
    assert read(GOOD.decode().encode("utf-16")).defective_lines == 1


def test_pairs_of_surrogates_and_escaped_backslashes_are_no_defect(read) -> None:
    assert read(b'{"a": "\\ud83d\\ude00"}\n{"a": "\\\\ud800"}').defective_lines == 0


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n \t\r\n\n", b"   "])
def test_blank_lines_are_nothing(read, data: bytes) -> None:
    found = read(data)
    assert (found.rows, found.defective_lines, found.sha256) == (0, 0, hashlib.sha256(data).hexdigest())


def test_the_longest_line_that_is_read(read) -> None:
    line = b'{"a": "' + b"x" * 91 + b'"}'
    assert len(line) == 100
    for end in (b"", b"\n"):
        assert read(line + end, 100).rows == 1
        assert read(line + end, 99).defects == (Defect(1, "longer than 99 bytes"),)


@pytest.mark.parametrize("length", range(8, 60))
def test_a_line_that_is_too_long_swallows_no_other(read, length: int) -> None:
    data = b"x" * length + b'\n{"a":1}\n' + b"y" * length + b"\n\n" + b'{"b":2}'
    found = read(data, 7)
    assert (found.rows, [defect.line for defect in found.defects]) == (2, [1, 3])
    assert found.sha256 == hashlib.sha256(data).hexdigest()


def test_a_line_without_end_takes_no_memory(read) -> None:
    data = b'{"a": "' + b"x" * (64 << 20)
    tracemalloc.start()
    found = read(data, 1 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.defective_lines == 1
    assert peak < 8 << 20


def test_exact_duplicates_are_found_across_ids_sources_and_dates(read) -> None:
    rows = [
        {"id": i, "text": "same", "url": f"u{i}", "date": f"2026-01-0{i}", "split": "x"} for i in (1, 2, 3)
    ]
    rows += [{"text": "same"}, {"text": "Same"}, {"text": "same", "label": 1}]
    rows += [{"label": 1, "text": "same"}, {"id": 1}, {"id": 2}, {"id": 1}]
    found = read("\n".join(map(json.dumps, rows)).encode())
    assert found.duplicate_rows == 5
    assert found.largest_groups == (Group(4, 1), Group(2, 6), Group(2, 8))


def test_what_json_tells_apart_is_no_duplicate(read) -> None:
    values = ["1", "1.0", "true", '"1"', "null", "[1]", '""', '"\\ud800"', '"\\ud801"', '"?"']
    found = read("\n".join(f'{{"a": {value}}}' for value in values).encode())
    assert (found.rows, found.duplicate_rows) == (len(values), 0)


def test_sources_are_counted_by_the_first_key_that_says_something(read) -> None:
    rows = [{"source": "", "url": "u", "n": 1}, {"source": "u", "n": 2}, {"dataset": ["d"], "n": 3}, {"n": 4}]
    rows += [{"source": None, "n": 5}, {"origin": {"a": 1}, "n": 6}]
    found = read("\n".join(map(json.dumps, rows)).encode())
    assert (found.rows_with_source, found.sources) == (4, 3)


def test_only_the_first_defects_are_listed_but_all_are_counted(read) -> None:
    found = read(b"x\n" * 25)
    assert found.defective_lines == 25
    assert [defect.line for defect in found.defects] == list(range(1, 11))


@pytest.mark.parametrize("shape", ["[]", "{}"])
@pytest.mark.parametrize("key", ["text", "source"])
def test_every_depth_of_nesting_is_a_row_or_a_defect(read, shape: str, key: str) -> None:
    opening = shape[0] + ('"k":' if shape == "{}" else "")
    for depth in [*range(200, 1200, 11), 100_000]:
        line = f'{{"{key}": {opening * depth}"\\ud800"{shape[1] * depth}}}'
        found = read(line.encode(), 1 << 20)
        assert (found.rows, found.defective_lines) in {(1, 1), (0, 1)}


FLAT = [case for case in ONE_DEFECT.values() if case[1] != "is nested too deep"]  # hypothesis goes deeper
LINES = st.one_of(
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 2)).map(
        lambda row: ("row", json.dumps(row).encode())
    ),
    st.sampled_from([("defect", line) for line, _, is_row in FLAT if not is_row]),
    st.sampled_from([("row", line) for line, _, is_row in FLAT if is_row]),
    st.sampled_from([("blank", b""), ("blank", b" \t\r")]),
)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, max_size=20), ended=st.booleans())
def test_rows_and_defective_lines_and_blank_lines_are_all_lines(
    read,
    lines: list[tuple[str, bytes]],
    ended: bool,
) -> None:
    data = b"\n".join(line for _, line in lines) + b"\n" * ended
    found = read(data, 8000)
    kinds = [kind for kind, _ in lines]
    with_defect = {line for line, _, _ in ONE_DEFECT.values()}
    assert found.rows == kinds.count("row")
    assert found.defective_lines == sum(line in with_defect for _, line in lines)
    assert found.defective_lines >= kinds.count("defect")
    assert found.rows + kinds.count("defect") + kinds.count("blank") == len(lines)
    assert found.sha256 == hashlib.sha256(data).hexdigest()


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200), limit=st.integers(1, 40))
def test_any_bytes_are_counted(read, data: bytes, limit: int) -> None:
    found = read(data, limit)
    lines = [line for line in data.split(b"\n") if line.strip()]
    assert found.rows + found.defective_lines >= len([line for line in lines if len(line) <= limit])
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    json.dumps(found.to_fact())


def test_many_rows_are_quick(read) -> None:
    data = b"".join(b'{"id": %d, "text": "row %d"}\n' % (i, i // 2) for i in range(60_000))
    assert read(data).duplicate_rows == 30_000
