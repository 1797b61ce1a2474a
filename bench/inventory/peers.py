"""Other scanners on the same corpus, offline: ``python bench/inventory/peers.py [--install]``.

Every string that one of them gives as the name of a model counts for it. They tell no states, so only ids
are compared.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installing import install, program
from measures import Found, Outcome, Share, outcomes
from running import Run, timed
from truths import SPLITS, Deployment, deployments

MEASURES = (
    "ids found",
    "ids found, whole or cut short",
    "ids right",
    "concerning ids found as such",
    "concerning ids right",
    "silent where there is no AI",
)


@dataclass(frozen=True, slots=True)
class Peer:
    """Another scanner."""

    package: str
    version: str
    command: tuple[str, ...]
    """``TREE`` and ``OUT`` stand for the folder and the report."""
    models: Callable[[Any], Iterator[object]]
    """The names of models in its report."""
    python: str = "3.11"
    """The least Python that it runs on."""

    def why_not(self) -> str:
        """Why it cannot be run; empty where it can."""
        return "" if program(self.package, self.command[0]).exists() else "not installed: run with --install"

    def run(self, tree: Path) -> tuple[Run, list[Found]]:
        """Scan a folder; what it found, each name once. A name with a space in it is a description."""
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder, "report.json")
            words = [{"TREE": str(tree), "OUT": str(report)}.get(word, word) for word in self.command[1:]]
            done = timed([str(program(self.package, self.command[0])), *words], Path(folder))
            try:
                data = json.loads(report.read_bytes())
            except (OSError, ValueError):
                return done, []
        names = dict.fromkeys(str(name).strip() for name in self.models(data) if name)
        return done, [Found(name) for name in names if name and not set(name) & set(" \t\n")]


def _values(data: Any, key: str) -> Iterator[Any]:
    """Everything below a key, at any depth."""
    if isinstance(data, dict):
        for name, value in data.items():
            if name == key:
                yield value
            yield from _values(value, key)
    elif isinstance(data, list):
        for value in data:
            yield from _values(value, key)


def _listed(data: Any, key: str) -> Iterator[Any]:
    """The elements of every list below a key."""
    for value in _values(data, key):
        if isinstance(value, list):
            yield from value


def _nexus(report: Any) -> Iterator[object]:
    yield from _listed(report, "models")
    for piece in _listed(report, "evidence"):
        if str(piece.get("description", "")).startswith("model id matched"):
            yield piece.get("attributes", {}).get("value")


def _nuguard(report: Any) -> Iterator[object]:
    for node in report.get("nodes", []):
        if str(node.get("component_type") or node.get("type")).upper().endswith("MODEL"):
            yield node.get("name")
        for key in ("model_name", "model_id", "model"):
            yield from _values(node.get("metadata"), key)


def _ai_bom(report: Any) -> Iterator[object]:
    for entry in _listed(report.get("components"), "properties"):
        if str(entry.get("name")).endswith("model_name"):
            yield entry.get("value")


def _agent_bom(report: Any) -> Iterator[object]:
    yield from _listed(report, "unique_models")
    for component in _listed(report, "components"):
        if "model" in str(component.get("component_type") or component.get("type")):
            yield component.get("name")


PEERS = (
    Peer(
        "nexusshadowscan",
        "0.1.4",
        ("shadowscan", "code", "TREE", "--no-secrets", "--include-tests", "-f", "json", "-o", "OUT"),
        _nexus,
    ),
    Peer(
        "nuguard",
        "0.9.16",
        ("nuguard", "sbom", "generate", "-s", "TREE", "--no-llm", "--no-scan-images", "-o", "OUT"),
        _nuguard,
        python="3.12",
    ),
    Peer(
        "ai-bom",
        "3.6.0",
        ("ai-bom", "scan", "TREE", "--deep", "-q", "--no-telemetry", "-f", "json", "-o", "OUT"),
        _ai_bom,
    ),
    Peer("agent-bom", "0.110.0", ("agent-bom", "code", "TREE", "-q", "-f", "json", "-o", "OUT"), _agent_bom),
)


def row(peer: Peer, corpus: list[Deployment]) -> tuple[str, list[Outcome]]:
    """A line of the table for one peer, and what lies behind it."""
    runs = [(one, *peer.run(one.tree)) for one in corpus]
    asked = [outcome for one, _, found in runs for outcome in outcomes(one, found)]
    files = sum(path.is_file() for one in corpus for path in one.tree.rglob("*"))
    seconds = [done.seconds for _, done, _ in runs]
    cells = [str(Share.among(one for one in asked if one.measure == name)) for name in MEASURES]
    cells += [f"{statistics.median(seconds):.2f} s", f"{files / sum(seconds):.0f}"]
    cells += [f"{max(done.peak_mib for _, done, _ in runs):.0f} MiB"]
    return f"| {peer.package} {peer.version} | " + " | ".join(cells) + " |", asked


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--install", action="store_true", help="install the peers that are not there")
    parser.add_argument("--split", choices=SPLITS, default="", help="one half of the corpus")
    parser.add_argument("--misses", default="", help="list what this peer got wrong, on standard error")
    arguments = parser.parse_args()
    corpus = deployments(arguments.split)
    headings = ("peer", *MEASURES, "time for a tree (median)", "files/s", "peak memory")
    print("| " + " | ".join(headings) + " |\n" + "|---" * len(headings) + "|")
    for peer in PEERS:
        why = peer.why_not()
        if why and arguments.install:
            why = install(peer.package, peer.version, peer.python)
        if why:
            print(f"| {peer.package} {peer.version} | {why}" + " |" * len(headings))
            continue
        line, asked = row(peer, corpus)
        print(line, flush=True)
        if arguments.misses == peer.package:
            for one in asked:
                if not one.right and one.measure in MEASURES:
                    print(f"{one.deployment.name} | {one.measure} | {one.what}", file=sys.stderr)


if __name__ == "__main__":
    main()
