"""What a path says of a file."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countermark.inventory.areas import is_for_development, is_for_production, of
from countermark.inventory.usage import State


@pytest.mark.parametrize(
    ("state", "paths"),
    [
        (
            None,
            [
                "main.py",
                "app/chat.py",
                "src/main/java/com/example/Chat.java",
                "src/main/java/cn/demo/chat/Chat.java",
                "app/trainer_app.py",
                "app/contest.py",
                "app/latest.py",
                "services/attestation/api.py",
                "requirements.txt",
                "config/prod.yaml",
                "docker-compose.yml",
                "app/evaluator.py",
                "app/gold.py",
                "citizen/api.py",
            ],
        ),
        (
            State.TEST,
            [
                "tests/test_chat.py",
                "app/test_chat.py",
                "app/chat_test.go",
                "src/chat.spec.ts",
                "src/chat.test.tsx",
                "src/test/java/com/acme/ChatTest.java",
                "src/__tests__/chat.ts",
                "conftest.py",
                "docker-compose.test.yml",
                ".env.test",
                "tests/evaluation/x.py",
            ],
        ),
        (
            State.DOCUMENTED,
            ["README.md", "docs/setup.yaml", "examples/app.py", "CHANGELOG", "app/notes.txt", "LICENSE"],
        ),
        (
            State.OFFLINE,
            [
                "train/run.py",
                "finetune.py",
                "train_lora.py",
                "app/run_sft.sh",
                "evaluation/judge.py",
                "notebooks/a.py",
                "explore.ipynb",
                "scripts/import_products.py",
                "lib/tasks/summarise.rake",
            ],
        ),
        (
            State.CI,
            [
                ".github/workflows/review.yml",
                ".gitlab-ci.yml",
                "Jenkinsfile",
                ".circleci/config.yml",
                "azure-pipelines.yml",
            ],
        ),
        (
            State.STALE,
            [
                "legacy/chat.py",
                "app/old/chat.py",
                "app/chat_old.py",
                "config.yaml.bak",
                "app/chat.py.orig",
                "main.py~",
            ],
        ),
    ],
)
def test_the_state_that_a_path_gives(state: State | None, paths: list[str]) -> None:
    assert {path: of(path) for path in paths} == dict.fromkeys(paths, state)


def test_what_starts_a_service_is_no_script_of_somebody() -> None:
    assert of("scripts/start.sh") is None
    assert of("scripts/start.py") is State.OFFLINE


def test_what_was_left_behind_is_that_before_it_is_a_test() -> None:
    assert of("legacy/tests/test_chat.py") is State.STALE


def test_guidelines_of_the_pipeline_are_documents() -> None:
    assert of(".github/CONTRIBUTING.md") is State.DOCUMENTED


@pytest.mark.parametrize(
    "path", ["settings/dev.py", "values-staging.yaml", ".env.development", "config.test.json"]
)
def test_an_environment_that_users_do_not_see(path: str) -> None:
    assert is_for_development(path)
    assert not is_for_production(path)


@pytest.mark.parametrize("path", ["settings/prod.py", "values-production.yaml", ".env.prod"])
def test_the_environment_that_users_see(path: str) -> None:
    assert is_for_production(path)
    assert not is_for_development(path)


@pytest.mark.parametrize("path", [".env.local", "app/device.py", "app/product.py", "config.yaml"])
def test_an_environment_of_its_own_is_named_whole(path: str) -> None:
    assert not is_for_development(path)
    assert not is_for_production(path)


@given(st.text(max_size=60))
def test_any_path(path: str) -> None:
    assert of(path) in (*State, None)
    assert is_for_development(path) in (True, False)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["a/", "test_", "_", "-", "old.", "train_", "a", ".bak"])
def test_a_long_path_takes_no_time(piece: str) -> None:
    start = time.perf_counter()
    of(piece * (4_096 // len(piece)))
    assert time.perf_counter() - start < 1
