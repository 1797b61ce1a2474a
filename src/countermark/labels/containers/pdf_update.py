"""An incremental update of a PDF: new versions of a few objects, and a section that leads to them.

Source: ISO 32000-1 (PDF 1.7) 7.5.4, 7.5.6 and 7.5.8.
"""

from __future__ import annotations

from itertools import count

from countermark.labels.containers.pdf_objects import Ref
from countermark.labels.containers.pdf_xref import Document
from countermark.labels.defects import LabelError
from countermark.labels.splicing import Edit

DROPPED = frozenset(
    {"Type", "W", "Index", "Length", "Filter", "DecodeParms", "F", "FFilter", "FDecodeParms", "DL"}
    | {"Prev", "Size", "Info", "XRefStm"}
)
"""Keys of a trailer that belong to its section, or that the new one says anew."""
INHERITED = frozenset({"Root", "ID"})
TABLE_END = 10**10
"""Offsets in a table have ten digits."""
WIDTHS = (1, 8, 2)
MAX_OURS = 4


class Update:
    """The objects of one update, in the order in which they will stand."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._size = document.size
        self._info: Ref | None = None
        self._objects: list[tuple[Ref, bytes]] = []

    def put_info(self, text: bytes) -> None:
        """A new version of the information dictionary; it comes first, so that it can be found again."""
        said = self._document.get("Info")
        if not isinstance(said, Ref) or self._document.find(said) is None:
            said = Ref(self._size, 0)
            self._size += 1
        self._info = said
        self._objects.insert(0, (said, text))

    def put(self, key: str, text: bytes) -> None:
        """A new version of what the trailer's ``key`` refers to."""
        self.put_at(self._document.get(key), text)

    def put_at(self, ref: Ref, text: bytes) -> None:
        """A new version of one object."""
        self._objects.append((ref, text))

    def edits(self) -> list[Edit]:
        """The update, behind the end of the file; nothing where no object changed.

        Raises:
            LabelError: the file is too long for the kind of section that it has.
        """
        if not self._objects:
            return []
        start = self._document.source.size
        out, places = bytearray(b"\n"), {}
        for ref, text in self._objects:
            places[ref] = start + len(out) - self._document.base
            out += b"%d %d obj\n%b\nendobj\n" % (ref.number, ref.generation, text)
        at = start + len(out) - self._document.base
        if self._document.trailer.is_table:
            out += self._table(places)
        else:
            out += self._stream(places, at)
        out += b"startxref\n%d\n%%%%EOF\n" % at
        return [Edit(start, 0, bytes(out))]

    def _table(self, places: dict[Ref, int]) -> bytes:
        if max(places.values()) >= TABLE_END:
            raise LabelError("the PDF is longer than the offsets of its cross-reference table can say")
        ordered = sorted(places, key=lambda ref: ref.number)
        rows = [b"%d 1\n%010d %05d n\r\n" % (ref.number, places[ref], ref.generation) for ref in ordered]
        return b"xref\n%btrailer\n<<%b>>\n" % (b"".join(rows), self._trailer(self._size))

    def _stream(self, places: dict[Ref, int], at: int) -> bytes:
        own = Ref(self._size, 0)
        ordered = sorted({**places, own: at}.items(), key=lambda item: item[0].number)
        rows = b"".join(
            b"\1" + offset.to_bytes(8, "big") + ref.generation.to_bytes(2, "big") for ref, offset in ordered
        )
        index = b" ".join(b"%d 1" % ref.number for ref, _ in ordered)
        keys = b"/Type /XRef /W [%d %d %d] /Index [%b] /Length %d" % (*WIDTHS, index, len(rows))
        trailer = self._trailer(self._size + 1)
        return b"%d 0 obj\n<<%b\n%b>>\nstream\n%b\nendstream\nendobj\n" % (own.number, keys, trailer, rows)

    def _trailer(self, size: int) -> bytes:
        kept: dict[str, bytes] = {}
        for number, section in zip(count(), self._document.sections, strict=False):
            raw = section.trailer.raw
            for key, spans in section.trailer.parsed.spans.items():
                if key not in DROPPED and (number == 0 or key in INHERITED):
                    kept.setdefault(key, raw[slice(*spans[-1])])
        info = self._info or self._document.get("Info")
        if isinstance(info, Ref):
            kept["Info"] = b"/Info %d %d R" % (info.number, info.generation)
        kept["Size"] = b"/Size %d" % size
        kept["Prev"] = b"/Prev %d" % self._document.startxref
        return b"\n".join(kept.values())


def start_of_ours(document: Document) -> int:
    """Where the last update begins, if it changed little more than the information dictionary; else -1.

    It is told by its form: the dictionary's new version comes first, behind a line end of its own.
    """
    info = document.get("Info")
    newest = document.trailer
    numbers = [first for first, many, _ in newest.runs for _ in range(min(many, MAX_OURS + 1))]
    if not isinstance(info, Ref) or info.number not in numbers or len(numbers) > MAX_OURS:
        return -1
    start = document.where(info.number)
    previous = newest.keys.get("Prev")
    if start < 1 or document.source.peek(start - 1, 1) != b"\n" or not isinstance(previous, int):
        return -1
    places = [document.where(number) for number in numbers]
    behind = document.base + document.startxref > start > document.base + previous
    return start - 1 if behind and min(places) >= start else -1
