"""Matroska and WebM: the label as ``AIGC`` among the tags that speak of the whole file.

A label goes into the tags where there is room, into a void that is large enough, or behind everything else;
no cluster is ever moved, so that every position that the file knows stays true. The index at the start
(SeekHead) says where the tags are, as far as it has room for that.

Source: RFC 9559 (Matroska) sections 5.1.8 and 6.3; TC260-PG-20257A for the label's place.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from countermark.labels.blocks import Blocks
from countermark.labels.containers import ebml
from countermark.labels.containers.ebml import CRC32, VOID, Element, Node
from countermark.labels.containers.matroska_segment import (
    INFO,
    SEEK,
    SEEK_HEAD,
    SEEK_ID,
    SEEK_POSITION,
    TAGS,
    Segment,
    segments,
    tree,
)
from countermark.labels.defects import LabelError, warning
from countermark.labels.grammar import Fields, looks_like_one
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

TAG, TARGETS, SIMPLE_TAG = 0x7373, 0x63C0, 0x67C8
TAG_NAME, TAG_STRING, TAG_BINARY = 0x45A3, 0x4487, 0x4485
PARTS = frozenset({0x63C5, 0x63C9, 0x63C4, 0x63C6})
"""Numbers of a track, an edition, a chapter, an attachment that a tag speaks of."""
MUXING_APP, WRITING_APP, DATE = 0x4D80, 0x5741, 0x4461
NOTED = {"ARTIST": "creator", "ENCODER": "tool", "DATE_RELEASED": "created"}
MASTERS = frozenset({TAG, TARGETS, SIMPLE_TAG})
NAME = "AIGC"
MAX_NOTE = 1000
EPOCH = datetime(2001, 1, 1, tzinfo=UTC)


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the tags, wherever in the file they stand.

    Raises:
        LabelError: an element is broken.
        TooLargeError: a limit was reached.
    """
    blocks = Blocks()
    found = segments(source, limits)
    for segment in found:
        if segment.is_cut:
            blocks.defects.append(warning("cut-off", "ends within an element, or before its time"))
        for element in segment.all(TAGS):
            _take_tags(blocks, tree(source, element, MASTERS, limits), element.start)
        for element in segment.all(INFO):
            _take_info(blocks, tree(source, element, frozenset(), limits))
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the file ``fields`` as its one label.

    Raises:
        LabelError: the file has several segments or a checksum over one, elements overlap, or there is
            neither a void that is large enough nor a place behind the last element.
    """
    segment, *others = segments(source, limits)
    if others:
        raise LabelError("has several segments one behind the other: it is not changed")
    if segment.all(CRC32):
        raise LabelError("its segment carries a checksum over all of it: it is not changed")
    ordered = sorted(segment.found, key=lambda element: element.start)
    if any(one.end > other.start for one, other in pairwise(ordered)):
        raise LabelError("its index names elements that overlap: it is not changed")
    tags = [(element, tree(source, element, MASTERS, limits)) for element in segment.all(TAGS)]
    named = (pair for pair in tags if any(_is_normative(*found) for found in _simple(pair[1])))
    main = next(named, tags[0] if tags else None)
    changes = []
    for element, node in tags:
        if main and element is main[0]:
            continue
        if (new := _without(node)) is not node:
            changes.append(_replaced(element, new))
    node = _with_label(main[1] if main else ebml.leaf(TAGS, b""), fields)
    return changes + _placed(source, segment, main[0] if main else None, node, room, limits)


def _take_tags(blocks: Blocks, tags: Node, base: int) -> None:
    for tag, simple in _simple(tags):
        name, value = _name(simple), _value(simple)
        if name.upper() == NAME or looks_like_one(value[:MAX_NOTE]):
            place = f"Tags SimpleTag {name}" + ("" if _is_whole(tag) else " of a part")
            blocks.take_text(value, place, base, normative=_is_normative(tag, simple))
        elif name in NOTED and _is_whole(tag):
            blocks.note(**{NOTED[name]: value[:MAX_NOTE]})


def _take_info(blocks: Blocks, info: Node) -> None:
    app = info.first(WRITING_APP) or info.first(MUXING_APP)
    date = info.first(DATE)
    created = ""
    if date and len(date.data) == 8:
        elapsed = int.from_bytes(date.data, "big", signed=True) // 1000
        created = (EPOCH + timedelta(microseconds=elapsed)).isoformat() if abs(elapsed) < 1 << 57 else ""
    blocks.note(tool=app.text[:MAX_NOTE] if app else "", created=created)


def _simple(tags: Node) -> Iterator[tuple[Node, Node]]:
    """Every simple tag, those inside others too, with the tag that says what it speaks of."""
    for tag in tags.all(TAG):
        waiting = tag.all(SIMPLE_TAG)
        for simple in waiting:
            yield tag, simple
            waiting.extend(simple.all(SIMPLE_TAG))


def _name(simple: Node) -> str:
    name = simple.first(TAG_NAME)
    return name.text if name else ""


def _value(simple: Node) -> str:
    value = simple.first(TAG_STRING) or simple.first(TAG_BINARY)
    return value.text if value else ""


def _is_whole(tag: Node) -> bool:
    """Whether a tag speaks of the whole file."""
    return not any(node.id in PARTS and node.number for t in tag.all(TARGETS) for node in t.nodes)


def _is_normative(tag: Node, simple: Node) -> bool:
    is_text = simple.first(TAG_STRING) is not None
    return _name(simple) == NAME and is_text and _is_whole(tag) and any(node is simple for node in tag.nodes)


def _is_label(simple: Node) -> bool:
    return _name(simple).upper() == NAME or looks_like_one(_value(simple)[:MAX_NOTE])


def _with_label(tags: Node, fields: Fields) -> Node:
    """The tags with ``fields`` as their one label: where one stands, or in a tag of its own."""
    keep = next((simple for tag, simple in _simple(tags) if _is_normative(tag, simple)), None)
    text = ebml.leaf(TAG_STRING, fields.bare().encode())
    if keep is None:
        simple = ebml.master(SIMPLE_TAG, (ebml.leaf(TAG_NAME, NAME.encode()), text))
        tag = ebml.master(TAG, (ebml.leaf(TARGETS, b""), simple))
        return tags.holding((*_without(tags).nodes, tag))
    new = keep.holding(text if node.id == TAG_STRING else node for node in keep.nodes)
    return _without(tags, keep, new)


def _without(node: Node, keep: Node | None = None, new: Node | None = None) -> Node:
    """An element without the labels in it, and with ``new`` in the place of ``keep``.

    Where nothing changes, it is the same object.
    """
    out: list[Node] = []
    for inner in node.nodes:
        if inner is keep and new is not None:
            out.append(new)
        elif inner.id == SIMPLE_TAG and _is_label(inner):
            continue
        elif inner.id in MASTERS:
            changed = _without(inner, keep, new)
            if changed is inner or inner.id != TAG or changed.first(SIMPLE_TAG):
                out.append(changed)
        else:
            out.append(inner)
    same = len(out) == len(node.nodes) and all(a is b for a, b in zip(out, node.nodes, strict=True))
    return node if same else node.holding(out)


def _replaced(element: Element, node: Node) -> Edit:
    """Tags that became shorter, with a void behind them; nothing but a void where none is left."""
    length = element.end - element.start
    new = ebml.fitted(node, length) if node.first(TAG) else ebml.void(length)
    if new is None:
        raise LabelError(f"the tags at byte {element.start:,} cannot be rewritten in their place")
    return Edit(element.start, length, new)


def _placed(
    source: Source, segment: Segment, old: Element | None, node: Node, room: Room, limits: Limits
) -> list[Edit]:
    """The tags in their old place, in a void, or behind everything else."""
    if old is not None:
        length = segment.room(old)
        if (new := ebml.fitted(node, length)) is not None:
            return [Edit(old.start, length, new)]
        if old.start + length == segment.end and _is_open_ended(source, segment):
            new = node.raw + ebml.void(_slack(room))
            return [Edit(old.start, length, new), *_resized(segment, len(new) - length)]
    spare = _void(segment, node, room)
    if spare is not None:
        at, changes = spare.start, [Edit(spare.start, spare.end - spare.start, _fill(node, spare))]
    else:
        if not _is_open_ended(source, segment):
            raise LabelError("has no room for a label: something stands behind its segment, or it is cut off")
        at, new = segment.end, node.raw + ebml.void(_slack(room))
        changes = [Edit(at, 0, new), *_resized(segment, len(new))]
    if old is not None:
        length = segment.room(old)
        changes.append(Edit(old.start, length, ebml.void(length)))
    return changes + _indexed(source, segment, old, at, spare, limits)


def _is_open_ended(source: Source, segment: Segment) -> bool:
    """Whether the segment ends with the file, so that something can be put behind it."""
    return segment.end == source.size and not segment.is_cut


def _slack(room: Room) -> int:
    return room.slack if room.slack > 1 else 0


def _void(segment: Segment, node: Node, room: Room) -> Element | None:
    """The void that leaves room behind the tags, or else the first that takes them at all."""
    voids = segment.all(VOID)
    for slack in (room.slack, 0):
        for element in voids:
            length = element.end - element.start
            if length - slack >= len(node.raw) and ebml.fitted(node, length) is not None:
                return element
    return None


def _fill(node: Node, spare: Element) -> bytes:
    new = ebml.fitted(node, spare.end - spare.start)
    assert new is not None  # noqa: S101 - it was chosen so
    return new


def _resized(segment: Segment, growth: int) -> list[Edit]:
    """The size of the segment in its header; in a wider field where it needs one."""
    element = segment.element
    if element.size is None:
        return []
    size, width = element.size + growth, element.at - element.start - 4
    if size >= (1 << 7 * width) - 1:
        width = 8
    return [Edit(element.start + 4, element.at - element.start - 4, ebml.size_bytes(size, width))]


def _indexed(
    source: Source, segment: Segment, old: Element | None, at: int, spare: Element | None, limits: Limits
) -> list[Edit]:
    """The index with the place of the tags, where there is room in it; what it said of the old place goes."""
    for head in segment.all(SEEK_HEAD)[:1]:
        node = tree(source, head, frozenset({SEEK}), limits)
        stale = old.start - segment.element.at if old else -1
        kept = [entry for entry in node.nodes if not _names(entry, stale)]
        place = ebml.integer(SEEK_POSITION, at - segment.element.at)
        entry = ebml.master(SEEK, (ebml.leaf(SEEK_ID, TAGS.to_bytes(4, "big")), place))
        length = segment.room(head)
        if spare is not None and head.start < spare.start < head.start + length:
            length = head.end - head.start
        for nodes in ([*kept, entry], [*map(_compact, kept), entry], kept):
            new = ebml.fitted(node.holding(nodes), length)
            if new is not None and len(nodes) + len(kept) != 2 * len(node.nodes):
                return [Edit(head.start, length, new)]
    return []


def _names(entry: Node, place: int) -> bool:
    """Whether an entry of the index names this place."""
    position = entry.first(SEEK_POSITION)
    return position is not None and position.number == place


def _compact(entry: Node) -> Node:
    """An entry of the index in as few bytes as do."""
    name, position = entry.first(SEEK_ID), entry.first(SEEK_POSITION)
    if entry.id != SEEK or name is None or position is None:
        return entry
    return ebml.master(SEEK, (ebml.leaf(SEEK_ID, name.data), ebml.integer(SEEK_POSITION, position.number)))
