"""Small files that ask for endless work: each ends soon, in a value or a named error, in bounded memory."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest
from box_samples import box
from label_samples import (
    BARE,
    FIELDS,
    chunk,
    in_jpeg,
    in_png,
    international_chunk,
    packed_chunk,
    xmp_body,
    xmp_element,
    xmp_segment,
)
from test_ooxml import parts
from test_pdf import objects, stream, with_table

from countermark import labels

MIB = 1 << 20
PEAK = 64 * MIB
FEW = labels.Limits(elements=1 << 16)
"""Fewer elements than by default: counting memory makes everything slow."""
OURS = labels.Fields("1", FIELDS["ContentProducer"], FIELDS["ProduceID"])
ENTITIES = "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 12))
LAUGHS = f"<!DOCTYPE x [<!ENTITY a0 'ha'>{ENTITIES}]>"


def office(**replaced: bytes) -> bytes:
    """A DOCX with members of other content, packed."""
    out = io.BytesIO()
    names = {"types": "[Content_Types].xml", "custom": "docProps/custom.xml", "rels": "_rels/.rels"}
    members = {**parts(), **{names[key]: value for key, value in replaced.items()}}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def nested(kind: bytes, depth: int, body: bytes = b"", skip: bytes = b"") -> bytes:
    """Boxes in boxes."""
    head = bytearray()
    length = depth * (8 + len(skip)) + len(body)
    for _ in range(depth):
        head += struct.pack(">I", length) + kind + skip
        length -= 8 + len(skip)
    return bytes(head) + body


def lists(depth: int) -> bytes:
    """LIST in LIST of a RIFF file."""
    size = depth * 12
    body = b"".join(b"LIST" + struct.pack("<I", size - i * 12 - 8) + b"INFO" for i in range(depth))
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"AVI " + body


def ogg_page(number: int, body: bytes = b"", flags: int = 0) -> bytes:
    lacing = bytes([len(body)]) if body else b""
    return b"OggS\0" + struct.pack("<BqIIIB", flags, 0, 1, number, 0, len(lacing)) + lacing + body


def tag(frames: bytes, size: int | None = None) -> bytes:
    size = len(frames) if size is None else size
    return b"ID3\4\0\0" + bytes(size >> s & 0x7F for s in (21, 14, 7, 0)) + frames + b"\xff\xfb\x90\0" * 9


def flv_tag(data: bytes) -> bytes:
    return b"\x12" + len(data).to_bytes(3, "big") + bytes(7) + data + struct.pack(">I", len(data) + 11)


def tiff(*directories: tuple[list[tuple[int, int, int, int]], int]) -> bytes:
    """Directories one behind the other: entries (tag, type, number, value), and the offset of the next."""
    out = b"II*\0\x08\0\0\0"
    for rows, following in directories:
        out += struct.pack("<H", len(rows)) + b"".join(struct.pack("<HHII", *row) for row in rows)
        out += struct.pack("<I", following)
    return out


def item_table() -> bytes:
    """65,535 items of 65,535 parts each, of no width: 8 bytes for each item."""
    rows = b"".join(struct.pack(">HHH", item, 0, 0xFFFF) for item in range(1, 0xFFFF))
    meta = box(b"iloc", b"\0\0\0\0\0\0\xff\xfe", rows), box(b"iinf", bytes(6))
    return box(b"ftyp", b"heic", bytes(4), b"mif1") + box(b"meta", bytes(4), *meta)


def pdf(info: str) -> bytes:
    bodies = objects()
    bodies[5] = info.encode()
    return with_table(bodies)


def packed_metadata() -> bytes:
    bodies = objects()
    bodies[0] = b"<< /Type /Catalog /Pages 2 0 R /Metadata 7 0 R >>"
    packed = zlib.compress(zlib.compress(bytes(64 * MIB), 1), 1)
    return with_table([*bodies, stream(packed, "/Type /Metadata /Filter [/FlateDecode /FlateDecode]")])


MANY = xmp_body(f"<rdf:Description><TC260:AIGC>{BARE}</TC260:AIGC></rdf:Description>" * 5000)
EBML = b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"
COMMENTS = b"\x03vorbis" + struct.pack("<I", 0) + b"\xff\xff\xff\xff"
MADE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "zip: a member that unpacks to 100 MiB": ("docx", lambda: office(types=bytes(100 * MIB))),
    "zip: properties that unpack to 100 MiB": ("docx", lambda: office(custom=b" " * (100 * MIB))),
    "zip: entities in entities": ("docx", lambda: office(custom=f"{LAUGHS}<x>&a11;</x>".encode())),
    "zip: elements in elements": ("docx", lambda: office(custom=b"<a>" * 500_000)),
    "svg: entities in entities": ("svg", f"{LAUGHS}<svg>&a11;</svg>".encode),
    "svg: elements in elements": ("svg", lambda: b"<svg>" + b"<g>" * 1_000_000),
    "xmp: entities in entities": (
        "jpg",
        lambda: in_jpeg(xmp_segment(LAUGHS.encode() + xmp_element(BARE).replace(b"Label", b"&a11;"))),
    ),
    "xmp: elements in elements": (
        "png",
        lambda: in_png(international_chunk("XML:com.adobe.xmp", b"<a>" * MIB)),
    ),
    "xmp: 5,000 labels": ("png", lambda: in_png(international_chunk("XML:com.adobe.xmp", MANY))),
    "png: a text that unpacks to 100 MiB": ("png", lambda: in_png(packed_chunk("AIGC", bytes(100 * MIB)))),
    "png: 500,000 chunks": ("png", lambda: in_png(chunk(b"tEXt", b"") * 500_000)),
    "png: a length of 4 GiB": ("png", lambda: in_png(b"\xff\xff\xff\xfftEXtAIGC")),
    "jpeg: fill bytes without end": ("jpg", lambda: b"\xff\xd8" + b"\xff" * (40 * MIB)),
    "jpeg: empty segments without end": ("jpg", lambda: b"\xff\xd8" + b"\xff\xe1\0\2" * (4 * MIB)),
    "gif: 32 MiB of sub-blocks": ("gif", lambda: b"GIF89a\1\0\1\0\0\0\0!\xfe" + b"\xff" * (32 * MIB)),
    "gif: a million extensions": ("gif", lambda: b"GIF89a\1\0\1\0\0\0\0" + b"!\xf9\0" * MIB),
    "tiff: directories in a circle": ("tif", lambda: tiff(([(256, 3, 1, 1)], 26), ([(256, 3, 1, 1)], 8))),
    "tiff: a directory that is its own EXIF": ("tif", lambda: tiff(([(0x8769, 4, 1, 8)], 8))),
    "tiff: a packet of 4 GiB": ("tif", lambda: tiff(([(700, 7, 0xFFFFFFFF, 8)], 0))),
    "webp: a chunk of 4 GiB": ("webp", lambda: b"RIFF\xff\xff\xff\xffWEBPXMP \xff\xff\xff\xff"),
    "heif: parts of items without width": ("heic", item_table),
    "mp4: boxes in boxes": ("mp4", lambda: box(b"ftyp", b"isom", bytes(4)) + nested(b"moov", 100_000)),
    "mp4: meta in meta": (
        "mp4",
        lambda: box(b"ftyp", b"isom", bytes(4)) + box(b"moov", nested(b"meta", 100_000, skip=bytes(4))),
    ),
    "mp4: a million empty boxes": ("mp4", lambda: box(b"ftyp", b"isom", bytes(4)) + box(b"free") * (2 * MIB)),
    "mp4: a table of 4 GiB": (
        "mp4",
        lambda: box(b"ftyp", b"isom", bytes(4)) + box(b"moov", b"\0\0\0\1meta\xff\0\0\0\0\0\0\0"),
    ),
    "matroska: clusters of unknown size": ("mkv", lambda: EBML + b"\x1f\x43\xb6\x75\xff" * MIB),
    "matroska: tags in tags": ("mkv", lambda: EBML + b"\x12\x54\xc3\x67\xff" + b"\x67\xc8\xff" * 300_000),
    "avi: lists in lists": ("avi", lambda: lists(100_000)),
    "wav: a million empty chunks": (
        "wav",
        lambda: b"RIFF" + struct.pack("<I", 8 * MIB + 4) + b"WAVE" + b"junk\0\0\0\0" * MIB,
    ),
    "mp3: a frame of 256 MiB": (
        "mp3",
        lambda: tag(b"TXXX\x7f\x7f\x7f\x7f\0\0\3AIGC\0" + BARE.encode(), (1 << 28) - 1),
    ),
    "mp3: a million frames": ("mp3", lambda: tag(b"TIT2\0\0\0\0\0\0" * MIB)),
    "mp3: a thousand tags": ("mp3", lambda: tag(b"")[:10] * 100_000),
    "flac: 4 milliard comments": (
        "flac",
        lambda: b"fLaC\0\0\0\x22" + bytes(34) + b"\x84\0\0\x08" + bytes(4) + b"\xff\xff\xff\xff",
    ),
    "flac: a million blocks": ("flac", lambda: b"fLaC\0\0\0\x22" + bytes(34) + b"\x02\0\0\0" * (2 * MIB)),
    "ogg: 500,000 pages": (
        "ogg",
        lambda: ogg_page(0, b"\x01vorbis" + bytes(23), 2) + ogg_page(1, b"x") * 500_000,
    ),
    "ogg: 4 milliard comments": (
        "ogg",
        lambda: ogg_page(0, b"\x01vorbis" + bytes(23), 2) + ogg_page(1, COMMENTS) + ogg_page(2, b"\5vorbis"),
    ),
    "flv: objects in objects": (
        "flv",
        lambda: b"FLV\1\5\0\0\0\x09\0\0\0\0" + flv_tag(b"\2\0\nonMetaData" + b"\3\0\1a" * 1_000_000),
    ),
    "flv: a million empty tags": ("flv", lambda: b"FLV\1\5\0\0\0\x09\0\0\0\0" + flv_tag(b"") * MIB),
    "pdf: an object that refers to itself": ("pdf", lambda: pdf("6 0 R")),
    "pdf: arrays in arrays": ("pdf", lambda: pdf(f"<< /AIGC {'[' * 1_000_000}")),
    "pdf: sections in a circle": ("pdf", lambda: with_table(objects(), keys="/Info 6 0 R /Prev 9")),
    "pdf: a packed packet in a packed packet": ("pdf", packed_metadata),
    "markdown: brackets": ("md", lambda: b"---\nAIGC: " + b"[" * 65_000 + b"\n---\n"),
    "markdown: braces": ("md", lambda: b"---\nAIGC: " + b"{a: " * 16_000 + b"\n---\n"),
    "markdown: lists in lists": ("md", lambda: b"---\nAIGC: 1\na: " + b"- " * 32_000 + b"\n---\n"),
    "markdown: anchors of anchors": (
        "md",
        lambda: (
            b"---\nAIGC: {}\na0: &a0 [x]\n"
            + b"".join(b"a%d: &a%d [%b]\n" % (i, i, b",".join([b"*a%d" % (i - 1)] * 9)) for i in range(1, 99))
            + b"---\n"
        ),
    ),
    "markdown: 5,000 keys": ("md", lambda: b"---\nAIGC: 1\n" + b"a: b\n" * 5_000 + b"---\n"),
    "json: lists in lists": ("json", lambda: b'{"a": ' + b"[" * 400_000),
    "json: objects in objects": ("json", lambda: b'{"AIGC":' * 100_000),
    "json: a number of a million digits": ("json", lambda: b'{"a": ' + b"9" * 1_000_000 + b"}"),
    "html: a million open tags": ("html", lambda: b"<!DOCTYPE html><html><head>" + b"<meta name=" * MIB),
    "html: 5,000 labels": ("html", lambda: b"<html><head>" + b'<meta name="AIGC" content="{}">' * 5_000),
    "label: brackets": ("jpg", lambda: in_jpeg(xmp_segment(xmp_element("[" * 60_000)))),
}


@pytest.mark.timeout(60)  # a hang, not a measure
@pytest.mark.parametrize("name", MADE)
def test_a_hostile_file_ends_soon_in_a_value_or_a_named_error(name: str) -> None:
    extension, make = MADE[name]
    data, options = make(), labels.Options(break_signature=True, name=f"a.{extension}", limits=FEW)
    tracemalloc.start()
    with suppress(labels.LabelError):
        labels.read(data, name=options.name, limits=FEW)
        labels.write(data, OURS, options=options)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < PEAK + 3 * len(data)


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("zip: properties that unpack to 100 MiB", labels.Limits(metadata_bytes=1000)),
        ("png: 500,000 chunks", labels.Limits(elements=1000)),
        ("mp4: a million empty boxes", labels.Limits(elements=1000)),
        ("wav: a million empty chunks", labels.Limits(elements=1000)),
        ("flac: a million blocks", labels.Limits(elements=1000)),
        ("flv: a million empty tags", labels.Limits(elements=1000)),
        ("gif: a million extensions", labels.Limits(elements=1000)),
        ("mp3: a million frames", labels.Limits(elements=1000)),
        ("matroska: clusters of unknown size", labels.Limits(elements=1000)),
    ],
)
def test_the_limits_can_be_set(name: str, limits: labels.Limits) -> None:
    extension, make = MADE[name]
    with pytest.raises(labels.TooLargeError, match=r"more than|limit"):
        labels.read(make(), limits=limits, name=f"a.{extension}")
