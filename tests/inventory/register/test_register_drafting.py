"""Drafts of what to file."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.register import Kind, Register
from countermark.inventory.register.drafting import Case, Draft, Occasion, answering, draft, tracks
from countermark.inventory.register.ledger import Document, FiledModel, InternalUse, Ledger, OwnFiling
from countermark.inventory.register.rendering import (
    Bullets,
    Heading,
    Paragraph,
    Table,
    blocks,
    markdown,
    to_dict,
)
from countermark.inventory.usage import Place, Route, State, Usage
from countermark.model import Source

TODAY = date(2026, 11, 25)
EMPTY = Ledger(version=1)
OWN = OwnFiling(
    kind=Kind.FILING,
    number="Beijing-ShiLi-202404280016",
    entity="北京示例科技有限公司",
    product="示例助手",
    models=(FiledModel(name="shili-7b", version="2024-03", filed_as="示例大模型"),),
    started=date(2026, 11, 2),
    assessment=Document(path="docs/a.pdf", sha256="0" * 64),
)
LEDGER = Ledger(version=1, filings=(OWN,))
USED = Usage(
    "shili-14b", State.EFFECTIVE, (Place("app/llm.py", 3),), host="vllm:8000", route=Route.SELF_HOSTED
)
TESTED = Usage("gpt-4o", State.TEST, (Place("tests/a.py", 1),))


SAMPLE = Register.sample()


def values(made: Draft) -> dict[str, str]:
    return {item.label.en: item.value for item in made.fields}


def test_a_new_algorithm_filing_has_the_fields_of_article_24() -> None:
    made = draft(Case(Kind.SYNTHESIS, Occasion.NEW, "示例助手", since=date(2026, 11, 20)), EMPTY, TODAY)
    quoted = [item.label.zh for item in made.fields if item.source is Source.QUOTED]
    assert quoted == ["服务提供者的名称", "服务形式", "应用领域", "算法类型", "算法自评估报告", "拟公示内容"]
    [deadline] = made.deadlines
    assert (deadline.working_days, deadline.source, deadline.left) == (10, Source.QUOTED, 7)
    assert deadline.last
    assert deadline.last.day == date(2026, 12, 4)
    assert not made.is_late


def test_what_the_ledger_knows_is_filled_in() -> None:
    made = draft(Case(Kind.FILING, Occasion.NEW, " 示例 助手 "), LEDGER, TODAY)
    known = values(made)
    assert known["Entity"] == "北京示例科技有限公司"
    assert known["Province"] == "Beijing"
    assert known["Name of the model, as it will be published"] == "示例大模型"
    assert known["Version of the model"] == "shili-7b 2024-03"
    assert known["Base model, and its filing number"] == ""
    assert made.attachments[0].value == f"docs/a.pdf (sha256:{'0' * 64})"
    assert made.deadlines[0].since == date(2026, 11, 2)
    assert made.deadlines[0].source is Source.INFERRED, "no period for the filing itself was read"
    assert made.is_late


def test_a_change_says_what_was_filed_and_what_runs_now() -> None:
    case = Case(
        Kind.FILING, Occasion.CHANGE, number=OWN.number, since=date(2026, 11, 20), usages=(USED, TESTED)
    )
    known = values(draft(case, LEDGER, TODAY))
    assert known["Number of the filing"] == OWN.number
    assert known["Model or algorithm, and version, as filed"] == "shili-7b 2024-03"
    assert known["Model in use now"] == "shili-14b"
    assert answering((USED, TESTED)) == (USED,)


def test_a_cancellation_asks_for_little_and_within_twenty_days() -> None:
    case = Case(Kind.SYNTHESIS, Occasion.CANCEL, "示例助手", since=date(2026, 9, 10))
    made = draft(case, EMPTY, TODAY)
    assert values(made) == {
        "Number of the filing": "",
        "Product or service": "示例助手",
        "Entity": "",
        "Day on which the service ended": "2026-09-10",
        "Arrangements for the end: users told, data dealt with": "",
    }
    assert not made.attachments
    assert made.deadlines[0].working_days == 20
    assert (made.deadlines[0].left, made.is_late) == (-30, True)


def test_a_period_that_ended_on_a_weekend_is_over() -> None:
    case = Case(Kind.SYNTHESIS, Occasion.NEW, since=date(2026, 11, 6))
    assert draft(case, EMPTY, date(2026, 11, 20)).deadlines[0].left == 0
    assert not draft(case, EMPTY, date(2026, 11, 20)).is_late
    assert draft(case, EMPTY, date(2026, 11, 21)).is_late


def test_a_period_in_a_year_that_is_not_known_is_not_called_late() -> None:
    made = draft(Case(Kind.SYNTHESIS, Occasion.NEW, since=date(2026, 12, 28)), EMPTY, date(2027, 3, 1))
    assert not made.is_late
    assert "不早于 2027-01-07（2027 年节假日安排未知）" in markdown(made)


@pytest.mark.parametrize(
    ("upstream", "value", "doubt"),
    [
        (
            "beijing-wenxinyiyan-20230821",
            "文心一言（北京百度网讯科技有限公司），Beijing-WenXinYiYan-20230821",
            "",
        ),
        ("Beijing-Nirgends-20230821", "Beijing-Nirgends-20230821", "is on no imported list"),
        ("网信算备440305295988701240139号", "网信算备440305295988701240139号", "was cancelled"),
        ("Beijing-2023", "Beijing-2023", "malformed, probably a typo or invented"),
    ],
)
def test_the_model_that_is_called_is_looked_up(upstream: str, value: str, doubt: str) -> None:
    made = draft(Case(Kind.REGISTRATION, Occasion.NEW, upstream=upstream), EMPTY, TODAY, Register.sample())
    assert values(made)["Filed model that is called, and its number"] == value
    doubts = [note.text.en for note in made.notes if note.clause.en == upstream]
    assert doubt in "".join(doubts)
    assert bool(doubts) is bool(doubt)


def test_what_is_declared_to_be_internal_is_said() -> None:
    internal = InternalUse(product="报表助手", reason="x", signatory="CTO", signed=date(2026, 1, 1))
    made = draft(Case(Kind.FILING, Occasion.NEW, "报表助手"), Ledger(version=1, internal=(internal,)), TODAY)
    assert made.notes[0].source is Source.QUOTED
    assert "internal use only" in made.notes[0].text.en


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("occasion", list(Occasion))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_draft_says_how_each_line_is_known(kind: Kind, occasion: Occasion, lang: str) -> None:
    made = draft(Case(kind, occasion, "示例助手", usages=(USED,), reason="x"), LEDGER, TODAY)
    built = blocks(made, lang)
    assert isinstance(built[0], Heading)
    assert built[0].level == 1
    assert isinstance(built[-1], Paragraph)
    sources = {
        "zh": ("官方原文", "二手资料", "推断", "未经证实"),
        "en": ("official text", "secondary", "inferred", "unconfirmed"),
    }
    for block in built:
        if isinstance(block, Bullets):
            assert all(any(word in item for word in sources[lang]) for item in block.items)
        if isinstance(block, Table) and len(block.header) in (3, 5):
            assert all(any(word in row[-1] for word in sources[lang]) for row in block.rows)
    value = to_dict(made, lang)
    assert value["models"][0]["model"] == "shili-14b"
    assert {each["source"] for each in value["fields"]} <= set(Source)


def test_every_line_of_the_tracks_has_a_clause_and_a_source() -> None:
    data = tracks()
    lines = [*data["duty"], data["elsewhere"], data["internal"]]
    for name in ("algorithm", "filing", "registration", "every"):
        for part in ("field", "attachment", "note"):
            lines += data[name].get(part, [])
    assert len(lines) > 40
    for line in lines:
        assert set(data["clauses"][line["clause"]]) == {"zh", "en"}
        Source(line["source"])
        assert set(line.get("occasions", ())) <= set(Occasion)
    assert set(data["clauses"]) == {line["clause"] for line in lines}


def test_a_draft_in_markdown() -> None:
    case = Case(Kind.REGISTRATION, Occasion.NEW, "示例助手", since=date(2026, 11, 20), usages=(USED,))
    text = markdown(draft(case, EMPTY, TODAY))
    assert text.startswith("# 生成式人工智能应用或功能登记申请（草稿）\n")
    assert "| 登记单位 | 【待填写】 | 公开清单的栏目（推断） |" in text
    assert "| shili-14b | 【待填写】 | vllm:8000 | self-hosted | effective | app/llm.py:3 |" in text
    assert "- [ ] 内容审核能力说明 — 备案实务（二手资料）" in text


def test_names_cannot_become_markup() -> None:
    nasty = "a | b\n# c `d` <img src=x> [e](f) \x1b[31m\u202e"
    text = markdown(draft(Case(Kind.FILING, Occasion.NEW, nasty, reason=nasty), EMPTY, TODAY), "en")
    assert "a \\| b \\# c \\`d\\` \\<img src=x\\> \\[e\\](f) \\[31m" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


@settings(deadline=None, max_examples=60)
@given(
    st.text(max_size=30),
    st.text(max_size=30),
    st.dates(max_value=date(9900, 1, 1)),
    st.dates(date(1900, 1, 1)),
)
def test_any_case_gives_a_draft(product: str, number: str, since: date, today: date) -> None:
    for kind in (Kind.REGISTRATION, Kind.SYNTHESIS):
        for occasion in Occasion:
            case = Case(kind, occasion, product, number=number, upstream=number, since=since)
            made = draft(case, LEDGER, today, SAMPLE)
            assert markdown(made).count("\n# ") == 0
