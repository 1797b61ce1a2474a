"""EPUB: the label is ``<meta name="AIGC" content="{…}"/>`` in the metadata of the package document.

That form is EPUB 2's, which EPUB 3 allows beside its own; readers ignore names that they do not know.

Source: EPUB 3.3, 5.5 and OCF; no text names a place for the label, so that this one is our convention.
"""

from __future__ import annotations

from dataclasses import dataclass

from countermark.labels import grammar
from countermark.labels.blocks import Blocks
from countermark.labels.containers import zips
from countermark.labels.containers.xml_spans import Element, appended, elements, quoted, spliced
from countermark.labels.defects import Defect, LabelError, Severity
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

KEY = "AIGC"
CONTAINER, SIGNATURES, ENCRYPTION = (
    "META-INF/container.xml",
    "META-INF/signatures.xml",
    "META-INF/encryption.xml",
)
OPF = "http://www.idpf.org/2007/opf"
DC = "http://purl.org/dc/elements/1.1/"
PACKAGE_TYPE = "application/oebps-package+xml"
NOTED = {f"{DC} creator": "creator", f"{DC} date": "created"}
GENERATORS = frozenset({"generator"})
COPIED = frozenset({f"{DC} description", f"{DC} subject", f"{DC} rights"})
"""Elements for other things, in which a label was put now and then."""


@dataclass(slots=True)
class _Package:
    """The package document."""

    name: str
    data: bytes
    elements: list[Element]

    @property
    def metadata(self) -> Element | None:
        """Its metadata element."""
        return next((e for e in self.elements if e.local == "metadata" and e.parent == 0), None)

    def children(self) -> list[Element]:
        """What stands in the metadata, in ``dc-metadata`` and the like of older books too."""
        metadata = self.metadata
        if metadata is None:
            return []
        return [e for e in self.elements if metadata.start < e.start < metadata.end]


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the metadata of the package document.

    Raises:
        LabelError: the archive, its container file or its package document is broken.
        TooLargeError: they unpack to more than the limits.
    """
    archive = zips.Archive(source, limits)
    blocks = Blocks()
    package = _package(archive)
    for element in package.children():
        _take(blocks, package, element)
    blocks.signature = "an EPUB signature" if archive.find(SIGNATURES) else ""
    blocks.c2pa = archive.find(zips.MANIFEST) is not None
    if archive.find(ENCRYPTION):
        blocks.defects.append(
            Defect(Severity.NOTE, "encrypted", "parts of the book are encrypted; its metadata is not")
        )
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the book ``fields`` as its one label; the package document is replaced as a whole.

    Raises:
        LabelError: the archive is broken, or the package document has no metadata.
    """
    archive = zips.Archive(source, limits)
    package = _package(archive)
    metadata = package.metadata
    if metadata is None:
        raise LabelError(f"{package.name} has no metadata")
    found = [e for e in package.children() if _name(e).lower() == KEY.lower()]
    keep = next((e for e in found if _is_own(e)), None)
    splices = [(e.start, e.end, b"") for e in found if e is not keep]
    splices += [(e.inner, e.outer, b"") for e in package.children() if _is_copy(e)]
    if keep:
        splices.append((keep.start, keep.end, _meta(keep.prefix(package.data), fields)))
        return archive.edits({package.name: spliced(package.data, splices, package.name)})
    data = spliced(package.data, splices, package.name)
    parent = _Package(package.name, data, elements(data, package.name, limits)).metadata
    assert parent is not None  # noqa: S101 - it was there before the copies went
    new = _meta(metadata.prefix(package.data), fields)
    return archive.edits({package.name: spliced(data, [appended(data, parent, new)], package.name)})


def _package(archive: zips.Archive) -> _Package:
    """The package document that the container names first."""
    container = archive.read(CONTAINER)
    if container is None:
        raise LabelError(f"the book has no {CONTAINER}")
    for element in elements(container, CONTAINER, archive.limits):
        path = element.attributes.get("full-path", "")
        if element.local == "rootfile" and element.attributes.get("media-type", PACKAGE_TYPE) == PACKAGE_TYPE:
            data = archive.read(path)
            if data is None:
                raise LabelError(f"{path[:80]}, which {CONTAINER} names, is not in the book")
            return _Package(path, data, elements(data, path[:80], archive.limits))
    raise LabelError(f"{CONTAINER} names no package document")


def _name(element: Element) -> str:
    """What a ``meta`` element is about: ``name`` in EPUB 2, ``property`` in EPUB 3."""
    if element.local != "meta":
        return ""
    said = element.attributes.get("name") or element.attributes.get("property", "")
    return said.rpartition(":")[2]


def _is_own(element: Element) -> bool:
    return element.attributes.get("name") == KEY and "content" in element.attributes


def _is_copy(element: Element) -> bool:
    return element.name in COPIED and grammar.looks_like_one(element.text)


def _take(blocks: Blocks, package: _Package, element: Element) -> None:
    name = _name(element)
    if name.lower() == KEY.lower():
        text = element.attributes.get("content", element.text)
        kind = "" if element.attributes.get("name") else "property "
        blocks.take_text(text, f"{package.name} meta {kind}{name}", normative=_is_own(element))
    elif _is_copy(element):
        blocks.take_text(element.text, f"{package.name} {element.local}", normative=False)
    elif element.name in NOTED:
        blocks.note(**{NOTED[element.name]: element.text.strip()})
    elif name in GENERATORS:
        blocks.note(tool=element.attributes.get("content", element.text).strip())


def _meta(prefix: bytes, fields: Fields) -> bytes:
    return b'<%bmeta name="%b" content="%b"/>' % (prefix, KEY.encode(), quoted(fields.bare()))
