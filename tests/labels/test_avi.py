"""Labels in AVI files: with and without space before the frames, of one RIFF and of several."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from audio_oracles import (
    LONG,
    MEDIA,
    PRODUCED,
    exiftool,
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
from riff_samples import JUMBF, bent, chunk, info, parts, riff

from countermark import labels

FILM = ("-f", "lavfi", "-i", "testsrc=d=1:s=32x24:r=5", "-f", "lavfi", "-i", "sine=d=1")
HEADERS = chunk(b"LIST", b"hdrl" + chunk(b"avih", bytes(56)))
MOVIE = chunk(b"LIST", b"movi" + chunk(b"00dc", b"frame"))
INDEX = chunk(b"idx1", b"00dc" + struct.pack("<III", 16, 4, 5))
SPACE = chunk(b"JUNK", bytes(1016))
NOTES = chunk(b"JUNK", b"notes of a camera".ljust(1016, b"\0"))
SOFTWARE = info((b"ISFT", b"Lavf59\0"), (b"ICMT", b"odd"))
OTHER_RIFF = chunk(b"RIFF", b"AVIX" + MOVIE)
SAMPLES = {
    "with texts and space": riff(b"AVI ", HEADERS, SOFTWARE, SPACE, MOVIE, INDEX),
    "with space": riff(b"AVI ", HEADERS, SPACE, MOVIE, INDEX),
    "with texts": riff(b"AVI ", HEADERS, SOFTWARE, MOVIE, INDEX),
    "bare": riff(b"AVI ", HEADERS, MOVIE, INDEX),
    "with texts behind": riff(b"AVI ", HEADERS, MOVIE, INDEX, SOFTWARE),
    "with something behind the index": riff(b"AVI ", HEADERS, MOVIE, INDEX, chunk(b"ABCD", b"odd")),
    "with notes of a camera": riff(b"AVI ", HEADERS, NOTES, MOVIE, INDEX),
    "without an index": riff(b"AVI ", HEADERS, MOVIE),
    "of several RIFFs": riff(b"AVI ", HEADERS, SOFTWARE, SPACE, MOVIE, INDEX) + OTHER_RIFF,
}
FRONT = {"with texts and space", "with space", "of several RIFFs"}
FORMS = {
    "LIST INFO AIGC": info((b"AIGC", BARE.encode() + b"\0")),
    "LIST INFO aigc": info((b"ISFT", b"Paint\0"), (b"aigc", WRAPPED.encode() + b"\0")),
    "LIST INFO ICMT": info((b"ICMT", WRAPPED.encode()), (b"ISFT", b"Paint\0")),
    "_PMX XMP TC260:AIGC": chunk(b"_PMX", xmp_element(BARE)),
    "_PMX XMP TC260:Aigc": chunk(b"_PMX", xmp_attribute(BARE, "Aigc")),
}


def samples() -> dict[str, bytes]:
    return SAMPLES


@pytest.mark.parametrize("behind", [False, True], ids=["before the frames", "behind them"])
@pytest.mark.parametrize("place", FORMS)
def test_the_label_is_read_in_each_form_and_moved_to_its_place(place: str, *, behind: bool) -> None:
    rest = (MOVIE, INDEX, FORMS[place]) if behind else (FORMS[place], MOVIE, INDEX)
    data = riff(b"AVI ", HEADERS, *rest)
    (label,) = surveyed(data, "avi")
    assert (label.place, label.normative, label.fields) == (place, place == "LIST INFO AIGC", FIELDS)
    new = rewritten(data, "avi")
    (written,) = surveyed(new, "avi")
    assert (written.place, written.normative, written.fields) == ("LIST INFO AIGC", True, PRODUCED.to_dict())
    assert new.count(b"Paint\0") == data.count(b"Paint\0")
    assert new.index(MOVIE) == data.index(MOVIE)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_written_label_reads_back_and_no_frame_moves(tmp_path: Path, sample: str) -> None:
    old, path = SAMPLES[sample], tmp_path / "a.avi"
    path.write_bytes(old)
    written = labels.write(path, PRODUCED, options=labels.Options(in_place=True))
    new = path.read_bytes()
    assert new == rewritten(old, "avi")
    assert (written.way is labels.Way.OVER) == (sample != "with something behind the index")
    assert (written.growth == 0) == (sample in FRONT)
    assert new.index(MOVIE + INDEX if INDEX in old else MOVIE) == old.index(MOVIE)
    assert without_label(new, "avi") == old
    if sample != "of several RIFFs":
        assert parts(new)[0] == parts(old)[0]
    for text in (b"Lavf59", b"odd", b"notes of a camera"):
        assert (text in new) == (text in old)


@pytest.mark.parametrize("sample", SAMPLES)
def test_an_update_needs_no_copy(tmp_path: Path, sample: str) -> None:
    path = tmp_path / "a.avi"
    path.write_bytes(rewritten(SAMPLES[sample], "avi"))
    written = labels.update(path, "001191110105MA0EXAMPLE20001", "p-1", options=labels.Options(in_place=True))
    assert (written.way is labels.Way.OVER) == (sample != "with something behind the index")
    assert without_label(path.read_bytes(), "avi") == SAMPLES[sample]


def test_what_ffmpeg_makes_is_labelled_before_the_frames(tmp_path: Path) -> None:
    old = made_file(tmp_path / "old.avi", "-metadata", "title=标题", "-c:v", "mjpeg", inputs=FILM)
    new = tmp_path / "new.avi"
    written = labels.write(old, PRODUCED, to=new)
    assert written.growth == 0
    assert streams(new) == streams(old)
    said = tags(new)
    assert json.loads(said.pop("AIGC")) == PRODUCED.to_dict()
    assert said == tags(old)
    assert "001191110105MA0EXAMPLE00000" in mediainfo(new)
    assert "Unknown_AIGC" in exiftool(new, "-u")
    assert without_label(new.read_bytes(), "avi") == old.read_bytes()


def test_what_has_no_space_is_labelled_behind_the_index(tmp_path: Path) -> None:
    old = made_file(tmp_path / "old.avi", "-c:v", "mjpeg", inputs=FILM)
    new = tmp_path / "new.avi"
    written = labels.write(old, LONG, to=new)
    assert written.growth > 0
    assert streams(new) == streams(old)
    assert json.loads(tags(new)["AIGC"]) == LONG.to_dict()
    assert "20261125-000017" in mediainfo(new)
    assert "Unknown_AIGC" in exiftool(new, "-u")
    assert without_label(new.read_bytes(), "avi") == old.read_bytes()


def test_a_label_that_no_longer_fits_moves_behind_the_index() -> None:
    data = rewritten(SAMPLES["with texts and space"], "avi")
    new = rewritten(data, "avi", LONG)
    (label,) = surveyed(new, "avi")
    assert label.fields == LONG.to_dict()
    assert label.offset > new.index(INDEX)
    assert len(new) > len(data)
    assert new.startswith(SAMPLES["with texts and space"][8:], 8)


def test_several_labels_become_one() -> None:
    inside = chunk(b"LIST", b"hdrl" + chunk(b"avih", bytes(56)) + FORMS["LIST INFO AIGC"])
    data = riff(b"AVI ", inside, *FORMS.values(), SPACE, MOVIE, INDEX, *FORMS.values())
    assert len(surveyed(data, "avi")) == 1 + 2 * len(FORMS)
    new = rewritten(data, "avi")
    assert len(surveyed(new, "avi")) == 1
    assert new.index(MOVIE) == data.index(MOVIE)


def opendml(*before: bytes, spoilt: bytes = b"", index: bytes = INDEX) -> bytes:
    """Two RIFFs with a frame each, and the indices that lead to them by offsets in the file."""
    parts_at, frames_at = [0, 0], [0, 0]
    data = b""
    for _ in range(2):  # the offsets are known in the second round
        rows = b"".join(struct.pack("<QII", at, 40, 1) for at in parts_at)
        whole = struct.pack("<HBBI4s12x", 4, 0, 0, 2, b"00dc") + rows
        streams_ = chunk(b"LIST", b"strl" + chunk(b"strh", bytes(56)) + chunk(b"indx", spoilt or whole))
        headers = chunk(b"LIST", b"hdrl" + chunk(b"avih", bytes(56)) + streams_)
        movies = [
            chunk(b"LIST", b"movi" + chunk(b"00dc", b"frame%d" % number) + part(frames_at[number]))
            for number in range(2)
        ]
        data = riff(b"AVI ", headers, *before, movies[0], index) + chunk(b"RIFF", b"AVIX" + movies[1])
        frames_at = [data.index(b"frame%d" % number) - 100 for number in range(2)]
        parts_at = [data.index(b"ix00"), data.rindex(b"ix00")]
    return data


def part(base: int) -> bytes:
    return chunk(b"ix00", struct.pack("<HBBI4sQ4xII", 2, 0, 1, 1, b"00dc", max(base, 0), 100, 6))


def test_several_riffs_keep_their_indices_right() -> None:
    old = opendml(SOFTWARE)
    new = rewritten(old, "avi")
    (label,) = surveyed(new, "avi")
    assert label.offset < new.index(b"movi")
    assert new.index(b"frame0") > old.index(b"frame0")
    at = new.index(b"indx") + 8 + 24
    for number in range(2):
        (part_at,) = struct.unpack_from("<Q", new, at + 16 * number)
        assert new[part_at : part_at + 4] == b"ix00"
        base, offset = struct.unpack_from("<Q4xI", new, part_at + 8 + 12)
        assert new[base + offset : base + offset + 6] == b"frame%d" % number
    (size,) = struct.unpack_from("<I", new, 4)
    assert new[8 + size :].startswith(b"RIFF")
    longer = rewritten(new, "avi", PRODUCED.but(content_propagator="somebody"))
    assert len(longer) == len(new)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            opendml(index=chunk(b"idx1", b"00dc" + struct.pack("<III", 99, 300, 5))),
            "does not count from its frames",
        ),
        (opendml(spoilt=struct.pack("<HBBI4s12x", 4, 0, 0, 9, b"00dc")), "an index of the AVI is broken"),
        (
            opendml(spoilt=struct.pack("<HBBI4s12xQQ", 4, 0, 0, 1, b"00dc", 99, 0)),
            "an index of the AVI leads nowhere",
        ),
        (
            opendml(spoilt=struct.pack("<HBBI4sQ", 2, 0, 1, 0, b"00dc", 1 << 63)),
            "an index of the AVI is broken",
        ),
    ],
)
def test_indices_that_are_not_understood_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(labels.LabelError, match=message):
        rewritten(data, "avi")


def test_several_riffs_are_read() -> None:
    data = SAMPLES["of several RIFFs"] + chunk(b"RIFF", b"AVIX" + MOVIE + FORMS["LIST INFO AIGC"])
    (label,) = surveyed(data, "avi")
    assert label.fields == FIELDS
    new = rewritten(data, "avi")
    assert len(new) == len(data)
    assert len(surveyed(new, "avi")) == 1


def test_a_manifest_of_c2pa_is_a_mark() -> None:
    data = riff(b"AVI ", HEADERS, SPACE, MOVIE, INDEX, chunk(b"C2PA", JUMBF))
    assert labels.read(data).marks == ("c2pa",)
    with pytest.raises(labels.SignedError):
        labels.write(data, PRODUCED)


def test_a_broken_file_is_named() -> None:
    cut = riff(b"AVI ", HEADERS, MOVIE)[:-9]
    assert [defect.code for defect in labels.read(cut).defects] == ["open-ended"]
    with pytest.raises(labels.LabelError, match="ends within its frames"):
        rewritten(cut, "avi")
    one_label_or_refused(riff(b"AVI ", HEADERS, SPACE, MOVIE)[:-9], "avi")
    with pytest.raises(labels.LabelError, match="ends within its idx1 chunk"):
        surveyed(SAMPLES["bare"][:-1], "avi")
    with pytest.raises(labels.LabelError, match="has no hdrl"):
        surveyed(riff(b"AVI ", MOVIE), "avi")
    with pytest.raises(labels.TooLargeError, match="a LIST INFO of"):
        labels.read(
            riff(b"AVI ", HEADERS, info((b"AIGC", bytes(1000)))), limits=labels.Limits(metadata_bytes=1000)
        )
    with pytest.raises(labels.TooLargeError, match="more than 4,096 RIFFs"):
        labels.read(SAMPLES["bare"] + chunk(b"RIFF", b"AVIX") * 5000)


def test_a_large_file_costs_no_memory_and_is_labelled_in_place(tmp_path: Path) -> None:
    path = tmp_path / "large.avi"
    first = SAMPLES["with texts and space"]
    length = 0xF0000000
    with path.open("wb") as file:
        file.write(first)
        for at in range(len(first), 5 * (length + 8) + len(first), length + 8):
            file.seek(at)
            file.write(
                b"RIFF" + struct.pack("<I", length) + b"AVIXLIST" + struct.pack("<I", length - 12) + b"movi"
            )
        file.truncate(5 * (length + 8) + len(first))
    size = path.stat().st_size
    assert size > 20_000_000_000
    written = labels.write(path, PRODUCED, options=labels.Options(in_place=True))
    assert (written.way, path.stat().st_size) == (labels.Way.OVER, size)


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_any_bytes_give_a_value_or_the_named_error(data: st.DataObject) -> None:
    wholes = [
        opendml(),
        *(riff(b"AVI ", HEADERS, form, SPACE, MOVIE, INDEX, form) for form in FORMS.values()),
    ]
    one_label_or_refused(bent(data, [*wholes, *SAMPLES.values()], 4), "avi")


@pytest.mark.skipif(not MEDIA.exists(), reason="the shared media are not here")
@pytest.mark.parametrize("path", sorted(MEDIA.rglob("*.avi")), ids=lambda path: path.name)
def test_real_files_are_labelled_and_play_the_same(path: Path, tmp_path: Path) -> None:
    new = tmp_path / path.name
    labels.write(path, PRODUCED, to=new, options=labels.Options(break_signature=True))
    assert exiftool(new, "-u")["Unknown_AIGC"]
    if path.name == "test.avi":  # the others have no frames
        assert streams(new) == streams(path)
        assert json.loads(tags(new)["AIGC"]) == PRODUCED.to_dict()
