"""The letters of a label: which a font has, how much ink they show, and a text set in lines.

Heights are rows of ink, not font sizes: the em of a Chinese font is about 8 % higher than its letters.
Needs Pillow; ask for it with ``pip install 'countermark[vision]'``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from countermark.labels.defects import LabelError, MissingPackageError

try:
    from PIL import Image, ImageDraw, ImageFont
except ImportError as absent:
    raise MissingPackageError("drawing a label needs Pillow: pip install 'countermark[vision]'") from absent

SHIPPED = Path(__file__).parent / "fonts" / "CountermarkLabel-Medium.ttf"
"""A subset of Noto Sans SC with the characters of the usual prompts and ASCII; OFL-1.1."""
INKED = 128
"""A pixel is ink from this coverage on, of 255."""
ABSENT = "\U0010ffff"
"""No font has it, so it shows the sign for what is missing."""
WORD = re.compile(r"[!-~]+ ?|.", re.DOTALL)
ELEMENT = re.compile("人工智能|生成|合成")
MOST_LINES = 6
MOST_CHARACTERS = 200
LARGEST_SIZE_PX = 8192


@dataclass(frozen=True)
class Lettering:
    """A text set in lines, as coverage masks of mode L and one size."""

    fill: Image.Image
    outline: Image.Image
    """The letters and a line around them."""
    ink_height_px: int
    """Rows of ink of the lowest full-width letter among the prompt's two elements."""


@lru_cache(maxsize=64)
def face(size_px: int, path: Path = SHIPPED) -> ImageFont.FreeTypeFont:
    """Load a font at a size.

    Raises:
        LabelError: the file is no font that FreeType reads.
    """
    try:
        return ImageFont.truetype(str(path), size_px, layout_engine=ImageFont.Layout.BASIC)
    except OSError as error:
        raise LabelError(f"{path.name} is no font that can be read: {error}") from error


def missing(text: str, path: Path = SHIPPED) -> str:
    """Give the characters of ``text`` that the font lacks, each once."""
    font = face(64, path)
    unknown = bytes(font.getmask(ABSENT))
    drawn = sorted({character for character in text if not character.isspace()})
    return "".join(character for character in drawn if bytes(font.getmask(character)) == unknown)


def ink_height(text: str, size_px: int, path: Path = SHIPPED) -> int:
    """Measure the lowest full-width letter of the two elements, in rows of ink.

    Other letters do not count: 一 or a comma is low in any size. A text without a full-width element is
    measured over all its letters.
    """
    letters = "".join(ELEMENT.findall(text)) or text
    return min(_rows(letter, size_px, path) for letter in set(letters) if not letter.isspace())


@lru_cache(maxsize=256)
def size_for(ink_px: int, text: str, path: Path = SHIPPED) -> int:
    """Find the smallest font size whose lowest full-width letter has ``ink_px`` rows of ink.

    Raises:
        LabelError: no size up to 8,192 pixels does.
    """
    share = max(ink_height(text, 256, path) / 256, 0.1)
    for size in range(max(4, int(ink_px / share) - 2), LARGEST_SIZE_PX):
        if ink_height(text, size, path) >= ink_px:
            return size
    raise LabelError(f"the font has no letters {ink_px} pixels high")


def letter(text: str, ink_px: int, width_px: int, path: Path = SHIPPED) -> Lettering:
    """Set ``text`` with letters of ``ink_px`` rows in lines of at most ``width_px``.

    Raises:
        LabelError: a word is wider than that, or more than six lines would be needed.
    """
    size = size_for(ink_px, text, path)
    font = face(size, path)
    stroke = max(1, round(size / 14))
    lines = list(_broken(text, font, width_px - 2 * stroke))
    if len(lines) > MOST_LINES:
        raise LabelError(f"{text!r} needs {len(lines)} lines of {width_px} pixels, more than {MOST_LINES}")
    fill, outline = (_mask(lines, font, stroke, around) for around in (0, stroke))
    box = outline.getbbox()
    if box is None:
        raise LabelError(f"the font draws nothing for {text!r}")
    return Lettering(fill.crop(box), outline.crop(box), ink_height(text, size, path))


@lru_cache(maxsize=1024)
def _rows(character: str, size_px: int, path: Path) -> int:
    mask = Image.new("L", (2 * size_px + 4, 2 * size_px + 4))
    ImageDraw.Draw(mask).text((size_px // 2, size_px // 2), character, fill=255, font=face(size_px, path))
    box = mask.point(lambda coverage: coverage >= INKED and 255).getbbox()
    return box[3] - box[1] if box else 0


def _broken(text: str, font: ImageFont.FreeTypeFont, width_px: int) -> Iterator[str]:
    """Fill each line with as many words as it holds; a full-width character is a word."""
    line = ""
    for word in WORD.findall(text):
        if line and font.getlength((line + word).rstrip()) > width_px:
            yield line.rstrip()
            line = ""
        line += word
        if font.getlength(line.rstrip()) > width_px:
            raise LabelError(f"{word!r} is wider than the {width_px} pixels there are")
    yield line.rstrip()


def _mask(lines: list[str], font: ImageFont.FreeTypeFont, stroke: int, around: int) -> Image.Image:
    pitch = round(font.size * 1.15) + 2 * stroke
    width = round(max(font.getlength(line) for line in lines)) + 4 * stroke + 2
    mask = Image.new("L", (width, pitch * len(lines) + round(font.size)), 0)
    pen = ImageDraw.Draw(mask)
    for number, line in enumerate(lines):
        at = (2 * stroke, number * pitch + 2 * stroke)
        pen.text(at, line, fill=255, font=font, stroke_width=around)
    return mask
