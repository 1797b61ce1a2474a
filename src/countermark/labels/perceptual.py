"""The perceptual hash by which one provider binds its label to a picture.

Source: measured on files of that provider: the 64 bits of the ``phash`` of the library imagehash [V].
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

from countermark.labels.defects import LabelError, MissingPackageError, TooLargeError

SIDE, KEPT = 32, 8
"""Pixels of the reduced picture; lowest frequencies that are kept, each way."""
MAX_PIXELS = 50_000_000
"""Of a picture that is unpacked, four bytes each at most."""
DRAFT_PIXELS, DRAFT_SIDE = 4_000_000, 1024
"""From so many pixels on a JPEG is unpacked reduced, but no side below this: less memory. By
how many bits that changes the hash was not measured."""


def phash(thing: Path | str | bytes) -> str:
    """The hash as 16 hex digits.

    Raises:
        MissingPackageError: Pillow or NumPy is absent.
        TooLargeError: the picture has more than ``MAX_PIXELS``.
        LabelError: it cannot be decoded.
    """
    try:
        import numpy as np  # noqa: PLC0415 - an extra
        from PIL import Image  # noqa: PLC0415
    except ImportError:
        raise MissingPackageError(
            "Pillow and NumPy are needed to look at it: pip install 'countermark[vision]'"
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(thing) if isinstance(thing, bytes) else thing) as picture:
                pixels = picture.width * picture.height
                if pixels > MAX_PIXELS:
                    raise _too_large()
                if pixels > DRAFT_PIXELS:
                    picture.draft(None, (DRAFT_SIDE, DRAFT_SIDE))
                grey = picture.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    except Image.DecompressionBombError:
        raise _too_large() from None
    except (OSError, SyntaxError, ValueError) as trouble:
        raise LabelError(f"the picture cannot be decoded: {trouble}") from None
    basis = _cosines(np)
    low = (basis @ np.asarray(grey, dtype=np.float64) @ basis.T)[:KEPT, :KEPT]
    low = np.round(low, 6)  # what rounding leaves of a zero is no sign
    bits = (low > np.median(low)).flatten()
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"


def _too_large() -> TooLargeError:
    return TooLargeError(f"the picture is too large to look at: more than {MAX_PIXELS:,} pixels")


def _cosines(np: Any) -> Any:
    """The discrete cosine transform of type II as a matrix, unscaled: ``(32, 32), float64``."""
    index = np.arange(SIDE)
    return 2 * np.cos(np.pi * index[:, None] * (2 * index[None, :] + 1) / (2 * SIDE))
