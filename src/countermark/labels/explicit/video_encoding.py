"""Encode the opening of a video so that the untouched rest can follow it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from countermark.labels.defects import LabelError, MissingPackageError
from countermark.labels.explicit import avc

try:
    import av
except ImportError as absent:
    raise MissingPackageError("drawing on a video needs PyAV: pip install 'countermark[video]'") from absent

ENCODERS: Final = {
    "h264": ("libx264", {"crf": "17", "preset": "fast", "bf": "0"}),
    "hevc": ("libx265", {"crf": "19", "preset": "fast", "x265-params": "bframes=0:log-level=error"}),
    "vp8": ("libvpx", {"crf": "6", "b": "8M", "lag-in-frames": "0", "auto-alt-ref": "0", "deadline": "good"}),
    "vp9": (
        "libvpx-vp9",
        {"crf": "18", "b": "0", "lag-in-frames": "0", "auto-alt-ref": "0", "cpu-used": "4"},
    ),
    "av1": ("libsvtav1", {"crf": "22", "preset": "9", "svtav1-params": "pred-struct=1"}),
    "mpeg4": ("mpeg4", {"qscale": "2", "bf": "0"}),
    "mjpeg": ("mjpeg", {"qscale": "2"}),
}
"""For each codec its encoder, without reordering: what is shown first is coded first."""
SPLICEABLE: Final = frozenset({"h264", "vp8", "vp9"})
PROFILES: Final = {66: "baseline", 77: "main", 100: "high", 110: "high10", 122: "high422", 244: "high444"}
"""Of H.264, by profile_idc."""


def codec(stream: av.video.stream.VideoStream) -> str:
    """Name the codec, whichever decoder is at work."""
    name = stream.codec_context.name
    return {"libdav1d": "av1", "libvpx-vp9": "vp9", "libvpx": "vp8"}.get(name, name)


class UnspliceableError(LabelError):
    """The opening cannot be replaced on its own; the message says why."""


@dataclass(frozen=True)
class Plan:
    """What the encoder of an opening has to fit."""

    pictures: av.video.stream.VideoStream
    first: av.VideoFrame
    """The first picture, decoded."""
    shape: Fraction
    """Width of a pixel through its height."""
    sets: avc.ParameterSets | None
    """Of an H.264 stream whose rest is kept."""
    global_header: bool
    """Whether the container keeps parameter sets apart from the samples."""


class Encoder:
    """An encoder for the opening, and its parameter sets."""

    def __init__(self, plan: Plan) -> None:
        """Open the encoder.

        Raises:
            LabelError: there is none for the codec, or it cannot code such pictures.
        """
        self.plan = plan
        name = codec(plan.pictures)
        if name not in ENCODERS:
            raise LabelError(f"there is no encoder for pictures of {name}")
        coder, options = ENCODERS[name]
        self.context: Any = av.CodecContext.create(coder, "w")
        self._describe()
        self.context.options = options | (_parameter_set_options(plan.sets) if plan.sets else {})
        self.context.open()
        self.open = True

    def extradata(self) -> bytes | None:
        """What the container has to tell a decoder; None where what it tells already holds.

        Raises:
            LabelError: the parameter sets of both cannot stand together.
        """
        own: bytes | None = self.context.extradata
        if not self.plan.sets:
            return own
        if not self.plan.sets.length_size:
            return None
        return avc.joined(self.plan.sets, avc.read(own or b""))

    def encode(self, frame: av.VideoFrame | None) -> Iterator[Any]:
        """Code a picture, or with None what is left; gives ``av.Packet``."""
        for packet in self.context.encode(frame):
            sets = self.plan.sets
            if sets is None or not sets.length_size:
                yield packet
                continue
            sample = av.Packet(avc.with_lengths(bytes(packet), sets.length_size))
            sample.pts, sample.dts, sample.duration = packet.pts, packet.dts, packet.duration
            sample.time_base, sample.is_keyframe = packet.time_base, packet.is_keyframe
            yield sample

    def _describe(self) -> None:
        context, plan, old = self.context, self.plan, self.plan.pictures.codec_context
        context.width, context.height = plan.first.width, plan.first.height
        context.pix_fmt = plan.first.format.name
        context.time_base = plan.pictures.time_base or Fraction(1, 90_000)
        context.framerate = plan.pictures.average_rate or Fraction(25)
        context.sample_aspect_ratio = plan.shape
        context.color_range, context.colorspace = old.color_range, old.colorspace
        context.color_primaries, context.color_trc = old.color_primaries, old.color_trc
        if plan.global_header and not (plan.sets and not plan.sets.length_size):
            context.flags |= av.codec.context.Flags.global_header


def _parameter_set_options(sets: avc.ParameterSets) -> dict[str, str]:
    """The options of x264 for an opening before a stream with ``sets``.

    Raises:
        UnspliceableError: the profile is one that x264 does not write, or no identifier is free.
    """
    profile = PROFILES.get(sets.sps[0][1])
    if profile is None:
        raise UnspliceableError(f"the stream has profile {sets.sps[0][1]}, which the encoder does not write")
    try:
        number = sets.free_id()
    except LabelError as error:
        raise UnspliceableError(str(error)) from error
    return {"profile": profile, "x264-params": f"sps-id={number}"}
