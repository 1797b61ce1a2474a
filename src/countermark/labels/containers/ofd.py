"""OFD: the label is the custom datum ``AIGC`` of the document's information.

That OFD is a carrier is stated by the guide; how it is laid out there is not known [?], so that the place
is our convention: ``OFD/DocBody/DocInfo/CustomDatas/CustomData Name="AIGC"``.

Source: GB/T 33190-2016 7.4, as public code reads it.
"""

from __future__ import annotations

from collections.abc import Iterator

from countermark.labels import grammar
from countermark.labels.blocks import Blocks
from countermark.labels.containers import zips
from countermark.labels.containers.xml_spans import Element, appended, elements, escaped, spliced
from countermark.labels.defects import LabelError
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

KEY = "AIGC"
MAIN = "OFD.xml"
NOTED = {"Author": "creator", "Creator": "tool", "CreationDate": "created"}
COPIED = frozenset({"Keyword", "Abstract", "Subject", "Title"})
"""Elements for other things, in which a label was put now and then."""


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the information of each document in the file.

    Raises:
        LabelError: the archive or its main file is broken.
        TooLargeError: they unpack to more than the limits.
    """
    archive = zips.Archive(source, limits)
    blocks = Blocks()
    _, found = _main(archive)
    for element in _in_information(found):
        if _is_label(element):
            name = element.attributes["Name"]
            blocks.take_text(element.text, f"{MAIN} CustomData {name}", normative=name == KEY)
        elif _is_copy(element):
            blocks.take_text(element.text, f"{MAIN} {element.local}", normative=False)
        elif element.local in NOTED:
            blocks.note(**{NOTED[element.local]: element.text.strip()})
    signed = any(e.local == "Signatures" and e.text.strip() for e in found)
    blocks.signature = "an OFD signature" if signed else ""
    blocks.c2pa = archive.find(zips.MANIFEST) is not None
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the file ``fields`` as its one label, in its first document; the main file is replaced.

    Raises:
        LabelError: the archive or its main file is broken, or has no document.
    """
    archive = zips.Archive(source, limits)
    data, found = _main(archive)
    said = list(_in_information(found))
    named = [e for e in said if _is_label(e)]
    keep = next((e for e in named if e.attributes["Name"] == KEY and not e.is_empty), None)
    splices = [(e.start, e.end, b"") for e in named if e is not keep]
    splices += [(e.inner, e.outer, b"") for e in said if _is_copy(e)]
    if keep:
        splices.append((keep.inner, keep.outer, escaped(fields.bare())))
        return archive.edits({MAIN: spliced(data, splices, MAIN)})
    data = spliced(data, splices, MAIN)
    return archive.edits({MAIN: _with_datum(data, elements(data, MAIN, limits), fields)})


def _main(archive: zips.Archive) -> tuple[bytes, list[Element]]:
    data = archive.read(MAIN)
    if data is None:
        raise LabelError(f"the file has no {MAIN}")
    return data, elements(data, MAIN, archive.limits)


def _in_information(found: list[Element]) -> Iterator[Element]:
    """The elements within each ``DocInfo``."""
    end = -1
    for element in found:
        if element.local == "DocInfo":
            end = max(end, element.end)
        elif element.start < end:
            yield element


def _is_label(element: Element) -> bool:
    return element.local == "CustomData" and element.attributes.get("Name", "").lower() == KEY.lower()


def _is_copy(element: Element) -> bool:
    return element.local in COPIED and grammar.looks_like_one(element.text)


def _with_datum(data: bytes, found: list[Element], fields: Fields) -> bytes:
    """The main file with a new datum in the first document, and what has to stand around it."""
    body = next((e for e in found if e.local == "DocBody"), None)
    if body is None:
        raise LabelError(f"{MAIN} has no DocBody")
    p = body.prefix(data)
    new = b'<%bCustomData Name="%b">%b</%bCustomData>' % (p, KEY.encode(), escaped(fields.bare()), p)
    within = [e for e in found if body.start < e.start < body.end]
    information = next((e for e in within if e.local == "DocInfo" and e.parent == body.place), None)
    group = next((e for e in within if e.local == "CustomDatas"), None)
    if group is None:
        new = b"<%bCustomDatas>%b</%bCustomDatas>" % (p, new, p)
    if information is None:
        raise LabelError(f"{MAIN} has no DocInfo")
    return spliced(data, [appended(data, group or information, new)], MAIN)
