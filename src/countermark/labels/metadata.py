"""The two carriers that containers share: XMP packets and EXIF segments.

Source: XMP ISO 16684-1; EXIF 2.32 (TIFF 6.0 structure); TC260-PG-20259A for the property.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from countermark.labels import grammar
from countermark.labels.grammar import Label

TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"
IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
XMP_BASIC = "http://ns.adobe.com/xap/1.0/"
DC = "http://purl.org/dc/elements/1.1/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
GENERATED_TYPES = frozenset(
    {
        "trainedAlgorithmicMedia",
        "compositeWithTrainedAlgorithmicMedia",
        "compositeSynthetic",
        "algorithmicMedia",
    }
)
USER_COMMENT, IMAGE_DESCRIPTION, EXIF_IFD, SOFTWARE, ARTIST, DATE_TIME = (
    0x9286,
    0x010E,
    0x8769,
    0x0131,
    0x013B,
    0x0132,
)
ASCII = 2
TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
WANTED = frozenset({USER_COMMENT, IMAGE_DESCRIPTION, SOFTWARE, ARTIST, DATE_TIME})
CODES = (b"ASCII", b"UNICODE", b"JIS", b"")
MAX_ENTRIES = 4096
MAX_FOLDERS = 8
"""Most directories of one EXIF block; a camera writes three."""


class LabelError(Exception):
    """A file whose container is broken; the message says where."""


@dataclass
class Blocks:
    """What the metadata of a container holds, as it is found."""

    labels: list[Label] = field(default_factory=list)
    source_type: str = ""
    """IPTC digital source type, where it is one of the generated ones."""
    c2pa: bool = False
    creator: str = ""
    tool: str = ""
    created: str = ""

    def take_xmp(self, packet: bytes, place: str) -> None:
        """Read one XMP packet. A broken one that names the label is a label with a defect."""
        try:
            root = fromstring(_trimmed(packet), forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
            if TC260.encode() in packet:
                self.labels.append(
                    Label(f"{place} TC260:AIGC", normative=True, defects=(f"XMP does not parse: {error}",))
                )
            return
        for rdf in root.iter(f"{{{RDF}}}RDF"):
            for node in rdf.findall(f"{{{RDF}}}Description"):
                self._take_description(node, place)

    def _take_description(self, node: Element, place: str) -> None:
        for name in ("AIGC", "aigc"):
            tag = f"{{{TC260}}}{name}"
            texts = [node.attrib[tag]] if tag in node.attrib else []
            texts += ["".join(child.itertext()) for child in node.findall(tag)]
            self.labels += [
                grammar.parse(text, f"{place} TC260:{name}", normative=name == "AIGC") for text in texts
            ]
        source = _property(node, IPTC_EXT, "DigitalSourceType").rpartition("/")[2]
        if source in GENERATED_TYPES:
            self.source_type = source
        self.tool = self.tool or _property(node, XMP_BASIC, "CreatorTool")
        self.created = self.created or _property(node, XMP_BASIC, "CreateDate")
        self.creator = self.creator or _property(node, DC, "creator")

    def take_exif(self, data: bytes, place: str) -> None:
        """Read one EXIF block (a TIFF structure). A broken one yields what stands before the break."""
        for tag, value in _exif_texts(data):
            if tag == USER_COMMENT:
                text = _decoded(value[8:] if value[:8].rstrip(b"\0 ") in CODES else value)
                if grammar.looks_like_one(text):
                    self.labels.append(grammar.parse(text, f"{place} UserComment", normative=True))
            elif tag == IMAGE_DESCRIPTION:
                text = _decoded(value)
                if grammar.looks_like_one(text):
                    self.labels.append(grammar.parse(text, f"{place} ImageDescription", normative=False))
            elif tag == SOFTWARE:
                self.tool = self.tool or _decoded(value).strip("\0 ")
            elif tag == ARTIST:
                self.creator = self.creator or _decoded(value).strip("\0 ")
            elif tag == DATE_TIME:
                self.created = self.created or _decoded(value).strip("\0 ")


def _property(node: Element, namespace: str, name: str) -> str:
    tag = f"{{{namespace}}}{name}"
    if tag in node.attrib:
        return node.attrib[tag].strip()
    child = node.find(tag)
    if child is None:
        return ""
    resource = child.attrib.get(f"{{{RDF}}}resource")
    return resource.strip() if resource else " ".join("".join(child.itertext()).split())


def _trimmed(packet: bytes) -> bytes:
    """The XML element itself: vendors write broken ``<?xpacket?>`` lines around it."""
    start, end = packet.find(b"<x:xmpmeta"), packet.rfind(b"</x:xmpmeta>")
    if start >= 0 and end > start:
        return packet[start : end + len(b"</x:xmpmeta>")]
    start, end = packet.find(b"<rdf:RDF"), packet.rfind(b"</rdf:RDF>")
    if start >= 0 and end > start:
        return packet[start : end + len(b"</rdf:RDF>")]
    return packet.strip(b"\0 \r\n\t")


def _exif_texts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The wanted entries with their values, which together are no longer than the block itself."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        return
    pending = [struct.unpack_from(f"{order}I", data, 4)[0]]
    seen: set[int] = set()
    left = len(data)
    while pending and len(seen) < MAX_FOLDERS:
        offset = pending.pop()
        if offset in seen or offset + 2 > len(data):
            continue
        seen.add(offset)
        (count,) = struct.unpack_from(f"{order}H", data, offset)
        for i in range(min(count, MAX_ENTRIES)):
            entry = offset + 2 + 12 * i
            if entry + 12 > len(data):
                break
            tag, kind, number = struct.unpack_from(f"{order}HHI", data, entry)
            if tag == EXIF_IFD:
                pending.append(struct.unpack_from(f"{order}I", data, entry + 8)[0])
                continue
            size = TYPE_SIZES.get(kind, 0) * number
            at = entry + 8 if size <= 4 else struct.unpack_from(f"{order}I", data, entry + 8)[0]
            if tag in WANTED and 0 < size <= left and at + size <= len(data):
                left -= size
                yield tag, data[at : at + size]


def _decoded(value: bytes) -> str:
    """Text whose encoding its writer does not say: UTF-16 by its first letter, UTF-8, or GB 18030."""
    start = value[:2]
    if start in (b"\xff\xfe", b"\xfe\xff"):
        return value.decode("utf-16", "replace")
    if len(start) == 2 and start.count(0) == 1:
        return value.decode("utf-16-le" if start[0] else "utf-16-be", "replace")
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("gb18030", "replace")
