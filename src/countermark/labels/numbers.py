"""ProduceID and PropagateID: unique numbers of a content at its provider.

The standard asks for a number that is the provider's own and unique, not for a form [Q]. UUIDv7 is the
default here: 36 characters that Annex E j) allows, unique without coordination, and in the order of time,
which an index of labels likes.

Source: GB 45438-2025 Annex E; RFC 9562 5.7 and 6.2.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable

from countermark.labels.defects import Defect, LabelError, Severity

MAX_LENGTH = 1024
"""Characters of a number that a caller's generator may give; real ones have up to about 60."""
PLACEHOLDER = re.compile(r"%!?[a-z]\(|\b(?:null|undefined|none|missing)\b", re.IGNORECASE)
"""What is left of a template; `%!s(MISSING)` was seen in a file (iFlytek)."""
PLAIN = re.compile(r"[0-9a-f-]*")
"""UUIDs and the like, in which none of those words can be."""
COUNTER_BITS, RANDOM_BITS, TIME_BITS = 12, 62, 48


class Uuid7:
    """A source of UUIDv7 in rising order.

    Within one process each is greater than the one before, also when the clock stands still or is set back:
    the 12 bits behind the millisecond are a counter that starts in its lower half, and an overflow borrows
    the next millisecond. After a fork the child starts anew; 62 random bits keep the two apart.
    """

    def __init__(
        self,
        milliseconds: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        randomness: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """Take a clock and a random source other than the system's, for tests.

        Args:
            milliseconds: since 1970-01-01, UTC.
            randomness: gives that many bytes.
        """
        self._milliseconds, self._randomness = milliseconds, randomness
        self._reset()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        # A lock that another thread held at the fork would stay locked in the child.
        self._lock = threading.Lock()
        self._last, self._counter = -1, 0

    def __call__(self) -> str:
        """The next one, in lower case with hyphens."""
        noise = int.from_bytes(self._randomness(10))
        with self._lock:
            now = self._milliseconds()
            if now > self._last:
                seed = noise >> RANDOM_BITS & (1 << COUNTER_BITS - 1) - 1
                self._last, self._counter = now, seed
            elif self._counter + 1 < 1 << COUNTER_BITS:
                self._counter += 1
            else:
                self._last, self._counter = self._last + 1, 0
            stamp, counter = self._last & (1 << TIME_BITS) - 1, self._counter
        value = stamp << 80 | 7 << 76 | counter << 64 | 2 << RANDOM_BITS | noise & (1 << RANDOM_BITS) - 1
        text = f"{value:032x}"
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


uuid7 = Uuid7()
"""The source that all of one process share."""


def number(generator: Callable[[], str] = uuid7) -> str:
    """A new number, from UUIDv7 or from the caller's own generator.

    Raises:
        LabelError: the generator gives no text, an empty one, a very long one, or one with controls. What is
            only unusual passes.
    """
    made = generator()
    if not isinstance(made, str) or not 0 < len(made) <= MAX_LENGTH or not made.isprintable():
        raise LabelError(f"the number generator gave no text of 1 to {MAX_LENGTH:,} printable characters")
    return made


def placeholder(text: str) -> Defect | None:
    """That a number in a label is none, but what was left of a template; nothing where it may be one.

    An empty one and uncommon characters are a matter of every field: ``grammar.examine`` names them.
    """
    if PLAIN.fullmatch(text):
        looks_like_one = bool(text) and not text.strip("0-")
    else:
        looks_like_one = PLACEHOLDER.search(text) is not None
    if not looks_like_one:
        return None
    return Defect(Severity.WARNING, "number-placeholder", "the number looks like a placeholder")
