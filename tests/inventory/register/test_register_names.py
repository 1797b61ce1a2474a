"""Names of models and entities, written in many ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countermark.inventory.register import Likeness, entity_matches, likeness
from countermark.inventory.register.names import aliases, folded, stem


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("北京示例科技有限公司", " 北京示例 科技有限公司", Likeness.SAME),
        ("示例科技（北京）有限公司", "示例科技(北京)有限公司", Likeness.SAME),
        ("ＯＰＰＯ示例有限公司", "oppo示例有限公司", Likeness.SAME),
        ("北京示例科技有限公司", "北京示例科技股份有限公司", Likeness.SIMILAR),
        ("示例科技（北京）有限公司", "示例科技（深圳）有限公司", Likeness.SIMILAR),
        ("示例科技集团有限公司", "示例科技有限责任公司", Likeness.SIMILAR),
        ("北京示例有限公司", "北京示例有限公司河北分公司", Likeness.SIMILAR),
        ("北京示例科技有限公司", "北京他例科技有限公司", Likeness.OTHER),
        ("北京示例科技有限公司", "", Likeness.OTHER),
        ("", "", Likeness.OTHER),
        ("有限公司", "股份有限公司", Likeness.OTHER),
    ],
)
def test_likeness_of_entities(one: str, other: str, how: Likeness) -> None:
    assert likeness(one, other) is how
    assert likeness(other, one) is how
    assert entity_matches(one, other) is (how is Likeness.SAME)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("示例大模型", "示例"),
        ("示例 大语言模型", "示例"),
        ("“示例”大模型", "示例"),
        ("示例多模态大模型", "示例"),
        ("示例大模型算法-2", "示例大模型"),
        ("示例算法", "示例"),
        ("大模型", "大模型"),
        ("ShiLiDaMoXing", "shili"),
        ("GPT", "gpt"),
    ],
)
def test_endings_that_all_models_have_are_left_out(name: str, short: str) -> None:
    assert stem(name) == short


def test_all_that_a_model_can_be_called() -> None:
    assert set(aliases("远山（YuanShan）大模型", "Beijing-YuanShanDaMoXing-20240103")) == {
        "远山yuanshan大模型",
        "远山yuanshan",
        "远山大模型",
        "远山",
        "yuanshan",
        "yuanshandamoxing",
    }
    assert "andesgpt" in aliases("安第斯大模型注：英文名为AndesGPT")


@given(st.text(), st.text())
def test_any_texts_compare(one: str, other: str) -> None:
    assert likeness(one, other) is likeness(other, one)
    assert likeness(one, one) is (Likeness.SAME if folded(one) else Likeness.OTHER)
    assert all(len(alias) > 1 for alias in aliases(one, other))
