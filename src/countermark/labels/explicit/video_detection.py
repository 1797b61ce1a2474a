"""Find the visible label on the opening of a video, and measure how long it is shown.

Where a label was found, the same place of every further picture is compared until it is gone, so the duration
is right to a picture. It counts nothing beyond the opening that was looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image

from countermark.labels.defects import LabelError, MissingPackageError
from countermark.labels.explicit import image_detection, painting, video_container
from countermark.labels.explicit.image_detection import ImageFinding, Presence

try:
    import av
    import numpy as np
except ImportError as absent:
    raise MissingPackageError("looking at a video needs PyAV: pip install 'countermark[video]'") from absent

GAP_S: Final = 0.5
"""A label that is not seen for so long is gone."""
LOOKED_S: Final = 6.0
"""No further than this from the first picture."""
FULL_LOOKS_S: Final = (0.0, 1.0, 2.0)
"""When to look with every stage, as long as nothing is found."""
SAME: Final = 0.55
"""Correlation with the first finding's place from which the label counts as still there."""
MOST_SIDE_PX: Final = 16_384


@dataclass(frozen=True)
class VideoFinding:
    """What was found on the opening of a video."""

    presence: Presence
    label: ImageFinding
    """On the picture where it was first found."""
    from_first_frame: bool = False
    first_s: float = 0.0
    """Time of the picture where it was first found, from the first picture on."""
    shown_s: float = 0.0
    """From there to the end of the last picture that shows it, in seconds at normal speed."""
    until_looked: bool = False
    """It was still shown when looking ended, so it may stay longer."""
    looked_s: float = 0.0
    """How much of the opening was looked at."""


def find_in_video(
    path: Path | str, *, claims_generated: bool = False, read_text: bool = True
) -> VideoFinding:
    """Look for the label on the opening of a video.

    Args:
        path: a video that PyAV reads.
        claims_generated: whether its metadata or its maker says that it was generated.
        read_text: whether to read text where no known shape is found.

    Raises:
        LabelError: it is no video that can be decoded.
        OSError: the file cannot be read.
    """
    with Path(path).open("rb"):  # so that what cannot be opened is an OSError, as elsewhere
        pass
    first: tuple[float, ImageFinding, Any] | None = None
    nothing = ImageFinding(Presence.UNKNOWN)
    end = looked = 0.0
    due = list(FULL_LOOKS_S)
    for at, until, frame in _frames(Path(path)):
        looked = until
        if first is None:
            if not due or at < due[0]:
                continue
            due = [time for time in due if time > at]
            picture = _shown(frame)
            found = image_detection.find(picture, claims_generated=claims_generated, read_text=read_text)
            nothing = found if found.presence is not Presence.FOUND else nothing
            if found.presence is Presence.FOUND and found.box:
                first, end = (at, found, _patch(picture, found.box)), until
        elif _still(_shown(frame), first[1], first[2]):
            end = until
        elif at - end > GAP_S:
            break
    if first is None:
        return VideoFinding(nothing.presence, nothing, looked_s=looked)
    since, found, _ = first
    return VideoFinding(Presence.FOUND, found, since == 0, since, end - since, end == looked, looked)


def _frames(path: Path) -> Iterator[tuple[float, float, Any]]:
    """The pictures of the opening: when each begins and ends, from the first on, and the picture."""
    try:
        with video_container.opened(path) as container:
            stream = video_container.pictures(container)
            start: float | None = None
            for frame in container.decode(stream):
                if max(frame.width, frame.height) > MOST_SIDE_PX:
                    raise LabelError(f"pictures of {frame.width} × {frame.height} pixels are too large")
                time = frame.time or 0.0
                start = time if start is None else start
                if time - start > LOOKED_S:
                    return
                length = float(1 / stream.average_rate) if stream.average_rate else 0.0
                yield time - start, time - start + length, (frame, stream.codec_context.sample_aspect_ratio)
    except (av.FFmpegError, ValueError, MemoryError) as error:
        raise LabelError(f"the video cannot be decoded: {error}") from error


def _shown(shaped: tuple[Any, Any]) -> Image.Image:
    """A picture as it is shown: with square pixels, and upright."""
    frame, ratio = shaped
    shape = float(ratio) if ratio else 1.0
    picture: Image.Image = frame.to_image()
    if 0.25 <= shape <= 4 and shape != 1:
        picture = picture.resize((max(1, round(picture.width * shape)), picture.height))
    return picture.rotate(frame.rotation, expand=True) if round(frame.rotation) % 360 else picture


def _patch(picture: Image.Image, box: tuple[int, int, int, int]) -> Any:
    patch = np.asarray(painting.grey(picture.crop(box)), np.float32)
    return patch - patch.mean()


def _still(picture: Image.Image, found: ImageFinding, patch: Any) -> bool:
    """Whether the same label stands in the same place."""
    assert found.box is not None  # noqa: S101 - only what was found with a box comes here
    now = _patch(picture, found.box)
    length = float(np.sqrt((now**2).sum() * (patch**2).sum()))
    return length > 0 and now.shape == patch.shape and float((now * patch).sum()) / length >= SAME
