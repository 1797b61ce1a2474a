"""Ogg: the label in the comments of its first audio stream (Vorbis, Opus, FLAC, Speex), or of its Theora.

The header packets are laid into their pages anew, filled as far as they go, so that the number of pages
stays and nothing behind them changes. Where another page is needed, those behind are numbered anew; a file
of very many pages is refused then. Padding behind the comments is used first, where an
encoder left some.

Source: RFC 3533 (pages), RFC 7845 section 5.2 (Opus), Vorbis I section 5, Ogg FLAC mapping 1.0;
TC260-PG-202510A for the label's place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from countermark.labels.blocks import Blocks
from countermark.labels.containers import vorbis
from countermark.labels.containers.ogg_pages import (
    CONTINUED,
    FIRST,
    Page,
    laid_out,
    last_serial,
    page_at,
    pages,
)
from countermark.labels.defects import LabelError, TooLargeError, warning
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

SKELETON = b"fishead\0"


@dataclass(frozen=True, slots=True)
class Codec:
    """How a kind of stream begins, and its comments."""

    start: bytes
    """Of its first packet."""
    prefix: bytes
    """Of its second packet, that of the comments."""
    framing: int = 0
    """Bytes between the comments and any padding."""
    is_audio: bool = True


MAX_PAGES = 1 << 14
"""Most pages that the comments of one stream may take."""
MAX_STREAMS = 64
FLAC = Codec(b"\x7fFLAC", b"")
CODECS = (
    Codec(b"\x01vorbis", b"\x03vorbis", framing=1),
    Codec(b"OpusHead", b"OpusTags"),
    FLAC,
    Codec(b"Speex   ", b""),
    Codec(b"\x80theora", b"\x81theora", is_audio=False),
)


@dataclass(slots=True)
class Stream:
    """One logical stream, as far as its comments go."""

    codec: Codec
    serial: int
    pages: list[Page] = field(default_factory=list)
    """From that on which the comments begin to the first one that ends with a packet behind them."""

    @property
    def is_complete(self) -> bool:
        """Whether the pages hold the comments whole, and nothing that goes on behind them."""
        return bool(self.pages and self.pages[-1].lacing) and self.pages[-1].lacing[-1] < 255


@dataclass(frozen=True, slots=True)
class Headers:
    """The packets on the pages of a stream's comments."""

    stream: Stream
    packets: list[bytes]
    """The first one holds the comments."""
    comments: vorbis.Comments

    @property
    def padding(self) -> int:
        """Zero bytes behind the comments that may be used."""
        spare = self.packets[0][self.comments.end + self.stream.codec.framing :]
        return 0 if spare.strip(b"\0") else len(spare)

    def changed(self, changes: list[Edit]) -> list[bytes]:
        """The packets after edits of the comments; padding takes what they grow or shrink by."""
        old, end = self.packets[0], self.comments.end
        tail = end + self.stream.codec.framing
        body = vorbis.applied(old, changes, 0, end) + old[end:tail]
        growth = len(body) - tail
        if self.padding and self.padding >= growth:
            new = body + bytes(self.padding - growth)
        else:
            new = body + old[tail:]
        if self.stream.codec is FLAC:
            if len(new) - 4 >= 1 << 24:
                raise LabelError("a block of FLAC cannot hold so many comments")
            new = new[:1] + (len(new) - 4).to_bytes(3, "big") + new[4:]
        return [new, *self.packets[1:]]


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the comments of every stream.

    Raises:
        LabelError: a page is broken, or the file ends within the comments.
        TooLargeError: a limit was reached.
    """
    blocks = Blocks()
    number = 0
    for number, stream in enumerate(streams(source, limits), 1):
        before = len(blocks.labels)
        headers = _headers(source, stream, limits)
        first = stream.pages[0]
        vorbis.take(blocks, headers.comments, first.at if headers.comments.end <= sum(first.lacing) else -1)
        if number > 1:
            named = [
                replace(label, place=f"{label.place} (stream {number})") for label in blocks.labels[before:]
            ]
            blocks.labels[before:] = named
    if not number:
        blocks.defects.append(warning("no-known-stream", "has no stream whose comments are known"))
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the file ``fields`` as its one label, in its first stream of audio.

    Raises:
        LabelError: it has no stream that could carry a label, or an index of places that would change.
    """
    found = [_headers(source, stream, limits) for stream in streams(source, limits)]
    if not found:
        raise LabelError("has no stream whose comments could carry a label")
    first = next((headers for headers in found if headers.stream.codec.is_audio), found[0])
    new = vorbis.comment(fields, _size(first, len(vorbis.comment(fields)), room))
    changes = laid_out(
        source, first.stream.pages, first.changed(vorbis.labelled(first.comments, new)), limits
    )
    for headers in found:
        if headers is not first and (gone := vorbis.unlabelled(headers.comments)):
            changes += laid_out(source, headers.stream.pages, headers.changed(gone), limits)
    if sum(edit.growth for edit in changes) and _is_indexed(source):
        raise LabelError("has an index of the places of its pages (Skeleton 4), which is not rewritten")
    return changes


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the file is without the comment of its label: the content that a signature covers.

    What the comment took goes to padding where there is any, and the pages are filled as far as they go. A
    file whose encoder did so too, as the common ones do, is given back as it was.
    """
    for stream in streams(source, limits):
        headers = _headers(source, stream, limits)
        if headers.comments.labels:
            packets = headers.changed(vorbis.unlabelled(headers.comments))
            return laid_out(source, stream.pages, packets, limits)
    return []


def streams(source: Source, limits: Limits) -> Iterator[Stream]:
    """The streams whose comments are known, those of chained files too.

    Raises:
        LabelError: a page is broken, or the file ends within the comments.
        TooLargeError: a limit was reached.
    """
    found, seen, at = _link(source, 0, limits)
    yield from found
    last = last_serial(source)
    left = limits.metadata_bytes
    while last not in seen | {None}:
        beginning = next((page for page in pages(source, at, limits) if page.flags & FIRST), None)
        if beginning is None:
            return
        found, serials, at = _link(source, beginning.start, limits)
        seen |= serials
        left -= sum(page.end - page.start for stream in found for page in stream.pages)
        if left < 0:
            raise TooLargeError(f"more than {limits.metadata_bytes:,} bytes of comments")
        yield from found


def _link(source: Source, at: int, limits: Limits) -> tuple[list[Stream], set[int], int]:
    """The streams that begin together at ``at``, the numbers of all of them, and where reading stopped."""
    found: dict[int, Stream] = {}
    serials: set[int] = set()
    left, started = limits.metadata_bytes, False
    for page in pages(source, at, limits):
        if page.flags & FIRST:
            if started:
                raise LabelError(f"the comments of a stream do not end before byte {page.start:,}")
            serials.add(page.serial)
            if len(serials) > MAX_STREAMS:
                raise TooLargeError(f"more than {MAX_STREAMS} streams side by side")
            if codec := _codec(source, page):
                found[page.serial] = Stream(codec, page.serial)
        else:
            started = True
            stream = found.get(page.serial)
            if stream and not stream.is_complete:
                stream.pages.append(page)
                left -= page.end - page.start
                if left < 0 or len(stream.pages) > MAX_PAGES:
                    raise TooLargeError("more bytes or pages of comments than the limits allow")
        at = page.end
        if started and all(stream.is_complete for stream in found.values()):
            return list(found.values()), serials, at
    if all(stream.is_complete for stream in found.values()):
        return list(found.values()), serials, at
    raise LabelError("the Ogg file ends before its comments do")


def _codec(source: Source, page: Page) -> Codec | None:
    start = source.peek(page.at, 8)
    return next((codec for codec in CODECS if start.startswith(codec.start)), None)


def _headers(source: Source, stream: Stream, limits: Limits) -> Headers:
    if stream.pages[0].flags & CONTINUED:
        raise LabelError("the comments of a stream begin on the page of its first packet")
    data = b"".join(source.read(page.at, page.end - page.at) for page in stream.pages)
    packets, start, at = [], 0, 0
    for length in b"".join(page.lacing for page in stream.pages):
        at += length
        if length < 255:
            packets.append(data[start:at])
            start = at
    prefix = stream.codec.prefix
    if not packets[0].startswith(prefix) or (stream.codec is FLAC and packets[0][:1] not in (b"\4", b"\x84")):
        raise LabelError("the second packet of a stream does not hold its comments")
    comments = vorbis.parse(packets[0], 4 if stream.codec is FLAC else len(prefix), limits)
    return Headers(stream, packets, comments)


def _size(headers: Headers, needed: int, room: Room) -> int:
    """Of the label's comment, so that the file grows as the room asks."""
    held = vorbis.held(headers.comments)
    if needed - held <= headers.padding:
        return max(needed, held)
    before = len(headers.packets[0])
    for size in count(needed + room.slack):
        growth = size - held
        if (growth + (before + growth) // 255 - before // 255) % room.block == 0:
            return size
    raise AssertionError


def _is_indexed(source: Source) -> bool:
    first = page_at(source, 0)
    head = source.peek(first.at, 10)
    return head.startswith(SKELETON) and int.from_bytes(head[8:10], "little") >= 4
