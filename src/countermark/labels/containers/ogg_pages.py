"""The pages of Ogg: read, laid out anew, numbered and summed.

Source: RFC 3533 sections 5 and 6.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit

CONTINUED, FIRST = 1, 2
HEADER = 27
MAX_SEGMENTS = 255
MAX_PAGE = HEADER + MAX_SEGMENTS + MAX_SEGMENTS * 255
MAX_RENUMBERED = 1 << 16
"""Most pages that get another number."""
REVERSED = bytes(int(f"{number:08b}"[::-1], 2) for number in range(256))
ONES = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Page:
    """One page, without its content."""

    start: int
    flags: int
    granule: int
    serial: int
    sequence: int
    checksum: int
    lacing: bytes

    @property
    def at(self) -> int:
        """Where its content begins, in bytes of the file."""
        return self.start + HEADER + len(self.lacing)

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.at + sum(self.lacing)


def pages(source: Source, at: int, limits: Limits) -> Iterator[Page]:
    """The pages from byte ``at`` on.

    Raises:
        LabelError: one does not begin where it should, or is cut off.
        TooLargeError: there are more than ``limits.elements``.
    """
    for _ in range(limits.elements):
        if at >= source.size:
            return
        page = page_at(source, at)
        yield page
        at = page.end
    raise TooLargeError(f"more than {limits.elements:,} pages")


def checksum(data: bytes) -> int:
    """The checksum of a page: that of ZIP with the bits of each byte, and of the sum, turned round."""
    turned = zlib.crc32(data.translate(REVERSED), ONES) ^ ONES
    return int.from_bytes(turned.to_bytes(4, "little").translate(REVERSED), "big")


def page_at(source: Source, at: int) -> Page:
    """The page that begins at byte ``at``.

    Raises:
        LabelError: none does, or it is cut off.
    """
    head = source.peek(at, HEADER + MAX_SEGMENTS)
    if head[:5] != b"OggS\0" or len(head) < HEADER:
        raise LabelError(f"no page of Ogg begins at byte {at:,}, where one should")
    flags, granule, serial, sequence, summed, segments = struct.unpack_from("<BqIIIB", head, 5)
    page = Page(at, flags, granule, serial, sequence, summed, head[HEADER : HEADER + segments])
    if len(page.lacing) < segments or page.end > source.size:
        raise LabelError(f"the Ogg file ends within a page, at byte {at:,}")
    return page


def last_serial(source: Source) -> int | None:
    """The number of the stream that the file ends with: one that is new tells a chained file."""
    for length in (8 << 10, MAX_PAGE):
        start = max(source.size - length, 0)
        data = source.peek(start, source.size - start)
        at = len(data)
        while (at := data.rfind(b"OggS\0", 0, at)) >= 0:
            if at + HEADER <= len(data) and at + HEADER + data[at + 26] <= len(data):
                return int(struct.unpack_from("<I", data, at + 14)[0])
    return None


def laid_out(source: Source, old: Sequence[Page], packets: Sequence[bytes], limits: Limits) -> list[Edit]:
    """The packets on the pages ``old`` instead of those there, filled as far as they go.

    Where they need more pages, those of the same stream behind them get other numbers.

    Raises:
        LabelError: a page has a wrong checksum, which would be right afterwards.
        LabelError: the pages hold more than headers, or more than ``MAX_RENUMBERED`` pages follow.
        TooLargeError: more than ``limits.elements`` pages follow.
    """
    lacing = b"".join(b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255]) for packet in packets)
    total = max(len(old), -(-len(lacing) // MAX_SEGMENTS))
    if total > 1 and any(page.granule not in (0, -1) for page in old):
        raise LabelError("the comments of a stream share their pages with its content")
    for page in old:
        head = source.read(page.start, 22) + bytes(4)
        if checksum(head + source.read(page.start + 26, page.end - page.start - 26)) != page.checksum:
            raise LabelError(f"the page of Ogg at byte {page.start:,} has a wrong checksum")
    data, at, done = b"".join(packets), 0, 0
    changes = []
    for number in range(total):
        part = lacing[done : done + min(MAX_SEGMENTS, max(len(lacing) - done - (total - number - 1), 1))]
        page = _like(old, number, part, alone=total == 1)
        if done and lacing[done - 1] == MAX_SEGMENTS:
            page = replace(page, flags=page.flags | CONTINUED)
        start, end = (old[number].start, old[number].end) if number < len(old) else (old[-1].end, old[-1].end)
        new = _made(page, data[at : at + sum(part)])
        if source.read(start, end - start) != new:
            changes.append(Edit(start, end - start, new))
        at, done = at + sum(part), done + len(part)
    if total > len(old):
        changes += _renumbered(source, old[-1], total - len(old), limits)
    return changes


def _like(old: Sequence[Page], number: int, lacing: bytes, *, alone: bool) -> Page:
    """The page of that number in the place of an old one, or behind the last one; not continued."""
    page = old[min(number, len(old) - 1)]
    ends = min(lacing, default=MAX_SEGMENTS) < MAX_SEGMENTS
    return replace(
        page,
        flags=page.flags & ~CONTINUED,
        granule=page.granule if alone else 0 if ends else -1,
        sequence=page.sequence + max(number - len(old) + 1, 0),
        lacing=lacing,
    )


def _made(page: Page, content: bytes) -> bytes:
    head = b"OggS\0" + struct.pack("<BqII", page.flags, page.granule, page.serial, page.sequence & ONES)
    rest = bytes([len(page.lacing)]) + page.lacing + content
    return head + checksum(head + bytes(4) + rest).to_bytes(4, "little") + rest


def _renumbered(source: Source, behind: Page, by: int, limits: Limits) -> list[Edit]:
    """The numbers and checksums of the stream's pages behind one; their content is not read.

    A checksum of this kind changes with the difference alone, wherever the rest is the same.
    """
    changes: list[Edit] = []
    for page in pages(source, behind.end, limits):
        if page.serial != behind.serial:
            continue
        if page.flags & FIRST:
            break
        if len(changes) == MAX_RENUMBERED:
            raise LabelError(f"its headers need another page, and more than {MAX_RENUMBERED:,} pages follow")
        number = (page.sequence + by) & ONES
        difference = (number ^ page.sequence).to_bytes(4, "little") + bytes(page.end - page.start - 22)
        summed = page.checksum ^ checksum(difference)
        changes.append(Edit(page.start + 18, 8, struct.pack("<II", number, summed)))
    return changes
