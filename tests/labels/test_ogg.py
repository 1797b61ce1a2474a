"""Labels in Ogg: every kind of stream, and pages that stay whole."""

from __future__ import annotations

import json
import struct
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
from label_samples import BARE, FIELDS, WRAPPED

from countermark import labels
from countermark.labels.containers.ogg_pages import checksum, pages
from countermark.labels.source import DEFAULT_LIMITS, opened
from countermark.labels.splicing import to_bytes

TITLE = ("-metadata", "title=标题", "-metadata", "artist=Band")
FILM = ("-f", "lavfi", "-i", "sine=duration=0.4", "-f", "lavfi", "-i", "testsrc=size=64x64:duration=0.4")


def slow_checksum(data: bytes) -> int:
    """As RFC 3533 has it, bit by bit."""
    value = 0
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 1 << 31 else 0)) & 0xFFFFFFFF
    return value


def page(serial: int, number: int, lacing: bytes, content: bytes, flags: int = 0, granule: int = 0) -> bytes:
    head = b"OggS\0" + struct.pack("<BqII", flags, granule, serial, number)
    rest = bytes([len(lacing)]) + lacing + content
    return head + struct.pack("<I", checksum(head + bytes(4) + rest)) + rest


def laced(packet: bytes) -> bytes:
    return b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255])


def comments(*items: str) -> bytes:
    texts = [item.encode() for item in ("test", *items)]
    packed = [struct.pack("<I", len(text)) + text for text in texts]
    return packed[0] + struct.pack("<I", len(items)) + b"".join(packed[1:])


def stream(
    packet: bytes, *, serial: int = 7, start: bytes = b"OpusHead\1\1" + bytes(9), after: int = 3
) -> bytes:
    """A stream with its comments on as few pages as they need, and pages of sound behind."""
    out = [page(serial, 0, laced(start), start, flags=2)]
    lacing, at, number = laced(packet), 0, 1
    for i in range(0, len(lacing), 255):
        part = lacing[i : i + 255]
        ends = part[-1] < 255
        content = packet[at : at + sum(part)]
        out.append(page(serial, number, part, content, flags=int(i > 0), granule=0 if ends else -1))
        at, number = at + sum(part), number + 1
    last = number + after - 1
    sound = [
        page(serial, i, b"\3", b"abc", flags=4 * (i == last), granule=960 * i)
        for i in range(number, last + 1)
    ]
    return b"".join([*out, *sound])


def samples() -> dict[str, bytes]:
    return {
        "vorbis": made("ogg", "-c:a", "libvorbis", *TITLE),
        "opus": made("opus", "-c:a", "libopus", *TITLE),
        "flac": made("ogg", "-c:a", "flac", *TITLE),
        "speex": made("ogg", "-c:a", "libspeex", *TITLE),
        "film": made("ogg", "-c:a", "libvorbis", "-c:v", "libtheora", *TITLE, inputs=FILM),
        "theora": made("ogg", "-an", "-c:v", "libtheora", *TITLE, inputs=FILM),
    }


SAMPLES = ["vorbis", "opus", "flac", "speex", "film", "theora"]


def check_pages(data: bytes) -> None:
    """Every checksum holds, and the pages of each stream are numbered without a gap."""
    numbers: dict[int, int] = {}
    with opened(data) as source:
        for found in pages(source, 0, DEFAULT_LIMITS):
            whole = bytearray(data[found.start : found.end])
            whole[22:26] = bytes(4)
            assert checksum(bytes(whole)) == found.checksum
            assert numbers.setdefault(found.serial, 0) == found.sequence
            numbers[found.serial] += 1


def test_the_checksum_is_that_of_the_specification() -> None:
    for data in (b"", b"a", b"OggS" + bytes(range(256)), bytes(100)):
        assert checksum(data) == slow_checksum(data)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_written_label_reads_back_and_everything_else_stays(tmp_path: Path, sample: str) -> None:
    old, new = tmp_path / "old.ogg", tmp_path / "new.ogg"
    old.write_bytes(samples()[sample])
    written = labels.write(old, LONG, to=new)
    assert written.label.normative
    check_pages(new.read_bytes())
    assert streams(new) == streams(old)
    assert without_label(new.read_bytes(), "ogg") == old.read_bytes()
    before, after = tags(old), tags(new)
    if sample != "film":  # ffprobe shows the first stream, which is the picture
        assert json.loads(after.pop("AIGC")) == LONG.to_dict()
    assert {**after, "encoder": ""} == {**before, "encoder": ""}
    if sample != "speex":
        assert json.loads(exiftool(new)["Aigc"]) == LONG.to_dict()
        assert ("AIGC" in mediainfo(new)) == (sample != "flac")  # it shows no tags of FLAC in Ogg


@pytest.mark.parametrize("sample", SAMPLES)
def test_in_place_and_updates(tmp_path: Path, sample: str) -> None:
    path = tmp_path / "a.ogg"
    path.write_bytes(samples()[sample])
    labels.write(path, PRODUCED, options=labels.Options(in_place=True))
    check_pages(path.read_bytes())
    size = path.stat().st_size
    updated = labels.update(path, "001191110105MA0EXAMPLE20001", "p-1", options=labels.Options(in_place=True))
    assert (updated.way, path.stat().st_size) == (labels.Way.OVER, size)
    check_pages(path.read_bytes())
    assert without_label(path.read_bytes(), "ogg") == samples()[sample]


@pytest.mark.parametrize("length", [10, 400, 65_000, 200_000])
def test_whole_blocks_can_be_inserted(length: int) -> None:
    data = stream(b"OpusTags" + comments("X=" + "x" * length))
    assert sum(edit.growth for edit in edits_of(data, "ogg", room=labels.Room(block=4096))) % 4096 == 0


@pytest.mark.parametrize(
    ("item", "place", "normative"),
    [
        (f"AIGC={BARE}", "Vorbis comment AIGC", True),
        (f"Aigc={WRAPPED}", "Vorbis comment Aigc", True),
        (f"DESCRIPTION={WRAPPED}", "Vorbis comment DESCRIPTION", False),
    ],
)
def test_the_label_is_read_in_each_form_and_moved_to_its_place(
    item: str, place: str, normative: bool
) -> None:
    data = stream(b"OpusTags" + comments("TITLE=x", item))
    (label,) = surveyed(data, "ogg")
    assert (label.place, label.normative, label.fields) == (place, normative, FIELDS)
    assert data[label.offset + 4 :].startswith(item.encode())
    new = rewritten(data, "ogg")
    check_pages(new)
    assert [label.place for label in surveyed(new, "ogg")] == ["Vorbis comment AIGC"]


def test_padding_of_opus_is_used_and_other_data_behind_the_comments_is_kept(tmp_path: Path) -> None:
    padded = stream(b"OpusTags" + comments("TITLE=x") + bytes(512))
    new = rewritten(padded, "ogg")
    assert len(new) == len(padded)
    assert without_label(new, "ogg") == padded
    path = tmp_path / "a.opus"
    path.write_bytes(padded)
    assert labels.write(path, PRODUCED, options=labels.Options(in_place=True)).way is labels.Way.OVER
    assert path.read_bytes() == new
    kept = b"\1binary data to be kept" + bytes(40)
    new = rewritten(stream(b"OpusTags" + comments("TITLE=x") + kept), "ogg")
    assert kept in new
    check_pages(new)


def test_a_picture_of_many_pages_is_kept() -> None:
    picture = "METADATA_BLOCK_PICTURE=" + "AAAAAwAAAAlpbWFnZS9wbmcA" * 10_000
    data = stream(b"OpusTags" + comments(picture))
    new = rewritten(data, "ogg", LONG)
    check_pages(new)
    assert [label.fields for label in surveyed(new, "ogg")] == [LONG.to_dict()]
    assert without_label(new, "ogg") == data
    with opened(new) as source:
        whole = b"".join(source.read(p.at, p.end - p.at) for p in pages(source, 0, DEFAULT_LIMITS))
    assert picture.encode() in whole


@pytest.mark.parametrize("room", [0, 1, 100])
def test_where_another_page_is_needed_the_others_are_numbered_anew(room: int) -> None:
    overhead = len(b"OpusTags" + comments("X="))
    data = stream(b"OpusTags" + comments("X=" + "x" * (65_025 - 1 - room - overhead)))
    new = rewritten(data, "ogg")
    check_pages(new)
    with opened(data) as old, opened(new) as source:
        before, after = list(pages(old, 0, DEFAULT_LIMITS)), list(pages(source, 0, DEFAULT_LIMITS))
    assert len(after) == len(before) + 1
    assert [(p.granule, p.flags, p.lacing) for p in after[-3:]] == [
        (p.granule, p.flags, p.lacing) for p in before[-3:]
    ]
    assert [label.fields for label in surveyed(new, "ogg")] == [PRODUCED.to_dict()]


def test_too_many_pages_to_number_anew_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("countermark.labels.containers.ogg_pages.MAX_RENUMBERED", 2)
    overhead = len(b"OpusTags" + comments("X="))
    data = stream(b"OpusTags" + comments("X=" + "x" * (65_024 - overhead)))
    with pytest.raises(labels.LabelError, match="more than 2 pages follow"):
        rewritten(data, "ogg")


def test_chained_and_multiplexed_files_are_read_whole_and_labelled_once() -> None:
    one = stream(b"OpusTags" + comments("TITLE=one"), serial=1)
    two = stream(b"OpusTags" + comments("TITLE=two", f"AIGC={BARE}"), serial=2)
    (label,) = surveyed(one + two, "ogg")
    assert (label.place, label.fields) == ("Vorbis comment AIGC (stream 2)", FIELDS)
    new = rewritten(one + two, "ogg")
    assert [(label.place, label.fields) for label in surveyed(new, "ogg")] == [
        ("Vorbis comment AIGC", PRODUCED.to_dict())
    ]
    assert b"TITLE=two" in new


def test_an_index_of_places_is_not_broken() -> None:
    skeleton = b"fishead\0" + struct.pack("<HH", 4, 0) + bytes(68)
    data = page(9, 0, laced(skeleton), skeleton, flags=2) + stream(b"OpusTags" + comments("TITLE=x"))
    with pytest.raises(labels.LabelError, match="Skeleton 4"):
        rewritten(data, "ogg")
    padded = page(9, 0, laced(skeleton), skeleton, flags=2) + stream(
        b"OpusTags" + comments("T=x") + bytes(900)
    )
    assert len(surveyed(rewritten(padded, "ogg"), "ogg")) == 1


def test_what_is_broken_is_named() -> None:
    whole = stream(b"OpusTags" + comments("TITLE=x"))
    cases = {
        whole[:100]: "the Ogg file ends",
        whole[:47] + b"rubbish" + whole[47:]: "no page of Ogg begins at byte 47",
        stream(b"rubbish"): "does not hold its comments",
        stream(b"OpusTags" + b"\xff\0\0\0"): "end within a text",
    }
    for data, message in cases.items():
        with pytest.raises(labels.LabelError, match=message):
            surveyed(data, "ogg")
    unknown = stream(b"x", start=b"unknown codec")
    assert [defect.code for defect in labels.read(unknown).defects] == ["no-known-stream"]
    with pytest.raises(labels.LabelError, match="no stream whose comments"):
        rewritten(unknown, "ogg")


def test_streams_and_pages_without_end_are_refused() -> None:
    start = b"OpusHead" + bytes(11)
    many = b"".join(page(serial, 0, laced(start), start, flags=2) for serial in range(70))
    with pytest.raises(labels.TooLargeError, match="more than 64 streams"):
        surveyed(many, "ogg")
    first = page(7, 0, laced(start), start, flags=2)
    with pytest.raises(labels.TooLargeError, match="more bytes or pages"):
        surveyed(first + page(7, 1, b"", b"") * 17_000, "ogg")


def test_a_large_file_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.opus"
    padded = stream(b"OpusTags" + comments("TITLE=x") + bytes(900))
    with path.open("wb") as file:
        file.write(padded)
        file.truncate(20 << 30)
    assert labels.write(path, PRODUCED, options=labels.Options(in_place=True)).way is labels.Way.OVER
    assert path.stat().st_size == 20 << 30


def test_a_page_with_a_wrong_checksum_is_not_given_a_right_one() -> None:
    data = bytearray(samples()["vorbis"])
    data[data.index(b"OggS", 4) + 22] ^= 1
    with pytest.raises(labels.LabelError, match="has a wrong checksum"):
        labels.write(bytes(data), labels.Fields.generated("001191110105MA0EXAMPLE00000", "20260301-000017"))


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_any_bytes_give_a_value_or_the_named_error(data: st.DataObject) -> None:
    one = stream(b"OpusTags" + comments("TITLE=x", f"AIGC={BARE}"))
    vorbis = stream(b"\3vorbis" + comments("TITLE=x") + b"\1", serial=3, start=b"\1vorbis" + bytes(23))
    whole = data.draw(st.sampled_from([one, one + vorbis, vorbis]))
    at = data.draw(st.integers(4, len(whole)))
    bent = whole[:at] + data.draw(st.binary(max_size=12)) + whole[at + data.draw(st.integers(0, 12)) :]
    one_label_or_refused(bent, "ogg")


@pytest.mark.skipif(not MEDIA.exists(), reason="the shared media are not here")
@pytest.mark.parametrize(
    "path", sorted([*MEDIA.rglob("*.ogg"), *MEDIA.rglob("*.opus")]), ids=lambda path: path.name
)
def test_real_files_are_labelled_and_stay_what_they_are(path: Path, tmp_path: Path) -> None:
    new = tmp_path / path.name
    try:
        labels.write(path, PRODUCED, to=new)
    except labels.LabelError:
        assert path.name == "FLAC.ogg"  # cut off within its headers
        return
    assert json.loads(exiftool(new)["Aigc"]) == PRODUCED.to_dict()
    with opened(new) as source:
        assert to_bytes(source, []) != path.read_bytes()
