"""What an image has in it and starts."""

from __future__ import annotations

import pytest
from config_samples import read, said, tied
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.reading.config import read as read_bytes

SERVER = """\
# syntax=docker/dockerfile:1
ARG VLLM=vllm/vllm-openai:v0.8.4
FROM node:22 AS web
ENV VITE_MODEL=gpt-4o
RUN npm ci && npm run build

FROM python:3.11 AS weights
ARG MODEL_ID=Qwen/Qwen2.5-7B-Instruct
RUN --mount=type=cache,target=/var/cache/hf \\
    pip install huggingface_hub && \\
    huggingface-cli download ${MODEL_ID} --local-dir /weights

FROM ${VLLM} AS base
ENV MODEL=/weights \\
    # the name that clients call
    SERVED_NAME="chat" PORT=8000
ENV OLD_FORM some value

FROM base
COPY --from=weights /weights /weights
ENV PORT=9000
# ENV SERVED_NAME=chat-2
ENTRYPOINT ["python3", "-m", "vllm.entrypoints.openai.api_server"]
CMD ["--model", "$MODEL", "--served-model-name", "${SERVED_NAME}"]
"""


WEIGHTS = "${MODEL_ID:-Qwen/Qwen2.5-7B-Instruct}"
MODEL, NAME = "${MODEL:-/weights}", "${SERVED_NAME:-chat}"
SERVER_MODULE = "python3 -m vllm.entrypoints.openai.api_server"


def test_an_image_of_several_stages() -> None:
    assert said("Dockerfile", SERVER) == [
        "2 ARG.VLLM = vllm/vllm-openai:v0.8.4",
        "3 FROM.web = node:22 !build stage web",
        "7 FROM.weights = python:3.11 !build stage weights",
        "8 ARG.MODEL_ID = Qwen/Qwen2.5-7B-Instruct !build stage weights",
        "13 FROM.base = vllm/vllm-openai:v0.8.4",
        "19 FROM.3 = base",
        "4 [image:] VITE_MODEL = gpt-4o !build stage web",
        "14 [image:] MODEL = /weights",
        "16 [image:] SERVED_NAME = chat",
        "16 [image:] PORT = 8000 !overwritten at line 21",
        "17 [image:] OLD_FORM = some value",
        "21 [image:] PORT = 9000",
        "22 [image:] SERVED_NAME = chat-2 !commented out",
        "5 image:(node:22): npm ci !build stage web",
        "5 image:(node:22): npm run build !build stage web",
        "10 image:(python:3.11): pip install huggingface_hub",
        f"11 image:(python:3.11): huggingface-cli download {WEIGHTS} --local-dir /weights",
        f"23 image:(vllm/vllm-openai:v0.8.4): {SERVER_MODULE} --model {MODEL} --served-model-name {NAME}",
    ]


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ('CMD ["ollama", "serve"]', "2 image:(a): ollama serve"),
        ("CMD ollama serve", "2 image:(a): ollama serve"),
        ('CMD ["sh", "-c", "vllm serve $MODEL"]', "2 image:(a): vllm serve ${MODEL}"),
        ("ENTRYPOINT exec vllm serve x", "2 image:(a): exec vllm serve x"),
        ("RUN <<EOF\nollama pull qwen3:8b\nEOF", "3 image:(a): ollama pull qwen3:8b"),
        ("RUN wget https://x/y/model.gguf -O /m.gguf", "2 image:(a): wget https://x/y/model.gguf -O /m.gguf"),
        ('RUN ["modelscope", "download", "--model", "X/y"]', "2 image:(a): modelscope download --model X/y"),
    ],
)
def test_forms_of_commands(text: str, command: str) -> None:
    assert said("Dockerfile", f"FROM a\n{text}\n")[-1] == command


def test_of_several_commands_the_last_counts() -> None:
    assert said("Dockerfile", 'FROM a\nCMD ["x", "a"]\nCMD ["x", "b"]\n')[1:] == [
        "2 image:(a): x a !overwritten at line 3",
        "3 image:(a): x b",
    ]


def test_an_argument_reaches_the_variable_that_it_fills() -> None:
    assert said("Dockerfile", "ARG M=a/b\nFROM x\nARG M\nENV MODEL=$M-chat N=${N:-c}\n")[2:] == [
        "4 [image:] MODEL = ${M:-a/b}-chat",
        "4 [image:] N = ${N:-c}",
    ]


def test_a_stage_that_something_builds_by_name_is_on() -> None:
    files = {
        "Dockerfile": (
            "FROM a AS base\nENV X=1\nFROM base AS api\nENV M=api\nFROM base AS worker\nENV M=worker\n"
        ),
        "docker-compose.yml": "services:\n  api:\n    build: {context: ., target: api}\n",
    }
    rows = tied(**files)
    assert "Dockerfile: 4 [image:] M = api" in rows
    assert "Dockerfile: 3 FROM.api = base" in rows
    alone = said("Dockerfile", files["Dockerfile"])
    assert "4 [image:] M = api !build stage api" in alone


FRAGMENTS = st.sampled_from(
    [
        "FROM a",
        "FROM a AS b",
        "FROM b",
        "ARG X=y",
        "ARG X",
        "ENV X=$X Y='z'",
        "ENV X y",
        "RUN a \\",
        "  && b",
        "RUN <<E",
        "E",
        "CMD [",
        'CMD ["a"]',
        "CMD a",
        "ENTRYPOINT a $X",
        "COPY --from=b c d",
        "# ENV X=y",
        "\\",
        "# escape=`",
        "`",
    ]
)


@given(st.lists(FRAGMENTS, max_size=20).map("\n".join) | st.text(max_size=100))
@settings(deadline=None, max_examples=200)
def test_any_lines_give_a_document(text: str) -> None:
    (document,) = read_bytes("Dockerfile", text.encode("utf-8", "replace"))
    assert document.format == "dockerfile"
    assert all(command.words for command in document.commands)


def test_too_many_instructions_are_said() -> None:
    (document,) = read("Dockerfile", "FROM a\n" * 5_100)
    assert document.trouble == "more than 5,000 instructions: the rest was not read"
