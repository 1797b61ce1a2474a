"""Pipelines, Makefiles, Procfiles, Modelfiles, and command lines among settings."""

from __future__ import annotations

import pytest
from config_samples import read, said
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.reading.config import read as read_bytes


def test_a_workflow() -> None:
    text = """\
    name: review
    on: push
    env:
      REVIEW_MODEL: gpt-4.1-mini
    jobs:
      review:
        runs-on: ubuntu-latest
        steps:
          - uses: example/reviewer@v2
            with:
              model: ${{ vars.MODEL || 'gpt-4.1-nano' }}
          - run: |
              export EVAL_MODEL=glm-4
              python eval.py --model "$REVIEW_MODEL"
            env: {KEY: "${{ secrets.KEY }}"}
    """
    (document,) = read(".github/workflows/review.yml", text)
    assert document.format == "ci"
    rows = said(".github/workflows/review.yml", text)
    assert "11 jobs.review.steps.[0].with.model = ${MODEL:-gpt-4.1-nano}" in rows
    assert [row for row in rows if "[" in row.split()[1][:1] or "ci:" in row] == [
        "4 [] REVIEW_MODEL = gpt-4.1-mini",
        "15 [] KEY = ${KEY}",
        "13 [ci:review] EVAL_MODEL = glm-4",
        "14 ci:review(): python eval.py --model $REVIEW_MODEL",
    ]


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/a.yml",
        ".gitlab-ci.yml",
        "azure-pipelines.yml",
        ".circleci/config.yml",
        ".drone.yml",
        ".woodpecker.yml",
        "bitbucket-pipelines.yml",
        ".travis.yml",
        "cloudbuild.yaml",
    ],
)
def test_pipelines_are_known_by_their_place(path: str) -> None:
    (document,) = read(path, "variables:\n  EVAL_MODEL: gpt-4o\njob:\n  script:\n    - pytest -q\n")
    assert document.format == "ci"
    assert [(a.name, a.line) for a in document.assignments] == [("EVAL_MODEL", 2)]
    assert [(c.scope, c.line) for c in document.commands] == [("ci:job", 5)]


def test_a_jenkinsfile() -> None:
    text = """\
    pipeline {
      environment {
        EVAL_MODEL = 'gpt-4o'
      }
      stages { stage('x') { steps {
        withEnv(["JUDGE_MODEL=glm-4"]) {
          sh 'python eval.py --model $EVAL_MODEL'
          sh '''
            ollama pull qwen3:8b
          '''
        }
      } } }
    }
    """
    assert said("Jenkinsfile", text) == [
        "3 [ci:] EVAL_MODEL = gpt-4o",
        "6 [ci:] JUDGE_MODEL = glm-4",
        "7 ci:(): python eval.py --model ${EVAL_MODEL}",
        "9 ci:(): ollama pull qwen3:8b",
    ]


def test_a_makefile() -> None:
    text = (
        "MODEL ?= Qwen/Qwen3-8B\n"
        "PORT := 8000\n"
        "export EMBED_MODEL = bge-m3\n"
        "\n"
        "serve: deps\n"
        "\t@vllm serve $(MODEL) \\\n"
        "\t  --port ${PORT}\n"
        "\n"
        "run:\n"
        "\tdocker run -e MODEL=$(MODEL) ollama/ollama serve\n"
    )
    assert said("Makefile", text) == [
        "1 make.MODEL = Qwen/Qwen3-8B",
        "2 make.PORT = 8000",
        "3 make.EMBED_MODEL = bge-m3",
        "3 [make:] EMBED_MODEL = bge-m3",
        "10 [container:ollama/ollama] MODEL = ${MODEL:-Qwen/Qwen3-8B}",
        "6 make:serve(): vllm serve ${MODEL:-Qwen/Qwen3-8B} --port 8000",
        "10 container:ollama/ollama(ollama/ollama): serve",
    ]


def test_a_procfile_and_a_modelfile() -> None:
    assert said("Procfile", "web: MODEL=gpt-4o python app.py\n# llm: ollama serve\n") == [
        "1 [process:web] MODEL = gpt-4o",
        "1 process:web(): python app.py",
        "2 process:llm(): ollama serve !commented out",
    ]
    assert said("Modelfile", "# FROM llama3.2\nFROM qwen3:8b\nPARAMETER temperature 1\n") == [
        "1 Modelfile.model = llama3.2 !commented out",
        "2 Modelfile.model = qwen3:8b",
    ]


def test_command_lines_among_settings() -> None:
    text = """\
    models:
      chat:
        cmd: |
          llama-server --port ${PORT} -m /m/qwen3.gguf
      old:
        enabled: false
        cmd: llama-server -m /m/old.gguf
    setup: pip install vllm
    run: vllm serve Qwen/Qwen3-8B
    """
    assert [row for row in said("swap.yaml", text) if "(): " in row] == [
        "4 chat(): llama-server --port ${PORT} -m /m/qwen3.gguf",
        "7 old(): llama-server -m /m/old.gguf !enabled: false beside it",
        "9 (): vllm serve Qwen/Qwen3-8B",
    ]


LINES = st.sampled_from(
    [
        "a:",
        "\tb $(C) ${D}",
        "C ?= d",
        "export E = f",
        "\t@g \\",
        "# H = i",
        "web: X=y j",
        "FROM k",
        "sh 'l'",
        "L = 'm'",
        "jobs:",
        "  n:",
        "    run: |",
        "      o && p",
        "    script: [q, r]",
        "env: {S: t}",
        "$(",
        "${",
        "include u",
    ]
)


@pytest.mark.parametrize("name", ["Makefile", "Procfile", "Modelfile", "Jenkinsfile", ".gitlab-ci.yml"])
@given(text=st.lists(LINES, max_size=15).map("\n".join) | st.text(max_size=80))
@settings(deadline=None, max_examples=100)
def test_any_lines_give_a_document(name: str, text: str) -> None:
    for document in read_bytes(name, text.encode("utf-8", "replace")):
        assert all(command.words for command in document.commands)
