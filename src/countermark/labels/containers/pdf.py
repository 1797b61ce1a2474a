"""PDF: the label is the key ``AIGC`` of the information dictionary.

It is written by an incremental update: what is there stays, and the new dictionary stands behind it,
with spare room, so that the next change of the label fits into the same place. Where it does not, a
further update is appended, and the older one remains in the file as history: that is how PDF works.

Source: ISO 32000-1 (PDF 1.7) 7.5.6 and 14.3; TC260-PG-20258A for the label's place [S].
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from countermark.labels import grammar, xmp, xmp_copies
from countermark.labels.blocks import Blocks
from countermark.labels.containers import pdf_objects, pdf_update
from countermark.labels.containers.pdf_objects import Ref
from countermark.labels.containers.pdf_sections import Object
from countermark.labels.containers.pdf_xref import Document
from countermark.labels.defects import LabelError, TooLargeError, error
from countermark.labels.grammar import Fields, Label
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

KEY = "AIGC"
TEXTS = ("Keywords", "Subject", "Title")
"""Keys for other things, in which a label was put now and then."""
NOTED = (("Author", "creator"), ("Creator", "tool"), ("Producer", "tool"), ("CreationDate", "created"))
MAX_FIELDS = 512
"""Most form fields that are looked at for a signature."""
MAX_FILES = 256
WHITE = b"\0\t\n\f\r "
MAX_CUTS = 64
"""Most updates of ours that :func:`carrier` takes off."""
SIGNED = "a PDF signature"
ENCRYPTED = error("encrypted", "the PDF is encrypted: what its strings and streams say is not read")


@dataclass(slots=True)
class _Parts:
    """Where labels stand in one document."""

    document: Document
    info: Object | None = None
    catalog: Object | None = None
    packet: Object | None = None
    names: dict[str, list[str]] = field(default_factory=dict)
    """Keys that hold a label, of ``Info`` and of ``Catalog``."""


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the information dictionary, the catalog and the XMP packet that they lead to.

    Raises:
        LabelError: the cross-reference sections or the objects needed are broken.
        TooLargeError: they are larger than the limits.
    """
    blocks = Blocks()
    document = Document(source, limits)
    if document.get("Encrypt") is not None:
        return _encrypted(document, blocks)
    parts = _parts(document)
    for place, thing in (("Info", parts.info), ("Catalog", parts.catalog)):
        for name in parts.names.get(place, ()):
            blocks.labels.append(_label(document, thing, place, name))
    _note(document, parts.info, blocks)
    if parts.packet is not None:
        _take_packet(document, parts.packet, blocks)
    if parts.catalog is not None:
        blocks.signature = SIGNED if _signed(document, parts.catalog.value) else ""
        blocks.c2pa = _has_manifest(document, parts.catalog.value)
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the file ``fields`` as its one label: in place where there is room, else one more update.

    Raises:
        LabelError: the PDF is encrypted or broken.
    """
    document = Document(source, limits)
    if document.get("Encrypt") is not None:
        raise LabelError("the PDF is encrypted: label it before it is encrypted")
    parts = _parts(document)
    changes: list[Edit] = []
    _distinct(parts)
    update = pdf_update.Update(document)
    text = _new_info(parts, fields)
    held = parts.info.parsed.end - parts.info.parsed.start if parts.info else 0
    if parts.info and parts.info.base >= 0 and parts.names.get("Info") and len(text) <= held:
        at = parts.info.base + parts.info.parsed.start
        changes.append(Edit(at, held, _padded(text, held)))
    else:
        update.put_info(_padded(text, room.size(len(text))))
    if parts.catalog and (names := parts.names.get("Catalog")):
        gone = dict.fromkeys(names)
        update.put("Root", pdf_objects.spliced(parts.catalog.raw, parts.catalog.parsed, gone))
    if parts.packet:
        changes += _without_packet_label(document, parts.packet, parts.catalog, update)
    return [*changes, *update.edits()]


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the file is without its label: without the update that added it, or without the key.

    For a file that this module labelled first, that is the file as it was before.
    """
    view, end = source, source.size
    changes: list[Edit] = []
    for _ in range(MAX_CUTS):
        document = Document(view, limits)
        parts = _parts(document)
        start = pdf_update.start_of_ours(document) if parts.names.get("Info") else -1
        if start < 0:
            changes = _without_keys(parts)
            break
        end = start
        view = _before(source, end)
    return [*changes, Edit(end, source.size - end, b"")] if end < source.size else changes


def _distinct(parts: _Parts) -> None:
    """Whether the information dictionary is that and nothing else, so that it may be written anew.

    Raises:
        LabelError: it is a stream, or the catalog.
    """
    info = parts.info
    if info is None:
        return
    if info.raw[info.parsed.end :].lstrip(WHITE).startswith(b"stream") or (
        parts.document.get("Info") == parts.document.get("Root")
    ):
        raise LabelError("the information dictionary of the PDF is something else as well; repair it first")


def _without_keys(parts: _Parts) -> list[Edit]:
    """The label's keys go, and with them the white space about them and at the end, which we write anew."""
    names = parts.names.get("Info")
    if not names or parts.info is None or parts.info.base < 0:
        return []
    raw, parsed = parts.info.raw, parts.info.parsed
    close = parsed.end - len(b">>")
    spans = [*(span for name in names for span in parsed.spans[name]), (close, close)]
    changes, last = [], 0
    for start, end in sorted(spans):
        first = max(len(raw[:start].rstrip(WHITE)), last)
        last = max(close - len(raw[end:close].lstrip(WHITE)), first)
        changes.append(Edit(parts.info.base + first, last - first, b""))
    return changes


def _before(source: Source, end: int) -> Source:
    """The file as it was when it ended at ``end``."""
    origin = source.fileno()
    return Source(source.peek(0, end)) if origin is None else Source(b"", origin, end)


def _parts(document: Document) -> _Parts:
    parts = _Parts(document, _info(document))
    root = document.get("Root")
    parts.catalog = document.find(root) if isinstance(root, Ref) else None
    for place, thing, texts in (("Info", parts.info, TEXTS), ("Catalog", parts.catalog, ())):
        if thing is not None and isinstance(thing.value, dict):
            parts.names[place] = list(_named(document, thing, texts))
    if parts.catalog is None or not isinstance(parts.catalog.value, dict):
        raise LabelError("the PDF has no catalog")
    metadata = parts.catalog.value.get("Metadata")
    parts.packet = document.find(metadata) if isinstance(metadata, Ref) else None
    return parts


def _info(document: Document) -> Object | None:
    said = document.get("Info")
    if isinstance(said, Ref):
        found = document.find(said)
        return found if found and isinstance(found.value, dict) else None
    if not isinstance(said, dict):
        return None
    trailer = next(s.trailer for s in document.sections if "Info" in s.keys)
    start, end = trailer.parsed.spans["Info"][-1]
    raw = trailer.raw[start:end] + b" "
    at = pdf_objects.parse(raw, 0, document.limits).end  # behind the key
    return Object(pdf_objects.parse(raw, at, document.limits), raw)


def _named(document: Document, thing: Object, texts: tuple[str, ...]) -> Iterator[str]:
    for name, value in thing.value.items():
        if name.lower() == KEY.lower():
            yield name
        elif name in texts:
            said = document.resolve(value)
            if isinstance(said, bytes) and grammar.looks_like_one(pdf_objects.text(said)):
                yield name


def _label(document: Document, thing: Object | None, place: str, name: str) -> Label:
    assert thing is not None  # noqa: S101 - it has the name
    offset = thing.base + thing.parsed.spans[name][-1][0] if thing.base >= 0 else -1
    normative = (place, name) == ("Info", KEY)
    value = document.resolve(thing.value[name])
    if not isinstance(value, bytes):
        wrong = error("not-a-string", "is no string of the PDF")
        return Label(f"{place} {name}", normative, defects=(wrong,), offset=offset)
    label = grammar.parse(pdf_objects.text(value), f"{place} {name}", normative=normative, offset=offset)
    if len(thing.parsed.spans[name]) == 1:
        return label
    twice = error("repeated-key", f"the key {name} stands in the dictionary twice")
    return Label(label.place, normative, label.fields, (*label.defects, twice), offset)


def _note(document: Document, info: Object | None, blocks: Blocks) -> None:
    for name, what in NOTED if info else ():
        value = document.resolve(info.value.get(name)) if info else None
        if isinstance(value, bytes):
            blocks.note(**{what: pdf_objects.text(value).strip("\0 ")})


def _take_packet(document: Document, packet: Object, blocks: Blocks) -> None:
    try:
        base = document.extent(packet)[0] if not packet.value.get("Filter") else -1
        blocks.take_xmp(document.unpacked(packet), "XMP", base)
    except TooLargeError:
        raise
    except LabelError as trouble:
        blocks.defects.append(error("xmp-broken", f"its XMP is not read: {trouble}"))


def _encrypted(document: Document, blocks: Blocks) -> Blocks:
    """Names of keys are never encrypted, so that a label's presence shows."""
    blocks.defects.append(ENCRYPTED)
    info = None
    with suppress(LabelError):  # where it is packed, it is encrypted as a whole
        info = _info(document)
    for name in info.value if info else ():
        if name.lower() == KEY.lower():
            blocks.labels.append(Label(f"Info {name}", normative=name == KEY, defects=(ENCRYPTED,)))
    return blocks


def _new_info(parts: _Parts, fields: Fields) -> bytes:
    gone: dict[str, bytes | None] = dict.fromkeys(parts.names.get("Info", ()))
    gone.pop(KEY, None)
    value = {KEY: pdf_objects.text_string(fields.bare())}
    if parts.info is None:
        empty = b"<<>> "
        return pdf_objects.spliced(empty, pdf_objects.parse(empty, 0, parts.document.limits), value)
    return pdf_objects.spliced(parts.info.raw, parts.info.parsed, {**gone, **value})


def _padded(text: bytes, length: int) -> bytes:
    return text[:-2] + b" " * (length - len(text)) + text[-2:]


def _without_packet_label(
    document: Document, packet: Object, catalog: Object | None, update: pdf_update.Update
) -> list[Edit]:
    """Take the copy out of the XMP packet: where it stands, or in a new object where it is packed."""
    data = document.unpacked(packet)
    if not xmp.read(data, "XMP").labels:
        return []
    new = xmp_copies.blanked(data)
    if not packet.value.get("Filter"):
        at, length = document.extent(packet)
        return [Edit(at, length, new)]
    assert catalog is not None  # noqa: S101 - it led here
    changes = {"Filter": None, "DecodeParms": None, "Length": str(len(new)).encode()}
    text = pdf_objects.spliced(packet.raw, packet.parsed, changes)
    update.put_at(catalog.value["Metadata"], text + b"\nstream\n" + new + b"\nendstream")
    return []


def _signed(document: Document, catalog: dict[str, object]) -> bool:
    """Whether a signature field is filled in, or usage rights are signed. Source: ISO 32000-1 12.7, 12.8."""
    if document.dictionary(catalog.get("Perms")):
        return True
    form = document.dictionary(catalog.get("AcroForm"))
    pending = [(field, False) for field in _items(document, form.get("Fields"), MAX_FIELDS)]
    for _ in range(MAX_FIELDS):
        if not pending:
            return False
        where, inherited = pending.pop()
        one = document.dictionary(where)
        is_signature = document.resolve(one.get("FT")) == "Sig" or (inherited and "FT" not in one)
        if is_signature and document.dictionary(one.get("V")):
            return True
        pending += [(kid, is_signature) for kid in _items(document, one.get("Kids"), MAX_FIELDS)]
    flags = document.resolve(form.get("SigFlags"))
    return isinstance(flags, int) and bool(flags & 1)


def _has_manifest(document: Document, catalog: dict[str, object]) -> bool:
    """Whether an embedded file is a C2PA manifest. Source: C2PA 2.1, embedding in PDF."""
    files = list(_items(document, catalog.get("AF"), MAX_FILES))
    names = document.dictionary(document.dictionary(catalog.get("Names")).get("EmbeddedFiles"))
    files += list(_items(document, names.get("Names"), MAX_FILES))
    return any(
        document.resolve(document.dictionary(one).get("AFRelationship")) == "C2PA_Manifest" for one in files
    )


def _items(document: Document, value: object, most: int) -> list[object]:
    found = document.resolve(value)
    return found[:most] if isinstance(found, list) else []
