"""The labelled corpus: small deployments, and what stands in each, written by hand."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from countermark.inventory.usage import Kind, Route, State

CORPUS = Path(__file__).parent / "corpus"
SPLITS = ("tune", "held")


@dataclass(frozen=True, slots=True)
class Row:
    """One model of a deployment, or a place where one must be that the files do not name."""

    model: str
    """As written; empty where the files do not name it."""
    state: State
    path: str
    line: int
    also: tuple[State, ...] = ()
    """States that a reasonable auditor would accept too."""
    also_at: tuple[tuple[str, int], ...] = ()
    """Other places that may stand for an id that is not known: where it is used."""
    aka: tuple[str, ...] = ()
    """Other spellings of the same id: without the prefix of a library, the constant of an SDK."""
    hosts: tuple[str, ...] = ()
    """Where requests go, the most exact first; none where the tree does not say."""
    route: Route = Route.UNKNOWN
    kind: Kind = Kind.UNKNOWN
    expression: str = ""
    """What stands in the place of an id that is not known."""
    optional: bool = False
    """Neither a miss nor a false alarm: an alias, a voice."""

    joined: bool = False
    """The id does not stand there as such: it is put together, or named by a constant of an SDK."""

    @property
    def states(self) -> frozenset[State]:
        """All that are right."""
        return frozenset({self.state, *self.also})

    def __str__(self) -> str:
        return f"{self.model or self.expression} [{self.state}] {self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Deployment:
    """One folder of the corpus."""

    name: str
    language: str
    split: str
    tree: Path
    rows: tuple[Row, ...]


def deployments(split: str = "") -> list[Deployment]:
    """The corpus in the order of names, or one half of it."""
    found = [_deployment(path) for path in sorted(CORPUS.glob("*/truth.toml"))]
    return [one for one in found if split in {"", one.split}]


def _deployment(path: Path) -> Deployment:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    head = data["deployment"]
    rows = tuple(_row(row) for row in data.get("usage", []))
    return Deployment(path.parent.name, head["language"], head["split"], path.parent / "tree", rows)


def _row(row: dict[str, Any]) -> Row:
    return Row(
        model=row["model"],
        state=State(row["state"]),
        path=row["path"],
        line=row["line"],
        also=tuple(State(state) for state in row.get("also", [])),
        also_at=tuple(_place(place) for place in row.get("also_at", [])),
        aka=tuple(row.get("aka", [])),
        hosts=tuple(filter(None, [row["host"], *row.get("hosts_also", [])])),
        route=Route(row["route"]),
        kind=Kind(row["kind"]),
        expression=row.get("expression", ""),
        optional=row.get("optional", False),
        joined=row.get("joined", False),
    )


def _place(text: str) -> tuple[str, int]:
    path, _, line = text.rpartition(":")
    return path, int(line)
