"""Audio labels: made, spliced into recordings of every kind, and heard again."""

import io
import math
import shutil
import struct
import subprocess
import sys
import wave
from array import array
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.labels.defects import LabelError, TooLargeError, UnknownContainerError
from countermark.labels.explicit import audio_wav
from countermark.labels.explicit.audio import Prompt, Rhythm, Where, add, rhythm
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import to_bytes

np = pytest.importorskip("numpy", reason="numpy is an extra")
SHORT = Rhythm(unit_s=0.05, pause_s=0.1)
PCM_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def fmt(kind: int, channels: int, rate: int, bits: int, mask: int | None = None) -> bytes:
    align = channels * bits // 8
    head = struct.pack("<HHIIHH", kind if mask is None else 0xFFFE, channels, rate, rate * align, align, bits)
    if mask is None:
        return head
    return head + struct.pack("<HHIH", 22, bits, mask, kind) + PCM_TAIL


def wav(form: bytes, data: bytes, *others: bytes, behind: bytes = b"") -> bytes:
    body = b"WAVE" + chunk(b"fmt ", form) + b"".join(others) + chunk(b"data", data) + behind
    return b"RIFF" + struct.pack("<I", len(body)) + body


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    at, found = 12, []
    while at < 8 + struct.unpack_from("<I", data, 4)[0]:
        name, size = struct.unpack_from("<4sI", data, at)
        found.append((name, data[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    assert at == 8 + struct.unpack_from("<I", data, 4)[0]
    return found


def labelled(data: bytes, where: Where = Where.START, sound=SHORT) -> bytes:
    source = Source(data)
    return to_bytes(source, audio_wav.edits(source, sound, where))


def test_the_rhythm_is_short_long_short_short():
    sound = Rhythm(unit_s=0.1, pause_s=0.2, level=0.4).mono(8000)
    units = [max(abs(x) for x in sound[at : at + 800]) > 0.1 for at in range(0, len(sound), 800)]
    drawn = "".join("#" if on else "." for on in units)
    assert drawn == "..#.###...#.#.."
    assert max(map(abs, sound)) == pytest.approx(0.4, abs=0.02)


def test_the_rhythm_goes_into_every_channel():
    assert rhythm(8000, 3, SHORT)[::3] == SHORT.mono(8000) == rhythm(8000, 3, SHORT)[2::3]


@pytest.mark.parametrize(
    "style",
    [
        Rhythm(unit_s=0),
        Rhythm(unit_s=math.nan),
        Rhythm(unit_s=1e9),
        Rhythm(frequency_hz=4000),
        Rhythm(frequency_hz=-1),
        Rhythm(level=0),
        Rhythm(level=1.1),
        Rhythm(pause_s=-1),
        Rhythm(pause_s=math.inf),
    ],
)
def test_what_nobody_could_hear_is_refused(style):
    with pytest.raises(LabelError):
        style.mono(8000)
    with pytest.raises(LabelError):
        rhythm(8000, 0)
    with pytest.raises(LabelError):
        SHORT.mono(0)


FORMS = {
    "8 bit": fmt(1, 1, 8000, 8),
    "16 bit": fmt(1, 2, 44100, 16),
    "24 bit": fmt(1, 1, 48000, 24),
    "32 bit": fmt(1, 2, 8000, 32),
    "float": fmt(3, 1, 16000, 32),
    "double": fmt(3, 2, 8000, 64),
    "extensible": fmt(1, 6, 48000, 24, 0x3F),
    "extensible float": fmt(3, 2, 48000, 32, 3),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("where", Where)
def test_samples_and_chunks_stay(form, where):
    align = struct.unpack_from("<H", form, 12)[0]
    samples = bytes(i * 7 % 251 for i in range(align * 101))
    before = chunk(b"LIST", b"INFOISFT\x02\0\0\0x\0"), chunk(b"AIGC", b'{"Label":"1"}')
    old = wav(form, samples, *before, behind=chunk(b"id3 ", b"abc"))
    new = chunks(labelled(old, where))
    assert [name for name, _ in new] == [name for name, _ in chunks(old)]
    assert [part for part in new if part[0] != b"data"] == [p for p in chunks(old) if p[0] != b"data"]
    data = dict(new)[b"data"]
    label = (len(data) - len(samples)) // (2 if where == Where.BOTH else 1)
    assert label > 0
    assert label % align == 0
    at = 0 if where == Where.END else label
    assert data[at : at + len(samples)] == samples


def test_the_label_is_the_rhythm_in_the_format_of_the_file():
    data = dict(chunks(labelled(wav(fmt(1, 2, 8000, 16), b""))))[b"data"]
    values = array("h", data)
    expected = [round(x * 32767) for x in SHORT.mono(8000)]
    assert list(values[::2]) == expected == list(values[1::2])
    data = dict(chunks(labelled(wav(fmt(1, 1, 8000, 24), b""))))[b"data"]
    third = [int.from_bytes(data[i : i + 3], "little", signed=True) for i in range(0, len(data), 3)]
    assert third == [round(x * 0x7FFFFF) for x in SHORT.mono(8000)]
    data = dict(chunks(labelled(wav(fmt(3, 1, 8000, 32), b""))))[b"data"]
    assert list(array("f", data)) == list(array("f", SHORT.mono(8000)))
    data = dict(chunks(labelled(wav(fmt(1, 1, 8000, 8), b""))))[b"data"]
    assert data[0] == 128
    assert min(data) < 100
    assert max(data) > 156


def test_the_subwoofer_stays_silent():
    data = dict(chunks(labelled(wav(fmt(1, 6, 8000, 16, 0x3F), b""))))[b"data"]
    values = array("h", data)
    loudest = [max(map(abs, values[channel::6])) for channel in range(6)]
    assert loudest[3] == 0
    assert all(loudest[i] > 7_000 for i in (0, 1, 2, 4, 5))


def test_the_standard_library_reads_it():
    with wave.open(io.BytesIO(labelled(wav(fmt(1, 2, 8000, 16), bytes(4000))))) as reader:
        assert reader.getnframes() == 1000 + len(SHORT.mono(8000))


def test_odd_lengths_are_padded_and_what_follows_stays():
    old = wav(fmt(1, 1, 8000, 8), b"\x80" * 5, behind=chunk(b"LIST", b"abcd")) + b"trailing"
    for where in Where:
        new = labelled(old, where)
        assert new.endswith(chunk(b"LIST", b"abcd") + b"trailing")
        assert len(dict(chunks(new[: -len(b"trailing")]))[b"data"]) % 2 == (5 + len(SHORT.mono(8000))) % 2


def test_a_file_from_a_pipe_gets_true_sizes():
    old = bytearray(wav(fmt(1, 1, 8000, 16), b"\1\2" * 50))
    struct.pack_into("<I", old, 4, 0xFFFFFFFF)
    struct.pack_into("<I", old, old.index(b"data") + 4, 0xFFFFFFFF)
    assert dict(chunks(labelled(bytes(old))))[b"data"].endswith(b"\1\2" * 50)


def test_positions_move_along():
    cue = struct.pack("<I", 1) + struct.pack("<II4sIII", 7, 10, b"data", 0, 0, 10)
    smpl = bytes(28) + struct.pack("<II", 1, 0) + struct.pack("<6I", 1, 0, 20, 30, 0, 0)
    peak = struct.pack("<IIfI", 1, 0, 0.5, 40)
    fact = struct.pack("<I", 100)
    others = [chunk(b"cue ", cue), chunk(b"smpl", smpl), chunk(b"PEAK", peak), chunk(b"fact", fact)]
    old = wav(fmt(1, 1, 8000, 16), bytes(200), *others)
    frames = len(SHORT.mono(8000))
    new = dict(chunks(labelled(old)))
    assert struct.unpack_from("<II4sIII", new[b"cue "], 4) == (7, 10 + frames, b"data", 0, 0, 10 + frames)
    assert struct.unpack_from("<6I", new[b"smpl"], 36)[2:4] == (20 + frames, 30 + frames)
    assert struct.unpack_from("<fI", new[b"PEAK"], 8) == (0.5, 40 + frames)
    assert struct.unpack("<I", new[b"fact"]) == (100 + frames,)
    new = dict(chunks(labelled(old, Where.END)))
    assert (new[b"cue "], new[b"smpl"], new[b"PEAK"]) == (cue, smpl, peak)
    assert struct.unpack("<I", new[b"fact"]) == (100 + frames,)


GOOD = wav(fmt(1, 1, 8000, 16), bytes(20))
REFUSED = {
    "RF64": b"RF64" + GOOD[4:],
    "no wave": b"RIFF" + GOOD[4:8] + b"AVI " + GOOD[12:],
    "ADPCM": wav(fmt(2, 1, 8000, 4), bytes(20)),
    "unknown extension": wav(fmt(1, 1, 8000, 16, 0)[:-1] + b"x", bytes(20)),
    "12 bit": wav(fmt(1, 1, 8000, 12), bytes(20)),
    "no channel": wav(fmt(1, 0, 8000, 16), bytes(20)),
    "wrong frame": wav(struct.pack("<HHIIHH", 1, 2, 8000, 0, 2, 16), bytes(20)),
    "rate": wav(fmt(1, 1, 0, 16), bytes(20)),
    "short format": wav(b"\1\0", bytes(20)),
    "two data": wav(fmt(1, 1, 8000, 16), bytes(20), chunk(b"data", b"")),
    "no data": GOOD[:36],
    "truncated": GOOD[:-4],
    "signed": wav(fmt(1, 1, 8000, 16), bytes(20), chunk(b"C2PA", b"jumb")),
    "hostile channels": wav(fmt(1, 250, 384_000, 32), b""),
    "empty": b"",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_written_is_said(data):
    with pytest.raises(LabelError):
        labelled(data)


def test_too_many_chunks_are_refused():
    data = wav(fmt(1, 1, 8000, 16), b"", *[chunk(b"JUNK", b"")] * 20)
    with pytest.raises(TooLargeError):
        audio_wav.walk(Source(data), Limits(elements=10))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=80), st.integers(0, 90), st.sampled_from(sorted(FORMS)))
def test_any_bytes_give_a_file_or_an_error(noise, at, form):
    old = wav(FORMS[form], bytes(30), chunk(b"cue ", bytes(28)))
    for data in (noise, GOOD[:12] + noise, old[:at] + noise + old[at + len(noise) :]):
        try:
            new = labelled(data)
        except LabelError:
            continue
        assert audio_wav.walk(Source(new)).data.size > audio_wav.walk(Source(data)).data.size


def test_a_file_may_be_its_own_target(tmp_path: Path):
    path = tmp_path / "a.wav"
    path.write_bytes(GOOD)
    add(path, path, SHORT)
    assert path.read_bytes() == labelled(GOOD)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not here")
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_ffprobe_agrees_on_the_duration(tmp_path: Path, form):
    rate, align = struct.unpack_from("<I4xH", form, 4)
    path = tmp_path / "a.wav"
    path.write_bytes(labelled(wav(form, bytes(align * rate))))
    show = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)]
    seconds = float(subprocess.run(show, capture_output=True, check=True).stdout)
    assert seconds == pytest.approx(1 + len(SHORT.mono(rate)) / rate, abs=0.001)


def noise(seconds: float, rate: int, seed: int = 3):
    return np.random.default_rng(seed).normal(size=round(seconds * rate)) * 0.1


def finding(*parts, rate: int = 16_000):
    from countermark.labels.explicit.audio_detection import find  # noqa: PLC0415

    return find(np.concatenate([np.asarray(part, np.float64) for part in parts]), rate)


@pytest.mark.parametrize(
    "sound",
    [Rhythm(), Rhythm(0.06, 1500, 0.1), Rhythm(0.25, 350, 0.9), Prompt(), Prompt("en-content")],
    ids=str,
)
def test_a_label_is_heard_where_it_is(sound):
    rate = 16_000
    label, content = np.frombuffer(sound.mono(rate)), noise(8, rate)
    kind = "rhythm" if isinstance(sound, Rhythm) else "speech"
    for parts, places in (
        ((label, content), ["start"]),
        ((content, label), ["end"]),
        ((content, label, content), ["middle"]),
        ((label, content, label), ["start", "end"]),
        ((label,), ["whole"]),
    ):
        heard = finding(*parts)
        assert [label.place for label in heard.labels] == places
        assert {label.kind for label in heard.labels} == {kind}
        assert all(label.confidence > 0.9 for label in heard.labels)
        assert heard.status == "found"


def test_what_is_heard_says_tempo_pitch_and_time():
    (label,) = finding(np.frombuffer(Rhythm(0.12, 800).mono(16_000)), noise(4, 16_000)).labels
    assert label.detail == "unit 0.12 s, 797 Hz"
    assert label.start_s == pytest.approx(0.3, abs=0.05)
    assert label.end_s == pytest.approx(1.62, abs=0.1)


def test_a_label_across_the_border_of_two_blocks_is_heard_once():
    label = np.frombuffer(Rhythm().mono(8000))
    for at in (50, 52.5, 58.5, 59.5):
        heard = finding(noise(at, 8000), label, noise(10, 8000), rate=8000)
        assert [round(one.start_s, 1) for one in heard.labels] == [pytest.approx(at + 0.3, abs=0.1)]


def beeps(code: str, unit: int = 1200):
    tone = np.sin(np.arange(3 * unit) * 2 * np.pi * 800 / 16_000)
    gap = np.zeros(unit)
    parts = {".": [tone[:unit], gap], "-": [tone, gap], " ": [gap, gap]}
    return np.concatenate(
        [np.zeros(5 * unit), *(part for c in code for part in parts[c]), np.zeros(5 * unit)]
    )


def test_other_letters_are_not_the_label():
    assert finding(beeps(".- ..")).status == "found"
    for code in (".... ..", "-. ..", ".- -.", ".- ...", "..- ..", ".. .-", ".....", "-- ..", ".- .-", ".-.."):
        assert finding(beeps(code)).status == "unknown", code


def test_nothing_heard_is_unknown():
    for content in (noise(5, 16_000), np.zeros(16_000), np.zeros(0), np.ones(100)):
        assert finding(content).status == "unknown"


def test_any_scale_and_any_channels():
    label = np.frombuffer(Rhythm().mono(8000))
    from countermark.labels.explicit.audio_detection import find  # noqa: PLC0415

    for samples in (
        (label * 30_000).astype(np.int16),
        label[:, None].repeat(2, axis=1),
        label * 1e-6,
        label.astype(np.float32),
    ):
        assert find(samples, 8000).status == "found"


@pytest.mark.parametrize(
    ("samples", "rate"),
    [
        (np.zeros((2, 2, 2)), 8000),
        (np.zeros((9, 0)), 8000),
        (np.array(["a"]), 8000),
        (np.full(9000, np.nan), 8000),
        (np.full(9000, np.inf), 8000),
        (np.zeros(9), 0),
    ],
)
def test_no_samples_are_refused(samples, rate):
    from countermark.labels.explicit.audio_detection import find  # noqa: PLC0415

    with pytest.raises(LabelError):
        find(samples, rate)


def test_chinese_prompts_are_spoken_at_normal_speed():
    from countermark.labels.explicit.speech import CLIP_RATE, CLIPS, clip_samples  # noqa: PLC0415
    from countermark.labels.explicit.wording import judge  # noqa: PLC0415

    for name in ("zh-content", "zh-audio"):
        assert judge(CLIPS[name]).conforms
        assert 120 <= 60 * len(CLIPS[name]) / (len(clip_samples(name)) / CLIP_RATE) <= 160


def test_prompts_are_made_at_any_rate_and_no_other_name():
    for rate in (8000, 44_100, 48_000):
        made = np.frombuffer(Prompt("zh-audio", level=0.3, pause_s=0).mono(rate))
        assert len(made) / rate == pytest.approx(4.03, abs=0.01)
        assert np.abs(made).max() == pytest.approx(0.3)
    for wrong in (Prompt("../zh"), Prompt(level=0), Prompt(pause_s=99), Prompt(pause_s=math.nan)):
        with pytest.raises(LabelError):
            wrong.mono(8000)


def test_a_tone_keeps_its_pitch_when_resampled():
    from countermark.labels.explicit.speech import resampled  # noqa: PLC0415

    tone = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000)
    for rate in (8000, 22_050, 48_000):
        made = resampled(tone, 16_000, rate)
        expected = np.sin(2 * np.pi * 1000 * np.arange(len(made)) / rate)
        assert np.abs(made - expected)[200:-200].max() < 0.01


def encoded(path: Path, codec: str, rate: int, tags: dict[str, str], seconds: float = 1.5) -> Path:
    av = pytest.importorskip("av", reason="PyAV is an extra")
    options = {"movflags": "use_metadata_tags"} if path.suffix == ".m4a" else {}
    with av.open(str(path), "w", options=options) as writer:
        stream = writer.add_stream(codec, rate=rate, layout="mono")
        (stream if path.suffix == ".ogg" else writer).metadata.update(tags)
        frame = av.AudioFrame.from_ndarray(noise(seconds, rate)[None, :].astype("f4"), "fltp", "mono")
        frame.sample_rate = rate
        context = stream.codec_context
        context.open(strict=False)
        resampler = av.AudioResampler(context.format, context.layout, rate, context.frame_size)
        for ready in [*resampler.resample(frame), *resampler.resample(None)]:
            writer.mux(stream.encode(ready))
        writer.mux(stream.encode(None))
    return path


def decoded(path: Path):
    av = pytest.importorskip("av")
    with av.open(str(path)) as reader:
        stream = reader.streams.audio[0]
        tags = {**stream.metadata, **reader.metadata}
        frames = [frame.to_ndarray()[0] for frame in reader.decode(stream)]
        return np.concatenate(frames), stream.rate, tags


CODECS = {
    "MP3": ("a.mp3", "libmp3lame", 44_100, True),
    "MP3, MPEG-2": ("b.mp3", "libmp3lame", 16_000, True),
    "FLAC": ("a.flac", "flac", 16_000, True),
    "ALAC": ("b.m4a", "alac", 16_000, True),
    "AAC": ("a.m4a", "aac", 16_000, False),
    "Opus": ("a.ogg", "libopus", 48_000, False),
}


@pytest.mark.parametrize(("name", "codec", "rate", "lossless"), CODECS.values(), ids=CODECS)
def test_other_containers_get_the_label_and_keep_their_tags(tmp_path: Path, name, codec, rate, lossless):
    tags = {"title": "标题", "AIGC": '{"Label":"1"}'}
    path = encoded(tmp_path / name, codec, rate, tags)
    old, _, _ = decoded(path)
    for where in (Where.START, Where.END):
        add(path, tmp_path / f"new{path.suffix}", Rhythm(), where)
        new, at_rate, kept = decoded(tmp_path / f"new{path.suffix}")
        assert at_rate == rate
        assert {key: kept.get(key) for key in tags} == tags
        (heard,) = finding(new, rate=rate).labels
        assert (heard.kind, heard.place) == ("rhythm", "start" if where == Where.START else "end")
        grown = len(new) - len(old)
        assert 1.9 * rate < grown < 2.1 * rate
        if lossless:
            inner = new[grown:] if where == Where.START else new[: len(old)]
            assert np.array_equal(inner[2400:-2400], old[2400:-2400])


def test_the_frames_of_an_mp3_stay(tmp_path: Path):
    path = encoded(tmp_path / "a.mp3", "libmp3lame", 44_100, {"title": "x"})
    add(path, tmp_path / "b.mp3", SHORT)
    old, new = path.read_bytes(), (tmp_path / "b.mp3").read_bytes()
    assert new.endswith(old[-len(old) // 2 :])
    assert new.startswith(old[: old.index(b"Info") + 4])


def test_the_blocks_of_a_flac_stay(tmp_path: Path):
    path = encoded(tmp_path / "a.flac", "flac", 16_000, {"title": "x"})
    data = path.read_bytes()
    private = b"\x02\0\0\x08abcdEFGH"  # an APPLICATION block, which ffmpeg would drop
    path.write_bytes(data[:42] + private + data[42:])
    add(path, path, SHORT)
    assert private[1:] in path.read_bytes()[:4000]


@pytest.mark.parametrize(
    "data", [b"", b"ID3", b"ID3\4\0\0\x7f\x7f\x7f\x7f", b"\xff\xfb\x90\0" * 9, b"fLaC", b"OggS"]
)
def test_broken_recordings_are_refused(tmp_path: Path, data):
    pytest.importorskip("av", reason="PyAV is an extra")
    path = tmp_path / "a"
    path.write_bytes(data)
    with pytest.raises(LabelError):
        add(path, tmp_path / "b", SHORT)
    assert not (tmp_path / "b").exists()


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_an_mp3_or_an_error(noise_bytes):
    pytest.importorskip("av", reason="PyAV is an extra")
    from countermark.labels.explicit import audio_mp3  # noqa: PLC0415

    for data in (noise_bytes, b"ID3\4\0\0\0\0\0\5" + noise_bytes, b"\xff\xfb\x10\xc4" + noise_bytes):
        source = Source(data)
        try:
            to_bytes(source, audio_mp3.edits(source, SHORT, Where.BOTH))
        except LabelError:
            continue


def test_a_text_is_no_recording(tmp_path: Path):
    pytest.importorskip("av", reason="PyAV is an extra")
    path = tmp_path / "a.txt"
    path.write_text("本内容由AI生成")
    with pytest.raises(LabelError):
        add(path, path)
    with pytest.raises(UnknownContainerError):
        audio_wav.walk(Source(b"text"))


def test_files_are_listened_to_in_parts(tmp_path: Path):
    pytest.importorskip("av", reason="PyAV is an extra")
    from countermark.labels.explicit.audio_listening import listen  # noqa: PLC0415

    path = tmp_path / "a.wav"
    samples = (noise(100, 8000) * 8000).astype("<i2").tobytes()
    path.write_bytes(wav(fmt(1, 1, 8000, 16), samples))
    assert listen(path).status == "unknown"
    add(path, path, Rhythm(), Where.BOTH)
    heard = listen(path)
    assert [(label.kind, label.place) for label in heard.labels] == [("rhythm", "start"), ("rhythm", "end")]
    assert heard.seconds == pytest.approx(103.84, abs=0.01)
    first = listen(path, max_seconds=20)
    assert [label.start_s for label in first.labels] == [pytest.approx(0.3, abs=0.05)]
    assert first.seconds < 22


@pytest.mark.parametrize("data", [b"", b"text", b"RIFF\0\0\0\0WAVE", b"ID3"])
def test_what_cannot_be_listened_to_is_said(tmp_path: Path, data):
    pytest.importorskip("av", reason="PyAV is an extra")
    from countermark.labels.explicit.audio_listening import listen  # noqa: PLC0415

    path = tmp_path / "a"
    path.write_bytes(data)
    for one in (path, tmp_path):
        with pytest.raises(LabelError):
            listen(one)


def test_a_signed_recording_is_refused(tmp_path: Path):
    path = encoded(tmp_path / "a.mp3", "libmp3lame", 16_000, {})
    geob = b"\0application/x-c2pa-manifest-store\0c2pa\0c2pa manifest store\0jumb"
    frame = b"GEOB" + bytes([0, 0, 0, len(geob)]) + b"\0\0" + geob
    data = path.read_bytes()
    tag = 10 + int.from_bytes(data[8:10], "big")
    path.write_bytes(b"ID3\4\0\0" + bytes([0, 0, 0, len(frame)]) + frame + data[tag:])
    with pytest.raises(LabelError, match="C2PA"):
        add(path, path, SHORT)
    box = bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + bytes(60)
    path = encoded(tmp_path / "a.m4a", "aac", 16_000, {})
    path.write_bytes(path.read_bytes() + struct.pack(">I", 8 + len(box)) + b"uuid" + box)
    with pytest.raises(LabelError, match="C2PA"):
        add(path, path, SHORT)


def test_a_missing_package_is_named_and_wav_needs_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    from countermark.labels.explicit.audio_detection import find  # noqa: PLC0415

    path = tmp_path / "a.wav"
    path.write_bytes(GOOD)
    monkeypatch.setitem(sys.modules, "numpy", None)
    monkeypatch.setitem(sys.modules, "av", None)
    add(path, path)
    for job in (lambda: find(np.zeros(9), 8000), lambda: add(path, path, Prompt(level=0.4))):
        with pytest.raises(LabelError, match=r"pip install 'countermark\[video\]'"):
            job()
    path.write_bytes(b"OggS")
    with pytest.raises(LabelError, match="pip install"):
        add(path, path)
