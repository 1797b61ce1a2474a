"""The outline of a Matroska file: where its tags, its index and its voids lie.

The index (SeekHead), or the last entry of the cues, says where to go on behind the clusters. Only a file that
has neither is walked over cluster by cluster, and block by block where a live recorder left sizes unknown.

Source: RFC 9559 sections 5.1 and 6.3, RFC 8794 section 6.2 (elements of unknown size).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from countermark.labels.containers import ebml
from countermark.labels.containers.ebml import CRC32, VOID, Element, Node
from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.source import Limits, Source

HEAD, SEGMENT, CLUSTER, CUES = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0x1C53BB6B
SEEK_HEAD, SEEK, SEEK_ID, SEEK_POSITION = 0x114D9B74, 0x4DBB, 0x53AB, 0x53AC
INFO, TRACKS, CHAPTERS, ATTACHMENTS, TAGS = 0x1549A966, 0x1654AE6B, 0x1043A770, 0x1941A469, 0x1254C367
CUE_POINT, CUE_POSITIONS, CUE_CLUSTER = 0xBB, 0xB7, 0xF1
LEVEL_1 = frozenset({CLUSTER, CUES, SEEK_HEAD, INFO, TRACKS, CHAPTERS, ATTACHMENTS, TAGS})
MAX_CUES = 8 << 20


@dataclass(slots=True)
class Segment:
    """One segment, and what of its first level was looked at."""

    element: Element
    end: int
    """With its last element, or with the file where its size is unknown or too large."""
    found: list[Element] = field(default_factory=list)
    """In the order of the file, without clusters."""
    first_cluster: int = -1
    """In bytes of the file; -1 where there is none."""
    is_cut: bool = False
    """It ends within an element, or further on than the file."""

    def all(self, wanted: int) -> list[Element]:
        """Those of its elements that are of this kind."""
        return [element for element in self.found if element.id == wanted]

    def room(self, element: Element) -> int:
        """Bytes that an element takes, with the voids that follow it at once."""
        end = element.end
        for following in sorted(self.found, key=lambda other: other.start):
            if following.start == end and following.id == VOID:
                end = following.end
        return end - element.start


def segments(source: Source, limits: Limits) -> list[Segment]:
    """The segments of a file, most often one.

    Raises:
        LabelError: it is no Matroska, or no element can be read where one should begin.
        TooLargeError: there are more than ``limits.elements``.
    """
    found: list[Segment] = []
    at = 0
    while at < source.size:
        try:
            element = ebml.element(source, at)
        except LabelError:
            if not found:
                raise
            break  # something else stands behind the last segment
        if element.id == SEGMENT:
            found.append(_segment(source, element, limits))
            at = found[-1].end
        elif element.id in (HEAD, VOID, CRC32) and element.size is not None:
            at = element.end
        else:
            break
        if len(found) > limits.depth:
            raise TooLargeError(f"more than {limits.depth} segments")
    if not found:
        raise LabelError("has no segment of Matroska")
    return found


def tree(source: Source, element: Element, masters: frozenset[int], limits: Limits) -> Node:
    """An element with its content.

    Raises:
        LabelError: it is broken.
        TooLargeError: it is longer than ``limits.metadata_bytes``.
    """
    raw = source.take(element.start, element.end - element.start, limits)
    head = element.at - element.start
    return Node(element.id, raw, head, ebml.children(raw[head:], masters, limits))


def _segment(source: Source, element: Element, limits: Limits) -> Segment:
    end = source.size if element.size is None else element.at + element.size
    segment = Segment(element, min(end, source.size), is_cut=end > source.size)
    at = element.at
    for found in _walk(source, segment, at, limits):
        if found.id == CLUSTER:
            segment.first_cluster = found.start
            break
        segment.found.append(found)
    if segment.first_cluster >= 0:
        _behind_clusters(source, segment, limits)
    return segment


def _behind_clusters(source: Source, segment: Segment, limits: Limits) -> None:
    """Look at what the indexes name, and at all that follows the last of it."""
    at = _indexed(source, segment, limits)
    if at == segment.first_cluster:
        at = max(at, _last_cued(source, segment, limits))
    segment.found += [found for found in _walk(source, segment, at, limits) if found.id != CLUSTER]
    taken = sum(found.size or 0 for found in segment.found if found.id in (TAGS, INFO, SEEK_HEAD))
    if taken > limits.metadata_bytes:
        raise TooLargeError(f"{taken:,} bytes of tags and indexes; the limit is {limits.metadata_bytes:,}")


def _indexed(source: Source, segment: Segment, limits: Limits) -> int:
    """Gather what the indexes name; where to go on behind the last of it."""
    known = {element.start for element in segment.found}
    at = segment.first_cluster
    waiting = [seek for head in segment.all(SEEK_HEAD) for seek in _seeks(source, segment, head, limits)]
    for kind, place in waiting:
        target = _target(source, segment, kind, place)
        if target is None or place in known or place < segment.first_cluster:
            continue
        if len(known) > limits.elements:
            raise TooLargeError(f"an index of more than {limits.elements:,} places")
        known.add(place)
        at = max(at, target.end)
        if kind != CLUSTER:
            segment.found.append(target)
        if kind == SEEK_HEAD and len(segment.all(SEEK_HEAD)) < limits.depth:
            waiting.extend(_seeks(source, segment, target, limits))
    return at


def _walk(source: Source, segment: Segment, at: int, limits: Limits) -> Iterator[Element]:
    """The elements of the first level from byte ``at`` on."""
    for _ in range(limits.elements):
        if at >= segment.end:
            return
        try:
            found = ebml.element(source, at)
        except LabelError:
            if at == segment.element.at:
                raise
            segment.is_cut = True
            return
        if segment.element.size is None and found.id in (HEAD, SEGMENT):
            segment.end = at
            return
        end = _end_of_cluster(source, found, segment, limits) if found.size is None else found.end
        if end > segment.end:
            segment.is_cut = True
            return
        yield found
        at = end
    raise TooLargeError(f"more than {limits.elements:,} elements")


def _end_of_cluster(source: Source, cluster: Element, segment: Segment, limits: Limits) -> int:
    """Where a cluster ends whose size is unknown: before the next element of a higher level."""
    if cluster.id != CLUSTER:
        raise LabelError(
            f"the size of the element at byte {cluster.start:,} is unknown, where it should not be"
        )
    at = cluster.at
    for _ in range(limits.elements):
        if at >= segment.end:
            return at
        found = ebml.element(source, at)
        if found.id in LEVEL_1 or found.id in (HEAD, SEGMENT):
            return at
        at = found.end
    raise TooLargeError(f"more than {limits.elements:,} elements in a cluster")


def _seeks(source: Source, segment: Segment, head: Element, limits: Limits) -> list[tuple[int, int]]:
    """What an index says: identifiers, and places in bytes of the file."""
    try:
        entries = tree(source, head, frozenset({SEEK}), limits).all(SEEK)
    except LabelError:
        return []
    pairs = ((entry.first(SEEK_ID), entry.first(SEEK_POSITION)) for entry in entries)
    return [(name.number, segment.element.at + place.number) for name, place in pairs if name and place]


def _target(source: Source, segment: Segment, kind: int, place: int) -> Element | None:
    """What an index names, where it stands there indeed."""
    if kind not in LEVEL_1 or not segment.element.at <= place < segment.end:
        return None
    try:
        found = ebml.element(source, place)
    except LabelError:
        return None
    whole = found.size is not None and found.end <= segment.end
    return found if found.id == kind and whole else None


def _last_cued(source: Source, segment: Segment, limits: Limits) -> int:
    """The last cluster that the cues before the clusters name; -1 without any."""
    for cues in segment.all(CUES):
        if cues.size is None or cues.size > min(MAX_CUES, limits.metadata_bytes):
            continue
        try:
            points = tree(source, cues, frozenset({CUE_POINT, CUE_POSITIONS}), limits).all(CUE_POINT)
        except LabelError:
            continue
        places = [node.number for p in points for c in p.all(CUE_POSITIONS) for node in c.all(CUE_CLUSTER)]
        target = _target(source, segment, CLUSTER, segment.element.at + max(places, default=0))
        if target:
            return target.start
    return -1
