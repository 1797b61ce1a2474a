"""The operator's own filings: everything that is wrong is said with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countermark.inventory.register import Kind
from countermark.inventory.register.ledger import FILE_NAME, LedgerError, load, schema
from countermark.target import FilingKind

WHOLE = f"""\
version: 1
filings:
  - kind: registration
    number: Beijing-ShiLi-20240405S0001
    entity: 北京示例科技有限公司
    product: 示例助手
    service: chat
    models:
      - {{name: qwen-plus, version: "2024-03-01", filed_as: 通义千问大模型}}
    upstream: ZheJiang-TongYiQianWen-20230901
    started: 2024-03-01
    filed: 2024-03-10
    approved: 2024-04-05
    changed: [2024-08-01, 2025-01-15]
    assessment: {{path: docs/assessment.pdf, sha256: {"ab" * 32}}}
    contact: compliance desk
  - kind: deep-synthesis
    entity: 北京示例科技有限公司
    product: 示例助手
internal:
  - product: 报表助手
    models: [qwen-long]
    reason: reachable from the office network only
    signatory: CTO
    signed: 2024-05-01
"""


@pytest.fixture
def ledger(tmp_path: Path):
    def write(text: str):
        path = tmp_path / FILE_NAME
        path.write_text(text, encoding="utf-8")
        return load(tmp_path)

    return write


def test_a_ledger_says_all_that_was_filed(ledger) -> None:
    read = ledger(WHOLE)
    registration, under_way = read.filings
    assert (registration.kind, registration.line, registration.is_live) == (Kind.REGISTRATION, 3, True)
    assert registration.models[0].version == "2024-03-01"
    assert registration.changed == (date(2024, 8, 1), date(2025, 1, 15))
    assert (under_way.number, under_way.is_live) == ("", False)
    assert read.internal[0].line == 21
    assert list(read.of(FilingKind.ALGORITHM)) == [under_way]
    assert read.by_number("beijing-shili-20240405S0001") == registration
    assert read.by_number("") is None


def test_the_schema_accepts_what_is_accepted(ledger) -> None:
    value = ledger(WHOLE).model_dump(mode="json", exclude_none=True)
    described = schema()
    assert described["properties"]["filings"]["description"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": 2}, described)
    jsonschema.validate(value, described)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("version: 1", "version: 2", r":1: version: Input should be 1"),
        (
            "    product: 示例助手\n    service",
            "    service",
            r":3: filings\[0\].product: this key is missing",
        ),
        ("    upstream:", "    upstraem:", r":10: .*unknown key; did you mean `upstream`\?"),
        ("kind: registration", "kind: licence", r":3: filings\[0\].kind"),
        ("kind: registration", "kind: filing", "is of another kind"),
        ("filed: 2024-03-10", "filed: 2024-05-10", "not in this order of time"),
        ("filed: 2024-03-10", "filed: yesterday", r":12: filings\[0\].filed"),
        ("ab" * 32, "12", r":15: filings\[0\].assessment.sha256"),
        ("docs/assessment.pdf", "../assessment.pdf", "stays inside"),
        ("kind: deep-synthesis", "kind: deep-synthesis\n    upstream: x", "only a registration"),
        (
            "kind: deep-synthesis",
            "kind: registration\n    number: BEIJING-ShiLi-20240405S0001",
            "two filings have the number",
        ),
        ("reason: reachable", "reason: &a reachable", "anchors and aliases"),
        ("contact: compliance", "contact: !!python/object:x compliance", "the tag"),
        ("contact: compliance desk", "contact: a\n    contact: b", "a second time"),
        ("  - product: 报表助手", "  - product: ''", r":21: internal\[0\].product"),
    ],
)
def test_each_mistake_is_named_with_its_line(ledger, before: str, after: str, message: str) -> None:
    assert before in WHOLE
    with pytest.raises(LedgerError, match=message):
        ledger(WHOLE.replace(before, after, 1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("- 1\n", "not a mapping"),
        ("a: [\n", ":2: not YAML"),
        ("? [a]\n: b\n", "a key is a word"),
        ("[" * 100, "deeper than 32"),
        ("x: " + "[" * 40 + "]" * 40, "deeper than 32"),
        ("#" * (1 << 20) + "##", "larger than 1 MiB"),
        ("version: 1\nfilings:\n" + "  - {}\n" * 200, "and 500 more mistakes"),
    ],
)
def test_what_is_no_ledger(ledger, text: str, message: str) -> None:
    with pytest.raises(LedgerError, match=message):
        ledger(text)


def test_a_missing_file_and_other_encodings(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="no such file"):
        load(tmp_path)
    (tmp_path / FILE_NAME).write_bytes("version: 1 # 备案".encode("gb18030"))
    with pytest.raises(LedgerError, match=":1: not UTF-8"):
        load(tmp_path / FILE_NAME)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=100) | st.text(max_size=100).map(lambda text: ("version: 1\n" + text).encode()))
def test_any_bytes_are_a_ledger_or_a_named_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(data)
    try:
        assert load(path).version == 1
    except LedgerError as error:
        mistakes = str(error)
    else:
        return
    assert mistakes.startswith(str(path))
