"""The perceptual hash by which one provider binds its label to a picture.

Source: measured on files of that provider: the 64 bits of the ``phash`` of the library imagehash [V].
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

from countermark.labels.defects import LabelError

SIDE, KEPT = 32, 8
"""Pixels of the reduced picture; lowest frequencies that are kept, each way."""
MAX_PIXELS = 200_000_000


def phash(thing: Path | str | bytes) -> str | None:
    """The hash as 16 hex digits; None where Pillow is absent or cannot decode the picture.

    Raises:
        LabelError: the picture has more than ``MAX_PIXELS``.
    """
    try:
        import numpy as np  # noqa: PLC0415 - an extra
        from PIL import Image  # noqa: PLC0415
    except ImportError:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(thing) if isinstance(thing, bytes) else thing) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise LabelError(f"the picture has more than {MAX_PIXELS:,} pixels")
                grey = picture.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    basis = _cosines(np)
    low = (basis @ np.asarray(grey, dtype=np.float64) @ basis.T)[:KEPT, :KEPT]
    low = np.round(low, 6)  # what rounding leaves of a zero is no sign
    bits = (low > np.median(low)).flatten()
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"


def _cosines(np: Any) -> Any:
    """The discrete cosine transform of type II as a matrix, unscaled: ``(32, 32), float64``."""
    index = np.arange(SIDE)
    return 2 * np.cos(np.pi * index[:, None] * (2 * index[None, :] + 1) / (2 * SIDE))
