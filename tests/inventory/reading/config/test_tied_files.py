"""What Compose files, the commands that start them, and their variables say of each other."""

from __future__ import annotations

import pytest
from config_samples import tied

COMPOSE = """\
services:
  api: {image: api, environment: {MODEL: a, OTHER: b}}
  rerank: {image: tei, profiles: [local, gpu], command: --model-id bge-reranker}
"""
OFF = " !profile local, gpu is not chosen"


def rerank(**files: str) -> str:
    (row,) = [row for row in tied(**{"docker-compose.yml": COMPOSE, **files}) if "--model-id" in row]
    return row.removeprefix("docker-compose.yml: 3 compose:rerank(tei): --model-id bge-reranker")


def test_an_override_overwrites_the_file_beside_it() -> None:
    rows = tied(
        **{
            "docker-compose.yml": COMPOSE,
            "docker-compose.override.yml": "services: {api: {environment: {MODEL: c}}}\n",
            "other/compose.yml": COMPOSE,
        }
    )
    assert [row for row in rows if "[compose:api]" in row] == [
        "docker-compose.yml: 2 [compose:api] MODEL = a !overwritten at docker-compose.override.yml:1",
        "docker-compose.yml: 2 [compose:api] OTHER = b",
        "docker-compose.override.yml: 1 [compose:api] MODEL = c",
        "other/compose.yml: 2 [compose:api] MODEL = a",
        "other/compose.yml: 2 [compose:api] OTHER = b",
    ]


@pytest.mark.parametrize(
    ("path", "text", "off"),
    [
        (".env", "COMPOSE_PROFILES=x,local\n", ""),
        (".env", "COMPOSE_PROFILES=x\n", OFF),
        (".env.example", "COMPOSE_PROFILES=local\n", OFF),
        (".env", "# COMPOSE_PROFILES=local\n", OFF),
        ("Makefile", "up:\n\tdocker compose --profile gpu up -d\n", ""),
        ("Makefile", "up:\n\tdocker compose --profile=gpu up -d\n", ""),
        ("Makefile", "up:\n\tdocker compose --profile gpu down\n", OFF),
        ("Makefile", "up:\n\tdocker compose --profile '*' up\n", ""),
    ],
)
def test_profiles_that_are_chosen(path: str, text: str, off: str) -> None:
    assert rerank(**{path: text}) == off


def test_without_a_choice_a_profile_is_off() -> None:
    assert rerank() == OFF


@pytest.mark.parametrize("command", ["docker build --target api .", "docker build . --target=api"])
def test_a_stage_that_a_command_builds(command: str) -> None:
    rows = tied(
        Dockerfile="FROM a AS base\nFROM base AS api\nENV MODEL=x\nFROM base AS docs\n",
        Makefile=f"image:\n\t{command}\n",
    )
    assert "Dockerfile: 3 [image:] MODEL = x" in rows


def test_documents_keep_their_order_and_number() -> None:
    rows = tied(**{"b.yaml": "a: 1\n", "a.yaml": "b: 2\n", "c.env": "C=3\n"})
    assert rows == ["b.yaml: 1 a = 1", "a.yaml: 1 b = 2", "c.env: 1 [] C = 3"]
