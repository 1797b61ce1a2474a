"""MP3: a sound encoded like the recording and spliced in as frames; the recording is not encoded again.

The frame counts of a Xing or Info header are moved along, since players take the duration from them.

Source: ISO/IEC 11172-3 (frame headers); the Xing and LAME header as decoders read it; ID3v2.4 and APEv2.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from countermark.labels.defects import LabelError, UnknownContainerError
from countermark.labels.explicit import audio_codecs
from countermark.labels.explicit.audio_rhythm import Sound
from countermark.labels.explicit.placing import Where
from countermark.labels.source import Source
from countermark.labels.splicing import Edit

RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""By the two version bits: MPEG-1, MPEG-2, MPEG-2.5."""
BITRATES = {
    True: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Kilobits a second by index, for MPEG-1 and for the others."""
MONO = 3
SEARCH = 64 << 10
"""How far behind the tags the first frame is sought."""
HAS_FRAMES, HAS_BYTES, HAS_TOC = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Frame:
    """The header of one frame of layer III."""

    at: int
    version: int
    kbps: int
    rate: int
    channels: int
    size: int

    @property
    def side_bytes(self) -> int:
        """The side information, behind which a Xing header stands."""
        if self.version == 3:
            return 17 if self.channels == 1 else 32
        return 9 if self.channels == 1 else 17


def edits(source: Source, sound: Sound, where: Where) -> list[Edit]:
    """What puts frames of ``sound`` before the first, or behind the last, frame of the recording.

    Raises:
        LabelError: it is no MP3, broken, of free or odd bit rate, or PyAV is missing.
    """
    first = _first(source)
    header = _xing(source, first)
    start = first.at + first.size if header is not None else first.at
    model = frame(source, start) or first
    made = audio_codecs.mp3_frames(sound, model.rate, model.channels, model.kbps)
    count = _count(made)
    before = made if where != Where.END else b""
    behind = made if where != Where.START else b""
    end = max(start, _end(source))
    changes = [Edit(start, 0, before), Edit(end, 0, behind)]
    if header is not None:
        data = source.read(first.at, first.size)
        new = _recounted(data, header - first.at, count, before, behind)
        changes.append(Edit(first.at, first.size, new))
    return changes


def frame(source: Source, at: int) -> Frame | None:
    """The frame whose header stands at ``at``, if there is one."""
    head = source.peek(at, 4)
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, index, rate_index = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or rate_index == 3 or not 1 <= index <= 14:
        return None
    kbps = BITRATES[version == 3][index - 1]
    rate = RATES[version][rate_index]
    size = (144 if version == 3 else 72) * kbps * 1000 // rate + (head[2] >> 1 & 1)
    return Frame(at, version, kbps, rate, 1 if head[3] >> 6 == MONO else 2, size)


def _first(source: Source) -> Frame:
    at = 0
    while (head := source.peek(at, 10))[:3] == b"ID3" and len(head) == 10:
        size = 0
        for byte in head[6:]:
            size = size << 7 | byte & 0x7F
        at += 10 + size + (10 if head[5] & 0x10 else 0)
    for start in range(at, min(at + SEARCH, source.size)):
        found = frame(source, start)
        if found is not None and (
            start + found.size == source.size or frame(source, start + found.size) is not None
        ):
            return found
    raise UnknownContainerError("no two frames of MP3 follow each other near the start")


def _end(source: Source) -> int:
    """Behind the last frame: tags that stand at the end stay there."""
    end = source.size
    if source.peek(end - 128, 3) == b"TAG" and end >= 128:
        end -= 128
    footer = source.peek(end - 32, 32) if end >= 32 else b""
    if footer[:8] == b"APETAGEX":
        size, _, flags = struct.unpack_from("<3I", footer, 12)
        end -= size + (32 if flags & 1 << 31 else 0)
    if end < 0:
        raise LabelError("an APE tag is longer than the file")
    return end


def _count(frames: bytes) -> int:
    source = Source(frames)
    at = count = 0
    while (found := frame(source, at)) is not None and found.size:
        at, count = at + found.size, count + 1
    return count


def _xing(source: Source, first: Frame) -> int | None:
    at = first.at + 4 + first.side_bytes
    return at if source.peek(at, 4) in (b"Xing", b"Info") else None


def _recounted(data: bytes, at: int, count: int, before: bytes, behind: bytes) -> bytes:
    """The frame of the header, with the frames, bytes and table of contents of the new file."""
    changed = bytearray(data)
    (flags,) = struct.unpack_from(">I", data, at + 4)
    field = at + 8
    old_frames = old_bytes = 0
    for bit in (HAS_FRAMES, HAS_BYTES):
        if not flags & bit or field + 4 > len(data):
            continue
        (old,) = struct.unpack_from(">I", data, field)
        parts = bool(before) + bool(behind)
        grown = old + (count * parts if bit == HAS_FRAMES else len(before) + len(behind))
        struct.pack_into(">I", changed, field, min(grown, 0xFFFFFFFF))
        old_frames, old_bytes = (old, old_bytes) if bit == HAS_FRAMES else (old_frames, old)
        field += 4
    if flags & HAS_TOC and field + 100 <= len(data) and old_frames and old_bytes:
        toc = _contents(data[field : field + 100], (old_frames, count), (old_bytes, before, behind))
        changed[field : field + 100] = toc
    lame = at + 120
    if flags & 15 == 15 and lame + 36 <= len(data):
        struct.pack_into(">H", changed, lame + 34, _crc(changed[: lame + 34]))
    return bytes(changed)


def _contents(old: bytes, frames: tuple[int, int], sizes: tuple[int, bytes, bytes]) -> bytes:
    """Where in the file, in 256ths, each hundredth of the new duration begins."""
    old_frames, count = frames
    old_bytes, before, behind = sizes
    lead, tail = (count if before else 0), (count if behind else 0)
    total = old_frames + lead + tail
    size = old_bytes + len(before) + len(behind)
    table = bytearray()
    for percent in range(100):
        at = percent / 100 * total
        if at < lead:
            byte = at / lead * len(before)
        elif at >= lead + old_frames:
            byte = len(before) + old_bytes + (at - lead - old_frames) / max(tail, 1) * len(behind)
        else:
            byte = len(before) + old[min(99, int((at - lead) / old_frames * 100))] / 256 * old_bytes
        table.append(min(255, int(byte / size * 256)))
    return bytes(table)


def _crc(data: bytearray) -> int:
    """CRC-16 of the LAME tag: polynomial 0x8005, reflected, from zero."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
