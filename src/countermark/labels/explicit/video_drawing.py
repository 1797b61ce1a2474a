"""Put the label into decoded frames: black and white in planes of luma and chroma.

Needs PyAV and NumPy; ask for them with ``pip install 'countermark[video]'``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from countermark.labels.defects import LabelError
from countermark.labels.explicit import image, painting

if TYPE_CHECKING:
    import av

PLATE_ALPHA: Final = image.PLATE_OPACITY / 255
FULL_RANGE: Final = 2
"""AVCOL_RANGE_JPEG."""


@dataclass(frozen=True)
class Overlay:
    """What is put over every frame of one size, rotation and shape of pixels."""

    top: int
    """First row of the frame that the arrays stand for; divisible by four, as is ``left``."""
    left: int
    keep: Any
    """How much of the frame shows through: array (rows, columns) of float32, 0 to 1."""
    light: Any
    """How much white is added: likewise."""
    letters: Any
    """Where letters are, array of bool, likewise."""
    around: Any
    """Where the line around them is, likewise."""
    placement: image.Placement
    """In pixels as the video is shown."""


def overlay(frame: av.VideoFrame, shape: Fraction, design: image.Design) -> Overlay:
    """Lay the label out for frames like ``frame``.

    Args:
        frame: gives the size, and the rotation that the container asks for.
        shape: width of a pixel through its height.
        design: what to draw.

    Raises:
        LabelError: the label does not fit.
    """
    import numpy as np  # noqa: PLC0415 - part of an extra

    turned = round(frame.rotation) % 180 == 90
    shown = (round(frame.width * shape), frame.height)
    size = shown[::-1] if turned else shown
    lettering, box = image.layout(size, design)
    plated = design.style != image.Style.OUTLINE
    plate = Image.new("L", size)
    if plated:
        painting.put(plate, 255, *_plate(box, lettering.ink_height_px, size))
    masks = (Image.new("L", size), Image.new("L", size))
    for mask, drawn in zip(masks, (lettering.outline, lettering.fill), strict=True):
        mask.paste(drawn, box)
    around, letters, behind = (
        np.asarray(mask.rotate(-frame.rotation, expand=True).resize((frame.width, frame.height)), np.float32)
        / 255
        for mask in (*masks, plate)
    )
    style = image.Style.PLATE if plated else image.Style.OUTLINE
    corner, ink = image.Corner(design.corner), lettering.ink_height_px
    placement = image.Placement(design.text, box, corner, style, ink, min(size), 21.0)
    keep = (1 - behind * PLATE_ALPHA) * (1 - around) * (1 - letters)
    rows, columns = (np.flatnonzero((keep < 1).any(axis=axis)) for axis in (1, 0))
    top, left = int(rows[0]) // 4 * 4, int(columns[0]) // 4 * 4
    part = np.s_[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
    keep, letters, around = keep[part], letters[part], around[part]
    return Overlay(top, left, keep, letters, letters > 0.75, (around > 0.75) & (letters < 0.01), placement)


def drawn(frame: av.VideoFrame, over: Overlay) -> av.VideoFrame:
    """Give a labelled copy: a decoder may still predict from the frame itself.

    Raises:
        LabelError: the frame's pixel format has no planes of luma and chroma.
    """
    import av  # noqa: PLC0415 - an extra

    bits = _depth(frame)
    full = frame.color_range == FULL_RANGE or frame.format.name.startswith("yuvj")
    black, white = (0, 255) if full else (16, 235)
    scale = 1 << (bits - 8)
    copy = av.VideoFrame(frame.width, frame.height, frame.format.name)
    for number, (old, new) in enumerate(zip(frame.planes, copy.planes, strict=True)):
        source, target = _rows(old, bits), _rows(new, bits)
        width = min(source.shape[1], target.shape[1])
        target[:, :width] = source[:, :width]
        levels = (black * scale, white * scale) if number == 0 else (128 * scale, 128 * scale)
        down, across = -(-frame.height // old.height), -(-frame.width // old.width)
        _blend(
            target[over.top // down : old.height, over.left // across : old.width], over, levels, down, across
        )
    copy.pts, copy.time_base = frame.pts, frame.time_base
    return copy


def contrast(frame: av.VideoFrame, over: Overlay) -> float:
    """Compare letters and the line around them in a frame: ratio as in WCAG 2, 1 to 21."""
    bits = _depth(frame)
    height, width = over.keep.shape
    luma = _rows(frame.planes[0], bits)[over.top : over.top + height, over.left : over.left + width]
    first, second = (float(luma[mask].mean()) / (1 << (bits - 8)) for mask in (over.letters, over.around))
    if first <= second:
        return 1.0
    return painting.ratio(*(max(0.0, value - 16) * 255 / 219 for value in (first, second)))


def measured(over: Overlay, frame: av.VideoFrame) -> image.Placement:
    """The placement, with the contrast that ``frame`` shows."""
    return replace(over.placement, contrast=contrast(frame, over))


def _plate(box: image.Box, ink_px: int, size: tuple[int, int]) -> tuple[tuple[int, int], Image.Image]:
    left, top, right, bottom = image.grown(box, max(1, ink_px // 4), size)
    return (left, top), Image.new("L", (right - left, bottom - top), 255)


def _depth(frame: av.VideoFrame) -> int:
    """Bits of a sample; the formats that have luma first and chroma in planes of their own, or none."""
    components = frame.format.components
    planar = len({component.plane for component in components}) == len(components)
    bits = {component.bits for component in components}
    name = frame.format.name
    if (
        not planar
        or len(bits) > 1
        or frame.format.is_rgb
        or not name.startswith(("yuv", "gray"))
        or "be" in name
    ):
        raise LabelError(f"frames of pixel format {name} cannot be drawn on")
    return bits.pop()


def _rows(plane: Any, bits: int) -> Any:
    import numpy as np  # noqa: PLC0415 - part of an extra

    kind = np.uint16 if bits > 8 else np.uint8
    wide = plane.line_size // np.dtype(kind).itemsize
    return np.frombuffer(plane, kind).reshape(-1, wide)[: plane.height]


def _blend(target: Any, over: Overlay, levels: tuple[int, int], down: int, across: int) -> None:
    """Mix black and white into a plane, in place; a smaller plane takes each sample from its middle."""
    rows, columns = target.shape
    keep, light = (
        mask[down // 2 :: down, across // 2 :: across][:rows, :columns] for mask in (over.keep, over.light)
    )
    part = target[: keep.shape[0], : keep.shape[1]]
    black, white = levels
    mixed = part * keep + black * (1 - keep - light) + white * light
    part[keep < 1] = (mixed + 0.5).astype(part.dtype)[keep < 1]
