"""How well lineage is told from weights, on networks that are trained here, and how quickly.

Needs torch beside the package; it is no dependency, so make an environment of its own:

    python3 -m venv /tmp/lineage
    /tmp/lineage/bin/pip install torch==2.13.0 gguf safetensors -e '.[lineage]'
    /tmp/lineage/bin/python bench/lineage.py

The first half of the networks of each family is there to set thresholds by, the second half to report on.
With ``--keep FOLDER`` trained networks stay, and a second run takes minutes less.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import comb
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from countermark.weights.lineage import Lineage, compare

TAIL = 0.025
SMALLEST = 256
"""Matrices of fewer numbers are left out of the null."""
SIZES = (0.05, 0.01)
COUNTS = {"llama": 6, "gpt2": 4, "mlp": 6, "cnn": 6}
RELATIONS = (
    "same", "permuted", "quantised", "pruned", "lora-merged", "fine-tuned", "merged", "unrelated",
    "undetermined",
)  # fmt: skip
ASIDE = ("common start", "taught inside", "trained far away")
"""Shown, not counted: two trainings from one seed; a student of another's inner states; weights that were
trained on so hard that little may be left of them."""


@dataclass(frozen=True)
class Case:
    """Two checkpoints, and how they stand to each other."""

    family: str
    base: int
    name: str
    wanted: str
    first: Path
    second: Path
    also: tuple[Path, ...] = ()

    @property
    def half(self) -> str:
        """Set thresholds by it, or report on it."""
        return "tune" if self.base < COUNTS[self.family] // 2 else "test"


class Nets:
    """Trained networks, made when they are asked for and kept as files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, name: str, make: Callable[[], Any] | None = None) -> Any:
        """Its weights."""
        file = self.folder / f"{name}.npz"
        if not file.exists() and make:
            started = time.perf_counter()
            weights = make()
            np.savez(self.folder / f"{name}.part.npz", **weights)
            (self.folder / f"{name}.part.npz").replace(file)
            print(f"  {name} in {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
        with np.load(file) as stored:
            return dict(stored)


def train_base(task: tuple[str, int, str]) -> None:
    """Train one network and all that is trained on from it."""
    import torch
    from lineage_networks import FAMILIES, Course, distil, lora, train

    name, number, folder = task
    torch.set_num_threads(1)
    family, nets, stem = FAMILIES[name], Nets(Path(folder)), f"{name}-{number}"
    base = nets.get(stem, lambda: train(family, None, Course(order=number), number))
    more: dict[str, Callable[[], Any]] = {
        "ftlight": lambda: train(family, base, Course("other", 0.1, 60 + number)),
        "ftheavy": lambda: train(family, base, Course("other", 0.6, 60 + number)),
        "ftthird": lambda: train(family, base, Course("third", 0.3, 70 + number)),
        "distil": lambda: distil(family, base, seed=100 + number),
    }
    first = number in (0, COUNTS[name] // 2)
    if first:
        more["sib"] = lambda: train(family, None, Course(order=50 + number), number)
    if first or name in ("mlp", "cnn"):
        more["ftlong"] = lambda: train(family, base, Course("other", 1.5, 80 + number))
    if name == "mlp":
        for force in (1, 4):
            course = Course("third", 4, 90 + number, force, 0.5)
            more[f"far{force}"] = partial(train, family, base, course)
    if name == "llama":
        more["lora4"] = lambda: lora(family, base, "[qv]_proj", 4)
        more["lora16"] = lambda: lora(family, base, "_proj", 16)
        if number % 3 == 1:
            more["distilstates"] = lambda: distil(family, base, seed=200 + number, states=True)
    elif name != "cnn":
        more["lora8"] = lambda: lora(family, base, r"c_attn.weight|c_fc.weight|[13]\.weight", 8)
    for kind, make in more.items():
        nets.get(f"{stem}-{kind}", make)


def cases(nets: Nets, folder: Path) -> Iterator[Case]:
    """All pairs, written to files."""
    for family, count in COUNTS.items():
        for number in range(count):
            yield from Maker(nets, folder, family, number).cases()


class Maker:
    """The cases of one network."""

    def __init__(self, nets: Nets, folder: Path, family: str, number: int) -> None:
        self.nets, self.folder, self.family, self.number = nets, folder, family, number
        self.base = nets.get(f"{family}-{number}")

    def net(self, kind: str) -> Any:
        """One that was trained on from it; None where it was not."""
        name = f"{self.family}-{self.number}-{kind}"
        return self.nets.get(name) if (self.nets.folder / f"{name}.npz").exists() else None

    def write(self, name: str, weights: Any) -> Path:
        """As safetensors."""
        from safetensors.numpy import save_file

        path = self.folder / f"{self.family}-{self.number}-{name}.safetensors"
        save_file({n: np.ascontiguousarray(w) for n, w in weights.items()}, path)
        return path

    def cases(self) -> Iterator[Case]:
        """All of it."""
        origin = self.write("base", self.base)
        made = {**self.trained(), **self.changed(), **self.combined()}
        if self.family == "llama":
            made |= self.of_llama()
        for name, (wanted, weights) in made.items():
            if weights is not None:
                path = weights if isinstance(weights, Path) else self.write(name, weights)
                yield Case(self.family, self.number, name, wanted, origin, path)
        yield from self.merged(origin)
        half = COUNTS[self.family] // 2
        for other in range(self.number + 1, half if self.number < half else COUNTS[self.family]):
            for kind in ("base", "ftheavy"):
                stem = f"{self.family}-{other}" + ("" if kind == "base" else f"-{kind}")
                path = self.write(f"stranger {other} {kind}", self.nets.get(stem))
                yield Case(self.family, self.number, f"other {kind}", "unrelated", origin, path)

    def trained(self) -> dict[str, tuple[str, Any]]:
        """Trained on, adapted, distilled."""
        wanted = {
            "ftlight": "fine-tuned", "ftheavy": "fine-tuned", "ftthird": "fine-tuned", "ftlong": "fine-tuned",
            "lora4": "lora-merged", "lora16": "lora-merged", "lora8": "lora-merged",
            "distil": "unrelated", "distilstates": "taught inside", "sib": "common start",
            "far1": "trained far away", "far4": "trained far away",
        }  # fmt: skip
        return {kind: (relation, self.net(kind)) for kind, relation in wanted.items()}

    def changed(self) -> dict[str, tuple[str, Any]]:
        """Changed without training."""
        import lineage_variants as v

        base, seed = self.base, self.number
        made = {
            "copy": ("same", base),
            "pt": ("same", self.torch_file(base)),
            "bf16": ("quantised", v.cast_bf16(base)),
            "fp16": ("quantised", v.cast_fp16(base)),
            "int8": ("quantised", v.rounded(8, 0)(base)),
            "int4": ("quantised", v.rounded(4, 32)(base)),
            "prune20": ("pruned", v.cleared(0.2)(base)),
            "prune50": ("pruned", v.cleared(0.5)(base)),
            "prune80": ("pruned", v.cleared(0.8)(base)),
            "permute": ("permuted", v.orders(base, self.family, seed)),
            "rescale": ("permuted", v.rescaled(base, self.family, seed)),
            "permute rescale": ("permuted", v.rescaled(v.orders(base, self.family, seed), self.family, seed)),
        }
        if self.family in ("llama", "gpt2"):
            made["layer dropped"] = ("pruned", v.fewer_layers(base, 1))
            made["words"] = ("fine-tuned", v.more_words(self.net("ftlight"), 64, seed))
            made["fresh layer"] = ("fine-tuned", v.fresh(self.net("ftheavy"), r"(layers|h)\.1\.", seed))
        return made

    def combined(self) -> dict[str, tuple[str, Any]]:
        """Two things, one after the other."""
        import lineage_variants as v

        heavy, light = self.net("ftheavy"), self.net("ftlight")
        made = {
            "ftheavy int4": ("fine-tuned", v.rounded(4, 32)(heavy)),
            "ftlight int8": ("fine-tuned", v.rounded(8, 0)(light)),
            "ftheavy bf16": ("fine-tuned", v.cast_bf16(heavy)),
            "permute ftheavy": ("fine-tuned", v.orders(heavy, self.family, self.number)),
            "prune50 int8": ("pruned", v.rounded(8, 0)(v.cleared(0.5)(self.base))),
            "permute bf16": ("quantised", v.cast_bf16(v.orders(self.base, self.family, self.number))),
        }
        adapted = next((w for k in ("lora16", "lora8") if (w := self.net(k)) is not None), None)
        if adapted is not None:
            made["lora fp16"] = ("lora-merged", v.cast_fp16(adapted))
        return made

    def of_llama(self) -> dict[str, tuple[str, Any]]:
        """What needs heads, channels, or another format."""
        import lineage_variants as v

        base, seed = self.base, self.number
        made: dict[str, tuple[str, Any]] = {
            "heads": ("permuted", v.reheaded(base)),
            "channels": ("permuted", v.rechannelled(base, seed)),
            "all moved": (
                "permuted",
                v.rechannelled(v.reheaded(v.orders(base, "llama", seed)), seed),
            ),
            "all moved ftheavy": (
                "fine-tuned",
                v.rechannelled(v.reheaded(v.orders(self.net("ftheavy"), "llama", seed)), seed),
            ),
            "fewer neurons": ("pruned", v.fewer_neurons(base, 0.25)),
            "fewer heads": ("pruned", v.fewer_heads(base)),
            "layer dropped ftheavy": ("fine-tuned", v.fewer_layers(self.net("ftheavy"), 2)),
            "gptq": ("quantised", v.gptq(base)),
        }
        for kind in ("F16", "Q8_0", "Q4_0", "Q5_1", "Q4_K"):
            made[kind] = ("quantised", self.gguf(base, kind))
        made["ftheavy Q4_0"] = ("fine-tuned", self.gguf(self.net("ftheavy"), "Q4_0"))
        made["ftlight Q8_0"] = ("fine-tuned", self.gguf(self.net("ftlight"), "Q8_0"))
        return made

    def gguf(self, weights: Any, kind: str) -> Path:
        """As GGUF."""
        import lineage_variants as v

        tuned = "tuned-" if weights is not self.base else ""
        path = self.folder / f"{self.family}-{self.number}-{tuned}{kind}.gguf"
        v.write_gguf(path, weights, kind)
        return path

    def torch_file(self, weights: Any) -> Path:
        """As PyTorch saves it."""
        import torch

        path = self.folder / f"{self.family}-{self.number}.pt"
        torch.save({"state_dict": {name: torch.tensor(w) for name, w in weights.items()}}, path)
        return path

    def merged(self, origin: Path) -> Iterator[Case]:
        """Means of two that were trained on, and of their changes; each asked with the others named."""
        import lineage_variants as v

        one, two = self.net("ftheavy"), self.net("ftthird")
        first, other = self.write("one", one), self.write("two", two)
        made = {
            "mean": (v.mean(one, two, 0.5), (other,)),
            "mean 0.3": (v.mean(one, two, 0.3), (other,)),
            "slerp": (v.sphere(one, two, 0.4), (other,)),
            "arithmetic": (v.arithmetic(self.base, one, two, sparse=False), (other, origin)),
            "trimmed": (v.arithmetic(self.base, one, two, sparse=True), (other, origin)),
            "mean fp16": (v.cast_fp16(v.mean(one, two, 0.5)), (other,)),
        }
        for name, (weights, also) in made.items():
            yield Case(self.family, self.number, name, "merged", first, self.write(name, weights), also)
        yield Case(self.family, self.number, "not merged", "fine-tuned", origin, first, (other,))


def answer(case: Case) -> tuple[Case, Lineage]:
    """What we say of it."""
    return case, compare(case.first, case.second, also=case.also)


def evaluate(found: list[tuple[Case, Lineage]]) -> None:
    """Confusion matrices of both halves, and what was missed."""
    for half in ("tune", "test"):
        some = [(case, lineage) for case, lineage in found if case.half == half]
        table: dict[str, Counter[str]] = defaultdict(Counter)
        for case, lineage in some:
            table[case.wanted][str(lineage.relation)] += 1
        told = [name for name in RELATIONS if any(row[name] for row in table.values())]
        print(f"\n## {half}: {len(some)} pairs\n")
        print(f"| truth | n | recall | 95 % | {' | '.join(told)} |\n|---|---|---|---|{'---|' * len(told)}")
        for wanted, row in sorted(table.items(), key=lambda item: (*RELATIONS, *ASIDE).index(item[0])):
            right, count = row[wanted], row.total()
            low, high = interval(right, count)
            rate = f"{right / count:.1%} | {low:.1%}–{high:.1%}" if wanted in RELATIONS else "– | –"
            print(f"| {wanted} | {count} | {rate} | {' | '.join(str(row[name] or '') for name in told)} |")
        binary(some)
        for case, lineage in some:
            if lineage.relation != case.wanted and case.wanted in RELATIONS:
                told = f"{case.wanted} told as {lineage.relation} ({lineage.confidence})"
                print(f"  missed: {case.family} {case.base} {case.name}: {told}")


def binary(some: list[tuple[Case, Lineage]]) -> None:
    """Derived or independent, which is what matters most; undetermined is wrong on either side."""
    for title, is_one in (("derived", False), ("independent", True)):
        those = [(c, x) for c, x in some if (c.wanted == "unrelated") is is_one and c.wanted in RELATIONS]
        right = sum(x.relation != "undetermined" and (x.relation == "unrelated") is is_one for _, x in those)
        open_ = sum(x.relation == "undetermined" for _, x in those)
        low, high = interval(right, len(those))
        print(f"\n{title}: {right} of {len(those)} told ({low:.1%}–{high:.1%}), {open_} undetermined")


def interval(right: int, count: int) -> tuple[float, float]:
    """Clopper and Pearson's exact 95 % interval, by bisection."""

    def tail(p: float, ks: range) -> float:
        return sum(comb(count, k) * p**k * (1 - p) ** (count - k) for k in ks)

    def solve(too_low: Callable[[float], bool]) -> float:
        low, high = 0.0, 1.0
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if too_low(middle) else (low, middle)
        return low

    least = 0.0 if not right else solve(lambda p: tail(p, range(right, count + 1)) < TAIL)
    most = 1.0 if right == count else solve(lambda p: tail(p, range(right + 1)) > TAIL)
    return least, most


def null(found: list[tuple[Case, Lineage]]) -> None:
    """What strangers look like."""
    strangers = [lineage for case, lineage in found if case.wanted == "unrelated"]
    single = np.array(
        [abs(t.cosine) for one in strangers for t in one.tensors if t.numbers >= SMALLEST and not t.aligned]
    )
    whole = np.array([abs(one.likeness) for one in strangers])
    proofs = np.array([one.proof for one in strangers if one.proof is not None])
    print(f"\n## The null: {len(strangers)} pairs of independent networks\n")
    for title, values in (("matrix", single), ("median of a pair", whole), ("proof", proofs)):
        marks = ", ".join(f"{q:.0%} {np.quantile(values, q):.3f}" for q in (0.5, 0.9, 0.99, 1))
        print(f"- {title}: n = {len(values)}; quantiles {marks}")
    chances = np.array([one.chance for one in strangers if one.chance is not None])
    below = ", ".join(f"{np.mean(chances < size):.1%} below {size}" for size in SIZES)
    print(f"- p-values: {below}, n = {len(chances)}")


def speed(gigabytes: float) -> None:
    """Two large files of random numbers, compared in a process of its own."""
    script = (
        "import sys, json, time, resource\n"
        "from countermark.weights.lineage import compare\n"
        "t = time.perf_counter(); r = compare(sys.argv[1], sys.argv[2])\n"
        "print(json.dumps([time.perf_counter() - t, time.process_time(), r.sampled.bytes_read, "
        "r.sampled.bytes_total, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, r.relation]))\n"
    )
    with tempfile.TemporaryDirectory() as name:
        one, two = (large(Path(name) / f"{seed}.safetensors", gigabytes, seed) for seed in (0, 1))
        for title, pair in (("related", (one, one)), ("strangers", (one, two))):
            program = [sys.executable, "-c", script, *map(str, pair)]
            done = subprocess.run(program, capture_output=True, check=True)
            wall, cpu, read, total, peak, relation = json.loads(done.stdout)
            print(
                f"- {title} ({relation}): {total / 1e9:.1f} GB in {wall:.0f} s, {cpu:.0f} s of them CPU;",
                end="",
            )
            print(f" {read / 1e9:.2f} GB read; peak {peak / 1024:.0f} MiB")


def large(path: Path, gigabytes: float, seed: int) -> Path:
    """A checkpoint with matrices of a 70B network, BF16: as many layers as fit."""
    shapes = {
        "self_attn.q_proj": (8192, 8192),
        "self_attn.k_proj": (1024, 8192),
        "self_attn.v_proj": (1024, 8192),
    }
    shapes |= {"self_attn.o_proj": (8192, 8192), "mlp.gate_proj": (28672, 8192), "mlp.up_proj": (28672, 8192)}
    shapes |= {"mlp.down_proj": (8192, 28672)}
    layers = max(1, round(gigabytes * 1e9 / 2 / sum(a * b for a, b in shapes.values())))
    header, at = {}, 0
    for layer in range(layers):
        for name, (rows, columns) in shapes.items():
            end = at + 2 * rows * columns
            entry = {"dtype": "BF16", "shape": [rows, columns], "data_offsets": [at, end]}
            header[f"model.layers.{layer}.{name}.weight"], at = entry, end
    text = json.dumps(header).encode()
    source = np.random.default_rng(seed)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        while at > 0:
            piece = source.normal(0, 0.02, 1 << 23).astype(np.float32).view(np.uint32) >> 16
            file.write(piece.astype("<u2").tobytes()[:at])
            at -= 1 << 24
    return path


def main() -> None:
    """Train, compare, report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keep", type=Path, help="folder of trained networks")
    parser.add_argument("--only", choices=list(COUNTS), help="one family")
    parser.add_argument(
        "--speed", type=float, default=4.0, help="gigabytes of each large file; 0: leave it out"
    )
    given = parser.parse_args()
    try:
        import torch  # noqa: F401
    except ImportError:
        sys.exit(f"torch is not installed here.\n\n{__doc__}")
    started = time.perf_counter()
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # one for each of two processes
    with tempfile.TemporaryDirectory() as name:
        folder = given.keep or Path(name) / "nets"
        folder.mkdir(parents=True, exist_ok=True)
        families = [given.only] if given.only else list(COUNTS)
        for family in set(COUNTS) - set(families):
            COUNTS.pop(family)
        tasks = [(family, n, str(folder)) for family, count in COUNTS.items() for n in range(count)]
        with get_context("spawn").Pool(2) as pool:
            pool.map(train_base, tasks, chunksize=1)
            print(f"trained after {time.perf_counter() - started:.0f} s", file=sys.stderr)
            found = list(pool.imap(answer, cases(Nets(folder), Path(name)), chunksize=4))
    evaluate(found)
    null(found)
    print(f"\n{len(found)} pairs, {time.perf_counter() - started:.0f} s with what training was left to do")
    if given.speed:
        print("\n## Speed\n")
        speed(given.speed)


if __name__ == "__main__":
    main()
