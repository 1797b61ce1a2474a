"""A PDF as a file: its chain of cross-reference sections, and the objects that they lead to.

Nothing is repaired: a file whose cross-reference section is broken is refused, with advice.

Source: ISO 32000-1 (PDF 1.7) 7.5 (file structure, object and cross-reference streams) and annex F.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Any

from countermark.labels.containers import pdf_objects
from countermark.labels.containers.pdf_objects import EndsError, Ref
from countermark.labels.containers.pdf_predictors import unpredicted
from countermark.labels.containers.pdf_sections import FREE, PACKED, PLAIN, Object, Section, packed_row
from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.source import Limits, Source

TAIL = 2048
"""Where ``startxref`` is looked for, before the end."""
HEAD = 1024
ENTRY = 20
"""Bytes of an entry of a table."""
ROW = re.compile(rb"(\d{10}) (\d{5}) ([nf])")
SUBSECTION = re.compile(rb"[\0\t\n\f\r ]*+(\d{1,10})[ \t]++(\d{1,10})[ \t]*+(?:\r\n|\r|\n)")
STARTXREF = re.compile(rb"startxref[\0\t\n\f\r ]++(\d{1,20})")
STREAM = re.compile(rb"[\0\t\n\f\r ]*+stream(?:\r\n|\n|\r)")
WINDOWS = (1 << 10, 1 << 14, 1 << 18, 1 << 22)
MAX_SECTIONS = 4096
"""Longest chain of updates that is followed."""
MAX_RUNS = 1 << 16
"""Most runs of numbers in all sections: each look-up goes through them."""
MAX_HOPS = 16
"""References that lead to references."""
ADVICE = "; repair it first, for example with `qpdf IN.pdf OUT.pdf`"


class Document:
    """The objects of one PDF, found through its cross-reference sections.

    Raises:
        LabelError: these are broken, form a circle, or lead nowhere.
        TooLargeError: they are larger than the limits.
    """

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source, self.limits = source, limits
        self._left = limits.metadata_bytes
        self.base = 0
        """Bytes before the header, where offsets count from there."""
        self._packs: dict[int, tuple[bytes, dict[int, int]]] = {}
        self.startxref = self._start()
        self.sections = list(self._chain())
        self.trailer = self.sections[0]

    def get(self, key: str) -> Any:
        """What the trailers say, the newest first; references are not followed."""
        return next((section.keys[key] for section in self.sections if key in section.keys), None)

    @property
    def size(self) -> int:
        """One more than the highest object number.

        Raises:
            LabelError: the trailers do not say.
        """
        sizes = [section.keys.get("Size") for section in self.sections]
        known = [size for size in sizes if isinstance(size, int) and 0 < size < 1 << 31]
        if not known:
            raise LabelError("the trailer of the PDF has no Size" + ADVICE)
        return max(known)

    def find(self, ref: Ref) -> Object | None:
        """The object behind a reference; None where there is none.

        Raises:
            LabelError: it is not where the cross-reference section says.
        """
        kind, first, second = self._entry(ref.number)
        if kind == PACKED:
            return self._packed(first, ref.number)
        if kind != PLAIN or second != ref.generation:
            return None
        found = self._object(self.base + first)
        if found is None or found[:2] != (ref.number, ref.generation):
            raise LabelError(f"object {ref.number} is not where the PDF says, at byte {first:,}" + ADVICE)
        return found[2]

    def where(self, number: int) -> int:
        """Where an object begins in the file; -1 where it is packed or is none."""
        kind, offset, _ = self._entry(number)
        return self.base + offset if kind == PLAIN else -1

    def resolve(self, value: Any) -> Any:
        """``value``, or the value of the object that it refers to."""
        for _ in range(MAX_HOPS):
            if not isinstance(value, Ref):
                return value
            found = self.find(value)
            value = found.value if found else None
        raise LabelError("references of the PDF lead in a circle")

    def dictionary(self, value: Any) -> dict[str, Any]:
        """``value`` resolved, where it is a dictionary; else an empty one."""
        found = self.resolve(value)
        return found if isinstance(found, dict) else {}

    def extent(self, thing: Object) -> tuple[int, int]:
        """Where the bytes of a stream begin in the file, and how many there are.

        Raises:
            LabelError: it is no stream, or its length is wrong.
        """
        if thing.base < 0 or not isinstance(thing.value, dict):
            raise LabelError("an object of the PDF should be a stream and is none")
        at = thing.base + thing.parsed.end
        found = STREAM.match(self.source.peek(at, 64))
        length = self.resolve(thing.value.get("Length"))
        if not found or not isinstance(length, int) or length < 0:
            raise LabelError(f"no stream at byte {at:,} of the PDF" + ADVICE)
        start = at + found.end()
        if b"endstream" not in self.source.peek(start + length, 16):
            raise LabelError(
                f"the stream at byte {start:,} of the PDF has another length than it says" + ADVICE
            )
        return start, length

    def unpacked(self, thing: Object) -> bytes:
        """The bytes of a stream, unpacked.

        Raises:
            LabelError: it is broken, or packed in a way that is not read.
            TooLargeError: all that were read hold more than ``limits.metadata_bytes``.
        """
        start, length = self.extent(thing)
        data = self.source.take(start, length, self.limits)
        filters = self.resolve(thing.value.get("Filter"))
        parameters = self.resolve(thing.value.get("DecodeParms"))
        filters = filters if isinstance(filters, list) else [filters] if filters else []
        if not filters:
            self._spend(len(data))
            return data
        if len(filters) > 1 or filters[0] not in ("FlateDecode", "Fl"):
            names = ", ".join(map(str, filters))[:80]
            raise LabelError(f"a stream of the PDF is packed by {names}, which is not read")
        if isinstance(parameters, list):
            parameters = self.resolve(parameters[0]) if parameters else None
        data = self._inflated(data)
        return unpredicted(data, parameters if isinstance(parameters, dict) else {})

    def _inflated(self, data: bytes) -> bytes:
        unpacker = zlib.decompressobj()
        try:
            out = unpacker.decompress(data, self._left + 1)
        except zlib.error as trouble:
            raise LabelError(f"a stream of the PDF does not unpack: {trouble}") from None
        self._spend(len(out))
        return out

    def _spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise TooLargeError(
                f"the streams of the PDF unpack to more than {self.limits.metadata_bytes:,} bytes"
            )

    def _start(self) -> int:
        size = self.source.size
        found = STARTXREF.findall(self.source.peek(max(size - TAIL, 0), min(size, TAIL)))
        if not found:
            raise LabelError("the PDF has no startxref at its end" + ADVICE)
        at = int(found[-1])
        before = max(self.source.peek(0, HEAD).find(b"%PDF-"), 0)
        for base in dict.fromkeys((0, before)):
            head = self.source.peek(base + at, 64) if at < size else b""
            if head.lstrip().startswith(b"xref") or pdf_objects.header(head):
                self.base = base
                return at
        raise LabelError(f"no cross-reference section at byte {at:,} of the PDF" + ADVICE)

    def _chain(self) -> Iterator[Section]:
        at: Any = self.startxref
        seen: set[int] = set()
        runs = 0
        while isinstance(at, int):
            if at in seen or not 0 <= at < self.source.size:
                raise LabelError(
                    "the cross-reference sections of the PDF form a circle or lead nowhere" + ADVICE
                )
            if len(seen) == MAX_SECTIONS:
                raise TooLargeError(f"more than {MAX_SECTIONS:,} updates of the PDF")
            seen.add(at)
            section = self._section(self.base + at)
            hidden = section.keys.get("XRefStm")
            if section.is_table and isinstance(hidden, int) and 0 < hidden < self.source.size:
                section.hidden = self._stream_section(self.base + hidden)
            runs += len(section.runs) + len(section.hidden.runs if section.hidden else ())
            if runs > MAX_RUNS:
                raise TooLargeError(f"more than {MAX_RUNS:,} runs in the cross-reference sections of the PDF")
            yield section
            at = section.keys.get("Prev") or None  # some writers say 0 where there is none

    def _section(self, at: int) -> Section:
        head = self.source.peek(at, 64)
        blank = len(head) - len(head.lstrip())
        if head[blank : blank + 4] == b"xref":
            return self._table_section(at + blank + 4)
        return self._stream_section(at)

    def _table_section(self, at: int) -> Section:
        runs: list[tuple[int, int, int]] = []
        while found := SUBSECTION.match(self.source.peek(at, 64)):
            first, count = int(found[1]), int(found[2])
            runs.append((first, count, at + found.end()))
            if len(runs) > MAX_RUNS or count > self.source.size // (ENTRY - 1):
                raise TooLargeError(
                    "the cross-reference table of the PDF is longer than the file or the limits"
                )
            at += found.end() + count * ENTRY
        head = self.source.peek(at, 64)
        word = head.find(b"trailer")
        if word < 0 or head[:word].strip():
            raise LabelError(f"the cross-reference table of the PDF breaks off before byte {at:,}" + ADVICE)
        trailer = self._value(at + word + 7)
        if not isinstance(trailer.value, dict):
            raise LabelError("the trailer of the PDF is no dictionary" + ADVICE)
        return Section(trailer, is_table=True, runs=runs)

    def _stream_section(self, at: int) -> Section:
        found = self._object(at)
        if found is None or not isinstance(found[2].value, dict) or found[2].value.get("Type") != "XRef":
            raise LabelError(f"no cross-reference section at byte {at:,} of the PDF" + ADVICE)
        thing = found[2]
        widths, size = thing.value.get("W"), thing.value.get("Size")
        index = thing.value.get("Index", [0, size])
        numbers = [*widths, *index] if isinstance(widths, list) and isinstance(index, list) else [None]
        if not all(isinstance(n, int) and 0 <= n < 1 << 31 for n in numbers) or len(numbers) % 2 == 0:
            raise LabelError("a cross-reference stream of the PDF has no proper W or Index" + ADVICE)
        if len(widths) != 3 or max(widths) > 8 or not any(widths) or len(index) > 2 * MAX_RUNS:
            raise LabelError("a cross-reference stream of the PDF has no proper W" + ADVICE)
        entries = self.unpacked(thing)
        at, runs = 0, []
        for first, count in zip(index[::2], index[1::2], strict=True):
            runs.append((first, count, at))
            at += count * sum(widths)
        return Section(
            thing, is_table=False, runs=runs, entries=entries, widths=(widths[0], widths[1], widths[2])
        )

    def _entry(self, number: int) -> tuple[int, int, int]:
        """Kind, and offset and generation, or pack and place in it."""
        for section in self.sections:
            entry = self._in_section(section, number)
            if section.hidden and (entry is None or entry[0] == FREE):
                entry = self._in_section(section.hidden, number) or entry
            if entry is not None:
                return entry
        return FREE, 0, 0

    def _in_section(self, section: Section, number: int) -> tuple[int, int, int] | None:
        for first, count, at in section.runs:
            if first <= number < first + count:
                place = number - first
                return self._row(at + place * ENTRY) if section.is_table else packed_row(section, at, place)
        return None

    def _row(self, at: int) -> tuple[int, int, int]:
        row = ROW.match(self.source.peek(at, ENTRY))
        if not row:
            raise LabelError(f"the cross-reference table of the PDF is broken at byte {at:,}" + ADVICE)
        return PLAIN if row[3] == b"n" else FREE, int(row[1]), int(row[2])

    def _object(self, at: int) -> tuple[int, int, Object] | None:
        head = pdf_objects.header(self.source.peek(at, 64))
        return (head[0], head[1], self._value(at + head[2])) if head else None

    def _value(self, at: int) -> Object:
        for window in (*WINDOWS, self.limits.metadata_bytes):
            raw = self.source.peek(at, min(window, self.limits.metadata_bytes))
            try:
                return Object(pdf_objects.parse(raw, 0, self.limits), raw, at)
            except EndsError:
                if len(raw) < window:
                    raise
        raise TooLargeError(f"an object of the PDF at byte {at:,} is larger than the limit")

    def _packed(self, pack: int, number: int) -> Object | None:
        if pack not in self._packs:
            self._packs[pack] = self._pack(pack)
        data, places = self._packs[pack]
        at = places.get(number)
        if at is None:
            return None
        return Object(pdf_objects.parse(data + b" ", at, self.limits), data + b" ")

    def _pack(self, number: int) -> tuple[bytes, dict[int, int]]:
        kind, at, _ = self._entry(number)
        found = self._object(self.base + at) if kind == PLAIN else None
        if found is None or not isinstance(found[2].value, dict):
            raise LabelError(f"object stream {number} of the PDF is not there" + ADVICE)
        first, count = found[2].value.get("First"), found[2].value.get("N")
        if not isinstance(first, int) or not isinstance(count, int) or not 0 <= count <= self.limits.elements:
            raise LabelError(f"object stream {number} of the PDF does not say what it holds" + ADVICE)
        data = self.unpacked(found[2])
        words = data[: max(first, 0)].split()
        if len(words) < 2 * count or not all(len(word) < 12 and word.isdigit() for word in words):
            raise LabelError(f"object stream {number} of the PDF is broken" + ADVICE)
        numbers = [int(word) for word in words[: 2 * count]]
        return data, {n: first + at for n, at in zip(numbers[::2], numbers[1::2], strict=True)}
