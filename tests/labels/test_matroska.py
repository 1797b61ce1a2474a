"""Labels in Matroska and WebM: tags in every place, and positions that stay true."""

from __future__ import annotations

import json
import subprocess
import zlib
from pathlib import Path

import pytest
from audio_oracles import (
    LONG,
    MEDIA,
    PRODUCED,
    exiftool,
    made,
    made_file,
    mediainfo,
    needs,
    one_label_or_refused,
    rewritten,
    streams,
    surveyed,
    tags,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BARE, FIELDS, WRAPPED

from countermark import labels
from countermark.labels.containers import ebml, matroska
from countermark.labels.source import DEFAULT_LIMITS, Limits, opened

FILM = ("-f", "lavfi", "-i", "sine=duration=0.6", "-f", "lavfi", "-i", "testsrc=size=64x64:duration=0.6")
TITLE = ("-metadata", "title=标题", "-metadata", "artist=Band")
SAMPLES = ["mkv", "webm", "live webm", "piped mka", "mkvmerge", "mkvmerge webm"]
UNKNOWN = b"\x01" + b"\xff" * 7


def el(kind: int, *content: bytes, size: bytes | None = None) -> bytes:
    data = b"".join(content)
    name = kind.to_bytes((kind.bit_length() + 7) // 8, "big")
    return name + (size or (len(data) | 1 << 56).to_bytes(8, "big")) + data


def simple(text: str, name: str = "AIGC", *more: bytes, kind: int = 0x4487) -> bytes:
    return el(0x67C8, el(0x45A3, name.encode()), el(kind, text.encode()), *more)


def in_tags(*simples: bytes, targets: bytes = b"", head: bytes = b"") -> bytes:
    return el(0x1254C367, head, el(0x7373, el(0x63C0, targets), *simples))


HEAD = el(0x1A45DFA3, el(0x4282, b"matroska"))
INFO = el(0x1549A966, el(0x4D80, b"muxer"), el(0x5741, b"writer"), el(0x4461, (10**18).to_bytes(8, "big")))
CLUSTER = el(0x1F43B675, el(0xE7, b"\0"), el(0xA3, b"\x81\0\0\x80" + bytes(30)))
LIVE_CLUSTER = el(0x1F43B675, el(0xE7, b"\0"), el(0xA3, b"\x81\0\0\x80" + bytes(30)), size=UNKNOWN)
TITLE_TAG = in_tags(simple("x", "TITLE"))


def film(*content: bytes, size: bytes | None = None) -> bytes:
    return HEAD + el(0x18538067, *content, size=size)


def seek_head(*places: tuple[int, int], room: int = 0) -> bytes:
    entries = [
        el(0x4DBB, el(0x53AB, kind.to_bytes(4, "big")), el(0x53AC, place.to_bytes(8, "big")))
        for kind, place in places
    ]
    return el(0x114D9B74, *entries) + ebml.void(room)


def samples(folder: Path) -> dict[str, bytes]:
    coded = ("-c:a", "libopus", "-c:v", "libvpx", *TITLE)
    mkv = made_file(folder / "a.mkv", "-c:a", "libopus", "-c:v", "libx264", *TITLE, inputs=FILM)
    webm = made_file(folder / "a.webm", *coded, inputs=FILM)
    out = {
        "mkv": mkv.read_bytes(),
        "webm": webm.read_bytes(),
        "live webm": made("webm", *coded, "-live", "1", inputs=FILM),
        "piped mka": made("matroska", "-c:a", "libopus", *TITLE),
    }
    needs("mkvmerge")
    for name, path, option in (("mkvmerge", mkv, []), ("mkvmerge webm", webm, ["--webm"])):
        target = folder / f"merged{path.suffix}"
        subprocess.run(["mkvmerge", "-q", *option, "-o", target, path], check=True)
        out[name] = target.read_bytes()
    return out


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return samples(tmp_path_factory.mktemp("films"))


FORMS = {
    "Tags SimpleTag AIGC": in_tags(simple(BARE)),
    "Tags SimpleTag aigc": in_tags(simple(BARE, "aigc")),
    "Tags SimpleTag COMMENT": in_tags(simple(WRAPPED, "COMMENT")),
    "Tags SimpleTag AIGC of a part": in_tags(simple(BARE), targets=el(0x63C5, b"\7")),
}


@pytest.mark.parametrize("where", ["before", "behind"])
@pytest.mark.parametrize("place", FORMS)
def test_the_label_is_read_in_each_form_and_moved_to_its_place(place: str, where: str) -> None:
    content = (INFO, FORMS[place], CLUSTER) if where == "before" else (INFO, CLUSTER, FORMS[place])
    data = film(*content)
    (label,) = surveyed(data, "matroska")
    assert (label.place, label.normative, label.fields) == (place, place == "Tags SimpleTag AIGC", FIELDS)
    assert data[label.offset :].startswith(b"\x12\x54\xc3\x67")
    new = rewritten(data, "matroska")
    assert [(label.place, label.normative) for label in surveyed(new, "matroska")] == [
        ("Tags SimpleTag AIGC", True)
    ]
    assert CLUSTER in new


@pytest.mark.parametrize(
    "tag",
    [
        in_tags(simple(BARE, kind=0x4485)),
        in_tags(el(0x67C8, el(0x45A3, b"X"), simple(BARE))),
        in_tags(simple(BARE), simple(BARE)),
        in_tags(simple(BARE)) + in_tags(simple(BARE, "aigc"), simple("y", "GENRE")),
    ],
    ids=["binary", "nested", "twice", "in two elements"],
)
def test_odd_forms_become_one_label(tag: bytes) -> None:
    data = film(INFO, tag, CLUSTER)
    assert surveyed(data, "matroska")
    new = rewritten(data, "matroska")
    assert [label.fields for label in surveyed(new, "matroska")] == [PRODUCED.to_dict()]
    assert (b"GENRE" in new) == (b"GENRE" in data)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_written_label_reads_back_and_everything_else_stays(
    tmp_path: Path, films: dict[str, bytes], sample: str
) -> None:
    old, new = tmp_path / "old.mkv", tmp_path / "new.mkv"
    old.write_bytes(films[sample])
    written = labels.write(old, LONG, to=new)
    assert written.label.normative
    assert streams(new) == streams(old)
    before, after = tags(old), tags(new)
    assert json.loads(after.pop("AIGC")) == LONG.to_dict()
    assert after == before
    assert json.loads(exiftool(new, "-ee")["Aigc"]) == LONG.to_dict()
    assert exiftool(new, "-ee")["Title"] == "标题"
    assert "AIGC" in mediainfo(new)
    needs("mkvextract")
    text = subprocess.run(["mkvextract", new, "tags", "-"], check=True, capture_output=True).stdout
    assert b"<Name>AIGC</Name>" in text


@pytest.mark.parametrize("sample", SAMPLES)
def test_checksums_hold_and_cues_still_lead_to_clusters(
    tmp_path: Path, films: dict[str, bytes], sample: str
) -> None:
    path = tmp_path / "a.mkv"
    path.write_bytes(rewritten(films[sample], "matroska"))
    command = ["ffmpeg", "-v", "warning", "-err_detect", "crccheck+bitstream", "-ss", "0.4", "-i", path]
    needs("ffmpeg")
    result = subprocess.run([*command, "-f", "null", "-"], capture_output=True, check=True, text=True)
    assert "CRC" not in result.stderr
    assert "Invalid" not in result.stderr


@pytest.mark.parametrize("sample", SAMPLES)
def test_in_place_and_updates(tmp_path: Path, films: dict[str, bytes], sample: str) -> None:
    path = tmp_path / "a.mkv"
    path.write_bytes(films[sample])
    in_place = labels.Options(in_place=True)
    assert labels.write(path, PRODUCED, options=in_place).way is labels.Way.OVER
    assert path.read_bytes() == rewritten(films[sample], "matroska")
    size = path.stat().st_size
    updated = labels.update(path, "001191110105MA0EXAMPLE20001", "p-1", options=in_place)
    assert (updated.way, path.stat().st_size) == (labels.Way.OVER, size)


def test_a_void_behind_the_tags_is_used() -> None:
    data = film(INFO, TITLE_TAG, ebml.void(400), CLUSTER)
    new = rewritten(data, "matroska")
    assert len(new) == len(data)
    assert new.index(CLUSTER) == data.index(CLUSTER)
    assert b"TITLE" in new


@pytest.mark.parametrize("spare", range(8))
def test_any_rest_is_filled(spare: int) -> None:
    needed = len(rewritten(film(INFO, TITLE_TAG), "matroska")) - len(film(INFO)) - 256
    length = needed - len(TITLE_TAG) + spare
    new = rewritten(film(INFO, TITLE_TAG, ebml.void(length), CLUSTER), "matroska")
    assert len(new) == len(film(INFO, TITLE_TAG, ebml.void(length), CLUSTER))
    assert [label.fields for label in surveyed(new, "matroska")] == [PRODUCED.to_dict()]


def test_a_void_elsewhere_takes_tags_that_have_no_room_and_the_index_follows() -> None:
    at = len(seek_head((0x1254C367, 0))) + len(INFO)
    index = seek_head((0x1254C367, at))
    data = film(index, INFO, TITLE_TAG, CLUSTER, ebml.void(900))
    new = rewritten(data, "matroska")
    assert len(new) == len(data)
    start = new.index(b"\x12\x54\xc3\x67", len(HEAD) + 12 + len(index))
    assert start > new.index(CLUSTER)
    assert ebml.integer(0x53AC, start - len(HEAD) - 12).raw in new
    assert surveyed(new, "matroska")[0].offset == start


def test_without_an_index_the_label_is_found_behind_the_clusters() -> None:
    data = film(INFO, CLUSTER, CLUSTER)
    new = rewritten(data, "matroska")
    assert new.startswith(HEAD)
    assert [label.fields for label in surveyed(new, "matroska")] == [PRODUCED.to_dict()]


@pytest.mark.parametrize("cluster", [CLUSTER, LIVE_CLUSTER], ids=["known", "live"])
def test_a_segment_of_unknown_size(cluster: bytes) -> None:
    data = film(INFO, cluster, cluster, size=UNKNOWN)
    new = rewritten(data, "matroska")
    assert new.startswith(data)
    assert [label.fields for label in surveyed(new, "matroska")] == [PRODUCED.to_dict()]
    again = rewritten(new, "matroska", LONG)
    assert [label.fields for label in surveyed(again, "matroska")] == [LONG.to_dict()]


def test_a_size_field_that_is_too_narrow_grows() -> None:
    data = HEAD + el(0x18538067, INFO, size=bytes([0x80 | len(INFO)]))
    new = rewritten(data, "matroska")
    assert [label.fields for label in surveyed(new, "matroska")] == [PRODUCED.to_dict()]


def test_a_checksum_of_the_tags_is_made_anew() -> None:
    inner = el(0x7373, el(0x63C0), simple("x", "TITLE"))
    checked = el(0x1254C367, b"\xbf\x84" + zlib.crc32(inner).to_bytes(4, "little"), inner)
    with opened(rewritten(film(INFO, checked, CLUSTER), "matroska")) as source:
        (found,) = matroska.segments(source, DEFAULT_LIMITS)
        (element,) = found.all(matroska.TAGS)
        data = source.read(element.at, element.end - element.at)
    assert data[:2] == b"\xbf\x84"
    assert int.from_bytes(data[2:6], "little") == zlib.crc32(data[6:])


def test_who_made_it_is_noted() -> None:
    reading = labels.read(film(INFO, in_tags(simple("Band", "ARTIST")), CLUSTER))
    assert reading.provenance["provider"] == "Band"
    assert reading.provenance["system"] == "writer"
    assert reading.provenance["time"].startswith("2032-09-09")


def test_what_cannot_be_changed_is_refused() -> None:
    cases = {
        film(INFO, CLUSTER) + b"rubbish": "something stands behind its segment",
        film(INFO, CLUSTER)[:-9]: "it is cut off",
        film(INFO, CLUSTER) + film(INFO): "several segments",
        film(b"\xbf\x84abcd", INFO, CLUSTER): "checksum over all of it",
        HEAD: "no segment",
        film(INFO, el(0x1254C367, b"\x73\x73\x8f")): "does not fit into the one that holds it",
    }
    for data, message in cases.items():
        with pytest.raises(labels.LabelError, match=message):
            rewritten(data, "matroska")
    reading = labels.read(film(INFO, in_tags(simple(BARE)), CLUSTER)[:-9])
    assert reading.labels[0].fields == FIELDS
    assert [defect.code for defect in reading.defects] == ["cut-off"]


def test_a_file_that_is_cut_off_is_labelled_where_there_is_room() -> None:
    data = film(INFO, ebml.void(900), CLUSTER)[:-9]
    assert [label.fields for label in surveyed(rewritten(data, "matroska"), "matroska")] == [
        PRODUCED.to_dict()
    ]


@pytest.mark.parametrize("cues", ["behind, in the index", "in front"])
def test_a_large_file_costs_no_memory_and_no_walk(tmp_path: Path, cues: str) -> None:
    path = tmp_path / "large.mkv"
    size = 20 << 30
    huge = b"\x1f\x43\xb6\x75" + (size | 1 << 56).to_bytes(8, "big")
    if cues == "in front":
        point = el(0xBB, el(0xB3, b"\0"), el(0xB7, el(0xF7, b"\1"), el(0xF1, bytes(8))))
        places = (len(el(0x1C53BB6B, point)) + len(CLUSTER)).to_bytes(8, "big")
        front, end = el(0x1C53BB6B, point.replace(bytes(8), places)) + CLUSTER, b""
    else:
        front, end = seek_head((0x1C53BB6B, len(seek_head((0, 0))) + 12 + size)), el(0x1C53BB6B, b"")
    total = len(front) + 12 + size + len(end)
    with path.open("wb") as file:
        file.write(HEAD + b"\x18\x53\x80\x67" + (total | 1 << 56).to_bytes(8, "big") + front + huge)
        file.seek(size, 1)
        file.write(end)
        file.truncate(len(HEAD) + 12 + total)
    few = labels.Options(in_place=True, limits=Limits(elements=8))
    assert labels.write(path, PRODUCED, options=few).way is labels.Way.OVER
    assert labels.read(path, limits=few.limits).labels[0].fields == PRODUCED.to_dict()


def test_endless_and_circular_files_end() -> None:
    with pytest.raises(labels.TooLargeError, match="elements inside one"):
        labels.read(film(INFO, el(0x1254C367, b"\xec\x80" * 70_000)))
    deep = b""
    for _ in range(20):
        deep = el(0x67C8, deep)
    with pytest.raises(labels.LabelError, match="nested deeper"):
        labels.read(film(INFO, el(0x1254C367, el(0x7373, deep))))
    with pytest.raises(labels.LabelError, match="more than 100 elements"):
        labels.read(film(INFO, *[LIVE_CLUSTER[:12]] * 200, size=UNKNOWN), limits=Limits(elements=100))
    circle = seek_head((0x114D9B74, 0), (0x114D9B74, 12))
    assert labels.read(film(circle, INFO, CLUSTER)).labels == ()
    place = len(INFO) + len(CLUSTER)
    ring = seek_head((0x114D9B74, place), (0x1254C367, place))
    assert labels.read(film(seek_head((0x114D9B74, place + 36)), INFO, CLUSTER, ring)).labels == ()


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_any_bytes_give_a_value_or_the_named_error(data: st.DataObject) -> None:
    index = seek_head((0x1254C367, 36 + 12 + len(INFO) + len(CLUSTER)), room=40)
    whole = data.draw(
        st.sampled_from(
            [
                film(index, INFO, CLUSTER, in_tags(simple(BARE))),
                film(INFO, in_tags(simple(BARE)), ebml.void(300), LIVE_CLUSTER, size=UNKNOWN),
                film(INFO, TITLE_TAG, ebml.void(300), CLUSTER),
            ]
        )
    )
    at = data.draw(st.integers(4, len(whole)))
    bent = whole[:at] + data.draw(st.binary(max_size=12)) + whole[at + data.draw(st.integers(0, 12)) :]
    one_label_or_refused(bent, "matroska")


@pytest.mark.skipif(not MEDIA.exists(), reason="the shared media are not here")
@pytest.mark.parametrize("path", sorted(MEDIA.rglob("*.mk*")), ids=lambda path: path.name)
def test_real_files_give_a_value_or_the_named_error(path: Path) -> None:
    one_label_or_refused(path.read_bytes(), "matroska")
