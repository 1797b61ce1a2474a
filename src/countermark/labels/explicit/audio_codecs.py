"""What ffmpeg's libraries encode for us, through PyAV: the extra ``countermark[video]``.

FLAC and ALAC stay lossless. AAC and Opus are decoded and encoded again as a whole, and lose a little by it.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from countermark.labels.defects import LabelError, MissingPackageError, TooLargeError, UnknownContainerError
from countermark.labels.explicit.audio_rhythm import Sound
from countermark.labels.explicit.placing import Where
from countermark.labels.explicit.speech import numpy
from countermark.labels.source import DEFAULT_LIMITS, Limits, Source, opened
from countermark.labels.splicing import Edit, to_file

ENCODERS = {"aac": "aac", "alac": "alac", "opus": "libopus", "flac": "flac"}
"""Codec of a recording → the encoder that writes it again. The wheels of PyAV have none for Vorbis."""
FORMATS = {"mov,mp4,m4a,3gp,3g2,mj2": "ipod", "ogg": "ogg", "flac": "flac"}
"""Container as ffmpeg names its reader → as it names its writer."""
MAX_CHANNELS = 8
DEFAULT_BIT_RATE = 128_000
STREAMINFO, PADDING, SEEKTABLE, CUESHEET = 0, 1, 3, 5
LAST = 0x80


def mp3_frames(sound: Sound, rate: int, channels: int, kbps: int) -> bytes:
    """``sound`` as frames of MP3 without any header of their own.

    Raises:
        LabelError: PyAV is missing, or has no encoder for this rate.
    """
    av = pyav()
    out = BytesIO()
    options = {"write_xing": "0", "id3v2_version": "0"}
    try:
        with av.open(out, "w", format="mp3", options=options) as container:
            stream = container.add_stream(
                "libmp3lame", rate=rate, layout="mono" if channels == 1 else "stereo"
            )
            stream.bit_rate = kbps * 1000
            stream.options = {"reservoir": "0"}
            _encode(container, stream, [_frames(sound, rate, channels)])
    except (av.FFmpegError, ValueError) as error:
        raise LabelError(f"the label cannot be encoded as MP3 of {rate:,} Hz: {error}") from error
    return out.getvalue()


def encode_again(
    source: Path, target: Path, sound: Sound, where: Where, limits: Limits = DEFAULT_LIMITS
) -> None:
    """Write ``source`` with ``sound`` before or behind it to ``target``, in the same codec and container.

    Raises:
        LabelError: the file cannot be decoded or is in a codec without an encoder, holds more than one audio
            stream or a cover picture (which would be lost), would lose a tag, or PyAV is missing.
        OSError: a file cannot be read or written.
    """
    av = pyav()
    with TemporaryDirectory(prefix="countermark-") as folder:
        made = Path(folder, "made")
        try:
            tags = _written(source, made, sound, where)
            with av.open(str(made)) as reader:
                lost = [key for key, value in tags.items() if _tags(reader).get(key) != value]
        except (av.FFmpegError, ValueError) as error:
            raise LabelError(f"cannot be decoded and encoded again: {error}") from error
        if lost:
            raise LabelError(f"the tag {lost[0]!r} would be lost")
        with opened(source) as old, opened(made) as new:
            edits = _flac_blocks(old, new, limits) if old.peek(0, 4) == b"fLaC" else []
            to_file(new, edits, target)


def _written(source: Path, made: Path, sound: Sound, where: Where) -> dict[str, str]:
    """Encode to ``made``; the tags that it must have."""
    av = pyav()
    with av.open(str(source)) as reader:
        container, encoder = FORMATS.get(reader.format.name), _encoder(reader)
        if container is None:
            raise UnknownContainerError(f"labels are not put into recordings in {reader.format.long_name}")
        old = reader.streams.audio[0]
        options = {"movflags": "use_metadata_tags"} if container == "ipod" else {}
        with av.open(str(made), "w", format=container, options=options) as writer:
            stream = writer.add_stream(encoder, rate=old.rate, layout=old.layout)
            if encoder not in ("flac", "alac"):
                stream.bit_rate = old.bit_rate or reader.bit_rate or DEFAULT_BIT_RATE
            else:
                stream.format = old.format
            tags = _tags(reader)
            (stream if container == "ogg" else writer).metadata.update(tags)
            before = [_frames(sound, old.rate, old.channels)] if where != Where.END else []
            behind = [_frames(sound, old.rate, old.channels)] if where != Where.START else []
            _encode(writer, stream, [*before, reader.decode(old), *behind])
    return tags


def _encoder(reader: Any) -> str:
    if len(reader.streams) != 1 or len(reader.streams.audio) != 1:
        raise LabelError("has more than one audio stream, such as a cover picture, which would be lost")
    old = reader.streams.audio[0]
    if not 1 <= old.channels <= MAX_CHANNELS:
        raise LabelError(f"{old.channels} channels; 1 to {MAX_CHANNELS} are written")
    encoder = ENCODERS.get(old.codec_context.name.removeprefix("lib"))
    if encoder is None:
        raise UnknownContainerError(f"labels are not put into recordings in {old.codec_context.name}")
    return encoder


def _tags(reader: Any) -> dict[str, str]:
    """What a person or a program wrote into the file; what the container itself says is left out."""
    own = {"major_brand", "minor_version", "compatible_brands", "encoder", "creation_time"}
    every = {**reader.streams.audio[0].metadata, **reader.metadata}
    skipped = own | ({"language", "handler_name", "vendor_id"} if "mp4" in reader.format.name else set())
    return {key: value for key, value in every.items() if key.lower() not in skipped}


def _encode(container: Any, stream: Any, parts: list[Iterator[Any]]) -> None:
    """Encode the frames of all parts one after another, whatever the sample format of each."""
    av = pyav()
    context = stream.codec_context
    context.open(strict=False)
    queue = av.AudioFifo()
    for part in parts:
        for frame in _converted(part, context):
            frame.pts = None
            queue.write(frame)
            for ready in queue.read_many(context.frame_size or frame.samples):
                container.mux(stream.encode(ready))
    rest = queue.read(0, partial=True)
    if rest is not None:
        container.mux(stream.encode(rest))
    container.mux(stream.encode(None))


def _converted(part: Iterator[Any], context: Any) -> Iterator[Any]:
    resampler = pyav().AudioResampler(format=context.format, layout=context.layout, rate=context.rate)
    for frame in part:
        frame.pts = None
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def _frames(sound: Sound, rate: int, channels: int) -> Iterator[Any]:
    av, np = pyav(), numpy()
    mono: array[float] = sound.mono(rate)
    planes = np.repeat(np.frombuffer(mono).astype(np.float32)[None, :], channels, axis=0)
    layouts = ("mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1")
    for start in range(0, len(mono), rate):
        part = np.ascontiguousarray(planes[:, start : start + rate])
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layouts[channels - 1])
        frame.sample_rate = rate
        yield frame


def _flac_blocks(old: Source, new: Source, limits: Limits) -> list[Edit]:
    """Give the new stream every metadata block of the old one but its description and its seek table."""
    kept = [
        (kind, at, size)
        for kind, at, size in _blocks(old, limits)
        if kind not in (STREAMINFO, SEEKTABLE, PADDING)
    ]
    if any(kind == CUESHEET for kind, _, _ in kept):
        raise LabelError("has a cue sheet, whose positions would be wrong")
    blocks = _blocks(new, limits)
    described = next(new.read(at + 4, size) for kind, at, size in blocks if kind == STREAMINFO)
    parts = [(STREAMINFO, described), *((kind, old.read(at + 4, size)) for kind, at, size in kept)]
    head = b"".join(
        struct.pack(">I", (kind | (LAST if i == len(parts) - 1 else 0)) << 24 | len(data)) + data
        for i, (kind, data) in enumerate(parts)
    )
    _, at, size = blocks[-1]
    return [Edit(4, at + size, head)]


def _blocks(source: Source, limits: Limits) -> list[tuple[int, int, int]]:
    """Kind, offset of the header, and length of each metadata block.

    Raises:
        LabelError: the list has no end within the file.
        TooLargeError: they are longer than the limit.
    """
    blocks = []
    at, last = 4, False
    while not last:
        (head,) = struct.unpack(">I", source.read(at, 4))
        kind, size = head >> 24, head & 0xFFFFFF
        last = bool(kind & LAST)
        blocks.append((kind & ~LAST, at, size))
        at += 4 + size
        if at > limits.metadata_bytes:
            raise TooLargeError(f"more than {limits.metadata_bytes:,} bytes of metadata")
    return blocks


def pyav() -> Any:
    """The module of PyAV.

    Raises:
        LabelError: it is not installed; the message says how to.
    """
    try:
        import av  # noqa: PLC0415 - an extra
    except ImportError as missing:
        raise MissingPackageError("PyAV is needed here: pip install 'countermark[video]'") from missing
    return av
