"""JSON, TOML, INI, properties, HOCON, units and supervised programs."""

from __future__ import annotations

import json
import time
import tomllib
from typing import Any

import pytest
from config_samples import read, said, tied
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


def test_ini() -> None:
    text = """\
    root = 1
    [llm]
    model = gpt-4o   ; the good one
    url: "http://x/v1"
    prompt = You are
        kind.
    [rerank]
    enable = no
    model = bge
    """
    assert said("app.ini", text) == [
        "1 root = 1",
        "3 llm.model = gpt-4o",
        "4 llm.url = http://x/v1",
        "5 llm.prompt = You are\nkind.",
        "8 rerank.enable = no",
        "9 rerank.model = bge !enable: no beside it",
    ]


def test_supervised_programs() -> None:
    text = """\
    [supervisord]
    nodaemon=true
    [program:llm]
    command=vllm serve %(ENV_MODEL)s
        --port 8000
    environment=HF_HOME="/m",MODE=%(ENV_MODE)s
    [program:old]
    command=vllm serve old/model
    autostart=false
    """
    rows = said("supervisord.conf", text)
    assert [row for row in rows if "supervisor:" in row] == [
        "6 [supervisor:llm] HF_HOME = /m",
        "6 [supervisor:llm] MODE = ${MODE}",
        "4 supervisor:llm(): vllm serve ${MODEL} --port 8000",
        "8 supervisor:old(): vllm serve old/model !autostart=false beside it",
    ]


def test_a_unit_of_systemd() -> None:
    text = """\
    [Unit]
    Description=models
    [Service]
    Environment="LLM_MODEL=qwen3:8b" MODE=prod
    Environment=MODE=test
    # Environment=LLM_MODEL=llama3
    EnvironmentFile=-/etc/llm.env
    ExecStartPre=-/usr/bin/ollama pull ${LLM_MODEL}
    ExecStart=/usr/bin/llama-server -m /m/a.gguf \\
        --port 8080
    [Install]
    WantedBy=multi-user.target
    """
    (document,) = read("llm.service", text)
    assert (document.format, document.reads) == ("systemd", [("/etc/llm.env", "systemd:llm")])
    assert said("llm.service", text) == [
        "4 [systemd:llm] LLM_MODEL = qwen3:8b",
        "4 [systemd:llm] MODE = prod !overwritten at line 5",
        "5 [systemd:llm] MODE = test",
        "6 [systemd:llm] LLM_MODEL = llama3 !commented out",
        "8 systemd:llm(): /usr/bin/ollama pull ${LLM_MODEL}",
        "9 systemd:llm(): /usr/bin/llama-server -m /m/a.gguf --port 8080",
    ]


def test_a_unit_that_starts_a_container() -> None:
    text = "[Service]\nExecStart=/usr/bin/docker run -e MODEL=a/b vllm/vllm-openai --model a/b\n[Unit]\n"
    (document,) = read("a.service", text)
    (command,) = document.commands
    assert (command.image, [w.value for w in command.words]) == ("vllm/vllm-openai", ["--model", "a/b"])
    assert [(a.name, a.value.value) for a in document.assignments] == [("MODEL", "a/b")]


def test_properties() -> None:
    text = """\
    ! a comment
    spring.ai.openai.chat.options.model=${CHAT_MODEL:gpt-4o}
    a.list[0].name : x
    escaped\\ key = a\\u4e2d\\
       b
    rerank.enabled=false
    rerank.model=bge
    """
    assert said("application.properties", text) == [
        "2 spring.ai.openai.chat.options.model = ${CHAT_MODEL:-gpt-4o}",
        "3 a.list.[0].name = x",
        "4 escaped key = a中b",
        "6 rerank.enabled = false",
        "7 rerank.model = bge !enabled: false beside it",
    ]


def test_hocon() -> None:
    text = """\
    llm {
      url = "https://x/v1"
      model = "gpt-4o"
      model = ${?LLM_MODEL}
      options { temperature = 0.5 }
    }
    embed.model = bge-m3
    """
    assert said("application.conf", text) == [
        "2 llm.url = https://x/v1",
        "3 llm.model = gpt-4o",
        "4 llm.model = ${LLM_MODEL:-gpt-4o}",
        "5 llm.options.temperature = 0.5",
        "7 embed.model = bge-m3",
    ]


def test_settings_for_another_environment() -> None:
    rows = tied(
        **{
            "appsettings.json": '{"Llm": {"Model": "gpt-4o"}}',
            "appsettings.Development.json": '{"Llm": {"Model": "gpt-4o-mini"}}',
            "config/llm.yml": "default: &d {model: a, url: x}\ndevelopment: {<<: *d, model: b}\n"
            "production: {<<: *d, model: c}\n",
            ".env.production": "M=1\n",
            ".env.development": "M=2\n",
        }
    )
    assert rows == [
        "appsettings.json: 1 Llm.Model = gpt-4o",
        "appsettings.Development.json: 1 Llm.Model = gpt-4o-mini !environment development is not chosen",
        "config/llm.yml: 1 default.model = a !overwritten at line 3",
        "config/llm.yml: 1 default.url = x",
        "config/llm.yml: 2 development.model = b !environment development is not chosen",
        "config/llm.yml: 1 development.url = x !environment development is not chosen",
        "config/llm.yml: 3 production.model = c",
        "config/llm.yml: 1 production.url = x",
        ".env.production: 1 [] M = 1",
        ".env.development: 1 [] M = 2 !environment development is not chosen",
    ]


def test_the_tree_says_in_which_environment_it_runs() -> None:
    rows = tied(
        **{
            "Dockerfile": "FROM a\nENV ENV_FOR_DYNACONF=staging\n",
            "settings.toml": '[default]\nm = "a"\n[staging]\nm = "b"\n[production]\nm = "c"\n',
        }
    )
    assert rows[-3:] == [
        "settings.toml: 2 default.m = a !overwritten at line 4",
        "settings.toml: 4 staging.m = b",
        "settings.toml: 6 production.m = c !environment production is not chosen",
    ]


def test_an_environment_of_a_worker_is_not_chosen() -> None:
    rows = tied(**{"wrangler.toml": '[vars]\nMODEL = "a"\n[env.dev]\nvars = { MODEL = "b" }\n'})
    assert rows == [
        "wrangler.toml: 2 vars.MODEL = a",
        "wrangler.toml: 4 env.dev.vars.MODEL = b !no environment is chosen",
        "wrangler.toml: 2 [] MODEL = a",
        "wrangler.toml: 4 [] MODEL = b !no environment is chosen",
    ]


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
