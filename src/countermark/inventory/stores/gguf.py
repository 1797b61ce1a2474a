"""What the header of a GGUF file says of the model: name, base, licence, quantisation.

Only the pairs of keys and values are read, not the list of tensors behind them.

Source: ``gguf.md`` of the GGML project, versions 1 to 3; ``llama_ftype`` of ``llama.h`` for the file types.
"""

from __future__ import annotations

import struct
from typing import Any

from countermark.inventory.stores.headers import At, Cursor, HeaderError

MAGIC = b"GGUF"
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
TEXT, ARRAY = 8, 9
MAX_PAIRS = 10_000
MAX_ITEMS = 2_000_000
"""Texts of all arrays; a large vocabulary with its merges has some 700 000."""
MAX_TEXT = 16_384
"""Longer texts are passed over: chat templates, vocabularies."""
MAX_NESTING = 4
NEVER = 1 << 62
FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S",
    12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K",
    19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL",
    26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0",
    37: "TQ2_0", 38: "MXFP4",
}  # fmt: skip
"""``general.file_type`` → what most of the tensors are."""


def read(at: At) -> dict[str, Any]:
    """The pairs of a header, without the vocabulary; those before the end of what can be read.

    Raises:
        HeaderError: it is no GGUF, or broken before anything is known.
    """
    cursor = Cursor(at)
    if cursor.bytes(4) != MAGIC:
        raise HeaderError("does not begin as GGUF")
    version = cursor.count("<I")
    order = "<"
    if version > 0xFFFF:  # noqa: PLR2004 - the other byte order
        order, version = ">", int.from_bytes(struct.pack("<I", version), "big")
    if version not in (1, 2, 3):
        raise HeaderError(f"GGUF version {version} is not read")
    length = order + ("I" if version == 1 else "Q")
    cursor.count(length)
    pairs = cursor.count(length)
    if pairs > MAX_PAIRS:
        raise HeaderError(f"a header of {pairs:,} pairs")
    reader = _Reader(cursor, order, length)
    found: dict[str, Any] = {}
    try:
        for _ in range(pairs):
            key = reader.text()
            value = reader.value(cursor.count(order + "I"), 0)
            if key is not None and value is not None:
                found[key] = value
    except HeaderError:
        if not found:
            raise
        found[""] = "incomplete"
    return found


class _Reader:
    """Values one after another."""

    def __init__(self, cursor: Cursor, order: str, length: str) -> None:
        self._cursor, self._order, self._length = cursor, order, length
        self._items = 0

    def text(self) -> str | None:
        """A text; None where it is passed over."""
        length = self._cursor.count(self._length)
        if length > MAX_TEXT:
            self._pass(length)
            return None
        return self._cursor.bytes(length).decode("utf-8", "replace")

    def value(self, kind: int, depth: int) -> Any:
        if kind in SCALARS:
            return self._cursor.number(self._order + SCALARS[kind])
        if kind == TEXT:
            return self.text()
        if kind != ARRAY or depth >= MAX_NESTING:
            raise HeaderError(f"a value of type {kind}")
        inner, count = self._cursor.count(self._order + "I"), self._cursor.count(self._length)
        if inner in SCALARS:
            self._pass(count * struct.calcsize(self._order + SCALARS[inner]))
            return None
        self._items += count
        if self._items > MAX_ITEMS:
            raise HeaderError(f"arrays of more than {MAX_ITEMS:,} items")
        values = [self.value(inner, depth + 1) for _ in range(min(count, 64))]
        for _ in range(count - len(values)):
            self.value(inner, depth + 1)
        return values

    def _pass(self, length: int) -> None:
        if length > NEVER:
            raise HeaderError(f"a value of {length:,} bytes")
        self._cursor.at += length
