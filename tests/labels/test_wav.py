"""Labels in WAV files: plain, streamed, and beyond 4 GiB."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path

import pytest
from audio_oracles import (
    LONG,
    MEDIA,
    PRODUCED,
    SINE,
    edits_of,
    exiftool,
    made,
    made_file,
    mediainfo,
    one_label_or_refused,
    rewritten,
    streams,
    surveyed,
    tags,
    without_label,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BARE, FIELDS, WRAPPED, xmp_attribute, xmp_element
from riff_samples import FORMAT, JUMBF, bent, chunk, info, parts, riff

from countermark import labels
from countermark.labels.containers import wav
from countermark.labels.source import DEFAULT_LIMITS, opened

UNKNOWN = b"\xff\xff\xff\xff"
HEAD = chunk(b"fmt ", FORMAT)
DATA = chunk(b"data", b"\1\0\2\0" * 40)
PLAIN = riff(b"WAVE", HEAD, DATA)
SAMPLES = {
    "plain": PLAIN,
    "odd": riff(b"WAVE", HEAD, chunk(b"data", b"\1\2\3")),
    "odd and unpadded": riff(b"WAVE", HEAD, chunk(b"data", b"\1\2\3"))[:-1],
    "with a size that leaves out the last byte": riff(b"WAVE", HEAD, chunk(b"data", b"\1\2\3")),
    "with texts and cues": riff(
        b"WAVE",
        HEAD,
        info((b"INAM", "标题\0".encode()), (b"IART", b"Band\0"), (b"ICMT", b"odd")),
        DATA,
        chunk(b"cue ", bytes(4)),
        chunk(b"ABCD", b"x"),
    ),
    "with a broadcast extension": riff(b"WAVE", chunk(b"bext", b"a scene".ljust(602, b"\0")), HEAD, DATA),
    "with a list that is broken": riff(b"WAVE", HEAD, DATA, chunk(b"LIST", b"INFO" + b"INAM\xff\0\0\0x")),
}
STREAMED = {
    "streamed, as ffmpeg does": b"RIFF" + UNKNOWN + b"WAVE" + HEAD + b"data" + UNKNOWN + b"\1\0" * 50,
    "streamed, with zeros": b"RIFF\0\0\0\0WAVE" + HEAD + b"data\0\0\0\0" + b"\1\0" * 50,
    "cut off": PLAIN[:-40],
}


def tag(text: str, version: int = 4, padding: int = 7) -> bytes:
    frame = b"\3AIGC\0" + text.encode()
    title = b"TIT2" + bytes((0, 0, 0, 2, 0, 0)) + b"\3x"
    size = (len(frame) >> 7, len(frame) & 0x7F) if version == 4 else divmod(len(frame), 256)
    rest = b"TXXX" + bytes((0, 0, *size, 0, 0)) + frame + title + bytes(padding)
    head = b"ID3" + bytes((version, 0, 0, 0, 0, len(rest) >> 7, len(rest) & 0x7F))
    return head + rest


FORMS = {
    "chunk AIGC": chunk(b"AIGC", BARE.encode()),
    "chunk aigc": chunk(b"aigc", WRAPPED.encode() + b"\0"),
    "LIST INFO AIGC": info((b"ISFT", b"Paint\0"), (b"AIGC", BARE.encode() + b"\0"), (b"ICMT", b"x")),
    "LIST INFO ICMT": info((b"ICMT", WRAPPED.encode() + b"\0")),
    "_PMX XMP TC260:AIGC": chunk(b"_PMX", xmp_element(BARE)),
    "_PMX XMP TC260:Aigc": chunk(b"_PMX", xmp_attribute(BARE, "Aigc")),
    "id3 TXXX AIGC": chunk(b"id3 ", tag(BARE)),
    "bext Description": chunk(b"bext", b'{"AIGC":{"Label":"1"}}'.ljust(602, b"\0")),
    "bext CodingHistory": chunk(b"bext", bytes(602) + WRAPPED.encode()),
}


def samples() -> dict[str, bytes]:
    return {**SAMPLES, **STREAMED, "RF64": large(), "BW64": large(b"BW64")}


def large(name: bytes = b"RF64", *more: bytes, total: int | None = None, size: int = 160) -> bytes:
    """A file whose sizes stand in ``ds64``."""
    rest = HEAD + b"data" + UNKNOWN + b"\1\0\2\0" * 40 + b"".join(more)
    total = 4 + 36 + len(rest) if total is None else total
    table = struct.pack("<QQQI", total, size, size // 2, 0)
    return name + UNKNOWN + b"WAVE" + chunk(b"ds64", table) + rest


@pytest.mark.parametrize("behind", [False, True], ids=["before the samples", "behind them"])
@pytest.mark.parametrize("place", FORMS)
def test_the_label_is_read_in_each_form_and_moved_to_its_place(place: str, *, behind: bool) -> None:
    order = (HEAD, DATA, FORMS[place]) if behind else (HEAD, FORMS[place], DATA)
    data = riff(b"WAVE", *order)
    (label,) = surveyed(data, "wav")
    assert (label.place, label.normative) == (place, place == "chunk AIGC")
    assert label.fields == ({"Label": "1"} if place == "bext Description" else FIELDS)
    new = rewritten(data, "wav")
    (written,) = surveyed(new, "wav")
    assert (written.place, written.normative, written.fields) == ("chunk AIGC", True, PRODUCED.to_dict())
    assert dict(parts(new))[b"data"] == dict(parts(data))[b"data"]
    assert b"Paint\0" in new if b"Paint\0" in data else True
    if b"TIT2" in data:
        assert dict(parts(new))[b"id3 "].startswith(b"ID3\4\0\0\0\0")
        assert b"TIT2\0\0\0\2\0\0\3x\0" in new


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_written_label_reads_back_and_every_other_chunk_stays(tmp_path: Path, sample: str) -> None:
    old, path = SAMPLES[sample], tmp_path / "a.wav"
    path.write_bytes(old)
    written = labels.write(path, LONG, options=labels.Options(in_place=True))
    assert (written.label.place, written.label.normative, written.way) == (
        "chunk AIGC",
        True,
        labels.Way.OVER,
    )
    new = path.read_bytes()
    assert new == rewritten(old, "wav", LONG)
    *others, (kind, text) = parts(new)
    assert (kind, json.loads(text)) == (b"AIGC", LONG.to_dict())
    assert new[8 : len(old)] == old[8:]
    assert others[0][0] in (b"fmt ", b"bext")
    assert without_label(new, "wav").rstrip(b"\0") == old.rstrip(b"\0")


def test_a_size_without_the_last_byte_is_mended() -> None:
    whole = SAMPLES["odd"]
    data = whole[:4] + struct.pack("<I", len(whole) - 9) + whole[8:]
    assert parts(rewritten(data, "wav")) == [*parts(whole), (b"AIGC", PRODUCED.bare().encode())]


@pytest.mark.parametrize("sample", STREAMED)
def test_samples_without_an_end_stay_behind_the_label(tmp_path: Path, sample: str) -> None:
    old, path = STREAMED[sample], tmp_path / "a.wav"
    path.write_bytes(old)
    labels.write(path, PRODUCED)
    new = path.read_bytes()
    at = old.index(b"data")
    assert new.endswith(old[at:])
    assert new[:4] + new[8:at] == old[:4] + old[8:at]
    assert new[at : at + 4] == b"AIGC"
    assert [defect.code for defect in labels.read(path).defects] == ["open-ended"]
    written = labels.update(path, "001191110105MA0EXAMPLE20001", "p-1", options=labels.Options(in_place=True))
    assert (written.way, written.growth) == (labels.Way.OVER, 0)
    assert without_label(path.read_bytes(), "wav")[8:] == old[8:]
    blocks = edits_of(old, "wav", room=labels.Room(block=4096))
    assert sum(edit.growth for edit in blocks) % 4096 == 0


def test_what_ffmpeg_makes_is_labelled_and_sounds_the_same(tmp_path: Path) -> None:
    old = made_file(tmp_path / "old.wav", "-metadata", "title=标题", inputs=SINE)
    new = tmp_path / "new.wav"
    labels.write(old, PRODUCED, to=new)
    assert streams(new) == streams(old)
    assert tags(new) == tags(old)
    assert without_label(new.read_bytes(), "wav") == old.read_bytes()
    told = exiftool(new, "-u", "-b")["Unknown_AIGC"]
    assert base64.b64decode(told.removeprefix("base64:")).rstrip(b"\0").decode() == PRODUCED.bare()
    assert "Audio" in mediainfo(new)


@pytest.mark.parametrize("options", [(), ("-rf64", "always")], ids=["WAV", "RF64"])
def test_what_ffmpeg_streams_is_labelled_and_sounds_the_same(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    old, new = tmp_path / "old.wav", tmp_path / "new.wav"
    old.write_bytes(made("wav", *options))
    labels.write(old, PRODUCED, to=new)
    if not options:  # of the other, this FFmpeg reads nothing itself
        assert streams(new) == streams(old)
    assert without_label(new.read_bytes(), "wav") == old.read_bytes()


def test_what_ffmpeg_makes_of_rf64_is_labelled_and_sounds_the_same(tmp_path: Path) -> None:
    old = made_file(tmp_path / "old.wav", "-rf64", "always", "-write_bext", "1", inputs=SINE)
    new = tmp_path / "new.wav"
    labels.write(old, PRODUCED, to=new)
    assert new.read_bytes()[:4] == b"RF64"
    assert streams(new) == streams(old)
    assert without_label(new.read_bytes(), "wav") == old.read_bytes()


@pytest.mark.parametrize("name", [b"RF64", b"BW64"])
def test_sizes_beyond_4_gib_stand_in_ds64(name: bytes) -> None:
    data = large(name, chunk(b"AIGC", BARE.encode()))
    with opened(data) as source:
        (label,) = wav.survey(source, DEFAULT_LIMITS).labels
        assert label.fields == FIELDS
    with opened(large(name)) as source:
        *edits, size = wav.edits(source, PRODUCED, labels.Room(), DEFAULT_LIMITS)
    growth = sum(edit.growth for edit in edits)
    assert (size.offset, struct.unpack("<Q", size.new)) == (20, (len(large(name)) + growth - 8,))


def test_an_rf64_file_without_its_table_is_named() -> None:
    with pytest.raises(labels.LabelError, match="does not begin with ds64"):
        surveyed(b"RF64" + UNKNOWN + b"WAVE" + HEAD, "wav")
    for data in (large(size=1 << 63), large(total=(1 << 64) - 1)):
        one_label_or_refused(data, "wav")


def test_a_label_that_stands_first_grows_with_room(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(riff(b"WAVE", HEAD, chunk(b"AIGC", PRODUCED.bare().encode()), DATA))
    labels.update(path, "001191110105MA0EXAMPLE20001", "p-1")
    names = [kind for kind, _ in parts(path.read_bytes())]
    assert names == [b"fmt ", b"AIGC", b"data"]
    written = labels.update(path, "001191110105MA0EXAMPLE20001", "p-2", options=labels.Options(in_place=True))
    assert written.way is labels.Way.OVER


def test_several_labels_become_one() -> None:
    data = riff(b"WAVE", HEAD, *FORMS.values(), DATA, *FORMS.values())
    assert len(surveyed(data, "wav")) == 2 * len(FORMS)
    (label,) = surveyed(rewritten(data, "wav"), "wav")
    assert label.offset == 12 + len(HEAD)


def test_a_copy_in_a_tag_that_cannot_be_cut_is_refused() -> None:
    whole = tag(BARE, padding=0)
    footed = whole[:5] + b"\x10" + whole[6:] + b"3DI" + whole[3:5] + b"\x10" + whole[6:10]
    with pytest.raises(labels.LabelError, match="stands in an ID3 tag that has a checksum, a footer"):
        rewritten(riff(b"WAVE", HEAD, DATA, chunk(b"id3 ", footed)), "wav")
    broken = riff(b"WAVE", HEAD, DATA, chunk(b"id3 ", b"ID3\4\0\0\0\0\1\0"))
    assert [defect.code for defect in labels.read(broken).defects] == ["id3-broken"]
    one_label_or_refused(broken, "wav")


def test_who_made_it_is_noted() -> None:
    scene = bytes(256) + b"Studio".ljust(64, b"\0") + b"2026-03-0112:30:00"
    data = riff(b"WAVE", chunk(b"bext", scene.ljust(602, b"\0")), info((b"ISFT", b"Lavf59\0")), HEAD, DATA)
    assert labels.read(data).provenance == {
        "provider": "Studio",
        "system": "Lavf59",
        "time": "2026-03-01 12:30:00",
        "identifier": "",
    }


def test_a_manifest_of_c2pa_is_a_mark() -> None:
    data = riff(b"WAVE", HEAD, DATA, chunk(b"C2PA", JUMBF))
    assert labels.read(data).marks == ("c2pa",)
    with pytest.raises(labels.SignedError):
        labels.write(data, PRODUCED)


def test_a_broken_file_is_named() -> None:
    with pytest.raises(labels.LabelError, match="ends within its LIST chunk, at byte 36"):
        surveyed(riff(b"WAVE", HEAD, info((b"INAM", b"x" * 50)))[:-9], "wav")
    with pytest.raises(labels.LabelError, match="has no fmt chunk"):
        surveyed(riff(b"WAVE", DATA), "wav")
    with pytest.raises(labels.TooLargeError, match="the limit is 1,000"):
        labels.read(
            riff(b"WAVE", HEAD, DATA, chunk(b"AIGC", bytes(1001))), limits=labels.Limits(metadata_bytes=1000)
        )
    broken = labels.read(SAMPLES["with a list that is broken"])
    assert [defect.code for defect in broken.defects] == ["info-broken"]


def test_a_large_file_costs_no_memory_and_is_labelled_in_place(tmp_path: Path) -> None:
    path, size = tmp_path / "large.wav", 20 << 30
    samples = size - len(large(size=0)) + 160
    path.write_bytes(large(total=size - 8, size=samples))
    with path.open("r+b") as file:
        file.truncate(size)
    assert labels.read(path).labels == ()
    written = labels.write(path, PRODUCED, options=labels.Options(in_place=True))
    assert (written.way, path.stat().st_size) == (labels.Way.OVER, size + written.growth)


def test_a_plain_file_does_not_grow_beyond_4_gib(tmp_path: Path) -> None:
    path = tmp_path / "full.wav"
    length = 0xFFFFFFFF - 60
    path.write_bytes(
        b"RIFF" + struct.pack("<I", length + 36) + b"WAVE" + HEAD + b"data" + struct.pack("<I", length)
    )
    with path.open("r+b") as file:
        file.truncate(44 + length)
    with pytest.raises(labels.LabelError, match="longer than 4 GiB, which RIFF cannot say"):
        labels.write(path, PRODUCED, options=labels.Options(in_place=True))


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_any_bytes_give_a_value_or_the_named_error(data: st.DataObject) -> None:
    wholes = [riff(b"WAVE", HEAD, form, DATA) for form in FORMS.values()] + list(samples().values())
    one_label_or_refused(bent(data, wholes, 4), "wav")


@pytest.mark.skipif(not MEDIA.exists(), reason="the shared media are not here")
@pytest.mark.parametrize("path", sorted(MEDIA.rglob("*.wav")), ids=lambda path: path.name)
def test_real_files_are_labelled_and_sound_the_same(path: Path, tmp_path: Path) -> None:
    new = tmp_path / path.name
    labels.write(path, PRODUCED, to=new, options=labels.Options(break_signature=True))
    (label,) = labels.read(new).labels
    assert label.fields == PRODUCED.to_dict()
    if path.name not in ("RIFF.wav", "riff_bomb_1000.wav"):  # which hold no sound
        assert streams(new) == streams(path)
