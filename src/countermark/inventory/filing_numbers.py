"""The numbers of Chinese filings: their shape, and the check digit of algorithm numbers.

A wrong shape or check digit means *malformed, probably a typo or invented*, never *illegal*: only
the regulator's lists prove that a number is live. The check digit is inferred from published
numbers (204 of 204 fit), not from a published rule.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date

_NAME = r"[A-Za-z0-9]+(?:[-.][A-Za-z0-9]+){0,8}"
"""Mostly one word; ``Beijing-BR-LLM-202503180078`` and ``Guangdong-Dr.GDCDC-20260706S0054`` exist too."""
GENAI = re.compile(
    rf"(?P<region>[A-Za-z]+)-(?P<name>{_NAME})-(?P<day>\d{{8}})(?P<serial>\d{{4}}|S\d{{4}})?",
    re.ASCII,
)
ALGORITHM = re.compile(
    r"网信算备(?P<region>\d{6})(?P<entity>\d{7})(?P<cls>\d\d)(?P<year>\d\d)(?P<serial>\d{3})(?P<check>\d)号",
    re.ASCII,
)
ALGORITHM_DIGITS = 21
WEIGHTS = (2, 1, 3, 4)
REGIONS = frozenset(
    [
        "anhui",
        "beijing",
        "chongqing",
        "fujian",
        "gansu",
        "guangdong",
        "guangxi",
        "guizhou",
        "hainan",
        "hebei",
        "heilongjiang",
        "henan",
        "hubei",
        "hunan",
        "jiangsu",
        "jiangxi",
        "jilin",
        "liaoning",
        "neimenggu",
        "ningxia",
        "qinghai",
        "shaanxi",
        "shandong",
        "shanghai",
        "shanxi",
        "sichuan",
        "tianjin",
        "xinjiang",
        "xizang",
        "yunnan",
        "zhejiang",
        "bingtuan",
        "zhongyangqiye",
    ]
)
FIND = re.compile(
    rf"网信算备\d{{21}}号|(?<![\w-])(?:(?i:{'|'.join(sorted(REGIONS))})-{_NAME}|[A-Za-z]+-[A-Za-z0-9]+)"
    r"-20\d{6}(?:S?\d{4})?(?![\w-])",
    re.ASCII,
)
"""Numbers in running text. A name with hyphens needs a known region before it."""
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"))


@dataclass(frozen=True)
class FilingNumber:
    """What a number says of itself."""

    shape: str
    """``genai-filing``, ``genai-registration``, ``algorithm``; empty where it has none of them."""
    defect: str
    """What is wrong with it; empty where nothing is."""
    parts: dict[str, str] = field(default_factory=dict)


def parse(number: str) -> FilingNumber:
    """Read a filing or registration number.

    Source: published lists of the CAC (shape); inferred from them (check digit).
    """
    number = number.strip()
    if found := ALGORITHM.fullmatch(number):
        parts = found.groupdict()
        digits = number.removeprefix("网信算备").removesuffix("号")
        expected = check_digit(digits[:20])
        wrong = int(digits[20]) != expected
        defect = f"the check digit is {digits[20]}, where {expected} was expected" if wrong else ""
        return FilingNumber("algorithm", defect, parts)
    if number.startswith("网信算备"):
        count = len(re.findall(r"[0-9]", number))
        defect = f"has {count} digits between 网信算备 and 号, not {ALGORITHM_DIGITS}"
        if count == ALGORITHM_DIGITS:
            defect = f"is not 网信算备, {count} digits and 号 with nothing else between them"
        return FilingNumber("algorithm", defect)
    if found := GENAI.fullmatch(number):
        parts = {name: value or "" for name, value in found.groupdict().items()}
        shape = "genai-registration" if parts["serial"].startswith("S") else "genai-filing"
        return FilingNumber(shape, _genai_defect(parts), parts)
    return FilingNumber("", "has the shape of no known number, such as Beijing-Example-202404280016")


def tidied(number: str) -> str:
    """The number as its publisher writes it: half-width, plain hyphens, no spaces and invisible marks.

    Nothing that could make it another number is changed: letters keep their case, digits stay.
    """
    folded = unicodedata.normalize("NFKC", number).translate(DASHES)
    if folded.isprintable() and " " not in folded:
        return folded
    visible = (c for c in folded if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf"))
    return unicodedata.normalize("NFC", "".join(visible))


def key(number: str) -> str:
    """What two spellings of one number have in common: the lists themselves vary the case of a region."""
    return tidied(number).casefold()


def check_digit(digits: str) -> int:
    """The last digit of an algorithm number, from the 20 before it. Always odd.

    Source: inferred from 196 published numbers, confirmed on 8 others.
    """
    total = sum(WEIGHTS[i % 4] * int(digit) for i, digit in enumerate(digits[:20]))
    return 2 * (total % 5) + 1


def _genai_defect(parts: dict[str, str]) -> str:
    day = parts["day"]
    try:
        date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return f"{day} is no date"
    if not day.startswith("20"):
        return f"{day} is no date of this century"
    if parts["region"].lower() not in REGIONS:
        return f"{parts['region']} is no province, nor ZhongYangQiYe"
    return ""
