"""What every reader of pages knows of their elements: which stay open, and how deep a parser may be sent.

Source: HTML Living Standard, void elements and optional tags; SVG 2, basic shapes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

MAX_DEPTH = 2_000
"""Most elements that are open at once; the time of the parser grows with its square."""
VOID = "area base br col embed hr img input link meta param source track wbr"
OFTEN_LEFT_OPEN = "p li dt dd option optgroup tr td th thead tbody tfoot rt rp"
SHAPES = "path circle rect line polyline polygon ellipse use stop image"
CLOSE_THEMSELVES = frozenset(f"{VOID} {OFTEN_LEFT_OPEN} {SHAPES}".split())
"""Elements that do not make a page deeper, although nothing closes them."""


def too_deep(tags: Iterable[tuple[str, bool, int]]) -> int | None:
    """Where more elements are open than a page of this world has; nothing where that never is.

    Args:
        tags: of each tag its name in lower case, whether it closes, and where it begins.
    """
    opened: Counter[str] = Counter()
    depth = 0
    for name, closes, start in tags:
        if name in CLOSE_THEMSELVES:
            continue
        if not closes:
            opened[name] += 1
            depth += 1
        elif opened[name]:
            opened[name] -= 1
            depth -= 1
        if depth > MAX_DEPTH:
            return start
    return None
