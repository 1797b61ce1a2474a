"""Provider codes: real codes of companies as vectors, invented ones for everything that is wrong."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.labels import codes
from countermark.labels.defects import LabelError, Severity

COMPANIES = [
    "91110102MACQD9K640",
    "9144030008867405X2",
    "91440300708461136T",
    "9144030071526726XG",
    "911101085636549482",
    "91110108MA01KP2T5U",
    "91310104MACE0YX639",
    "91340000711771143J",
    "91110108335469089C",
    "91440300MA5G49LC9K",
    "91440101MA9Y9T4H7A",
    "91330106MA2CFLDG4R",
    "91110000802100433B",
    "91110108MACC4D63XF",
    "91110105MACJ6K1C8A",
    "91340100MAEB4N8H76",
    "91110102MAD55U9H0F",
    "91330110MADHPQQY7L",
]
EXTENSIONS = [
    "10000",
    "20001",
    "1XGW3",
    "1308L",
    "1ZX0G",
    "1N858",
    "00000",
    "18020",
    "10100",
    "20100",
    "1YO01",
]
INVENTED = "910000001NWENTED0"
PERSON = "0021" + "999999190001010000" + "10001"


def coded(extension: str = "10001") -> str:
    return "0011" + INVENTED + codes.check_digit(INVENTED) + extension


def kinds(text: str, wanted: codes.Role | None = None) -> list[tuple[str, str]]:
    return [(defect.code, defect.severity.value) for defect in codes.defects(text, wanted)]


@pytest.mark.parametrize("credit_code", COMPANIES)
def test_the_check_digit_of_real_credit_codes(credit_code: str) -> None:
    assert codes.check_digit(credit_code[:17]) == credit_code[17]
    assert codes.defects(f"0011{credit_code}00000") == ()


@pytest.mark.parametrize("at", range(17))
def test_one_wrong_character_of_a_credit_code_is_noticed(at: int) -> None:
    right = coded()
    for other in codes.ALPHABET:
        wrong = right[: 4 + at] + other + right[5 + at :]
        assert (wrong == right) == (kinds(wrong) == [])


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_extensions_that_were_seen(extension: str) -> None:
    code = codes.parse(f"0011{COMPANIES[0]}{extension}")
    assert code.role == {"0": None, "1": "generation", "2": "propagation"}[extension[0]]
    assert code.text == f"0011{COMPANIES[0]}{extension}"
    assert codes.defects(code.text) == ()


def test_a_code_comes_apart_and_together() -> None:
    code = codes.parse("001191110102MAD55U9H0F10002")
    assert (code.version, code.subject_type, code.binding) == ("00", "1", "1")
    assert (code.subject, code.extension) == ("91110102MAD55U9H0F", "10002")
    assert code.credit_code == code.subject
    assert not code.is_individual
    assert codes.compose("91110102MAD55U9H0F", "generation", "0002") == code.text
    assert codes.compose("91110102MAD55U9H0F", "propagation") == "001191110102MAD55U9H0F20000"
    assert codes.compose("91110102MAD55U9H0F") == "001191110102MAD55U9H0F00000"


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        (coded("10001"), "generation", []),
        (coded("00000"), "generation", []),
        (coded("20001"), "generation", [("provider-code-other-role", "warning")]),
        (coded("10001"), "propagation", [("provider-code-other-role", "note")]),
        (coded("20001"), "propagation", []),
        (coded("30001"), "generation", [("provider-code-role", "warning")]),
        (coded(""), None, [("provider-code-without-service", "warning")]),
        (coded("1000"), None, [("provider-code-length", "error")]),
        (coded("100010"), None, [("provider-code-length", "error")]),
        (coded().lower(), None, [("provider-code-alphabet", "error")]),
        (coded().replace("E", "O"), None, [("provider-code-check-digit", "error")]),
        ("0031" + coded()[4:], None, [("provider-code-subject", "warning")]),
        ("0012" + coded()[4:], None, [("provider-code-subject", "warning")]),
        (PERSON, None, [("provider-code-person", "note")]),
    ],
)
def test_what_is_wrong_with_a_code(text: str, wanted: codes.Role | None, expected: list[object]) -> None:
    assert kinds(text, wanted) == expected


@pytest.mark.parametrize(
    "name", ["MiniMax", "kling", "示例科技有限公司", "", "00", "picwish", "001 Studio", "0" * 50]
)
def test_a_name_is_no_code_and_no_defect(name: str) -> None:
    assert not codes.looks_like_code(name)
    assert codes.defects(name, "generation") == ()
    assert codes.masked(name) == name
    with pytest.raises(LabelError, match="is no provider code"):
        codes.parse(name)


def test_the_number_of_a_person_is_shown_nowhere() -> None:
    code = codes.parse(PERSON)
    assert code.is_individual
    assert code.credit_code is None
    assert str(code) == codes.masked(PERSON) == "0021" + "*" * 18 + "10001"
    assert codes.masked(PERSON[:22]) == "0021" + "*" * 18
    assert codes.masked(PERSON[:20]) == "0021" + "*" * 16
    shown = repr(code) + " ".join(
        f"{defect}" for text in (PERSON, PERSON[:25]) for defect in codes.defects(text)
    )
    assert PERSON[4:10] not in shown
    with pytest.raises(LabelError) as caught:
        codes.parse(PERSON + "-")
    assert PERSON[4:10] not in str(caught.value)


@pytest.mark.parametrize(
    ("credit_code", "role", "service"),
    [
        ("91110102MAD55U9H0E", "generation", "0002"),
        ("91110102MAD55U9H0", "generation", "0002"),
        ("", None, "0000"),
        ("91110102MAD55U9H0F", "generation", "02"),
        ("91110102MAD55U9H0F", "generation", "abcd"),
        ("91110102MAD55U9H0F", None, "0002"),
    ],
)
def test_what_cannot_be_composed(credit_code: str, role: codes.Role | None, service: str) -> None:
    with pytest.raises(LabelError):
        codes.compose(credit_code, role, service)


@settings(deadline=None, max_examples=200)
@given(st.text() | st.from_regex(r"00[0-9]{2}[0-9A-Z]{14,24}", fullmatch=True))
def test_any_text_is_judged(text: str) -> None:
    found = codes.defects(text, "generation")
    assert all(isinstance(defect.severity, Severity) for defect in found)
    assert len(codes.masked(text)) == len(text)
    if re.fullmatch(r"[0-9A-Z]{27}", text):
        assert codes.parse(text).text == text
