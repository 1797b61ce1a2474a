"""One row for each model and host."""

from __future__ import annotations

import random

import pytest

from countermark.inventory.folding import MAX_PLACES, folded
from countermark.inventory.usage import Conflict, Kind, Place, Route, State, Usage

OPENAI = "api.openai.com"


def usage(state: State, path: str = "app/main.py", *, host: str = "", service: str = "") -> Usage:
    route = Route.DIRECT if host else Route.UNKNOWN
    return Usage("gpt-4o", state, (Place(path, 1),), host=host, route=route, service=service)


def rows(*usages: Usage) -> list[tuple[str, str, str]]:
    return [(row.model, str(row.state), row.host) for row in folded(usages)]


def test_the_strongest_state_takes_the_places_of_the_rest() -> None:
    [row] = folded(
        [
            usage(State.DOCUMENTED, "README.md"),
            usage(State.EFFECTIVE, host=OPENAI),
            usage(State.TEST, "tests/test_main.py"),
        ]
    )
    assert (row.state, row.host, row.route) == (State.EFFECTIVE, OPENAI, Route.DIRECT)
    assert [(p.path, p.what) for p in row.places] == [
        ("app/main.py", ""),
        ("tests/test_main.py", "test"),
        ("README.md", "documented"),
    ]


@pytest.mark.parametrize("state", [State.CATALOGUE, State.STALE, State.OFF, State.TEST, State.CI])
def test_what_only_repeats_folds_whatever_its_host(state: State) -> None:
    assert rows(usage(State.EFFECTIVE, host=OPENAI), usage(state, "b.py", host="relay.example")) == [
        ("gpt-4o", "effective", OPENAI)
    ]


def test_another_host_is_another_row() -> None:
    assert rows(usage(State.EFFECTIVE, host=OPENAI), usage(State.EFFECTIVE, "b.py", host="vllm:8000")) == [
        ("gpt-4o", "effective", OPENAI),
        ("gpt-4o", "effective", "vllm:8000"),
    ]
    assert (
        len(rows(usage(State.EFFECTIVE, host=OPENAI), usage(State.FALLBACK, "b.py", host="vllm:8000"))) == 2
    )


def test_a_host_that_is_not_known_folds_into_one_that_is() -> None:
    assert rows(usage(State.EFFECTIVE), usage(State.EFFECTIVE, "b.py", host=OPENAI)) == [
        ("gpt-4o", "effective", OPENAI)
    ]


def test_another_service_is_another_row() -> None:
    one = usage(State.EFFECTIVE, host=OPENAI, service="chat")
    other = usage(State.EFFECTIVE, "b.py", host=OPENAI, service="judge")
    assert len(folded([one, other])) == 2
    assert len(folded([one, usage(State.TEST, "b.py")])) == 1


def test_a_host_of_a_weaker_state_is_not_taken_for_the_stronger() -> None:
    [row] = folded([usage(State.EFFECTIVE), usage(State.TEST, "tests/x.py", host="mock.example")])
    assert (row.state, row.host) == (State.EFFECTIVE, "")


def test_what_is_not_resolved_stays() -> None:
    calls = [
        Usage("", State.UNRESOLVED, (Place(p, 1),), expression="${MODEL}", service=p) for p in ("a", "b")
    ]
    assert len(folded([*calls, usage(State.EFFECTIVE)])) == 3


def test_a_kind_and_conflicts_are_kept() -> None:
    conflict = Conflict("qwen", "gpt-4o", Place("b.py", 2))
    known = Usage(
        "gpt-4o", State.TEST, (Place("b.py", 1),), kind=Kind.CHAT, conflicts=(conflict,), provider="openai",
        requests=3, first="2026-01-02", last="2026-01-03",
    )  # fmt: skip
    [row] = folded([usage(State.EFFECTIVE), known])
    assert (row.kind, row.conflicts, row.provider) == (Kind.CHAT, (conflict,), "openai")
    assert (row.requests, row.first, row.last) == (3, "2026-01-02", "2026-01-03")


def test_places_are_limited() -> None:
    [row] = folded(usage(State.EFFECTIVE, f"{n}.py") for n in range(500))
    assert len(row.places) == MAX_PLACES


def test_the_order_of_what_comes_does_not_matter() -> None:
    usages = [
        usage(state, f"{n}.py", host=host)
        for n, state in enumerate((State.EFFECTIVE, State.FALLBACK, State.TEST, State.OFF))
        for host in (OPENAI, "vllm:8000")
    ]
    expected = folded(usages)
    for seed in range(10):
        mixed = random.Random(seed).sample(usages, len(usages))  # noqa: S311 - the same each time
        assert [(row.key, set(row.places)) for row in folded(mixed)] == [
            (row.key, set(row.places)) for row in expected
        ]


def test_nothing() -> None:
    assert folded([]) == []
