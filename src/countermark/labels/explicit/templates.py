"""Find the usual prompts by their shape: normalised cross-correlation with the letters of the shipped font.

First the size that `image.draw` gives, with the whole prompt; then any size from 2.5 to 20 % of the shortest
side, with the generation element alone, each find compared again with whole prompts in finer detail. Strips
along the upper and the lower edge are looked at, nothing else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from PIL import Image

from countermark.labels.defects import MissingPackageError
from countermark.labels.explicit import font, image

try:
    import numpy as np
except ImportError as absent:
    raise MissingPackageError("finding a label needs NumPy: pip install 'countermark[vision]'") from absent

PROMPTS: Final = ("AI生成", "人工智能生成", "AI合成", "人工智能合成")
ELEMENTS: Final = ("生成", "合成")
SURE: Final = 0.5
"""Correlation from which a prompt counts as found; ``bench/explicit_images.py`` shows what others reach."""
SURE_OF_EACH: Final = 0.4
"""Likewise, for each of the two elements."""
WORTH_A_LOOK: Final = 0.45
MASTER_INK_PX: Final = 96
"""Templates are made smaller from this: small letters are hinted, each size in its own way."""
OUTLINE_WEIGHT: Final = 0.25
LEAST_DEVIATION: Final = 6.0
"""In grey values; less structure than that is none."""
NOMINAL_INK_PX: Final = 20
ROUGH_INK_PX: Final = 16
FINE_INK_PX: Final = 28
RATIOS: Final = tuple(0.025 * 1.12**step for step in range(19))
"""Heights to look for, in shares of the shortest side."""
FINER: Final = (0.93, 0.965, 1.0, 1.035, 1.07)
LONGEST_PX: Final = 2400
"""Of a strip of the picture made smaller; a longer one is looked at from both ends."""


@dataclass(frozen=True)
class Match:
    """Where a prompt is most likely."""

    text: str
    box: tuple[float, float, float, float]
    """Left, top, right, bottom in pixels of the picture."""
    score: float
    """Correlation, 0 to 1."""
    weakest: float
    """Correlation of the less similar of the two elements: 生成 alone is half of a prompt, and none."""
    light: bool
    """Whether the letters are lighter than what surrounds them."""


@dataclass(frozen=True)
class _Strip:
    """A part of the picture made smaller, ready to be compared with many templates."""

    pixels: Any
    spectrum: Any
    shape: tuple[int, int]
    left: int
    top: int


def find(grey: Image.Image) -> Match | None:
    """Look for a prompt in a picture of mode L; None where nothing is similar enough."""
    shortest = min(grey.size)
    nominal = max(image.LEAST_HEIGHT_RATIO, image.LEGIBLE_INK_PX / shortest)
    best = _search(grey, nominal, NOMINAL_INK_PX, PROMPTS)
    if best and _sure(best):
        return best
    rough = [_search(grey, ratio, ROUGH_INK_PX, ELEMENTS) for ratio in RATIOS]
    rough_finds = sorted((m for m in rough if m and m.score >= WORTH_A_LOOK), key=lambda m: -m.score)
    finer = [match for candidate in rough_finds[:4] if (match := _refined(grey, candidate))]
    sure = [match for match in finer if _sure(match)]
    return max(sure, key=lambda match: match.score, default=None)


def _sure(match: Match) -> bool:
    return match.score >= SURE and match.weakest >= SURE_OF_EACH


def _search(grey: Image.Image, ratio: float, ink_px: int, texts: tuple[str, ...]) -> Match | None:
    """The best match along the edges for letters of one height."""
    scale = ink_px / (ratio * min(grey.size))
    size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
    rows = min(size[1], round(3.2 * ink_px + 0.08 * ink_px / ratio))
    tops = (0,) if rows == size[1] else (0, size[1] - rows)
    columns = min(size[0], LONGEST_PX)
    lefts = (0,) if columns == size[0] else (0, size[0] - columns)
    best: Match | None = None
    for top in tops:
        for left in lefts:
            area = (left / scale, top / scale, (left + columns) / scale, (top + rows) / scale)
            area = (area[0], area[1], min(area[2], grey.width), min(area[3], grey.height))
            strip = _strip(grey.resize((columns, rows), Image.Resampling.BOX, box=area), left, top)
            for text in texts:
                match = _compared(strip, text, ink_px, scale)
                if match and (best is None or match.score > best.score):
                    best = match
    return best


def _refined(grey: Image.Image, rough: Match) -> Match | None:
    """Compare the neighbourhood of a rough match with whole prompts, in finer detail and sizes in between."""
    left, top, right, bottom = rough.box
    height = bottom - top
    area = (left - 6 * height, top - height, right + height, bottom + height)
    area = (max(0, area[0]), max(0, area[1]), min(grey.width, area[2]), min(grey.height, area[3]))
    element = rough.text
    ink = _template(element, ROUGH_INK_PX).shape[0] / ROUGH_INK_PX
    best: Match | None = None
    for factor in FINER:
        scale = FINE_INK_PX * ink / (height * factor)
        size = (math.ceil((area[2] - area[0]) * scale), math.ceil((area[3] - area[1]) * scale))
        strip = _strip(
            grey.resize(size, Image.Resampling.BICUBIC, box=area), area[0] * scale, area[1] * scale
        )
        for text in (prompt for prompt in PROMPTS if prompt.endswith(element)):
            match = _compared(strip, text, FINE_INK_PX, scale)
            if match and (best is None or match.score > best.score):
                best = match
    return best


@lru_cache(maxsize=64)
def _template(text: str, ink_px: int) -> Any:
    """The letters, cut close, less some of the line around them, which many labels have; array of float32."""
    lettering = font.letter(text, MASTER_INK_PX, 40 * MASTER_INK_PX)
    box = lettering.fill.getbbox() or (0, 0, 1, 1)
    scale = ink_px / lettering.ink_height_px
    size = (round((box[2] - box[0]) * scale), round((box[3] - box[1]) * scale))
    letters, around = (
        np.asarray(mask.resize(size, Image.Resampling.BOX, box=box), np.float32) / 255
        for mask in (lettering.fill, lettering.outline)
    )
    return letters - OUTLINE_WEIGHT * (around - letters)


def _strip(part: Image.Image, left: float, top: float) -> _Strip:
    pixels = np.asarray(part, np.float32)
    pixels = pixels - pixels.mean()
    shape = (_smooth(pixels.shape[0]), _smooth(pixels.shape[1]))
    return _Strip(pixels, np.fft.rfft2(pixels, shape), shape, round(left), round(top))


def _compared(strip: _Strip, text: str, ink_px: int, scale: float) -> Match | None:
    template = _template(text, ink_px)
    height, width = template.shape
    rows, columns = strip.pixels.shape[0] - height + 1, strip.pixels.shape[1] - width + 1
    if rows < 1 or columns < 1:
        return None
    centred = template - template.mean()
    product = strip.spectrum * np.conj(np.fft.rfft2(centred, strip.shape))
    correlation = np.fft.irfft2(product, strip.shape)[:rows, :columns]
    spread = np.maximum(_deviation(strip.pixels, height, width), LEAST_DEVIATION)
    score = correlation / (spread * np.sqrt(np.sum(centred**2) * height * width))
    at = int(np.argmax(np.abs(score)))
    row, column = divmod(at, columns)
    value = float(score[row, column])
    left, top = column + strip.left, row + strip.top
    box = (left / scale, top / scale, (left + width) / scale, (top + height) / scale)
    window = strip.pixels[row : row + height, column : column + width] * (1 if value > 0 else -1)
    parts = [_correlation(window[:, part], template[:, part]) for part in _parts(text, width)]
    return Match(text, box, min(1.0, abs(value)), min(parts), value > 0)


def _parts(text: str, width: int) -> list[slice]:
    """The columns of each element of a prompt, of a template so wide."""
    letters = font.face(MASTER_INK_PX)
    cut = round(width * letters.getlength(text[:-2]) / letters.getlength(text))
    return [slice(0, cut), slice(cut, width)] if cut else [slice(0, width)]


def _correlation(window: Any, template: Any) -> float:
    window = window - window.mean()
    template = template - template.mean()
    spread: float = max(float(window.std()), LEAST_DEVIATION) * float(template.std()) * int(window.size)
    product: float = float((window * template).sum())
    return product / spread


def _deviation(pixels: Any, height: int, width: int) -> Any:
    """Standard deviation within every window of a size, from running sums."""
    sums = []
    for values in (pixels.astype(np.float64), pixels.astype(np.float64) ** 2):
        total = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
        total[1:, 1:] = values.cumsum(axis=0).cumsum(axis=1)
        window = total[height:, width:] - total[:-height, width:] - total[height:, :-width]
        sums.append((window + total[:-height, :-width]) / (height * width))
    return np.sqrt(np.maximum(sums[1] - sums[0] ** 2, 0))


@lru_cache(maxsize=512)
def _smooth(length: int) -> int:
    """The next length whose Fourier transform is quick: no prime factor above five."""
    while True:
        rest = length
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return length
        length += 1
