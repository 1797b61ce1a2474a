"""Find the audio label in samples: the rhythm short-long short-short, or one of our own spoken prompts.

The rhythm is sought at every pitch and tempo: as a narrow band whose share of the power rises and falls in
the proportions of Morse. A spoken prompt is sought by the correlation of band powers with the shipped
clips, so only those clips are known; any other voice is not. Not found therefore means *unknown*, never
*unlabelled*.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from countermark.labels.defects import LabelError
from countermark.labels.explicit.audio_rhythm import RATES, timeline
from countermark.labels.explicit.speech import CLIP_RATE, CLIPS, clip_samples, numpy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

HOP_S, WINDOW_S = 0.01, 0.04
UNITS_S = tuple(round(0.05 * 1.09**i, 4) for i in range(22))
"""Tempos that are tried: unit lengths of 0.05 to 0.3 s."""
MARGIN_UNITS = 3
"""So much before and after the rhythm must be free of its tone."""
TONE_HZ = (200.0, 4000.0)
TONE_BINS = 12
"""Most pitches that are looked at in one block: those that stand out in most frames."""
TONE_SHARE = 0.2
"""Least share of the power of a frame that one pitch must have to stand out."""
LEAST_RHYTHM, LEAST_SPEECH = 0.8, 0.6
"""Least correlation that counts as found."""
BLOCK_S, OVERLAP_S = 60.0, 8.0
SILENCE = 1e-8
"""Power below this share of the loudest frame is silence, whatever its spectrum."""
END_S = 3.0
"""A label that begins, or ends, so close to the start, or the end, is at that place."""
WHOLE_S = 1.5
"""Most of a recording that nothing but a label may be beside it."""


@dataclass(frozen=True, slots=True)
class AudioLabel:
    """One label that was heard."""

    kind: str
    """``rhythm`` or ``speech``."""
    start_s: float
    end_s: float
    place: str
    """``start``, ``middle`` or ``end``; ``whole`` when nothing else is there."""
    confidence: float
    """The correlation with what was looked for, 0 to 1. It is no probability."""
    detail: str
    """Unit length and pitch of a rhythm, the text of a prompt."""


@dataclass(frozen=True, slots=True)
class AudioFinding:
    """What was heard in one recording."""

    labels: tuple[AudioLabel, ...]
    """In order of time."""
    seconds: float
    """How much was listened to."""

    @property
    def status(self) -> str:
        """``found`` or ``unknown``: hearing nothing proves nothing."""
        return "found" if self.labels else "unknown"


def find(samples: Array, rate: int) -> AudioFinding:
    """Listen to a whole recording.

    Args:
        samples: ``(frames,)`` or ``(frames, channels)``, integers or floats of any scale. One ``float32``
            copy of one channel is made.
        rate: frames a second.

    Raises:
        LabelError: no such shape, type or rate; samples that are no numbers; or numpy is missing.
    """
    mono = _mono(samples, rate)
    step, length = round((BLOCK_S - OVERLAP_S) * rate), round(BLOCK_S * rate)
    starts = range(0, max(1, len(mono) - round(OVERLAP_S * rate)), step)
    heard = [one for start in starts for one in hear(mono[start : start + length], rate, start / rate)]
    return finding(heard, len(mono) / rate)


Heard = tuple[str, float, float, float, str]
"""Kind, start and end in seconds, confidence and detail of one label."""


def hear(block: Array, rate: int, offset_s: float) -> list[Heard]:
    """What is heard in one stretch of a recording, ``(frames,)`` of floats, that begins at ``offset_s``."""
    power = _spectrogram(block, rate)
    return [
        (kind, begin + offset_s, end + offset_s, score, detail)
        for kind, begin, end, score, detail in (*_rhythms(power, rate), *_prompts(power, rate))
    ]


def finding(heard: list[Heard], seconds: float) -> AudioFinding:
    """What was heard in all stretches of a recording of ``seconds``, each label once."""
    return AudioFinding(tuple(_distinct([_placed(one, seconds) for one in heard])), seconds)


def _mono(samples: Array, rate: int) -> Array:
    np = numpy()
    if not RATES[0] <= rate <= RATES[1]:
        raise LabelError(f"{rate:,} frames a second; {RATES[0]:,} to {RATES[1]:,} are listened to")
    if samples.ndim not in (1, 2) or samples.dtype.kind not in "iuf":
        raise LabelError("samples are an array (frames,) or (frames, channels) of integers or floats")
    wide = samples[:, None] if samples.ndim == 1 else samples
    if not wide.shape[1]:
        raise LabelError("samples without a channel")
    mono: Array = wide.mean(axis=1, dtype=np.float32)
    if not np.isfinite(mono).all():
        raise LabelError("samples that are no finite numbers")
    mono /= np.abs(mono).max(initial=1e-12)
    return mono


def _spectrogram(mono: Array, rate: int) -> Array:
    """Power ``(frames, bins)``; frame ``i`` is centred on ``i * HOP_S`` seconds."""
    np = numpy()
    hop, width = HOP_S * rate, round(WINDOW_S * rate)
    size = 1 << (width - 1).bit_length()
    count = int(len(mono) / hop) + 1
    padded = np.pad(mono, (width // 2, width + round(hop)))
    window = np.hanning(width).astype(np.float32)
    power: Array = np.empty((count, size // 2 + 1), np.float32)
    for first in range(0, count, 512):
        starts = np.round(np.arange(first, min(first + 512, count)) * hop).astype(np.int64)
        frames = padded[starts[:, None] + np.arange(width)] * window
        power[first : first + len(starts)] = np.abs(np.fft.rfft(frames, size)) ** 2
    return power


def _rhythms(power: Array, rate: int) -> Iterator[Heard]:
    np = numpy()
    bin_hz = rate / (2 * (power.shape[1] - 1))
    total = power.sum(axis=1)
    alive = total > SILENCE * total.max(initial=0)
    if not alive.any():
        return
    share = power / np.where(alive, total, 1)[:, None]
    share[~alive] = 0
    smooth = share.copy()
    smooth[:, 1:] += share[:, :-1]
    smooth[:, :-1] += share[:, 1:]
    low, high = round(TONE_HZ[0] / bin_hz), min(round(TONE_HZ[1] / bin_hz), power.shape[1] - 1)
    band = smooth[:, low : high + 1]
    standing = np.bincount(band.argmax(axis=1)[band.max(axis=1) > TONE_SHARE], minlength=band.shape[1])
    for index in np.argsort(standing)[::-1][:TONE_BINS]:
        if standing[index] * HOP_S < UNITS_S[0] * 3:
            return
        yield from _in_band(np.minimum(band[:, index], 1), (low + index) * bin_hz)


def _in_band(envelope: Array, pitch_hz: float) -> Iterator[Heard]:
    """Every place where one band sounds in the rhythm, at the tempo that fits best."""
    np = numpy()
    best: tuple[Array, Array] | None = None
    for index, unit_s in enumerate(UNITS_S):
        template = _template(unit_s)
        score = _correlation(envelope, template, round(MARGIN_UNITS * unit_s / HOP_S))
        if best is None:
            best = score, np.zeros(len(score), np.int64)
        else:
            better = score > best[0]
            best = np.where(better, score, best[0]), np.where(better, index, best[1])
    if best is None:
        return
    score = best[0].copy()
    while score.max(initial=0) >= LEAST_RHYTHM:
        at = int(score.argmax())
        unit_s, value = UNITS_S[best[1][at]], float(score[at])
        length = len(_template(unit_s)) - 2 * round(MARGIN_UNITS * unit_s / HOP_S)
        score[max(0, at - length) : at + length] = 0
        if _even(envelope, at, unit_s):
            begin = at * HOP_S
            detail = f"unit {unit_s:.2f} s, {pitch_hz:.0f} Hz"
            yield "rhythm", begin, begin + length * HOP_S, min(value, 1.0), detail


@lru_cache(maxsize=len(UNITS_S))
def _template(unit_s: float) -> Array:
    """The envelope of a rhythm, margins included, as the window of the spectrogram would blur it."""
    np = numpy()
    parts = [(False, MARGIN_UNITS), *timeline(), (False, MARGIN_UNITS)]
    edges = np.cumsum([0, *(units * unit_s for _, units in parts)])
    times = np.arange(round(edges[-1] / HOP_S)) * HOP_S
    sounding = np.array([on for on, _ in parts])
    fine = times[:, None] + (np.arange(16) / 15 - 0.5) * WINDOW_S / 2
    where = np.clip(np.searchsorted(edges, fine, side="right") - 1, 0, len(parts) - 1)
    template: Array = sounding[where].mean(axis=1)
    return template


def _correlation(envelope: Array, template: Array, margin: int) -> Array:
    """Pearson's, for the first tone at each frame; what lies outside the recording is silence."""
    np = numpy()
    length = len(template)
    padded = np.pad(envelope.astype(np.float64), (margin, length))
    size = 1 << (len(padded) + length - 1).bit_length()
    shape = template - template.mean()
    product = np.fft.irfft(np.fft.rfft(padded, size) * np.conj(np.fft.rfft(shape, size)), size)
    sums = np.cumsum(np.pad(padded, (1, 0)))
    squares = np.cumsum(np.pad(padded**2, (1, 0)))
    count = len(envelope)
    total = sums[length : length + count] - sums[:count]
    spread = squares[length : length + count] - squares[:count] - total**2 / length
    scale = np.sqrt(np.maximum(spread, 1e-3 * length) * (shape**2).sum())
    result: Array = product[:count] / scale
    return result


def _even(envelope: Array, start: int, unit_s: float) -> bool:
    """Every tone sounds, and every gap is a gap: what a correlation alone would average away.

    The silence before and after is looked at too, or "AS" and "UI" would be heard as "AI".
    """
    np = numpy()
    tones: list[float] = []
    gaps = [0.0]
    at = start * HOP_S - MARGIN_UNITS * unit_s
    for on, units in ((False, MARGIN_UNITS), *timeline(), (False, MARGIN_UNITS)):
        first = max(0, round((at + 0.25 * unit_s) / HOP_S))
        part = envelope[first : max(0, round((at + (units - 0.25) * unit_s) / HOP_S), first + on)]
        if len(part):
            (tones if on else gaps).append(float(np.median(part) if units == 1 else np.quantile(part, 0.8)))
        at += units * unit_s
    return len(tones) == 4 and min(tones) > TONE_SHARE and max(gaps) < 0.6 * min(tones)


BAND_EDGES_HZ = tuple(150 * 1.16**i for i in range(23))
"""Bands from 150 Hz to 3.9 kHz, as narrow as a voice's formants need."""


def _bands(power: Array, rate: int) -> Array:
    """Level in each band ``(frames, bands)``, in decibels above a floor of -50 dB."""
    np = numpy()
    bin_hz = rate / (2 * (power.shape[1] - 1))
    edges = np.round(np.array(BAND_EDGES_HZ) / bin_hz).astype(np.int64)
    edges = np.minimum(edges, power.shape[1] - 1)
    sums = np.cumsum(np.pad(power, ((0, 0), (1, 0))), axis=1, dtype=np.float64)
    level = sums[:, np.maximum(edges[1:], edges[:-1] + 1)] - sums[:, edges[:-1]]
    decibels: Array = 10 * np.log10(np.maximum(level / max(level.max(initial=0), 1e-12), 1e-5))
    return decibels


@lru_cache(maxsize=len(CLIPS))
def _voiceprint(name: str) -> Array:
    samples = clip_samples(name)
    return _bands(_spectrogram(samples / abs(samples).max(), CLIP_RATE), CLIP_RATE)


def _prompts(power: Array, rate: int) -> Iterator[Heard]:
    np = numpy()
    levels = _bands(power, rate)
    for name, text in CLIPS.items():
        shape = _voiceprint(name)
        length = len(shape)
        if len(levels) < length:
            continue
        score = _sliding(levels, shape)
        at = int(score.argmax())
        while score[at] >= LEAST_SPEECH:
            yield "speech", at * HOP_S, (at + length) * HOP_S, min(float(score[at]), 1.0), text
            score[max(0, at - length // 2) : at + length // 2] = 0
            at = int(np.argmax(score))


def _sliding(levels: Array, shape: Array) -> Array:
    """Pearson's correlation of two-dimensional patterns, each band about its own mean."""
    np = numpy()
    length, count = len(shape), len(levels) - len(shape) + 1
    size = 1 << (len(levels) + length - 1).bit_length()
    centred = shape - shape.mean(axis=0)
    spectra = np.fft.rfft(levels, size, axis=0) * np.conj(np.fft.rfft(centred, size, axis=0))
    product = np.fft.irfft(spectra.sum(axis=1), size)[:count]
    sums = np.cumsum(np.pad(levels, ((1, 0), (0, 0))), axis=0)
    squares = np.cumsum(np.pad(levels**2, ((1, 0), (0, 0))), axis=0)
    total = sums[length:] - sums[:-length]
    spread = (squares[length:] - squares[:-length] - total**2 / length).sum(axis=1)
    result: Array = product / np.sqrt(np.maximum(spread, 1.0) * (centred**2).sum())
    return result


def _placed(heard: Heard, seconds: float) -> AudioLabel:
    kind, start, end, score, detail = heard
    before, behind = start, max(seconds - end, 0.0)
    if before + behind <= WHOLE_S:
        place = "whole"
    elif min(before, behind) > END_S:
        place = "middle"
    else:
        place = "start" if before <= behind else "end"
    return AudioLabel(kind, round(start, 2), round(min(end, seconds), 2), place, round(score, 3), detail)


def _distinct(heard: list[AudioLabel]) -> list[AudioLabel]:
    """One label for each stretch: the best of those that overlap."""
    kept: list[AudioLabel] = []
    for label in sorted(heard, key=lambda one: -one.confidence):
        if all(label.end_s <= other.start_s or other.end_s <= label.start_s for other in kept):
            kept.append(label)
    return sorted(kept, key=lambda one: one.start_s)
