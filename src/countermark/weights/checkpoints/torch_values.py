"""What the pickle of a PyTorch checkpoint describes, worked out on symbols. Nothing is imported or called.

The machine knows containers, texts, numbers, and the few globals below; each has a meaning of its own here.
Any other global ends it, by name.

Source: the opcode table of the standard library's ``pickletools``; ``torch/_utils.py`` and
``torch/serialization.py`` for what the globals mean.
"""

from __future__ import annotations

import pickletools
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from countermark.weights.checkpoints.tensors import CheckpointError, checked_shape

MAX_STEPS = 4_000_000
"""Most opcodes of one pickle; a checkpoint has about thirty for each tensor."""
MAX_HELD = 1 << 20
"""Most values on the stack or in the memo."""
STORAGES = {
    "DoubleStorage": "F64",
    "FloatStorage": "F32",
    "HalfStorage": "F16",
    "BFloat16Storage": "BF16",
    "LongStorage": "I64",
    "IntStorage": "I32",
    "ShortStorage": "I16",
    "CharStorage": "I8",
    "ByteStorage": "U8",
    "BoolStorage": "BOOL",
    "UntypedStorage": "",
}
DTYPES = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "bfloat16": "BF16",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
    "int64": "I64",
    "int32": "I32",
    "int16": "I16",
    "int8": "I8",
    "uint8": "U8",
    "uint16": "U16",
    "uint32": "U32",
    "uint64": "U64",
    "bool": "BOOL",
}
NUMBERED = frozenset({"BININT", "BININT1", "BININT2", "INT", "LONG", "LONG1", "LONG4", "BINFLOAT", "FLOAT"})
TEXTS = frozenset(
    {"BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "UNICODE", "BINSTRING", "SHORT_BINSTRING"}
)
BYTES = frozenset({"BINBYTES", "SHORT_BINBYTES", "BINBYTES8"})
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
MADE: dict[str, Callable[[], Any]] = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}
BROKEN = (ValueError, IndexError, KeyError, TypeError, OverflowError, AttributeError, RecursionError)
"""What odd arguments raise on the way."""
CONSTANTS = {"NEWTRUE": True, "NEWFALSE": False, "NONE": None}


@dataclass(frozen=True, slots=True)
class Storage:
    """A run of numbers that tensors are views of."""

    key: str
    dtype: str
    """``""`` where the storage has bytes, and the tensor says the type."""
    elements: int


@dataclass(frozen=True, slots=True)
class Tensor:
    """A view of a storage."""

    storage: Storage
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int
    """In numbers."""


@dataclass(frozen=True, slots=True)
class Name:
    """A global, by what it is called."""

    text: str


class _Mark:
    """What MARK puts on the stack."""


MARK = _Mark()


def values(file: IO[bytes], where: str) -> Any:
    """Run one pickle; the file is left behind it.

    Raises:
        CheckpointError: the pickle is broken, too large, or needs a global that is none of those above.
    """
    machine = Machine(where)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # odd escapes in old texts
            _run(machine, file)
    except BROKEN as error:
        raise CheckpointError(f"{where}: the pickle is broken: {str(error)[:120]}") from None
    return machine.stack[-1] if machine.stack else None


def _run(machine: Machine, file: IO[bytes]) -> None:
    for number, (opcode, argument, _) in enumerate(pickletools.genops(file)):
        if number > MAX_STEPS:
            raise CheckpointError(f"{machine.where}: the pickle has more than {MAX_STEPS:,} opcodes")
        machine.step(opcode.name, argument)


class Machine:
    """A stack, a memo, and what each opcode does to them."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def step(self, name: str, argument: Any) -> None:
        """One opcode."""
        stack = self.stack
        if name in NUMBERED or name in TEXTS or name in BYTES:
            stack.append(argument)
        elif name in MADE:
            stack.append(MADE[name]())
        elif name in CONSTANTS:
            stack.append(CONSTANTS[name])
        elif name in TUPLES:
            self._replace(TUPLES[name], tuple(stack[-TUPLES[name] :]))
        elif name in ACTIONS:
            ACTIONS[name](self, argument)
        elif name not in ("PROTO", "FRAME", "STOP"):
            raise CheckpointError(f"{self.where}: the opcode {name} is in no checkpoint of PyTorch")
        if len(stack) > MAX_HELD or len(self.memo) > MAX_HELD:
            raise CheckpointError(f"{self.where}: the pickle holds more than {MAX_HELD:,} values")

    def _replace(self, taken: int, put: Any) -> None:
        if len(self.stack) < taken:
            raise IndexError("an empty stack")
        del self.stack[len(self.stack) - taken :]
        self.stack.append(put)

    def _to_mark(self) -> list[Any]:
        items: list[Any] = []
        while (item := self.stack.pop()) is not MARK:
            items.append(item)
        return items[::-1]

    def mark(self, _: Any) -> None:
        self.stack.append(MARK)

    def pop(self, _: Any) -> None:
        self.stack.pop()

    def tuple_(self, _: Any) -> None:
        self.stack.append(tuple(self._to_mark()))

    def list_(self, _: Any) -> None:
        self.stack.append(self._to_mark())

    def dict_(self, _: Any) -> None:
        target: dict[Any, Any] = {}
        self._store(target, self._to_mark())
        self.stack.append(target)

    def append(self, _: Any) -> None:
        item = self.stack.pop()
        self._grow([item])

    def appends(self, _: Any) -> None:
        self._grow(self._to_mark())

    def _grow(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if isinstance(target, list):
            target.extend(items)

    def setitem(self, _: Any) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._store(self.stack[-1], [key, value])

    def setitems(self, _: Any) -> None:
        items = self._to_mark()
        self._store(self.stack[-1], items)

    @staticmethod
    def _store(target: Any, items: list[Any]) -> None:
        if isinstance(target, dict):
            target.update(zip(items[::2], items[1::2], strict=True))

    def put(self, argument: Any) -> None:
        self.memo[int(argument)] = self.stack[-1]

    def memoize(self, _: Any) -> None:
        self.memo[len(self.memo)] = self.stack[-1]

    def get(self, argument: Any) -> None:
        self.stack.append(self.memo[int(argument)])

    def global_(self, argument: Any) -> None:
        self.stack.append(self._known(str(argument).replace(" ", ".", 1)))

    def stack_global(self, _: Any) -> None:
        attribute, module = self.stack.pop(), self.stack.pop()
        self.stack.append(self._known(f"{module}.{attribute}"))

    def _known(self, text: str) -> Name:
        short = text.removeprefix("torch.storage.").removeprefix("torch.")
        if text not in CALLS and short not in STORAGES and short not in DTYPES and text not in PASSIVE:
            raise CheckpointError(f"{self.where}: needs {text[:120]!r}, which no plain checkpoint needs")
        return Name(text)

    def reduce(self, _: Any) -> None:
        arguments, function = self.stack.pop(), self.stack.pop()
        if not isinstance(function, Name) or function.text not in CALLS or not isinstance(arguments, tuple):
            raise CheckpointError(f"{self.where}: calls {str(function)[:80]}, which no plain checkpoint does")
        self.stack.append(CALLS[function.text](*arguments))

    def build(self, _: Any) -> None:
        self.stack.pop()  # the attributes of an ordered dictionary: versions, no tensors

    def persistent(self, _: Any) -> None:
        match self.stack.pop():
            case ("storage", Name(text), str(key), _, int(elements), *_) if 0 <= elements < 1 << 60:
                dtype = STORAGES[text.rpartition(".")[2]]
                self.stack.append(Storage(key, dtype, elements))
            case other:
                raise CheckpointError(f"{self.where}: {str(other)[:80]} is no storage")


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any, *rest: Any) -> Tensor:
    """``_rebuild_tensor_v2`` and ``v3``; in the third, the type is the last argument but one."""
    if not isinstance(storage, Storage) or not isinstance(offset, int) or offset < 0:
        raise ValueError("a tensor without a storage")
    named = next((DTYPES[n.text[6:]] for n in rest if isinstance(n, Name) and n.text[6:] in DTYPES), "")
    lengths, steps = checked_shape("a tensor", shape), checked_shape("a tensor", strides)
    if len(lengths) != len(steps):
        raise ValueError("a tensor with other strides than axes")
    return Tensor(storage, named or storage.dtype, lengths, steps, offset)


def _parameter(data: Any, *_: Any) -> Any:
    return data


def _dictionary(*items: Any) -> dict[Any, Any]:
    return dict(items[0]) if items else {}


def _opaque(*items: Any) -> None:
    """A value that holds no tensor that concerns us."""


CALLS: dict[str, Callable[..., Any]] = {
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": _tensor,
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
    "collections.OrderedDict": _dictionary,
    "torch.Size": _opaque,
    "torch.device": _opaque,
    "argparse.Namespace": _opaque,
}
PASSIVE = frozenset({"torch.per_tensor_affine", "torch.strided", "torch.contiguous_format"})
ACTIONS: dict[str, Callable[[Machine, Any], None]] = {
    "MARK": Machine.mark,
    "POP": Machine.pop,
    "TUPLE": Machine.tuple_,
    "LIST": Machine.list_,
    "DICT": Machine.dict_,
    "APPEND": Machine.append,
    "APPENDS": Machine.appends,
    "SETITEM": Machine.setitem,
    "SETITEMS": Machine.setitems,
    "PUT": Machine.put,
    "BINPUT": Machine.put,
    "LONG_BINPUT": Machine.put,
    "MEMOIZE": Machine.memoize,
    "GET": Machine.get,
    "BINGET": Machine.get,
    "LONG_BINGET": Machine.get,
    "GLOBAL": Machine.global_,
    "STACK_GLOBAL": Machine.stack_global,
    "REDUCE": Machine.reduce,
    "NEWOBJ": Machine.reduce,
    "BUILD": Machine.build,
    "BINPERSID": Machine.persistent,
}
