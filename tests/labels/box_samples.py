"""Boxes of ISO base media files, made without the reader's help."""

from __future__ import annotations

import struct

PLACE = "moov/udta/meta keys AIGC"
SAMPLES = b"one.two.three."
WHOLE = [b"one.", b"two.", b"thre"]
"""What the table of chunks of a movie points to."""


def box(kind: bytes, *content: bytes) -> bytes:
    data = b"".join(content)
    return struct.pack(">I4s", len(data) + 8, kind) + data


def item(kind: bytes, text: str, data_kind: int = 1) -> bytes:
    return box(kind, box(b"data", struct.pack(">II", data_kind, 0), text.encode()))


def keyed(*pairs: tuple[str, str], full: bool = True) -> bytes:
    """A meta box with keys; ISO's has version and flags, QuickTime's has none."""
    keys = [box(b"mdta", name.encode()) for name, _ in pairs]
    items = [item(struct.pack(">I", i), text) for i, (_, text) in enumerate(pairs, 1)]
    head = box(b"hdlr", bytes(8), b"mdta", bytes(13))
    return box(
        b"meta",
        bytes(4 * full),
        head,
        box(b"keys", struct.pack(">II", 0, len(keys)), *keys),
        box(b"ilst", *items),
    )


def keyless(*items: bytes) -> bytes:
    head = box(b"hdlr", bytes(8), b"mdirappl", bytes(9))
    return box(b"meta", bytes(4), head, box(b"ilst", *items))


def freeform(name: str, text: str) -> bytes:
    data = box(b"data", struct.pack(">II", 1, 0), text.encode())
    return box(
        b"----", box(b"mean", bytes(4), b"com.apple.iTunes"), box(b"name", bytes(4), name.encode()), data
    )


def track(offsets: list[int], *, wide: bool = False, more: bytes = b"", shared: bool = True) -> bytes:
    """A track whose samples stand at ``offsets``."""
    form = ">Q" if wide else ">I"
    table = struct.pack(">II", 0, len(offsets)) + b"".join(struct.pack(form, at) for at in offsets)
    url = box(b"url ", struct.pack(">I", shared))
    dinf = box(b"dinf", box(b"dref", struct.pack(">II", 0, 1), url))
    stbl = box(b"stbl", box(b"co64" if wide else b"stco", table), more)
    return box(b"trak", box(b"mdia", box(b"minf", dinf, stbl)))


def movie(
    *inside: bytes, before: bool = False, between: bytes = b"", wide: bool = False, more: bytes = b""
) -> bytes:
    """A file of three samples; ``before`` has its header stand before them."""
    head = box(b"ftyp", b"isom", bytes(4), b"isom")

    def moov(start: int) -> bytes:
        places = [start, start + 4, start + 8]
        return box(b"moov", box(b"mvhd", bytes(100)), track(places, wide=wide, more=more), *inside)

    if not before:
        return head + box(b"mdat", SAMPLES) + between + moov(len(head) + 8)
    start = len(head) + len(moov(0)) + len(between) + 8
    return head + moov(start) + between + box(b"mdat", SAMPLES)


def samples_of(data: bytes) -> list[bytes]:
    """What the table of chunks points to."""
    at = data.index(b"stco") if b"stco" in data else data.index(b"co64")
    form = ">I" if data[at : at + 4] == b"stco" else ">Q"
    (count,) = struct.unpack_from(">I", data, at + 8)
    width = struct.calcsize(form)
    return [data[(p := struct.unpack_from(form, data, at + 12 + i * width)[0]) : p + 4] for i in range(count)]
