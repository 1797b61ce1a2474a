"""Read the text of a picture, offline: RapidOCR with the PP-OCR models that its wheel holds.

Ask for it with ``pip install 'countermark[vision]'``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from PIL import Image

from countermark.labels.defects import LabelError, MissingPackageError

SHORTEST_PX: Final = 480
"""To which the picture's shortest side is brought: letters of 5 % are 24 pixels high then."""
LONGEST_PX: Final = 1280
"""Of what the detector sees; more is made smaller."""
STRIP_SHARE: Final = 0.2
"""Height of the strips at both edges, of the picture's."""
LEAST_SCORE: Final = 0.5


@dataclass(frozen=True)
class Line:
    """One line of text."""

    text: str
    box: tuple[float, float, float, float]
    """Left, top, right, bottom in pixels of the picture; higher than the ink by half or more."""
    score: float


def available() -> bool:
    """Whether the engine is installed."""
    try:
        _engine()
    except LabelError:
        return False
    return True


def read_strips(picture: Image.Image) -> list[Line]:
    """Read along the upper and the lower edge.

    Args:
        picture: mode RGB.

    Raises:
        LabelError: the engine is not installed.
    """
    width, height = picture.size
    rows = max(1, round(height * STRIP_SHARE), min(height, round(0.2 * min(width, height))))
    reach = width if width <= 3 * height else min(width, 2 * max(rows, min(width, height)))
    lefts = {0, width - reach}
    found = []
    for top in (0, height - rows):
        for left in sorted(lefts):
            found += read(picture, (left, top, left + reach, top + rows), min(width, height))
    return found


def read(picture: Image.Image, area: tuple[int, int, int, int], shortest: int) -> list[Line]:
    """Read a part of a picture.

    Args:
        picture: mode RGB.
        area: left, top, right, bottom.
        shortest: shortest side of the whole picture, after which the part is made larger or smaller.

    Raises:
        LabelError: the engine is not installed.
    """
    import numpy as np  # noqa: PLC0415 - part of an extra

    width, height = area[2] - area[0], area[3] - area[1]
    scale = min(SHORTEST_PX / shortest, 4.0, LONGEST_PX / max(width, height))
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    part = np.asarray(picture.resize(size, Image.Resampling.BICUBIC, box=area))[:, :, ::-1]
    result = _engine()(np.ascontiguousarray(part))
    if result.boxes is None or result.txts is None:
        return []
    across, down = width / size[0], height / size[1]
    lines = []
    for corners, text, score in zip(result.boxes, result.txts, result.scores, strict=True):
        xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
        left, right = (area[0] + x * across for x in (min(xs), max(xs)))
        top, bottom = (area[1] + y * down for y in (min(ys), max(ys)))
        lines.append(Line(text, (left, top, right, bottom), float(score)))
    return [line for line in lines if line.score >= LEAST_SCORE]


@lru_cache(maxsize=1)
def _engine() -> Any:
    """Load the engine, once for a process.

    Raises:
        LabelError: it is not installed.
    """
    try:
        from rapidocr import RapidOCR  # noqa: PLC0415 - an extra
    except ImportError as absent:
        raise MissingPackageError(
            "reading text in pictures needs RapidOCR: pip install 'countermark[vision]'"
        ) from absent
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Det.limit_type": "max",  # the default would enlarge strips several times
            "Det.limit_side_len": LONGEST_PX,
            "EngineConfig.onnxruntime.intra_op_num_threads": 2,
        }
    )
