"""Draw the visible label on the opening of a video, and leave the rest as it is.

The pictures up to the first that needs none before it are encoded anew, all others are copied as they are,
and so are sound, subtitles and the container's own words. For H.264 the new opening has parameter sets of
its own, under an identifier that is free, and both stand in the container; VP8 and VP9 need none. With any
other codec, or where no such picture follows, all pictures are encoded anew, and the result says why.

Needs PyAV; ask for it with ``pip install 'countermark[video]'``.

Source: GB 45438-2025, the clause on video (5 %, 2 seconds); that it is the opening, by secondary sources.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from countermark.labels.defects import LabelError
from countermark.labels.explicit import video_check, video_splice
from countermark.labels.explicit.image import DEFAULT, Design, Placement
from countermark.labels.explicit.video_encoding import UnspliceableError

LEAST_SECONDS: Final = 2.0
SECONDS: Final = 3.0


class Method(StrEnum):
    """How the pictures came into the copy."""

    SPLICED = "spliced"
    """Those of the opening were encoded anew, the others copied."""
    REENCODED = "re-encoded"
    """All were encoded anew."""


@dataclass(frozen=True)
class Showing:
    """What was drawn on a video, and for how long."""

    placement: Placement
    shown_s: float
    """From the first picture on."""
    method: Method
    reason: str
    """Why all pictures were encoded anew; empty where they were not."""
    encoded_frames: int
    copied_packets: int
    """Of pictures; each was compared with its origin after writing."""
    notes: tuple[str, ...] = ()


def label_video(
    source: Path | str,
    target: Path | str,
    design: Design = DEFAULT,
    *,
    seconds: float | None = SECONDS,
    over_signature: bool = False,
) -> Showing:
    """Write a copy of ``source`` with the label on its opening, and read it back.

    Args:
        source: a video that PyAV reads; left as it is.
        target: the copy, in the same container; may be ``source``. Written beside it and then renamed.
        design: the text, where and how it is drawn; an automatic style is a plate.
        seconds: how long the label is shown, at least 2; None for the whole video.
        over_signature: draw although a C2PA manifest is there, which the copy then lacks.

    Raises:
        LabelError: the file is broken, holds what cannot be copied or drawn on, carries a C2PA manifest, or
            the copy did not read back as it should.
        OSError: the file cannot be read or written.
    """
    if seconds is not None and seconds < LEAST_SECONDS:
        raise LabelError(f"a label is shown for at least {LEAST_SECONDS:g} seconds, not {seconds:g}")
    origin, copy = Path(source), Path(target)
    if video_check.signed(origin) and not over_signature:
        raise LabelError("carries a C2PA manifest, which drawing would break: draw before signing")
    handle, name = tempfile.mkstemp(dir=copy.parent, prefix=f".{copy.stem}.", suffix=copy.suffix)
    os.close(handle)
    with contextlib.ExitStack() as closing:
        closing.callback(Path(name).unlink, missing_ok=True)  # where it was not put in place
        showing = _write(origin, Path(name), design, seconds)
        Path(name).chmod((copy if copy.exists() else origin).stat().st_mode & 0o7777)
        Path(name).replace(copy)
    return showing


def _write(origin: Path, copy: Path, design: Design, seconds: float | None) -> Showing:
    """Splice; where that is impossible, encode everything; check what came of it."""
    reason = "the label is wanted on every picture" if seconds is None else ""
    if not reason:
        try:
            return _checked(origin, copy, video_splice.write(origin, copy, design, seconds, whole=False), "")
        except UnspliceableError as error:
            reason = str(error)
    return _checked(origin, copy, video_splice.write(origin, copy, design, seconds, whole=True), reason)


def _checked(origin: Path, copy: Path, written: video_splice.Written, reason: str) -> Showing:
    contrast = video_check.verify(origin, copy, written)
    notes = list(written.notes)
    if written.shown_s < LEAST_SECONDS:
        notes.append(f"the video ends after {written.shown_s:.2f} seconds, and the label with it")
    return Showing(
        placement=replace(written.over.placement, contrast=contrast),
        shown_s=written.shown_s,
        method=Method.REENCODED if reason else Method.SPLICED,
        reason=reason,
        encoded_frames=written.encoded_frames,
        copied_packets=written.copied_packets,
        notes=tuple(notes),
    )
