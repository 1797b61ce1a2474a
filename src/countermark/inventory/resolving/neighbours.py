"""Which of the settings in one place belong together, told from the words that their names share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import islice
from typing import Generic, TypeVar

from countermark.inventory.resolving.roles import stem

MOST = 40
"""Settings that are looked at for as many words: where more share no further word, none of them is meant."""
T = TypeVar("T")
Words = tuple[str, ...]


class Neighbours(Generic[T]):
    """Settings of one kind in one place, in the order in which they stand there."""

    def __init__(self, named: Iterable[tuple[str, T]]) -> None:
        self._all: list[T] = []
        self._by: dict[Words, list[int]] = defaultdict(list)
        """By each beginning of the stems of their names."""
        self._own: dict[Words, list[int]] = defaultdict(list)
        """By the whole of their stems."""
        self._bare = self._own[()]
        """Those whose names are a word for their role alone: they go with any."""
        for number, (name, each) in enumerate(named):
            self._all.append(each)
            words = words_of(name)
            for cut in range(len(words) + 1):
                self._by[words[:cut]].append(number)
            self._own[words].append(number)

    def nearest(self, name: str) -> Iterator[tuple[int, list[T]]]:
        """Groups by how many words they share with a name, most first; what was in one is in the next too.

        A name without a stem of its own, or a neighbour without one, shares one word with any.
        """
        wanted = words_of(name)
        if not wanted:
            yield 1, self._some(self._by.get((), []))
            return
        for count in range(len(wanted), -1, -1):
            group = self._by.get(wanted[:count], [])
            yield count, self._some(merge(group, self._bare) if count == 1 else group)

    def sharing(self, name: str) -> list[T]:
        """Those that share a word with a name, as they stand there."""
        wanted = words_of(name)
        return self._some(merge(self._by.get(wanted[:1], []), self._bare if wanted else []))

    def same(self, name: str) -> list[T]:
        """Those of just the stem of a name."""
        return self._some(self._own.get(words_of(name), []))

    def _some(self, numbers: Iterable[int]) -> list[T]:
        return [self._all[number] for number in islice(numbers, MOST)]


def words_of(name: str) -> Words:
    """The words of a name that are not for its role."""
    own = stem(name)
    return tuple(own.split("_")) if own else ()
