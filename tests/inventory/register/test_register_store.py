"""The register on disk."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from public_lists import FILINGS, ROWS, csv_of

from countermark.inventory.register import Defect, Kind, PublicEntry, Register, RegisterError, Store
from countermark.inventory.register.importing import Reading, read
from countermark.inventory.register.store import READER, packed

TODAY = date(2026, 10, 1)
ONE, TWO = csv_of([FILINGS, *ROWS[:2]]), csv_of([FILINGS, *ROWS[2:]])


def put(store: Store, name: str, data: bytes, day: date = TODAY):
    return store.add(name, data, read(name, data), day)


def test_what_was_imported_comes_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "register")
    source = put(store, "2024-04.csv", ONE)
    assert source is not None
    assert (source.name, source.periods, source.entries, source.imported) == (
        "2024-04.csv",
        ("2024-04",),
        2,
        TODAY,
    )
    content = store.load()
    assert content.sources == [source]
    assert [e.number for e in content.entries] == [row[4] for row in ROWS[:2]]
    assert {e.source for e in content.entries} == {"2024-04.csv"}
    assert content.entries == [
        PublicEntry.of(e.to_dict(), "2024-04.csv") for e in read("2024-04.csv", ONE).entries
    ]


def test_the_same_bytes_are_imported_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert put(store, "a.csv", ONE)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert store.knows(ONE)
    assert put(store, "renamed.csv", ONE, date(2027, 1, 1)) is None
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert not store.knows(TWO)


def test_what_an_older_reader_has_read_is_read_anew(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, "a.csv", ONE)
    [path] = tmp_path.iterdir()
    head, _, body = path.read_bytes().partition(b"\n")
    value = json.loads(head) | {"reader": READER - 1}
    path.write_bytes(json.dumps(value).encode() + b"\n" + body)
    assert not store.knows(ONE)
    assert put(store, "a.csv", ONE)
    assert store.knows(ONE)


def test_the_digest_does_not_depend_on_order_and_day(tmp_path: Path) -> None:
    one, other = Store(tmp_path / "one"), Store(tmp_path / "other")
    put(one, "a.csv", ONE)
    first = Register.open(tmp_path / "one").digest
    put(one, "b.csv", TWO)
    put(other, "z.csv", TWO, date(2025, 1, 1))
    put(other, "y.csv", ONE, date(2025, 1, 2))
    assert Register.open(tmp_path / "one").digest == Register.open(tmp_path / "other").digest != first
    assert first.startswith("sha256:")


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    put(Store(tmp_path), "a.csv", ONE)
    [path] = tmp_path.iterdir()
    path.write_bytes(path.read_bytes().replace("北京示例".encode(), "北京他例".encode()))
    with pytest.raises(RegisterError, match=r"changed since it was imported; import a\.csv again"):
        Register.open(tmp_path)


def test_an_empty_or_missing_folder_is_said(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(RegisterError, match="nothing was imported yet"):
            Register.open(folder)
    blocked = tmp_path / "file"
    blocked.write_text("x")
    with pytest.raises(RegisterError):
        put(Store(blocked), "a.csv", ONE)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=120), st.booleans())
def test_any_file_in_the_folder_is_read_or_a_named_error(
    tmp_path: Path, data: bytes, after_head: bool
) -> None:
    _, written = packed("a.csv", ONE, read("a.csv", ONE), TODAY)
    head = written.partition(b"\n")[0]
    (tmp_path / "x.jsonl").write_bytes(head + b"\n" + data if after_head else data)
    with pytest.raises(RegisterError):
        Register.open(tmp_path)


def test_defects_come_back(tmp_path: Path) -> None:
    data = csv_of([FILINGS, [*ROWS[0][:2], ROWS[0][3], "示例大模型", *ROWS[0][4:]]])
    put(Store(tmp_path), "a.csv", data)
    register = Register.open(tmp_path)
    [defect] = register.sources[0].defects
    assert defect == Defect(
        "swapped",
        "row 2",
        "name and entity stood in each other's column; put back",
        "北京示例科技有限公司 | 示例大模型",
        is_repaired=True,
    )
    [record] = register
    assert record.entry.defects == (defect,)


def test_ten_thousand_rows_are_loaded_quickly(tmp_path: Path) -> None:
    reading = Reading("csv")
    reading.entries = [
        PublicEntry(
            Kind.SYNTHESIS,
            f"网信算备1101{n:017}号",
            f"第{n}号示例文本生成算法",
            f"北京第{n}号示例科技有限公司",
            product=f"示例助手{n}（APP）",
            use="应用于文本生成场景，根据用户输入的文本，生成相应的文本内容。",
            role="服务提供者",
            period="2024-06",
            sequence=n,
            place=f"page {n // 20}, row {n % 20}",
        )
        for n in range(10_000)
    ]
    Store(tmp_path).add("big.csv", b"big", reading, TODAY)
    fastest = min(_seconds(tmp_path) for _ in range(3))
    assert fastest < 2, "a third of a second when measured; the bound is for a busy machine"


def _seconds(folder: Path) -> float:
    start = time.perf_counter()
    assert len(Register.open(folder)) == 10_000
    return time.perf_counter() - start
