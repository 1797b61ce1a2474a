"""What whole files of each language say, and that any bytes give a module."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from language_samples import SAMPLES, code, listing, written

from countermark.inventory.reading.expressions import Call, Context, Module, Text
from countermark.inventory.reading.languages import LANGUAGES, WALKERS, read
from countermark.inventory.reading.languages.parsing import MAX_BYTES, MAX_MARKS

WHOLE = sorted(path for path in SAMPLES.rglob("*") if path.suffix in LANGUAGES)
OF = {LANGUAGES[path.suffix]: path for path in WHOLE} | {"javascript": SAMPLES / "server.cjs"}
DEEP = {
    "brackets": "(",
    "calls": "f(",
    "lists": "[",
    "blocks": "{",
    "generics": "<a>",
    "sum": "a+",
    "chain": "a.b().",
    "arrows": "->",
    "comments": "a/*",
    "commas": ",-",
    "quotes": '"',
    "templates": "`${",
}


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.name)
def test_a_whole_file(path: Path) -> None:
    module = read(str(path.relative_to(SAMPLES)), path.read_bytes(), LANGUAGES[path.suffix])
    assert listing(module) == path.with_name(f"{path.name}.txt").read_text()


def test_every_language_has_a_sample() -> None:
    assert set(LANGUAGES.values()) - set(OF) <= {"svelte"}
    assert set(LANGUAGES.values()) == set(WALKERS) | {"vue", "svelte"}


def test_lines_count_from_one_and_are_those_of_the_strings() -> None:
    module = code("// 中文\n\ncall(\n  'a',\n  { b: `c` });", "javascript")
    call = module.calls[0].call
    assert call.line == 3
    assert [written(value) for value in call.args] == ["'a'", "{'b': 'c'}"]
    assert call.args[0] == Text("a", 4)


@pytest.mark.parametrize(
    ("data", "language"),
    [
        ('const a = "模型";'.encode("utf-16"), "javascript"),
        ('const a = "模型";'.encode("utf-8-sig"), "typescript"),
        ('class A { String a = "模型"; }'.encode("gb18030"), "java"),
    ],
)
def test_encodings(data: bytes, language: str) -> None:
    assert [written(binding.value) for binding in read("a", data, language).bindings] == ["'模型'"]


def test_a_svelte_component() -> None:
    source = b'<script>\nlet model = "a";\n</script>\n<p>{model}</p>\n<script module>let b = "c";</script>'
    found = [(b.name, written(b.value), b.line) for b in read("a.svelte", source, "svelte").bindings]
    assert found == [(("model",), "'a'", 2), (("b",), "'c'", 5)]


def test_what_is_too_large_is_not_read() -> None:
    module = read("a.js", b" " * (MAX_BYTES + 1), "javascript")
    assert module.trouble == "larger than 2 MiB"
    assert not module.calls


def test_a_language_that_the_grammars_lack_is_trouble_and_no_panic() -> None:
    assert read("a.zig", b"const a = 1;", "zig").trouble == "zig is not read"


def test_what_is_no_code_is_said() -> None:
    module = read("a.go", b"%PDF-1.7 \xff\xfe \x00 <<< }} ### " * 40, "go")
    assert module.trouble == "much of it is no go that the grammar knows"


def test_syntax_errors_leave_the_rest() -> None:
    module = read("a.ts", b'const a = "b";\nfunction ( {\nconst c = "d";\n', "typescript")
    assert ("a",) in {binding.name for binding in module.bindings}


def test_what_is_nested_too_deep_is_said_and_the_rest_is_read() -> None:
    source = f"{'f(' * 400}1{')' * 400};\nconst a = 'b';"
    module = read("a.js", source.encode(), "javascript")
    assert module.trouble == "nested too deep in line 1"
    assert [binding.name for binding in module.bindings] == [("a",)]


def test_long_sums_chains_and_branches_are_not_deep() -> None:
    many = 90
    source = f"""
    const sum = {" + ".join(["'a'"] * 3000)};
    const chain = b{".c('x')" * many};
    if (a === "0") {{ f("0"); }} {"".join(f'else if (a === "{n}") {{ f("{n}"); }}' for n in range(1, 1000))}
    """
    module = code(source, "javascript")
    assert len(module.bindings[0].value.parts) == 3000  # type: ignore[union-attr]
    assert sum(isinstance(site.call, Call) for site in module.calls) == many + 1000


@pytest.mark.parametrize("language", sorted(OF))
@pytest.mark.parametrize("kind", DEEP)
def test_hostile_repetition_comes_to_an_end(language: str, kind: str) -> None:
    module = read("a", (DEEP[kind] * 600).encode(), language)
    assert isinstance(module, Module)


def test_marks_without_end_are_blanked_and_the_lines_around_them_read() -> None:
    source = f"const a = 'b';\n{',-' * MAX_MARKS * 20}\nconst c = 'd';"
    assert {b.name for b in read("a", source.encode(), "javascript").bindings} == {("a",), ("c",)}


def test_closing_brackets_in_a_row_are_code() -> None:
    deep = MAX_MARKS
    source = f"const a = {'[' * 60}'b'{']' * 60};\nconst t = {'[' * 3}{'{},' * deep}{']' * 3};"
    module = code(source, "javascript")
    assert "b" in written(module.bindings[0].value)


@pytest.mark.parametrize(
    ("language", "source", "said"),
    [
        ("go", '// client.Model = "gpt-4"\n/* nothing here */', ['client.Model = "gpt-4"']),
        ("rust", "/// Uses `gpt-4`.\n// a plain remark", ["Uses `gpt-4`."]),
        (
            "java",
            '/**\n * See "a b".\n * model: old,\n */\n// return ask(x);',
            ['See "a b".', "model: old,", "return ask(x);"],
        ),
        ("ruby", "# config.model = x\n# prose, only", ["config.model = x"]),
        ("php", "<?php # $model = x;\n// text", ["$model = x;"]),
    ],
)
def test_comments_that_quote_or_look_like_code(language: str, source: str, said: list[str]) -> None:
    comments = [
        loose.text.value for loose in code(source, language).loose if Context.COMMENT in loose.contexts
    ]
    assert comments == said


@pytest.mark.parametrize("language", sorted(OF))
@settings(max_examples=40, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes(language: str, data: bytes) -> None:
    assert read("a", data, language).path == "a"


@pytest.mark.parametrize("language", sorted(OF))
@settings(max_examples=40, deadline=None)
@given(
    cuts=st.lists(
        st.tuples(
            st.integers(0, 4000),
            st.integers(0, 60),
            st.sampled_from(['"', "{", "(", "", "\n", "#", "'", "`", "<", ";"]),
        ),
        max_size=12,
    )
)
def test_any_damage_to_a_file(language: str, cuts: list[tuple[int, int, str]]) -> None:
    text = OF[language].read_text()
    for at, length, instead in cuts:
        text = text[:at] + instead + text[at + length :]
    module = read("a", text.encode(), language)
    lines = text.count("\n") + 1
    assert all(1 <= binding.line <= lines for binding in module.bindings)
    assert all(1 <= site.call.line <= lines for site in module.calls)
