"""Numbers and names that are looked up in what was imported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from public_lists import ALGORITHMS, FILINGS, REGISTERED, REGISTRATIONS, ROWS, SYNTHESES, algorithm, csv_of

from countermark.inventory import filing_numbers
from countermark.inventory.register import Cancellation, Kind, PublicEntry, Register, Standing, Status
from countermark.inventory.register.deltas import join
from countermark.inventory.register.importing import read
from countermark.inventory.register.store import Content, packed

LISTS = {
    "2024-04.csv": [FILINGS, *ROWS, REGISTRATIONS, *REGISTERED],
    "2024-06.csv": [ALGORITHMS, *SYNTHESES],
}


def register(lists: dict[str, Sequence[Sequence[str]]] = LISTS, *more: Cancellation) -> Register:
    content = Content()
    for name, rows in lists.items():
        reading = read(name, csv_of(rows))
        source, _ = packed(name, csv_of(rows), reading, date(2026, 10, 1))
        content.sources.append(source)
        content.entries += [replace(each, source=name) for each in reading.entries]
        content.cancellations += reading.cancellations
    content.cancellations += more
    return Register(content)


def test_a_number_that_is_listed_is_live_and_says_whose_it_is() -> None:
    standing = register().check(" ZheJiang-YuanShan-202402050001 ")
    assert (standing.status, standing.shape, standing.as_of) == (Status.LIVE, "genai-filing", "2024-04")
    assert standing.record
    assert standing.record.entry.entity == "远山智能（杭州）股份有限公司"
    assert standing.record.entry.source == "2024-04.csv"
    assert not standing.defect


def test_another_letter_case_is_the_same_number_and_said() -> None:
    standing = register().check("Zhejiang-yuanshan-202402050001")
    assert standing.status is Status.LIVE
    assert standing.number == "ZheJiang-YuanShan-202402050001"
    assert standing.defect == "published with other letter case: ZheJiang-YuanShan-202402050001"


def test_a_number_that_was_cancelled() -> None:
    by_remark = register().check(algorithm(2))
    assert by_remark.status is Status.CANCELLED
    notice = Cancellation(algorithm(1), "2026-07", notice="公告", noticed="2026-07-17")
    by_notice = register(LISTS, notice).check(algorithm(1))
    assert (by_notice.status, by_notice.cancellation) == (Status.CANCELLED, notice)
    assert by_notice.record
    orphan = register({"2024-04.csv": LISTS["2024-04.csv"]}, notice).check(algorithm(1))
    assert (orphan.status, orphan.record) == (Status.CANCELLED, None)


def test_a_number_that_is_not_there_is_not_known() -> None:
    standing = register().check("Beijing-Nirgends-202401030001")
    assert (standing.status, standing.defect, standing.candidates) == (Status.UNKNOWN, "", ())
    assert standing.to_dict()["record"] is None


@pytest.mark.parametrize(
    "slip",
    [
        lambda number: number.replace("24001", "24101"),
        lambda number: number[:-2] + "2号",
        lambda number: number[:10] + number[11:],
        lambda number: number[:10] + "7" + number[10:],
        lambda number: number[:16] + number[17] + number[16] + number[18:],
    ],
    ids=["a digit", "the check digit", "one missing", "one too many", "two exchanged"],
)
def test_a_slip_in_an_algorithm_number_leads_to_the_right_one(slip) -> None:
    number = algorithm(1)
    assert slip(number) != number
    standing = register().check(slip(number))
    assert standing.status is Status.MALFORMED
    assert [each.entry.number for each in standing.candidates] == [number]


def test_a_slip_in_another_number_leads_to_the_right_one() -> None:
    standing = register().check("Beijing-Shi1i-20240103")
    assert (standing.status, standing.candidates[0].entry.name) == (Status.UNKNOWN, "示例大模型")


@pytest.mark.parametrize(
    ("asked", "how", "names"),
    [
        ("示例大模型", "name", ["示例大模型"]),
        ("示例", "name", ["示例大模型"]),
        ("YUANSHAN", "name", ["远山（YuanShan）"]),
        ("changhe", "name", ["长河"]),
        ("上海小岚信息技术有限公司", "entity", ["小岚助手"]),
        ("云笺文化", "part", ["云笺"]),
        ("没有", "", []),
        ("", "", []),
        ("。", "", []),
    ],
)
def test_names_are_found(asked: str, how: str, names: list[str]) -> None:
    found = [
        match for match in register({"2024-04.csv": LISTS["2024-04.csv"]}).find(asked) if match.how == how
    ]
    assert [match.record.entry.name for match in found] == names


def test_a_name_that_is_meant_stands_before_one_that_contains_it() -> None:
    found = register().find("示例")
    assert [(match.how, match.record.entry.name) for match in found] == [
        ("name", "示例大模型"),
        ("part", "示例文本生成算法"),
        ("part", "示例语音算法"),
    ]


def entry(number: str, period: str, sequence: int = 0, **more: str) -> PublicEntry:
    kind = Kind.REGISTRATION if filing_numbers.parse(number).shape == "genai-registration" else Kind.FILING
    return PublicEntry(kind, number, period=period, sequence=sequence, **more)


def test_the_later_list_is_right_and_the_earlier_is_kept() -> None:
    old = entry("Beijing-A-20240103", "2024-04", entity="旧公司")
    same = entry("Beijing-A-20240103", "2024-08", entity="旧公司")
    new = entry("beijing-A-20240103", "2025-01", entity="新公司")
    [record] = join([new, old, same]).records.values()
    assert (record.entry, record.earlier, record.repeats) == (new, (old, same), 0)
    [repeated] = join([old, same]).records.values()
    assert (repeated.entry, repeated.earlier, repeated.repeats) == (same, (), 1)


def test_gaps_over_all_lists() -> None:
    rows = [entry(f"Beijing-A{n}-20240103", "2024-04", n) for n in (1, 2, 3, 6, 9)]
    rows += [entry("Beijing-A5-20240103", "2024-08", 5)]
    rows += [entry(f"Beijing-B{n}-20240103S000{n}", "2024-08", n) for n in (1, 2, 4)]
    joined = join(rows)
    assert joined.gaps == {Kind.FILING: (4, 7, 8), Kind.REGISTRATION: (3,)}
    assert joined.said_gaps() == ["filing: no. 4, 7-8", "registration: no. 3"]
    assert not join(rows[1:]).gaps.get(Kind.FILING), (
        "a register that does not begin at 1 has no gap before it"
    )


def test_of_two_cancellations_the_one_that_says_more_counts() -> None:
    remark = Cancellation(algorithm(1), notice="已注销")
    notice = Cancellation(algorithm(1), "2026-07-17", notice="公告")
    for order in ([remark, notice], [notice, remark]):
        assert join([], order).orphans == (notice,)


def test_the_sample_is_small_sound_and_says_that_it_is_one() -> None:
    sample = Register.sample()
    assert 20 < len(sample) <= 40
    assert len(sample) + len(sample.joined.orphans) <= 40
    assert "sample" in sample.sources[0].note
    for record in sample:
        standing = sample.check(record.entry.number)
        assert (standing.status, standing.defect) == (Status.LIVE, "")
        assert not filing_numbers.parse(record.entry.number).defect
        assert standing.is_sample
    assert sample.check(sample.joined.orphans[0].number).status is Status.CANCELLED
    assert sample.check("Beijing-Nirgends-202401030001").status is Status.UNKNOWN
    assert sample.find("文心一言")[0].record.entry.entity == "北京百度网讯科技有限公司"


WHOLE = register()


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=40) | st.from_regex(r"\A(网信算备)?[A-Za-z-]*\d*S?\d*号?\Z"))
def test_any_text_has_a_standing(text: str) -> None:
    standing = WHOLE.check(text)
    assert isinstance(standing, Standing)
    assert standing.to_dict()["status"] in set(Status)
    WHOLE.find(text)
