"""Labels in MP3 files: ID3v2 in every version, and the mistakes of those who write it."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

import pytest
from audio_oracles import (
    LONG,
    MEDIA,
    PRODUCED,
    edits_of,
    exiftool,
    made,
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
from label_samples import BARE, FIELDS, WRAPPED, png, xmp_attribute, xmp_element

from countermark import labels
from countermark.labels.containers import id3, mp3
from countermark.labels.source import DEFAULT_LIMITS, opened

AUDIO = (b"\xff\xfb\x10\xc4" + bytes(68)) * 4
MP3 = ("-c:a", "libmp3lame", "-b:a", "32k", "-metadata", "title=标题", "-metadata", "artist=Band")


def syncsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def frame(kind: str, content: bytes, version: int = 4, flags: int = 0) -> bytes:
    if version == 2:
        return kind.encode() + len(content).to_bytes(3, "big") + content
    size = syncsafe(len(content)) if version == 4 else struct.pack(">I", len(content))
    return kind.encode() + size + struct.pack(">H", flags) + content


def tag(*frames: bytes, version: int = 4, flags: int = 0, padding: int = 0, footer: bool = False) -> bytes:
    body = b"".join(frames) + bytes(padding)
    rest = bytes((version, 0, flags | 0x10 * footer)) + syncsafe(len(body))
    return b"ID3" + rest + body + (b"3DI" + rest if footer else b"")


def user_text(text: str, name: str = "AIGC", coding: int = 3) -> bytes:
    codec, end = (("latin-1", 1), ("utf-16", 2), ("utf-16-be", 2), ("utf-8", 1))[coding]
    return bytes([coding]) + name.encode(codec) + bytes(end) + text.encode(codec)


def samples() -> dict[str, bytes]:
    untagged = made("mp3", *MP3, "-id3v2_version", "0")
    picture = b"\3image/png\0\3\0" + png()
    return {
        "id3v2.4": made("mp3", *MP3),
        "id3v2.3": made("mp3", *MP3, "-id3v2_version", "3", "-write_id3v1", "1"),
        "no tag": untagged,
        "only id3v1": made("mp3", *MP3, "-id3v2_version", "0", "-write_id3v1", "1"),
        "with a cover": tag(frame("TIT2", b"\3x"), frame("APIC", picture), padding=2000) + untagged,
        "id3v2.2": tag(frame("TT2", b"\0x", 2), version=2, padding=9) + untagged,
    }


SAMPLES = ["id3v2.4", "id3v2.3", "no tag", "only id3v1", "with a cover", "id3v2.2"]
FORMS = {
    "ID3v2.4 TXXX AIGC": tag(frame("TXXX", user_text(BARE))),
    "ID3v2.3 TXXX AIGC": tag(frame("TXXX", user_text(BARE, coding=1), 3), version=3),
    "ID3v2.2 TXX AIGC": tag(frame("TXX", user_text(BARE, coding=0), 2), version=2),
    "ID3v2.4 TXXX aigc": tag(frame("TXXX", user_text(BARE, "aigc"))),
    "ID3v2.3 TXXX comment": tag(frame("TXXX", user_text(WRAPPED, "comment"), 3), version=3),
    "ID3v2.4 COMM": tag(frame("COMM", b"\3zho\0" + WRAPPED.encode())),
    "ID3v2.2 COM": tag(frame("COM", b"\1zho\xff\xfe\0\0" + BARE.encode("utf-16"), 2), version=2),
    "ID3v2.4 TIT2": tag(frame("TIT2", b"\3" + BARE.encode())),
    "ID3v2.4 TXXX AIGC (tag 2)": tag(frame("TIT2", b"\3x")) + tag(frame("TXXX", user_text(BARE))),
    "ID3v2.4 PRIV XMP TC260:AIGC": tag(frame("PRIV", b"XMP\0" + xmp_element(BARE))),
    "ID3v2.3 PRIV XMP TC260:AIGC": tag(frame("PRIV", b"XMP\0" + xmp_attribute(BARE), 3), version=3),
}
NORMATIVE = {"ID3v2.4 TXXX AIGC", "ID3v2.3 TXXX AIGC", "ID3v2.2 TXX AIGC"}


@pytest.mark.parametrize("place", FORMS)
def test_the_label_is_read_in_each_form_and_moved_to_its_place(place: str) -> None:
    (label,) = surveyed(FORMS[place] + AUDIO, "mp3")
    assert (label.place, label.normative, label.fields) == (place, place in NORMATIVE, FIELDS)
    assert not label.errors
    (written,) = surveyed(rewritten(FORMS[place] + AUDIO, "mp3"), "mp3")
    assert written.normative
    assert written.fields == PRODUCED.to_dict()


@pytest.mark.parametrize("coding", range(4))
@pytest.mark.parametrize("end", ["", "\0"], ids=["plain", "with a zero behind"])
def test_every_encoding_is_read(coding: int, end: str) -> None:
    text = json.dumps(FIELDS | {"ContentProducer": "MiniMax" if coding == 0 else "示例"}, ensure_ascii=False)
    (label,) = surveyed(tag(frame("TXXX", user_text(text + end, coding=coding))) + AUDIO, "mp3")
    assert label.fields["ContentProducer"] in ("MiniMax", "示例")
    assert not label.errors


def test_a_label_of_one_speech_service_is_read_with_its_defects() -> None:
    text = (
        '{"AIGC":{"Label":"1","ContentProducer":"001191340000711771143J00000","PropagateID":"%!s(MISSING)"}}'
    )
    (label,) = surveyed(tag(frame("TXXX", user_text(text))) + AUDIO, "mp3")
    assert label.fields["PropagateID"] == "%!s(MISSING)"
    assert "ReservedCode1 is missing" in [str(defect) for defect in label.errors]


def test_frames_with_flags_are_read() -> None:
    content = user_text(BARE)
    packed = struct.pack(">I", len(content)) + zlib.compress(content)
    stuffed = user_text(BARE + "ÿ", coding=1).replace(b"\xff", b"\xff\0")
    for data in (
        tag(frame("TXXX", syncsafe(len(content)) + zlib.compress(content), flags=0x09)),
        tag(frame("TXXX", packed, 3, flags=0x80), version=3),
        tag(frame("TXXX", b"G" + content, 3, flags=0x20), version=3),
        tag(frame("TXXX", b"G" + content, flags=0x40)),
    ):
        (label,) = surveyed(data + AUDIO, "mp3")
        assert label.fields == FIELDS
        one_label_or_refused(data + AUDIO, "mp3")
    assert len(surveyed(tag(frame("TXXX", stuffed, flags=0x02)) + AUDIO, "mp3")) == 1
    assert surveyed(tag(frame("TXXX", content, flags=0x04)) + AUDIO, "mp3") == []  # encrypted


@pytest.mark.parametrize("version", [2, 3])
def test_a_tag_that_is_unsynchronised_as_a_whole(version: int) -> None:
    names = ("TT2", "TXX") if version == 2 else ("TIT2", "TXXX")
    title = frame(names[0], b"\1\xff\xfea\0\xff\0", version)
    body = title + frame(names[1], user_text(BARE, coding=1), version)
    data = tag(body.replace(b"\xff", b"\xff\0"), version=version, flags=0x80) + AUDIO
    (label,) = surveyed(data, "mp3")
    assert label.fields == FIELDS
    new = rewritten(data, "mp3", LONG)
    assert [label.fields for label in surveyed(new, "mp3")] == [LONG.to_dict()]
    assert title.replace(b"\xff", b"\xff\0") in new
    assert without_label(new, "mp3") == without_label(data, "mp3")


@pytest.mark.parametrize("version", [3, 4])
def test_sizes_written_in_the_other_way_are_understood(version: int) -> None:
    other = 7 - version
    body = frame("TIT2", b"\0" + b"x" * 300, other) + frame("TXXX", user_text(BARE), other)
    data = tag(body, frame("TALB", b"\0y", version), version=version, padding=20) + AUDIO
    (label,) = surveyed(data, "mp3")
    assert label.fields == FIELDS
    header = b"ID3" + bytes((version, 0, 0)) + struct.pack(">I", len(body)) + body + AUDIO
    assert [label.fields for label in surveyed(header, "mp3")] == [FIELDS]


def test_extended_headers_and_footers() -> None:
    old = struct.pack(">IHI", 6, 0, 5)
    new = syncsafe(6) + b"\1\0"
    for data in (
        tag(old, frame("TIT2", b"\0a", 3), version=3, flags=0x40, padding=5),
        tag(new, frame("TIT2", b"\0a"), flags=0x40),
        tag(frame("TIT2", b"\0a"), footer=True),
    ):
        written = rewritten(data + AUDIO, "mp3")
        assert len(surveyed(written, "mp3")) == 1
        assert without_label(written, "mp3") == data + AUDIO
    checked = tag(syncsafe(12) + b"\1\x20\5" + bytes(5), frame("TIT2", b"\0a"), flags=0x40) + AUDIO
    assert surveyed(checked, "mp3") == []
    with pytest.raises(labels.LabelError, match="checksum"):
        rewritten(checked, "mp3")


def test_a_tag_at_the_end_is_read_and_the_label_moved_to_the_start() -> None:
    appended = tag(frame("TXXX", user_text(BARE)), frame("TIT2", b"\0a"), footer=True)
    for end in (b"", b"TAG" + bytes(125)):
        data = AUDIO + appended + end
        (label,) = surveyed(data, "mp3")
        assert (label.place, label.fields) == ("ID3v2.4 TXXX AIGC", FIELDS)
        (label,) = surveyed(rewritten(data, "mp3"), "mp3")
        assert label.offset == 10


def test_a_manifest_of_c2pa_is_a_mark() -> None:
    for kind in (b"application/x-c2pa-manifest-store", b"application/c2pa"):
        data = tag(frame("GEOB", b"\0" + kind + b"\0c2pa\0\0" + bytes(50))) + AUDIO
        assert labels.read(data).marks == ("c2pa",)
        with pytest.raises(labels.SignedError):
            labels.write(data, PRODUCED)
    assert labels.read(tag(frame("GEOB", b"\0image/png\0\0\0")) + AUDIO).marks == ()


def test_who_made_it_is_noted() -> None:
    data = tag(frame("TPE1", b"\3Band\0"), frame("TSSE", b"\3Lavf59"), frame("TDRC", b"\0002026")) + AUDIO
    assert labels.read(data).provenance == {
        "provider": "Band",
        "system": "Lavf59",
        "time": "2026",
        "identifier": "",
    }


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_written_label_reads_back_and_everything_else_stays(tmp_path: Path, sample: str) -> None:
    old = tmp_path / "old.mp3"
    old.write_bytes(samples()[sample])
    new = tmp_path / "new.mp3"
    written = labels.write(old, LONG, to=new)
    assert written.label.normative
    assert streams(new) == streams(old)
    assert without_label(new.read_bytes(), "mp3") == old.read_bytes()
    before, after = tags(old), tags(new)
    assert json.loads(after.pop("AIGC")) == LONG.to_dict()
    assert after == before
    kept = exiftool(new, "-ID3:all")
    assert json.loads(kept["UserDefinedText"].removeprefix("(AIGC) ")) == LONG.to_dict()
    assert {key: value for key, value in kept.items() if key != "UserDefinedText"} == (
        exiftool(old, "-ID3:all") | {"SourceFile": str(new)}
    )
    assert ("AIGC" in mediainfo(new)) == (sample != "id3v2.2")  # it knows no TXX


@pytest.mark.parametrize("sample", SAMPLES)
def test_an_update_keeps_the_length_and_the_signed_content(tmp_path: Path, sample: str) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(samples()[sample])
    labels.write(path, PRODUCED)
    size = path.stat().st_size
    written = labels.update(path, "001191110105MA0EXAMPLE20001", "p-1", options=labels.Options(in_place=True))
    assert (written.way, written.growth, path.stat().st_size) == (labels.Way.OVER, 0, size)
    assert without_label(path.read_bytes(), "mp3") == samples()[sample]


def test_in_place_gives_what_a_copy_gives(tmp_path: Path) -> None:
    data = samples()["id3v2.3"]
    one = tmp_path / "one.mp3"
    one.write_bytes(data)
    written = labels.write(one, PRODUCED, options=labels.Options(in_place=True))
    assert written.way in (labels.Way.INSERTED, labels.Way.COPY)
    assert without_label(one.read_bytes(), "mp3") == data
    assert sum(edit.growth for edit in edits_of(data, "mp3", room=labels.Room(block=4096))) % 4096 == 0
    assert sum(edit.growth for edit in edits_of(AUDIO, "mp3", room=labels.Room(block=4096))) % 4096 == 0


def test_content_signed_over_the_file_before_labelling_is_given_back() -> None:
    """The shape that was measured: cut out of the middle of the tag, its padding kept."""
    before, label, behind = (
        frame("TSSE", b"\3Lavf"),
        frame("TXXX", user_text(BARE + "\0")),
        frame("TIT2", b"\3x"),
    )
    data = tag(before, label, behind, padding=10) + AUDIO
    assert without_label(data, "mp3") == tag(before, behind, padding=10) + AUDIO
    assert without_label(tag(label, padding=10) + AUDIO, "mp3") == tag(padding=10) + AUDIO
    assert without_label(tag(label) + AUDIO, "mp3") == AUDIO


def test_id3v1_and_ape_at_the_end_stay() -> None:
    end = b"APETAGEX" + bytes(24) + b"TAG" + BARE.encode()[:125].ljust(125)
    new = rewritten(AUDIO + end, "mp3")
    assert new.endswith(AUDIO + end)
    assert surveyed(AUDIO + end, "mp3") == []


def test_a_broken_tag_is_named() -> None:
    with pytest.raises(labels.LabelError, match="ends within its ID3 tag of 10,000 bytes"):
        surveyed(b"ID3\4\0\0" + syncsafe(10_000) + AUDIO, "mp3")
    with pytest.raises(labels.LabelError, match=r"ID3v2\.9"):
        surveyed(b"ID3\x09\0\0" + syncsafe(10) + AUDIO, "mp3")
    reading = labels.read(tag(frame("TIT2", b"\0a"), b"\xfa\xfb\xfc\xfd" * 5) + AUDIO)
    assert [defect.code for defect in reading.defects] == ["id3-broken"]


def test_a_label_is_not_put_where_rubbish_would_blur_it() -> None:
    rubbish = tag(b"\xfa\xfb\xfc\xfd" * 5) + AUDIO
    with pytest.raises(labels.LabelError, match="could not be told from it"):
        rewritten(rubbish, "mp3")
    behind = tag(frame("TIT2", b"\0a"), b"\xfa\xfb\xfc\xfd" * 5) + AUDIO
    assert len(surveyed(rewritten(behind, "mp3"), "mp3")) == 1


def test_what_stands_behind_a_tag_is_told() -> None:
    front = tag(frame("TIT2", b"\0a"), padding=9)
    for content, expected in ((AUDIO, "mp3"), (b"fLaC" + bytes(9), "flac"), (b"\xff\xf1" + bytes(9), "aac")):
        with opened(front + front + content) as source:
            assert id3.kind(source) == expected


def test_frames_without_end_are_refused() -> None:
    with pytest.raises(labels.TooLargeError, match="more frames"):
        surveyed(tag(frame("TIT2", b"") * 70_000) + AUDIO, "mp3")


def test_a_large_file_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.mp3"
    with path.open("wb") as file:
        file.write(samples()["id3v2.4"])
        file.truncate(20 << 30)
    assert labels.read(path).labels == ()
    with opened(path) as source:
        assert sum(len(e.new) for e in mp3.edits(source, PRODUCED, labels.Room(), DEFAULT_LIMITS)) < 1000


@pytest.mark.parametrize(
    "data",
    [
        b"\xff" * 64,
        "文字 in UTF-16".encode("utf-16"),
        b"\xff\xfb\xf0\0" * 9,
        b"\xff\xfb\x9c\0" * 9,
        b"\xff\xe9\x90\0",
    ],
)
def test_what_only_begins_like_a_frame_is_no_mp3(data: bytes) -> None:
    with pytest.raises(labels.UnknownContainerError):
        labels.read(data)


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_any_bytes_give_a_value_or_the_named_error(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([form + AUDIO for form in FORMS.values()]))
    at = data.draw(st.integers(3, len(whole)))
    bent = whole[:at] + data.draw(st.binary(max_size=12)) + whole[at + data.draw(st.integers(0, 12)) :]
    one_label_or_refused(bent, "mp3")


@pytest.mark.skipif(not MEDIA.exists(), reason="the shared media are not here")
@pytest.mark.parametrize("path", sorted(MEDIA.rglob("*.mp3")), ids=lambda path: path.name)
def test_real_files_are_labelled_and_stay_what_they_are(path: Path, tmp_path: Path) -> None:
    new = tmp_path / path.name
    labels.write(path, PRODUCED, to=new, options=labels.Options(break_signature=True))
    assert without_label(new.read_bytes(), "mp3") == path.read_bytes()
    assert exiftool(new, "-ID3:all")["UserDefinedText"]
