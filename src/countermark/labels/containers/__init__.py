"""The containers that carry labels: how each is told by its bytes, and the module that knows it.

Each module answers two questions with two functions, and some a third:

``survey(source, limits) -> Blocks``
    what its metadata says;
``edits(source, fields, room, limits) -> list[Edit]``
    what has to change for the file to carry ``fields`` as its one label: where a label stands in a
    place that the standard or its guides name, there; else in the container's first place, and every
    copy elsewhere goes;
``carrier(source, limits) -> list[Edit]``
    what the content is without its label: what a signature over the content covers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from countermark.labels.blocks import Blocks
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room


class Codec(Protocol):
    """What a module of a container offers."""

    def survey(self, source: Source, limits: Limits) -> Blocks:
        """What the metadata says."""
        ...

    def edits(self, source: Source, fields: Fields, room: Room, limits: Limits) -> Sequence[Edit]:
        """What gives the file ``fields`` as its one label."""
        ...


@dataclass(frozen=True, slots=True)
class Container:
    """One family of files."""

    name: str
    title: str
    extensions: frozenset[str]
    """In lower case, without the dot."""
    place: str
    """Where a label is written first."""
    source: str
    """How that place is known: ``guide`` (a practice guide of TC260, by way of public texts), or
    ``own`` (no text names one: ours, so that other readers may not look there)."""
    sidecar: bool = False
    """The label stands in a file beside it, ``NAME.EXT.xmp``: the format itself has no place."""

    @property
    def codec(self) -> Codec:
        """The module that knows it."""
        return _module(self.name)


def _of(name: str, title: str, extensions: str, place: str, source: str) -> Container:
    sidecar = place == SIDECAR
    return Container(name, title, frozenset(extensions.split()), place, source, sidecar)


OFFICE = "docx xlsx pptx docm xlsm pptm"
SIDECAR = "XMP in a file beside it"
CONTAINERS = {
    container.name: container
    for container in (
        _of("jpeg", "JPEG", "jpg jpeg jpe jfif", "APP1, XMP property TC260:AIGC", "guide"),
        _of("png", "PNG", "png apng", "iTXt, XMP property TC260:AIGC", "guide"),
        _of("webp", "WebP", "webp", "chunk XMP, property TC260:AIGC", "guide"),
        _of("gif", "GIF", "gif", "application extension XMP Data, property TC260:AIGC", "guide"),
        _of("tiff", "TIFF", "tif tiff dng", "IFD0 tag 700, XMP property TC260:AIGC", "guide"),
        _of("heif", "HEIF, HEIC, AVIF", "heif heic hif avif", "XMP item, property TC260:AIGC", "guide"),
        _of("bmp", "BMP", "bmp dib", SIDECAR, "own"),
        _of("svg", "SVG", "svg", "metadata element, XMP property TC260:AIGC", "own"),
        _of("mp4", "MP4, MOV, M4A, M4V", "mp4 m4v m4a mov qt 3gp m4b", "moov/udta/meta, key AIGC", "guide"),
        _of("matroska", "MKV, WebM", "mkv webm mka mk3d", "Segment/Tags, SimpleTag AIGC", "guide"),
        _of("avi", "AVI", "avi", "LIST INFO, chunk AIGC", "guide"),
        _of("flv", "FLV", "flv f4v", "onMetaData, AIGC", "guide"),
        _of("mpegts", "MPEG-TS", "ts mts m2ts", SIDECAR, "own"),
        _of("mp3", "MP3", "mp3", "ID3v2, TXXX AIGC", "guide"),
        _of("wav", "WAV", "wav wave", "RIFF chunk AIGC", "guide"),
        _of("flac", "FLAC", "flac", "Vorbis comment AIGC", "guide"),
        _of("ogg", "Ogg Vorbis, Opus", "ogg oga opus ogv", "Vorbis comment AIGC", "guide"),
        _of("aac", "AAC (ADTS)", "aac", "ID3v2, TXXX AIGC", "own"),
        _of("pdf", "PDF", "pdf", "information dictionary, AIGC", "guide"),
        _of("ooxml", "DOCX, XLSX, PPTX", OFFICE, "docProps/custom.xml, AIGC", "guide"),
        _of("epub", "EPUB", "epub", "package document, meta AIGC", "own"),
        _of("ofd", "OFD", "ofd", "OFD.xml, CustomData AIGC", "own"),
        _of("markdown", "Markdown", "md markdown mdx", "YAML front matter, AIGC", "guide"),
        _of("html", "HTML", "html htm xhtml", "meta element AIGC", "own"),
        _of("json", "JSON", "json", "first key AIGC", "own"),
        _of("text", "plain text", "txt text log csv", SIDECAR, "own"),
        _of("xmp", "XMP sidecar", "xmp", "XMP property TC260:AIGC", "guide"),
    )
}
MODULES = {"json": "json_text", "xmp": "xmp_file", "text": "plain_text", "html": "html_page"}
"""Modules whose name is not the container's."""
MAGICS = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"ID3", "mp3"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"\x1aE\xdf\xa3", "matroska"),
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b"FLV\x01", "flv"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
)
RIFF_FORMS = {b"WEBP": "webp", b"WAVE": "wav", b"AVI ": "avi"}
STILL_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis", b"mif2"}
)
TEXTUAL = {
    extension: name
    for name in ("markdown", "json", "svg", "xmp", "html", "text")
    for extension in CONTAINERS[name].extensions
}
TEXT_HEAD = 4096
CONTROL = re.compile(rb"[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]")
"""Bytes that no text has, whatever its encoding; UTF-16 is not taken for text."""
PDF_WITHIN = 1024
"""A PDF's header may stand this far behind the start (ISO 32000-1, annex H)."""


def identify(source: Source, extension: str = "") -> Container | None:
    """What a file is, by its bytes; its extension decides only among the kinds of text.

    Args:
        source: the file.
        extension: in lower case, without the dot; empty where there is no name.
    """
    head = source.peek(0, 512)
    for magic, name in MAGICS:
        if head.startswith(magic):
            return CONTAINERS[_tagged(source) if magic == b"ID3" else name]
    found = _by_structure(source, head) or _by_text(source, head, extension)
    return CONTAINERS[found] if found else None


def _by_structure(source: Source, head: bytes) -> str:  # noqa: PLR0911 - one for each kind of signature
    if head[:4] in (b"RIFF", b"RF64", b"BW64"):
        return RIFF_FORMS.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return "heif" if head[8:12] in STILL_BRANDS else "mp4"
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "mp4" if int.from_bytes(head[:4], "big") <= source.size else ""
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return "bmp"
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _zip_kind(source)
    if b"%PDF-" in source.peek(0, PDF_WITHIN):
        return "pdf"
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return _by_frame(head)
    for packet in (188, 192) if CONTROL.search(head) else ():
        signs = [source.peek(packet - 188 + i * packet, 1) for i in range(4)]
        if signs[:3] == [b"G"] * 3 and signs[3] in (b"G", b""):
            return "mpegts"
    return ""


def _by_frame(head: bytes) -> str:
    """By the header of a frame of audio. Layer I is left out: UTF-16 begins with ``FF FE`` as well.

    Source: ISO/IEC 11172-3 clause 2.4.1.3; ISO/IEC 13818-7 clause 6.2 for ADTS.
    """
    if head[1] & 0xF6 == 0xF0:
        return "aac" * (head[2] >> 2 & 15 < 13)
    known = head[1] & 6 in (2, 4) and head[1] & 0x18 != 8
    return "mp3" * (known and head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C)


def _tagged(source: Source) -> str:
    from countermark.labels.containers import id3  # noqa: PLC0415 - what stands behind the tag decides

    return id3.kind(source)


def _zip_kind(source: Source) -> str:
    from countermark.labels.containers import zips  # noqa: PLC0415 - only where it is a ZIP archive

    return zips.kind(source)


def _by_text(source: Source, head: bytes, extension: str) -> str:  # noqa: PLR0911 - likewise
    if not head or CONTROL.search(head):
        return ""
    text = source.peek(0, TEXT_HEAD).decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    start = text[:512].lower()
    if start.startswith(("<?xpacket", "<x:xmpmeta")):
        return "xmp"
    if start.startswith(("<?xml", "<svg", "<!--", "<!doctype svg")) and re.search(r"<svg[\s>]", text):
        return "svg"
    if start.startswith(("<!doctype html", "<html")):
        return "html"
    if extension:
        return TEXTUAL.get(extension, "")
    if "\ufffd" in text[:-1]:
        return ""
    if start.startswith(("{", "[")):
        return "json"
    return "markdown" if start.startswith("---") else "text"


@cache
def _module(name: str) -> Codec:
    return cast("Codec", import_module(f"countermark.labels.containers.{MODULES.get(name, name)}"))
