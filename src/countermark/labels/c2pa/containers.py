"""Which containers take a manifest, and which files the C2PA library would damage by it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from countermark.labels.containers import item_locations
from countermark.labels.containers.boxes import Walker
from countermark.labels.containers.item_locations import IN_FILE, Table
from countermark.labels.containers.mp4_offsets import meta_content
from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.source import DEFAULT_LIMITS, opened

CONTAINERS: Mapping[str, str] = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WebP": "image/webp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "HEIC": "image/heic",
    "JPEG XL": "image/jxl",
    "SVG": "image/svg+xml",
    "MP4": "video/mp4",
    "MOV": "video/quicktime",
    "AVI": "video/avi",
    "M4A": "audio/mp4",
    "MP3": "audio/mpeg",
    "WAV": "audio/wav",
    "FLAC": "audio/flac",
    "PDF": "application/pdf",
}
"""Containers that take a manifest, with their media types: each was signed and read back as valid.

Tried, and not supported by the library: OGG, Opus, AAC, Matroska and WebM, FLV, MPEG-TS, BMP, RF64, a MOV
without a file type box, HTML, Markdown, text, JSON. It lists DOCX, XLSX, PPTX and EPUB, but fails where one
entry of the ZIP is compressed. A TIFF of several pages gets one more directory, which is no page.
"""
STARTS = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"fLaC": "FLAC",
    b"ID3": "MP3",
    b"%PDF-": "PDF",
}
RIFF_KINDS = {b"WEBP": "WebP", b"AVI ": "AVI", b"WAVE": "WAV"}
BRANDS = {b"avif": "AVIF", b"avis": "AVIF", b"M4A ": "M4A", b"M4B ": "M4A", b"qt  ": "MOV"}
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
HEAD = 4096
STREAMED = ("MP4", "MOV", "M4A")
"""The library reads and signs these in some 550 MiB of memory, whatever their size."""
MAX_WHOLE = 1 << 30
"""Most bytes of a file of any other kind, which takes two to three times its size in memory."""


class UnsupportedContainerError(LabelError):
    """A container in which the library has no place for a manifest."""


def media_type(stream: IO[bytes]) -> str:
    """The media type by content, with the stream at its start again.

    Raises:
        UnsupportedContainerError: a container without a place for a manifest.
        TooLargeError: more than `MAX_WHOLE`, of a kind that has to fit into memory.
    """
    stream.seek(0)
    head = stream.read(HEAD)
    name, size = _container(head), stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if name and name not in STREAMED and size > MAX_WHOLE:
        raise TooLargeError(
            f"{name} of {size:,} bytes: more than {MAX_WHOLE:,} would have to fit into memory"
        )
    if name:
        return CONTAINERS[name]
    packed = " (the library reads a ZIP only without compression)" if head.startswith(b"PK\x03\x04") else ""
    raise UnsupportedContainerError(
        f"C2PA goes into {', '.join(CONTAINERS)}, and this is none of them{packed}"
    )


def _container(head: bytes) -> str:
    for start, name in STARTS.items():
        if head.startswith(start):
            return name
    if head.startswith(b"RIFF"):
        return RIFF_KINDS.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return "HEIC" if head[8:12] in HEIF_BRANDS else BRANDS.get(head[8:12], "MP4")
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:  # frame sync of MPEG layer III
        return "MP3"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return "SVG" if text.startswith(b"<") and b"<svg" in text and b"<html" not in text else ""


def refuse_damage(path: Path) -> None:
    """Refuse the files that the library damages and then calls valid (seen with c2pa-rs 0.91.3).

    Raises:
        LabelError: it is one of these, or its boxes are broken.
    """
    with path.open("rb") as stream:
        is_heif = media_type(stream) in (CONTAINERS["HEIC"], CONTAINERS["AVIF"])
    table = _item_locations(path) if is_heif else None
    if table and shifts_twice(table):
        raise LabelError(
            "C2PA would damage it: the library shifts an item twice whose base offset is 0, in a box (iloc) "
            "with base offsets; write that box without them"
        )


def shifts_twice(table: Table) -> bool:
    """Whether an item that lies in the file has a base offset of 0, in a table with base offsets."""
    return table.base_width > 0 and any(one.method == IN_FILE and not one.base for one in table.locations)


def _item_locations(path: Path) -> Table | None:
    with opened(path) as source:
        walker = Walker(source, DEFAULT_LIMITS)
        meta = next((box for box in walker.top() if box.kind == b"meta"), None)
        boxes = meta_content(walker, meta) if meta else ()
        found = next((box for box in boxes if box.kind == b"iloc"), None)
        return item_locations.parse(walker.content(found), walker.limits) if found else None
