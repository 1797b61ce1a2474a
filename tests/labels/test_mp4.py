"""Labels in MP4, MOV and M4A: made with ffmpeg where it is there, and box by box where it matters."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import pytest
from box_samples import PLACE, WHOLE, box, freeform, item, keyed, keyless, movie, samples_of, track
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BARE, FIELDS, WRAPPED, xmp_attribute, xmp_element

from countermark import labels
from countermark.labels import splicing
from countermark.labels.containers import mp4
from countermark.labels.source import Limits, opened

SHARED = Path(__file__).parents[3] / "shared/data/media"
OURS = labels.Fields.of(FIELDS)
XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


def needs(*tools: str):
    missing = [tool for tool in tools if not shutil.which(tool)]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} not installed")


@lru_cache(maxsize=1)
def samples() -> dict[str, bytes]:
    """Files as ffmpeg makes them."""
    if not shutil.which("ffmpeg"):
        pytest.skip("ffmpeg not installed")
    ways = {
        "plain.mp4": [],
        "titled.mp4": ["-metadata", "title=T", "-metadata", "artist=Someone"],
        "faststart.mp4": ["-movflags", "+faststart", "-metadata", "title=T"],
        "fragmented.mp4": ["-movflags", "frag_keyframe+empty_moov"],
        "indexed.mp4": ["-movflags", "dash+frag_keyframe", "-frag_duration", "300000"],
        "keys.mp4": ["-movflags", "use_metadata_tags", "-metadata", "title=T"],
        "titled.mov": ["-metadata", "title=T"],
        "faststart.mov": ["-movflags", "+faststart"],
        "sound.m4a": ["-vn", "-metadata", "title=T"],
        "video.m4v": ["-an"],
    }
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder, "base.mov")
        made = ["-f", "lavfi", "-i", "testsrc=size=32x32:rate=10:d=1", "-f", "lavfi", "-i", "sine=d=1"]
        ffmpeg(*made, "-c:v", "mpeg4", "-g", "3", "-c:a", "aac", base)
        for name, options in ways.items():
            ffmpeg("-i", base, "-c", "copy", *options, Path(folder, name))
        return {name: Path(folder, name).read_bytes() for name in ways}


def ffmpeg(*arguments: object) -> str:
    command = ["ffmpeg", "-v", "error", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def streams(data: bytes) -> str:
    """Digests of the packets of each stream."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        file.write(data)
        file.flush()
        return ffmpeg("-i", file.name, "-map", "0", "-c", "copy", "-f", "streamhash", "-hash", "sha256", "-")


def tags(path: Path) -> dict[str, str]:
    command = ["ffprobe", "-v", "error", "-show_entries", "format_tags", "-of", "json", path]
    return json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)["format"][
        "tags"
    ]


def written(data: bytes, fields: labels.Fields = OURS, **options: object) -> bytes:
    return labels.write(data, fields, options=labels.Options(**options)).data


def edited(data: bytes, **limits: int) -> bytes:
    """Written without reading back, for files that are only a header."""
    with opened(data) as source:
        changes = mp4.edits(source, OURS, labels.Room(), Limits(**limits))
        return splicing.to_bytes(source, changes)


def content_of(data: bytes) -> bytes:
    with opened(data) as source:
        return splicing.to_bytes(source, mp4.carrier(source, Limits()))


NAMES = [
    "plain.mp4",
    "titled.mp4",
    "faststart.mp4",
    "fragmented.mp4",
    "indexed.mp4",
    "keys.mp4",
    "titled.mov",
    "faststart.mov",
    "sound.m4a",
    "video.m4v",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_label_is_written_and_read_back_and_nothing_else_changes(tmp_path: Path, name: str) -> None:
    data = samples()[name]
    path = tmp_path / name
    path.write_bytes(data)
    result = labels.write(path, OURS, to=tmp_path / f"labelled-{name}")
    (label,) = labels.read(result.path).labels
    assert (label.place, label.normative, label.fields, label.defects) == (PLACE, True, FIELDS, ())
    new = result.path.read_bytes()
    assert streams(new) == streams(data)
    updated = labels.update(result.path, "001191110105MA0EXAMPLE20001", "p-1")
    assert (updated.growth, streams(result.path.read_bytes())) == (0, streams(data))
    assert labels.read(result.path).label.fields == {
        **FIELDS,
        "ContentPropagator": "001191110105MA0EXAMPLE20001",
        "PropagateID": "p-1",
    }
    labels.write(path, OURS, options=labels.Options(in_place=True))
    assert streams(path.read_bytes()) == streams(data)
    again = labels.update(path, "001191110105MA0EXAMPLE20001", "p-1", options=labels.Options(in_place=True))
    assert (again.way, again.growth) == (labels.Way.OVER, 0)
    assert content_of(data) == content_of(new) == content_of(result.path.read_bytes()) == data


@pytest.mark.parametrize("name", NAMES)
@needs("exiftool", "ffprobe", "mediainfo")
def test_other_tools_read_the_label_and_what_was_there(tmp_path: Path, name: str) -> None:
    path, before = tmp_path / name, tmp_path / f"before-{name}"
    before.write_bytes(samples()[name])
    path.write_bytes(written(samples()[name]))
    text = OURS.bare()
    shown = subprocess.check_output(["exiftool", "-s3", "-Keys:AIGC", path], text=True, timeout=60)
    assert shown.strip() == text
    assert tags(path) == {**tags(before), "AIGC": text}
    assert text in subprocess.check_output(["mediainfo", path], text=True, timeout=60)


@needs("ffprobe")
def test_a_label_that_ffmpeg_wrote_is_updated_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "labelled.mp4"
    base = tmp_path / "base.mp4"
    base.write_bytes(samples()["plain.mp4"])
    named = ["-metadata", f"AIGC={OURS.bare()}", "-metadata", "title=T"]
    ffmpeg("-i", base, "-c", "copy", "-movflags", "use_metadata_tags", *named, path)
    theirs = path.read_bytes()
    (label,) = labels.read(path).labels
    assert (label.place, label.normative, label.fields) == (PLACE, True, FIELDS)
    before = tags(path)
    labels.update(path, "p", "1")
    assert tags(path) == {**before, "AIGC": OURS.but(content_propagator="p", propagate_id="1").bare()}
    ours = written(base.read_bytes())
    assert (
        ours[ours.index(b"mdta") - 16 : ours.index(b"mdta") + 17]
        == (theirs[theirs.index(b"mdta") - 16 : theirs.index(b"mdta") + 17])
    )
    assert item(b"\0\0\0\1", OURS.bare()) in ours
    assert item(b"\0\0\0\1", OURS.bare())[8:] in theirs


PACKET = box(b"uuid", XMP, xmp_element(BARE))
VARIANTS = {
    "moov/meta keys AIGC": movie(keyed(("AIGC", BARE), full=False)),
    "moov/udta/meta keys aigc": movie(box(b"udta", keyed(("aigc", BARE)))),
    "moov/udta/meta keys com.example.comment": movie(box(b"udta", keyed(("com.example.comment", WRAPPED)))),
    "moov/udta/meta ilst ----:AIGC": movie(box(b"udta", keyless(freeform("AIGC", BARE)))),
    "moov/udta/meta ilst AIGC": movie(box(b"udta", keyless(item(b"\xa9nam", "T"), item(b"AIGC", BARE)))),
    "moov/udta/meta ilst ©cmt": movie(box(b"udta", keyless(item(b"\xa9cmt", WRAPPED)))),
    "moov/meta ilst AIGC": movie(keyless(item(b"AIGC", BARE))),
    "moov/udta AIGC": movie(box(b"udta", box(b"AIGC", BARE.encode()))),
    "moov/udta ©des": movie(box(b"udta", box(b"\xa9des", b"\0\x40\x55\xc4" + BARE.encode()))),
    "uuid XMP TC260:AIGC": movie(between=PACKET),
    "moov/udta XMP_ TC260:AIGC": movie(box(b"udta", box(b"XMP_", xmp_attribute(BARE)))),
}
VARIANTS_WITHIN = {"uuid XMP TC260:AIGC": movie(PACKET)}


@pytest.mark.parametrize(("place", "data"), [*VARIANTS.items(), *VARIANTS_WITHIN.items()])
def test_a_label_elsewhere_is_read_as_what_it_is_and_moves_when_it_is_written(
    place: str, data: bytes
) -> None:
    (label,) = labels.read(data).labels
    assert (label.place, label.normative, label.fields) == (place, False, FIELDS)
    new = labels.update(data, "p", "1").data
    (label,) = labels.read(new).labels
    assert (label.place, label.fields["PropagateID"]) == (PLACE, "1")
    assert new.count(FIELDS["ProduceID"].encode()) == 1
    assert samples_of(new) == WHOLE


def test_several_labels_become_one() -> None:
    data = movie(
        keyed(("AIGC", BARE), full=False), box(b"udta", keyed(("AIGC", BARE), ("title", "T"), ("AIGC", BARE)))
    )
    assert [label.normative for label in labels.read(data).labels] == [False, True, True]
    new = labels.update(data, "p", "1").data
    assert [label.place for label in labels.read(new).labels] == [PLACE]
    assert item(b"\0\0\0\2", "T") in new
    assert samples_of(new) == WHOLE


def test_the_number_of_an_item_names_its_key() -> None:
    pairs = keyed(("com.example.title", "T"), ("AIGC", BARE))
    moved = pairs.replace(item(b"\0\0\0\2", BARE), b"").replace(item(b"\0\0\0\1", "T"), b"")
    swapped = moved[: moved.index(b"ilst") - 4] + box(
        b"ilst", item(b"\0\0\0\2", BARE), item(b"\0\0\0\1", "T")
    )
    size = struct.pack(">I", len(swapped))
    first = movie(box(b"udta", size + swapped[4:]))
    (label,) = labels.read(first).labels
    assert (label.place, label.fields) == (PLACE, FIELDS)
    mutagen = keyed(("AIGC", BARE)).replace(box(b"ilst", item(b"\0\0\0\1", BARE)), b"")
    mutagen += box(b"ilst", item(b"\xa9nam", "T"), item(b"\0\0\0\1", BARE))
    (label,) = labels.read(movie(box(b"udta", struct.pack(">I", len(mutagen)) + mutagen[4:]))).labels
    assert (label.place, label.fields) == (PLACE, FIELDS)


def test_two_tables_of_keys_get_the_same_entries() -> None:
    data = movie(keyed(("com.apple.quicktime.make", "Maker"), full=False))
    new = written(data)
    table = box(b"mdta", b"com.apple.quicktime.make") + box(b"mdta", b"AIGC")
    assert new.count(struct.pack(">II", 0, 2) + table) == 2
    assert item(b"\0\0\0\2", OURS.bare()) in new
    assert content_of(new) == data


@needs("exiftool", "ffprobe", "mediainfo")
def test_all_three_readers_tell_two_tables_of_keys_apart(tmp_path: Path) -> None:
    path = tmp_path / "phone.mov"
    data = samples()["titled.mov"]
    at = data.index(b"moov") - 4
    extra = keyed(("com.apple.quicktime.make", "Maker"), ("com.apple.quicktime.model", "Model"), full=False)
    path.write_bytes(data[:at] + box(b"moov", data[at + 8 :], extra))
    labels.write(path, OURS)
    found = tags(path)
    assert (found["AIGC"], found["com.apple.quicktime.model"]) == (OURS.bare(), "Model")
    shown = subprocess.check_output(["mediainfo", path], text=True, timeout=60)
    assert OURS.bare() in shown
    lines = subprocess.check_output(["exiftool", "-s", "-Keys:all", path], text=True, timeout=60).splitlines()
    assert dict((part.strip() for part in line.split(":", 1)) for line in lines) == {
        "AIGC": OURS.bare(),
        "Make": "Maker",
        "Model": "Model",
    }


def test_a_list_of_quicktime_keeps_its_end() -> None:
    title = box(b"\xa9nam", b"\0\1\0\0T")
    data = movie(box(b"udta", title, bytes(4)))
    new = written(data)
    udta = new[new.index(b"udta") - 4 :]
    (size,) = struct.unpack_from(">I", udta)
    assert udta[8:].startswith(title)
    assert udta[size - 4 : size] == bytes(4)
    assert content_of(new) == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (box(b"ftyp", b"isom", bytes(4)) + box(b"mdat", b"x"), "no header"),
        (movie() + box(b"moov"), "more than one header"),
        (box(b"ftyp", b"qt  ", bytes(4)) + box(b"moov", box(b"cmov", bytes(90))), "compressed"),
        (movie(before=True).replace(b"isom", b"crx "), "raw file"),
        (movie(track([1], shared=False), before=True), "in another file"),
        (movie()[:-3], "reaches behind the end"),
        (movie(between=b"\0\0\0\7wide"), "says that it has 7 bytes"),
        (movie(box(b"udta", box(b"meta", bytes(4), box(b"keys", bytes(2)), box(b"ilst")))), "too short"),
        (
            movie(box(b"udta", keyed(("x" * 20, "T")).replace(b"\0\0\0\x1cmdta", b"\0\0\0\x7fmdta"))),
            "shorter",
        ),
    ],
)
def test_what_cannot_be_written_safely_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(labels.LabelError, match=message):
        edited(data)


def test_too_many_boxes_are_counted_not_walked() -> None:
    many = movie() + box(b"moof") * 300
    assert labels.read(many).container == "mp4"
    with pytest.raises(labels.TooLargeError, match="more than 200 boxes"):
        labels.read(many, limits=labels.Limits(elements=200))
    with pytest.raises(labels.TooLargeError, match="more than 200 boxes"):
        edited(movie(box(b"udta", box(b"free") * 300)), elements=200)
    deep = b""
    for _ in range(2000):
        deep = box(b"moov", deep)
    assert not labels.read(box(b"ftyp", b"isom", bytes(4)) + deep).labels
    with pytest.raises(labels.TooLargeError, match="bytes of metadata"):
        labels.read(movie(box(b"udta", box(b"AIGC", b"{" * 9000))), limits=labels.Limits(metadata_bytes=8000))


def test_a_manifest_of_c2pa_is_a_mark_and_stops_a_write() -> None:
    data = movie(between=box(b"uuid", C2PA, bytes(4), b"manifest\0"))
    assert labels.read(data).marks == ("c2pa",)
    with pytest.raises(labels.SignedError):
        labels.write(data, OURS)
    assert labels.read(written(data, break_signature=True)).label.place == PLACE


def test_who_made_it_is_noted() -> None:
    pairs = keyed(
        ("com.apple.quicktime.software", "Studio 1"), ("com.apple.quicktime.creationdate", "2026-01-02")
    )
    list_ = keyless(item(b"\xa9ART", "Someone"), item(b"\xa9too", "Other"))
    found = labels.read(movie(pairs, box(b"udta", list_))).provenance
    assert (found["provider"], found["system"], found["time"]) == ("Someone", "Studio 1", "2026-01-02")


FUZZED = [
    *VARIANTS.values(),
    movie(before=True, between=box(b"free", bytes(600))),
    movie(keyed(("a", "b"), full=False), box(b"udta", keyless(item(b"\xa9nam", "T")), bytes(4)), before=True),
    written(movie(before=True, wide=True)),
]


@settings(deadline=None, max_examples=400)
@given(data=st.data())
def test_any_bytes_give_a_value_or_the_named_error(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(FUZZED))
    at = data.draw(st.integers(4, len(whole)))
    bent = whole[:at] + data.draw(st.binary(max_size=8)) + whole[at + data.draw(st.integers(0, 9)) :]
    with suppress(labels.LabelError), opened(bent) as source:
        mp4.survey(source, Limits())
    with suppress(labels.LabelError), opened(bent) as source:
        mp4.carrier(source, Limits())
    with suppress(labels.LabelError):
        new = edited(bent)
        with opened(new) as source:
            (label,) = mp4.survey(source, Limits()).labels
        assert (label.place, label.fields) == (PLACE, FIELDS)


def shared_files() -> list[Path]:
    kinds = {".mp4", ".mov", ".m4a", ".m4v", ".cr3", ".3gp"}
    return (
        sorted(path for path in SHARED.rglob("*") if path.suffix.lower() in kinds) if SHARED.exists() else []
    )


@pytest.mark.parametrize("path", shared_files() or [None], ids=lambda path: path.name if path else "none")
def test_real_files_are_read_and_keep_their_streams(path: Path | None, tmp_path: Path) -> None:
    if path is None:
        pytest.skip("no shared data")
    assert labels.read(path).container == "mp4"
    target = tmp_path / path.name
    options = labels.Options(break_signature=True)
    if path.suffix == ".cr3":
        with pytest.raises(labels.LabelError, match="raw file"):
            labels.write(path, OURS, to=target, options=options)
        return
    labels.write(path, OURS, to=target, options=options)
    if shutil.which("ffmpeg"):
        with suppress(subprocess.CalledProcessError):
            before = streams(path.read_bytes())
            assert streams(target.read_bytes()) == before


def test_an_index_that_names_no_key_is_shown_in_print() -> None:
    data = movie(keyless(item(b"\0\0\0\1", BARE)))
    assert [label.place for label in labels.read(data).labels] == ["moov/meta ilst \\x00\\x00\\x00\\x01"]
