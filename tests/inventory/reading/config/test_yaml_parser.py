"""YAML as a tree with lines: what people write, what the full parser says of it, and what is no YAML."""

from __future__ import annotations

import io
import time
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from countermark.inventory.reading.config.trees import Mapping, Node, Scalar
from countermark.inventory.reading.config.yaml_documents import MAX_FULL, parse


def plain(node: Node) -> Any:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Mapping):
        return {key: plain(value) for key, _, value in node.items}
    return [plain(item) for item in node.items]


def lines(node: Node) -> list[tuple[str, int]]:
    """The scalars with their lines, in order."""
    if isinstance(node, Scalar):
        return [(node.value, node.line)]
    inner = [value for _, _, value in node.items] if isinstance(node, Mapping) else node.items
    return [row for each in inner for row in lines(each)]


def one(text: str) -> Node:
    parsed = parse(dedent(text))
    assert parsed.trouble == ""
    assert len(parsed.roots) == 1
    return parsed.roots[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b\nc: d", {"a": "b", "c": "d"}),
        ("a:\n  b:\n    c: d", {"a": {"b": {"c": "d"}}}),
        ("- a\n- b: c\n  d: e\n- - f\n  - g", ["a", {"b": "c", "d": "e"}, ["f", "g"]]),
        ("a:\n- b\n- c\nd: e", {"a": ["b", "c"], "d": "e"}),
        ("a: [b, 'c, d', {e: f}]", {"a": ["b", "c, d", {"e": "f"}]}),
        ("a: [\n  b,  # why\n  c\n]\nd: e", {"a": ["b", "c"], "d": "e"}),
        ('a: {"b":"c","d":[1,2]}', {"a": {"b": "c", "d": ["1", "2"]}}),
        ("a: b # c\nd: e#f", {"a": "b", "d": "e#f"}),
        ("a: http://x:8000/v1", {"a": "http://x:8000/v1"}),
        ("a: 'it''s'\nb: \"x\\ty\\u4e2d\"", {"a": "it's", "b": "x\ty中"}),
        ("a: b\n  c\n\n  d\ne: f", {"a": "b c\nd", "e": "f"}),
        ('a: "b\n  c \\\n  d"', {"a": "b c d"}),
        ("a: |\n  b: c\n    d\n\n  e\nf: g", {"a": "b: c\n  d\n\ne", "f": "g"}),
        ("a: >-\n  b\n  c\n\n  d", {"a": "b c\nd"}),
        ("a: |2\n    b\nc: d", {"a": "  b", "c": "d"}),
        ("a: ~\nb: null\nc:\nd: ''", {"a": "", "b": "", "c": "", "d": ""}),
        ("\"a b\": c\n'd': e\n? f\n: g", {"a b": "c", "d": "e", "f": "g"}),
        ("a: !tag b\nc: !!str 1\nd: &x e\nf: *x", {"a": "b", "c": "1", "d": "e", "f": "e"}),
        (
            "a: &x\n  b: c\n  d: e\nf:\n  <<: *x\n  d: g",
            {"a": {"b": "c", "d": "e"}, "f": {"d": "g", "b": "c"}},
        ),
        (
            "a: &x {b: c}\ny: &z {d: e}\nf:\n  <<: [*x, *z]",
            {"a": {"b": "c"}, "y": {"d": "e"}, "f": {"b": "c", "d": "e"}},
        ),
        ("%YAML 1.2\n---\na: b\n...\n", {"a": "b"}),
        ("a: {{ value }}\nb: x", {"a": "{{ value }}", "b": "x"}),
        ("model: !Ref ModelId", {"model": "${Parameters.ModelId.Default}"}),
    ],
)
def test_what_people_write(text: str, expected: Any) -> None:
    assert plain(one(text)) == expected


def test_several_documents_and_empty_ones() -> None:
    parsed = parse("---\n---\na: b\n---\n# only a comment\n--- # c\n- d\n--- text\n")
    assert [plain(root) for root in parsed.roots] == [{"a": "b"}, ["d"], "text"]


def test_lines_are_those_of_the_values() -> None:
    text = """\
    a: one

    # a comment
    b:
      - two
      - c: three   # more
        d:
          four
    e: |
      five
    f: &x
      g: six
    h: [seven,
        eight]
    i:
      <<: *x
      "j": 'nine'
    """
    expected = [("one", 1), ("two", 5), ("three", 6), ("four", 8), ("five", 10), ("six", 12), ("seven", 13)]
    assert lines(one(text)) == [*expected, ("eight", 14), ("nine", 17), ("six", 12)]


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("a: b: c", "no YAML: mapping values are not allowed here in line 1"),
        ("a:\n\t- b", "no YAML: found character '\\t' that cannot start any token in line 2"),
        ("a: *b", "no YAML: found undefined alias 'b' in line 1"),
        ("a: [b\nc: d", "no YAML: while parsing a flow sequence"),
        ("a: 'b\n", "no YAML: found unexpected end of stream in line 2"),
        ("a: b\n c: d", "no YAML: mapping values are not allowed here in line 2"),
    ],
)
def test_what_is_no_yaml_is_said_with_its_line(text: str, trouble: str) -> None:
    parsed = parse(text)
    assert parsed.trouble.startswith(trouble) or parsed.trouble.startswith("no YAML: expected ',' or ']'")


def test_the_rest_of_a_broken_file_is_read_all_the_same() -> None:
    parsed = parse("llm:\n  model: gpt-4o\n  note: a: b: c\n  url: x\n@bad\nport: 1\n")
    assert parsed.trouble
    assert plain(parsed.roots[0]) == {
        "llm": {"model": "gpt-4o", "note": "a: b: c", "url": "x"},
        "port": "1",
    }


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(20)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "".join(" " * i + "a:\n" for i in range(1_500)),
        "[" * 200_000,
        "- " * 100_000,
        "a: [\n" * 40_000,
        "a: 'b\n" * 50_000,
        "&a " * 100_000,
        'a: "' + "\n" * 300_000,
        "? a\n" * 50_000,
        "a: {{\n" * 50_000,
        "\t" * 100_000 + "a: b",
        "a: |\n" + " x\n" * 200_000,
    ],
    ids=range(12),
)
def test_hostile_files_end_soon(text: str) -> None:
    start = time.process_time()
    parse(text)
    assert time.process_time() - start < 20, "minutes without the limits"


def test_a_large_file_of_plain_yaml_needs_no_full_parser() -> None:
    rows = [f"key{number}:\n  model: value{number}\n" for number in range(10_000)]
    text = "".join(rows)
    assert len(text) > MAX_FULL
    assert lines(one(text))[-1] == ("value9999", 20_000)


KEYS = st.text("abcdefgh_-.", min_size=1, max_size=8).filter(lambda k: k[0].isalpha())
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=20
).filter(
    lambda text: not text.startswith((":", "?"))  # which the writer leaves bare where no reader knows them
)
TREES = st.recursive(
    TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=4), st.sampled_from([None, False, True]))
@settings(deadline=None, max_examples=150)
def test_what_the_full_parser_writes_is_read_as_it_was(tree: dict[str, Any], flow: bool | None) -> None:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = flow
    yaml.allow_unicode = True
    out = io.StringIO()
    yaml.dump(tree, out)
    parsed = parse(out.getvalue())
    assert parsed.trouble == ""
    assert plain(parsed.roots[0]) == tree


@given(st.text(st.sampled_from("ab:-#&*|>'\"[]{},!?% \n\t\\$"), max_size=80))
@settings(deadline=None, max_examples=400)
def test_any_text_gives_a_tree_or_trouble(text: str) -> None:
    parsed = parse(text)
    count = text.count("\n") + 1
    for root in parsed.roots:
        assert all(1 <= line <= count + 1 for _, line in lines(root))
