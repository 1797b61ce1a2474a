"""Draw the visible label on a picture in a file.

The pixels are encoded anew. A JPEG keeps its tables and subsampling, so little changes, but some does; PNG,
BMP, TIFF and lossless WebP change under the label only; an animated GIF has its colours chosen anew.
What stands beside the pixels is kept. Draw first, write the implicit label next and sign last: no hash or
signature over the pixels survives the drawing.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageSequence, JpegImagePlugin, TiffImagePlugin, UnidentifiedImageError

from countermark.labels.defects import LabelError, TooLargeError, UnknownContainerError
from countermark.labels.explicit import carrying
from countermark.labels.explicit.image import DEFAULT, Design, Placement, Style, place
from countermark.labels.source import Source
from countermark.labels.splicing import Edit, to_file

MOST_PIXELS: Final = 120_000_000
"""Of all frames together, unless the caller says otherwise."""
MOST_BYTES: Final = 1 << 29
QUALITY: Final = 90
"""Of lossy WebP and AVIF, which do not tell the quality that they were made with."""
UNREADABLE: Final = (
    OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, KeyError, TypeError,
    OverflowError, AttributeError, AssertionError, ZeroDivisionError, MemoryError, RuntimeError,
    Image.DecompressionBombError,
)  # fmt: skip
"""What Pillow raises on broken files of one kind or another."""
OF_THE_STRIPS: Final = frozenset({
    256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325, 338, 339, 347,
    *range(512, 522), 530, 531, 532,
})  # fmt: skip
"""Tags of a TIFF that describe how its pixels are coded, and their orientation, which Pillow undoes."""
C2PA_STORE: Final = b"jumdc2pa"
"""Where a manifest store begins: JUMBF description box, and its type. Source: C2PA 2.2, 11.1.4."""


def label_image(
    source: Path | str,
    target: Path | str,
    design: Design = DEFAULT,
    *,
    over_signature: bool = False,
    max_pixels: int = MOST_PIXELS,
) -> Placement:
    """Write a copy of ``source`` with the label drawn on it, on every frame where there are several.

    Args:
        source: JPEG, PNG (APNG), WebP, GIF, TIFF, BMP or AVIF; left as it is.
        target: the copy, in the same format; may be ``source``. Written beside it and then renamed.
        design: the text, where and how it is drawn.
        over_signature: draw although a C2PA manifest is there, whose signature then no longer holds.
        max_pixels: most pixels of all frames together.

    Raises:
        UnknownContainerError: the format is none of these.
        TooLargeError: the picture has more pixels or bytes than allowed.
        LabelError: the file is broken, cannot hold a legible label, or carries a C2PA manifest.
        OSError: the file cannot be read or written.
    """
    data = _read(Path(source))
    if C2PA_STORE in data and not over_signature:
        raise LabelError("carries a C2PA manifest, whose signature drawing would break: draw before signing")
    image = opened(data, max_pixels)
    encode = ENCODERS.get(image.format or "")
    if encode is None:
        raise UnknownContainerError(f"labels are not drawn on {image.format}, but on {', '.join(ENCODERS)}")
    try:
        encoded, placement = encode(Picture(image, data), design)
    except UNREADABLE as error:
        raise LabelError(f"the {image.format} cannot be decoded or encoded: {error}") from error
    to_file(Source(), [Edit(0, 0, encoded)], Path(target))
    if C2PA_STORE in data:
        placement = _noted(placement, "the C2PA manifest does not match the pixels any more: sign again")
    return placement


def opened(source: bytes | Path, max_pixels: int = MOST_PIXELS) -> Image.Image:
    """Open a picture without decoding it, with the sizes checked.

    Raises:
        UnknownContainerError: Pillow does not know it.
        TooLargeError: all frames together have more than ``max_pixels``.
        LabelError: it is broken.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of bombs and broken tags: the size is judged below
        try:
            image = Image.open(io.BytesIO(source) if isinstance(source, bytes) else source)
            frames = int(getattr(image, "n_frames", 1))
        except UnidentifiedImageError as error:
            raise UnknownContainerError("is no picture that can be read") from error
        except Image.DecompressionBombError as error:
            raise TooLargeError(str(error)) from error
        except UNREADABLE as error:
            raise LabelError(f"the picture cannot be read: {error}") from error
    pixels = image.width * image.height * frames
    if pixels > max_pixels:
        raise TooLargeError(f"{image.width} × {image.height} × {frames} pixels, more than {max_pixels:,}")
    return image


@dataclass(frozen=True)
class Picture:
    """A picture as it was opened, and the whole file."""

    image: Image.Image
    data: bytes


Encoded = tuple[bytes, Placement]


def _jpeg(picture: Picture, design: Design) -> Encoded:
    image = picture.image
    if not isinstance(image, JpegImagePlugin.JpegImageFile):
        raise LabelError("the JPEG cannot be decoded")
    several = image.format == "MPO"
    image.load()
    drawn, placement = place(image, design)
    options: dict[str, Any] = {"qtables": image.quantization, "progressive": "progression" in image.info}
    if (sampling := JpegImagePlugin.get_sampling(image)) >= 0:
        options["subsampling"] = sampling
    encoded = carrying.jpeg(picture.data, _saved(drawn, "JPEG", optimize=True, **options))
    if several:
        placement = _noted(placement, "the further pictures in the file (MPF) are left out")
    return encoded, placement


def _png(picture: Picture, design: Design) -> Encoded:
    image = picture.image
    sixteen = picture.data[24:25] == b"\x10" and picture.data[25:26] in {b"\x02", b"\x04", b"\x06"}
    bare: dict[str, Any] = {"exif": b"", "icc_profile": None, "pnginfo": None}
    frames, placement = _drawn_frames(image, design)
    motion = _motion(frames, disposal=0, blend=0, loop=image.info.get("loop", 0))
    if motion and image.info.get("default_image"):
        motion |= {"default_image": True, "duration": motion["duration"][1:]}
    encoded = carrying.png(picture.data, _saved(frames[0], "PNG", **bare, **motion))
    if sixteen:
        placement = _noted(placement, "16 bits for each channel became 8")
    return encoded, placement


def _webp(picture: Picture, design: Design) -> Encoded:
    image = picture.image
    frames, placement = _drawn_frames(image, design)
    lossless = b"VP8L" in picture.data and b"VP8 " not in picture.data
    background = image.info.get("background", (0, 0, 0, 0))
    motion = _motion(frames, loop=image.info.get("loop", 0), background=background)
    options = {"lossless": lossless, "exact": lossless, "quality": QUALITY, **_beside(image), **motion}
    return _saved(frames[0], "WEBP", **options), placement


def _gif(picture: Picture, design: Design) -> Encoded:
    image = picture.image
    frames, placement = _drawn_frames(image, design)
    options = {name: image.info[name] for name in ("loop", "comment", "transparency") if name in image.info}
    if motion := _motion(frames, disposal=2):
        options.pop("transparency", None)  # each frame has its own
        placement = _noted(placement, "the colours of each frame were chosen anew")
    return carrying.gif(
        picture.data, _saved(frames[0], "GIF", optimize=False, **options, **motion)
    ), placement


def _tiff(picture: Picture, design: Design) -> Encoded:
    image = picture.image
    if getattr(image, "n_frames", 1) > 1:
        raise LabelError("a TIFF of several pages is not drawn on: label its pages one by one")
    image.load()  # which turns the pixels upright
    drawn, placement = place(image, design)
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in image.tag_v2.items():  # type: ignore[attr-defined]
        if tag not in OF_THE_STRIPS:
            tags[tag] = value
    options: dict[str, Any] = {"tiffinfo": tags}
    if image.info.get("compression") not in {None, "raw", "jpeg", "webp", "group3", "group4"}:
        options["compression"] = image.info["compression"]
    return _saved(drawn, "TIFF", **options), placement


def _bmp(picture: Picture, design: Design) -> Encoded:
    drawn, placement = place(picture.image, design)
    return _saved(drawn, "BMP"), placement


def _avif(picture: Picture, design: Design) -> Encoded:
    image = picture.image
    frames, placement = _drawn_frames(image, design)
    options = {"quality": QUALITY, **_beside(image), **_motion(frames)}
    return _saved(frames[0], "AVIF", **options), placement


ENCODERS: Final[dict[str, Callable[[Picture, Design], Encoded]]] = {
    "JPEG": _jpeg,
    "MPO": _jpeg,
    "PNG": _png,
    "WEBP": _webp,
    "GIF": _gif,
    "TIFF": _tiff,
    "BMP": _bmp,
    "AVIF": _avif,
}


def _beside(image: Image.Image) -> dict[str, Any]:
    """What WebP and AVIF keep beside the pixels."""
    return {name: image.info[name] for name in ("exif", "xmp", "icc_profile") if image.info.get(name)}


def _motion(frames: list[Image.Image], **options: Any) -> dict[str, Any]:
    """The options of an animation; none for a single frame."""
    if len(frames) == 1:
        return {}
    durations = [frame.info.get("duration", 0) for frame in frames]
    return {"save_all": True, "append_images": frames[1:], "duration": durations, **options}


def _drawn_frames(image: Image.Image, design: Design) -> tuple[list[Image.Image], Placement]:
    """Every frame, whole and labelled; the placement is that of the first."""
    if getattr(image, "n_frames", 1) > 1 and design.style == Style.AUTO:
        design = replace(design, style=Style.PLATE)  # an outline would flicker as the background changes
    frames: list[Image.Image] = []
    placements: list[Placement] = []
    for frame in ImageSequence.Iterator(image):
        drawn, placement = place(frame, design)
        frames.append(drawn)
        placements.append(placement)
    lowest = min(placement.contrast for placement in placements)
    return frames, replace(placements[0], frames=len(frames), contrast=lowest)


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _noted(placement: Placement, note: str) -> Placement:
    return replace(placement, notes=(*placement.notes, note))


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise TooLargeError(f"more than {MOST_BYTES:,} bytes")
    return data
