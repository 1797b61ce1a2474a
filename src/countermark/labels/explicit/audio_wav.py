"""WAV: a sound spliced into the samples, with every other byte kept.

Nothing is decoded: the sound is written in the format of the file and spliced in, so that a recording of
any length takes constant memory. What counts frames from the start (``fact``, ``cue``, ``smpl``, ``PEAK``)
moves along.

Source: Multimedia Programming Interface and Data Specifications 1.0 (RIFF, WAVE); RFC 2361.
"""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass

from countermark.labels.defects import LabelError, TooLargeError, UnknownContainerError
from countermark.labels.explicit.audio_rhythm import Sound
from countermark.labels.explicit.placing import Where
from countermark.labels.source import DEFAULT_LIMITS, Limits, Source
from countermark.labels.splicing import Edit

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
SUBFORMAT_TAIL = bytes.fromhex("000000001000800000aa00389b71")
"""What follows the format tag in the sub-format of ``WAVE_FORMAT_EXTENSIBLE``."""
WIDTHS = {PCM: (8, 16, 24, 32), FLOAT: (32, 64)}
UNKNOWN_SIZE, MAX_SIZE = 0xFFFFFFFF, 0xFFFFFFFE
LOW_FREQUENCY = 1 << 3
"""The bit of the channel mask for the subwoofer."""
MAX_LABEL = 64 << 20
"""Most bytes that a label may take in the format of the file."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of the file, without its padding."""

    name: bytes
    at: int
    """Of its header."""
    size: int
    """Of its data, which begins eight bytes later."""


@dataclass(frozen=True, slots=True)
class Format:
    """How the samples are laid out."""

    kind: int
    """``PCM`` or ``FLOAT``."""
    channels: int
    rate: int
    bits: int
    mask: int
    """Which loudspeaker each channel is for; 0 where the file does not say."""

    @property
    def frame_bytes(self) -> int:
        """One sample of every channel."""
        return self.channels * self.bits // 8


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything in a WAV file is."""

    format: Format
    chunks: tuple[Chunk, ...]
    data: Chunk
    end: int
    """Behind the last chunk; what follows is no part of the RIFF form."""


def edits(source: Source, sound: Sound, where: Where, limits: Limits = DEFAULT_LIMITS) -> list[Edit]:
    """What puts ``sound`` before or behind the samples; :mod:`countermark.labels.splicing` carries it out.

    The subwoofer, where the file names one, stays silent; every other channel gets the sound.

    Raises:
        LabelError: the file is broken, of a format that is not written, signed with C2PA (which would break:
            label first, sign last), or would pass 4 GiB.
    """
    layout = walk(source, limits)
    mono = sound.mono(layout.format.rate)
    if len(mono) * layout.format.frame_bytes > MAX_LABEL:
        raise TooLargeError(f"the label would take more than {MAX_LABEL:,} bytes in this format")
    label = encode(mono, layout.format)
    before = label if where in (Where.START, Where.BOTH) else b""
    behind = label if where in (Where.END, Where.BOTH) else b""
    changes = _samples(source, layout, before, behind)
    frames = (len(before) + len(behind)) // layout.format.frame_bytes
    changes += _counts(source, layout, limits, added=frames, shift=len(before) // layout.format.frame_bytes)
    size = layout.end - 8 + sum(change.growth for change in changes)
    if size > MAX_SIZE:
        raise LabelError("would pass 4 GiB, which a WAV file cannot: RF64 is not written")
    return [Edit(4, 4, struct.pack("<I", size)), *changes]


def walk(source: Source, limits: Limits = DEFAULT_LIMITS) -> Layout:
    """The chunks of a WAV file and the format of its samples.

    Raises:
        LabelError: the file is broken or of a format that is not written.
    """
    head = source.peek(0, 12)
    if head[:4] in (b"RF64", b"BW64"):
        raise LabelError("is RF64, the WAV of more than 4 GiB, which is not written")
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise UnknownContainerError("is no WAV file")
    chunks, end = _chunks(source, struct.unpack_from("<I", head, 4)[0], limits)
    named = {chunk.name: chunk for chunk in chunks}
    if sum(chunk.name == b"data" for chunk in chunks) != 1 or b"fmt " not in named:
        raise LabelError("a WAV file has one `fmt ` and one `data` chunk, and this has not")
    if named[b"fmt "].at > named[b"data"].at:
        raise LabelError("the `fmt ` chunk stands behind the samples")
    if b"C2PA" in named:
        raise LabelError("carries a C2PA manifest, which a changed file would break: label first, sign last")
    chunk = named[b"fmt "]
    form = _format(source.take(chunk.at + 8, chunk.size, limits))
    return Layout(form, tuple(chunks), named[b"data"], end)


def _chunks(source: Source, declared: int, limits: Limits) -> tuple[list[Chunk], int]:
    open_ended = declared in (0, UNKNOWN_SIZE)
    end = source.size if open_ended else min(8 + declared, source.size)
    chunks: list[Chunk] = []
    at = 12
    while at + 8 <= end:
        if len(chunks) >= limits.elements:
            raise TooLargeError(f"more than {limits.elements:,} chunks")
        name, size = struct.unpack("<4sI", source.read(at, 8))
        if name == b"data" and size == UNKNOWN_SIZE:
            size = source.size - at - 8  # written to a pipe: the samples go on to the end
            end = source.size
        if at + 8 + size > source.size:
            raise LabelError(f"the chunk {name!r} at byte {at:,} ends behind the file")
        chunks.append(Chunk(name, at, size))
        at = min(at + 8 + size + size % 2, source.size)
    return chunks, max(at, end)


def _format(data: bytes) -> Format:
    if len(data) < 16:
        raise LabelError("the `fmt ` chunk is shorter than 16 bytes")
    kind, channels, rate, _, align, bits = struct.unpack_from("<HHIIHH", data)
    mask = 0
    if kind == EXTENSIBLE:
        if len(data) < 40 or data[26:40] != SUBFORMAT_TAIL:
            raise LabelError("the extension of the `fmt ` chunk is broken or names an unknown format")
        mask, kind = struct.unpack_from("<IH", data, 20)
    if bits not in WIDTHS.get(kind, ()):
        raise LabelError(
            f"samples of format {kind:#06x} with {bits} bits: labels are put into integer and float PCM"
        )
    if not 1 <= channels <= 256 or align != channels * bits // 8:
        raise LabelError(f"{channels} channels of {bits} bits in frames of {align} bytes")
    return Format(kind, channels, rate, bits, mask)


def _samples(source: Source, layout: Layout, before: bytes, behind: bytes) -> list[Edit]:
    data = layout.data
    start, end = data.at + 8, data.at + 8 + data.size
    size = data.size + len(before) + len(behind)
    padding = min(data.size % 2, source.size - end)
    return [
        Edit(data.at + 4, 4, struct.pack("<I", min(size, MAX_SIZE))),
        Edit(start, 0, before),
        Edit(end - data.size % layout.format.frame_bytes, 0, behind),
        Edit(end, padding, b"\0" * (size % 2)),
    ]


def _counts(source: Source, layout: Layout, limits: Limits, *, added: int, shift: int) -> list[Edit]:
    """The chunks that count frames: by how many there are now, and by how many all moved on."""
    changes = []
    for chunk in layout.chunks:
        start = chunk.at + 8
        if chunk.name == b"fact" and chunk.size >= 4:
            (count,) = struct.unpack("<I", source.read(start, 4))
            changes.append(Edit(start, 4, struct.pack("<I", min(count + added, MAX_SIZE))))
        elif chunk.name in POSITIONS and shift:
            data = source.take(start, chunk.size, limits)
            changes.append(Edit(start, chunk.size, _shifted(chunk.name, data, shift)))
    return changes


POSITIONS = {b"cue ": (4, 24, (4, 20)), b"smpl": (36, 24, (8, 12)), b"PEAK": (8, 8, (4,))}
"""Chunk → first record, length of a record, and which of its fields count frames from the start."""


def _shifted(name: bytes, data: bytes, frames: int) -> bytes:
    first, length, fields = POSITIONS[name]
    records = (len(data) - first) // length
    if name == b"cue " and len(data) >= 4:
        records = min(records, struct.unpack_from("<I", data)[0])
    elif name == b"smpl" and len(data) >= 32:
        records = min(records, struct.unpack_from("<I", data, 28)[0])
    changed = bytearray(data)
    for record in range(records):
        for field in fields:
            at = first + record * length + field
            (old,) = struct.unpack_from("<I", data, at)
            struct.pack_into("<I", changed, at, min(old + frames, MAX_SIZE))
    return bytes(changed)


def encode(mono: array[float], form: Format) -> bytes:
    """One channel between -1 and 1 as frames of a format: the same in every channel but the subwoofer."""
    width = form.bits // 8
    plain = _floats(mono, width) if form.kind == FLOAT else _integers(mono, form.bits)
    frames = bytearray(silence(form) * len(mono))
    for channel in _sounding(form):
        for byte in range(width):
            frames[channel * width + byte :: form.frame_bytes] = plain[byte::width]
    return bytes(frames)


def _integers(mono: array[float], bits: int) -> bytes:
    full = (1 << (bits - 1)) - 1
    values = [round(max(-1.0, min(1.0, sample)) * full) for sample in mono]
    if bits == 8:
        return bytes(value + 128 for value in values)
    if bits == 24:
        return b"".join(value.to_bytes(3, "little", signed=True) for value in values)
    return struct.pack(f"<{len(values)}{'h' if bits == 16 else 'i'}", *values)


def _floats(mono: array[float], width: int) -> bytes:
    return struct.pack(f"<{len(mono)}{'f' if width == 4 else 'd'}", *mono)


def silence(form: Format) -> bytes:
    """One frame without sound: 8-bit samples are unsigned, with their zero at 128."""
    return (b"\x80" if form.kind == PCM and form.bits == 8 else b"\0" * (form.bits // 8)) * form.channels


def _sounding(form: Format) -> list[int]:
    """The channels that are not the subwoofer. They follow the bits of the mask, lowest first."""
    speakers = [1 << bit for bit in range(32) if form.mask >> bit & 1]
    quiet = {i for i, speaker in enumerate(speakers[: form.channels]) if speaker == LOW_FREQUENCY}
    return [i for i in range(form.channels) if i not in quiet or form.channels == 1]
