"""A graph in columns, placed so that few lines cross: the same graph, the same picture."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NODE_WIDTH, NODE_HEIGHT = 208, 42
GAP_X, GAP_Y = 74, 14
TOP = 34
"""Room for the names of the columns."""
MARGIN = 2
SWEEPS = 6
WIDE = frozenset("WF")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a node stands: its upper left corner, in pixels."""

    x: float
    y: float

    @property
    def out(self) -> tuple[float, float]:
        """Where lines to the next column begin."""
        return self.x + NODE_WIDTH, self.y + NODE_HEIGHT / 2

    @property
    def into(self) -> tuple[float, float]:
        """Where lines from the column before end."""
        return self.x, self.y + NODE_HEIGHT / 2


def width(columns: int) -> int:
    """Of the whole picture."""
    return columns * NODE_WIDTH + (columns - 1) * GAP_X + 2 * MARGIN


def column_x(column: int) -> int:
    """The left edge of a column."""
    return MARGIN + column * (NODE_WIDTH + GAP_X)


def placed(columns: Sequence[Sequence[str]], edges: Sequence[tuple[str, str]]) -> tuple[dict[str, Spot], int]:
    """Where each node stands, and how high the picture is.

    Args:
        columns: The nodes of each column by id.
        edges: Each from a node to one of a later column.
    """
    beside = _neighbours(edges)
    order = _ordered(columns, beside)
    step = NODE_HEIGHT + GAP_Y
    most = max((len(column) for column in order), default=0)
    height = max(most, 1) * step - GAP_Y
    y: dict[str, float] = {}
    longest = max(range(len(order)), key=lambda at: len(order[at]), default=0)
    passes = [longest, *range(longest - 1, -1, -1), *range(longest + 1, len(order))]
    for at in passes:
        wanted = []
        for node in order[at]:
            heights = [y[other] for other in beside.get(node, ()) if other in y]
            wanted.append(sum(heights) / len(heights) if heights else None)
        y |= dict(zip(order[at], _spread(wanted, step, height), strict=True))
    column = {node: at for at, nodes in enumerate(order) for node in nodes}
    spots = {node: Spot(column_x(column[node]), round(TOP + top, 1)) for node, top in y.items()}
    return spots, int(TOP + height + MARGIN)


def curve(start: tuple[float, float], end: tuple[float, float]) -> str:
    """A line from node to node as the path of an SVG."""
    bend = (end[0] - start[0]) / 2
    return (
        f"M{start[0]:g} {start[1]:g}C{start[0] + bend:g} {start[1]:g} {end[0] - bend:g} {end[1]:g} "
        f"{end[0]:g} {end[1]:g}"
    )


def fitted(text: str, columns: int) -> str:
    """A text of at most so many columns, full-width characters being two: its beginning and its end."""
    if sum(map(_wide, text)) <= columns:
        return text
    ending = ""
    for char in reversed(text):
        if sum(map(_wide, ending + char)) > columns // 3:
            break
        ending = char + ending
    head = ""
    for char in text:
        if sum(map(_wide, head + char + ending)) >= columns:
            break
        head += char
    return f"{head}…{ending}"


def _wide(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in WIDE else 1


def _neighbours(edges: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    beside: dict[str, list[str]] = {}
    for source, target in edges:
        beside.setdefault(source, []).append(target)
        beside.setdefault(target, []).append(source)
    return beside


def _ordered(columns: Sequence[Sequence[str]], beside: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Each column by the mean place of what its nodes are tied to, back and forth a few times.

    Source: Sugiyama, Tagawa and Toda 1981, the barycentre method.
    """
    order = [list(column) for column in columns]
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        for at in range(1, len(order)) if forth else range(len(order) - 2, -1, -1):
            fixed = order[at - 1] if forth else order[at + 1]
            rank = {node: number for number, node in enumerate(fixed)}
            order[at].sort(key=lambda node: _mean(node, rank, beside))
    return order


def _mean(node: str, rank: Mapping[str, int], beside: Mapping[str, Sequence[str]]) -> float:
    ranks = [rank[other] for other in beside.get(node, ()) if other in rank]
    return sum(ranks) / len(ranks) if ranks else float("inf")


def _spread(wanted: Sequence[float | None], step: float, height: float) -> list[float]:
    """Heights near the wanted ones, in their order, that do not overlap and do not leave the picture."""
    tops: list[float] = []
    for each in wanted:
        least = tops[-1] + step if tops else 0.0
        tops.append(max(each if each is not None else least, least))
    limit = height - NODE_HEIGHT
    for at in range(len(tops) - 1, -1, -1):
        tops[at] = min(tops[at], limit)
        limit = tops[at] - step
    return [max(top, 0.0) for top in tops]
