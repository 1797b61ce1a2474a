"""Makes a large repository for the speed test: ``python bench/inventory/monorepo.py FOLDER [--files N]``.

Services in six languages with their configuration, documents and pictures, vendored and generated code, and
folders that .gitignore names. One or two files of a hundred use a model. The same seed makes the same bytes.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import monorepo_text

FILES = 100_000
SEED = 20_251
AI_SHARE = 0.015
"""Of all files; only the repository's own use a model."""
IGNORE = "node_modules/\n/build/\n.venv/\n*.log\n*.pyc\ncoverage/\n"
MEDIAN_BYTES = 2_200
MOST_BYTES = 120_000
LARGE_SHARE = 0.0005
LARGE_BYTES = 3_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of file: how much of the repository it is, where it lies and what it is made of."""

    name: str
    share: float
    folder: str
    """``{s}`` stands for a service, ``{p}`` for a package, ``{d}`` for a folder within."""
    endings: tuple[str, ...]
    own: bool = True


PARTS = (
    Part(
        "code",
        0.46,
        "services/{s}/src/{d}",
        ("py", "ts", "go", "java", "js", "rs", "tsx"),
    ),
    Part("tests", 0.09, "services/{s}/tests/{d}", ("py", "ts", "go", "java")),
    Part("configuration", 0.08, "services/{s}/deploy", ("yaml", "json", "toml", "env", "yaml")),
    Part("documents", 0.05, "docs/{s}/{d}", ("md",)),
    Part("pictures", 0.04, "services/{s}/assets/{d}", ("png",), own=False),
    Part("generated", 0.04, "services/{s}/gen/{d}", ("pb.go", "min.js"), own=False),
    Part("vendored", 0.10, "third_party/{p}/{d}", ("go", "py", "js", "h"), own=False),
    Part("ignored", 0.14, "services/{s}/node_modules/{p}/{d}", ("js", "d.ts", "json"), own=False),
)


def make(folder: Path, files: int = FILES, seed: int = SEED) -> Counter[str]:
    """Write the repository; how many files of each part there are, those with AI, and the bytes."""
    chance = random.Random(seed)
    text = monorepo_text.Text(chance)
    own_share = sum(part.share for part in PARTS if part.own)
    counts: Counter[str] = Counter()
    made: set[str] = set()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text(IGNORE, encoding="utf-8")
    for number, part in enumerate(chance.choices(PARTS, [part.share for part in PARTS], k=files)):
        ending = chance.choice(part.endings)
        uses_ai = part.own and chance.random() < AI_SHARE / own_share
        place = _folder(part, chance, files)
        if place not in made:
            (folder / place).mkdir(parents=True, exist_ok=True)
            made.add(place)
        data = text.file(ending, _size(chance), with_ai=uses_ai)
        (folder / place / f"{text.word()}_{number}.{ending}").write_bytes(data)
        counts.update({part.name: 1, "files": 1, "with AI": int(uses_ai), "bytes": len(data)})
    return counts


def _folder(part: Part, chance: random.Random, files: int) -> str:
    """As many services and packages as keep about 200 files in each."""
    return part.folder.format(
        s=f"svc{chance.randrange(max(1, files // 1000)):03}",
        p=f"pkg{chance.randrange(max(1, files // 400)):03}",
        d=f"m{chance.randrange(12):02}",
    )


def _size(chance: random.Random) -> int:
    """Log-normal, as the sizes of source files are, with a few very large ones."""
    if chance.random() < LARGE_SHARE:
        return LARGE_BYTES
    return min(MOST_BYTES, int(chance.lognormvariate(0, 1.0) * MEDIAN_BYTES) + 40)


def main() -> None:
    """Make one, and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    for name, count in make(arguments.folder, arguments.files, arguments.seed).items():
        print(f"{name}\t{count}")


if __name__ == "__main__":
    main()
