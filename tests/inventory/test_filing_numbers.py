"""Numbers of Chinese filings, with the published ones as the measure."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.filing_numbers import ALGORITHM, FIND, check_digit, key, parse, tidied

REGISTRY = Path(__file__).parents[2].parent / "shared/data/registry"
published = pytest.mark.skipif(
    not REGISTRY.is_dir(), reason="shared/data/registry, the published numbers, is not here"
)
GOOD = "网信算备110101135224302220011号"


def rows(name: str) -> list[dict[str, str]]:
    with (REGISTRY / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@published
def test_every_published_algorithm_number_has_the_check_digit() -> None:
    numbers = [f"网信算备{line}号" for line in (REGISTRY / "algo_code_samples.txt").read_text().split()]
    numbers += [row["备案编号"] for row in rows("algo_filing_sample.csv")]
    assert len(numbers) > 200
    assert [number for number in numbers if parse(number).defect] == []


@published
def test_every_published_number_of_generative_ai_is_read() -> None:
    shapes = {"备案": "genai-filing", "登记": "genai-registration"}
    for row in rows("genai_filing_sample.csv"):
        read = parse(row["备案号"])
        assert (read.shape, read.defect) == (shapes[row["kind"]], ""), row
        assert FIND.findall(f"备案号：{row['备案号']}。") == [row["备案号"]]


@pytest.mark.parametrize(
    ("number", "shape", "defect"),
    [
        ("Beijing-WenXinYiYan-20230821", "genai-filing", ""),
        ("Beijing-Example-202404280016", "genai-filing", ""),
        (" Zhejiang-Shop-20260715S0197\n", "genai-registration", ""),
        ("ZhongYangQiYe-X1-202404280016", "genai-filing", ""),
        ("Beijing-Example-20240231", "genai-filing", "20240231 is no date"),
        ("Beijing-Example-00000000", "genai-filing", "00000000 is no date"),
        ("Beijing-Example-19990101", "genai-filing", "19990101 is no date of this century"),
        ("Atlantis-Example-20240201", "genai-filing", "Atlantis is no province, nor ZhongYangQiYe"),
        ("Beijing-BR-LLM-202503180078", "genai-filing", ""),
        ("Guangdong-XGPT-2-202505090040", "genai-filing", ""),
        ("Guangdong-Dr.GDCDC-20260706S0054", "genai-registration", ""),
        ("Beijing--X-202503180078", "", "has the shape of no known number"),
        ("Beijing-X-.Y-202503180078", "", "has the shape of no known number"),
        (GOOD, "algorithm", ""),
        (GOOD.replace("0011号", "0013号"), "algorithm", "the check digit is 3, where 1 was expected"),
        (GOOD.replace("0011号", "0012号"), "algorithm", "the check digit is 2, where 1 was expected"),
        (GOOD.replace("11号", "1号"), "algorithm", "has 20 digits between 网信算备 and 号, not 21"),
        ("网信算备", "algorithm", "has 0 digits between 网信算备 and 号, not 21"),
        (GOOD[:-1], "algorithm", "is not 网信算备, 21 digits and 号 with nothing else between them"),
        (
            GOOD.replace("1101", "11 01"),
            "algorithm",
            "is not 网信算备, 21 digits and 号 with nothing else between",
        ),
        ("", "", "has the shape of no known number"),
        ("Beijing-Example-2024042800161", "", "has the shape of no known number"),
        ("北京-Example-20240428", "", "has the shape of no known number"),
        ("京ICP备12345678号", "", "has the shape of no known number"),
        ("Beijing-Example-２０２４0428", "", "has the shape of no known number"),
    ],
)
def test_the_shape_of_a_number_and_what_is_wrong_with_it(number: str, shape: str, defect: str) -> None:
    read = parse(number)
    assert read.shape == shape
    assert read.defect.startswith(defect) if defect else not read.defect


def test_a_number_says_its_parts() -> None:
    assert parse("Zhejiang-Shop-20260715S0197").parts == {
        "region": "Zhejiang",
        "name": "Shop",
        "day": "20260715",
        "serial": "S0197",
    }
    assert parse(GOOD).parts["region"] == "110101"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"<p>备案号:{GOOD}</p>", [GOOD]),
        ("模型备案号：Beijing-WenXinYiYan-20230821，", ["Beijing-WenXinYiYan-20230821"]),
        ("a-Beijing-X-20230821", []),
        ("备案号 Beijing-BR-LLM-202503180078。", ["Beijing-BR-LLM-202503180078"]),
        ("（Guangdong-Dr.GDCDC-20260706S0054）", ["Guangdong-Dr.GDCDC-20260706S0054"]),
        ("my-final-report-20240101", []),
        ("Beijing-X-20230821-1", []),
        ("Beijing-X-20230821S0001 Hubei-Y-202308210001", ["Beijing-X-20230821S0001", "Hubei-Y-202308210001"]),
        ("report-final-20240101", ["report-final-20240101"]),
    ],
)
def test_numbers_are_found_in_running_text(text: str, found: list[str]) -> None:
    assert FIND.findall(text) == found


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("网信算备１１０１０１１３５２２４３０２２２００１１号", GOOD),
        (f" {GOOD[:8]}\n{GOOD[8:]}\u200b", GOOD),
        ("Beijing–WenXinYiYan—20230821", "Beijing-WenXinYiYan-20230821"),
        ("Ｂｅｉｊｉｎｇ－WenXin\u00a0YiYan－20230821", "Beijing-WenXinYiYan-20230821"),
    ],
)
def test_a_number_is_tidied_as_it_was_meant(written: str, number: str) -> None:
    assert tidied(written) == number
    assert key(written) == key(number.upper()) == number.casefold()


@settings(deadline=None, max_examples=200)
@given(st.text("0123456789", min_size=20, max_size=20))
def test_exactly_one_check_digit_fits(digits: str) -> None:
    fitting = [last for last in "0123456789" if not parse(f"网信算备{digits}{last}号").defect]
    assert fitting == [str(check_digit(digits))]
    assert ALGORITHM.fullmatch(f"网信算备{digits}1号")


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=40) | st.from_regex(r"\A(网信算备)?[A-Za-z-]*\d*S?\d*号?\Z"))
def test_any_text_is_read(text: str) -> None:
    read = parse(text)
    assert read.shape or read.defect
    assert tidied(tidied(text)) == tidied(text)
    FIND.findall(text)
