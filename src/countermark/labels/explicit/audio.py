"""The explicit label of a recording: a rhythm or a spoken prompt, put before or behind it.

=================  ==================================================================================
WAV                spliced into the samples, which stay bit for bit; no package is needed
MP3                spliced in as frames; the recording is not encoded again (``countermark[video]``)
FLAC, ALAC         encoded again without loss (``countermark[video]``)
AAC, Opus          decoded and encoded again, with the loss of one more generation (``countermark[video]``)
Vorbis             refused: there is no encoder in PyAV's wheels
=================  ==================================================================================

Source: GB 45438-2025, the clause on audio, as quoted by public texts: a voice or the rhythm short-long
short-short, at the start, the end or a suitable place between.
"""

from __future__ import annotations

from pathlib import Path

from countermark.labels.defects import LabelError
from countermark.labels.explicit import audio_codecs, audio_mp3, audio_wav
from countermark.labels.explicit.audio_rhythm import Rhythm, Sound, rhythm
from countermark.labels.explicit.placing import Where
from countermark.labels.explicit.speech import Prompt
from countermark.labels.reading import read_source
from countermark.labels.source import DEFAULT_LIMITS, Limits, Source, opened
from countermark.labels.splicing import to_file

__all__ = ["Prompt", "Rhythm", "Sound", "Where", "add", "rhythm"]

RHYTHM = Rhythm()


def add(
    source: Path,
    target: Path,
    sound: Sound = RHYTHM,
    where: Where = Where.START,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Write ``source`` with a label that is heard to ``target``, which may be the same file.

    A label that is there already is not looked for:
    :func:`countermark.labels.explicit.audio_detection.find` does that.
    Metadata, and with it the implicit label, stays.

    Raises:
        LabelError: the file is broken, signed, of a kind that is not written, or would lose something; or a
            package is missing.
        OSError: a file cannot be read or written.
    """
    with opened(source) as recording:
        head = recording.peek(0, 12)
        if head[:4] in (b"RIFF", b"RF64", b"BW64"):
            to_file(recording, audio_wav.edits(recording, sound, where, limits), target)
            return
        _refuse_signed(recording, limits)
        if head[:3] == b"ID3" or audio_mp3.frame(recording, 0) is not None:
            to_file(recording, audio_mp3.edits(recording, sound, where), target)
        else:
            audio_codecs.encode_again(source, target, sound, where, limits)


def _refuse_signed(recording: Source, limits: Limits) -> None:
    try:
        marks = read_source(recording, limits).marks
    except LabelError:
        return  # what cannot be read says so when it is written
    if "c2pa" in marks:
        raise LabelError("carries a C2PA manifest, which a changed file would break: label first, sign last")
