"""The same list in every form, and files that are none."""

from __future__ import annotations

import builtins
import io
import sys
from collections import Counter
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from public_lists import FILINGS, ROWS, TITLE, csv_of, dicts, html_of, json_of, pdf_of, xlsx_of

from countermark.inventory.register import RegisterError
from countermark.inventory.register.importing import (
    form_of,
    grids,
    pdf_process,
    pdf_tables,
    read,
    spreadsheets,
    web_tables,
)
from countermark.inventory.register.importing.grids import UnreadableError

TABLE = [FILINGS, *ROWS]
FORMS = {
    "list.xlsx": xlsx_of(("备案", [[TITLE], *TABLE])),
    "list.csv": csv_of([[TITLE, "", "", "", "", ""], *TABLE]),
    "list.tsv": csv_of([[TITLE, "", "", "", "", ""], *TABLE], "gb18030", "\t"),
    "semicolons.csv": csv_of([[TITLE, "", "", "", "", ""], *TABLE], "utf-16", ";"),
    "list.html": html_of(TABLE),
    "list.json": json_of(dicts(FILINGS, ROWS, _kind="备案"), period="2026-04", name=TITLE),
    "list.pdf": pdf_of([TABLE[:3], TABLE[3:]], TITLE),
}


@pytest.mark.parametrize("name", FORMS)
def test_each_form_gives_the_same_entries(name: str) -> None:
    reading = read(name, FORMS[name])
    assert [(e.number, e.name, e.entity, e.region) for e in reading.entries] == [
        ("Beijing-ShiLi-20240103", "示例大模型", "北京示例科技有限公司", "北京市"),
        ("ZheJiang-YuanShan-202402050001", "远山（YuanShan）", "远山智能（杭州）股份有限公司", "浙江省"),
        ("ZhongYangQiYe-ChangHe-202403010002", "长河", "长河研究院", "国资委"),
        ("ShanXi-Lumen-2-202403050001", "Lumen-2", "西安流明大学", "陕西省"),
    ]
    assert [e.approved for e in reading.entries] == ["2024-01-17", "2024-02-20", "2024-03-15", "2024-03-15"]
    assert {(e.kind, e.period) for e in reading.entries} == {("filing", "2026-04")}
    assert [e.sequence for e in reading.entries] == [1, 2, 3, 4]
    assert (reading.defects, reading.unread, reading.periods) == ([], [], ("2026-04",))


def test_a_page_of_a_pdf_without_a_header_goes_on_with_the_one_before() -> None:
    reading = read("list.pdf", pdf_of([TABLE[:3], TABLE[3:4], TABLE[4:]], TITLE))
    assert [e.place for e in reading.entries] == [
        "page 1, row 2",
        "page 1, row 3",
        "page 2, row 1",
        "page 3, row 1",
    ]


def test_a_header_that_is_repeated_on_each_page_is_no_row() -> None:
    reading = read("list.pdf", pdf_of([TABLE[:3], [FILINGS, *ROWS[2:]]]))
    assert [e.sequence for e in reading.entries] == [1, 2, 3, 4]
    assert not reading.unread


def test_a_page_without_a_ruled_table_is_said() -> None:
    reading = read("list.pdf", pdf_of([TABLE], TITLE))
    assert not reading.unread
    with pytest.raises(RegisterError, match=r"no list was found.*page 1: has text but no ruled table"):
        read("list.pdf", pdf_of([TABLE], ruled=False))


def test_dates_numbers_and_merged_cells_of_a_workbook() -> None:
    rows = [
        ["序号", "属地", "模型名称", "备案单位", "备案号", "备案时间"],
        [1, "北京市", "甲", "北京甲科技有限公司", "Beijing-Jia-20240103", datetime(2024, 1, 17, 9, 30)],  # noqa: DTZ001
        [2.0, None, "乙", "北京乙科技有限公司", "Beijing-Yi-20240103", date(2024, 1, 18)],
        [3, None, "丙", "北京丙科技有限公司", "Beijing-Bing-20240103", 45310],
        [
            "４",
            "上海市",
            "丁",
            "上海丁科技有限公司",
            "Ｓｈａｎｇｈａｉ－Ding－２０２４０１０３",
            "2024年1月20日",
        ],
    ]
    reading = read("list.xlsx", xlsx_of(("第一页", rows), merged=["B2:B4"]))
    assert [e.approved for e in reading.entries] == ["2024-01-17", "2024-01-18", "2024-01-19", "2024-01-20"]
    assert [e.region for e in reading.entries] == ["北京市", "北京市", "北京市", "上海市"]
    assert [e.sequence for e in reading.entries] == [1, 2, 3, 4]
    assert reading.entries[3].number == "Shanghai-Ding-20240103"
    assert reading.entries[3].place == "sheet 第一页, row 5"


def test_cells_of_a_page_that_span_rows_and_columns() -> None:
    page = """<table><tr><td>布局<table><tr><th>序号</th><th>属地</th><th>模型<br>名称</th><th>备案单位</th>
    <th>备案号</th></tr><tr><td>1</td><td rowspan="2">北京市</td><td>甲</td><td>北京甲科技<br/>有限公司</td>
    <td>Beijing-Jia-<br>20240103</td></tr><tr><td>2</td><td>乙</td><td>北京乙科技有限公司</td>
    <td>Beijing-Yi-20240103</td></tr><tr><td colspan="5">以上</td></tr></table></td></tr></table>"""
    reading = read("notice.html", page.encode("gb18030"))
    assert [(e.name, e.entity, e.region, e.number) for e in reading.entries] == [
        ("甲", "北京甲科技有限公司", "北京市", "Beijing-Jia-20240103"),
        ("乙", "北京乙科技有限公司", "北京市", "Beijing-Yi-20240103"),
    ]
    assert reading.entries[0].place == "table 2, row 2"


def test_many_lists_in_one_json_keep_their_months() -> None:
    two = (
        b'[{"period":"2024-04","rows":'
        + json_of(dicts(FILINGS, ROWS[:2])).split(b'"rows": ')[1].removesuffix(b"}]}")
        + b'},{"period":"2024-08","rows":'
        + json_of(dicts(FILINGS, ROWS[2:])).split(b'"rows": ')[1].removesuffix(b"}]}")
        + b"}]"
    )
    reading = read("lists.json", two)
    assert [(e.period, e.place) for e in reading.entries] == [
        ("2024-04", "2024-04, row 1"),
        ("2024-04", "2024-04, row 2"),
        ("2024-08", "2024-08, row 1"),
        ("2024-08", "2024-08, row 2"),
    ]


@pytest.mark.parametrize(
    ("name", "data", "form"),
    [
        ("a.pdf", b"%PDF-1.4", "pdf"),
        ("wrong.csv", b"PK\x03\x04", "xlsx"),
        ("page.txt", b"\xef\xbb\xbf <html>", "html"),
        ("list", b"[{", "json"),
        ("list.tsv", b"a\tb", "csv"),
        ("list.csv", b"[x],b", "csv"),
    ],
)
def test_the_form_is_told_by_the_bytes_and_then_by_the_name(name: str, data: bytes, form: str) -> None:
    assert form_of(name, data) == form


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("old.xls", b"\xd0\xcf\x11\xe0", "save it as .xlsx"),
        ("picture.png", b"\x89PNG", "no form that is read here"),
        ("list.csv", b"", "no list was found"),
        ("list.csv", b"a,b\n1,2\n", "no list was found"),
        ("list.csv", b"a\0b", "zero bytes"),
        ("list.csv", b"\xff\xff\xff\xff", "not text"),
        ("list.json", b"{", "not JSON"),
        ("list.json", b"[" * 5_000, "not JSON"),
        ("list.json", b'{"a": [1, 2]}', "no list was found"),
        ("list.xlsx", b"PK\x03\x04broken", "not an .xlsx workbook"),
        ("list.html", b"<table><tr><td>1", "no list was found"),
        ("list.pdf", b"%PDF-1.4 broken", "PDF"),
    ],
)
def test_what_is_no_list_is_a_named_error(name: str, data: bytes, message: str) -> None:
    with pytest.raises(RegisterError, match=message):
        read(name, data)


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RegisterError, match="larger than"):
        read("list.csv", b" " * (grids.MAX_BYTES + 1))
    with pytest.raises(RegisterError, match="has 600 tables"):
        read("tables.html", b"<table></table>" * 600)
    deep = b"<div>" * 200_000 + html_of(TABLE)
    with pytest.raises(RegisterError, match="no list was found"):
        read("deep.html", deep)
    monkeypatch.setattr(spreadsheets, "MAX_UNPACKED", 1 << 10)
    with pytest.raises(RegisterError, match="unpacks to"):
        read("bomb.xlsx", FORMS["list.xlsx"])
    monkeypatch.setattr(spreadsheets, "MAX_UNPACKED", 1 << 20)
    monkeypatch.setattr(spreadsheets, "MAX_MERGED", 1)
    with pytest.raises(RegisterError, match="merged ranges cover"):
        read("merged.xlsx", xlsx_of(("a", TABLE), merged=["B2:B4"]))
    monkeypatch.setattr(web_tables, "MAX_CELLS", 100)
    spans = b'<td rowspan="5000">x</td>' * 10
    with pytest.raises(RegisterError, match="more than 100 cells"):
        read("wide.html", b"<table><tr>" + spans + b"</tr>" + b"<tr></tr>" * 100 + b"</table>")
    monkeypatch.setattr(grids, "MAX_ROWS", 3)
    with pytest.raises(RegisterError, match="more than 3 rows"):
        read("list.csv", FORMS["list.csv"])


def test_a_pdf_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_tables, "SECONDS", 0.01)
    with pytest.raises(RegisterError, match="not read within"):
        read("list.pdf", FORMS["list.pdf"])


def test_a_parser_that_dies_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_tables, "PROCESS", "antigravity_that_is_not_there")
    with pytest.raises(RegisterError, match="gave up"):
        read("list.pdf", FORMS["list.pdf"])


@pytest.mark.parametrize("package", ["openpyxl", "pdfplumber"])
def test_an_extra_that_is_missing_is_named(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def blocked(name: str, *rest: object) -> object:
        if name.partition(".")[0] == package:
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", blocked)
    if package == "openpyxl":
        with pytest.raises(RegisterError, match=r"pip install 'countermark\[register\]'"):
            read("list.xlsx", FORMS["list.xlsx"])
        return
    out = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(FORMS["list.pdf"])))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(pdf_process, "_bound", lambda: None)
    monkeypatch.setattr(pdf_process.logging, "disable", lambda _level: None)
    pdf_process.main()
    assert out.buffer.getvalue() == b'{"missing":true}'  # type: ignore[attr-defined]


WORDS = [
    "序号",
    "属地",
    "模型名称",
    "备案单位",
    "备案号",
    "备案时间",
    "注销时间",
    "",
    "1",
    "2",
    "北京市",
    "司",
]
WORDS += [
    "北京示例科技有限公司",
    "有限公司",
    "示例大模型",
    "Beijing-ShiLi-20240103",
    "2024/1/17",
    "45000",
    "第二批",
]
WORDS += ["网信算备110101123456701240011号", "公告（2026年4月）", "20240230", "\n", "--"]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=8), max_size=8))
def test_any_table_gives_entries_or_a_named_error(table: list[list[str]]) -> None:
    try:
        reading = read("any.csv", csv_of([FILINGS, *table], "utf-8"))
    except RegisterError:
        return
    assert all(entry.number for entry in reading.entries)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from([name for name in FORMS if name != "list.pdf"]), st.data())
def test_damaged_files_give_entries_or_a_named_error(name: str, data: st.DataObject) -> None:
    damaged = bytearray(FORMS[name])
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(1, len(damaged)))
    with suppress(RegisterError):
        read(name, bytes(damaged[:end]))


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=200), st.sampled_from(["x.xlsx", "x.csv", "x.html", "x.json"]))
def test_any_bytes_give_entries_or_a_named_error(data: bytes, name: str) -> None:
    with suppress(RegisterError):
        read(name, data)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_damaged_pdf_gives_pages_or_a_named_error(data: st.DataObject) -> None:
    damaged = bytearray(FORMS["list.pdf"])
    for _ in range(data.draw(st.integers(1, 12))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        pages = pdf_process.pages(bytes(damaged))
    except UnreadableError:
        return
    assert all(page["tables"] or page["trouble"] for page in pages)


REGISTRY = Path(__file__).parents[3].parent / "shared/data/registry"


@pytest.mark.skipif(
    not REGISTRY.is_dir(), reason="shared/data/registry, rows of the public lists, is not here"
)
def test_published_rows_are_read_without_a_complaint() -> None:
    filings = read("genai.csv", (REGISTRY / "genai_filing_sample.csv").read_bytes())
    assert (len(filings.entries), filings.defects, filings.unread) == (44, [], [])
    assert Counter(each.kind for each in filings.entries) == {"filing": 24, "registration": 20}
    assert all(each.approved and each.region and each.entity for each in filings.entries)
    algorithms = read("algorithms.csv", (REGISTRY / "algo_filing_sample.csv").read_bytes())
    assert (len(algorithms.entries), len(algorithms.cancellations)) == (14, 3)
    assert (algorithms.defects, algorithms.unread) == ([], [])
    assert {each.day for each in algorithms.cancellations} == {"2026-07", "2025-09"}
