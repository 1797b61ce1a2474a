"""Measures our scan on the labelled corpus: ``python bench/inventory/score.py [--misses]``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from measures import Outcome, Share, of_inventory, outcomes
from truths import SPLITS, deployments

from countermark import inventory

Columns = dict[str, Callable[[Outcome], bool]]
MEASURES = (
    "ids found",
    "ids right",
    "concerning ids found as such",
    "concerning ids right",
    "state",
    "host",
    "route",
    "kind",
    "unresolved found",
    "unresolved right",
    "silent where there is no AI",
)


def scanned(split: str = "") -> list[Outcome]:
    """Every outcome of our scan over the corpus, or one half of it."""
    return [
        outcome
        for one in deployments(split)
        for outcome in outcomes(one, of_inventory(inventory.scan(one.tree)))
    ]


def shares(asked: Iterable[Outcome], measures: Iterable[str] = MEASURES) -> dict[str, Share]:
    """The share of right outcomes for each measure."""
    asked = list(asked)
    return {name: Share.among(one for one in asked if one.measure == name) for name in measures}


def table(
    asked: list[Outcome], columns: dict[str, Callable[[Outcome], bool]], measures: Iterable[str]
) -> str:
    """A table in Markdown: a row for each measure, a column for each part."""
    lines = ["| measure | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    parts = [shares(filter(holds, asked), measures) for holds in columns.values()]
    lines += [f"| {name} | " + " | ".join(str(part[name]) for part in parts) + " |" for name in measures]
    return "\n".join(lines)


def by_language(asked: list[Outcome]) -> str:
    """A row for each language."""
    names = ("ids found", "ids right", "state", "host")
    lines = ["| language | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for language in sorted({one.deployment.language for one in asked}):
        part = shares((one for one in asked if one.deployment.language == language), names)
        lines.append(f"| {language} | " + " | ".join(str(part[name]) for name in names) + " |")
    return "\n".join(lines)


def misses(asked: Iterable[Outcome]) -> str:
    """Everything that was wrong, a line each; what only repeats another measure is left out."""
    kept = set(MEASURES)
    wrong = [one for one in asked if not one.right and one.measure in kept]
    return "\n".join(f"{one.deployment.name} | {one.measure} | {one.what}" for one in wrong)


def columns(split: str) -> Columns:
    """The parts of the corpus, beside the whole where all of it was scanned."""
    parts = {name: _of_split(name) for name in ([split] if split else SPLITS)}
    return parts if split else {"all": lambda _: True, **parts}


def _of_split(name: str) -> Callable[[Outcome], bool]:
    return lambda one: one.deployment.split == name


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=SPLITS, default="", help="one half of the corpus")
    parser.add_argument("--misses", action="store_true", help="list everything that was wrong")
    parser.add_argument("--by", choices=["language", "state"], help="a further table")
    parser.add_argument("--json", type=Path, help="write the shares to this file")
    arguments = parser.parse_args()
    asked = scanned(arguments.split)
    print(table(asked, columns(arguments.split), MEASURES))
    if arguments.by == "language":
        print(f"\n{by_language(asked)}")
    if arguments.by == "state":
        states = sorted({one.measure for one in asked if one.measure.startswith("ids found: ")})
        print(f"\n{table(asked, columns(arguments.split), states)}")
    if arguments.misses:
        print(f"\n{misses(asked)}")
    if arguments.json:
        figures = {name: [share.right, share.of] for name, share in shares(asked).items()}
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
