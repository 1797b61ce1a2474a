"""The audio rhythm label, short-long short-short: Morse for "AI".

The standard names the rhythm and no more: neither unit length nor pitch are known from a public text, so
both are parameters here. The defaults are a tone of 800 Hz at ten Morse words a minute, which is 1.3 s long.

Source: GB 45438-2025, the clause on audio, and ITU-R M.1677-1 for the proportions of Morse code.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from typing import Protocol

from countermark.labels.defects import LabelError

MORSE = ((1, 3), (1, 1))
"""The tones of each letter, in units: A is short-long, I is short-short."""
GAP, LETTER_GAP = 1, 3
"""Silence between the tones of a letter, and between letters, in units."""
RAMP_S = 0.005
"""Each tone swells and fades so long, so that it does not click."""
RATES = (4_000, 384_000)
"""Frames a second at which labels are made."""


class Sound(Protocol):
    """What can be put before or behind a recording."""

    def mono(self, rate: int) -> array[float]:
        """The sound at ``rate`` frames a second: one channel, between -1 and 1, as ``array("d")``.

        Raises:
            LabelError: it cannot be made at this rate.
        """
        ...


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Short-long short-short, with silence on both sides."""

    unit_s: float = 0.12
    """Length of a short tone; 0.02 to 1 second."""
    frequency_hz: float = 800.0
    level: float = 0.25
    """Peak, as a share of full scale: about as loud as speech."""
    pause_s: float = 0.3
    """Silence before and after, at most 10 seconds."""

    def mono(self, rate: int) -> array[float]:
        """One channel of it, as in :class:`Sound`."""
        self._check(rate)
        pause = array("d", bytes(8 * round(self.pause_s * rate)))
        sound = array("d", pause)
        for on, units in timeline():
            frames = round(units * self.unit_s * rate)
            sound.extend(self._tone(rate, frames) if on else array("d", bytes(8 * frames)))
        sound.extend(pause)
        return sound

    def _tone(self, rate: int, frames: int) -> array[float]:
        step = 2 * math.pi * self.frequency_hz / rate
        ramp = max(1, min(round(RAMP_S * rate), frames // 2))
        return array(
            "d",
            (
                self.level * math.sin(step * i) * min(1.0, (i + 0.5) / ramp, (frames - i - 0.5) / ramp)
                for i in range(frames)
            ),
        )

    def _check(self, rate: int) -> None:
        if not RATES[0] <= rate <= RATES[1]:
            raise LabelError(f"{rate:,} frames a second; the rhythm is made at {RATES[0]:,} to {RATES[1]:,}")
        if not 0.02 <= self.unit_s <= 1:
            raise LabelError(f"a unit of {self.unit_s} s; 0.02 to 1 s can be heard as a rhythm")
        if not 20 <= self.frequency_hz < rate / 2:
            raise LabelError(f"a tone of {self.frequency_hz} Hz at {rate:,} frames a second")
        if not 0 < self.level <= 1:
            raise LabelError(f"a level of {self.level}; it is more than 0 and at most 1")
        if not 0 <= self.pause_s <= 10:
            raise LabelError(f"a pause of {self.pause_s} s; 0 to 10 s")


def timeline() -> list[tuple[bool, int]]:
    """The rhythm as (sounding, units), from the first tone to the last."""
    parts: list[tuple[bool, int]] = []
    for letter in MORSE:
        if parts:
            parts.append((False, LETTER_GAP))
        for i, units in enumerate(letter):
            parts += [(False, GAP), (True, units)] if i else [(True, units)]
    return parts


def rhythm(rate: int, channels: int = 1, style: Rhythm | None = None) -> array[float]:
    """The rhythm as samples between -1 and 1, frame by frame: ``(frames * channels,)``, ``array("d")``.

    Raises:
        LabelError: the style cannot be made at this rate, or there are not 1 to 256 channels.
    """
    if not 1 <= channels <= 256:
        raise LabelError(f"{channels} channels; 1 to 256 can be written")
    mono = (style or Rhythm()).mono(rate)
    samples = array("d", bytes(8 * len(mono) * channels))
    for channel in range(channels):
        samples[channel::channels] = mono
    return samples
