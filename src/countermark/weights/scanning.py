"""What kind of model file it is, and the pickles in it."""

from __future__ import annotations

import ast
import json
import lzma
import re
import shutil
import struct
import tempfile
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from countermark.weights.opcodes import TABLE, UNKNOWN, Stream, walk

MAX_STREAMS = 10_000
MAX_MEMBERS = 100_000
MAX_HEADER = 100 << 20
MAX_ARRAY_HEADER = 1 << 20
IN_MEMORY = 64 << 20
CHUNK = 1 << 20
HDF5, GGUF, NUMPY = b"\x89HDF\r\n\x1a\n", b"GGUF", b"\x93NUMPY"
TORCH_DATA = re.compile(r"(^|/)(data/\d+|version|byteorder|\.data/serialization_id)$")
"""Members of a PyTorch archive that hold numbers, or a word about them."""
PICKLE_SUFFIXES = frozenset({".pkl", ".pickle", ".bin", ".pt", ".pth", ".ckpt", ".joblib", ".dat", ".data"})
PLAIN_TYPE = re.compile(r"[<>=|]?(?:[?bhilqpBHILQPefdgFDGSaUVc]|[biufcSaUV]\d+|[mM]8(?:\[\w+\])?)")
"""NumPy's names of types that hold numbers or text; all others, above all ``O``, may hold objects."""
BROKEN_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)
NAMELESS = (UNKNOWN, "copyreg.extension.")
"""Beginnings of imports that a few arbitrary bytes can look like."""
JOBLIB = "joblib.numpy_pickle."
FIRST_OPCODES = b"\x80(c]}lId.NFK\x8c\x95VUS"


class UnknownFormatError(Exception):
    """A file that is none of the formats that we read."""


@dataclass
class Scan:
    """What a model file is and what loading it would import."""

    format: str
    streams: int = 0
    """Pickles in it."""
    globals: list[str] = field(default_factory=list)
    """``module.name``, each once."""
    places: list[dict[str, Any]] = field(default_factory=list)
    """The first opcode that imports each: member of the archive, offset, name."""
    defects: list[str] = field(default_factory=list)
    """What could not be read to its end."""
    trailing_bytes: int = 0
    """Bytes behind the last pickle (raw tensors, in old PyTorch files)."""

    def to_fact(self) -> dict[str, Any]:
        """As JSON, for evidence."""
        return {
            "format": self.format,
            "streams": self.streams,
            "globals": sorted(self.globals),
            "places": self.places,
            "defects": self.defects,
            "trailing_bytes": self.trailing_bytes,
        }


def scan(path: Path, *, max_globals: int, max_unpacked_bytes: int) -> Scan:
    """Find every pickle in a model file and name what it would import. Nothing is loaded.

    Raises:
        UnknownFormatError: it is no pickle, archive or tensor file that we know.
        OSError: the file cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(16)
        if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
            return _archive(file, max_globals, max_unpacked_bytes)
        if head.startswith(GGUF):
            return _tensors(file, "gguf", max_globals)
        if head.startswith(NUMPY):
            return _array(file, max_globals)
        if _is_safetensors(file, head, size):
            return _tensors(file, "safetensors", max_globals)
        if (head[:1] and head[0] in FIRST_OPCODES) or path.suffix.lower() in PICKLE_SUFFIXES:
            result = Scan("pickle")
            _pickles(file, "", result, max_globals)
            if result.streams:
                return result
            if path.suffix.lower() in PICKLE_SUFFIXES:
                result.defects = result.defects or ["holds no pickle, although its name says so"]
                return result
    raise UnknownFormatError(
        f"begins with {head[:8]!r}: model files are read as pickle, zip, safetensors and GGUF so far"
    )


def _is_safetensors(file: IO[bytes], head: bytes, size: int) -> bool:
    length = int.from_bytes(head[:8], "little")
    if head[8:9] != b"{" or not 2 <= length <= min(MAX_HEADER, size - 8):
        return False
    file.seek(8)
    try:
        return isinstance(json.loads(file.read(length)), dict)
    except (ValueError, RecursionError):
        return False


def _tensors(file: IO[bytes], container: str, max_globals: int) -> Scan:
    """Tensors alone, unless the same bytes import something for a loader that takes them for a pickle."""
    result = Scan(container)
    stream = walk(file, 0, max_globals)
    if stream.globals and _is_meant(stream):
        _record(stream, "", result)
    return result


def _is_meant(stream: Stream) -> bool:
    """Whether bytes that nothing announces as a pickle are one, and not one by chance."""
    named = [name for name in stream.globals if name.isprintable() and not name.startswith(NAMELESS)]
    return bool(named) or not stream.defect


def _array(file: IO[bytes], max_globals: int) -> Scan:
    result = Scan("numpy")
    _objects(file, "", result, max_globals)
    return result


def _objects(file: IO[bytes], member: str, result: Scan, max_globals: int) -> None:
    """A NumPy array of objects is a pickle behind a header; any other array is plain numbers.

    Source: NumPy's format description, NEP 1.
    """
    file.seek(len(NUMPY))
    major = file.read(2)[:1]
    width = 2 if major == b"\1" else 4
    length = int.from_bytes(file.read(width), "little")
    if not _is_plain(file.read(min(length, MAX_ARRAY_HEADER))):
        _record(walk(file, len(NUMPY) + 2 + width + length, max_globals), member, result)


def _is_plain(header: bytes) -> bool:
    """Whether the header of an array is readable and has no type but those of numbers and text."""
    text = re.sub(r"(\d)L\b", r"\1", header.decode("latin-1"))  # as Python 2 wrote whole numbers
    try:
        pending = [ast.literal_eval(text)["descr"]]
    except (ValueError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError):
        return False
    while pending:
        kind = pending.pop()
        if isinstance(kind, list) and all(isinstance(item, tuple) and len(item) > 1 for item in kind):
            pending += [item[1] for item in kind]
        elif isinstance(kind, tuple) and kind:
            pending.append(kind[0])
        elif not (isinstance(kind, str) and PLAIN_TYPE.fullmatch(kind)):
            return False
    return True


def _archive(file: IO[bytes], max_globals: int, max_unpacked_bytes: int) -> Scan:
    result = Scan("zip")
    left = max_unpacked_bytes
    others: list[str] = []
    try:
        archive = zipfile.ZipFile(file)
        members = archive.infolist()
    except BROKEN_ARCHIVE as error:
        result.defects.append(f"the archive does not open: {error}")
        return result
    if len(members) > MAX_MEMBERS:
        result.defects.append(f"has {len(members):,} members; {MAX_MEMBERS:,} are read")
    for member in members[:MAX_MEMBERS]:
        if member.filename.endswith("/"):  # is_dir() fails on a member without a name
            continue
        try:
            left -= _member(archive, member, result, others, Limits(max_globals, left))
        except BROKEN_ARCHIVE as error:
            result.defects.append(f"{member.filename}: {error}")
    if others and not result.streams and not result.defects:
        raise UnknownFormatError(
            f"is an archive without a pickle ({others[0]}, …): what else it may run is not examined yet"
        )
    if others:
        shown = ", ".join(others[:3])
        result.defects.append(f"{len(others)} members are not examined yet: {shown}")
    return result


@dataclass(frozen=True)
class Limits:
    """What may be taken in of one archive."""

    globals: int
    bytes: int


def _member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, result: Scan, others: list[str], limits: Limits
) -> int:
    """Walk one member, if it may hold a pickle; how many bytes it unpacked to."""
    name = member.filename
    with archive.open(member) as packed:
        start = packed.read(len(NUMPY))
        suspected = PurePosixPath(name).suffix.lower() in PICKLE_SUFFIXES
        if start != NUMPY and not suspected and not _begins_a_pickle(start, name):
            if not TORCH_DATA.search(name):
                others.append(name)
            return 0
        if member.file_size > limits.bytes:
            result.defects.append(f"{name}: unpacks to more than the limit")
            return 0
        with _seekable(packed, start) as unpacked:
            (_objects if start == NUMPY else _pickles)(unpacked, name, result, limits.globals)
        return member.file_size


def _begins_a_pickle(start: bytes, name: str) -> bool:
    binary = start[:1] == b"\x80" and start[1:2] <= b"\x05"
    return binary or name.lower().endswith((".pkl", ".pickle"))


def _seekable(packed: IO[bytes], start: bytes) -> IO[bytes]:
    """The member unpacked, in memory while it is small."""
    spool: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the caller closes it
    spool.write(start)
    shutil.copyfileobj(packed, spool, CHUNK)
    return spool


def _pickles(file: IO[bytes], member: str, result: Scan, max_globals: int) -> None:
    """Walk one pickle after the other, to the end or to what is none."""
    file.seek(0, 2)
    size, at = file.tell(), 0
    while at < size and result.streams < MAX_STREAMS:
        file.seek(at)
        first = file.read(1)[0]
        if first not in TABLE:
            break
        stream = walk(file, at, max_globals)
        announced = not at and (first in FIRST_OPCODES or not member)
        if not announced and not _is_meant(stream):
            break  # raw tensors stand behind the pickles of old PyTorch files
        _record(stream, member, result)
        if stream.defect:
            at = size
            break
        at = file.tell()
    if result.streams >= MAX_STREAMS and at < size:
        result.defects.append(f"has more than {MAX_STREAMS:,} pickles; the rest was not read")
    result.trailing_bytes += size - at


def _record(stream: Stream, member: str, result: Scan) -> None:
    result.streams += 1
    for name, offset in stream.globals.items():
        if name not in result.globals:
            result.globals.append(name)
            result.places.append({"name": name, "member": member, "offset": offset})
    defect = stream.defect
    if not defect and any(name.startswith(JOBLIB) for name in stream.globals):
        defect = "holds raw arrays of joblib, and what stands behind them cannot be told from them"
    if defect:
        where = f"{member}: " if member else ""
        result.defects.append(f"{where}the pickle at byte {stream.start} {defect}")
