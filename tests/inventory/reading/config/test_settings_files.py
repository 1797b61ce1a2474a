"""JSON and TOML; and every kind of settings with hostile or broken content."""

from __future__ import annotations

import json
import time
import tomllib
from typing import Any

import pytest
from config_samples import read, said
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.reading.config import json_files, toml_files
from countermark.inventory.reading.config import read as read_bytes
from countermark.inventory.reading.config.trees import Mapping, Node, Scalar


def plain(node: Node) -> Any:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Mapping):
        return {key: plain(value) for key, _, value in node.items}
    return [plain(item) for item in node.items]


def test_json_with_lines() -> None:
    text = '{\n  "llm": {\n    "model": "gpt-4o",\n    "stop": ["a",\n      "b"],\n    "n": 1.5\n  }\n}\n'
    assert said("config.json", text) == [
        "3 llm.model = gpt-4o",
        "4 llm.stop.[0] = a",
        "5 llm.stop.[1] = b",
        "6 llm.n = 1.5",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{a: 'b', c: [1, 2,], }", {"a": "b", "c": ["1", "2"]}),
        ('{// x\n"a": /* y */ "b"}', {"a": "b"}),
        ('{"a": "\\u4e2d\\ud83d\\ude00\\n", "b": "\\ud800"}', {"a": "中😀\n", "b": "\ufffd"}),
        ('{"a": null, "b": true, "c": -1e3}', {"a": "", "b": "true", "c": "-1e3"}),
        ("\ufeff[]", []),
    ],
)
def test_json_of_all_kinds(text: str, expected: Any) -> None:
    parsed = json_files.parse(text)
    assert parsed.trouble == ""
    assert plain(parsed.roots[0]) == expected


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ('{"a": "b"', "no JSON: a bracket that does not close, from line 1"),
        ('{"a"\n "b"}', "no JSON: `:` or `,` is missing, in line 2"),
        ("{]", "no JSON: `]` where nothing is open, in line 1"),
        ('{"a": "b', 'no JSON: `"` where a value is expected, in line 1'),
        ("[" * 70, "no JSON: nested deeper than 60, in line 1"),
    ],
)
def test_what_is_no_json_is_said_with_its_line(text: str, trouble: str) -> None:
    assert json_files.parse(text).trouble == trouble


def test_channels_of_a_gateway_and_servers_of_tools() -> None:
    text = """\
    {"mcpServers": {
      "search": {
        "command": "npx", "args": ["-y", "search", "--model", "gpt-4o"],
        "env": {"SEARCH_MODEL": "gpt-4o-mini"}}},
     "scripts": {"llm": "ollama run qwen3:8b"}}
    """
    assert said("tools.json", text)[-3:] == [
        "4 [] SEARCH_MODEL = gpt-4o-mini",
        "3 search(): npx -y search --model gpt-4o",
        "5 llm(): ollama run qwen3:8b",
    ]


JSON = st.recursive(
    st.text(max_size=8) | st.booleans() | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


def texts(value: Any) -> Any:
    """What our tree gives for a value of the standard library: texts as they are, the rest as written."""
    if isinstance(value, dict):
        return {key: texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [texts(inner) for inner in value]
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


@given(JSON, st.booleans(), st.sampled_from([None, 2]))
@settings(deadline=None, max_examples=150)
def test_json_is_read_as_the_standard_library_writes_it(
    value: Any, ascii_only: bool, indent: int | None
) -> None:
    parsed = json_files.parse(json.dumps(value, ensure_ascii=ascii_only, indent=indent))
    assert parsed.trouble == ""
    assert plain(parsed.roots[0]) == texts(value)


TOML = """\
title = "shop"
# model = "gpt-4"

[llm]
model = "qwen-plus"     # the cheap one
"base.url" = 'https://x/v1'
stops = [
  "a",  # one
  "b",
]
options = { temperature = 0.5, nested.deep = "x" }
prompt = \"\"\"
You are
kind.\"\"\"

[[models]]
name = "a"
since = 2025-01-02 03:04:05

[[models]]
name = "b"
enabled = false
[models.options]
k = "v"
"""


def test_toml_with_lines() -> None:
    off = "!enabled: false beside it"
    assert said("config.toml", TOML) == [
        "1 title = shop",
        "5 llm.model = qwen-plus",
        "6 llm.base.url = https://x/v1",
        "8 llm.stops.[0] = a",
        "9 llm.stops.[1] = b",
        "11 llm.options.temperature = 0.5",
        "11 llm.options.nested.deep = x",
        "13 llm.prompt = You are\nkind.",
        "17 models.[0].name = a",
        "18 models.[0].since = 2025-01-02 03:04:05",
        f"21 models.[1].name = b {off}",
        "22 models.[1].enabled = false",
        f"24 models.[1].options.k = v {off}",
        "2 model = gpt-4 !commented out",
    ]


@pytest.mark.parametrize(
    "text", ["a = ", "a = [1", "[a", "a 1", '"a" = "b', "a = {b = 1", "a = 1 b = 2", "= 1", "[a]]\n"]
)
def test_what_is_no_toml_is_said(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads(text)
    assert toml_files.parse(text).trouble.startswith("no TOML: ")


def test_what_stands_before_an_error_is_read() -> None:
    (document,) = read("a.toml", 'model = "x"\n[broken\n')
    assert document.trouble
    assert [(e.path, e.value.value) for e in document.entries] == [(("model",), "x")]


@given(st.text(st.sampled_from("ab=[]{}.,\"'#\\ \n1-"), max_size=60))
@settings(deadline=None, max_examples=400)
def test_what_the_standard_library_reads_of_toml_is_read_so(text: str) -> None:
    try:
        expected = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        toml_files.parse(text)
        return
    parsed = toml_files.parse(text)
    assert parsed.trouble == ""
    assert alike(plain(parsed.roots[0]), expected)


def alike(found: Any, expected: Any) -> bool:
    """Whether two values are the same, whatever is no text."""
    if isinstance(expected, dict):
        return set(found) == set(expected) and all(
            alike(found[key], value) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(alike, found, expected))
    return found == expected if isinstance(expected, str) else isinstance(found, str)


@pytest.mark.parametrize("name", ["a.json", "a.toml", "a.ini", "a.properties", "a.hocon", "a.service"])
@pytest.mark.parametrize(
    "sign", ["[", "{", '"', "'", "\\", "a.", "a=", "#", "/*", "a = {", '"""', "\\u", "[[a]]\n"]
)
def test_many_signs_end_soon(name: str, sign: str) -> None:
    start = time.process_time()
    read_bytes(name, sign.encode() * (200_000 // len(sign)))
    assert time.process_time() - start < 20


LINES = st.sampled_from(
    [
        "[a]",
        "[[b]]",
        "c = d",
        "e: f",
        'g = "h',
        "i {",
        "}",
        "# j = k",
        "; l = m",
        "  n",
        "[Service]",
        "[program:x]",
        "Environment=A=b 'C=d",
        "ExecStart=-sh $X",
        "command=a %(ENV_B)s",
        "o = '''",
        "p\\",
        "!---",
        "#---",
        "q.r[0]=s",
    ]
)


@pytest.mark.parametrize(
    "name", ["a.json", "a.toml", "a.ini", "a.properties", "a.hocon", "a.service", "a.conf"]
)
@given(text=st.lists(LINES, max_size=15).map("\n".join) | st.binary(max_size=100))
@settings(deadline=None, max_examples=100)
def test_any_bytes_give_documents(name: str, text: str | bytes) -> None:
    for document in read_bytes(name, text if isinstance(text, bytes) else text.encode()):
        assert document.path == name
