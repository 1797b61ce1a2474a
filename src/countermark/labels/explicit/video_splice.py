"""Write a video whose opening is labelled: encode the opening, copy everything else.

The packets of the new opening take the decoding times of those that they replace, in order. As the encoder
does not reorder, its n-th packet is shown n-th, and the n-th decoding time of the old opening is never
later: the rest of the file keeps its times.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from countermark.labels.defects import LabelError, MissingPackageError
from countermark.labels.explicit import avc, video_container, video_drawing
from countermark.labels.explicit.image import Design
from countermark.labels.explicit.video_encoding import SPLICEABLE, Encoder, Plan, UnspliceableError, codec

try:
    import av
except ImportError as absent:
    raise MissingPackageError("drawing on a video needs PyAV: pip install 'countermark[video]'") from absent

Packet = Any
"""``av.Packet``, which is generic in its type stubs and not at run time."""
Times = deque[tuple[int | None, int | None]]
"""Decoding time and duration of each packet, in units of the stream."""
MOST_OPENING_PACKETS: Final = 20_000
MOST_SIDE_PX: Final = 16_384


@dataclass
class Written:
    """What was written, for the one who checks it."""

    over: video_drawing.Overlay
    shown_s: float = 0.0
    encoded_frames: int = 0
    copied_packets: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    """Over the copied packets of pictures: their bytes."""
    notes: list[str] = field(default_factory=list)


def write(origin: Path, copy: Path, design: Design, seconds: float | None, *, whole: bool) -> Written:
    """Write the labelled copy.

    Args:
        origin: the video.
        copy: where to write.
        design: what to draw.
        seconds: how long the label is shown; None for always.
        whole: encode every picture anew.

    Raises:
        UnspliceableError: only with ``whole`` there is a way.
        LabelError: the video is broken, or holds what cannot be copied.
    """
    try:
        first, shape = first_frame(origin)
        with ExitStack() as stack:
            source = stack.enter_context(video_container.opened(origin))
            opening = None if whole else times_of_opening(origin, seconds or 0.0)
            target = stack.enter_context(video_container.created(source, origin, copy))
            pictures = video_container.pictures(source)
            sets = _sets(pictures) if opening is not None and codec(pictures) == "h264" else None
            header = av.format.Flags.global_header in av.format.Flags(target.format.flags)
            encoder = Encoder(Plan(pictures, first, shape, sets, header))
            written = Written(video_drawing.overlay(first, shape, design))
            if first.interlaced_frame:
                written.notes.append("interlaced pictures were encoded as whole ones")
            return _Splice(source, target, encoder, written, seconds).run(opening)
    except (av.FFmpegError, ValueError, MemoryError, EOFError) as error:
        raise LabelError(f"the video cannot be decoded or written: {error}") from error


def first_frame(path: Path) -> tuple[av.VideoFrame, Fraction]:
    """Decode the first picture, and tell the shape of its pixels.

    Raises:
        LabelError: there is none, or it is too large.
    """
    with video_container.opened(path) as container:
        stream = video_container.pictures(container)
        for frame in container.decode(stream):
            if max(frame.width, frame.height) > MOST_SIDE_PX:
                raise LabelError(f"pictures of {frame.width} × {frame.height} pixels are too large")
            shape = stream.codec_context.sample_aspect_ratio
            return frame, shape if shape and Fraction(1, 4) <= shape <= 4 else Fraction(1)
    raise LabelError("has no picture that can be decoded")


class _Splice:
    """One pass over the packets: those of the opening are replaced, all others are copied."""

    def __init__(
        self,
        source: av.container.InputContainer,
        target: av.container.OutputContainer,
        encoder: Encoder,
        written: Written,
        seconds: float | None,
    ) -> None:
        self.source, self.target, self.encoder = source, target, encoder
        self.pictures = video_container.pictures(source)
        self.streams = video_container.streams(source, target)
        self.written, self.seconds = written, seconds
        self.start: float | None = None

    def run(self, opening: Times | None) -> Written:
        """Write everything; ``opening`` has a time for each packet to replace, None replaces all."""
        if (extradata := self.encoder.extradata()) is not None:
            self.streams[self.pictures.index].codec_context.extradata = extradata
        left = None if opening is None else len(opening)
        for packet in self.source.demux():
            if packet.size == 0:
                continue
            if packet.stream_index != self.pictures.index:
                self._mux(packet, packet.stream_index)
            elif left is None or left > 0:
                self._replace(packet, opening)
                left = None if left is None else left - 1
            else:
                self._finish(opening)
                self._copy(packet)
        self._finish(opening)
        return self.written

    def _replace(self, packet: Packet, opening: Times | None) -> None:
        if packet.is_discard and opening is not None:
            raise UnspliceableError("the opening has pictures that are decoded and not shown")
        self._encode(packet.decode(), opening)

    def _encode(self, frames: Iterable[Any], opening: Times | None) -> None:
        for frame in frames:
            if frame.pts is None:
                raise LabelError("a picture has no time")
            frame.time_base = self.pictures.time_base  # the decoder's last pictures come without
            self.start = frame.time if self.start is None else self.start
            since = frame.time - self.start
            if self.seconds is None or since < self.seconds:
                frame = video_drawing.drawn(frame, self.written.over)  # noqa: PLW2901 - the labelled one
                self.written.shown_s = max(self.written.shown_s, since + _length(self.pictures))
            frame.pict_type = 0
            self._emit(self.encoder.encode(frame), opening)

    def _emit(self, packets: Iterable[Packet], opening: Times | None) -> None:
        for packet in packets:
            if opening is not None:
                if not opening:
                    raise UnspliceableError("the opening has more pictures than packets")
                packet.dts, duration = opening.popleft()
                packet.duration = duration or 0
            self.written.encoded_frames += 1
            self._mux(packet, self.pictures.index)

    def _finish(self, opening: Times | None) -> None:
        """Flush decoder and encoder, once."""
        if not self.encoder.open:
            return
        self._encode(self.pictures.codec_context.decode(None), opening)
        self._emit(self.encoder.encode(None), opening)
        self.encoder.open = False
        if opening:
            raise UnspliceableError("the opening has fewer pictures than packets")

    def _copy(self, packet: Packet) -> None:
        self.written.digest.update(bytes(packet))
        self.written.copied_packets += 1
        self._mux(packet, self.pictures.index)

    def _mux(self, packet: Packet, index: int) -> None:
        if index in self.streams:
            packet.stream = self.streams[index]
            self.target.mux(packet)


def _length(pictures: av.video.stream.VideoStream) -> float:
    """How long a picture is shown, in seconds, by the average rate."""
    return float(1 / pictures.average_rate) if pictures.average_rate else 0.0


def times_of_opening(path: Path, seconds: float) -> Times:
    """Collect the times of the packets before the first picture that needs none before it.

    Args:
        path: the video.
        seconds: the picture stands at or behind these.

    Raises:
        UnspliceableError: the codec is none that can be spliced, or no such picture follows.
    """
    times: Times = deque()
    with video_container.opened(path) as container:
        stream = video_container.pictures(container)
        name = codec(stream)
        if name not in SPLICEABLE:
            raise UnspliceableError(f"the opening of {name} cannot be replaced on its own")
        sets = _sets(stream) if name == "h264" else None
        start: int | None = None
        for packet in container.demux(stream):
            if packet.size == 0:
                continue
            if packet.pts is None or packet.time_base is None:
                raise UnspliceableError("a packet has no time")
            start = packet.pts if start is None else min(start, packet.pts)
            late = (packet.pts - start) * packet.time_base >= seconds
            if late and packet.is_keyframe and (not sets or avc.begins_anew(bytes(packet), sets.length_size)):
                return _filled(times)
            times.append((packet.dts, packet.duration))
            if len(times) > MOST_OPENING_PACKETS:
                break
    raise UnspliceableError(f"no picture that needs none before it follows {seconds:g} seconds")


def _filled(times: Times) -> Times:
    """Give a decoding time to the first packets of a Matroska stream, which tells none.

    Raises:
        UnspliceableError: others lack it too, or they go backwards.
    """
    known = [at for at, _ in times if at is not None]
    blank = len(times) - len(known)
    step = min((later - sooner for sooner, later in pairwise(known)), default=0)
    if step <= 0 or any(at is None for at, _ in list(times)[blank:]):
        raise UnspliceableError("the packets of the opening tell no order in time")
    filled = [known[0] - step * number for number in range(blank, 0, -1)] + known
    return deque(zip(filled, (duration for _, duration in times), strict=True))


def _sets(stream: av.video.stream.VideoStream) -> avc.ParameterSets:
    try:
        return avc.read(stream.codec_context.extradata or b"")
    except LabelError as error:
        raise UnspliceableError(str(error)) from error
