"""The graph of what answers users: service, model, host, provider, filing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from countermark.inventory import signatures
from countermark.inventory.reconciliation import Position, Weight
from countermark.inventory.saving import CONCERNING
from countermark.inventory.usage import Inventory, Route, State, Usage
from countermark.reports.inventory import layout
from countermark.reports.inventory.page_words import KINDS, ROUTES, SAY, SIGNS, STATES

COLUMNS = ("service", "model", "host", "provider", "filing")
MOST_MODELS = 60
"""With more, models of one service at one host that stand in the same way become one node."""
MOST_GROUPS = 40
"""With more of such nodes, they are one for all services."""
FEW = 3
"""So many of them stay apart."""
NO_FILING = {"internal_only": "inside", "unregistered": "no_filing"}
"""What stands in the place of a filing, by the state of a position; otherwise it cannot be told."""
TITLE_COLUMNS, SUB_COLUMNS = 25, 33
WORST = [Weight.WRONG, Weight.OPEN, Weight.FINE]


@dataclass(slots=True)
class Node:
    """A box."""

    id: str
    column: int
    title: str
    sub: str
    full: str
    """What its tooltip says."""
    state: str = ""
    weight: Weight | None = None

    @property
    def lines(self) -> tuple[str, str]:
        """Both lines, cut to the box."""
        room = TITLE_COLUMNS - 3 if self.weight else TITLE_COLUMNS
        return layout.fitted(self.title, room), layout.fitted(self.sub, SUB_COLUMNS)

    @property
    def sign(self) -> str:
        """The sign of its weight."""
        return SIGNS[self.weight] if self.weight else ""


@dataclass(slots=True)
class Edge:
    """A line. Several usages may share one: the worst weight and the strongest state show."""

    source: str
    target: str
    state: State
    weight: Weight | None = None

    @property
    def sign(self) -> str:
        """The sign of its weight."""
        return SIGNS[self.weight] if self.weight else ""


@dataclass(slots=True)
class Graph:
    """Boxes and lines, and where they stand."""

    names: list[str]
    """Of the columns."""
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[tuple[str, str], Edge] = field(default_factory=dict)
    spots: dict[str, layout.Spot] = field(default_factory=dict)
    width: int = 0
    height: int = 0

    def path(self, edge: Edge) -> str:
        """The line as SVG."""
        return layout.curve(self.spots[edge.source].out, self.spots[edge.target].into)

    def middle(self, edge: Edge) -> tuple[float, float]:
        """Where its sign stands."""
        (x1, y1), (x2, y2) = self.spots[edge.source].out, self.spots[edge.target].into
        return (x1 + x2) / 2, (y1 + y2) / 2


def weights(positions: Sequence[Position]) -> dict[tuple[str, str, str, str], Weight]:
    """The worst weight of each usage, by its key."""
    found: dict[tuple[str, str, str, str], Weight] = {}
    for position in positions:
        if position.usage is not None:
            key, weight = position.usage.key, position.standing.weight
            found[key] = min(found.get(key, weight), weight, key=WORST.index)
    return found


def graph(found: Inventory, positions: Sequence[Position], lang: str) -> Graph:
    """What answers users, or may, as a picture."""
    return _Drawing(positions, lang).of(list(found.of(*CONCERNING)))


class _Drawing:
    def __init__(self, positions: Sequence[Position], lang: str) -> None:
        self._positions = positions
        self._lang = lang
        self._weights = weights(positions)
        shown = COLUMNS if positions else COLUMNS[:-1]
        self._graph = Graph([SAY[name].within(lang) for name in shown])

    def of(self, usages: list[Usage]) -> Graph:
        drawn = self._graph
        for group in _grouped(usages, self._weights):
            self._way(group)
        for position in self._positions:
            if position.filing is not None and position.usage is None:
                self._filing(position)
        columns: list[list[str]] = [[] for _ in drawn.names]
        for node in drawn.nodes.values():
            columns[node.column].append(node.id)
        drawn.spots, drawn.height = layout.placed(columns, list(drawn.edges))
        drawn.width = layout.width(len(drawn.names))
        return drawn

    def _say(self, name: str) -> str:
        return SAY[name].within(self._lang)

    def _way(self, group: list[Usage]) -> None:
        """The boxes and lines of usages that take one way."""
        usage = group[0]
        weight = _worst(*(self._weights.get(u.key) for u in group))
        model = self._model(group, weight)
        for one in group:
            self._edge(self._service(one), model, one.state, weight)
        way = [model, self._host(usage), self._provider(usage)]
        ends = self._filings(group) if self._positions else []
        for source, target in pairwise(way):
            self._edge(source, target, usage.state, weight)
        for end, standing in ends:
            self._edge(way[-1], end, usage.state, standing)

    def _node(self, column: str, key: str, title: str, sub: str, full: str = "") -> Node:
        name = f"{column}:{key}"
        made = Node(name, COLUMNS.index(column), title, sub, full or f"{title}\n{sub}".strip())
        return self._graph.nodes.setdefault(name, made)

    def _edge(self, source: Node, target: Node, state: State, weight: Weight | None) -> None:
        edge = self._graph.edges.setdefault((source.id, target.id), Edge(source.id, target.id, state, weight))
        order = list(State)
        edge.state = min(edge.state, state, key=order.index)
        edge.weight = _worst(edge.weight, weight)

    def _service(self, usage: Usage) -> Node:
        if usage.service:
            return self._node("service", usage.service, usage.service, self._say("service"))
        top, slash, _ = usage.place.path.partition("/")
        return self._node("service", f"{top}{slash}/", f"{top}{slash}", self._say("files"))

    def _model(self, group: list[Usage], weight: Weight | None) -> Node:
        usage = group[0]
        state = STATES[usage.state].within(self._lang)
        if len(group) > 1:
            title = f"{len(group)} {self._say('models')}"
            full = "\n".join(u.model or u.expression for u in group)
            sub = f"{state} · {', '.join(u.model or u.expression for u in group)}"
            key = f"{usage.state} {usage.host} {usage.provider} {weight} {group[0].key}"
            node = self._node("model", f"group {key}", title, sub, full)
        else:
            title = usage.model or f"? {usage.expression}"
            kind = KINDS[usage.kind].within(self._lang)
            sub = " · ".join(filter(None, (state, kind)))
            key = usage.model or f"? {usage.expression} {usage.place}"
            node = self._node("model", f"{usage.state} {key}", title, sub, f"{title}\n{sub}\n{usage.place}")
        node.state = str(usage.state)
        node.weight = _worst(node.weight, weight)
        return node

    def _host(self, usage: Usage) -> Node:
        route = ROUTES[usage.route].within(self._lang)
        if not usage.host:
            if usage.route is Route.SELF_HOSTED:
                return self._node("host", "own", self._say("own"), route)
            return self._node("host", "", f"? {self._say('no_host')}", route)
        return self._node("host", usage.host, usage.host, route)

    def _provider(self, usage: Usage) -> Node:
        if usage.route is Route.SELF_HOSTED:
            return self._node("provider", "own", self._say("own"), ROUTES[usage.route].within(self._lang))
        if not usage.provider:
            return self._node("provider", "", f"? {self._say('no_provider')}", "")
        known = signatures.provider(usage.provider)
        name = known.name.within(self._lang) if known else usage.provider
        return self._node("provider", usage.provider, name, known.country if known else "")

    def _filings(self, group: list[Usage]) -> list[tuple[Node, Weight]]:
        """The filings that cover these usages, or what stands in their place."""
        keys = {usage.key for usage in group}
        about = [p for p in self._positions if p.usage is not None and p.usage.key in keys]
        telling = [p for p in about if p.filing is not None or p.state in NO_FILING]
        ends: dict[str, tuple[Node, Weight]] = {}
        for position in telling or about:
            node, weight = self._filing(position), position.standing.weight
            seen = ends.get(node.id)
            ends[node.id] = (node, min(seen[1], weight, key=WORST.index) if seen else weight)
        return list(ends.values())

    def _filing(self, position: Position) -> Node:
        filing, weight = position.filing, position.standing.weight
        if filing is None:
            name = NO_FILING.get(position.state, "open_filing")
            node = self._node("filing", f"?{name}", self._say(name), "")
        else:
            number = filing.number or filing.product
            sub = " · ".join(filter(None, (filing.product if filing.number else "", filing.entity)))
            node = self._node("filing", number, number, sub)
        node.weight = _worst(node.weight, weight)
        return node


def _worst(*weights: Weight | None) -> Weight | None:
    return min(filter(None, weights), key=WORST.index, default=None)


def _grouped(usages: list[Usage], weight: Mapping[tuple[str, str, str, str], Weight]) -> list[list[Usage]]:
    """Each usage alone; or, where there are very many, those that take one way together."""
    if len(usages) <= MOST_MODELS:
        return [[usage] for usage in usages]
    parts = _together(usages, weight, lambda u: u.service or u.place.path.partition("/")[0])
    return parts if len(parts) <= MOST_GROUPS else _together(usages, weight, lambda _: "")


def _together(
    usages: list[Usage],
    weight: Mapping[tuple[str, str, str, str], Weight],
    of: Callable[[Usage], str],
) -> list[list[Usage]]:
    found: dict[tuple[object, ...], list[Usage]] = {}
    for usage in usages:
        key = (of(usage), usage.state, usage.host, usage.provider, usage.route, weight.get(usage.key))
        found.setdefault(key, []).append(usage)
    return [
        part for group in found.values() for part in ([group] if len(group) > FEW else [[u] for u in group])
    ]
