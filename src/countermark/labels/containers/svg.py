"""SVG: the label is in an XMP packet in a ``metadata`` element, the first child of the root.

Packed SVG (``.svgz``) is not read. A document type is passed over, and one that declares entities refused.

Source: SVG 1.1 chapter 21; XMP ISO 16684-3 for the place of the packet; no text names a place for the
label, so that this one is our convention. C2PA 2.1, embedding in SVG.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from countermark.labels import xmp, xmp_copies
from countermark.labels.blocks import Blocks
from countermark.labels.containers.xml_spans import Element, appended, tag_end
from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

MANIFEST, SIGNATURE = "http://c2pa.org/manifest", b"http://www.w3.org/2000/09/xmldsig#"
ENCODINGS = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})
MAX_DEPTH = 1024
MAX_METADATA = 64


@dataclass(slots=True)
class _Drawing:
    """What matters of a drawing."""

    data: bytes
    root: Element | None = None
    metadata: list[Element] = field(default_factory=list)
    """Elements of that name directly in the root."""
    encoding: str = ""
    has_manifest: bool = False
    has_signature: bool = False

    def packets(self) -> list[tuple[int, int]]:
        """Where the XMP packets in these elements stand."""
        found = [_packet(self.data, element.inner, element.outer) for element in self.metadata]
        return [span for span in found if span]


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the XMP packets in the metadata of the root.

    Raises:
        LabelError: the drawing is no XML, or declares entities.
        TooLargeError: it is nested too deep, or has too many elements.
    """
    drawing = _drawing(source, limits)
    blocks = Blocks(c2pa=drawing.has_manifest)
    for start, end in drawing.packets():
        blocks.take_xmp(drawing.data[start:end], "XMP", start)
    blocks.signature = "an XML signature" if drawing.has_signature else ""
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the drawing ``fields`` as its one label, in its first packet or in a new one.

    Raises:
        LabelError: the drawing is broken or not in UTF-8, or its packet cannot be changed.
    """
    drawing = _drawing(source, limits)
    if drawing.encoding.lower() not in ENCODINGS or drawing.root is None:
        raise LabelError(f"the SVG is in {drawing.encoding[:40] or 'pieces'}, not in UTF-8: convert it first")
    packets = drawing.packets()
    if not packets:
        return [_inserted(drawing.data, drawing.root, fields, room)]
    labelled = [span for span in packets if xmp.read(drawing.data[slice(*span)], "XMP").labels]
    place = labelled[0] if labelled else packets[0]
    changes = [_replaced(drawing.data, place, fields, room)]
    for start, end in labelled[1:]:
        changes.append(Edit(start, end - start, xmp_copies.blanked(drawing.data[start:end])))
    return changes


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the drawing is without the element that holds its label."""
    drawing = _drawing(source, limits)
    for element in drawing.metadata:
        span = _packet(drawing.data, element.inner, element.outer)
        if span and xmp.read(drawing.data[slice(*span)], "XMP").labels:
            return [Edit(element.start, element.end - element.start, b"")]
    return []


def _inserted(data: bytes, root: Element, fields: Fields, room: Room) -> Edit:
    new = xmp.with_label(b"", fields)
    name = root.prefix(data) + b"metadata"
    frame = 2 * len(name) + 5
    packet = xmp.padded(new, room.size(xmp.least(new) + frame) - frame)
    element = b"<%b>%b</%b>" % (name, packet, name)
    if not root.is_empty:
        return Edit(root.inner, 0, element)
    start, end, text = appended(data, root, element)
    return Edit(start, end - start, text)


def _replaced(data: bytes, span: tuple[int, int], fields: Fields, room: Room) -> Edit:
    start, end = span
    new = xmp.with_label(data[start:end], fields)
    return Edit(start, end - start, xmp.padded(new, room.size(xmp.least(new), end - start)))


def _packet(data: bytes, start: int, end: int) -> tuple[int, int] | None:
    """The packet between two places: its processing instructions too, where it has them."""
    begin, close = data.find(b"<x:xmpmeta", start, end), b"</x:xmpmeta>"
    if begin < 0:
        begin, close = data.find(b"<rdf:RDF", start, end), b"</rdf:RDF>"
        if begin < 0 or xmp.TC260.encode() not in data[begin:end]:
            return None  # RDF of another kind, such as a licence
    behind = data.rfind(close, begin, end)
    if behind < 0:
        return None
    behind += len(close)
    before = data.rfind(b"<?xpacket", start, begin)
    after = data.find(b"<?xpacket", behind, end)
    closing = data.find(b"?>", after, end) if after >= 0 else -1
    return (before if before >= 0 else begin), (closing + 2 if closing >= 0 else behind)


def _drawing(source: Source, limits: Limits) -> _Drawing:
    data = source.peek(0, min(source.size, limits.metadata_bytes))
    reader = _Reader(_Drawing(data), limits)
    parser = reader.parser
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.finish
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.XmlDeclHandler = reader.declaration
    try:
        parser.Parse(data, len(data) == source.size)
    except (expat.ExpatError, ValueError, LookupError) as trouble:
        raise LabelError(f"the SVG is no sound XML: {trouble}") from None
    if reader.drawing.root is None:
        raise LabelError("the SVG has no root element")
    return reader.drawing


class _Reader:
    """Follows the elements of one drawing; keeps the root and its metadata."""

    def __init__(self, drawing: _Drawing, limits: Limits) -> None:
        self.drawing, self._left = drawing, limits.elements
        self.parser = expat.ParserCreate()  # without namespaces: drawings with undeclared prefixes exist
        self._depth = 0
        self._open: Element | None = None

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self._left -= 1
        if self._left < 0 or self._depth > MAX_DEPTH:
            raise TooLargeError("the SVG has more elements than the limit, or they are nested too deep")
        drawing = self.drawing
        local = name.rpartition(":")[2]
        drawing.has_manifest |= name == "c2pa:manifest" or (
            local == "manifest" and MANIFEST in attributes.values()
        )
        drawing.has_signature |= local == "Signature" and SIGNATURE in drawing.data
        if self._depth == 0 or (self._depth == 1 and local == "metadata"):
            at = self.parser.CurrentByteIndex
            element = Element(name, {}, at, tag_end(drawing.data, at), self._depth, self._depth - 1)
            if self._is_empty(element):
                element.outer = element.end = element.inner
            if self._depth == 0:
                drawing.root = element
            elif len(drawing.metadata) < MAX_METADATA:
                self._open = element
        self._depth += 1

    def finish(self, _: str) -> None:
        self._depth -= 1
        if self._depth == 1 and self._open is not None:
            element, self._open = self._open, None
            if not self._is_empty(element):
                element.outer = self.parser.CurrentByteIndex
                element.end = self.drawing.data.find(b">", element.outer) + 1
            self.drawing.metadata.append(element)

    def doctype(self, _name: str, _system: str | None, _public: str | None, internal: int) -> None:
        if internal:
            raise LabelError("the SVG has a document type with declarations of its own, which is refused")

    def declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.drawing.encoding = encoding or ""

    def _is_empty(self, element: Element) -> bool:
        return self.drawing.data[element.inner - 2 : element.inner] == b"/>"
