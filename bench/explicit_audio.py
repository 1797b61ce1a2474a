"""How often the audio label is heard, and how often it is heard where there is none.

    python bench/explicit_audio.py [SEED] [TIMES]

Recordings are made: noise, something like music, and speech by espeak-ng where it is installed. Labels of
random tempo, pitch and level are put into them and go through ffmpeg where it is installed. The thresholds
of the detector were set on seeds 1 and 2; the table is to be taken from another one. Intervals are Clopper
and Pearson's, at 95 %.
"""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import tempfile
import wave
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from countermark.labels.explicit.audio_detection import find
from countermark.labels.explicit.audio_rhythm import Rhythm
from countermark.labels.explicit.speech import CLIPS, Prompt, resampled

Signal = NDArray[np.float64]
RATE = 24_000
CONTENT_S = 6.0
TRANSPORTS = {
    "as it is": (),
    "MP3 64 kbit/s": ("mp3", "-c:a", "libmp3lame", "-b:a", "64k"),
    "MP3 32 kbit/s": ("mp3", "-c:a", "libmp3lame", "-b:a", "32k"),
    "Opus 24 kbit/s": ("ogg", "-c:a", "libopus", "-b:a", "24k"),
    "8 kHz, mu-law": ("wav", "-ar", "8000", "-c:a", "pcm_mulaw"),
}
SENTENCES = (
    "The quick brown fox jumps over the lazy dog while the rain in Spain falls mainly on the plain.",
    "Please hold the line, your call is important to us, and somebody will be with you in a moment.",
    "This contract was generated last year and the content of it was never read by anyone at all.",
    "今天天气很好，我们一起去公园散步，然后回家吃饭。",
    "本产品由北京工厂制造，请在阴凉干燥处保存。",
    "人工智能课程将于下周一开始，请同学们准时参加。",
)
SPOKEN = (("en-gb", SENTENCES[:3]), ("en-us", SENTENCES[:3]), ("cmn-latn-pinyin", SENTENCES[3:]))
MORSE = {"A": ".-", "E": ".", "H": "....", "I": "..", "M": "--", "N": "-.", "S": "...", "T": "-", "U": "..-"}
OTHERS = ("HI", "NI", "AN", "AM", "IA", "SMS", "UI", "TI", "EI", "AE", "A", "I", "AS")


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    hits: int
    times: int

    def __str__(self) -> str:
        low, high = interval(self.hits, self.times)
        return f"| {self.name} | {self.hits} / {self.times} | {low:.3f} to {high:.3f} |"


def interval(hits: int, times: int, level: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's bounds on a share."""

    def tail(share: float, least: int) -> float:
        more = range(least, times + 1)
        return sum(math.comb(times, k) * share**k * (1 - share) ** (times - k) for k in more)

    def solve(wanted: float, least: int) -> float:
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if tail(middle, least) < wanted else (low, middle)
        return low

    alpha = (1 - level) / 2
    return solve(alpha, hits) if hits else 0.0, solve(1 - alpha, hits + 1) if hits < times else 1.0


def noise(random: np.random.Generator) -> Signal:
    """White or pink."""
    white = random.normal(size=round(CONTENT_S * RATE))
    if random.integers(2):
        return white
    spectrum = np.fft.rfft(white)
    return np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), len(white))


def music(random: np.random.Generator) -> Signal:
    """A melody of decaying notes over chords and drums."""
    made = np.zeros(round(CONTENT_S * RATE))
    beat = random.uniform(0.15, 0.5)
    for start in np.arange(0, CONTENT_S, beat):
        at = round(start * RATE)
        seconds = random.choice([1, 1, 2, 3]) * beat * random.uniform(0.5, 1)
        times = np.arange(min(round(seconds * RATE), len(made) - at)) / RATE
        pitch = 110 * 2 ** (random.choice([0, 2, 4, 7, 9, 12, 14, 16, 24, 28]) / 12)
        for harmonic in range(1, random.integers(2, 6)):
            fade = np.exp(-times * random.uniform(0.5, 6))
            made[at : at + len(times)] += np.sin(2 * np.pi * pitch * harmonic * times) * fade / harmonic
        hit = random.normal(size=len(times)) * np.exp(-times * 40) * random.uniform(0, 0.5)
        made[at : at + len(times)] += hit
    return made


def speech(random: np.random.Generator) -> Signal:
    """A sentence at a random speed and pitch of voice."""
    voice, sentences = SPOKEN[random.integers(len(SPOKEN))]
    pitch, speed = str(random.integers(20, 80)), str(random.integers(120, 190))
    text = str(random.choice(sentences))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "speech.wav")
        program = ["espeak-ng", "-v", voice, "-p", pitch, "-s", speed, "-w", str(path), text]
        subprocess.run(program, check=True)
        with wave.open(str(path)) as reader:
            data = np.frombuffer(reader.readframes(reader.getnframes()), "<i2") / 32768
            return resampled(data, reader.getframerate(), RATE)


def contents() -> dict[str, Callable[[np.random.Generator], Signal]]:
    """What labels are put into; speech only where it can be made."""
    made = {"noise": noise, "music": music}
    return made | {"speech": speech} if shutil.which("espeak-ng") else made


def random_rhythm(random: np.random.Generator) -> Rhythm:
    """Any tempo, pitch and level that a person would choose."""
    unit, pitch = random.uniform(0.06, 0.25), math.exp(random.uniform(math.log(300), math.log(3000)))
    return Rhythm(float(unit), float(pitch), float(random.uniform(0.1, 0.9)), float(random.uniform(0.2, 1)))


def beeps(random: np.random.Generator) -> Signal:
    """Other letters in Morse, the same beep again and again, or keys of a telephone."""
    letters, keys = (random.integers(3) == kind for kind in (0, 1))
    unit = random.uniform(0.06, 0.25)
    pitch = math.exp(random.uniform(math.log(300), math.log(3000)))
    if letters:
        code = "/".join(MORSE[letter] for letter in str(random.choice(OTHERS)))
        parts = [(1 if c == "." else 3, 1) if c != "/" else (0, 2) for c in code]
    else:
        parts = [(int(random.integers(1, 4)) if keys else 1, 1) for _ in range(6)]
    made = [np.zeros(round(0.5 * RATE))]
    for on, off in parts:
        times = np.arange(round(on * unit * RATE)) / RATE
        extra = np.sin(2 * np.pi * random.uniform(1200, 1700) * times) if keys else 0
        made += [np.sin(2 * np.pi * pitch * times) + extra, np.zeros(round(off * unit * RATE))]
    return np.concatenate([*made, np.zeros(round(0.5 * RATE))])


def levelled(signal: Signal, rms: float = 0.1) -> Signal:
    """At one loudness."""
    return signal * rms / max(math.sqrt(float((signal**2).mean())), 1e-9)


def labelled(content: Signal, label: array[float], random: np.random.Generator) -> Signal:
    """The label before or behind the content."""
    parts = [np.frombuffer(label), levelled(content)]
    return np.concatenate(parts[:: random.choice([1, -1])])


def sent(signal: Signal, transport: tuple[str, ...]) -> tuple[Signal, int]:
    """What arrives, and at which rate."""
    if not transport:
        return signal, RATE
    ending, *options = transport
    raw = (np.clip(signal, -1, 1) * 32767).astype("<i2").tobytes()
    quiet = ["ffmpeg", "-v", "error", "-y"]
    mono = ["-f", "s16le", "-ar", str(RATE), "-ac", "1"]
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, f"sent.{ending}"))
        subprocess.run([*quiet, *mono, "-i", "-", *options, path], input=raw, check=True)
        back = [*quiet, "-i", path, *mono, "-"]
        arrived = subprocess.run(back, stdout=subprocess.PIPE, check=True).stdout
    return np.frombuffer(arrived, "<i2") / 32768, RATE


def heard(signal: Signal, rate: int, kind: str) -> bool:
    """Whether a label of this kind is found."""
    return any(label.kind == kind for label in find(signal, rate).labels)


def before_and_behind(random: np.random.Generator, times: int) -> Iterator[Row]:
    """Labels that stand apart from the content."""
    transports = TRANSPORTS if shutil.which("ffmpeg") else {"as it is": ()}
    for name, transport in transports.items():
        for kind in ("rhythm", "speech"):
            hits = tries = 0
            for make in contents().values():
                for _ in range(times):
                    clip = str(random.choice(list(CLIPS)))
                    sound = random_rhythm(random) if kind == "rhythm" else Prompt(clip)
                    signal, rate = sent(labelled(make(random), sound.mono(RATE), random), transport)
                    hits, tries = hits + heard(signal, rate, kind), tries + 1
            yield Row(f"{kind} before or behind, {name}", hits, tries)


def mixed(random: np.random.Generator, times: int) -> Iterator[Row]:
    """Labels that sound at the same time as the content, whose loudness is an RMS of 0.1."""
    for name, make in contents().items():
        for level in (0.5, 0.2, 0.1):
            hits = 0
            for _ in range(times):
                signal = levelled(make(random))
                label = np.frombuffer(Rhythm(level=level).mono(RATE))[: len(signal)]
                signal[: len(label)] += label
                hits += heard(signal, RATE, "rhythm")
            yield Row(f"rhythm mixed into {name}, peak {level}", hits, times)


def without(random: np.random.Generator, times: int) -> Iterator[Row]:
    """Recordings that have no label: every hit is a false alarm."""
    for name, make in {**contents(), "other beeps": beeps}.items():
        hits = 0
        for _ in range(times):
            hits += bool(find(levelled(make(random)), RATE).labels)
        yield Row(f"false alarms on {name}", hits, times)


def main() -> None:
    """Print the table."""
    seed, times = (int(value) for value in (*sys.argv[1:], *("45438", "20")[len(sys.argv) - 1 :]))
    random = np.random.default_rng(seed)
    print(f"seed {seed}; contents: {', '.join(contents())}\n")
    print("| what | heard | 95 % interval |\n|---|---|---|")
    for row in before_and_behind(random, times):
        print(row, flush=True)
    for row in (*mixed(random, times), *without(random, times * 5)):
        print(row, flush=True)


if __name__ == "__main__":
    main()
