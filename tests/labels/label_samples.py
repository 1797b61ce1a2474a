"""Labels and the containers that carry them, made without the reader's help."""

from __future__ import annotations

import io
import json
import struct
import zlib
from html import escape

from PIL import Image

FIELDS = {
    "Label": "1",
    "ContentProducer": "001191110105MA0EXAMPLE00000",
    "ProduceID": "20260301-000017",
    "ReservedCode1": "",
    "ContentPropagator": "",
    "PropagateID": "",
    "ReservedCode2": "",
}
BARE = json.dumps(FIELDS, ensure_ascii=False)
WRAPPED = json.dumps({"AIGC": FIELDS}, ensure_ascii=False)
USER_COMMENT, IMAGE_DESCRIPTION, EXIF_IFD, SOFTWARE = 0x9286, 0x010E, 0x8769, 0x0131
XMP_HEAD = b"http://ns.adobe.com/xap/1.0/\0"


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 80, 10)).save(out, "JPEG")
    return out.getvalue()


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 80, 10)).save(out, "PNG")
    return out.getvalue()


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def in_jpeg(*segments: bytes) -> bytes:
    """A JPEG with the segments behind its start."""
    image = jpeg()
    return image[:2] + b"".join(segments) + image[2:]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def in_png(*before: bytes, after: tuple[bytes, ...] = ()) -> bytes:
    """A PNG with chunks behind its header, and between its image data and its end."""
    image = png()
    header_end = 8 + 12 + 13
    end = image.index(b"IEND") - 4
    return image[:header_end] + b"".join(before) + image[header_end:end] + b"".join(after) + image[end:]


def text_chunk(keyword: str, text: str) -> bytes:
    return chunk(b"tEXt", keyword.encode() + b"\0" + text.encode())


def packed_chunk(keyword: str, text: bytes) -> bytes:
    return chunk(b"zTXt", keyword.encode() + b"\0\0" + zlib.compress(text))


def international_chunk(keyword: str, text: bytes, *, packed: bool = False) -> bytes:
    body = zlib.compress(text) if packed else text
    return chunk(b"iTXt", keyword.encode() + b"\0" + bytes([packed, 0]) + b"zh\0" + b"x\0" + body)


def xmp_element(text: str, name: str = "AIGC") -> bytes:
    return _xmp(
        f"<rdf:Description rdf:about=''><TC260:{name}>{escape(text)}</TC260:{name}></rdf:Description>"
    )


def xmp_attribute(text: str, name: str = "AIGC") -> bytes:
    return _xmp(f'<rdf:Description rdf:about="" TC260:{name}="{escape(text)}"/>')


def _xmp(body: str) -> bytes:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"'
        ' xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"{body}</rdf:RDF></x:xmpmeta>"
        '<?xpacket end="w"?>' + " " * 50
    ).encode()


def xmp_body(body: str) -> bytes:
    """A packet with any RDF in it."""
    return _xmp(body)


def xmp_segment(packet: bytes) -> bytes:
    return segment(0xE1, XMP_HEAD + packet)


def exif_segment(block: bytes) -> bytes:
    return segment(0xE1, b"Exif\0\0" + block)


def exif(
    order: str, *entries: tuple[int, int, bytes], deeper: tuple[tuple[int, int, bytes], ...] = ()
) -> bytes:
    """A TIFF block: ``entries`` (tag, type, value) in its first directory, ``deeper`` in the EXIF one."""
    mark = b"II" if order == "<" else b"MM"
    inner_at = 8 + 2 + 12 * (len(entries) + bool(deeper)) + 4
    values_at = inner_at + (2 + 12 * len(deeper) + 4 if deeper else 0)
    values = b""

    def directory(rows: list[tuple[int, int, bytes | int]]) -> bytes:
        nonlocal values
        out = struct.pack(f"{order}H", len(rows))
        for tag, kind, value in rows:
            if isinstance(value, int):
                out += struct.pack(f"{order}HHII", tag, kind, 1, value)
            elif len(value) <= 4:
                out += struct.pack(f"{order}HHI", tag, kind, len(value)) + value.ljust(4, b"\0")
            else:
                out += struct.pack(f"{order}HHII", tag, kind, len(value), values_at + len(values))
                values += value
        return out + struct.pack(f"{order}I", 0)

    pointer: list[tuple[int, int, bytes | int]] = [(EXIF_IFD, 4, inner_at)] if deeper else []
    first = directory([*entries, *pointer])
    second = directory(list(deeper)) if deeper else b""
    return mark + struct.pack(f"{order}HI", 42, 8) + first + second + values


def comment(order: str, value: bytes) -> bytes:
    """An EXIF block with a UserComment where cameras put it."""
    return exif(order, (SOFTWARE, 2, b"Paint 1.0\0"), deeper=((USER_COMMENT, 7, value),))
