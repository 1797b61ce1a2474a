"""Light and dark in every mode of a picture: grey values, black or white put through a mask, contrast."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageChops, ImageStat

from countermark.labels.defects import LabelError

HARD_EDGED: Final = frozenset({"1", "P", "I", "F"})
"""Modes in which no value between two others can be had."""
SIXTEEN_BIT: Final = frozenset({"I;16", "I;16L", "I;16B", "I;16N"})
MODES: Final = HARD_EDGED | SIXTEEN_BIT | {"L", "LA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "LAB", "HSV"}
UNSEEN: Final = 128
"""Grey that stands for what lies behind a transparent pixel."""
NEAR: Final = 48
"""A palette's colour serves as black or white when none of its channels is further off."""


def grey(image: Image.Image) -> Image.Image:
    """Give the luma of ``image``, mode L; transparent pixels are in between."""
    if image.mode in SIXTEEN_BIT:
        return image.point(lambda value: value * (1 / 256) + 0).convert("L")
    if image.mode in {"I", "F"}:
        low, high = span(image)
        scale = 255 / (high - low)
        return image.convert("F").point(lambda value: value * scale - low * scale).convert("L")
    if image.mode == "LAB":
        return image.getchannel("L")
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        behind = Image.new("RGBA", seen.size, (UNSEEN, UNSEEN, UNSEEN, 255))
        return Image.alpha_composite(behind, seen).convert("L")
    return image.convert("RGB").convert("L")


def put(image: Image.Image, level: int, at: tuple[int, int], mask: Image.Image) -> None:
    """Put black (0) or white (255) into ``image`` through ``mask``, mode L, whose corner stands at ``at``.

    Raises:
        LabelError: the mode is none that can be drawn on.
    """
    if image.mode not in MODES:
        raise LabelError(f"a picture of mode {image.mode} cannot be drawn on")
    colour = _colour(image, level)
    if image.mode in HARD_EDGED:
        mask = mask.point(lambda coverage: 255 if coverage >= 128 else 0).convert("1")
    image.paste(colour, (*at, at[0] + mask.width, at[1] + mask.height), mask)


def contrast(image: Image.Image, at: tuple[int, int], fill: Image.Image, outline: Image.Image) -> float:
    """Compare the letters with the line around them, as they are in ``image``.

    Returns:
        The ratio of their relative luminances as in WCAG 2, 1 to 21.
    """
    shown = grey(image.crop((*at, at[0] + fill.width, at[1] + fill.height)))
    inside = fill.point(lambda coverage: 255 if coverage >= 192 else 0)
    around = ImageChops.subtract(
        outline.point(lambda c: 255 if c >= 192 else 0), fill.point(lambda c: c and 255)
    )
    first, second = (_luminance(shown, mask) for mask in (inside, around))
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


def ratio(first: float, second: float) -> float:
    """Contrast of two grey values, 0 to 255, as in WCAG 2: 1 to 21."""
    light, dark = (_linear(value) for value in (max(first, second), min(first, second)))
    return (light + 0.05) / (dark + 0.05)


def span(image: Image.Image) -> tuple[float, float]:
    """Give black and white of a picture of mode I or F, whose range no file tells."""
    low, high = image.getextrema()
    assert not isinstance(low, tuple)  # noqa: S101 - one channel
    assert not isinstance(high, tuple)  # noqa: S101
    return (float(low), float(high)) if high > low else (0.0, max(1.0, float(high)))


def _colour(image: Image.Image, level: int) -> float | tuple[int, ...]:
    if image.mode in SIXTEEN_BIT:
        return level * 257
    if image.mode in {"I", "F"}:
        extreme = span(image)[level == 255]
        return extreme if image.mode == "F" else round(extreme)
    if image.mode == "P":
        return _index(image, level)
    several: dict[str, tuple[int, ...]] = {
        "LA": (level, 255),
        "RGB": (level, level, level),
        "RGBA": (level, level, level, 255),
        "RGBX": (level, level, level, 255),
        "CMYK": (0, 0, 0, 255 - level),
        "YCbCr": (level, 128, 128),
        "LAB": (level, 0, 0),
        "HSV": (0, 0, level),
    }
    return several.get(image.mode, level)


def _index(image: Image.Image, level: int) -> int:
    """The entry of the palette nearest to black or white; a new one where there is room and none is near."""
    flat = image.getpalette("RGB") or []
    colours = [tuple(flat[at : at + 3]) for at in range(0, len(flat), 3)]
    clear = _clear(image)
    off = {
        number: max(abs(channel - level) for channel in colour)
        for number, colour in enumerate(colours)
        if number not in clear
    }
    best = min(off, key=lambda number: off[number], default=-1)
    if best >= 0 and (off[best] <= NEAR or len(colours) >= 256):
        return best
    if len(colours) >= 256:
        raise LabelError("every colour of the palette is transparent")
    image.putpalette([*flat, level, level, level], "RGB")
    return len(colours)


def _clear(image: Image.Image) -> set[int]:
    """The entries that are not opaque."""
    transparency = image.info.get("transparency")
    if isinstance(transparency, bytes):
        return {number for number, alpha in enumerate(transparency) if alpha < 255}
    return {transparency} if isinstance(transparency, int) else set()


def _luminance(image: Image.Image, mask: Image.Image) -> float:
    """Mean relative luminance where ``mask`` is set; 0.5 where it is nowhere."""
    counted = ImageStat.Stat(image, mask)
    return _linear(counted.mean[0]) if counted.count[0] else 0.5


def _linear(value: float) -> float:
    """A grey value of sRGB, 0 to 255, as relative luminance, 0 to 1. Source: WCAG 2.2, relative luminance."""
    share = value / 255
    return float(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
