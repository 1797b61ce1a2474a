"""The labelled corpus of ``bench/inventory``: that its labels stand, and how right our scan is on it."""

from __future__ import annotations

import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from countermark.inventory.usage import State

BENCH = Path(__file__).parents[2] / "bench/inventory"
if not BENCH.exists():
    pytest.skip("bench/inventory is not part of a source distribution", allow_module_level=True)
sys.path.insert(0, str(BENCH))

import measures  # noqa: E402 - scripts of the bench, not of the package
import score  # noqa: E402
import truths  # noqa: E402

FLOORS = {
    "ids found": {"tune": 0.92, "held": 0.82},
    "ids right": {"tune": 0.97, "held": 0.92},
    "state": {"tune": 0.91, "held": 0.82},
    "host": {"tune": 0.86, "held": 0.78},
    "silent where there is no AI": {"tune": 1.0},
}
"""A little below what docs/benchmarks.md reports: what falls under them has become worse."""
CORPUS = truths.deployments()


@cache
def outcomes() -> list[measures.Outcome]:
    return score.scanned()


@pytest.mark.parametrize(
    ("measure", "split"), [(m, split) for m, floors in FLOORS.items() for split in floors]
)
def test_the_scan_stays_above_its_floors(measure: str, split: str) -> None:
    asked = [one for one in outcomes() if one.measure == measure and one.deployment.split == split]
    share = measures.Share.among(asked)
    wrong = "\n".join(f"{one.deployment.name}: {one.what}" for one in asked if not one.right)
    assert share.value >= FLOORS[measure][split], f"{measure}: {share}\n{wrong}"


def lines(path: Path) -> list[str]:
    data = path.read_bytes()
    try:
        return data.decode().split("\n")
    except UnicodeDecodeError:
        return data.decode("gb18030").split("\n")


@pytest.mark.parametrize("one", CORPUS, ids=lambda one: one.name)
def test_a_label_stands_where_it_says(one: truths.Deployment) -> None:
    models = [row.model for row in one.rows if row.model]
    assert len(models) == len(set(models)), "one row for a model"
    for row in one.rows:
        text = lines(one.tree / row.path)[row.line - 1]
        spellings = (row.model, *row.aka) if row.model else (row.expression,)
        assert row.joined or any(spelling in text for spelling in spellings), f"{row} is not in: {text}"
        assert bool(row.model) == (row.state is not State.UNRESOLVED)
        assert row.state not in row.also


def test_the_corpus_is_large_and_balanced() -> None:
    assert len(CORPUS) >= 110
    assert len({one.language for one in CORPUS}) >= 18
    states = Counter(row.state for one in CORPUS for row in one.rows)
    assert set(states) == set(State)
    parts = Counter(one.split for one in CORPUS)
    assert set(parts) == set(truths.SPLITS)
    assert parts["held"] >= 15
    assert len({one.language for one in CORPUS if one.split == "held"}) >= 7
    assert sum(not one.rows for one in CORPUS) >= 6, "deployments without AI"


def test_the_labels_themselves_are_wholly_right() -> None:
    for one in CORPUS:
        found = [
            measures.Found(
                row.model, row.state, next(iter(row.hosts), ""), row.route, row.kind, ((row.path, row.line),)
            )
            for row in one.rows
        ]
        assert not score.misses(measures.outcomes(one, found))


def test_what_is_wrong_is_counted() -> None:
    [one] = [one for one in CORPUS if one.name == "py-fastapi-pydantic"]
    found = [
        measures.Found("qwen-turbo", "effective", "api.openai.com", places=(("app/settings.py", 14),)),
        measures.Found("nonesuch-7b", "effective", places=(("app/llm.py", 3),)),
        measures.Found("", "unresolved", places=(("app/llm.py", 9),)),
    ]
    shares = score.shares(measures.outcomes(one, found))
    assert (shares["ids found"].right, shares["ids found"].of) == (1, 8)
    assert (shares["ids right"].right, shares["ids right"].of) == (1, 2)
    assert (shares["concerning ids right"].right, shares["concerning ids right"].of) == (1, 2)
    assert (shares["state"].right, shares["host"].right, shares["unresolved right"].right) == (0, 0, 0)


def test_a_name_cut_short_counts_apart() -> None:
    [one] = [one for one in CORPUS if one.name == "py-fastapi-pydantic"]
    asked = list(measures.outcomes(one, [measures.Found("qwen-plus")]))
    found = {name: sum(x.right for x in asked if x.measure == name) for name in {x.measure for x in asked}}
    assert (found["ids found"], found["ids found, whole or cut short"]) == (0, 1)


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [(0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0), (5, 10, 0.1871, 0.8129), (300, 315, 0.9227, 0.9731)],
)
def test_intervals_are_exact(right: int, of: int, low: float, high: float) -> None:
    assert measures.Share(right, of).interval() == pytest.approx((low, high), abs=1e-4)


def test_nothing_asked_is_no_share() -> None:
    assert str(measures.Share(0, 0)) == "-"
    assert measures.Share(0, 0).interval() == (0.0, 1.0)
