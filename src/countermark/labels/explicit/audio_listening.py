"""Listen to an audio or video file for a label, in constant memory. Needs ``countermark[video]``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from countermark.labels.defects import LabelError
from countermark.labels.explicit.audio_codecs import pyav
from countermark.labels.explicit.audio_detection import (
    BLOCK_S,
    OVERLAP_S,
    AudioFinding,
    Heard,
    finding,
    hear,
)
from countermark.labels.explicit.speech import numpy

RATE = 16_000
"""Everything is listened to at this rate: rhythms and prompts have nothing to say above 8 kHz."""
MAX_SECONDS = 4 * 3600.0


def listen(path: Path, max_seconds: float = MAX_SECONDS) -> AudioFinding:
    """Look for labels in the first audio stream of a file.

    Args:
        path: any file that ffmpeg's libraries decode.
        max_seconds: where to stop; ``seconds`` of what is given back says how far it came. A label at the end
            of a longer recording is not heard.

    Raises:
        LabelError: there is no audio that can be decoded, or PyAV or numpy is missing.
        OSError: the file cannot be read.
    """
    np = numpy()
    held = np.zeros(0, np.float32)
    heard: list[Heard] = []
    done = 0
    block, overlap = round(BLOCK_S * RATE), round(OVERLAP_S * RATE)
    for part in _decoded(path):
        held = np.concatenate([held, part])
        while len(held) >= block:
            heard += hear(held[:block], RATE, done / RATE)
            held, done = held[block - overlap :], done + block - overlap
        if (done + len(held)) / RATE >= max_seconds:
            break
    heard += hear(held, RATE, done / RATE)
    return finding(heard, (done + len(held)) / RATE)


def _decoded(path: Path) -> Iterator[Any]:
    """One channel, at ``RATE``, in parts of about a second."""
    av, np = pyav(), numpy()
    if not path.is_file():
        raise LabelError("is no regular file")
    parts: list[Any] = []
    try:
        with av.open(str(path), metadata_errors="ignore") as reader:
            if not reader.streams.audio:
                raise LabelError("holds no audio")
            resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
            for frame in _and_none(reader.decode(reader.streams.audio[0])):
                parts += [made.to_ndarray()[0] for made in resampler.resample(frame)]
                if sum(map(len, parts)) >= RATE:
                    yield np.concatenate(parts)
                    parts = []
    except (av.FFmpegError, ValueError) as error:
        raise LabelError(f"cannot be decoded: {error}") from error
    if parts:
        yield np.concatenate(parts)


def _and_none(frames: Iterator[Any]) -> Iterator[Any]:
    """The frames, and at their end what asks the resampler for its rest."""
    for frame in frames:
        frame.pts = None
        yield frame
    yield None
