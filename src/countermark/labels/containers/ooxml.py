"""DOCX, XLSX and PPTX: the label is the custom property ``AIGC``.

Source: ECMA-376 (ISO/IEC 29500) parts 1, 2 and 4, in the transitional and the strict form;
TC260-PG-20258A 6.1 for the label's place [S].
"""

from __future__ import annotations

from dataclasses import dataclass

from countermark.labels import grammar
from countermark.labels.blocks import Blocks
from countermark.labels.containers import zips
from countermark.labels.containers.xml_spans import Element, appended, elements, escaped, first_child, spliced
from countermark.labels.defects import LabelError, warning
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

KEY = "AIGC"
CUSTOM = "docProps/custom.xml"
RELATIONSHIPS, TYPES = "_rels/.rels", "[Content_Types].xml"
CORE, EXTENDED = "docProps/core.xml", "docProps/app.xml"
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
FORMAT_ID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
STRICT = "http://purl.oclc.org/ooxml/"
PROPERTIES = {
    False: "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties",
    True: "http://purl.oclc.org/ooxml/officeDocument/customProperties",
}
VARIANT_TYPES = {
    False: "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes",
    True: "http://purl.oclc.org/ooxml/officeDocument/docPropsVTypes",
}
RELATIONSHIP = {
    False: "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties",
    True: "http://purl.oclc.org/ooxml/officeDocument/relationships/customProperties",
}
DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TEXTUAL = frozenset({"lpwstr", "bstr", "lpstr"})
NOTED = {"creator": "creator", "created": "created", "Application": "tool"}
COPIED = frozenset({"keywords", "description", "subject", "title", "category"})
"""Core properties for other things, in which a label was put now and then."""


@dataclass(slots=True)
class _Part:
    """One XML part of the package."""

    name: str
    data: bytes
    elements: list[Element]


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the custom, the core and the extended properties.

    Raises:
        LabelError: the archive or one of these parts is broken.
        TooLargeError: they unpack to more than the limits.
    """
    blocks = Blocks()
    archive = zips.Archive(source, limits)
    custom = _custom(archive)
    if custom:
        for element in _labels(custom):
            _take(blocks, custom, element)
        if blocks.labels and not _is_registered(archive, custom.name):
            blocks.defects.append(
                warning("unregistered", f"{custom.name} is not registered in {RELATIONSHIPS}")
            )
    for name in (CORE, EXTENDED):
        for element in _elements_of(archive, name):
            _note(blocks, name, element)
    blocks.signature = "an OOXML signature" if archive.has_folder("_xmlsignatures/") else ""
    blocks.c2pa = archive.find(zips.MANIFEST) is not None
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the document ``fields`` as its one label; each part that changes is replaced as a whole.

    Raises:
        LabelError: the archive or one of the parts is broken.
    """
    archive = zips.Archive(source, limits)
    relationships = _part(archive, RELATIONSHIPS)
    if relationships is None:
        raise LabelError(f"the document has no {RELATIONSHIPS}")
    strict = any(STRICT in e.attributes.get("Type", "") for e in relationships.elements)
    custom = _custom(archive)
    name = custom.name if custom else CUSTOM
    new = {}
    if not _is_registered(archive, name):
        new[RELATIONSHIPS] = _with_relationship(relationships, name, strict=strict)
    types = _part(archive, TYPES)
    if types and not _has_type(types, name):
        override = f'<%sOverride PartName="/{name}" ContentType="{CONTENT_TYPE}"/>'
        new[TYPES] = _with_child(types, override)
    core = _part(archive, CORE)
    if core and (copies := [e for e in core.elements if _is_copy(e)]):
        new[CORE] = spliced(core.data, [(e.inner, e.outer, b"") for e in copies], CORE)
    new[name] = _with_property(custom, fields) if custom else _fresh(fields, strict=strict)
    return archive.edits(new)


def _part(archive: zips.Archive, name: str) -> _Part | None:
    data = archive.read(name)
    return _Part(name, data, elements(data, name, archive.limits)) if data is not None else None


def _elements_of(archive: zips.Archive, name: str) -> list[Element]:
    part = _part(archive, name)
    return part.elements if part else []


def _custom(archive: zips.Archive) -> _Part | None:
    """The part that the relationships name, or the one that stands at the usual place."""
    targets = [_target(e) for e in _elements_of(archive, RELATIONSHIPS) if _is_custom(e)]
    return next((part for name in [*targets, CUSTOM] if (part := _part(archive, name))), None)


def _is_custom(element: Element) -> bool:
    external = element.attributes.get("TargetMode", "") == "External"
    return element.attributes.get("Type") in RELATIONSHIP.values() and not external


def _target(element: Element) -> str:
    return element.attributes.get("Target", "").lstrip("/")


def _is_registered(archive: zips.Archive, name: str) -> bool:
    found = _elements_of(archive, RELATIONSHIPS)
    return any(_is_custom(e) and _target(e).lower() == name.lower() for e in found)


def _has_type(types: _Part, name: str) -> bool:
    wanted = f"/{name}".lower()
    return any(
        e.local == "Override" and e.attributes.get("PartName", "").lower() == wanted for e in types.elements
    )


def _labels(custom: _Part) -> list[Element]:
    return [
        e for e in custom.elements if e.local == "property" and e.attributes.get("name", "").lower() == "aigc"
    ]


def _take(blocks: Blocks, custom: _Part, element: Element) -> None:
    value = first_child(custom.elements, element)
    name = element.attributes["name"]
    sound = value is not None and value.local in TEXTUAL
    blocks.take_text(value.text if value else "", f"{custom.name} {name}", normative=name == KEY and sound)


def _note(blocks: Blocks, part: str, element: Element) -> None:
    if _is_copy(element):
        blocks.take_text(element.text, f"{part} {element.local}", normative=False)
    elif element.local in NOTED:
        blocks.note(**{NOTED[element.local]: element.text.strip()})


def _is_copy(element: Element) -> bool:
    return element.local in COPIED and grammar.looks_like_one(element.text)


def _with_property(custom: _Part, fields: Fields) -> bytes:
    """The part with the label in the property that holds it, or in a new one; further copies go."""
    found = _labels(custom)
    sound = [
        value
        for element in found
        if element.attributes["name"] == KEY
        and (value := first_child(custom.elements, element))
        and value.local == "lpwstr"
    ]
    keep = sound[0] if sound and not sound[0].is_empty else None
    splices = [(e.start, e.end, b"") for e in found if keep is None or not e.start < keep.start < e.end]
    if keep:
        splices.append((keep.inner, keep.outer, escaped(fields.bare())))
        return spliced(custom.data, splices, custom.name)
    root = custom.elements[0]
    taken = {e.attributes.get("pid", "") for e in custom.elements}
    number = next(n for n in range(2, len(taken) + 3) if str(n) not in taken)
    strict = root.name.startswith(STRICT)
    text = _property(fields, root.prefix(custom.data), number, strict=strict)
    return _spliced_apart(custom, splices, text)


def _spliced_apart(custom: _Part, splices: list[tuple[int, int, bytes]], text: bytes) -> bytes:
    """Old copies first, then the new one: the last of the old may end where the new one begins."""
    data = spliced(custom.data, splices, custom.name)
    root = elements(data, custom.name, Limits())[0]
    return spliced(data, [appended(data, root, text)], custom.name)


def _property(fields: Fields, prefix: bytes, number: int, *, strict: bool) -> bytes:
    p = prefix.decode()
    text = escaped(fields.bare()).decode()
    return (
        f'<{p}property fmtid="{FORMAT_ID}" pid="{number}" name="{KEY}">'
        f'<vt:lpwstr xmlns:vt="{VARIANT_TYPES[strict]}">{text}</vt:lpwstr></{p}property>'
    ).encode()


def _fresh(fields: Fields, *, strict: bool) -> bytes:
    opening = f'<Properties xmlns="{PROPERTIES[strict]}" xmlns:vt="{VARIANT_TYPES[strict]}">'
    return DECLARATION + opening.encode() + _property(fields, b"", 2, strict=strict) + b"</Properties>"


def _with_relationship(part: _Part, name: str, *, strict: bool) -> bytes:
    taken = {e.attributes.get("Id", "") for e in part.elements}
    own = next(f"rId{n}" for n in range(1, len(taken) + 2) if f"rId{n}" not in taken)
    return _with_child(part, f'<%sRelationship Id="{own}" Type="{RELATIONSHIP[strict]}" Target="{name}"/>')


def _with_child(part: _Part, template: str) -> bytes:
    if not part.elements:
        raise LabelError(f"{part.name} is empty")
    root = part.elements[0]
    new = template % root.prefix(part.data).decode()
    return spliced(part.data, [appended(part.data, root, new.encode())], part.name)
