"""Many words as one pattern that is quick to look for."""

from __future__ import annotations

import re
from collections.abc import Iterable


def alternatives(words: Iterable[str], *, whole: bool = False) -> str:
    """A pattern for any of the words, which tells them apart letter by letter.

    A thousand words cost little more than one.

    Args:
        words: At least one.
        whole: Whether what is behind the word matters. If not, of two words of which one begins the
            other the shorter is enough.
    """
    words = list(dict.fromkeys(words))
    if "" in words and (not whole or len(words) == 1):
        return ""
    first: dict[str, list[str]] = {}
    for word in filter(None, words):
        first.setdefault(word[0], []).append(word[1:])
    parts = [re.escape(letter) + alternatives(rest, whole=whole) for letter, rest in first.items()]
    pattern = parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"
    return f"(?:{pattern})?" if "" in words else pattern
