"""Walk the opcodes of a pickle and name what it would import. Nothing is executed, nothing is built.

Strings are followed through the stack and the memo far enough to resolve ``STACK_GLOBAL``; payloads
are skipped, never held.

Source: PEP 307, PEP 3154, PEP 574 and the tables of the standard library's ``pickletools``.
"""

from __future__ import annotations

import pickletools
from dataclasses import dataclass, field
from typing import IO

TABLE = {ord(opcode.code): opcode for opcode in pickletools.opcodes}
MAX_KEPT = 4096
"""Longest string that can be part of a name; longer ones are payload."""
MAX_LINE = 1 << 20
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

Item = str | None


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


def walk(file: IO[bytes], start: int, max_globals: int) -> Stream:
    """Walk one pickle from ``start``; the file is left behind its STOP, or where it breaks."""
    file.seek(start)
    stream = Stream(start)
    stack: list[Item] = []
    memo: dict[int, Item] = {}
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
            _step(opcode.name, argument, at, stream, stack, memo)
            if len(stream.globals) > max_globals:
                raise _BrokenError(f"more than {max_globals:,} globals")
            if len(stack) > MAX_STACK:
                del stack[: MAX_STACK // 2]
    except _BrokenError as error:
        stream.defect = str(error)
        return stream


def _step(  # noqa: C901 - one branch for each family of opcodes
    name: str,
    argument: str | None,
    at: int,
    stream: Stream,
    stack: list[Item],
    memo: dict[int, Item],
) -> None:
    if name in STRINGS:
        stack.append(argument)
    elif name in ("GLOBAL", "INST"):
        module, _, attribute = (argument or "").partition(" ")
        _import(stream, f"{module}.{attribute}", at)
        stack.append(None)
    elif name == "STACK_GLOBAL":
        name_, module_ = _pop(stack), _pop(stack)
        _import(stream, f"{module_ or UNKNOWN}.{name_ or UNKNOWN}", at)
        stack.append(None)
    elif name in ("EXT1", "EXT2", "EXT4"):
        _import(stream, f"copyreg.extension.{argument}", at)
        stack.append(None)
    elif name == "MEMOIZE":
        memo[len(memo)] = stack[-1] if stack else None
    elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
        memo[_index(argument)] = stack[-1] if stack else None
    elif name in ("GET", "BINGET", "LONG_BINGET"):
        stack.append(memo.get(_index(argument)))
    elif name == "POP":
        _pop(stack)
    elif name == "DUP":
        stack.append(stack[-1] if stack else None)
    elif name not in ("PROTO", "FRAME"):
        stack.append(None)
    stream.calls += name in CALLS


def _pop(stack: list[Item]) -> Item:
    return stack.pop() if stack else None


def _import(stream: Stream, name: str, at: int) -> None:
    stream.globals.setdefault(name, at)


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
            return f"{first} {_line(file)}"
        return first.strip("'\"") if opcode.name == "STRING" else first
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


def _line(file: IO[bytes]) -> str:
    line = file.readline(MAX_LINE)
    if not line.endswith(b"\n"):
        raise _BrokenError("a line of it has no end")
    return line[:-1].rstrip(b"\r").decode("utf-8", "backslashreplace")


def _skip(file: IO[bytes], length: int) -> None:
    """Go over a payload; reading its last byte proves that it is there."""
    if length:
        file.seek(length - 1, 1)
        _exactly(file, 1)
