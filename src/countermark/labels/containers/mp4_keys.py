"""Metadata of a movie: lists with a table of keys (mdta), lists without one (mdir), and boxes in udta.

An item of a list with keys is named by its number, so that the key of each item is looked up; the first
item is not always the one that was written first.

Source: QuickTime File Format, metadata; TC260-PG-20257A and 202510A for ``moov/udta/meta``, key ``AIGC`` [S].
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from countermark.labels import exif, grammar
from countermark.labels.containers.boxes import FREE, Box, Path, Walker, box
from countermark.labels.containers.mp4_offsets import meta_content
from countermark.labels.defects import LabelError

KEY = b"AIGC"
NAMESPACE = b"mdta"
HANDLER = struct.pack(">II4s", 0, 0, NAMESPACE) + bytes(13)
"""Of a list with keys; no vendor and no name, as ffmpeg writes it."""
UTF_8, UTF_16, IMPLICIT = 1, 2, 0
TEXT_KINDS = frozenset({UTF_8, UTF_16, IMPLICIT})
DATA_HEAD = 8
"""Kind and locale, before a value."""
LOOK = 512
"""Bytes that tell whether a text that others use too is a label."""
LONGEST_NOTE = 1 << 10
NOTED = {
    "software": "tool",
    "encoder": "tool",
    "\xa9too": "tool",
    "\xa9swr": "tool",
    "artist": "creator",
    "author": "creator",
    "\xa9art": "creator",
    "\xa9aut": "creator",
    "creationdate": "created",
    "date": "created",
    "\xa9day": "created",
}


@dataclass(frozen=True, slots=True)
class Text:
    """A text somewhere in the metadata of a movie."""

    path: Path
    """Of the box that has to go for the text to go."""
    place: str
    name: str
    """Of the key, or the kind of the box."""
    normative: bool
    kind: int
    at: int
    length: int

    def value(self, walker: Walker, most: int | None = None) -> str:
        """The text, or the start of it."""
        length = self.length if most is None else min(self.length, most)
        data = walker.source.take(self.at, length, walker.limits)
        return data.decode("utf-16-be", "replace") if self.kind == UTF_16 else exif.decoded(data)

    def is_label(self, walker: Walker) -> bool:
        """Whether its name is the label's, or it looks like one."""
        if self.name.lower() == KEY.decode().lower():
            return True
        return self.kind in TEXT_KINDS and grammar.looks_like_one(self.value(walker, LOOK))

    @property
    def noted(self) -> str:
        """What it says of the file's origin, where it does."""
        return NOTED.get(self.name.rpartition(".")[2].lower(), "")


@dataclass(frozen=True, slots=True)
class Listing:
    """One meta box with a list of items."""

    path: Path
    keys: Box | None
    names: tuple[bytes, ...]
    """Each with its namespace before it."""
    items: Box

    @property
    def place(self) -> str:
        """In words."""
        return "/".join(around.kind.decode() for around in self.path)

    @property
    def names_end(self) -> int:
        """Where the last key ends."""
        return (self.keys.body if self.keys else 0) + 8 + sum(len(name) + 4 for name in self.names)

    @property
    def is_home(self) -> bool:
        """Whether the guides name this place for the label."""
        return self.keys is not None and len(self.path) == 3


def listings(walker: Walker, moov: Box) -> Iterator[Listing]:
    """The lists of a movie: in ``moov/meta``, as QuickTime has them, and in ``moov/udta/meta``."""
    for child in walker.children(moov):
        if child.kind == b"meta":
            yield from _listing(walker, (moov, child))
        elif child.kind == b"udta":
            for meta in walker.children(child):
                if meta.kind == b"meta":
                    yield from _listing(walker, (moov, child, meta))


def texts(walker: Walker, moov: Box) -> Iterator[Text]:
    """The texts of all lists, and those that stand in ``moov/udta`` without one, in the order of the file."""
    for child in walker.children(moov):
        if child.kind == b"meta":
            yield from _of_list(walker, (moov, child))
        elif child.kind == b"udta":
            for inner in walker.children(child):
                if inner.kind == b"meta":
                    yield from _of_list(walker, (moov, child, inner))
                elif inner.kind not in FREE and inner.kind != b"XMP_":
                    yield _in_udta(walker, (moov, child, inner))


def item(index: int, text: str) -> bytes:
    """A new item of a list with keys."""
    data = box(b"data", struct.pack(">II", UTF_8, 0), text.encode())
    return box(struct.pack(">I", index), data)


def key(name: bytes) -> bytes:
    """A new entry of a table of keys; ``name`` has its namespace before it."""
    return struct.pack(">I", len(name) + 4) + name


def meta(names: tuple[bytes, ...], index: int, text: str) -> bytes:
    """A new meta box with a table of keys and one item."""
    keys = box(b"keys", struct.pack(">II", 0, len(names)), *map(key, names))
    items = box(b"ilst", item(index, text))
    return box(b"meta", bytes(4), box(b"hdlr", HANDLER), keys, items)


def free(length: int) -> bytes:
    """Free space of ``length`` bytes, 8 and more."""
    return box(b"free", bytes(length - 8))


def _listing(walker: Walker, path: Path) -> Iterator[Listing]:
    keys = items = None
    for child in meta_content(walker, path[-1]):
        if child.kind == b"keys":
            keys = keys or child
        elif child.kind == b"ilst":
            items = items or child
    if items:
        names = tuple(_names(walker, keys)) if keys else ()
        yield Listing(path, keys, names, items)


def _names(walker: Walker, keys: Box) -> Iterator[bytes]:
    data = walker.content(keys)
    if len(data) < 8:
        raise LabelError(f"the table of keys at byte {keys.start:,} is too short")
    (count,) = struct.unpack_from(">I", data, 4)
    at = 8
    for _ in range(count):
        (size,) = struct.unpack_from(">I", data, at) if at + 4 <= len(data) else (0,)
        if size < 8 or at + size > len(data):
            raise LabelError(f"the table of keys at byte {keys.start:,} is shorter than it says")
        yield data[at + 4 : at + size]
        at += size


def _of_list(walker: Walker, path: Path) -> Iterator[Text]:
    for listing in _listing(walker, path):
        yield from _items(walker, listing)


def _items(walker: Walker, listing: Listing) -> Iterator[Text]:
    for child in walker.children(listing.items):
        index = int.from_bytes(child.kind, "big")
        name = child.kind.decode("latin-1")
        keyed = 0 < index <= len(listing.names)
        if keyed:
            name = listing.names[index - 1][4:].decode("utf-8", "replace")
        parts = {part.kind: part for part in walker.children(child)}
        data = parts.get(b"data")
        if data is None or data.body + DATA_HEAD > data.end:
            continue
        if child.kind == b"----" and b"name" in parts:
            name = walker.content(parts[b"name"], 4)[:LONGEST_NOTE].decode("utf-8", "replace")
        kind = int.from_bytes(walker.source.read(data.body, 4), "big") & 0xFFFFFF
        place = f"{listing.place} {'keys' if keyed else 'ilst'} {_shown(child, name, keyed=keyed)}"
        normative = keyed and listing.is_home and listing.names[index - 1] == NAMESPACE + KEY
        at = data.body + DATA_HEAD
        yield Text((*listing.path, listing.items, child), place, name, normative, kind, at, data.end - at)


def _shown(child: Box, name: str, *, keyed: bool) -> str:
    if not keyed and child.kind == b"----":
        return f"----:{_printable(name)}"
    return _printable(name)


def _printable(name: str) -> str:
    """A name in a file, as messages may show it; an index without a key is none."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in name[:100])


def _in_udta(walker: Walker, path: Path) -> Text:
    """A box of udta: its text follows on up to eight bytes of version, length or language."""
    around = path[-1]
    name = around.kind.decode("latin-1")
    head = walker.source.read(around.body, min(16, around.end - around.body))
    brace = head.find(b"{")
    if brace < 0:
        brace = 4 if len(head) >= 4 and name.startswith("\xa9") else 0
    at = around.body + brace
    return Text(
        path,
        f"moov/udta {_printable(name)}",
        name,
        normative=False,
        kind=UTF_8,
        at=at,
        length=around.end - at,
    )
