"""Draw the visible label on a picture in memory, and measure what was drawn.

The standard asks for a text at an edge or a corner, at least 5 % of the shortest side high. Whether that is
the height of the em, the capitals or the ink is not confirmed; here it is the ink of the lowest full-width
letter among the two elements, which is the safe side.

Source: GB 45438-2025, the clause on images.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from PIL import Image, ImageStat

from countermark.labels.defects import LabelError
from countermark.labels.explicit import font, painting, wording

LEAST_HEIGHT_RATIO: Final = 0.05
"""Of the shortest side."""
LEGIBLE_INK_PX: Final = 12
"""Strokes of a Chinese letter run together below; taken where there is room for it."""
LEAST_INK_PX: Final = 8
"""Below, a letter is no letter any more, and nothing is drawn."""
LEAST_CONTRAST: Final = 4.5
"""As WCAG 2 asks of text: ratio of the relative luminances, 1 to 21."""
PLATE_OPACITY: Final = 200
BUSY_DEVIATION: Final = 45
"""Standard deviation of the grey values, of 255, from which a background disturbs an outlined letter."""


BRIGHT: Final = 160
"""Mean grey value from which letters are dark."""


class Corner(StrEnum):
    """Where the label stands, as the picture is shown."""

    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"


class Style(StrEnum):
    """What sets the letters off from the picture."""

    AUTO = "auto"
    """An outline, or a plate on a busy background."""
    OUTLINE = "outline"
    PLATE = "plate"


@dataclass(frozen=True)
class Design:
    """What to draw, and where.

    Raises:
        LabelError: the text lacks an element or has characters that the font lacks, the height is under 5 %
            or over 50 % of the shortest side, or corner or style are unknown.
    """

    text: str = wording.PROMPTS["1"]
    corner: Corner | str = Corner.BOTTOM_RIGHT
    height_ratio: float = LEAST_HEIGHT_RATIO
    """Ink of the lowest full-width letter, in shares of the shortest side, 0.05 to 0.5."""
    style: Style | str = Style.AUTO
    font_path: Path = font.SHIPPED
    """The shipped font has the letters of the usual prompts; a name in Chinese needs a font of your own."""

    def __post_init__(self) -> None:
        wording.required(self.text)
        if len(self.text) > font.MOST_CHARACTERS or not self.text.isprintable():
            raise LabelError(f"a label is one line of at most {font.MOST_CHARACTERS} printable characters")
        if not LEAST_HEIGHT_RATIO <= self.height_ratio <= 0.5:
            raise LabelError(
                f"a height of {self.height_ratio} of the shortest side is not within 0.05 to 0.5"
            )
        for name, kind in (("corner", Corner), ("style", Style)):
            if getattr(self, name) not in set(kind):
                raise LabelError(f"{getattr(self, name)!r} is no {name}: one of {', '.join(kind)}")
        if absent := font.missing(self.text, self.font_path):
            raise LabelError(f"the font lacks {absent}: give a `font_path` that has it")


DEFAULT: Final = Design()
ORIENTATION: Final = 0x0112
TURNS: Final = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_LEFT_RIGHT),
    3: (Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_180),
    4: (Image.Transpose.FLIP_TOP_BOTTOM, Image.Transpose.FLIP_TOP_BOTTOM),
    5: (Image.Transpose.TRANSPOSE, Image.Transpose.TRANSPOSE),
    6: (Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_90),
    7: (Image.Transpose.TRANSVERSE, Image.Transpose.TRANSVERSE),
    8: (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270),
}
"""For each EXIF orientation, how the stored picture is turned to be shown, and back."""
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Placement:
    """What was drawn."""

    text: str
    box: Box
    """Left, top, right, bottom in pixels of the picture as it is shown; right and bottom are outside."""
    corner: Corner
    style: Style
    ink_height_px: int
    """Of the lowest full-width letter among the two elements."""
    shortest_side_px: int
    contrast: float
    """Of the letters to what surrounds them, measured after drawing: 1 to 21."""
    frames: int = 1
    notes: tuple[str, ...] = ()
    """What changed beside the pixels of the label."""

    @property
    def height_ratio(self) -> float:
        """Ink of the lowest full-width letter, in shares of the shortest side."""
        return self.ink_height_px / self.shortest_side_px


def draw(image: Image.Image, design: Design = DEFAULT) -> Image.Image:
    """Give a copy of ``image`` with the label on it, in the same mode.

    Raises:
        LabelError: the picture is too small for a legible label, its mode cannot be drawn on, or its palette
            has no two colours that stand out from one another.
    """
    return place(image, design)[0]


def place(image: Image.Image, design: Design = DEFAULT) -> tuple[Image.Image, Placement]:
    """Draw as `draw` does, and say where.

    An EXIF orientation is heeded: the label stands in the corner of the picture as it is shown, while the
    pixels keep the orientation in which they are stored.

    Raises:
        LabelError: as `draw`.
    """
    image.load()  # some decoders turn the picture then, and tell no orientation any more
    turn, back = TURNS.get(orientation(image), (None, None))
    upright = image.copy() if turn is None else image.transpose(turn)
    lettering, box = layout(upright.size, design)
    contrast = 0.0
    for style in _styles(design, upright, box):
        drawn = upright.copy()
        _paint(drawn, lettering, box, style)
        contrast = painting.contrast(drawn, box[:2], lettering.fill, lettering.outline)
        if contrast >= LEAST_CONTRAST:
            break
    else:
        raise LabelError(f"black and white differ too little in this picture: a contrast of {contrast:.1f}")
    ink, shortest = lettering.ink_height_px, min(upright.size)
    placement = Placement(design.text, box, Corner(design.corner), style, ink, shortest, contrast)
    return (drawn if back is None else drawn.transpose(back)), placement


def orientation(image: Image.Image) -> int:
    """EXIF orientation, 1 to 8; 1 where none can be read."""
    try:
        found = image.getexif().get(ORIENTATION, 1)
    except (OSError, ValueError, SyntaxError, TypeError, KeyError, struct.error):
        return 1
    return found if isinstance(found, int) else 1


def layout(size: tuple[int, int], design: Design) -> tuple[font.Lettering, Box]:
    """Set the text for a picture of ``size`` and find its place.

    Raises:
        LabelError: the picture cannot hold a legible label.
    """
    shortest = min(size)
    wanted = math.ceil(shortest * design.height_ratio)
    reason = f"the letters would be {wanted} pixels high, under {LEAST_INK_PX}"
    for ink_px in sorted({max(wanted, LEGIBLE_INK_PX), max(wanted, LEAST_INK_PX)}, reverse=True):
        margin = max(1, min(ink_px // 2, shortest // 20))
        try:
            lettering = font.letter(design.text, ink_px, size[0] - 2 * margin, design.font_path)
        except LabelError as error:
            reason = str(error)
            continue
        if lettering.outline.height <= size[1] - 2 * margin:
            return lettering, _box(size, lettering.outline.size, margin, Corner(design.corner))
        reason = f"the letters need {lettering.outline.height + 2 * margin} rows"
    raise LabelError(f"a picture of {size[0]} × {size[1]} pixels holds no legible label: {reason}")


def _box(size: tuple[int, int], inner: tuple[int, int], margin: int, corner: Corner) -> Box:
    left = margin if corner.endswith("left") else size[0] - margin - inner[0]
    top = margin if corner.startswith("top") else size[1] - margin - inner[1]
    return left, top, left + inner[0], top + inner[1]


def _styles(design: Design, image: Image.Image, box: Box) -> tuple[Style, ...]:
    """The styles to try, in turn."""
    if design.style != Style.AUTO:
        return (Style(design.style),)
    deviation = ImageStat.Stat(painting.grey(image.crop(box))).stddev[0]
    return (Style.PLATE,) if deviation > BUSY_DEVIATION else (Style.OUTLINE, Style.PLATE)


def _paint(image: Image.Image, lettering: font.Lettering, box: Box, style: Style) -> None:
    """Draw in place: light letters on what is dark or in between, dark ones on what is bright."""
    plated = style is Style.PLATE
    light = plated or ImageStat.Stat(painting.grey(image.crop(box))).mean[0] < BRIGHT
    letters, around = (255, 0) if light else (0, 255)
    if plated:
        left, top, right, bottom = grown(box, max(1, lettering.ink_height_px // 4), image.size)
        plate = Image.new("L", (right - left, bottom - top), PLATE_OPACITY)
        painting.put(image, around, (left, top), plate)
    painting.put(image, around, box[:2], lettering.outline)
    painting.put(image, letters, box[:2], lettering.fill)


def grown(box: Box, by: int, size: tuple[int, int]) -> Box:
    """Give the box larger by so many pixels on each side, within a picture of ``size``."""
    return max(0, box[0] - by), max(0, box[1] - by), min(size[0], box[2] + by), min(size[1], box[3] + by)
