"""What of a long file is at hand: read on as needed, with the line that one is at."""

from __future__ import annotations

from collections.abc import Iterable


class Buffer:
    """A file as it comes in, block by block."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self.blocks = iter(blocks)
        self.data = b""
        self.at = 0
        """Where in ``data`` one is."""
        self.line = 1
        self.bytes = 0

    def more(self) -> bool:
        """Get another block, and let go of what lies behind; False at the end."""
        block = next(self.blocks, None)
        if block is None:
            return False
        self.bytes += len(block)
        self.data = self.data[self.at :] + block
        self.at = 0
        return True

    def ensure(self, size: int) -> None:
        """Have at least so many bytes ahead, if there are as many."""
        while len(self.data) - self.at < size and self.more():
            pass

    def move(self, to: int) -> None:
        """Go on to another place in the data."""
        self.line += self.data.count(b"\n", self.at, to)
        self.at = to
