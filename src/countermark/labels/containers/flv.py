"""FLV: the label in ``onMetaData`` under the name ``AIGC``; XMP in ``onXMPData``.

A file keeps no free space, so that a longer label moves what stands behind it. The places of the file
that ``onMetaData`` itself names move with it: ``filesize``, ``lastkeyframelocation`` and
``keyframes/filepositions``.

Source: Video File Format Specification 10.1, annex E; TC260-PG-20257A for the label's place [S].
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from countermark.labels import exif, xmp_copies
from countermark.labels.blocks import Blocks
from countermark.labels.containers import amf
from countermark.labels.containers.boxes import Shift
from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

SCRIPT = 18
FILTERED = 0x20
"""Of a tag whose data is encrypted."""
SHORTEST_HEADER = 9
HEAD, TAIL = 11, 4
LARGEST = (1 << 24) - 1
WITHIN = 1 << 20
"""Script data behind this many bytes is not looked for: players do not either."""
METADATA, XMP_DATA, XMP = "onMetaData", "onXMPData", "liveXML"
NAME = "AIGC"
PLACES = ("filesize", "lastkeyframelocation")
NOTED = {"encoder": "tool", "metadatacreator": "tool", "creator": "creator", "creationdate": "created"}
"""``metadatacreator`` names the program that wrote the metadata."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of script data."""

    start: int
    data: bytes
    name: str
    value: int
    """Where its value begins in its data."""

    @property
    def body(self) -> int:
        """Where its data begins in the file."""
        return self.start + HEAD

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.body + len(self.data) + TAIL


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the script data at the start of the file.

    Raises:
        LabelError: a tag is broken.
        TooLargeError: more tags or values than the limits allow.
    """
    blocks = Blocks()
    for tag in tags(source, limits):
        reader = amf.Reader(tag.data, limits)
        for member in reader.members(tag.value):
            if tag.name == XMP_DATA and member.name == XMP:
                blocks.take_xmp(reader.text(member.at), "onXMPData", -1)
            elif member.name.lower() == NAME.lower():
                normative = tag.name == METADATA and member.name == NAME
                place = f"{tag.name[:100]} {member.name}"
                blocks.take_text(
                    exif.decoded(reader.text(member.at)), place, tag.body + member.start, normative=normative
                )
            elif tag.name == METADATA and member.name.lower() in NOTED:
                blocks.note(**{NOTED[member.name.lower()]: exif.decoded(reader.text(member.at))})
    blocks.labels = [
        replace(one, normative=one.normative and "XMP" not in one.place) for one in blocks.labels
    ]
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the file ``fields`` as its one label.

    Raises:
        LabelError: the script data is broken, or too long for one tag.
    """
    found = list(tags(source, limits))
    home = next((tag for tag in found if tag.name == METADATA), None)
    label = amf.named(NAME, amf.text(fields.bare()))
    changes = []
    for tag in found:
        reader = amf.Reader(tag.data, limits)
        parts = _without_labels(reader, tag)
        if tag is home:
            parts = _with_label(reader, tag, parts, label)
        changes.append((tag, parts))
    new = [] if home else [_new_tag(source, label)]
    return _finished(source, limits, changes, new)


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the file is without the value that holds its label, or without the tag that holds nothing else."""
    changes = []
    for tag in tags(source, limits):
        reader = amf.Reader(tag.data, limits)
        members = list(reader.members(tag.value))
        if tag.name == METADATA and [member.name for member in members] == [NAME]:
            return [Edit(tag.start, tag.end - tag.start, b"")]
        if tag.name == METADATA and any(member.name == NAME for member in members):
            changes.append((tag, _without_labels(reader, tag)))
    return _finished(source, limits, changes, [])


def tags(source: Source, limits: Limits) -> Iterator[Tag]:
    """The tags of script data near the start."""
    at = _start(source)
    for _ in range(limits.elements):
        head = source.peek(at, HEAD)
        if len(head) < HEAD or at > WITHIN:
            return
        length = int.from_bytes(head[1:4], "big")
        if head[0] & ~FILTERED == SCRIPT and not head[0] & FILTERED:
            data = source.take(at + HEAD, length, limits)
            source.read(at + HEAD + length, TAIL)
            tag = _named(at, data, limits)
            if tag:
                yield tag
        at += HEAD + length + TAIL
    raise TooLargeError(f"more than {limits.elements:,} tags")


def _start(source: Source) -> int:
    """Where the first tag begins."""
    length = int.from_bytes(source.read(5, 4), "big")
    if not SHORTEST_HEADER <= length <= source.size - TAIL:
        raise LabelError(f"the header of the FLV has {length} bytes")
    return length + TAIL


def _named(at: int, data: bytes, limits: Limits) -> Tag | None:
    """What a script tag says; None where it names nothing."""
    if data[:1] != bytes((amf.STRING,)):
        return None
    name, value = amf.Reader(data, limits).name(1)
    return Tag(at, data, name, value)


def _without_labels(reader: amf.Reader, tag: Tag) -> list[Edit]:
    """Edits in the data of a tag: its labels go."""
    out, gone = [], 0
    for member in reader.members(tag.value):
        if member.name.lower() == NAME.lower():
            out.append(Edit(member.start, member.end - member.start, b""))
            gone += 1
        elif tag.name == XMP_DATA and member.name == XMP:
            text = reader.text(member.at)
            new = xmp_copies.blanked(text)
            if new != text:
                out.append(Edit(member.end - len(text), len(text), new))
    return [*out, *_counted(reader, tag, -gone)]


def _with_label(reader: amf.Reader, tag: Tag, parts: list[Edit], label: bytes) -> list[Edit]:
    """The same edits, with a label where the first one was, or behind the last value."""
    if tag.data[tag.value : tag.value + 1] not in (bytes((amf.OBJECT,)), bytes((amf.ECMA_ARRAY,))):
        raise LabelError("the value of onMetaData is no object")
    labels = [edit for edit in parts if edit.growth < 0]
    at = reader.end_of_members(tag.value)
    first = labels[0] if labels else Edit(at, 0, b"")
    gone = sum(1 for member in reader.members(tag.value) if member.name.lower() == NAME.lower())
    return [
        replace(first, new=label),
        *labels[1:],
        *_counted(reader, tag, 1 - gone),
    ]


def _counted(reader: amf.Reader, tag: Tag, change: int) -> list[Edit]:
    """The number of values of an array, which is a hint."""
    data, at = tag.data, tag.value
    if not change or data[at : at + 1] != bytes((amf.ECMA_ARRAY,)):
        return []
    (count,) = struct.unpack_from(">I", data, at + 1)
    return [Edit(at + 1, 4, struct.pack(">I", min(max(count + change, 0), (1 << 32) - 1)))]


def _new_tag(source: Source, label: bytes) -> Edit:
    """A tag of metadata before all others."""
    value = struct.pack(">BI", amf.ECMA_ARRAY, 1) + label + b"\0\0\x09"
    data = amf.text(METADATA) + value
    head = bytes((SCRIPT,)) + _length(len(data)) + bytes(7)
    return Edit(_start(source), 0, head + data + _tail(len(data)))


def _finished(
    source: Source, limits: Limits, changes: list[tuple[Tag, list[Edit]]], new: list[Edit]
) -> list[Edit]:
    """Edits of the file: the tags with their lengths, and the places of the file that they name."""
    out = list(new)
    for tag, parts in changes:
        if not parts:
            continue
        length = len(tag.data) + sum(edit.growth for edit in parts)
        if source.read(tag.end - TAIL, TAIL) != _tail(len(tag.data)):
            raise LabelError(f"the tag at byte {tag.start:,} has another length behind it than before it")
        out += [replace(edit, offset=tag.body + edit.offset) for edit in parts]
        if length != len(tag.data):
            out.append(Edit(tag.start + 1, 3, _length(length)))
            out.append(Edit(tag.end - TAIL, TAIL, _tail(length)))
    out.sort(key=lambda edit: edit.offset)
    shift = Shift(out)
    if shift:
        out += [edit for tag, _ in changes for edit in _places(tag, limits, shift)]
    return out


def _places(tag: Tag, limits: Limits, shift: Shift) -> Iterator[Edit]:
    if tag.name != METADATA:
        return
    reader = amf.Reader(tag.data, limits)
    for member in reader.members(tag.value):
        if member.name in PLACES and member.kind == amf.NUMBER:
            yield from _place(tag, member.at + 1, shift)
        elif member.name == "keyframes":
            for inner in reader.members(member.at):
                if inner.name == "filepositions":
                    for at in reader.numbers(inner.at):
                        yield from _place(tag, at, shift)


def _place(tag: Tag, at: int, shift: Shift) -> Iterator[Edit]:
    (place,) = struct.unpack_from(">d", tag.data, at)
    if 0 <= place < 1 << 53 and (new := shift(int(place))) != int(place):
        yield Edit(tag.body + at, 8, struct.pack(">d", new))


def _length(length: int) -> bytes:
    if length > LARGEST:
        raise LabelError(f"{length:,} bytes of script data do not fit into one tag, which holds {LARGEST:,}")
    return length.to_bytes(3, "big")


def _tail(length: int) -> bytes:
    return (length + HEAD).to_bytes(4, "big")
