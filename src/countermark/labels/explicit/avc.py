"""The parameter sets of H.264: which identifiers they have, and two streams' sets in one record.

A stream whose opening was encoded anew has two encoders' parameter sets. Told apart by identifiers, both
stand in one ``avcC`` record, and no sample of the untouched rest changes.

Source: ISO/IEC 14496-15, 5.3.3.1 (the record); ITU-T H.264, 7.3.2 (parameter sets), 9.1 (Exp-Golomb codes).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from countermark.labels.defects import LabelError

IDR, SPS, PPS = 5, 7, 8
MOST_SPS, MOST_PPS = 31, 255
LARGEST_ID: Final = 31
"""Of a sequence parameter set; a picture parameter set may have more, the encoder gives it the same."""


@dataclass(frozen=True)
class ParameterSets:
    """What a decoder must know before the first picture."""

    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]
    head: bytes = b""
    """The first four bytes of the record: version, profile, compatibility, level; empty for Annex B."""
    length_size: int = 0
    """Bytes of the length before each unit; 0 where start codes stand in between (Annex B)."""
    rest: bytes = b""
    """What stands behind the sets in the record."""

    def free_id(self) -> int:
        """An identifier that no set has.

        Raises:
            LabelError: there is none left.
        """
        taken = {_ue(unit, 4) for unit in self.sps} | {_ue(unit, 1) for unit in self.pps}
        for number in range(1, LARGEST_ID + 1):
            if number not in taken:
                return number
        raise LabelError("every identifier of a parameter set is taken")


def read(extradata: bytes) -> ParameterSets:
    """Read an ``avcC`` record, or parameter sets between start codes.

    Raises:
        LabelError: it is broken, or has none.
    """
    if extradata[:1] != b"\x01":
        found = list(between_start_codes(extradata))
        sps, pps = (tuple(unit for unit in found if unit[0] & 31 == kind) for kind in (SPS, PPS))
        sets = ParameterSets(sps, pps)
    else:
        if len(extradata) < 7:
            raise LabelError("the avcC record is cut short")
        sps, at = _listed(extradata, 6, extradata[5] & 31)
        if at >= len(extradata):
            raise LabelError("the avcC record is cut short")
        pps, at = _listed(extradata, at + 1, extradata[at])
        sets = ParameterSets(sps, pps, extradata[:4], (extradata[4] & 3) + 1, extradata[at:])
    if not sets.sps or not sets.pps:
        raise LabelError("the stream tells no parameter sets beside its pictures")
    return sets


def joined(first: ParameterSets, second: ParameterSets) -> bytes:
    """Write both in one record, with the profile of ``first`` and the higher level of the two.

    Raises:
        LabelError: there are more than a record holds.
    """
    sps, pps = (*first.sps, *second.sps), (*first.pps, *second.pps)
    if len(sps) > MOST_SPS or len(pps) > MOST_PPS:
        raise LabelError("more parameter sets than a record holds")
    level = max(first.head[3], *(unit[3] for unit in second.sps))
    record = bytes([*first.head[:3], level, 0xFC | (first.length_size - 1), 0xE0 | len(sps)])
    record += b"".join(len(unit).to_bytes(2, "big") + unit for unit in sps)
    record += bytes([len(pps)]) + b"".join(len(unit).to_bytes(2, "big") + unit for unit in pps)
    return record + first.rest


def units(sample: bytes, length_size: int) -> Iterator[bytes]:
    """The units of a sample; a broken length ends them."""
    if not length_size:
        yield from between_start_codes(sample)
        return
    at = 0
    while at + length_size < len(sample):
        length = int.from_bytes(sample[at : at + length_size], "big")
        yield sample[at + length_size : at + length_size + length]
        at += length_size + length


def begins_anew(sample: bytes, length_size: int) -> bool:
    """Whether the pictures from here on need none before (IDR)."""
    return any(unit and unit[0] & 31 == IDR for unit in units(sample, length_size))


def with_lengths(sample: bytes, length_size: int) -> bytes:
    """Write a sample between start codes with lengths instead."""
    return b"".join(len(unit).to_bytes(length_size, "big") + unit for unit in between_start_codes(sample))


def between_start_codes(data: bytes) -> Iterator[bytes]:
    """The units of Annex B, without their start codes."""
    for part in data.split(b"\0\0\1")[1:]:
        if unit := part.rstrip(b"\0"):
            yield unit


def _listed(data: bytes, at: int, count: int) -> tuple[tuple[bytes, ...], int]:
    found = []
    for _ in range(count):
        length = int.from_bytes(data[at : at + 2], "big")
        unit = data[at + 2 : at + 2 + length]
        if not length or len(unit) < length or len(unit) < 5 - (unit[0] & 31 == PPS) * 3:
            raise LabelError("the avcC record is cut short")
        found.append(unit)
        at += 2 + length
    return tuple(found), at


def _ue(unit: bytes, at: int) -> int:
    """An unsigned Exp-Golomb code at byte ``at``: no byte of emulation prevention can stand before it."""
    bits = int.from_bytes(unit[at : at + 8].ljust(8, b"\0"), "big")
    zeros = 64 - bits.bit_length()
    return (bits >> (63 - 2 * zeros)) - 1 if zeros <= 16 else 0
