"""AMF0, the format of data in FLV: where the values of an object stand, without taking them in.

Source: Action Message Format AMF 0, Adobe; Video File Format Specification 10.1, annex E.4.4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.source import Limits

NUMBER, BOOLEAN, STRING, OBJECT, ECMA_ARRAY, OBJECT_END, STRICT_ARRAY, DATE, LONG_STRING = (
    0, 1, 2, 3, 8, 9, 10, 11, 12,
)  # fmt: skip
FIXED = {NUMBER: 8, BOOLEAN: 1, 5: 0, 6: 0, 7: 2, DATE: 10}
"""Bytes of the kinds that always have as many; 5 to 7 are null, undefined and a reference."""
SHORT = 0xFFFF
"""Longest name, and longest text of the kind that has two bytes for its length."""


@dataclass(frozen=True, slots=True)
class Member:
    """One value of an object, with its name."""

    name: str
    start: int
    """Of the name's length."""
    at: int
    """Of the kind of the value."""
    end: int
    kind: int


class Reader:
    """Walks over the values of one tag; no more of them, and no deeper, than the limits allow."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.data = data
        self._limits = limits
        self._left = limits.elements

    def name(self, at: int) -> tuple[str, int]:
        """The text of two bytes of length at ``at``, and where it ends."""
        length = self._number(">H", at)
        end = self._within(at + 2 + length)
        return self.data[at + 2 : end].decode("utf-8", "replace"), end

    def text(self, at: int) -> bytes:
        """The text whose kind stands at ``at``, in UTF-8; empty where it is no text."""
        if self.data[at] not in (STRING, LONG_STRING):
            return b""
        return self.data[at + (3 if self.data[at] == STRING else 5) : self.skip(at)]

    def members(self, at: int, depth: int = 0) -> Iterator[Member]:
        """The values of the object or array whose kind stands at ``at``; none where it is neither."""
        if self.data[at : at + 1] not in (bytes((OBJECT,)), bytes((ECMA_ARRAY,))):
            return
        if not depth:
            self._left = self._limits.elements  # for each walk, as the same values are walked over again
        at += 1 if self.data[at] == OBJECT else 5
        while at < len(self.data):
            name, value = self.name(at)
            if value >= len(self.data) or (not name and self.data[value] == OBJECT_END):
                return
            end = self.skip(value, depth + 1)
            yield Member(name, at, value, end, self.data[value])
            at = end

    def end_of_members(self, at: int) -> int:
        """Where a further value of the object at ``at`` belongs."""
        last = at + (1 if self.data[at] == OBJECT else 5)
        for member in self.members(at):
            last = member.end
        return last

    def numbers(self, at: int) -> Iterator[int]:
        """Where the eight bytes of each number of the strict array at ``at`` stand."""
        if self.data[at] != STRICT_ARRAY:
            return
        at += 5
        for _ in range(self._number(">I", at - 4)):
            end = self.skip(at)
            if self.data[at] == NUMBER:
                yield at + 1
            at = end

    def skip(self, at: int, depth: int = 0) -> int:
        """Where the value ends whose kind stands at ``at``.

        Raises:
            LabelError: it is broken or of a kind that is not known.
            TooLargeError: more or deeper values than the limits allow.
        """
        self._left -= 1
        if self._left < 0 or depth > self._limits.depth:
            raise TooLargeError("the script data has more values, or deeper ones, than the limits allow")
        kind = self.data[self._within(at + 1) - 1]
        at += 1
        if kind in FIXED:
            return self._within(at + FIXED[kind])
        if kind == STRING:
            return self._within(at + 2 + self._number(">H", at))
        if kind == LONG_STRING:
            return self._within(at + 4 + self._number(">I", at))
        if kind == STRICT_ARRAY:
            count = self._number(">I", at)
            at += 4
            for _ in range(count):
                at = self.skip(at, depth + 1)
            return at
        if kind in (OBJECT, ECMA_ARRAY):
            return self._end(at - 1, depth)
        raise LabelError(f"the script data holds a value of the unknown kind {kind}")

    def _end(self, at: int, depth: int) -> int:
        end = at + (1 if self.data[at] == OBJECT else 5)
        for member in self.members(at, depth):
            end = member.end
        return self._within(end + 3)

    def _number(self, form: str, at: int) -> int:
        self._within(at + struct.calcsize(form))
        value: int = struct.unpack_from(form, self.data, at)[0]
        return value

    def _within(self, end: int) -> int:
        if end > len(self.data):
            raise LabelError("the script data ends within a value")
        return end


def text(value: str) -> bytes:
    """A text, of the kind that is long enough."""
    data = value.encode()
    if len(data) <= SHORT:
        return struct.pack(">BH", STRING, len(data)) + data
    return struct.pack(">BI", LONG_STRING, len(data)) + data


def named(name: str, value: bytes) -> bytes:
    """A value of an object, with its name."""
    data = name.encode()
    return struct.pack(">H", len(data)) + data + value
