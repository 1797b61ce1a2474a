"""What is wrong with public lists, and what is made of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from public_lists import (
    ALGORITHMS,
    FILINGS,
    REGISTERED,
    REGISTRATIONS,
    ROWS,
    SYNTHESES,
    algorithm,
    csv_of,
    dicts,
    json_of,
    pdf_of,
    xlsx_of,
)

from countermark.inventory.register import Defect, Kind, PublicEntry, RegisterError
from countermark.inventory.register.importing import Reading, read

ONE, TWO, THREE, FOUR = ROWS


def listed(*rows: Sequence[str], header: Sequence[str] = FILINGS) -> Reading:
    return read("list.csv", csv_of([header, *rows]))


def only(reading: Reading) -> PublicEntry:
    [entry] = reading.entries
    return entry


def found(reading: Reading) -> list[tuple[str, str, bool]]:
    return [(defect.code, defect.place, defect.is_repaired) for defect in reading.defects]


def test_model_and_company_that_were_swapped_are_put_back() -> None:
    swapped = [
        "2",
        "广东省",
        "深圳市示例科技有限公司",
        "示例代码生成模型",
        "Guangdong-ShiLi-202403050001",
        "2024/3/5",
    ]
    reading = listed(ONE, swapped)
    entry = reading.entries[1]
    assert (entry.name, entry.entity) == ("示例代码生成模型", "深圳市示例科技有限公司")
    assert found(reading) == [("swapped", "row 3", True)]
    assert entry.defects[0].original == "深圳市示例科技有限公司 | 示例代码生成模型"


def test_a_swap_that_is_not_certain_is_only_said() -> None:
    reading = listed([*ONE[:2], "示例大学", "示例大模型", *ONE[4:]])
    assert (only(reading).name, only(reading).entity) == ("示例大学", "示例大模型")
    assert found(reading) == [("swapped", "row 2", False)]


@pytest.mark.parametrize(
    ("name", "entity"),
    [
        ("示例智能体应用与开发平台", "当虹"),
        ("示例大模型", "华策集团"),
        ("示例大模型", "苏州示例代理事务所（普通合伙）"),
        ("示例大模型", "北京示例集团有限公司河北分公司"),
        ("示例大模型", "示例股份有限公司人工智能研究院（上海）"),
    ],
)
def test_names_that_only_look_odd_are_left_alone(name: str, entity: str) -> None:
    reading = listed([*ONE[:2], name, entity, *ONE[4:]])
    assert (only(reading).name, only(reading).entity, reading.defects) == (name, entity, [])


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (["1", "", *ONE[1:]], "stood 1 column too far to the right; put back"),
        (["", "", *ONE], "stood 2 columns too far to the right; put back"),
        ([*ONE[:1], *ONE[2:], ""], "stood 1 column too far to the left; put back"),
    ],
)
def test_a_row_that_is_shifted_is_put_back(row: list[str], text: str) -> None:
    header = [*FILINGS, "备注", "说明"]
    reading = listed([*row, *[""] * (8 - len(row))], header=header)
    entry = only(reading)
    assert (entry.number, entry.name, entry.entity) == (ONE[4], ONE[2], ONE[3])
    assert entry.approved == "2024-01-17"
    assert [defect.text for defect in entry.defects] == [text]
    assert " | ".join(row[:4]) in entry.defects[0].original


def test_a_number_in_the_wrong_column_is_taken_and_said() -> None:
    reading = listed(["1", "北京市", ONE[4], "北京示例科技有限公司", "示例大模型", "2024/1/17"])
    entry = only(reading)
    assert (entry.number, entry.name) == (ONE[4], "示例大模型")
    assert found(reading) == [("shifted", "row 2", False)]
    assert "the number stands under '模型名称'" in entry.defects[0].text


def test_the_end_of_a_company_on_the_next_line_belongs_to_the_row_above() -> None:
    cut = ["1", "北京市", "示例大模型", "北京示例科技有限公", ONE[4], "2024/1/17"]
    reading = listed(cut, ["", "", "", "司", "", ""], TWO)
    assert [e.entity for e in reading.entries] == ["北京示例科技有限公司", TWO[3]]
    assert found(reading) == [("split", "row 2", True)]
    assert reading.defects[0].original == "司"


def test_a_lone_character_that_belongs_to_no_row_for_certain_is_left_out_and_said() -> None:
    reading = listed(ONE, ["", "", "", "司", "", ""], TWO)
    assert [e.entity for e in reading.entries] == [ONE[3], TWO[3]]
    assert reading.defects == [
        Defect("stray", "row 3", "a fragment stands alone below this row; it was left out", "司")
    ]


@pytest.mark.parametrize(
    ("entity", "perhaps"),
    [
        ("司珠海示例软件科技有限公司", "珠海示例软件科技有限公司"),
        ("上海示例网络司科技有限公司", "上海示例网络科技有限公司"),
    ],
)
def test_a_character_of_another_row_within_a_name_is_said_and_not_changed(entity: str, perhaps: str) -> None:
    reading = listed([*ONE[:3], entity, *ONE[4:]])
    assert reading.entries[0].entity == entity
    assert found(reading) == [("stray", "row 2", False)]
    assert reading.defects[0].text.endswith(f"perhaps {perhaps}")


def test_a_company_that_really_begins_so_is_left_alone() -> None:
    assert not listed([*ONE[:3], "司天九共享网络科技集团有限公司", *ONE[4:]]).defects


def test_a_name_without_its_end_is_said() -> None:
    reading = listed([*ONE[:3], "上海示例人工智能科技", *ONE[4:]])
    assert found(reading) == [("cut", "row 2", False)]


def test_a_row_that_was_split_over_two_pages_is_put_together() -> None:
    first = [
        "1",
        "示例文本生成算法",
        "服务提供者",
        "北京示例科技有限公司",
        "示例助手（APP）",
        "应用于文本生成场景，",
        "",
        "",
    ]
    rest = ["", "", "", "", "", "生成文本。", algorithm(1), ""]
    reading = read("list.pdf", pdf_of([[ALGORITHMS, first], [ALGORITHMS, rest, SYNTHESES[1]]]))
    assert [(e.sequence, e.number, e.use) for e in reading.entries] == [
        (1, algorithm(1), "应用于文本生成场景，生成文本。"),
        (2, algorithm(2), "生成语音。"),
    ]
    assert found(reading) == [("split", "page 1, row 2", True)]
    assert "over pages" in reading.defects[0].text


def test_a_number_that_was_split_is_put_together() -> None:
    head, tail = [*TWO[:4], TWO[4][:22], TWO[5]], ["", "", "", "", TWO[4][22:], ""]
    assert only(listed(head, tail)).number == TWO[4]
    dated = [*TWO[:4], TWO[4][:-4], TWO[5]]  # already a whole number, of the older shape
    assert only(listed(dated, ["", "", "", "", TWO[4][-4:], ""])).number == TWO[4]


def test_lines_within_a_cell_are_joined_as_they_were_meant() -> None:
    row = ["1", "北京\n市", "Open\nSky大\n模型", "北京示例科\n技有限公司"]
    reading = read("list.pdf", pdf_of([[FILINGS, [*row, "Beijing-\nShiLi-\n20240103", "2024/\n1/17"]]]))
    entry = only(reading)
    assert (entry.region, entry.name, entry.entity) == ("北京市", "Open Sky大模型", "北京示例科技有限公司")
    assert (entry.number, entry.approved, reading.defects) == (ONE[4], "2024-01-17", [])


def test_filings_and_registrations_below_each_other_are_told_apart() -> None:
    reading = listed(*ROWS[:2], REGISTRATIONS, *REGISTERED)
    assert [e.kind for e in reading.entries] == [Kind.FILING] * 2 + [Kind.REGISTRATION] * 2
    assert [e.sequence for e in reading.entries] == [1, 2, 1, 2]
    assert not reading.defects


def test_a_number_of_another_kind_than_its_list_is_said_and_decides() -> None:
    reading = listed([*REGISTERED[0][:4], "Shanghai-XiaoLan-202404050001", "2024/4/5"], header=REGISTRATIONS)
    assert only(reading).kind is Kind.FILING
    assert found(reading) == [("kind", "row 2", False)]


def test_algorithms_know_their_list_by_its_columns() -> None:
    reading = listed(*SYNTHESES, header=ALGORITHMS)
    assert [(e.kind, e.role, e.product) for e in reading.entries] == [
        (Kind.SYNTHESIS, "服务提供者", "示例助手（APP）"),
        (Kind.SYNTHESIS, "服务技术支持者", ""),
    ]
    other = ["序号", "算法名称", "算法类别", "主体名称", "备案编号"]
    ranking = listed(
        ["1", "示例排序算法", "排序精选类", "北京示例科技有限公司", algorithm(3, "03")], header=other
    )
    assert (only(ranking).kind, only(ranking).role) == (Kind.RECOMMENDATION, "排序精选类")
    bare = listed([algorithm(4), "北京示例科技有限公司", "算法"], header=["编号", "主体", "名称"])
    assert only(bare).kind is Kind.ALGORITHM


def test_a_remark_that_a_number_was_cancelled_cancels_it() -> None:
    reading = listed(*SYNTHESES, header=ALGORITHMS)
    assert [(c.number, c.day, c.notice) for c in reading.cancellations] == [(algorithm(2), "", "已注销")]


def test_a_notice_of_cancellations_has_no_entries() -> None:
    rows = [
        {
            "name": "示例算法",
            "entity": "北京示例科技有限公司",
            "product": "--",
            "code": algorithm(1),
            "cancel": "2026年7月",
        }
    ]
    reading = read(
        "cancel.json", json_of(rows, title="关于注销“示例算法”等算法备案编号的公告", date="2026-07-17")
    )
    assert not reading.entries
    [cancellation] = reading.cancellations
    assert (cancellation.number, cancellation.day, cancellation.noticed) == (
        algorithm(1),
        "2026-07",
        "2026-07-17",
    )
    assert cancellation.notice.startswith("关于注销")
    title, header = (
        ["关于注销算法备案编号的公告（2026年7月）", "", "", ""],
        ["序号", "算法名称", "主体名称", "备案编号"],
    )
    table = csv_of([title, header, ["1", "示例算法", "北京示例科技有限公司", algorithm(1)]])
    assert [c.number for c in read("notice.csv", table).cancellations] == [algorithm(1)]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        (1, "火星", "region"),
        (1, "上海市", "region"),
        (2, "", "empty"),
        (3, "", "empty"),
        (4, "Beijing-ShiLi-20240231", "number"),
        (4, "Atlantis-ShiLi-20240103", "number"),
        (4, "网信算备110101", "number"),
        (5, "昨天", "date"),
        (5, "2024/13/45", "date"),
    ],
)
def test_what_is_wrong_in_one_cell_is_said_and_kept(column: int, value: str, code: str) -> None:
    row = list(ONE)
    row[column] = value
    reading = listed(row, TWO)
    assert code in [defect.code for defect in reading.entries[0].defects]
    assert not any(defect.is_repaired for defect in reading.defects)
    assert reading.entries[0].number == (value if column == 4 else ONE[4])


def test_days_in_all_shapes() -> None:
    shapes = ["2024/1/7", "2024-01-07", "2024.1.7", "2024年1月7日", "２０２４年１月７日", "20240107", "45298",
              "2024 年 1 月 7 日", "2024-01-07 00:00:00"]  # fmt: skip
    rows = [[str(n), "北京市", f"模型{n}", "北京示例科技有限公司", f"Beijing-M{n}-20240103", shape]
            for n, shape in enumerate(shapes, 1)]  # fmt: skip
    reading = listed(*rows, header=FILINGS)
    assert {e.approved for e in reading.entries} == {"2024-01-07"}
    assert not reading.defects
    late = only(listed([*ONE[:5], "2026/5/1（补登）"]))
    assert (late.approved, late.remark) == ("2026-05-01", "补登")
    assert only(listed([*ONE[:5], "2025年7月"])).approved == "2025-07"


def test_a_row_without_a_number_is_said_and_no_entry() -> None:
    reading = listed(ONE, ["2", "北京市", "无号大模型", "北京示例科技有限公司", "", "2024/1/17"])
    assert len(reading.entries) == 1
    [unread] = reading.unread
    assert (unread.path, unread.why) == (
        "row 3",
        "a row without a number: 2 | 北京市 | 无号大模型 | 北京示例科技有限公司 | 2024/1/17",
    )


def test_a_cell_with_two_numbers_gives_two_entries_that_say_so() -> None:
    reading = listed([*ONE[:4], f"{ONE[4]} {TWO[4]}", ""])
    assert [e.number for e in reading.entries] == [ONE[4], TWO[4]]
    assert {d.code for e in reading.entries for d in e.defects if d.code != "region"} == {"crowded"}


def test_order_gaps_and_repetitions_of_a_list() -> None:
    rows = [[str(n), "北京市", f"模型{n}", "北京示例科技有限公司", f"Beijing-M{n}-20240103", ""]
            for n in (110, 108, 111, 109, 113, 114, 117)]  # fmt: skip
    reading = listed(*rows, rows[0])
    assert [(d.code, d.place, d.text) for d in reading.defects] == [
        ("order", "row 3", "no. 108 stands behind no. 110"),
        ("order", "row 5", "no. 109 stands behind no. 111"),
        ("order", "row 9", "no. 110 stands behind no. 117"),
        ("missing", "", "filing list: no row has no. 112, 115-116"),
        ("duplicate", "row 9", "Beijing-M110-20240103 stands in row 2 too"),
    ]


def test_a_count_that_begins_anew_is_another_list() -> None:
    rows = dicts(
        FILINGS,
        [*ROWS, ["1", "上海市", "端侧模型", "上海示例科技有限公司", "Shanghai-Duan-202506160057", ""]],
    )
    assert not read("list.json", json_of(rows, period="2026-08")).defects


def test_a_month_is_taken_from_the_title_then_the_name_then_what_is_said() -> None:
    rows = [FILINGS, ONE]
    assert only(read("清单2025年6月.csv", csv_of(rows))).period == "2025-06"
    assert only(read("2025-06.csv", csv_of(rows))).period == "2025-06"
    assert only(read("list.csv", csv_of(rows), period="2025-06")).period == "2025-06"
    titled = [["生成式人工智能服务已备案信息（2024年4月）", "", "", "", "", ""], *rows]
    assert only(read("2025-06.csv", csv_of(titled), period="2025-07")).period == "2024-04"


def test_a_table_with_numbers_under_no_known_header_is_said() -> None:
    unknown = [["甲", "乙", "丙"], ["x", "y", ROWS[1][4]], ["x", "z", ROWS[2][4]]]
    reading = read("list.xlsx", xlsx_of(("备案", [FILINGS, ONE]), ("其他", unknown), ("说明", [["无"]])))
    assert len(reading.entries) == 1
    assert [(each.path, each.why) for each in reading.unread] == [
        ("sheet 其他", "2 rows with a number under no header that is known")
    ]
    with pytest.raises(RegisterError, match="list 1: 1 row with a number under no header that is known"):
        read("list.json", json_of([{"甲": ROWS[1][4], "乙": "x"}]))


def test_rows_that_are_shorter_than_the_header_are_read() -> None:
    header = [*FILINGS, "备注", "说明"]
    assert len(listed(ONE, TWO[:5], header=header).entries) == 2


def test_a_row_without_sequence_and_number_is_no_fragment() -> None:
    reading = listed(
        ONE[1:], ["北京市", "无号大模型", "北京示例科技有限公司", "", "2024/1/17"], header=FILINGS[1:]
    )
    assert (len(reading.entries), len(reading.unread), reading.defects) == (1, 1, [])


def test_a_header_within_a_list_keeps_the_columns_that_it_does_not_name() -> None:
    rows = [
        *dicts(FILINGS, ROWS[:1], _kind="备案"),
        dict(zip(FILINGS, REGISTRATIONS, strict=True)) | {"_kind": "备案"},
    ]
    rows += [*dicts(FILINGS, REGISTERED[:1], _kind="登记"), *dicts(FILINGS, ROWS[1:2], _kind="备案")]
    reading = read("list.json", json_of(rows, period="2025-01"))
    assert [e.kind for e in reading.entries] == [Kind.FILING, Kind.REGISTRATION, Kind.FILING]
    assert not reading.defects
