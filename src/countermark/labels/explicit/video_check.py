"""Read a labelled video back: the label is there, the rest is as it was, and no word is lost."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from countermark.labels.defects import LabelError
from countermark.labels.explicit import video_container, video_drawing
from countermark.labels.explicit.image import LEAST_CONTRAST

if TYPE_CHECKING:
    from countermark.labels.explicit.video_splice import Written

LABEL: Final = re.compile(rb"Label(?:\\?\"|&quot;)")
"""The first field of an implicit label, in any way of quoting it."""
C2PA_STORE: Final = b"jumdc2pa"
SEARCHED_BYTES: Final = 16 << 20
"""At either end of a file that is no ISO file, and of each box beside the media of one that is."""


def signed(path: Path) -> bool:
    """Whether a C2PA manifest stands beside the media."""
    return any(C2PA_STORE in part for part in _beside(path))


def verify(origin: Path, copy: Path, written: Written) -> float:
    """Compare the copy with its origin.

    Returns:
        The lowest contrast of the label over the pictures that show it.

    Raises:
        LabelError: a picture that should show the label does not, a copied packet differs, or an implicit
            label of the origin is missing.
    """
    labels = [sum(len(LABEL.findall(part)) for part in _beside(path)) for path in (origin, copy)]
    if labels[1] < labels[0]:
        raise LabelError(
            "the container would lose its implicit label: draw first, and write that label afterwards"
        )
    contrast = _contrast(copy, written)
    if contrast < LEAST_CONTRAST:
        raise LabelError(f"the label stands out by {contrast:.1f} only in the pictures that were written")
    digest = hashlib.sha256()
    with video_container.opened(copy) as container:
        packets = (p for p in container.demux(video_container.pictures(container)) if p.size)
        count = 0
        for count, packet in enumerate(packets, 1):
            if count > written.encoded_frames:
                digest.update(bytes(packet))
    if count != written.encoded_frames + written.copied_packets or digest.digest() != written.digest.digest():
        raise LabelError("the copied pictures did not read back as they were")
    return contrast


def _contrast(copy: Path, written: Written) -> float:
    lowest, start = 21.0, None
    with video_container.opened(copy) as container:
        for frame in container.decode(video_container.pictures(container)):
            time = frame.time or 0.0
            start = time if start is None else start
            if time - start >= written.shown_s - 0.02:
                break
            lowest = min(lowest, video_drawing.contrast(frame, written.over))
    return lowest if start is not None else 1.0


def _beside(path: Path) -> Iterator[bytes]:
    """What stands beside the media: the boxes but ``mdat``, or both ends of a file of another kind."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        if stream.read(8)[4:] != b"ftyp":
            stream.seek(0)
            yield stream.read(SEARCHED_BYTES)
            stream.seek(max(SEARCHED_BYTES, size - SEARCHED_BYTES))
            yield stream.read(SEARCHED_BYTES)
            return
        at = 0
        while at + 8 <= size:
            stream.seek(at)
            head = stream.read(16)
            length = int.from_bytes(head[:4], "big")
            length = int.from_bytes(head[8:16], "big") if length == 1 else length
            length = length if length >= 8 else size - at
            if head[4:8] != b"mdat":
                stream.seek(at)
                yield stream.read(min(length, SEARCHED_BYTES))
            at += length
