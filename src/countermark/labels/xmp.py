"""XMP packets: read the label and the marks beside it, and splice a label in without touching the rest.

Source: XMP ISO 16684-1; TC260-PG-20259A for the property; IPTC Photo Metadata for the source type.
"""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass, field, replace
from html import escape, unescape
from xml.parsers import expat

from countermark.labels import grammar
from countermark.labels.defects import Defect, LabelError, TooLargeError, error
from countermark.labels.grammar import Fields, Label

TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"
IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
XMP_BASIC = "http://ns.adobe.com/xap/1.0/"
EXIF_NS = "http://ns.adobe.com/exif/1.0/"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
GENERATED_TYPES = frozenset(
    {
        "trainedAlgorithmicMedia",
        "compositeWithTrainedAlgorithmicMedia",
        "compositeSynthetic",
        "algorithmicMedia",
    }
)
WANTED = {
    f"{XMP_BASIC} CreatorTool": "tool",
    f"{XMP_BASIC} CreateDate": "created",
    f"{DC} creator": "creator",
    f"{IPTC_EXT} DigitalSourceType": "source_type",
    f"{DCTERMS} provenance": "remote_manifest",
}
COPIES = {f"{EXIF_NS} UserComment": "exif:UserComment", f"{DC} description": "dc:description"}
"""Properties into which systems copy what stood in EXIF."""
HEAD = b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>'
TAIL = b'<?xpacket end="w"?>'
PACKED = "XmpKvBase64"
"""A property that a reader of labels knows, ascribed to one cloud service, not confirmed [?]."""
MAX_DEPTH = 200
MAX_COPIES = 100
"""Most labels of one packet that are taken for copies of each other when it is rewritten."""
OWN_PACKET = re.compile(
    rb'<x:xmpmeta xmlns:x="adobe:ns:meta/">\n<rdf:RDF xmlns:rdf="%b">\n'
    rb'<rdf:Description rdf:about="" xmlns:TC260="%b">'
    rb"(<TC260:AIGC>((?:[\t\n\x20-\x25\x27-\x3b\x3d\x3f-\x7f]|&(?:amp|lt|gt);)*)</TC260:AIGC>)"
    rb"</rdf:Description>\n(</rdf:RDF>)\n</x:xmpmeta>" % (re.escape(RDF.encode()), re.escape(TC260.encode()))
)
"""A packet of ours with nothing else in it, in ASCII: read without a parser, to the same end."""
TRAILER = re.compile(rb"<\?xpacket\s+end=[^>]*\?>\s*\0*$")


@dataclass
class Packet:
    """What one packet says."""

    labels: list[Label] = field(default_factory=list)
    source_type: str = ""
    """IPTC digital source type, where it is one of the generated ones."""
    creator: str = ""
    tool: str = ""
    created: str = ""
    remote_manifest: str = ""
    """Where a C2PA manifest is said to be kept. It is never fetched."""
    spans: list[tuple[int, int]] = field(default_factory=list)
    """Of each label's element or attribute, in bytes of the packet."""
    end: tuple[int, bytes] = (0, b"")
    """Where ``</rdf:RDF>`` begins, and the prefix of RDF there."""
    about: str = ""
    defect: Defect | None = None


class _Reader:
    """Follows the elements of one packet; keeps no tree."""

    def __init__(self, data: bytes, start: int, place: str, base: int) -> None:
        self.packet = Packet()
        self._data, self._start, self._place, self._base = data, start, place, base
        self._depth = 0
        self._rdf = -1
        self._name = ""
        self._text: list[str] | None = None
        self._opened = 0
        self._described = False

    def parse(self, end: int) -> Packet:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self.begin
        parser.EndElementHandler = self.finish
        parser.CharacterDataHandler = self.text
        parser.StartDoctypeDeclHandler = _refuse
        self._parser = parser
        parser.Parse(self._data[self._start : end], True)  # noqa: FBT003 - pyexpat takes no keywords
        return self.packet

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise LabelError(f"XMP is nested deeper than {MAX_DEPTH} elements")
        if name == f"{RDF} RDF" and self._rdf < 0:
            self._rdf = self._depth
        elif self._rdf > 0 and self._depth == self._rdf + 1:
            self._described = name == f"{RDF} Description"
            self._attributes(attributes)
        elif self._depth == self._rdf + 2 and (_wanted(name) if self._described else _is_near(name)):
            self._name = name
            self._opened = self._parser.CurrentByteIndex
            resource = attributes.get(f"{RDF} resource", "")
            self._text = [resource]

    def finish(self, name: str) -> None:
        if self._text is not None and self._depth == self._rdf + 2:
            at = self._parser.CurrentByteIndex
            closing = self._data.find(b">", self._start + at) + 1
            self._take(self._name, "".join(self._text), (self._start + self._opened, closing))
            self._text = None
        elif self._depth == self._rdf:
            at = self._start + self._parser.CurrentByteIndex
            tag = self._data[at : at + 200].partition(b">")[0]
            self.packet.end = (at, tag[2:].rpartition(b":")[0] if tag.startswith(b"</") else b"")
            self._rdf = 1 << 30  # only the first counts
        self._depth -= 1

    def text(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def _attributes(self, attributes: dict[str, str]) -> None:
        if self._described:
            self.packet.about = self.packet.about or attributes.get(f"{RDF} about", "")
        for name, value in attributes.items():
            if _wanted(name) if self._described else _is_near(name):
                self._take(name, value, (self._start + self._parser.CurrentByteIndex, -1))

    def _take(self, name: str, text: str, span: tuple[int, int]) -> None:
        if _is_near(name):
            self._label(name, text, span)
        elif name in COPIES:
            if grammar.looks_like_one(text):
                self.packet.labels.append(
                    grammar.parse(text, f"{self._place} {COPIES[name]}", normative=False)
                )
                self.packet.spans.append(span)
        else:
            self._note(WANTED[name], " ".join(text.split()))

    def _label(self, name: str, text: str, span: tuple[int, int]) -> None:
        namespace, _, local = name.rpartition(" ")
        defects = []
        if local == PACKED:
            text = _unpacked(text)
            defects.append(error("base64", f"stands in Base64 under {PACKED}, where readers do not look"))
        elif not name.startswith(TC260):
            defects.append(error("wrong-namespace", f"stands in the namespace {namespace[:100]!r}"))
        if not self._described:
            defects.append(error("typed-node", "stands in a node that is no rdf:Description"))
        if defects and "tc260" not in namespace.lower() and not grammar.looks_like_one(text):
            return
        place, offset = f"{self._place} TC260:{local}", self._base + span[0] if self._base >= 0 else -1
        label = grammar.parse(text, place, normative=local == "AIGC" and not defects, offset=offset)
        if defects:
            label = replace(label, defects=(*defects, *label.defects))
        self.packet.labels.append(label)
        self.packet.spans.append(span)

    def _note(self, name: str, text: str) -> None:
        if name == "source_type":
            text = text.rpartition("/")[2]
            text = text if text in GENERATED_TYPES else ""
        if text and not getattr(self.packet, name):
            setattr(self.packet, name, text)


def read(data: bytes, place: str, base: int = -1) -> Packet:
    """Read one packet. A broken one that names the label is a label with a defect.

    Args:
        data: the packet, with or without its ``<?xpacket?>`` lines.
        place: how the container calls the place.
        base: where in the file the packet begins; -1 where it is packed.
    """
    start, end = _extent(data)
    if found := OWN_PACKET.fullmatch(data, start, end):
        return _own(found, place, base)
    reader = _Reader(data, start, place, base)
    try:
        return reader.parse(end)
    except (expat.ExpatError, LabelError, ValueError, LookupError) as trouble:
        packet = Packet(defect=error("xmp-broken", f"XMP does not parse: {trouble}"))
        if TC260.encode() in data or b"TC260:AIGC" in data:
            assert packet.defect is not None  # noqa: S101 - just made
            packet.labels.append(
                Label(f"{place} TC260:AIGC", normative=True, defects=(packet.defect,), offset=base)
            )
        return packet


def with_label(data: bytes, fields: Fields) -> bytes:
    """The packet with ``fields`` as its one label; a new packet where ``data`` is empty.

    Every other byte stays, padding included. Where the label stands as an element or an attribute it
    is replaced there; copies of it that other properties hold go.

    Raises:
        LabelError: the packet does not parse, so that nothing can be put into it safely.
    """
    if not data.strip(b"\0 \r\n\t"):
        return _fresh(fields)
    packet = read(data, "XMP")
    if packet.defect or not packet.end[0]:
        reason = packet.defect.text if packet.defect else "XMP has no rdf:RDF"
        raise LabelError(f"{reason}; repair the packet first, it is not overwritten")
    if b"\0<" in data or b"<\0" in data[:64]:
        raise LabelError("XMP in UTF-16 or UTF-32 is not rewritten")
    if len(packet.labels) > MAX_COPIES:
        raise TooLargeError(f"XMP holds {len(packet.labels):,} labels; at most {MAX_COPIES} are made one")
    edits: list[tuple[int, int, bytes]] = []
    at, prefix = packet.end
    edits.append((at, at, _description(prefix or b"rdf", packet.about, fields)))
    for label, (start, end) in zip(packet.labels, packet.spans, strict=True):
        edits.append(_without(data, label, start, end))
    out, last = [], 0
    for start, end, new in sorted(edits):
        out += [data[last:start], new]
        last = end
    return b"".join([*out, data[last:]])


def padded(data: bytes, length: int) -> bytes:
    """The packet with as much white space before its end that it has ``length`` bytes.

    Raises:
        LabelError: it cannot be made so short.
    """
    found = TRAILER.search(data)
    body, trailer = (data[: found.start()], found[0]) if found else (data, b"")
    body = body.rstrip(b" \r\n\t\0")
    spare = length - len(body) - len(trailer.rstrip(b"\0 \r\n\t"))
    trailer = trailer.rstrip(b"\0 \r\n\t")
    if spare < 0:
        raise LabelError(f"an XMP packet of {len(data):,} bytes does not fit into {length:,}")
    line = b" " * 99 + b"\n"
    padding = (line * (spare // 100 + 1))[:spare]
    return body + padding + trailer if trailer else body + padding


def least(data: bytes) -> int:
    """How long the packet is without its padding, in bytes."""
    found = TRAILER.search(data)
    if not found:
        return len(data.rstrip(b" \r\n\t\0"))
    return len(data[: found.start()].rstrip(b" \r\n\t\0")) + len(found[0].rstrip(b"\0 \r\n\t"))


def _own(found: re.Match[bytes], place: str, base: int) -> Packet:
    """What a packet says that is as :func:`with_label` makes it: most of what is verified is."""
    text = unescape(found[2].decode("utf-8", "replace"))
    start, end = found.span(1)
    offset = base + start if base >= 0 else -1
    label = grammar.parse(text, f"{place} TC260:AIGC", normative=True, offset=offset)
    return Packet([label], spans=[(start, end)], end=(found.start(3), b"rdf"))


def _wanted(name: str) -> bool:
    return name in WANTED or name in COPIES or _is_near(name)


def _is_near(name: str) -> bool:
    """Whether a property is the label's or one that was meant for it: by its own name, in any namespace."""
    return name[-5:].lower() == " aigc" or name.endswith(f" {PACKED}")


def _unpacked(text: str) -> str:
    """What a text in Base64 says; nothing where it is none."""
    try:
        return b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""


def _refuse(*_: object) -> None:
    raise LabelError("XMP declares a document type")


def _extent(data: bytes) -> tuple[int, int]:
    """The XML element itself: vendors write broken ``<?xpacket?>`` lines around it."""
    for opening, closing in ((b"<x:xmpmeta", b"</x:xmpmeta>"), (b"<rdf:RDF", b"</rdf:RDF>")):
        start, end = data.find(opening), data.rfind(closing)
        if 0 <= start < end:
            return start, end + len(closing)
    start = len(data) - len(data.lstrip(b"\0 \r\n\t"))
    return start, max(start, len(data.rstrip(b"\0 \r\n\t")))


def _fresh(fields: Fields) -> bytes:
    body = _description(b"rdf", "", fields)
    return b"".join(
        (
            HEAD,
            b'\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n<rdf:RDF xmlns:rdf="',
            RDF.encode(),
            b'">\n',
            body,
            b"</rdf:RDF>\n</x:xmpmeta>\n",
            TAIL,
        )
    )


def _description(prefix: bytes, about: str, fields: Fields) -> bytes:
    p = prefix.decode()
    quoted = escape(about, quote=False).replace('"', "&quot;")
    text = escape(fields.bare(), quote=False)
    return (
        f'<{p}:Description {p}:about="{quoted}" xmlns:TC260="{TC260}">'
        f"<TC260:AIGC>{text}</TC260:AIGC></{p}:Description>\n"
    ).encode()


ATTRIBUTE = re.compile(rb"""\s+([\w.\-]+):([\w.\-]+)\s*=\s*("[^"]*"|'[^']*')""")
OWN_ELEMENT = re.compile(
    rb"""<([\w.\-]+):Description(?:\s+[\w.\-]+:(?:about|TC260)\s*=\s*(?:"[^"]*"|'[^']*'))*\s*>\s*$"""
)
OWN_END = re.compile(rb"\s*</([\w.\-]+):Description\s*>\n?")


def _without(data: bytes, label: Label, start: int, end: int) -> tuple[int, int, bytes]:
    """The edit that takes the old copy out; where it is all of its description, with that."""
    if end < 0:
        return *attribute_span(data, label.place, start), b""
    before, after = OWN_ELEMENT.search(data[:start]), OWN_END.match(data, end)
    if before and after and before[1] == after[1]:
        return before.start(), after.end(), b""
    return start, end, b""


def attribute_span(data: bytes, place: str, start: int) -> tuple[int, int]:
    """Where the attribute of a label begins, the white space before it included, and where it ends.

    Args:
        data: the packet.
        place: of the label, which ends in the attribute's name.
        start: of the tag.

    Raises:
        LabelError: it cannot be told apart.
    """
    local = place.rpartition(":")[2].encode()
    closing = _tag_end(data, start)
    for found in ATTRIBUTE.finditer(data, start, closing):
        value = unescape(found[3][1:-1].decode("utf-8", "replace"))
        if found[2] == local and (found[1] == b"TC260" or grammar.looks_like_one(value)):
            return found.span()
    raise LabelError(f"the attribute {local.decode()} of the XMP packet cannot be told apart")


def _tag_end(data: bytes, start: int) -> int:
    quote = b""
    for at in range(start, len(data)):
        sign = data[at : at + 1]
        if quote:
            quote = b"" if sign == quote else quote
        elif sign in (b'"', b"'"):
            quote = sign
        elif sign == b">":
            return at
    return len(data)
