"""FLAC: the label in the block of Vorbis comments.

A label takes its bytes from a PADDING block, so that most files are labelled without moving a sample; where
there is none, or too little, the file grows. What :func:`carrier` gives is the file before it was labelled
whenever it had padding enough, or no padding at all.

Source: RFC 9639 section 8; TC260-PG-202510A for the label's place.
"""

from __future__ import annotations

from dataclasses import dataclass

from countermark.labels.blocks import Blocks
from countermark.labels.containers import mp3, vorbis
from countermark.labels.containers.id3 import Tag, tags
from countermark.labels.defects import LabelError, TooLargeError, warning
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

MAGIC = b"fLaC"
STREAMINFO, PADDING, COMMENTS = 0, 1, 4
LAST = 0x80
MAX_BLOCK = (1 << 24) - 1
MAX_BLOCKS = 1 << 16
"""Most blocks of metadata; a file has a handful."""
MERGED = 1 << 20
"""Most bytes between label and padding that are written anew, so that a change keeps every other place."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of metadata."""

    kind: int
    start: int
    """Of its header, in bytes of the file."""
    length: int
    """Without its header of four bytes."""
    is_last: bool

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.start + 4 + self.length

    def header(self, length: int, *, is_last: bool | None = None) -> bytes:
        """Its header with another length.

        Raises:
            LabelError: no block can be so long.
        """
        if length > MAX_BLOCK:
            raise LabelError(f"a block of FLAC cannot hold {length:,} bytes; it holds {MAX_BLOCK:,}")
        last = self.is_last if is_last is None else is_last
        return bytes([self.kind | LAST * last]) + length.to_bytes(3, "big")


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the comments, and an ID3 tag in front of the stream.

    Raises:
        LabelError: a block is broken.
        TooLargeError: the comments are longer than ``limits.metadata_bytes``.
    """
    found, front = blocks(source, limits)
    out = mp3.surveyed(front, normative=False)
    if front and not out.c2pa:  # which C2PA puts there
        out.defects.append(
            warning("id3-in-front", "has an ID3 tag in front, which FLAC does not provide for")
        )
    for block in found:
        if block.kind == COMMENTS:
            vorbis.take(out, _comments(source, block, limits), block.start + 4)
    return out


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the file ``fields`` as its one label, in its first block of comments.

    Raises:
        LabelError: the block would be longer than 16 MiB.
    """
    found, front = blocks(source, limits)
    named = [block for block in found if block.kind == COMMENTS]
    first = _comments(source, named[0], limits) if named else None
    held = vorbis.held(first) if first else 0
    needed = max(len(vorbis.comment(fields)), held)
    frame = 0 if first else 4 + len(vorbis.fresh(b""))
    spare = _spare(found, needed - held + frame)
    size = needed if spare else room.size(needed + frame, held) - frame
    new = vorbis.comment(fields, size)
    changes = _in_block(named[0], first, new) if first else _in_new_block(found[0], new)
    for block in named[1:]:
        changes += _without(block, _comments(source, block, limits))
    growth = sum(edit.growth for edit in changes)
    if growth > 0 and spare:
        changes = _merged(source, [*changes, *_shrunk(spare, growth)])
    return changes + mp3.removals(front)


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the file is without the comment of its label: the content that a signature covers.

    Its bytes go back to the padding, where there is any. A block that we made for the label goes with it.
    """
    found, _front = blocks(source, limits)
    for number, block in enumerate(found):
        comments = _comments(source, block, limits) if block.kind == COMMENTS else None
        if comments is None or not comments.labels:
            continue
        alone = len(comments.items) == 1 and comments.data[4 : comments.count_at] == vorbis.VENDOR
        if alone:
            changes = [Edit(block.start, block.end - block.start, b"")]
            if block.is_last:
                before = found[number - 1]
                changes.insert(0, Edit(before.start, 4, before.header(before.length, is_last=True)))
        else:
            changes = _without(block, comments)
        spare = _spare(found, 0)
        return changes + (_cleared(spare, -sum(edit.growth for edit in changes)) if spare else [])
    return []


def blocks(source: Source, limits: Limits) -> tuple[list[Block], list[Tag]]:
    """The blocks of metadata, and the tags in front of them.

    Raises:
        LabelError: it is no FLAC, or ends within a block.
    """
    front = [tag for tag in tags(source, limits) if tag.is_leading]
    at = front[-1].end if front else 0
    if source.peek(at, 4) != MAGIC:
        raise LabelError(f"no FLAC stream begins at byte {at:,}")
    at += 4
    found: list[Block] = []
    most = min(limits.elements, MAX_BLOCKS)
    for _ in range(most):
        head = source.read(at, 4)
        block = Block(head[0] & 0x7F, at, int.from_bytes(head[1:], "big"), bool(head[0] & LAST))
        if block.end > source.size:
            raise LabelError(f"the FLAC file ends within a block of metadata, at byte {at:,}")
        if not found and block.kind != STREAMINFO:
            raise LabelError("the FLAC file does not begin with STREAMINFO")
        found.append(block)
        at = block.end
        if block.is_last:
            return found, front
    raise TooLargeError(f"more than {most:,} blocks of metadata")


def _comments(source: Source, block: Block, limits: Limits) -> vorbis.Comments:
    return vorbis.parse(source.take(block.start + 4, block.length, limits), 0, limits)


def _spare(found: list[Block], growth: int) -> Block | None:
    """The first padding, where it can give ``growth`` bytes."""
    padding = next((block for block in found if block.kind == PADDING), None)
    return padding if padding and padding.length >= growth else None


def _shrunk(padding: Block, growth: int) -> list[Edit]:
    """The padding with ``growth`` bytes less, or more where that is negative."""
    header = Edit(padding.start, 4, padding.header(padding.length - growth))
    if growth < 0:
        return [header, Edit(padding.end, 0, bytes(-growth))]
    return [header, Edit(padding.end - growth, growth, b"")]


def _cleared(padding: Block, gained: int) -> list[Edit]:
    """The padding with ``gained`` bytes more, all of them zero, whatever stood in it before."""
    length = padding.length + gained
    return [
        Edit(padding.start, 4, padding.header(length)),
        Edit(padding.start + 4, padding.length, bytes(length)),
    ]


def _in_block(block: Block, comments: vorbis.Comments, new: bytes) -> list[Edit]:
    return _moved(block, vorbis.labelled(comments, new))


def _without(block: Block, comments: vorbis.Comments) -> list[Edit]:
    return _moved(block, vorbis.unlabelled(comments))


def _moved(block: Block, changes: list[Edit]) -> list[Edit]:
    """Edits of the comments as edits of the file, with the length of their block."""
    if not changes:
        return []
    length = block.length + sum(edit.growth for edit in changes)
    moved = [Edit(block.start + 4 + edit.offset, edit.length, edit.new) for edit in changes]
    return [Edit(block.start, 4, block.header(length)), *moved]


def _in_new_block(info: Block, comment: bytes) -> list[Edit]:
    """A block of comments behind STREAMINFO."""
    body = vorbis.fresh(comment)
    header = Block(COMMENTS, info.end, len(body), info.is_last).header(len(body))
    return [Edit(info.start, 4, info.header(info.length, is_last=False)), Edit(info.end, 0, header + body)]


def _merged(source: Source, changes: list[Edit]) -> list[Edit]:
    """One edit that keeps the length, where all of them are near to one another."""
    changes = sorted(changes, key=lambda edit: edit.offset)
    start, end = changes[0].offset, changes[-1].offset + changes[-1].length
    if end - start > MERGED or sum(edit.growth for edit in changes) != 0:
        return changes
    data = source.read(start, end - start)
    local = [Edit(edit.offset - start, edit.length, edit.new) for edit in changes]
    return [Edit(start, end - start, vorbis.applied(data, local, 0, len(data)))]
