"""Small networks, really trained, for ``bench/lineage.py``: transformers, perceptrons, convolutions.

Needs torch. Every network is a flat dictionary of arrays under the names that its kind has in the wild. The
texts are the sources of Python's standard library; the pictures are drawn here.
"""

from __future__ import annotations

import random
import re
import sysconfig
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.func import functional_call
from torch.nn import functional as F  # noqa: N812 - its name everywhere

VOCABULARY, WIDTH, HIDDEN, HEADS, CONTEXT = 768, 128, 512, 4, 48
Weights = dict[str, np.ndarray]
Batches = Iterator[tuple[torch.Tensor, torch.Tensor]]


class Norm(nn.Module):
    """Root mean square over the last axis, with a weight."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Of ``(…, width)``."""
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6) * self.weight


def rotated(x: torch.Tensor) -> torch.Tensor:
    """Rotary positions on ``(batch, heads, time, size)``, halves paired."""
    half = x.shape[-1] // 2
    speed = 10_000.0 ** (-torch.arange(half) / half)
    angle = torch.arange(x.shape[-2])[:, None] * speed
    one, two = x[..., :half], x[..., half:]
    return torch.cat([one * angle.cos() - two * angle.sin(), two * angle.cos() + one * angle.sin()], -1)


class Block(nn.Module):
    """A layer of the Llama shape, with grouped keys and values."""

    def __init__(self) -> None:
        super().__init__()
        size = WIDTH // HEADS
        self.self_attn = nn.ModuleDict(
            {
                "q_proj": nn.Linear(WIDTH, WIDTH, bias=False),
                "k_proj": nn.Linear(WIDTH, 2 * size, bias=False),
                "v_proj": nn.Linear(WIDTH, 2 * size, bias=False),
                "o_proj": nn.Linear(WIDTH, WIDTH, bias=False),
            }
        )
        self.mlp = nn.ModuleDict(
            {
                "gate_proj": nn.Linear(WIDTH, HIDDEN, bias=False),
                "up_proj": nn.Linear(WIDTH, HIDDEN, bias=False),
                "down_proj": nn.Linear(HIDDEN, WIDTH, bias=False),
            }
        )
        self.input_layernorm, self.post_attention_layernorm = Norm(WIDTH), Norm(WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Of ``(batch, time, width)``."""
        batch, time, _ = x.shape
        y = self.input_layernorm(x)
        q, k, v = (
            self.self_attn[f"{name}_proj"](y).view(batch, time, -1, WIDTH // HEADS).transpose(1, 2)
            for name in "qkv"
        )
        k, v = (t.repeat_interleave(HEADS // 2, 1) for t in (rotated(k), v))
        y = F.scaled_dot_product_attention(rotated(q), k, v, is_causal=True)
        x = x + self.self_attn["o_proj"](y.transpose(1, 2).reshape(batch, time, WIDTH))
        y = self.post_attention_layernorm(x)
        return x + self.mlp["down_proj"](F.silu(self.mlp["gate_proj"](y)) * self.mlp["up_proj"](y))


class Llama(nn.Module):
    """Four layers of them."""

    def __init__(self, layers: int = 4) -> None:
        super().__init__()
        self.model = nn.ModuleDict(
            {
                "embed_tokens": nn.Embedding(VOCABULARY, WIDTH),
                "layers": nn.ModuleList(Block() for _ in range(layers)),
                "norm": Norm(WIDTH),
            }
        )
        self.lm_head = nn.Linear(WIDTH, VOCABULARY, bias=False)
        for matrix in self.parameters():
            if matrix.dim() > 1:
                nn.init.normal_(matrix, std=0.04)

    def states(self, tokens: torch.Tensor) -> torch.Tensor:
        """What stands before the head."""
        x = self.model["embed_tokens"](tokens)
        for layer in self.model["layers"]:
            x = layer(x)
        return self.model["norm"](x)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Logits of ``(batch, time)`` tokens."""
        return self.lm_head(self.states(tokens))


class Conv1D(nn.Module):
    """GPT-2's linear layer: the weight is ``(in, out)``."""

    def __init__(self, wide: int, out: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(wide, out) * 0.04)
        self.bias = nn.Parameter(torch.zeros(out))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Of ``(…, in)``."""
        return x @ self.weight + self.bias


class GPT2(nn.Module):
    """Three layers of the GPT-2 shape."""

    def __init__(self) -> None:
        super().__init__()
        self.wte, self.wpe = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        self.h = nn.ModuleList(
            nn.ModuleDict(
                {
                    "ln_1": nn.LayerNorm(WIDTH),
                    "attn": nn.ModuleDict(
                        {"c_attn": Conv1D(WIDTH, 3 * WIDTH), "c_proj": Conv1D(WIDTH, WIDTH)}
                    ),
                    "ln_2": nn.LayerNorm(WIDTH),
                    "mlp": nn.ModuleDict(
                        {"c_fc": Conv1D(WIDTH, 4 * WIDTH), "c_proj": Conv1D(4 * WIDTH, WIDTH)}
                    ),
                }
            )
            for _ in range(3)
        )
        self.ln_f = nn.LayerNorm(WIDTH)
        for table in (self.wte, self.wpe):
            nn.init.normal_(table.weight, std=0.04)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Logits, by the embedding itself."""
        x = self.wte(tokens) + self.wpe.weight[: tokens.shape[1]]
        for layer in self.h:
            batch, time, _ = x.shape
            parts = layer["attn"]["c_attn"](layer["ln_1"](x)).split(WIDTH, -1)
            q, k, v = (t.view(batch, time, HEADS, -1).transpose(1, 2) for t in parts)
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + layer["attn"]["c_proj"](y.transpose(1, 2).reshape(batch, time, WIDTH))
            x = x + layer["mlp"]["c_proj"](F.gelu(layer["mlp"]["c_fc"](layer["ln_2"](x))))
        return self.ln_f(x) @ self.wte.weight.T


def perceptron() -> nn.Module:
    """Three layers on pictures of 16 by 16."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 192), nn.ReLU(), nn.Linear(192, 10)
    )


def convolutions() -> nn.Module:
    """Three convolutions with batch norms, and a head, on the same pictures."""
    return nn.Sequential(
        *(nn.Conv2d(1, 48, 3, padding=1), nn.BatchNorm2d(48), nn.ReLU()),
        *(nn.Conv2d(48, 96, 3, padding=1, stride=2), nn.BatchNorm2d(96), nn.ReLU()),
        *(nn.Conv2d(96, 96, 3, padding=1, stride=2), nn.BatchNorm2d(96), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(96, 10)),
    )


@cache
def tokens(part: str) -> torch.Tensor:
    """The sources as numbers: ``main`` to train on, ``other`` to tune with, ``third`` for a second task."""
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    letters = {"main": "abcdefghijklm", "other": "nopqrs", "third": "tuvwxyz"}
    pieces = {
        name: re.findall(r"\w+|\s+|[^\w\s]", "".join(_text(f) for f in files if f.name[0].lower() in starts))
        for name, starts in letters.items()
    }
    common = [piece for piece, _ in Counter(pieces["main"]).most_common(VOCABULARY - 1)]
    numbers = {piece: number for number, piece in enumerate(common, 1)}
    return torch.tensor([numbers.get(piece, 0) for piece in pieces[part]])


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def texts(part: str, seed: int, size: int = 16) -> Batches:
    """Batches of tokens and of those that follow them."""
    generator = torch.Generator().manual_seed(seed)
    data = tokens(part)
    while True:
        starts = torch.randint(len(data) - CONTEXT - 1, (size,), generator=generator)
        rows = torch.stack([data[s : s + CONTEXT + 1] for s in starts.tolist()])
        yield rows[:, :-1], rows[:, 1:]


def pictures(part: str, seed: int, size: int = 48) -> Batches:
    """Batches of noisy strokes and their class: the angle (``main``), the width (``other``), the place."""
    source = np.random.default_rng(seed)
    y, x = np.mgrid[:16, :16] - 7.5
    while True:
        angle, wide = source.integers(0, 10, size), source.uniform(0.5, 3, size)
        turn = (angle * np.pi / 10)[:, None, None]
        shift = source.uniform(-3, 3, size)[:, None, None]
        far = np.abs(x * np.cos(turn) + y * np.sin(turn) - shift)
        drawn = np.exp(-((far / wide[:, None, None]) ** 2)) + source.normal(0, 0.3, (size, 16, 16))
        classes = {
            "main": angle,
            "other": ((wide - 0.5) * 4).astype(int),
            "third": ((shift.ravel() + 3) * 1.6).astype(int),
        }
        labels = classes[part]
        yield torch.tensor(drawn[:, None], dtype=torch.float32), torch.tensor(labels)


@dataclass(frozen=True)
class Family:
    """A kind of network, and what it learns from."""

    name: str
    make: Callable[[], nn.Module]
    batches: Callable[[str, int], Batches]
    steps: int
    rate: float


FAMILIES = {
    family.name: family
    for family in (
        Family("llama", Llama, texts, 300, 2e-3),
        Family("gpt2", GPT2, texts, 300, 2e-3),
        Family("mlp", perceptron, pictures, 500, 2e-3),
        Family("cnn", convolutions, pictures, 250, 2e-3),
    )
}


def loss_of(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Cross entropy, of tokens too."""
    return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), labels.reshape(-1))


def weights_of(model: nn.Module) -> Weights:
    """A copy of all of it."""
    return {name: value.numpy().copy() for name, value in model.state_dict().items()}


def model_of(family: Family, weights: Weights | None, seed: int = 0) -> nn.Module:
    """A network with these weights, or a new one."""
    torch.manual_seed(seed)
    model = family.make()
    if weights is not None:
        model.load_state_dict({name: torch.tensor(value) for name, value in weights.items()})
    return model


@dataclass(frozen=True)
class Course:
    """How a network is trained."""

    part: str = "main"
    share: float = 1.0
    """Of the family's usual steps."""
    order: int = 0
    """Seed of the order of the data."""
    force: float = 0.25
    """Of the usual learning rate, where training goes on from weights."""
    decay: float = 0.05


def train(family: Family, weights: Weights | None, course: Course, seed: int = 0) -> Weights:
    """Train from ``weights``, or from the initialisation ``seed``."""
    model = model_of(family, weights, seed)
    steps = int(family.steps * course.share)
    rate = family.rate * (1 if weights is None else course.force)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=course.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.1)
    source = family.batches(course.part, course.order)
    for _ in range(steps):
        given, wanted = next(source)
        loss = loss_of(model(given), wanted)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return weights_of(model)


def distil(family: Family, weights: Weights, *, seed: int, states: bool = False) -> Weights:
    """A student from a random start that learns a teacher's outputs; with ``states`` its inner states."""
    teacher, student = model_of(family, weights).eval(), model_of(family, None, seed)
    optimiser = torch.optim.AdamW(student.parameters(), lr=family.rate, weight_decay=0.05)
    source = family.batches("main", seed)
    for _ in range(family.steps):
        given, _ = next(source)
        with torch.no_grad():
            wanted = F.log_softmax(teacher(given), -1)
            inner = teacher.states(given) if states else None
        loss = F.kl_div(F.log_softmax(student(given), -1), wanted, log_target=True, reduction="sum") / len(
            given
        )
        if inner is not None:
            loss = loss + 30 * F.mse_loss(student.states(given), inner)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return weights_of(student)


def lora(family: Family, weights: Weights, targets: str, rank: int, *, share: float = 0.3) -> Weights:
    """Train factors of this rank on the matrices whose names match, and merge them."""
    model = model_of(family, weights)
    model.requires_grad_(requires_grad=False)
    generator = torch.Generator().manual_seed(rank)
    pairs = {
        name: (
            (torch.randn(rank, value.shape[1], generator=generator) * 0.05).requires_grad_(),
            torch.zeros(value.shape[0], rank).requires_grad_(),
        )
        for name, value in model.named_parameters()
        if value.dim() > 1 and re.search(targets, name)
    }
    optimiser = torch.optim.AdamW([part for pair in pairs.values() for part in pair], lr=2e-3)
    source = family.batches("other", rank)
    fixed = dict(model.named_parameters())
    for _ in range(int(family.steps * share)):
        given, wanted = next(source)
        merged = {name: fixed[name] + b @ a for name, (a, b) in pairs.items()}
        loss = loss_of(functional_call(model, merged, (given,)), wanted)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return weights | {name: (fixed[name] + b @ a).detach().numpy().copy() for name, (a, b) in pairs.items()}


def shuffled(seed: int, count: int) -> np.ndarray:
    """An order of so many things."""
    order = list(range(count))
    random.Random(seed).shuffle(order)
    return np.array(order)
