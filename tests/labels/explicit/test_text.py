"""Labels in plain text, Markdown, HTML and JSON: put in, found, and nothing else changed."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.explicit import text_html, text_json
from countermark.labels.explicit.placing import Where
from countermark.labels.explicit.text import MAX_CHARACTERS, PROMPT, Kind, add, find

P = "AI生成"
TAG = '<p class="aigc-label" lang="zh-CN">AI生成</p>'


@pytest.mark.parametrize(
    ("old", "where", "new"),
    [
        ("a\nb\n", "start", f"{P}\na\nb\n"),
        ("a\nb\n", "end", f"a\nb\n{P}\n"),
        ("a\nb", "both", f"{P}\na\nb\n{P}"),
        ("a\r\nb\r\n", "both", f"{P}\r\na\r\nb\r\n{P}\r\n"),
        ("\ufeffa", "start", f"\ufeff{P}\na"),
        ("a\rb\r", "end", f"a\rb\r{P}\r"),
        ("", "start", f"{P}\n"),
        ("", "end", P),
    ],
)
def test_plain_text(old, where, new):
    assert add(old, P, Where(where)) == new


@pytest.mark.parametrize(
    ("old", "where", "new"),
    [
        ("# A\n", "start", f"> {P}\n\n# A\n"),
        ("# A\n", "end", f"# A\n\n> {P}\n"),
        ("# A", "end", f"# A\n\n> {P}"),
        ("---\nx: 1\n---\n# A\n", "start", f"---\nx: 1\n---\n> {P}\n\n# A\n"),
        ("\ufeff---\r\nx: 1\r\n...\r\nA", "start", f"\ufeff---\r\nx: 1\r\n...\r\n> {P}\r\n\r\nA"),
        ("+++\nx = 1\n+++\nA\n", "both", f"+++\nx = 1\n+++\n> {P}\n\nA\n\n> {P}\n"),
        ("---\nx: 1\n---", "start", f"---\nx: 1\n---\n> {P}\n\n"),
        ("---\nno end\n", "start", f"> {P}\n\n---\nno end\n"),
        ("```py\ncode", "end", f"```py\ncode\n```\n\n> {P}"),
        ("~~~~\n```\n~~~~\n", "end", f"~~~~\n```\n~~~~\n\n> {P}\n"),
    ],
)
def test_markdown(old, where, new):
    assert add(old, P, Where(where), Kind.MARKDOWN) == new


@pytest.mark.parametrize(
    ("old", "where", "new"),
    [
        ("<p>x</p>", "start", f"{TAG}<p>x</p>"),
        ("<p>x</p>\n", "end", f"<p>x</p>\n{TAG}"),
        ("<head></head>\n<BODY id='>'>x</BODY>", "both", f"<head></head>\n<BODY id='>'>{TAG}x{TAG}</BODY>"),
        ("<!doctype a><title>t</title><meta><p>", "start", f"<!doctype a><title>t</title><meta>{TAG}<p>"),
        ("<script>'<a>'</script><!--<a>--><body>x", "start", f"<script>'<a>'</script><!--<a>--><body>{TAG}x"),
        ("\ufeff<body>x<!-- </body> --></body>", "end", f"\ufeff<body>x<!-- </body> -->{TAG}</body>"),
        ("\ufeffhello", "start", f"\ufeff{TAG}hello"),
        ("a < b", "both", f"{TAG}a < b{TAG}"),
        ("<html>x</html>", "end", f"<html>x{TAG}</html>"),
    ],
)  # fmt: skip
def test_html(old, where, new):
    assert add(old, P, Where(where), Kind.HTML) == new


def test_the_prompt_is_escaped_and_its_language_said():
    page = add("<body></body>", "<b>AI</b>生成 & co", kind=Kind.HTML)
    assert "&lt;b&gt;AI&lt;/b&gt;生成 &amp; co" in page


@pytest.mark.parametrize("page", ["<body hidden>x</body>", '<body style="display:none">x'])
def test_a_label_that_nobody_would_see_is_refused(page):
    with pytest.raises(LabelError, match="would not be seen"):
        add(page, kind=Kind.HTML)


@pytest.mark.parametrize(
    "page", ["<frameset><frame></frameset>", "<p>x<!-- open", "<p>x<script>y", "<p>x<b class='"]
)
def test_pages_without_a_place_for_a_label_are_refused(page):
    with pytest.raises(LabelError):
        add(page, where=Where.BOTH, kind=Kind.HTML)


@pytest.mark.parametrize("prompt", ["AI", "生成", "非AI生成", "", "AI\n生成", "AI生成" * 100])
def test_prompts_without_both_elements_are_refused(prompt):
    with pytest.raises(LabelError):
        add("x", prompt)


TEXTS = st.text(alphabet=st.sampled_from("ab <>/!-\"'=\n\r`~#中AI生成\ufeff"), max_size=60) | st.text(
    max_size=40
)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(Where), st.sampled_from(Kind))
@example("<!--", Where.END, Kind.MARKDOWN)
def test_adding_is_found_twice_is_once_and_all_stays(old, where, kind):
    try:
        new = add(old, PROMPT, where, kind)
    except LabelError:
        assert kind is Kind.HTML or "<!--" in old
        return
    assert add(new, PROMPT, where, kind) == new
    at = 0
    for character in old:  # the old text, in order, within the new one
        at = new.index(character, at) + 1
    found = find(new, kind)
    assert found.conforms
    places = {label.place for label in found.labels}
    if len(old) < 20 and where is not Where.END:
        assert "start" in places


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("本文由AI生成\n" + "x" * 200, Kind.PLAIN, [("start", "line")]),
        ("x" * 200 + "\n（内容由人工智能合成）", Kind.PLAIN, [("end", "line")]),
        ("x" * 200 + "\n由 AI 生成\n" + "y" * 200, Kind.PLAIN, [("middle", "line")]),
        ("AI 生成：" + "x" * 200, Kind.PLAIN, [("start", "phrase")]),
        ("x" * 200 + "。以上内容由AI生成，仅供参考。", Kind.PLAIN, [("end", "phrase")]),
        ("x" * 100 + "由AI生成的文字" + "x" * 100, Kind.PLAIN, []),
        ("【AI】" + "x" * 200, Kind.PLAIN, [("start", "corner")]),
        ("AI\n" + "x" * 200, Kind.PLAIN, [("start", "corner")]),
        ("x" * 200 + "[AI]", Kind.PLAIN, [("end", "corner")]),
        ("x\n\nAI", Kind.PLAIN, [("end", "corner")]),
        ("AI is everywhere", Kind.PLAIN, []),
        ("the article says AI", Kind.PLAIN, []),
        ("本文并非AI生成", Kind.PLAIN, []),
        ("ＡＩ生成", Kind.PLAIN, [("start", "line")]),
        ("", Kind.PLAIN, []),
        ("---\nAIGC: AI生成\n---\nx", Kind.MARKDOWN, []),
        ("<!-- AI生成 -->\nx", Kind.MARKDOWN, []),
        ("**AI生成**\n\nx", Kind.MARKDOWN, [("start", "line")]),
        ("<title>AI生成</title><p>x", Kind.HTML, []),
        ("<p>x</p><small>AI生成</small>", Kind.HTML, [("end", "line")]),
        ("<p>x</p><p>AI<b>生成</b></p>", Kind.HTML, [("end", "line")]),
        ("<sup>AI</sup><p>x", Kind.HTML, [("start", "corner")]),
    ],
)
def test_find(text, kind, expected):
    assert [(label.place, label.form) for label in find(text, kind).labels] == expected


@pytest.mark.parametrize(
    "opening",
    [
        "<p hidden>",
        "<div style='display: none'>",
        "<div style='color:red;display:none !important'>",
        "<div style='visibility:hidden'>",
        "<div style='opacity:0'>",
        "<div style='opacity: 0.0;'>",
        "<div style='font-size:0px'>",
        "<div style='text-indent:-9999px'>",
        "<div style='position:absolute;left:-9999px'>",
        "<div style='color:transparent'>",
        "<div style='clip:rect(0,0,0,0)'>",
        "<div style='clip-path:inset(50%)'>",
        "<template>",
        "<noscript>",
        "<script>",
        "<style>",
        "<dialog>",
        "<details>",
        "<iframe>",
        "<!--",
    ],
)
def test_hidden_prompts_do_not_count(opening):
    assert not find(f"<body>x {opening} AI生成", Kind.HTML).conforms


@pytest.mark.parametrize(
    "opening",
    ["<div style='opacity:0.9'>", "<div style='font-size:0.9em'>", "<dialog open>", "<details open>", "<b>"],
)
def test_shown_prompts_count(opening):
    assert find(f"<body>x {opening} AI生成", Kind.HTML).conforms


def test_the_window_can_be_set():
    text = "中" * 100 + "AI生成" + "文" * 200
    assert not find(text).conforms
    assert find(text, window=120).conforms
    for wrong in (0, 10**9):
        with pytest.raises(LabelError):
            find(text, window=wrong)


def test_long_and_deep_texts_are_refused_or_quick():
    with pytest.raises(TooLargeError):
        find("x" * (MAX_CHARACTERS + 1))
    with pytest.raises(TooLargeError):
        add("x" * (MAX_CHARACTERS + 1))
    with pytest.raises(TooLargeError):
        find("<div>" * 5000, Kind.HTML)
    big = 300_000
    for part in (
        "<",
        "<a ",
        '<a b="',
        "<!--",
        "<script>",
        "</",
        "<a =",
        "&",
        "< !",
        '<p style="opacity:' + "0" * 9,
    ):
        page = part * (big // len(part))
        find(page, Kind.HTML)
        find(page, Kind.MARKDOWN)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80), st.sampled_from(Kind), st.integers(1, 100))
def test_any_text_is_looked_at(text, kind, window):
    find(text, kind, window)
    text_html.visible_text(text)


DOCUMENT = (
    '{"id": 1.0, "choices":[{"message" : {"content":"hello \\u4e2d\\n", "x":[]}}, {}],'
    ' "a~b/c":"z", "a":{"a":"q"}}'
)


@pytest.mark.parametrize("pointer", ["/choices/0/message/content", "/a~0b~1c", "/a/a"])
def test_json_is_changed_in_one_string(pointer):
    new = text_json.add(DOCUMENT, pointer, P)
    assert text_json.add(new, pointer, P) == new
    assert text_json.find(new, pointer).conforms
    assert new.isascii()
    assert new.replace("AI\\u751f\\u6210\\n", "") == DOCUMENT


@pytest.mark.parametrize(
    "pointer", ["", "/id", "/choices", "/choices/2", "nope", "/choices/0/message/x", "/a"]
)
def test_json_without_such_a_string_is_refused(pointer):
    with pytest.raises(LabelError):
        text_json.add(DOCUMENT, pointer)


@pytest.mark.parametrize(
    "document", ["", "{", "[" * 100_000, '{"a":"\n"}', "x" * (MAX_CHARACTERS + 1), "9" * 9999]
)
def test_broken_json_is_refused(document):
    with pytest.raises(LabelError):
        text_json.find(document, "/a")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(VALUES, st.text(max_size=5), st.booleans())
def test_any_json_keeps_its_other_values(value, content, ascii_only):
    document = json.dumps({"before": value, "content": content, "after": value}, ensure_ascii=ascii_only)
    expected = {"before": value, "content": add(content, P), "after": value}
    assert json.loads(text_json.add(document, "/content", P)) == expected
