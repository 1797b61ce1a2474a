"""Measure letters in a picture: rows of ink, and contrast, within a box that is known only roughly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from PIL import Image

from countermark.labels.defects import MissingPackageError
from countermark.labels.explicit import painting

try:
    import numpy as np
except ImportError as absent:
    raise MissingPackageError("finding a label needs NumPy: pip install 'countermark[vision]'") from absent

LEAST_SPAN: Final = 16
"""Grey values between the lightest and the darkest; with less there is nothing to see."""
LIKELY, SURELY = 0.65, 0.85
"""How near a pixel is to the lightest (or darkest) of the box: noise reaches the first only."""
MOST_STEPS: Final = 4096


@dataclass(frozen=True)
class Ink:
    """The letters found in a box."""

    top: int
    bottom: int
    left: int
    right: int
    """In pixels of the picture; bottom and right are outside."""
    contrast: float
    """Letters to what is right beside them, as in WCAG 2: 1 to 21."""

    @property
    def height_px(self) -> int:
        """Rows of ink, over all letters of the line."""
        return self.bottom - self.top


def measure(grey: Image.Image, box: tuple[int, int, int, int], *, light: bool | None = None) -> Ink | None:
    """Measure the letters in ``box``; where both light and dark ones could be meant, the lower ones.

    An outline is higher than the letters that it surrounds, so the lower of the two is the letters.

    Args:
        grey: mode L.
        box: left, top, right, bottom within the picture, somewhat larger than the text.
        light: whether the letters are lighter than what surrounds them; None where that is not known.
    """
    patch = np.asarray(grey.crop(box), np.float32)
    if patch.size < 32:
        return None
    dark_end, light_end = (float(value) for value in np.percentile(patch, (1, 99)))
    span = light_end - dark_end
    if span < LEAST_SPAN:
        return None
    share = (patch - dark_end) / span
    shares = {True: share, False: 1 - share}  # how much of a letter each pixel is
    wanted = [shares[light]] if light is not None else list(shares.values())
    found = [ink for share in wanted if (ink := _letters(_inked(share), patch, box)) is not None]
    return min(found, key=lambda ink: ink.height_px, default=None)


def _letters(mask: Any, patch: Any, box: tuple[int, int, int, int]) -> Ink | None:
    """The band of rows with most ink, of at least a third of the patch's height."""
    height, width = mask.shape
    counts = mask.sum(axis=1)
    top, bottom = _run(counts >= max(1, round(0.008 * width)), counts)
    band = mask[top:bottom]
    columns = np.flatnonzero(band.any(axis=0))
    if bottom - top < max(4, 0.3 * height) or columns.size < bottom - top or band.mean() < 0.04:
        return None
    inside = np.zeros_like(mask)
    inside[top:bottom] = band
    contrast = _contrast(patch, inside)
    left, right = int(columns[0]), int(columns[-1]) + 1
    return Ink(box[1] + top, box[1] + bottom, box[0] + left, box[0] + right, contrast)


def _contrast(patch: Any, inside: Any) -> float:
    """Letters to the line right around them or, where that line is but a soft edge, to what is behind it."""
    near = _dilated(inside)
    far = _dilated(near)
    letters = float(np.median(patch[inside]))
    beside = [float(np.median(patch[ring])) for ring in (near & ~inside, far & ~near) if ring.any()]
    return max((painting.ratio(letters, value) for value in beside), default=1.0)


def _run(inked: Any, counts: Any) -> tuple[int, int]:
    """The run of inked rows, over gaps of one row, that has most ink."""
    closed = inked.copy()
    closed[1:-1] |= inked[:-2] & inked[2:]
    edges = np.flatnonzero(np.diff(np.concatenate(([0], closed.astype(np.int8), [0]))))
    runs = [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    return max(runs, key=lambda run: int(counts[run[0] : run[1]].sum()), default=(0, 0))


def _inked(share: Any) -> Any:
    """What is like a letter and hangs together with what surely is one, and not with the border."""
    like = share > LIKELY
    border = np.zeros_like(like)
    border[[0, -1]], border[:, [0, -1]] = like[[0, -1]], like[:, [0, -1]]
    inner = like & ~_spread(border, like)
    return _spread(inner & (share > SURELY), inner)


def _spread(seeds: Any, mask: Any) -> Any:
    """What of ``mask`` hangs together with ``seeds``."""
    size = -1
    for _ in range(MOST_STEPS):
        if size == (size := int(seeds.sum())):
            break
        seeds = _dilated(seeds) & mask
    return seeds


def _dilated(mask: Any) -> Any:
    wider = mask.copy()
    wider[1:] |= mask[:-1]
    wider[:-1] |= mask[1:]
    wider[:, 1:] |= mask[:, :-1]
    wider[:, :-1] |= mask[:, 1:]
    return wider
