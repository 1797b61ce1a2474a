import pytest
from hypothesis import given
from hypothesis import strategies as st

from countermark.labels.defects import LabelError
from countermark.labels.explicit import wording


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("AI生成", ("AI", "生成")),
        ("ai 生成", ("AI", "生成")),
        ("ＡＩ合成", ("AI", "合成")),
        ("内容由人工智能生成", ("人工智能", "生成")),
        ("人工 智能 合 成", ("人工智能", "合成")),
        ("豆包AI生成", ("AI", "生成")),
        ("AIGC生成", ("AIGC", "生成")),
        ("本图并非AI生成，而是由AI合成", ("AI", "生成")),
        *((prompt, ("AI", "生成")) for prompt in wording.PROMPTS.values()),
    ],
)
def test_both_elements_conform(text, matched):
    assert wording.judge(text).conforms
    assert wording.judge(text).matched == matched
    assert wording.required(text) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("AI", "lacks 生成 or 合成"),
        ("即梦AI", "lacks 生成 or 合成"),
        ("自动生成", "lacks an AI word"),
        ("PAINT合成", "lacks an AI word"),
        ("openai生成", "lacks an AI word"),
        ("", "lacks an AI word (人工智能 or AI) and 生成 or 合成"),
        ("非AI生成", "denies"),
        ("未使用AI生成", "denies"),
    ],
)
def test_what_lacks_an_element_is_refused(text, message):
    assert not wording.judge(text).conforms
    with pytest.raises(LabelError) as refused:
        wording.required(text)
    assert message in str(refused.value)


@pytest.mark.parametrize("text", ["AI-generated", "Generated with AI", "synthetic image made by AI"])
def test_english_is_told_apart(text):
    assert wording.judge(text).english
    assert not wording.judge(text).conforms


def test_a_plain_sentence_is_no_prompt():
    assert not wording.judge("He said that the paint was made of maize.").english


@given(st.text(max_size=200))
def test_any_text_is_judged(text):
    judged = wording.judge(text)
    assert not judged.conforms or len(judged.matched) == 2
