"""An inventory as one HTML file without scripts: the graph, the table by state, what was not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from countermark import __version__
from countermark.inventory import signatures
from countermark.inventory.reconciliation import Position, Weight
from countermark.inventory.saving import CONCERNING
from countermark.inventory.usage import Inventory, State, Usage
from countermark.reports.inventory import models as listing
from countermark.reports.inventory.graph import WORST, graph, weights
from countermark.reports.inventory.page_words import KINDS, MEANINGS, ROUTES, SAY, SIGNS, STATES, WEIGHTS

MOST_ROWS = 500
"""Of one state, and of what was not read; the JSON has all."""
MOST_PLACES = 3
"""Shown of one usage; the others unfold."""
LISTED = (*CONCERNING, State.OFF, State.OFFLINE)
"""With all that is known of each; the other states are lists of names."""
LANGUAGES = {"en": "en", "zh": "zh-CN"}


def render(found: Inventory, positions: Sequence[Position] = (), lang: str = "en") -> str:
    """The inventory as HTML.

    Args:
        found: What was found.
        positions: Of the reconciliation; with them the graph goes on to the filings.
        lang: ``en`` or ``zh``.
    """
    environment = Environment(
        loader=PackageLoader("countermark.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    functions: dict[str, Any] = {
        "say": lambda name: SAY[name].within(lang),
        "words": lambda words: words.within(lang),
        "provider": lambda usage: _provider(usage, lang),
    }
    environment.globals.update(functions)
    standing = sorted(positions, key=lambda p: (WORST.index(p.standing.weight), p.state, p.subject))
    return environment.get_template("inventory.html").render(
        found=found,
        lang=LANGUAGES[lang],
        version=__version__,
        graph=graph(found, positions, lang),
        by_state=[(state, list(found.of(state))) for state in State if any(found.of(state))],
        listed=LISTED,
        rest=Counter(u.state for u in found.usages if u.state not in CONCERNING),
        conflicts=[(usage, each) for usage in found.usages for each in usage.conflicts],
        libraries=listing.libraries(found),
        positions=standing,
        acts=[(state, list(group)) for state, group in groupby(standing, lambda p: p.state)],
        totals=[(w, n) for w in Weight if (n := sum(p.standing.weight is w for p in positions))],
        weight_of=weights(positions),
        states=STATES, meanings=MEANINGS, routes=ROUTES, kinds=KINDS, signs=SIGNS, weights=WEIGHTS,
        most=MOST_ROWS, most_places=MOST_PLACES,
    )  # fmt: skip


def _provider(usage: Usage, lang: str) -> str:
    known = signatures.provider(usage.provider) if usage.provider else None
    return known.name.within(lang) if known else usage.provider
