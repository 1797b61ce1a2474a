"""The shipped label font as a PDF font: which glyph each character has, how wide it is, and the whole file.

Source: OpenType 1.9 (``cmap`` format 4, ``head``, ``hhea``, ``hmtx``, ``OS/2``); ISO 32000-1, sections 9.7
(composite fonts) and 9.10.3 (ToUnicode).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from countermark.labels.defects import LabelError

if TYPE_CHECKING:
    import pikepdf

FONT = "CountermarkLabel-Medium"


@dataclass(frozen=True, slots=True)
class Face:
    """What of a TrueType font a PDF says again. Lengths are thousandths of the font size."""

    data: bytes
    glyphs: dict[int, int]
    """Code point → glyph."""
    widths: tuple[int, ...]
    """Advance of each glyph."""
    box: tuple[int, int, int, int]
    ascent: int
    descent: int
    cap_height: int

    def codes(self, text: str) -> list[int]:
        """The glyph of each character.

        Raises:
            LabelError: the font lacks some; the message names them.
        """
        missing = sorted({character for character in text if ord(character) not in self.glyphs})
        if missing:
            raise LabelError(f"the label font has no {' '.join(missing)}")
        return [self.glyphs[ord(character)] for character in text]

    def width(self, text: str) -> float:
        """Of a text, as a multiple of the font size."""
        return sum(self.widths[glyph] for glyph in self.codes(text)) / 1000


@lru_cache(maxsize=1)
def face() -> Face:
    """The font that the package ships. Its layout is known, so nothing is checked here."""
    data = files("countermark.labels.explicit").joinpath("fonts", f"{FONT}.ttf").read_bytes()
    tables = _tables(data)
    head, hhea, os2 = tables["head"], tables["hhea"], tables["OS/2"]
    (units,) = struct.unpack_from(">H", head, 18)
    (metrics,) = struct.unpack_from(">H", hhea, 34)
    (count,) = struct.unpack_from(">H", tables["maxp"], 4)
    advances = [struct.unpack_from(">H", tables["hmtx"], 4 * i)[0] for i in range(metrics)]
    advances += advances[-1:] * (count - metrics)

    def scaled(values: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(round(value * 1000 / units) for value in values)

    left, bottom, right, top = scaled(struct.unpack_from(">4h", head, 36))
    ascent, descent = scaled(struct.unpack_from(">2h", hhea, 4))
    (cap_height,) = scaled(struct.unpack_from(">h", os2, 88))
    widths = scaled(tuple(advances))
    return Face(
        data, _glyphs(tables["cmap"]), widths, (left, bottom, right, top), ascent, descent, cap_height
    )


def _tables(data: bytes) -> dict[str, bytes]:
    (count,) = struct.unpack_from(">H", data, 4)
    entries = (struct.unpack_from(">4s3I", data, 12 + 16 * i) for i in range(count))
    return {name.decode(): data[at : at + length] for name, _, at, length in entries}


def _glyphs(cmap: bytes) -> dict[int, int]:
    (count,) = struct.unpack_from(">H", cmap, 2)
    offsets = {
        struct.unpack_from(">2H", cmap, 4 + 8 * i): struct.unpack_from(">I", cmap, 8 + 8 * i)[0]
        for i in range(count)
    }
    table = cmap[offsets[(3, 1)] :]
    segments = struct.unpack_from(">H", table, 6)[0] // 2
    ends = struct.unpack_from(f">{segments}H", table, 14)
    starts = struct.unpack_from(f">{segments}H", table, 16 + 2 * segments)
    deltas = struct.unpack_from(f">{segments}H", table, 16 + 4 * segments)
    ranges = struct.unpack_from(f">{segments}H", table, 16 + 6 * segments)
    found = {}
    for i, (start, end, delta, reach) in enumerate(zip(starts, ends, deltas, ranges, strict=True)):
        for code in range(start, min(end, 0xFFFE) + 1):
            glyph = code
            if reach:
                at = 16 + 6 * segments + 2 * i + reach + 2 * (code - start)
                (glyph,) = struct.unpack_from(">H", table, at)
            if not reach or glyph:
                found[code] = (glyph + delta) & 0xFFFF
    return found


def embedded(pdf: pikepdf.Pdf, face: Face, prompt: str) -> Any:
    """The font as an object of a PDF, whole: the codes of a text are its glyphs."""
    import pikepdf  # noqa: PLC0415 - an extra, which whoever has a PDF has

    name = pikepdf.Name(f"/{FONT}")
    program = pdf.make_stream(
        zlib.compress(face.data), Filter=pikepdf.Name.FlateDecode, Length1=len(face.data)
    )
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor,
        FontName=name,
        Flags=4,  # symbolic: the codes are glyphs
        FontBBox=list(face.box),
        ItalicAngle=0,
        Ascent=face.ascent,
        Descent=face.descent,
        CapHeight=face.cap_height,
        StemV=90,
        FontFile2=program,
    )
    descendant = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.CIDFontType2,
        BaseFont=name,
        CIDSystemInfo=pikepdf.Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=1000,
        W=[0, list(face.widths)],
        CIDToGIDMap=pikepdf.Name.Identity,
    )
    composite = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type0,
        BaseFont=name,
        Encoding=pikepdf.Name("/Identity-H"),
        DescendantFonts=[pdf.make_indirect(descendant)],
        ToUnicode=pdf.make_stream(_to_unicode(face, prompt)),
    )
    return pdf.make_indirect(composite)


def _to_unicode(face: Face, prompt: str) -> bytes:
    """Which character each glyph of the prompt is, so that it can be read back and copied."""
    letters = sorted({(code, letter) for code, letter in zip(face.codes(prompt), prompt, strict=True)})
    pairs = [f"<{code:04X}> <{letter.encode('utf-16-be').hex().upper()}>" for code, letter in letters]
    parts = [pairs[i : i + 100] for i in range(0, len(pairs), 100)]
    lines = ["/CIDInit /ProcSet findresource begin 12 dict begin begincmap"]
    lines += ["/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def"]
    lines += ["/CMapName /Adobe-Identity-UCS def /CMapType 2 def"]
    lines += ["1 begincodespacerange <0000> <FFFF> endcodespacerange"]
    for part in parts:
        lines += [f"{len(part)} beginbfchar", *part, "endbfchar"]
    lines += ["endcmap CMapName currentdict /CMap defineresource pop end end"]
    return "\n".join(lines).encode()
