"""RIFF files and still pictures, made without the reader's help."""

from __future__ import annotations

import io
import struct

from hypothesis import strategies as st
from PIL import Image

JUMBF = b"\0\0\0\x20jumb\0\0\0\x18jumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71\x03c2pa\0"
FORMAT = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)


def chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def riff(form: bytes, *parts: bytes) -> bytes:
    return chunk(b"RIFF", form + b"".join(parts))


def info(*texts: tuple[bytes, bytes]) -> bytes:
    return chunk(b"LIST", b"INFO" + b"".join(chunk(kind, text) for kind, text in texts))


def parts(data: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of a RIFF, with the size in its head checked."""
    assert struct.unpack_from("<I", data, 4) == (len(data) - 8,)
    found, at = [], 12
    while at < len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        found.append((kind, data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    assert at == len(data)
    return found


def picture(form: str, mode: str = "RGB", size: tuple[int, int] = (9, 7), **options: object) -> bytes:
    """A gradient, saved by Pillow."""
    image = Image.linear_gradient("L").resize(size).convert(mode)
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def clear(form: str, **options: object) -> bytes:
    """A gradient that one can see through."""
    grey = Image.linear_gradient("L").resize((9, 7))
    out = io.BytesIO()
    Image.merge("RGBA", (grey, grey, grey, grey)).save(out, form, **options)
    return out.getvalue()


def animated(form: str, **options: object) -> bytes:
    """Three frames of different colours."""
    frames = [Image.new("RGB", (9, 7), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=100, loop=0, **options)
    return out.getvalue()


def pixels(data: bytes) -> list[tuple[str, tuple[int, int], bytes]]:
    """Every frame, as Pillow decodes it."""
    found = []
    with Image.open(io.BytesIO(data)) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            found.append((image.mode, image.size, image.tobytes()))
    return found


Row = tuple[int, int, bytes | int]
"""Tag, type, and the value; a number where it is one."""


class Made:
    """A TIFF that is put together piece by piece: values first, directories behind them."""

    def __init__(self, order: str = "<", *, big: bool = False) -> None:
        self.order, self.big = order, big
        mark = b"II" if order == "<" else b"MM"
        self.data = mark + (
            struct.pack(f"{order}HHHQ", 43, 8, 0, 0) if big else struct.pack(f"{order}HI", 42, 0)
        )
        self.next_at = 8 if big else 4

    def put(self, value: bytes) -> int:
        self.data += b"\0" * (-len(self.data) % 8)
        self.data += value
        return len(self.data) - len(value)

    def row(self, tag: int, kind: int, value: bytes | int) -> bytes:
        width, number = (8, "Q") if self.big else (4, "I")
        if isinstance(value, int):
            letter = {3: "H", 4: "I"}[kind]
            raw, many = struct.pack(self.order + letter, value), 1
        else:
            raw, many = value, len(value)
        if len(raw) > width:
            raw = struct.pack(self.order + number, self.put(raw))
        return struct.pack(f"{self.order}HH{number}", tag, kind, many) + raw.ljust(width, b"\0")

    def directory(self, *rows: Row) -> int:
        made = [self.row(*row) for row in sorted(rows, key=lambda row: row[0])]
        count = struct.pack(self.order + ("Q" if self.big else "H"), len(made))
        return self.put(count + b"".join(made) + bytes(8 if self.big else 4))

    def page(self, *rows: Row) -> Made:
        """One grey picture of 4 × 2 pixels, with more entries."""
        strip = self.put(bytes(range(8)))
        image = ((256, 4), (257, 2), (258, 8), (259, 1), (262, 1), (277, 1), (278, 2), (279, 8))
        at = self.directory(*((tag, 3, value) for tag, value in image), (273, 4, strip), *rows)
        width, number = (8, "Q") if self.big else (4, "I")
        end = self.next_at + width
        self.data = self.data[: self.next_at] + struct.pack(self.order + number, at) + self.data[end:]
        self.next_at = len(self.data) - width
        return self


def bent(data: st.DataObject, wholes: list[bytes], first: int) -> bytes:
    """One of the files with a few bytes behind ``first`` changed, put in or left out."""
    whole = data.draw(st.sampled_from(wholes))
    at = data.draw(st.integers(first, len(whole)))
    return whole[:at] + data.draw(st.binary(max_size=12)) + whole[at + data.draw(st.integers(0, 12)) :]
