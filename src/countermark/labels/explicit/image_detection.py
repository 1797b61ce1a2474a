"""Find the visible label on a picture: known shapes, then text along the edges, then text anywhere.

What is not found may still be there, in another script, size or place: *unknown*, never "no label". Only
where the caller says that the file claims to be generated is it *missing*, if no stage finds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

from countermark.labels.defects import LabelError
from countermark.labels.explicit import image_file, ink, ocr, painting, templates, wording

NEAR: Final = 0.12
"""A box stands at an edge when the gap is no wider, in shares of the shortest side."""


NO_WORDS: Final = wording.Wording(has_ai=False, has_generation=False)


class Presence(StrEnum):
    """Whether there is a label."""

    FOUND = "found"
    UNKNOWN = "unknown"
    """None was found, which does not say that there is none."""
    MISSING = "missing"
    """The file claims to be generated, every stage has looked, and none found a label."""


class Position(StrEnum):
    """Where it stands."""

    CORNER = "corner"
    EDGE = "edge"
    INSIDE = "inside"


class Stage(StrEnum):
    """What found it."""

    TEMPLATES = "templates"
    STRIPS = "strips"
    WHOLE = "whole"


@dataclass(frozen=True)
class ImageFinding:
    """What was found on one picture. All measures are in pixels of the picture as it is shown."""

    presence: Presence
    text: str = ""
    """What was read; of a text that is only partly a label, with ``presence`` unknown, too."""
    wording: wording.Wording = NO_WORDS
    box: tuple[int, int, int, int] | None = None
    """Left, top, right, bottom of the ink; of the prompt alone where known shapes found it."""
    ink_height_px: int = 0
    """Rows of ink over all letters of the line, to about one pixel; 0 where it could not be measured."""
    height_ratio: float = 0.0
    """``ink_height_px`` in shares of the shortest side."""
    position: Position = Position.INSIDE
    contrast: float = 0.0
    """As in WCAG 2, 1 to 21; 0 where it could not be measured."""
    confidence: float = 0.0
    """Correlation of the shape, or the reader's own score: 0 to 1."""
    stage: Stage | None = None
    looked: tuple[Stage, ...] = ()
    """The stages that ran."""


def find(picture: Image.Image, *, claims_generated: bool = False, read_text: bool = True) -> ImageFinding:
    """Look for the label.

    Args:
        picture: of any mode; its EXIF orientation is heeded.
        claims_generated: whether its metadata or its maker says that it was generated.
        read_text: whether to read text where no known shape is found; without the OCR engine only shapes are
            looked for, as `ImageFinding.looked` tells.

    Raises:
        LabelError: the picture cannot be decoded.
    """
    try:
        shown = ImageOps.exif_transpose(picture)
        grey = painting.grey(shown)
    except image_file.UNREADABLE as error:
        raise LabelError(f"the picture cannot be decoded: {error}") from error
    if match := templates.find(grey):
        return _of_match(grey, match)
    looked: tuple[Stage, ...] = (Stage.TEMPLATES,)
    partly: ImageFinding | None = None
    if read_text and ocr.available():
        coloured = shown.convert("RGB")
        for stage in (Stage.STRIPS, Stage.WHOLE):
            looked = (*looked, stage)
            found = _read(coloured, grey, stage, looked)
            if found and found.presence is Presence.FOUND:
                return found
            partly = partly or found
    return _not_found(partly, looked, claims_generated=claims_generated)


def find_in_image(
    path: Path | str, *, claims_generated: bool = False, read_text: bool = True
) -> ImageFinding:
    """Look for the label on the first frame of a picture in a file.

    Raises:
        LabelError: the file is no picture that can be read.
        OSError: the file cannot be read.
    """
    with image_file.opened(Path(path)) as picture:
        return find(picture, claims_generated=claims_generated, read_text=read_text)


def _not_found(
    partly: ImageFinding | None, looked: tuple[Stage, ...], *, claims_generated: bool
) -> ImageFinding:
    if partly:
        return partly
    complete = Stage.WHOLE in looked
    return ImageFinding(
        Presence.MISSING if claims_generated and complete else Presence.UNKNOWN, looked=looked
    )


def _of_match(grey: Image.Image, match: templates.Match) -> ImageFinding:
    margin = 0.2 * (match.box[3] - match.box[1])
    box = _within(grey.size, match.box, margin)
    letters = ink.measure(grey, box, light=match.light) or ink.measure(grey, box)
    return _finding(grey, match.text, match.box, letters, match.score, (Stage.TEMPLATES,))


def _read(
    coloured: Image.Image, grey: Image.Image, stage: Stage, looked: tuple[Stage, ...]
) -> ImageFinding | None:
    """The line that is most of a label: both elements, an English prompt, or at least an AI word."""
    if stage is Stage.STRIPS:
        lines = ocr.read_strips(coloured)
    else:
        lines = ocr.read(coloured, (0, 0, *coloured.size), min(coloured.size))
    ranked = sorted(lines, key=lambda line: _rank(wording.judge(line.text)), reverse=True)
    if not ranked or not _rank(wording.judge(ranked[0].text)):
        return None
    line = ranked[0]
    letters = ink.measure(grey, _within(grey.size, line.box, 2))
    return _finding(grey, line.text, line.box, letters, line.score, looked)


def _rank(words: wording.Wording) -> int:
    return 3 * words.conforms + 2 * words.english + words.has_ai


def _finding(
    grey: Image.Image,
    text: str,
    rough: tuple[float, float, float, float],
    letters: ink.Ink | None,
    confidence: float,
    looked: tuple[Stage, ...],
) -> ImageFinding:
    words = wording.judge(text)
    box = _within(grey.size, rough, 0)
    if letters:
        box = (letters.left, letters.top, letters.right, letters.bottom)
    height = letters.height_px if letters else 0
    return ImageFinding(
        presence=Presence.FOUND if words.conforms or words.english else Presence.UNKNOWN,
        text=text,
        wording=words,
        box=box,
        ink_height_px=height,
        height_ratio=height / min(grey.size),
        position=_position(box, grey.size),
        contrast=letters.contrast if letters else 0.0,
        confidence=confidence,
        stage=looked[-1],
        looked=looked,
    )


def _position(box: tuple[int, int, int, int], size: tuple[int, int]) -> Position:
    reach = NEAR * min(size)
    across = min(box[0], size[0] - box[2]) <= reach
    down = min(box[1], size[1] - box[3]) <= reach
    if across and down:
        return Position.CORNER
    return Position.EDGE if across or down else Position.INSIDE


def _within(
    size: tuple[int, int], box: tuple[float, float, float, float], margin: float
) -> tuple[int, int, int, int]:
    left, top = max(0, round(box[0] - margin)), max(0, round(box[1] - margin))
    right, bottom = min(size[0], round(box[2] + margin)), min(size[1], round(box[3] + margin))
    return left, top, max(right, left + 1), max(bottom, top + 1)
