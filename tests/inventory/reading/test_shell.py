"""What shell scripts set, start and source."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.reading.expressions import (
    Context,
    Document,
    Either,
    Env,
    Expression,
    Join,
    Many,
    Text,
    Unknown,
)
from countermark.inventory.reading.shell import MAX_BYTES, read

SCRIPT = r"""#!/usr/bin/env bash
# Starts the service.
source "$(dirname "$0")/set_env.sh"
. ./common.sh
export MODEL=${MODEL:-Qwen/Qwen2.5-7B-Instruct} PORT=8000
# export MODEL=Qwen/Qwen2.5-72B-Instruct
# python -m vllm.entrypoints.openai.api_server --model old/model
: "${EMBEDDING:=bge-m3}"
if [ -z "$RERANK" ]; then
  RERANK="bge-reranker-v2-m3"
fi
[[ -z "${SPEECH:-}" ]] && SPEECH=cosyvoice
ARGS=(--model "$MODEL" --port $PORT)
CUDA_VISIBLE_DEVICES=0,1 nohup python -m vllm.entrypoints.openai.api_server \
    --model "$MODEL" \
    --served-model-name qwen-chat > vllm.log 2>&1 &
python serve.py "${ARGS[@]}"
ollama run deepseek-r1:14b | tee log.txt
answer=$(curl -s http://localhost:8000/v1/chat/completions -d '{"model": "qwen-chat"}')
curl https://api.deepseek.com/chat -d @- <<JSON
{"model": "deepseek-chat", "n": "$N"}
JSON
bash -c "xinference launch --model-name qwen2.5-instruct"
for m in qwen2.5:7b qwen2.5:14b; do ollama pull "$m"; done
if false; then
  vllm serve dead/model
fi
"""
ASSIGNED = """\
5 MODEL = $MODEL:-Qwen/Qwen2.5-7B-Instruct
5 PORT = 8000
6 MODEL = Qwen/Qwen2.5-72B-Instruct (commented out)
8 EMBEDDING = $EMBEDDING:-bge-m3
10 RERANK = $RERANK:-bge-reranker-v2-m3
12 SPEECH = $SPEECH:-cosyvoice
13 ARGS = [--model, $MODEL, --port, $PORT]
14 CUDA_VISIBLE_DEVICES = 0,1
19 answer = <$(curl -s http://localhost:8000/v1/chat/completions -d '{"model": "qwen-chat"}')>
24 m = qwen2.5:7b | qwen2.5:14b
"""
STARTED = """\
14 python -m vllm.entrypoints.openai.api_server --model $MODEL --served-model-name qwen-chat
17 python serve.py $ARGS
18 ollama run deepseek-r1:14b
18 tee log.txt
20 curl https://api.deepseek.com/chat -d @- {"model": "deepseek-chat", "n": "$N"}
23 xinference launch --model-name qwen2.5-instruct
24 ollama pull $m
26 vllm serve dead/model (below `if false`)
3 dirname <$0>
19 curl -s http://localhost:8000/v1/chat/completions -d {"model": "qwen-chat"}
"""


def script(source: str) -> Document:
    document = read("start.sh", source.encode())
    assert document.trouble == ""
    return document


def written(value: Expression) -> str:
    match value:
        case Text():
            return value.value.strip()
        case Env():
            return f"${value.name}{'' if value.default is None else ':-' + written(value.default)}"
        case Join():
            return "".join(map(written, value.parts))
        case Many():
            return f"[{', '.join(map(written, value.items))}]"
        case Either():
            return (" ?? " if value.ordered else " | ").join(map(written, value.options))
        case Unknown():
            return f"<{value.source}>"
    raise AssertionError(value)


def assigned(document: Document) -> list[str]:
    found = []
    for each in document.assignments:
        off, scope = f" ({each.off})" if each.off else "", f" for {each.scope}" if each.scope else ""
        found.append(f"{each.line} {each.name} = {written(each.value)}{off}{scope}")
    return found


def started(document: Document) -> list[str]:
    return [
        f"{c.line} {' '.join(map(written, c.words))}{f' ({c.off})' if c.off else ''}"
        for c in document.commands
    ]


def test_a_script() -> None:
    document = script(SCRIPT)
    assert assigned(document) == ASSIGNED.splitlines()
    assert started(document) == STARTED.splitlines()
    assert document.reads == [("set_env.sh", ""), ("./common.sh", "")]
    assert [(loose.text.line, loose.text.value) for loose in document.loose] == [
        (7, "python -m vllm.entrypoints.openai.api_server --model old/model")
    ]


def test_what_runs_in_a_container() -> None:
    document = script(
        "docker run -d --gpus all --name embed -e MODEL_ID=BAAI/bge-m3 -e HF_TOKEN --env REGION=$R \\\n"
        "  --env-file prod.env -p 8080:80 --shm-size=1g example.org/tei:1.5 --model-id BAAI/bge-m3\n"
        "sudo podman run --rm -it --entrypoint vllm example.org/vllm serve a/b\n"
        "docker exec -it web python -m app\n"
    )
    assert [(c.scope, c.image, [written(w) for w in c.words]) for c in document.commands] == [
        ("container:embed", "example.org/tei:1.5", ["--model-id", "BAAI/bge-m3"]),
        ("container:example.org/vllm", "example.org/vllm", ["vllm", "serve", "a/b"]),
        ("web", "", ["python", "-m", "app"]),
    ]
    assert assigned(document) == [
        "1 MODEL_ID = BAAI/bge-m3 for container:embed",
        "1 HF_TOKEN = $HF_TOKEN for container:embed",
        "1 REGION = $R for container:embed",
    ]
    assert document.reads == [("prod.env", "container:embed")]


def test_a_file_of_variables_that_is_written() -> None:
    document = script(
        "cat > app/.env <<'EOF'\nLLM_MODEL=glm-4-plus\nexport URL=\"https://a/b\"\n\nEOF\necho done"
    )
    assert assigned(document) == [
        "2 LLM_MODEL = glm-4-plus for file:app/.env",
        "3 URL = https://a/b for file:app/.env",
    ]


def test_scripts_that_are_handed_over() -> None:
    document = script(
        "ssh host <<EOF\nexport M=$N\nvllm serve a\nEOF\neval 'K=v'\nexport $(grep -v '^#' .env | xargs)"
    )
    assert assigned(document) == ["2 M = $N", "5 K = v"]
    assert started(document)[0] == "3 vllm serve a"
    assert document.reads == [(".env", "")]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("'a b'", "a b"),
        ('"a $B c"', "a$Bc"),
        ("a\\ b", "a b"),
        ("$'a\\tb'", "a\tb"),
        ("${B-c}", "$B:-c"),
        ("${B:-$C}", "$B:-$C"),
        ('${B:-"c d"}', "$B:-c d"),
        ("${B:?not given}", "$B"),
        ("${B:+--flag}", "--flag"),
        ("${B##*/}", "$B"),
        ("${1:-c}", "<$1> ?? c"),
        ("$1", "<$1>"),
        ("$(b)", "<$(b)>"),
        ("`b`", "<`b`>"),
        ("$((1 + 2))", "<$((1 + 2))>"),
        ("b${C}/d", "b$C/d"),
        ("a=b", "a=b"),
        ("", ""),
        ('"$"', "$"),
    ],
)
def test_words(source: str, value: str) -> None:
    assert [written(a.value) for a in script(f"A={source}\n").assignments] == [value]


def test_additions_and_entries() -> None:
    assert assigned(script("A=b\nA+=c\ntable[k]=v\ndeclare -x D=e")) == [
        "1 A = b",
        "2 A = $Ac",
        "3 table = v",
        "4 D = e",
    ]


def test_defaults_hold_only_where_the_test_asks() -> None:
    document = script('if [ -n "$A" ]; then A=x; fi\n[ -n "$B" ] || B=y\n[ -z "$C" ] || C=z\nD=w')
    assert assigned(document) == ["1 A = x", "2 B = $B:-y", "3 C = z", "4 D = w"]


def test_what_is_compared_is_no_command() -> None:
    document = script('case "$1" in\n  a|b) X=1 ;;\n  *) X=2 ;;\nesac\nif [ "$P" = "c" ]; then Y=3; fi')
    compared = [loose.text.value for loose in document.loose if Context.COMPARED in loose.contexts]
    assert compared == ["a", "b", "c"]
    assert document.commands == []
    assert assigned(document) == ["2 X = 1", "3 X = 2", "5 Y = 3"]


def test_functions_and_blocks() -> None:
    document = script("serve() {\n  python app.py\n}\n{ a; } && ( b )\n! c\nwhile true; do d; done")
    assert [text.split(" ", 1)[1] for text in started(document)] == [
        "python app.py",
        "a",
        "b",
        "c",
        "true",
        "d",
    ]


@pytest.mark.parametrize(
    ("source", "trouble"),
    [
        ("A='b", "a ' in line 1 is not closed"),
        ('\nA="b\n', 'a " in line 3 is not closed'),
        ("A=`b", "a ` in line 1 is not closed"),
    ],
)
def test_quotes_that_are_not_closed(source: str, trouble: str) -> None:
    assert read("a.sh", source.encode()).trouble == trouble


def test_limits() -> None:
    assert read("a.sh", b"#" * (MAX_BYTES + 1)).trouble == "larger than 1 MiB"
    for deep in ("$(", "${a:-", "`", '"$(', "(", "a=(", "<<a\n", "if ", "case a in ", "bash -c '", "\\"):
        assert read("a.sh", (deep * 20_000).encode()).path == "a.sh"


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab =$(){}[]<>'\"`\\\n;&|#:-+*!1@", max_size=80))
def test_any_script(source: str) -> None:
    document = read("a.sh", source.encode())
    lines = source.count("\n") + 1
    assert all(1 <= command.line <= lines for command in document.commands)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    assert read("a.sh", data).format == "shell"
