"""What a program that knows nothing of labels makes of a file: the content, which a label must not touch.

Each function gives a value to compare, or None where that program cannot read the file.
"""

from __future__ import annotations

import io
import json
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import av
import pikepdf
from PIL import Image, UnidentifiedImageError

av.logging.set_level(av.logging.WARNING)
av.logging.set_skip_repeated(False)  # a warning counts each time
MAX_PIXELS = 1 << 22
MAX_FRAMES = 32
MAX_PACKETS = 2000
MAX_MEMBER = 8 << 20
SHOWN = ("icc_profile", "duration", "loop", "transparency", "gamma", "srgb")
"""What of a picture's facts decides how it looks."""
CHANGED = {
    "ooxml": {"docProps/custom.xml", "[Content_Types].xml", "_rels/.rels"},
    "ofd": {"OFD.xml"},
}
"""Members of an archive that the label stands in, or that name it."""
BROKEN_PICTURE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    AssertionError,
    struct.error,
    zlib.error,
    MemoryError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
    ZeroDivisionError,
    Image.DecompressionBombError,
    UnidentifiedImageError,
)
"""What Pillow raises for files that it cannot read."""


def pixels(data: bytes) -> list[Any] | None:
    """Every frame as Pillow decodes it."""
    frames = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data)) as image:
                count = min(getattr(image, "n_frames", 1), MAX_FRAMES)
                for number in range(count):
                    image.seek(number)
                    if image.width * image.height > MAX_PIXELS:
                        return None
                    if image.format == "TIFF" and min(image.tag_v2.get(273, (8,)), default=8) < 8:
                        return None  # its pixels are the header
                    image.load()
                    shown = [image.info.get(name) for name in SHOWN]
                    frames.append((image.mode, image.size, image.tobytes(), shown))
        except BROKEN_PICTURE:
            return None
    return frames


def packets(data: bytes, form: str | None = None) -> list[Any] | None:
    """Every packet as FFmpeg's libraries take it out of its container without a warning."""
    found: list[Any] = []
    try:
        with av.logging.Capture() as said, av.open(io.BytesIO(data), format=form) as media:
            streams = [(s.type, s.codec_context.name if s.codec_context else "") for s in media.streams]
            for packet in media.demux():
                if not packet.size or packet.stream.type not in ("audio", "video"):
                    continue
                if packet.is_corrupt or not _in_media(data, packet.pos or 0, packet.size):
                    return None
                found.append((packet.stream_index, packet.pts, packet.dts, bytes(packet)))
                if len(found) >= MAX_PACKETS:
                    break
    except (av.FFmpegError, ValueError, OverflowError, MemoryError):
        return None
    return [streams, *found] if found and not said else None


def _in_media(data: bytes, start: int, size: int) -> bool:
    """Whether a packet of an MP4 file lies in a box for media, not in metadata; true for other files."""
    if data[4:8] not in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return True
    at = 0
    while at + 8 <= min(start, len(data)):
        length, kind = struct.unpack_from(">I4s", data, at)
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        end = at + length if length else len(data)
        if kind in (b"mdat", b"idat") and start + size <= end:
            return True
        if length < 8:
            return False
        at = end
    return False


def chunks(data: bytes) -> list[Any] | None:
    """The samples and their description in a WAV file whose sizes are plainly stated."""
    found: list[Any] = []
    at = 12
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        if at + 8 + size > len(data):
            return None
        if kind in (b"fmt ", b"data", b"ds64", b"fact", b"cue "):
            found.append((kind, data[at + 8 : at + 8 + size] if kind != b"ds64" else b""))
        at += 8 + size + size % 2
    return found


def members(data: bytes, changed: set[str]) -> dict[str, Any] | None:
    """Every member of an archive but those that a label changes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if sum(info.file_size for info in infos) > MAX_MEMBER:
                return None
            return {
                info.filename: (info.compress_type, info.date_time, archive.read(info))
                for info in infos
                if info.filename not in changed and not info.filename.endswith(".opf")
            }
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
        return None


def pages(data: bytes) -> list[Any] | None:
    """What the pages of a PDF show, where it is whole."""
    try:
        with pikepdf.open(io.BytesIO(data), attempt_recovery=False) as pdf:
            if pdf.get_warnings():
                return None
            shown: list[Any] = []
            for page in pdf.pages:
                contents = page.obj.get("/Contents")
                parts = contents if isinstance(contents, pikepdf.Array) else [contents]
                shown.append([part.read_bytes() for part in parts if isinstance(part, pikepdf.Stream)])
            return [len(pdf.pages), *shown, None if pdf.get_warnings() else "whole"]
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError, KeyError, AttributeError):
        return None


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[Any] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta" or "aigc" not in str(dict(attrs).get("name")).lower():
            self.found.append((tag, attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.found.append(tag)

    def handle_data(self, data: str) -> None:
        self.found.append(data.strip())

    def handle_decl(self, decl: str) -> None:
        self.found.append(decl)


def tags(data: bytes) -> list[Any] | None:
    """The tags and texts of an HTML page without its label; a head is supplied where there is none."""
    parser = _Tags()
    try:
        parser.feed(data.decode())
    except (UnicodeDecodeError, AssertionError):
        return None
    text = "".join(item for item in parser.found if isinstance(item, str) and item not in ("head", "html"))
    return [text, [item for item in parser.found if not isinstance(item, str) and item[0] != "head"]]


def elements(data: bytes) -> list[Any] | None:
    """The elements of an SVG picture outside its metadata."""
    try:
        root = ET.fromstring(data)  # noqa: S314 - the bytes are made here
    except (ET.ParseError, ValueError, LookupError):
        return None
    found: list[Any] = []

    def walk(element: ET.Element) -> None:
        found.extend((element.tag, element.attrib, (element.text or "").strip()))
        for child in element:
            if not str(child.tag).endswith("}metadata") and child.tag != "metadata":
                walk(child)
            found.append((child.tail or "").strip())

    try:
        walk(root)
    except RecursionError:
        return None
    return [item for item in found if item]


def value(data: bytes) -> Any:
    """The value of a JSON text without its label."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, dict):
        found = {key: item for key, item in found.items() if key.lower() != "aigc"}
    return repr(found)


PICTURES = ("jpeg", "png", "webp", "gif", "tiff", "bmp", "heif")
STREAMS = ("mp4", "matroska", "avi", "flv", "mp3", "flac", "ogg", "aac")
CONTENT: dict[str, Callable[[bytes], Any]] = {
    **dict.fromkeys(PICTURES, pixels),
    **dict.fromkeys(STREAMS, packets),
    "mp3": lambda data: packets(data, "mp3"),
    "wav": chunks,
    "pdf": pages,
    "html": tags,
    "svg": elements,
    "json": value,
    "ooxml": lambda data: members(data, CHANGED["ooxml"]),
    "epub": lambda data: members(data, set()),
    "ofd": lambda data: members(data, CHANGED["ofd"]),
}
