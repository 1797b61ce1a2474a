"""Walk the opcodes of a pickle and name what it would import. Nothing is executed, nothing is built.

Strings are followed through the stack and the memo far enough to resolve ``STACK_GLOBAL``; payloads
are skipped, never held. Where a name cannot be followed it is ``?``: never left out, never guessed.

Source: PEP 307, PEP 3154, PEP 574 and the tables of the standard library's ``pickletools``.
"""

from __future__ import annotations

import pickletools
import re
from dataclasses import dataclass, field
from typing import IO

TABLE = {ord(opcode.code): opcode for opcode in pickletools.opcodes}
MAX_KEPT = 4096
"""Longest string that can be part of a name, in bytes; longer ones are payload."""
MAX_LINE = 1 << 20
MAX_MEMO = 1 << 20
"""Most strings that the memo keeps."""
STRINGS = frozenset(
    {
        "SHORT_BINUNICODE",
        "BINUNICODE",
        "BINUNICODE8",
        "UNICODE",
        "STRING",
        "BINSTRING",
        "SHORT_BINSTRING",
    }
)
CALLS = frozenset({"REDUCE", "BUILD", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX"})
UNKNOWN = "?"
MAX_STACK = 1 << 16
ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})|\\([0-7]{1,3})")


class _Mark:
    """What MARK puts on the stack."""


MARK = _Mark()
Item = str | _Mark | None
"""A string, a mark, or what is neither and therefore no part of a name."""


def _moves(opcode: pickletools.OpcodeInfo) -> tuple[bool, int, list[Item]]:
    """Whether it takes all down to the mark, how many it takes then, and what it puts on the stack."""
    before, mark = opcode.stack_before, pickletools.markobject
    put: list[Item] = [MARK if kind is mark else None for kind in opcode.stack_after]
    return mark in before, before.index(mark) if mark in before else len(before), put


MOVES = {opcode.name: _moves(opcode) for opcode in pickletools.opcodes}


@dataclass
class Stream:
    """One pickle."""

    start: int
    """Offset of its first byte."""
    globals: dict[str, int] = field(default_factory=dict)
    """``module.name`` → offset of the opcode that imports it first."""
    calls: int = 0
    defect: str = ""
    """Why it could not be walked to its STOP."""


class _BrokenError(Exception):
    """The bytes are no pickle from here on."""


class _Memo:
    """The strings among what a pickle remembers. What it no longer knows is None, never another string."""

    def __init__(self) -> None:
        self._strings: dict[int, str] = {}
        self._next = 0
        self._gaps = False
        self._lost = False

    def append(self, item: Item) -> None:
        """MEMOIZE: at the number of places taken, which behind a gap only the pickle itself knows."""
        self._lost |= self._gaps
        self.put(self._next, item)

    def put(self, place: int, item: Item) -> None:
        self._gaps |= place > self._next
        self._next += place == self._next
        if isinstance(item, str) and (place in self._strings or len(self._strings) < MAX_MEMO):
            self._strings[place] = item
        else:
            self._strings.pop(place, None)

    def get(self, place: int) -> str | None:
        return None if self._lost else self._strings.get(place)


def walk(file: IO[bytes], start: int, max_globals: int) -> Stream:
    """Walk one pickle from ``start``; the file is left behind its STOP, or where it breaks."""
    file.seek(start)
    stream = Stream(start)
    stack: list[Item] = []
    memo = _Memo()
    try:
        while True:
            at = file.tell()
            code = file.read(1)
            if not code:
                raise _BrokenError("ends without STOP")
            opcode = TABLE.get(code[0])
            if opcode is None:
                raise _BrokenError(f"byte {code[0]:#04x} at {at} is no opcode")
            if opcode.name == "STOP":
                return stream
            argument = _argument(file, opcode)
            _step(opcode, argument, at, stream, stack, memo)
            if len(stream.globals) > max_globals:
                raise _BrokenError(f"more than {max_globals:,} globals")
            if len(stack) > MAX_STACK:
                del stack[: MAX_STACK // 2]
    except _BrokenError as error:
        stream.defect = str(error)
        return stream


def _step(
    opcode: pickletools.OpcodeInfo,
    argument: str | None,
    at: int,
    stream: Stream,
    stack: list[Item],
    memo: _Memo,
) -> None:
    name = opcode.name
    if name in STRINGS:
        stack.append(argument)
    elif name == "STACK_GLOBAL":
        attribute, module = _text(_pop(stack)), _text(_pop(stack))
        _import(stream, f"{module}.{attribute}", at)
        stack.append(None)
    elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
        memo.put(_index(argument), _top(stack))
    elif name == "MEMOIZE":
        memo.append(_top(stack))
    elif name in ("GET", "BINGET", "LONG_BINGET"):
        stack.append(memo.get(_index(argument)))
    elif name == "DUP":
        stack.append(_top(stack))
    else:
        if name in ("GLOBAL", "INST"):
            _import(stream, argument or UNKNOWN, at)
        elif name in ("EXT1", "EXT2", "EXT4"):
            _import(stream, f"copyreg.extension.{argument}", at)
        _move(name, stack)
    stream.calls += name in CALLS


def _move(name: str, stack: list[Item]) -> None:
    """Take from the stack and put on it what the table says, so that no string stays that is gone."""
    to_mark, taken, put = MOVES[name]
    if to_mark:
        while stack and stack.pop() is not MARK:
            pass
    for _ in range(taken):
        _pop(stack)
    stack += put


def _top(stack: list[Item]) -> Item:
    return stack[-1] if stack else None


def _pop(stack: list[Item]) -> Item:
    return stack.pop() if stack else None


def _text(item: Item) -> str:
    return item if isinstance(item, str) and item else UNKNOWN


def _import(stream: Stream, name: str, at: int) -> None:
    stream.globals.setdefault(name[:MAX_KEPT], at)


def _index(argument: str | None) -> int:
    try:
        return int(argument or "")
    except ValueError:
        raise _BrokenError(f"{argument!r} is no place in the memo") from None


def _argument(file: IO[bytes], opcode: pickletools.OpcodeInfo) -> str | None:
    """The argument where a name may depend on it; everything else is skipped."""
    arg = opcode.arg
    if arg is None:
        return None
    if arg.n == pickletools.UP_TO_NEWLINE:
        first = _line(file)
        if opcode.name in ("GLOBAL", "INST"):
            return f"{_text(first)}.{_text(_line(file))}"
        return _unescaped(opcode.name, first) if first and opcode.name in STRINGS else first
    if arg.n >= 0:
        data = _exactly(file, arg.n)
        return str(int.from_bytes(data, "little")) if arg.n <= 4 else None
    width, signed = {
        pickletools.TAKEN_FROM_ARGUMENT1: (1, False),
        pickletools.TAKEN_FROM_ARGUMENT4: (4, True),
        pickletools.TAKEN_FROM_ARGUMENT4U: (4, False),
        pickletools.TAKEN_FROM_ARGUMENT8U: (8, False),
    }[arg.n]
    length = int.from_bytes(_exactly(file, width), "little", signed=signed)
    if length < 0:
        raise _BrokenError("a length is negative")
    if opcode.name in STRINGS and length <= MAX_KEPT:
        return _exactly(file, length).decode("utf-8", "backslashreplace")
    _skip(file, length)
    return None


def _exactly(file: IO[bytes], length: int) -> bytes:
    data = file.read(length)
    if len(data) < length:
        raise _BrokenError("ends within an argument")
    return data


def _line(file: IO[bytes]) -> str | None:
    """The rest of a line; None where it is too long for a name."""
    line = piece = file.readline(MAX_LINE)
    while not piece.endswith(b"\n"):
        if not piece:
            raise _BrokenError("a line of it has no end")
        piece = file.readline(MAX_LINE)
        line = b""
    if not line or len(line) > MAX_KEPT:
        return None
    return line[:-1].rstrip(b"\r").decode("utf-8", "backslashreplace")


def _unescaped(name: str, text: str) -> str | None:
    """What the escapes of a text opcode stand for, as far as a name may be hidden behind them."""
    if name == "UNICODE":
        try:
            return text.encode("latin-1", "backslashreplace").decode("raw_unicode_escape")
        except UnicodeDecodeError:
            return None
    plain = ESCAPE.sub(
        lambda found: chr(int(found[1], 16) if found[1] else int(found[2], 8) & 0xFF), text[1:-1]
    )
    return None if "\\" in plain else plain


def _skip(file: IO[bytes], length: int) -> None:
    """Go over a payload; reading its last byte proves that it is there."""
    if not length:
        return
    try:
        file.seek(length - 1, 1)
    except (OSError, OverflowError, ValueError):  # farther than any file, or memory, reaches
        raise _BrokenError("ends within an argument") from None
    _exactly(file, 1)
