"""What is wrong with a header, and a reader that goes through one window by window."""

from __future__ import annotations

import struct
from collections.abc import Callable

WINDOW = 1 << 16

At = Callable[[int, int], bytes]
"""Some bytes of a file: offset and length; fewer where it ends."""


class HeaderError(ValueError):
    """A header that is broken, or beyond a limit."""


class Cursor:
    """Reads from front to back."""

    def __init__(self, at: At, start: int = 0) -> None:
        self._read, self.at = at, start
        self._window, self._start = b"", start

    def bytes(self, length: int) -> bytes:
        """So many bytes.

        Raises:
            HeaderError: it ends before.
        """
        inside = self.at - self._start
        if not 0 <= inside <= len(self._window) - length:
            self._window, self._start = self._read(self.at, max(WINDOW, length)), self.at
            inside = 0
        found = self._window[inside : inside + length]
        if len(found) < length:
            raise HeaderError(f"ends at byte {self.at + len(found):,}, within its header")
        self.at += length
        return found

    def number(self, form: str) -> int | float:
        """A number, as :mod:`struct` names its form."""
        value: int | float = struct.unpack(form, self.bytes(struct.calcsize(form)))[0]
        return value

    def count(self, form: str = "<Q") -> int:
        """A number that is a length or a count."""
        return int(self.number(form))
