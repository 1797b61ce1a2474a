"""Vorbis comments, the tags of FLAC and Ogg: the label is the comment ``AIGC``.

Names of comments are compared without regard to case, as the specification has it. The room of a label is the
padding of its container where there is any, and white space behind the JSON elsewhere, so that who takes the
comment out has the comments as they were.

Source: Xiph.org, Vorbis I specification, section 5; TC260-PG-202510A for the label's place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from countermark.labels.blocks import Blocks
from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.grammar import MAX_TEXT, Fields, looks_like_one
from countermark.labels.source import Limits
from countermark.labels.splicing import Edit

NAME = b"AIGC"
VENDOR = b"countermark"
"""Who made the comments, where there were none."""
MAX_NAME = 256
MAX_COMMENTS = 1 << 16
MAX_NOTE = 1000
NOTED = {b"ARTIST": "creator", b"ENCODER": "tool", b"DATE": "created"}
START_OF_VALUE = 200
"""As many bytes of a value as tell whether it is a label."""


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment."""

    start: int
    """Of its length, in bytes of the whole."""
    end: int
    name: bytes
    """In upper case; empty where it has none."""
    at: int
    """Where its value begins."""


@dataclass(frozen=True, slots=True)
class Comments:
    """A list of comments as it lies in ``data``."""

    data: bytes
    count_at: int
    """Where the number of comments stands."""
    items: tuple[Comment, ...]
    end: int
    """Behind the last one."""

    @property
    def labels(self) -> list[Comment]:
        """Those that are meant to be labels."""
        return [item for item in self.items if item.name == NAME or looks_like_one(self.start_of(item))]

    @property
    def label(self) -> Comment | None:
        """The first one under the label's name."""
        return next((item for item in self.items if item.name == NAME), None)

    def start_of(self, item: Comment) -> str:
        """How its value begins."""
        return self.data[item.at : min(item.end, item.at + START_OF_VALUE)].decode("utf-8", "replace")


def parse(data: bytes, start: int, limits: Limits) -> Comments:
    """Read the list that begins at ``start`` with the name of its vendor.

    Raises:
        LabelError: it ends within a comment.
        TooLargeError: it has more than ``MAX_COMMENTS``.
    """
    count_at = _behind(data, start)
    count, at = _number(data, count_at), count_at + 4
    most = min(limits.elements, MAX_COMMENTS)
    if count > most:
        raise TooLargeError(f"{count:,} comments; the limit is {most:,}")
    items = []
    for _ in range(count):
        end = _behind(data, at)
        sign = data.find(b"=", at + 4, min(end, at + 4 + MAX_NAME))
        name = data[at + 4 : sign].upper() if sign > 0 else b""
        items.append(Comment(at, end, name, sign + 1 if sign > 0 else at + 4))
        at = end
    return Comments(data, count_at, tuple(items), at)


def take(blocks: Blocks, comments: Comments, base: int = -1) -> None:
    """Read what the comments say; ``data`` begins at byte ``base`` of the file, -1 where it is scattered."""
    labels = {item.start for item in comments.labels}
    for item in comments.items:
        if item.start in labels:
            value = comments.data[item.at : min(item.end, item.at + 4 * MAX_TEXT)].decode("utf-8", "replace")
            name = comments.data[item.start + 4 : max(item.at - 1, item.start + 4)].decode("utf-8", "replace")
            place = f"Vorbis comment {name}".rstrip()
            at = base + item.start if base >= 0 else -1
            blocks.take_text(value, place, at, normative=item.name == NAME)
        elif item.name in NOTED:
            value = comments.data[item.at : min(item.end, item.at + MAX_NOTE)].decode("utf-8", "replace")
            blocks.note(**{NOTED[item.name]: value.strip("\0 ")})


def fresh(comment: bytes) -> bytes:
    """A list that holds one comment."""
    return len(VENDOR).to_bytes(4, "little") + VENDOR + (1).to_bytes(4, "little") + comment


def comment(fields: Fields, size: int = 0) -> bytes:
    """The label's comment in ``size`` bytes, or as many as it needs; white space fills them."""
    body = NAME + b"=" + fields.bare().encode()
    body += b" " * (size - 4 - len(body))
    return len(body).to_bytes(4, "little") + body


def held(comments: Comments) -> int:
    """How many bytes the comment has that a label would be written over."""
    return comments.label.end - comments.label.start if comments.label else 0


def labelled(comments: Comments, new: bytes) -> list[Edit]:
    """The edits, in bytes of ``data``, after which the comment ``new`` is the one label.

    It stands first in the list, or where one stands already.
    """
    keep = comments.label
    gone = [item for item in comments.labels if item is not keep]
    count = (len(comments.items) - len(gone) + (keep is None)).to_bytes(4, "little")
    first = count + new if keep is None else count
    changes = [Edit(comments.count_at, 4, first), *(_cut(item) for item in gone)]
    if keep:
        changes.append(Edit(keep.start, keep.end - keep.start, new))
    return sorted(changes, key=lambda edit: edit.offset)


def unlabelled(comments: Comments) -> list[Edit]:
    """The edits after which no label is left: as part of writing one elsewhere, and to compute a digest."""
    gone = comments.labels
    if not gone:
        return []
    count = (len(comments.items) - len(gone)).to_bytes(4, "little")
    return [Edit(comments.count_at, 4, count), *(_cut(item) for item in gone)]


def applied(data: bytes, changes: list[Edit], start: int, end: int) -> bytes:
    """The bytes from ``start`` to ``end`` after the edits."""
    return b"".join(_pieces(data, changes, start, end))


def _pieces(data: bytes, changes: list[Edit], start: int, end: int) -> Iterator[bytes]:
    at = start
    for edit in changes:
        yield data[at : edit.offset]
        yield edit.new
        at = edit.offset + edit.length
    yield data[at:end]


def _cut(item: Comment) -> Edit:
    return Edit(item.start, item.end - item.start, b"")


def _number(data: bytes, at: int) -> int:
    if at + 4 > len(data):
        raise LabelError("its comments end within a length")
    return int.from_bytes(data[at : at + 4], "little")


def _behind(data: bytes, at: int) -> int:
    """Where the text ends whose length stands at ``at``."""
    end = at + 4 + _number(data, at)
    if end > len(data):
        raise LabelError("its comments end within a text")
    return end
