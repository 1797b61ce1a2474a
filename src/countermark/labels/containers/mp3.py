"""MP3: the label in ID3v2, a frame ``TXXX`` with the description ``AIGC``; C2PA in ``GEOB``.

The label is written as the first frame of the first tag, in the version of that tag. Its room is white space
behind the JSON, inside the frame. The padding of a tag is never used up: who cuts the frame out and lowers
the tag's size has the file as it was before it was labelled, which is what content signatures in the wild
cover.

Source: ID3v2.2, ID3v2.3.0, ID3v2.4.0; TC260-PG-202510A for the label's place.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from countermark.labels import xmp_copies
from countermark.labels.blocks import Blocks
from countermark.labels.containers.id3 import HEADER, OBJECTS, USER_TEXT, XMP, Frame, Tag, syncsafe, tags
from countermark.labels.defects import LabelError, warning
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

C2PA = (b"application/x-c2pa-manifest-store", b"application/c2pa")
NOTED = {
    b"TSSE": "tool",
    b"TSS": "tool",
    b"TENC": "tool",
    b"TPE1": "creator",
    b"TP1": "creator",
    b"TDEN": "created",
    b"TDRC": "created",
    b"TYER": "created",
}
MAX_NOTE = 1000
MAX_SIZE = {2: (1 << 24) - 1, 3: (1 << 28) - 1, 4: (1 << 28) - 1}
"""Most bytes of a frame, by version; of a tag it is 2 ** 28 - 1 always."""


def survey(source: Source, limits: Limits) -> Blocks:
    """Read every tag.

    Raises:
        LabelError: a tag is cut off, or of no known version.
        TooLargeError: a limit was reached.
    """
    return surveyed(list(tags(source, limits)), normative=True)


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the file ``fields`` as its one label, in its first tag; in a new tag where there is none.

    Raises:
        LabelError: a tag carries a checksum, cannot grow, or is broken where the label would stand.
    """
    found = list(tags(source, limits))
    if not found or found[0].start:
        size = room.size(HEADER + len(_frame(4, fields))) - HEADER
        return [Edit(0, 0, b"ID3\4\0\0" + syncsafe(size) + _frame(4, fields, size)), *removals(found)]
    first = found[0]
    keep = next((frame for frame in first.frames if frame.is_normative), None)
    at, held = (keep.start, keep.end - keep.start) if keep else (first.body, 0)
    size = room.size(len(_frame(first.version, fields)), held)
    if first.defect and not any(f.start >= at and not f.is_label for f in first.frames):
        raise LabelError(f"{first.defect}: a label before that could not be told from it")
    put = Edit(at, held, _frame(first.version, fields, size, guarded=first.is_packed))
    others = [edit for frame in first.frames if frame is not keep for edit in _removed(frame)]
    return _changed(first, [put, *others]) + removals(found[1:])


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the file is without the frame of its label: the content that a signature covers.

    The frame is cut out and the tag's size lowered; padding stays. A tag that holds the label and neither
    another frame nor padding goes as a whole, for it was made for the label.

    Source: measured on files of a provider that signs so [V]; that a whole tag goes is our own rule.
    """
    for tag in tags(source, limits):
        for frame in tag.frames:
            if frame.is_label:
                alone = len(tag.frames) == 1 and tag.stop + tag.footer == tag.end
                return [_gone(tag)] if alone else _changed(tag, [_cut(frame)])
    return []


def surveyed(found: Sequence[Tag], *, normative: bool) -> Blocks:
    """What the tags say.

    Args:
        found: the tags of one file.
        normative: whether its container is the one whose labels the guide puts into ID3.
    """
    blocks = Blocks()
    for number, tag in enumerate(found):
        suffix = f" (tag {number + 1})" if number else ""
        if tag.defect:
            blocks.defects.append(warning("id3-broken", tag.defect))
        for frame in tag.frames:
            place = f"ID3v2.{tag.version} {frame.kind.decode()}"
            _take(blocks, frame, place, suffix, normative=normative and not number)
    return blocks


def removals(found: Sequence[Tag]) -> list[Edit]:
    """What takes the copies of a label out of these tags, as part of writing it elsewhere."""
    changes: list[Edit] = []
    for tag in found:
        if tag.frames and not tag.defect and all(frame.is_label for frame in tag.frames):
            changes.append(_gone(tag))
        elif copies := [edit for frame in tag.frames for edit in _removed(frame)]:
            changes += _changed(tag, copies)
    return changes


def _take(blocks: Blocks, frame: Frame, place: str, suffix: str, *, normative: bool) -> None:
    if frame.kind in OBJECTS:
        blocks.c2pa |= frame.data[1:].startswith(C2PA)
    elif frame.packet:
        before = len(blocks.labels)
        blocks.take_xmp(frame.packet, f"{place} XMP{suffix}")
        blocks.labels[before:] = [replace(label, normative=False) for label in blocks.labels[before:]]
    elif frame.is_label:
        description, value = frame.text()
        named = normative and frame.is_normative
        blocks.take_text(value, f"{place} {description}".rstrip() + suffix, frame.start, normative=named)
    elif frame.kind in NOTED:
        blocks.note(**{NOTED[frame.kind]: frame.text()[1].strip("\0 ")[:MAX_NOTE]})


def _removed(frame: Frame) -> list[Edit]:
    """What takes the label out of a frame where one stands in it.

    Raises:
        LabelError: it stands in XMP out of which it cannot be taken.
    """
    if frame.is_label:
        return [_cut(frame)]
    packet = frame.packet
    if not packet or (new := xmp_copies.blanked(packet)) == packet:
        return []
    if frame.end - frame.start != HEADER + len(frame.data):
        raise LabelError("its ID3 tag holds a label in XMP that is packed: it cannot be taken out")
    return [Edit(frame.start + HEADER + len(XMP), len(packet), new)]


def _gone(tag: Tag) -> Edit:
    return Edit(tag.start, tag.end - tag.start, b"")


def _cut(frame: Frame) -> Edit:
    return Edit(frame.start, frame.end - frame.start, b"")


def _changed(tag: Tag, changes: list[Edit]) -> list[Edit]:
    """The edits, and with them the size in the tag's header and footer."""
    growth = sum(edit.growth for edit in changes)
    if tag.is_checked:
        raise LabelError("its ID3 tag carries a checksum over its frames: it is not changed")
    if not growth:
        return changes
    if tag.size + growth > MAX_SIZE[4]:
        raise LabelError(f"its ID3 tag would have {tag.size + growth:,} bytes; it can have {MAX_SIZE[4]:,}")
    places = [tag.start + 6, tag.end - 4] if tag.footer else [tag.start + 6]
    return [*(Edit(at, 4, syncsafe(tag.size + growth)) for at in places), *changes]


def _frame(version: int, fields: Fields, size: int = 0, *, guarded: bool = False) -> bytes:
    """The label's frame in ``size`` bytes, or as many as it needs; white space fills them.

    UTF-8 is known to ID3v2.4 only; the older ones get ASCII, and JSON's own escapes for the rest. In a tag
    that is unsynchronised as a whole (``guarded``) no byte may be ``FF``, so that nothing has to be stuffed.
    """
    if version == 4:
        text = b"\3AIGC\0" + fields.bare().encode()
    else:
        text = b"\0AIGC\0" + json.dumps(fields.to_dict(), separators=(",", ":")).encode()
    wide = 6 if version == 2 else HEADER
    text += b" " * (size - wide - len(text))
    while guarded and 0xFF in len(text).to_bytes(4, "big"):
        text += b" "
    if len(text) > MAX_SIZE[version]:
        raise LabelError(f"a label of {len(text):,} bytes does not fit into a frame of ID3v2.{version}")
    if version == 2:
        return USER_TEXT[2] + len(text).to_bytes(3, "big") + text
    length = syncsafe(len(text)) if version == 4 else len(text).to_bytes(4, "big")
    return USER_TEXT[version] + length + b"\0\0" + text
