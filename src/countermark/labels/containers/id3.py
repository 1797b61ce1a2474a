"""ID3v2 tags as they are laid out: versions 2.2 to 2.4, at the start of a file and at its end.

Read are the mistakes that writers make as well: sizes of seven bits in each byte where eight are meant, and
the other way round, several tags one behind the other, frames without the flags that they need.

Source: ID3v2.2, ID3v2.3.0, ID3v2.4.0 (structure and native frames).
"""

from __future__ import annotations

import re
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.grammar import MAX_TEXT, looks_like_one
from countermark.labels.source import Limits, Source

HEADER = 10
UNSYNCHRONISED, EXTENDED, FOOTED = 0x80, 0x40, 0x10
MAX_TAGS, MAX_FRAMES = 16, 1 << 16
KIND = re.compile(rb"[A-Z][A-Z0-9]{2}[A-Z0-9 \0]?")
"""Of a frame; what stands there instead in a broken tag rarely looks so."""
TEXTS = re.compile(rb"T[A-Z0-9]{2,3}")
WIDE_TEXT = re.compile(rb"((?:..)*?)\0\0", re.DOTALL)
WORDS = frozenset({b"COMM", b"COM", b"USLT", b"ULT"})
"""Frames of text with a language and a description."""
OBJECTS = frozenset({b"GEOB", b"GEO"})
USER_TEXT = {2: b"TXX", 3: b"TXXX", 4: b"TXXX"}
"""By version, the frame whose description its writer chooses."""
XMP = b"XMP\0"
"""The owner of a private frame that holds an XMP packet."""
NAME = "AIGC"
ENCODINGS = ("latin-1", "utf-16", "utf-16-be", "utf-8")


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a tag."""

    kind: bytes
    """Three characters in ID3v2.2, else four."""
    start: int
    """Of its header, in bytes of the file."""
    end: int
    data: bytes
    """What it holds, unpacked; empty for frames that nobody asked for and for encrypted ones."""

    def text(self) -> tuple[str, str]:
        """Description and value; the description is empty for frames without one."""
        skipped = 4 if self.kind in WORDS else 1  # the encoding, and a language
        coding = self.data[0] if self.data and self.data[0] < 4 else 0
        if self.kind not in WORDS and self.kind not in USER_TEXT.values():
            return "", _decoded(self.data[skipped:], coding)
        first, second = _halves(self.data[skipped:], wide=coding in (1, 2))
        return _decoded(first, coding), _decoded(second, coding)

    @property
    def is_label(self) -> bool:
        """Whether it is meant to be a label: by its name, in whatever case, or by what it says."""
        if self.kind not in WORDS and not TEXTS.fullmatch(self.kind):
            return False
        description, value = self.text()
        named = self.kind in USER_TEXT.values() and description.strip().upper() == NAME
        return named or looks_like_one(value)

    @property
    def is_normative(self) -> bool:
        """Whether it is a label exactly where the guide wants one."""
        return self.kind in USER_TEXT.values() and self.text()[0] == NAME

    @property
    def packet(self) -> bytes:
        """The XMP packet in it, where it is private and holds one."""
        return self.data[len(XMP) :] if self.kind == b"PRIV" and self.data.startswith(XMP) else b""


@dataclass(frozen=True, slots=True)
class Tag:
    """One ID3v2 tag."""

    version: int
    """4 for ID3v2.4."""
    start: int
    end: int
    """Behind its padding, or behind its footer."""
    body: int
    """Where its frames begin."""
    stop: int
    """Where its padding begins."""
    footer: int
    """How many bytes its footer has."""
    frames: tuple[Frame, ...]
    is_checked: bool = False
    """Its extended header has a checksum over the frames."""
    is_packed: bool = False
    """It is unsynchronised as a whole, as in the versions before 2.4."""
    is_leading: bool = True
    """It stands at the start of the file, at most behind other tags."""
    defect: str = ""

    @property
    def size(self) -> int:
        """As its header counts it."""
        return self.end - self.start - HEADER - self.footer


def tags(source: Source, limits: Limits) -> Iterator[Tag]:
    """Those at the start of the file, one behind the other, and one with a footer at its end."""
    at = 0
    for _ in range(MAX_TAGS):
        if source.peek(at, 3) != b"ID3":
            break
        tag = _tag(source, at, limits)
        yield tag
        at = tag.end
    if (appended := _appended(source, at)) is not None:
        yield replace(_tag(source, appended, limits), is_leading=False)


def kind(source: Source) -> str:
    """What stands behind the tags at the start: ``flac``, ``aac`` (ADTS), or else ``mp3``.

    Raises:
        LabelError: a tag is cut off.
    """
    at = 0
    for _ in range(MAX_TAGS):
        if source.peek(at, 3) != b"ID3":
            break
        at = _ends(source, at)[0]
    start = source.peek(at, 4)
    if start == b"fLaC":
        return "flac"
    return "aac" if len(start) > 1 and start[0] == 0xFF and start[1] & 0xF6 == 0xF0 else "mp3"


def _appended(source: Source, at: int) -> int | None:
    """Where a tag with a footer begins that ends the file, or stands before an ID3v1 tag."""
    tail = source.peek(max(source.size - 128 - HEADER, at), 128 + HEADER)
    end = source.size
    if tail[-128:-125] == b"TAG":
        tail, end = tail[:-128], end - 128
    foot = tail[-HEADER:]
    if foot[:4] != b"3DI\4" or len(foot) < HEADER:
        return None
    start = end - unsyncsafe(foot[6:]) - 2 * HEADER
    return start if start >= at and source.peek(start, 4) == b"ID3\4" else None


def syncsafe(number: int) -> bytes:
    """In four bytes of seven bits each."""
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def unsyncsafe(data: bytes) -> int:
    """Four bytes of seven bits each; eight each where a writer forgot about it."""
    if max(data[:4]) > 0x7F:
        return int.from_bytes(data[:4], "big")
    return data[0] << 21 | data[1] << 14 | data[2] << 7 | data[3]


class _View:
    """The body of a tag as it was before unsynchronisation, with the way back to bytes of the file."""

    def __init__(self, source: Source, start: int, end: int, limits: Limits, *, packed: bool) -> None:
        self._source, self._start = source, start
        self.is_stuffed = False
        """Each frame is unsynchronised on its own, whatever its flags say (ID3v2.4)."""
        self._clean: bytes | None = None
        self._stuffed: list[int] = []
        self.size = end - start
        if packed:
            raw = source.take(start, end - start, limits)
            self._clean = _synchronised(raw)
            stuffed = (found.start() + 1 for found in re.finditer(rb"\xff\0", raw))
            self._stuffed = [at - number for number, at in enumerate(stuffed)]
            self.size = len(self._clean)

    def peek(self, at: int, length: int) -> bytes:
        length = max(min(length, self.size - at), 0)
        if self._clean is not None:
            return self._clean[at : at + length]
        return self._source.peek(self._start + at, length)

    def place(self, at: int) -> int:
        """In bytes of the file; a byte stuffed behind what ends at ``at`` belongs to what ends there."""
        return self._start + at + bisect_right(self._stuffed, at)


def _ends(source: Source, at: int) -> list[int]:
    """Where the tag at ``at`` ends, and where it does if its writer forgot to spread its size.

    Raises:
        LabelError: behind the end of the file.
    """
    head = source.read(at, HEADER)
    footer = HEADER if head[3] == 4 and head[5] & FOOTED else 0
    sizes = {unsyncsafe(head[6:]): None, int.from_bytes(head[6:], "big"): None}
    ends = [at + HEADER + size + footer for size in sizes]
    fitting = [end for end in ends if end <= source.size]
    if not fitting:
        raise LabelError(f"ends within its ID3 tag of {next(iter(sizes)):,} bytes, at byte {at:,}")
    return fitting


def _tag(source: Source, at: int, limits: Limits) -> Tag:
    first, *others = _ends(source, at)
    tag = _tag_until(source, at, first, limits)
    if tag.defect and others:
        with suppress(LabelError):
            other = _tag_until(source, at, others[0], limits)
            return tag if other.defect else other
    return tag


def _tag_until(source: Source, at: int, stop: int, limits: Limits) -> Tag:
    head = source.read(at, HEADER)
    version, flags = head[3], head[5]
    if version not in USER_TEXT:
        raise LabelError(f"its tag is of ID3v2.{version}, which is not known")
    if version == 2 and flags & EXTENDED:
        raise LabelError("its ID3v2.2 tag is packed in a way that was never defined")
    footer = HEADER if version == 4 and flags & FOOTED else 0
    packed = bool(flags & UNSYNCHRONISED) and version < 4
    view = _View(source, at + HEADER, stop - footer, limits, packed=packed)
    view.is_stuffed = bool(flags & UNSYNCHRONISED) and version == 4
    skipped, checked = _extended(view, version) if flags & EXTENDED else (0, False)
    frames, last, defect = _frames(view, version, skipped, limits)
    return Tag(
        version,
        at,
        stop,
        body=view.place(skipped),
        stop=view.place(last),
        footer=footer,
        frames=tuple(frames),
        is_checked=checked,
        is_packed=packed,
        defect=defect,
    )


def _extended(view: _View, version: int) -> tuple[int, bool]:
    """Length of the extended header, and whether it holds a checksum."""
    head = view.peek(0, 6)
    if len(head) < 6:
        raise LabelError("its ID3 tag ends within its extended header")
    length = int.from_bytes(head[:4], "big") + 4 if version == 3 else unsyncsafe(head)
    if not 6 <= length <= view.size:
        raise LabelError(f"the extended header of its ID3 tag cannot have {length:,} bytes")
    return length, bool(head[4] & 0x80 if version == 3 else head[5] & 0x20)


def _frames(view: _View, version: int, at: int, limits: Limits) -> tuple[list[Frame], int, str]:
    """The frames, where they end, and why they end before their time."""
    found: list[Frame] = []
    width = 6 if version == 2 else HEADER
    left = limits.metadata_bytes
    while at + width <= view.size:
        head = view.peek(at, width)
        kind = head[: 3 if version == 2 else 4]
        if not any(kind):
            break
        length = _length(view, version, at, head)
        if not KIND.fullmatch(kind) or at + width + length > view.size:
            return found, at, f"no frame of the ID3 tag can be read from byte {view.place(at):,} on"
        data = _content(view, version, at, head, length, limits)
        left -= len(data)
        if left < 0 or len(found) >= min(limits.elements, MAX_FRAMES):
            raise TooLargeError("more frames or more text in its ID3 tag than the limits allow")
        found.append(Frame(kind, view.place(at), view.place(at + width + length), data))
        at += width + length
    return found, at, ""


def _length(view: _View, version: int, at: int, head: bytes) -> int:
    """Of a frame; writers mix up the two ways to write it, so what follows decides."""
    if version == 2:
        return int.from_bytes(head[3:6], "big")
    ways = [unsyncsafe(head[4:8]), int.from_bytes(head[4:8], "big")]
    if version == 3:
        ways.reverse()
    if ways[0] != ways[1]:
        for length in ways:
            if _plausible(view, at + HEADER + length):
                return length
    return ways[0]


def _plausible(view: _View, at: int) -> bool:
    following = view.peek(at, 4)
    if at >= view.size or len(following) < 4:
        return at <= view.size
    return following == bytes(4) or KIND.fullmatch(following) is not None


def _content(view: _View, version: int, at: int, head: bytes, length: int, limits: Limits) -> bytes:
    kind, start = head[: 3 if version == 2 else 4], at + len(head)
    if kind in OBJECTS:
        return view.peek(start, min(length, 64))
    if not (kind in WORDS or kind == b"PRIV" or TEXTS.fullmatch(kind)):
        return b""
    most = limits.metadata_bytes if kind == b"PRIV" else 4 * MAX_TEXT
    data = view.peek(start, min(length, most))
    return _unpacked(data, head[9] | 2 * view.is_stuffed, version, most) if version > 2 else data


def _unpacked(data: bytes, flags: int, version: int, most: int) -> bytes:
    """The content of a frame without what its flags add; empty where it is encrypted."""
    if version == 3:
        flags = (flags & 0x80 and 0x09) | (flags & 0x40 and 0x04) | (flags & 0x20 and 0x40)  # as in 2.4
    if flags & 0x04:
        return b""
    skipped = (1 if flags & 0x40 else 0) + (4 if flags & 0x01 else 0)
    data = _synchronised(data[skipped:]) if flags & 0x02 else data[skipped:]
    if not flags & 0x08:
        return data
    try:
        return zlib.decompressobj().decompress(data, most)
    except zlib.error:
        return b""


def _synchronised(data: bytes) -> bytes:
    return data.replace(b"\xff\0", b"\xff")


def _halves(data: bytes, *, wide: bool) -> tuple[bytes, bytes]:
    """What stands before and behind the first zero, which has two bytes in UTF-16."""
    if not wide:
        first, _, second = data.partition(b"\0")
        return first, second
    found = WIDE_TEXT.match(data)
    return (found[1], data[found.end() :]) if found else (data, b"")


def _decoded(data: bytes, coding: int) -> str:
    if coding == 0:
        with suppress(UnicodeDecodeError):
            return data.decode()  # what many writers mean by Latin-1
    if coding == 1 and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16-le", "replace")
    return data.decode(ENCODINGS[coding], "replace")
