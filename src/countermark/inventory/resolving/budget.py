"""How much one question may cost: names that lead to themselves end, and so do trees of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

MAX_DEPTH = 20
MAX_STEPS = 400
"""Of one question; what needs more is not decided."""

Key = tuple[int, str, tuple[str, ...]]


class Budget:
    """Counts the steps of a question, and remembers what is being asked."""

    def __init__(self) -> None:
        self._asked: set[Key] = set()
        self._steps = 0
        self.cut = False
        """Whether an answer was cut short since somebody set this to False: such an answer is not kept."""

    @contextmanager
    def step(self, key: Key) -> Iterator[bool]:
        """Ask one thing more; gives whether there is room for it."""
        if not self._asked:
            self._steps = 0
        self._steps += 1
        if key in self._asked or len(self._asked) > MAX_DEPTH or self._steps > MAX_STEPS:
            self.cut = True
            yield False
            return
        self._asked.add(key)
        try:
            yield True
        finally:
            self._asked.discard(key)
