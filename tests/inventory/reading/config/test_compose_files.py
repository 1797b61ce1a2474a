"""Docker Compose, as large projects write it."""

from __future__ import annotations

import pytest
from config_samples import read, said
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.reading.config import read as read_bytes

PLATFORM = """\
x-shared-env: &shared-env
  LOG_LEVEL: ${LOG_LEVEL:-INFO}
  SYSTEM_MODEL: ${SYSTEM_MODEL:-qwen-plus}
  OPENAI_API_BASE: ${OPENAI_API_BASE:-https://api.openai.com/v1}

services:
  api:
    image: example/platform-api:1.2
    restart: always
    environment:
      <<: *shared-env
      MODE: api
      SYSTEM_MODEL: qwen-max
      # VISION_MODEL: qwen-vl-max
    env_file:
      - ./.env
      - path: ./secrets.env
        required: false
    depends_on: [vllm]

  worker:
    extends: api
    environment:
      MODE: worker

  vllm:
    image: vllm/vllm-openai:v0.8.4
    command: >
      --model ${SERVED_MODEL:-Qwen/Qwen2.5-7B-Instruct}
      --served-model-name chat
    deploy:
      resources:
        reservations:
          devices: [{driver: nvidia, count: 1, capabilities: [gpu]}]

  xinference:
    image: xprobe/xinference:v1.2
    profiles: [local, gpu]
    environment:
      - MODEL_SRC=modelscope
      - HF_TOKEN
    command: ["sh", "-c", "xinference-local & sleep 5 && xinference launch --model-name bge-m3"]

  rerank:
    image: ghcr.io/huggingface/text-embeddings-inference:1.6
    command: --model-id "BAAI/bge-reranker-base"
    scale: 0

  # ollama:
  #   image: ollama/ollama:0.5
  #   environment:
  #     - DEFAULT_MODEL=llama3.2

volumes:
  data:
"""
API = "[compose:api]"
WORKER = "[compose:worker]"
VLLM = "vllm/vllm-openai:v0.8.4"
SERVED = "${SERVED_MODEL:-Qwen/Qwen2.5-7B-Instruct}"
TEI = "ghcr.io/huggingface/text-embeddings-inference:1.6"
LOCAL = "!profile local, gpu is not chosen"


def test_a_platform() -> None:
    rows = said("docker-compose.yaml", PLATFORM)
    assert [row for row in rows if API in row] == [
        f"12 {API} MODE = api",
        f"13 {API} SYSTEM_MODEL = qwen-max",
        f"2 {API} LOG_LEVEL = ${{LOG_LEVEL:-INFO}}",
        f"4 {API} OPENAI_API_BASE = ${{OPENAI_API_BASE:-https://api.openai.com/v1}}",
        f"14 {API} VISION_MODEL = qwen-vl-max !commented out",
    ]
    assert f"24 {WORKER} MODE = worker" in rows
    assert f"13 {WORKER} SYSTEM_MODEL = qwen-max" in rows
    assert [row for row in rows if row.split(" ", 1)[1].startswith("compose:")] == [
        f"29 compose:vllm({VLLM}): --model {SERVED} --served-model-name chat",
        f"42 compose:xinference(xprobe/xinference:v1.2): xinference-local {LOCAL}",
        f"42 compose:xinference(xprobe/xinference:v1.2): sleep 5 {LOCAL}",
        f"42 compose:xinference(xprobe/xinference:v1.2): xinference launch --model-name bge-m3 {LOCAL}",
        f"46 compose:rerank({TEI}): --model-id BAAI/bge-reranker-base !scale: 0 beside it",
    ]
    assert f"40 [compose:xinference] MODEL_SRC = modelscope {LOCAL}" in rows
    assert f"41 [compose:xinference] HF_TOKEN = ${{HF_TOKEN}} {LOCAL}" in rows
    assert "52 [compose:ollama] DEFAULT_MODEL = llama3.2 !commented out" in rows
    assert "50 services.ollama.image = ollama/ollama:0.5 !commented out" in rows
    assert not any("x-shared" in row or "volumes" in row for row in rows)


def test_files_of_variables_are_read_for_their_service() -> None:
    (document,) = read("docker-compose.yaml", PLATFORM)
    assert document.format == "compose"
    assert document.reads == [
        ("./.env", "compose:api"),
        ("./secrets.env", "compose:api"),
        ("./.env", "compose:worker"),
        ("./secrets.env", "compose:worker"),
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("X: ${X}", "${X}"),
        ("X: ${X-d}", "${X:-d}"),
        ("X: ${X:?must be set}", "${X}"),
        ("X: a$$b", "a$b"),
        ("X: $Y", "${Y}"),
        ("X:", "${X}"),
        ('X: ""', ""),
        ("X: 'true'", "true"),
    ],
)
def test_interpolation_is_left_to_be_resolved(written: str, value: str) -> None:
    text = f"services:\n  a:\n    image: b\n    environment:\n      {written}\n"
    assert said("compose.yml", text)[-1] == f"5 [compose:a] X = {value}"


def test_arguments_of_a_build_and_a_target() -> None:
    text = """\
    services:
      a:
        build:
          context: ./api
          target: api
          args:
            - MODEL=${MODEL:-qwen3:8b}
    """
    assert said("compose.yml", text) == [
        "7 services.a.build.args.MODEL = ${MODEL:-qwen3:8b}",
        "4 services.a.build.context = ./api",
        "5 services.a.build.target = api",
    ]


def test_entry_point_and_command_are_one() -> None:
    text = """\
    services:
      a:
        image: ${VLLM_IMAGE:-vllm/vllm-openai}:${TAG:-v0.8}
        entrypoint: ["python3", "-m", "vllm.entrypoints.openai.api_server"]
        command:
          - --model
          - $MODEL
    """
    assert said("a/docker-compose.gpu.yml", text)[-1] == (
        "4 compose:a(vllm/vllm-openai:v0.8): python3 -m vllm.entrypoints.openai.api_server --model ${MODEL}"
    )


def test_a_config_that_is_a_file_is_read_as_one() -> None:
    text = """\
    services:
      proxy: {image: litellm}
    configs:
      litellm.yaml:
        content: |
          model_list:
            - model_name: chat
              litellm_params: {model: openai/gpt-4o}
    """
    outer, inner = read("compose.yml", text)
    assert (outer.path, inner.path, inner.format) == ("compose.yml", "compose.yml", "yaml")
    assert [(".".join(e.path), e.line) for e in inner.entries] == [
        ("model_list.[0].model_name", 7),
        ("model_list.[0].litellm_params.model", 8),
    ]


def test_a_compose_file_is_known_by_its_shape_too() -> None:
    (document,) = read("deploy/stack.prod.yaml", "services:\n  a:\n    image: b\n")
    assert document.format == "compose"
    (document,) = read("a.yaml", "services:\n  a:\n    url: b\n")
    assert document.format == "yaml"


FRAGMENTS = st.sampled_from(
    [
        "services:",
        "  a:",
        "    image: b",
        "    environment:",
        "      X: ${Y:-z}",
        "      - X=y",
        "    extends: a",
        "    command: [a, b]",
        "    command: sh -c 'a'",
        "    profiles: [p]",
        "    <<: *x",
        "  b: &x",
        "    env_file: e",
        "    build: {args: {A: b}}",
        "# c: d",
        "    # X: y",
        "configs:",
        "  c: {content: 'a: b'}",
        "x-a: &x",
    ]
)


@given(st.lists(FRAGMENTS, max_size=20).map("\n".join))
@settings(deadline=None, max_examples=200)
def test_any_lines_give_documents(text: str) -> None:
    for document in read_bytes("docker-compose.yml", text.encode()):
        assert all(a.name for a in document.assignments)
